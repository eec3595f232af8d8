"""Reminders of a plan are withheld until a day; the deadline stays, and it ends by itself."""

from typing import Any

import pytest

from config.text.texts import Texts
from notifications.mail_settings import MailSettings
from tests.support.databases import CopyOf
from tests.support.wheelhouse import Wheelhouse, day, instant, rules_of
from wheel.actions.snooze import end_snooze, snooze
from wheel.database.store import Store
from wheel.engine.request_and_result import Request, Result
from wheel.reads import explain
from workflows.dates.instants import utc

SN = "socialnamnden"
DIALOGUE = f"2028/uppdragsdialog/{SN}"


def begun(store: Store) -> Wheelhouse:
    house = Wheelhouse(store, MailSettings(sender="arshjul@example.se"))
    house.start()
    house.tick("2027-05-19T09:00", confirmed_by="admin")
    return house


@pytest.fixture
def house(copy_of: CopyOf) -> Wheelhouse:
    return copy_of(begun)


def do(house: Wheelhouse, until: str, at: str, reason: str = "the chair is ill", actor: str = "admin") -> Result:
    to = day(until)
    assert to is not None
    request = Request(actor, instant(at), reason)
    return house.desk.carry_out(request, DIALOGUE, "snooze", snooze, DIALOGUE, to)


def end(house: Wheelhouse, at: str, reason: str = "the chair is back", **more: Any) -> Result:
    request = Request(more.pop("actor", "admin"), instant(at), reason, **more)
    return house.desk.carry_out(request, DIALOGUE, "snooze", end_snooze, DIALOGUE)


def mailed(house: Wheelhouse) -> list[tuple[str, int | None]]:
    """The reminders of the dialogue that went into mails: the day of each, and its offset."""
    made = {message.id: message.day.isoformat() for message in house.messages()}
    found = house.notices(DIALOGUE, rule="ladder", person_id=f"{SN}-officer")
    return [(made[n.message_id], n.offset) for n in found if n.message_id]


def test_reminders_wait_and_come_again_in_one_mail_by_themselves(house: Wheelhouse) -> None:
    do(house, "2027-05-29", "2027-05-19T10:00")  # a Saturday
    for at in ("2027-05-20T07:30", "2027-05-26T07:30", "2027-05-28T07:30", "2027-05-29T09:00"):
        house.tick(at)
    assert mailed(house) == []
    assert house.row(DIALOGUE).stages["open"]["last"] == "2027-05-31"
    house.tick("2027-05-31T07:30")
    assert mailed(house) == [("2027-05-31", 0)]
    house.tick("2027-06-01T07:30")
    assert mailed(house)[-1] == ("2027-06-01", 1)


def test_a_long_one_ends_in_a_reminder_however_long_ago_it_was_due(house: Wheelhouse) -> None:
    do(house, "2027-07-20", "2027-05-19T10:00")
    for at in ("2027-05-20T07:30", "2027-05-31T07:30", "2027-06-30T07:30", "2027-07-19T07:30"):
        house.tick(at, confirmed_by="admin")
    assert mailed(house) == []
    house.tick("2027-07-20T07:30", confirmed_by="admin")
    assert mailed(house) == [("2027-07-20", 7)]


def test_what_was_planned_already_waits_too_and_another_day_takes_its_place(house: Wheelhouse) -> None:
    house.ticker.process_due(instant("2027-05-20T07:30"))  # planned, and no mail made of it yet
    do(house, "2027-06-10", "2027-05-20T07:31")
    house.tick("2027-05-20T07:32")
    assert mailed(house) == []
    do(house, "2027-05-21", "2027-05-20T08:00")
    house.tick("2027-05-21T07:30")
    assert mailed(house) == [("2027-05-21", -7)]


def test_ended_early_what_has_waited_goes_at_once_in_one_mail_and_the_rest_by_the_ladder(house: Wheelhouse) -> None:
    do(house, "2027-06-10", "2027-05-19T10:00")
    for each in ("2027-05-20", "2027-05-24", "2027-05-26"):  # on Monday, other mail of what is overdue
        house.tick(f"{each}T07:30")
    assert mailed(house) == []
    with house.unchanged():
        assert end(house, "2027-05-26T09:00", dry_run=True).state == "open"
    end(house, "2027-05-26T09:00")
    assert house.show(DIALOGUE, "2027-05-26T09:00")["snoozed"] is None
    [entry] = house.log(DIALOGUE, "plan.unsnoozed")
    assert (entry["actor"], entry["data"]["reason"], entry["data"]["released"]) == ("admin", "the chair is back", 4)
    house.tick("2027-05-26T09:01")
    assert mailed(house) == [("2027-05-26", -3)]
    house.tick("2027-05-28T07:30")
    assert mailed(house) == [("2027-05-26", -3), ("2027-05-28", -1)]


