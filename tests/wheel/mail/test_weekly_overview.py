"""Monday's overview: in the day's one mail, what each owes within two weeks."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest

from config.text.texts import Texts
from notifications.mail_settings import MailSettings
from tests.support.databases import CopyOf
from tests.support.wheelhouse import Wheelhouse, instant
from wheel.actions.snooze import snooze
from wheel.database.store import Store
from wheel.database.tables import Person
from wheel.engine.request_and_result import Request
from wheel.reads import explain

SN = "socialnamnden"
OFFICER = f"{SN}-officer"
DIALOGUE = f"2028/uppdragsdialog/{SN}"
MAIL = MailSettings(sender="arshjul@example.se")


def begun(store: Store) -> Wheelhouse:
    house = Wheelhouse(store, MAIL)
    house.start()
    house.tick("2027-05-14T09:00", confirmed_by="admin")  # a Friday
    return house


@pytest.fixture
def house(copy_of: CopyOf) -> Wheelhouse:
    return copy_of(begun)


def overviews(house: Wheelhouse, address: str = DIALOGUE) -> list[tuple[str, str]]:
    """To one of those who owe it: the day of each and what became of it."""
    made = {message.id: message.day.isoformat() for message in house.messages()}
    found = house.notices(address, rule="overview", person_id=OFFICER)
    return [(made.get(n.message_id, ""), n.outcome) for n in found]


def test_on_the_weeks_first_working_day_everybody_hears_what_they_owe_within_two_weeks(house: Wheelhouse) -> None:
    house.tick("2027-05-17T07:29")  # 17 May is 14 days before 31 May, a Monday
    assert overviews(house) == []
    house.tick("2027-05-17T07:30")
    house.tick("2027-05-17T07:31")
    assert overviews(house) == [("2027-05-17", "planned")]
    house.tick("2027-05-18T07:30")
    assert overviews(house) == [("2027-05-17", "planned")]


def test_it_is_part_of_the_days_one_mail_and_yields_to_a_reminder_of_the_same_deadline(house: Wheelhouse) -> None:
    house.move_deadline(DIALOGUE, "2027-05-26", "2027-05-14T10:00", reason="earlier")  # 7 working days from Monday
    house.tick("2027-05-14T10:15")
    before = len(house.messages())
    house.tick("2027-05-17T07:30")
    mails = house.messages()[before:]
    assert max(Counter(message.person_id for message in mails).values()) == 1
    assert overviews(house) == [("", "superseded")]
    [reminder] = [n for n in house.notices(DIALOGUE, rule="ladder", person_id=OFFICER) if n.offset == -7]
    assert reminder.message_id is not None
    assert [message.subject for message in mails if message.person_id == OFFICER] == [
        "Vecka 20: 1 hålltid och 1 försenad uppgift"  # that one since April
    ]


def test_in_a_week_that_begins_with_days_off_it_comes_on_the_first_working_day(house: Wheelhouse) -> None:
    house.move_deadline(DIALOGUE, "2027-06-29", "2027-05-14T10:00", reason="later")
    for at in ("2027-06-21T07:30", "2027-06-28T07:30"):
        house.tick(at, confirmed_by="admin")
    assert [day for day, _ in overviews(house)] == ["2027-06-21", ""]  # on the 28th the ladder's own reminder says it
    days = {message.day for message in house.messages()}
    assert not [day for day in days if day.weekday() > 4]
    assert date(2027, 6, 25) not in days  # midsommarafton


def test_what_is_overdue_is_in_each_weeks_until_it_is_done(house: Wheelhouse) -> None:
    mondays = ["2027-06-07", "2027-06-14", "2027-06-21", "2027-06-28"]
    for day in ("2027-05-31", *mondays):
        house.tick(f"{day}T07:30", confirmed_by="admin")
    late = [n for n in house.notices(DIALOGUE, rule="overview", person_id=OFFICER) if (n.offset or 0) > 0]
    assert [(n.send_after.date().isoformat(), n.offset) for n in late] == list(
        zip(mondays, [7, 14, 21, 28], strict=True)
    )
    assert explained(house, "2027-06-28T10:00")[-2:] == [
        (day, "overview", days, "Weekly overview: the social board has an overdue task.")
        for day, days in (("2027-07-05", 35), ("2027-07-12", 42))
    ]
    [ahead] = house.show(DIALOGUE, "2027-06-28T10:00")["agenda"]
    assert (ahead["at"], ahead["what"], OFFICER in ahead["to"]) == ("2027-07-05T05:30:00Z", "overview", True)
    house.walk(DIALOGUE, "held", "2027-06-29T10:00")
    house.tick("2027-07-05T07:30", confirmed_by="admin")
    assert [n for n in house.notices(DIALOGUE, rule="overview", person_id=OFFICER) if n.offset == 35] == []


def test_what_is_overdue_and_snoozed_is_in_the_first_one_after_it(house: Wheelhouse) -> None:
    for day in ("2027-05-31", "2027-06-09"):
        house.tick(f"{day}T07:30", confirmed_by="admin")
    request = Request("admin", instant("2027-06-09T10:00"), "the chair is ill")
    house.desk.carry_out(request, DIALOGUE, "snooze", snooze, DIALOGUE, date(2027, 8, 10))
    [ahead] = house.show(DIALOGUE, "2027-06-09T10:01")["agenda"]
    assert (ahead["at"], ahead["what"]) == ("2027-08-16T05:30:00Z", "overview")
    assert [day for day, *_ in explained(house, "2027-06-09T10:01")][-2:] == ["2027-08-16", "2027-08-23"]
    before = len(overviews(house))
    for day in ("2027-06-14", "2027-08-09", "2027-08-16"):
        house.tick(f"{day}T07:30", confirmed_by="admin")
    assert overviews(house)[before:] == [("2027-08-16", "planned")]


def test_a_tick_counts_the_notices_of_the_overview(house: Wheelhouse) -> None:
    before = len(house.notices(rule="overview"))
    house.tick("2027-05-31T07:30", confirmed_by="admin")
    ticked = house.tick("2027-06-28T07:30", confirmed_by="admin")
    found = [n for n in house.notices(rule="overview")[before:] if n.send_after == instant("2027-06-28T07:30")]
    assert 0 < len(found) <= ticked.notices


def test_nothing_due_and_nothing_overdue_is_no_mail(house: Wheelhouse) -> None:
    house.tick("2027-07-16T09:00", confirmed_by="admin")
    for address in house.addresses():
        if house.status(address, "2027-07-16T10:00") == "overdue" and not house.plan(address).held:
            whole = any(other.startswith(f"{address}/") for other in house.addresses())
            house.hold(address, "2027-07-16T10:00", reason="r", with_boards=True if whole else None)
    for day in ("2027-07-19", "2027-07-26"):
        house.tick(f"{day}T07:30", confirmed_by="admin")
    assert {m.person_id for m in house.messages() if m.day >= date(2027, 7, 19)} == {"admin"}  # the log's head


def test_a_week_late_there_is_none_of_the_week_before(house: Wheelhouse) -> None:
    house.tick("2027-05-27T09:00", confirmed_by="admin")
    assert [notice.offset for notice in house.notices(DIALOGUE, rule="overview", person_id=OFFICER)] == [-7]


def test_it_can_be_turned_off(store: Store) -> None:
    house = Wheelhouse(store, replace(MAIL, overview=False))
    house.start()
    house.tick("2027-05-14T09:00", confirmed_by="admin")
    house.tick("2027-05-17T07:30", confirmed_by="admin")
    assert house.notices(rule="overview") == []
    house.tick("2027-06-28T07:30", confirmed_by="admin")
    assert house.show(DIALOGUE, "2027-06-28T10:00")["agenda"] == []


def test_turned_on_it_finds_what_was_overdue_before(store: Store) -> None:
    house = Wheelhouse(store, replace(MAIL, overview=False))
    house.start()
    house.tick("2027-06-25T09:00", confirmed_by="admin")
    house.ticker.mail = MAIL
    for at in ("2027-06-25T09:01", "2027-06-25T09:02", "2027-06-28T07:30"):
        house.tick(at)
    assert [notice.offset for notice in house.notices(DIALOGUE, rule="overview", person_id=OFFICER)] == [28]


def explained(house: Wheelhouse, at: str, person: str = OFFICER) -> list[tuple[str, str, int | None, str]]:
    """The reminders that `explain` has for one person, by when they leave: the day, rule and offset, and why."""
    with house.unit_of_work(at) as uow:
        found = explain.explain(uow, DIALOGUE, Texts("en")).notices
    mine = [n for n in found if n.person == person and n.rule in ("overview", "ladder")]
    return [(f"{n.send_after:%Y-%m-%d}", n.rule, n.offset, n.because) for n in mine]


def test_explain_lists_the_overviews_to_come_and_they_come(house: Wheelhouse) -> None:
    coming = [each for each in explained(house, "2027-05-14T10:00") if each[1] == "overview"]
    assert [each[:3] for each in coming] == [
        ("2027-05-17", "overview", -14), ("2027-05-24", "overview", -7), ("2027-05-31", "overview", 0),
    ]  # fmt: skip
    assert coming[0][3] == "Weekly overview: the social board has a deadline within two weeks."
    assert coming[2][3].endswith("A reminder on the same day replaces this notice.")  # the last day is a Monday
    for at in ("2027-05-17", "2027-05-20", "2027-05-24", "2027-05-26", "2027-05-28", "2027-05-31"):
        house.tick(f"{at}T07:30", confirmed_by="admin")
    came = house.notices(DIALOGUE, rule="overview", person_id=OFFICER)
    assert [(n.send_after.date().isoformat(), n.offset) for n in came] == [(day, days) for day, _, days, _ in coming]
    assert [outcome for _, outcome in overviews(house)] == ["planned", "planned", "superseded"]


def test_explain_knows_of_none_where_none_will_come(house: Wheelhouse) -> None:
    def coming(at: str) -> list[str]:
        return [day for day, rule, _, _ in explained(house, at) if rule == "overview"]

    house.set_plan(DIALOGUE, snoozed_until=date(2027, 5, 25), snooze_reason="r")
    assert coming("2027-05-14T10:00") == ["2027-05-31", "2027-06-07"]
    house.hold(DIALOGUE, "2027-05-14T10:00", reason="r")
    assert coming("2027-05-14T10:01") == []
    house.release(DIALOGUE, "2027-05-14T10:02", reason="r")
    house.mail = replace(MAIL, overview=False)
    assert coming("2027-05-14T10:03") == []


def test_a_held_or_snoozed_plan_is_not_in_it(house: Wheelhouse) -> None:
    house.hold(DIALOGUE, "2027-05-14T10:00", reason="r")
    other = "2028/uppdragsdialog/byggnadsnamnden"
    house.set_plan(other, snoozed_until=date(2027, 5, 14) + timedelta(days=10), snooze_reason="r")
    house.tick("2027-05-17T07:30")
    assert house.notices(DIALOGUE, rule="overview") == house.notices(other, rule="overview") == []


def test_the_others_are_not_told_each_week_that_somebody_has_no_address(house: Wheelhouse) -> None:
    with house.store.writing() as session:
        session.get_one(Person, OFFICER).email = ""
    for day in ("2027-06-07", "2027-06-14", "2027-06-21"):
        house.tick(f"{day}T07:30", confirmed_by="admin")
    failed = [n.outcome for n in house.notices(DIALOGUE, rule="overview", person_id=OFFICER)]
    assert set(failed) == {"failed"}
    assert [n.key for n in house.notices(DIALOGUE, rule="undelivered") if "overview" in n.key] == []