def test_ended_on_the_day_that_it_began_it_has_never_been(house: Wheelhouse) -> None:
    do(house, "2027-06-10", "2027-05-19T10:00")
    end(house, "2027-05-19T10:01", reason="the wrong plan")
    house.tick("2027-05-20T07:30")
    assert mailed(house) == [("2027-05-20", -7)]


def test_ended_on_a_day_off_it_waits_for_the_next_sending_hour(house: Wheelhouse) -> None:
    house.move_deadline(DIALOGUE, "2027-06-28", "2027-05-19T10:00", reason="later")
    do(house, "2027-06-30", "2027-05-19T10:01")
    house.tick("2027-06-16T07:30", confirmed_by="admin")  # seven working days before, midsummer's eve among them
    end(house, "2027-06-19T10:00")  # a Saturday
    for at in ("2027-06-19T10:01", "2027-06-20T07:30", "2027-06-21T07:29"):
        house.tick(at)
    assert mailed(house) == []
    house.tick("2027-06-21T07:30")
    overview = house.notices(DIALOGUE, rule="overview", person_id=f"{SN}-officer")[-1]
    # A Monday: the overview of the week says it, and is the newer of the two.
    assert (overview.offset, overview.message_id is not None) == (-7, True)


def test_only_what_is_withheld_can_be_ended_by_one_who_may_and_says_why(house: Wheelhouse) -> None:
    with house.refused("snoozed"):
        end(house, "2027-05-19T10:00")
    do(house, "2027-05-21", "2027-05-19T10:00")
    with house.refused("reason"):
        end(house, "2027-05-19T10:01", reason="")
    with house.refused("role"):
        end(house, "2027-05-19T10:01", actor=f"{SN}-officer")
    with house.refused("snoozed"):
        end(house, "2027-05-21T00:00")  # over by itself


def test_show_explain_and_the_log_say_it(house: Wheelhouse) -> None:
    done = do(house, "2027-06-10", "2027-05-19T10:00")
    assert rules_of(done) == ["snooze"]  # its last day passes meanwhile
    assert house.show(DIALOGUE, "2027-05-19T10:00")["snoozed"] == {"until": "2027-06-10", "reason": "the chair is ill"}
    assert house.show(DIALOGUE, "2027-06-10T00:00")["snoozed"] is None
    [entry] = house.log(DIALOGUE, "plan.snoozed")
    assert (entry["data"]["until"], entry["data"]["reason"]) == ("2027-06-10", "the chair is ill")
    with house.unit_of_work("2027-05-19T10:00") as uow:
        first = explain.explain(uow, DIALOGUE, Texts("en")).notices
    coming = [notice for notice in first if notice.offset == -7]
    assert {utc(notice.send_after) for notice in coming} == {"2027-06-10T05:30:00Z"}
    assert all("withheld until 10 June 2027: the chair is ill" in notice.because for notice in coming)
    house.tick("2027-05-20T07:30")
    with house.unit_of_work("2027-05-20T08:00") as uow:
        told = explain.explain(uow, DIALOGUE, Texts("en")).notices
    waiting = [notice for notice in told if notice.offset == -7]
    assert {(n.outcome, n.message) for n in waiting} == {("planned", None)}
    assert all("withheld until" in notice.because for notice in waiting)


def test_news_is_told_all_the_same(house: Wheelhouse) -> None:
    do(house, "2027-06-10", "2027-05-19T10:00")
    house.move_deadline(DIALOGUE, "2027-06-15", "2027-05-20T10:00", reason="ill")
    house.tick("2027-05-20T10:10")
    assert all(notice.message_id for notice in house.notices(DIALOGUE, rule="moved"))


def test_it_takes_an_administrator_a_reason_a_day_to_come_and_something_that_is_owed(house: Wheelhouse) -> None:
    with house.refused("role"):
        do(house, "2027-06-10", "2027-05-19T10:00", actor=f"{SN}-officer")
    with house.refused("date", "reason"):
        do(house, "2027-05-19", "2027-05-19T10:00", reason=" ")
    house.walk(DIALOGUE, "held", "2027-05-19T10:00")
    with house.refused("state"):
        do(house, "2027-06-10", "2027-05-19T11:00")
