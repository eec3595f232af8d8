"""A body that decides at meetings alone is reminded before its last one, not when it can no longer decide."""

from datetime import date
from email import message_from_bytes, policy

import pytest
from sqlalchemy import delete, insert

from config.text.texts import Texts
from notifications.mail_settings import MailSettings
from notifications.tables import Message
from tests.support.databases import CopyOf
from tests.support.wheelhouse import Wheelhouse, instant
from wheel.actions.meetings import add
from wheel.database.store import Store
from wheel.database.tables import Meeting
from wheel.engine.request_and_result import Request
from wheel.reads import explain

BN = "byggnadsnamnden"
PLAN = f"2028/verksamhetsplan/{BN}"
SECRETARY = f"{BN}-secretary"


def begun(store: Store) -> Wheelhouse:
    """The building board has its operational plan, to be decided by 31 December; it meets on 8 December and in
    January."""
    house = Wheelhouse(store, MailSettings(sender="arshjul@example.se"))
    house.start()
    house.adopt_mrp()
    with house.store.writing() as session:
        days = [date(2027, 11, 10), date(2027, 12, 8), date(2028, 1, 19)]
        session.execute(insert(Meeting), [{"body": BN, "day": day} for day in days])
    house.withdraw(f"2028/namndforslag/{BN}", "2027-09-01T09:00", reason="it is another plan's turn")
    house.walk(PLAN, "reported", "2027-11-01T09:00")
    assert house.plan(PLAN).stage.last == date(2027, 12, 31)
    house.tick("2027-11-10T07:30", confirmed_by="admin")
    return house


@pytest.fixture
def house(copy_of: CopyOf) -> Wheelhouse:
    return copy_of(begun)


def reminded(house: Wheelhouse, *days: str) -> dict[str, str]:
    """The subject of the secretary's mail of each of these days."""
    found: dict[str, str] = {}
    for day in days:
        house.tick(f"{day}T07:30")
        mine = [m.subject for m in house.messages() if m.person_id == SECRETARY and str(m.day) == day]
        found[day] = "".join(mine)
    return found


def text_of(message: Message) -> str:
    body = message_from_bytes(message.body, policy=policy.default).get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_the_reminders_count_from_the_last_meeting_before_the_deadline(house: Wheelhouse) -> None:
    found = reminded(house, "2027-11-29", "2027-12-03", "2027-12-07", "2027-12-08")
    titled = "Verksamhetsplan med detaljbudget 2028, BN"
    assert found == {
        "2027-11-29": f"Om 9 dagar (8 dec): {titled}",
        "2027-12-03": f"Om 5 dagar (8 dec): {titled}",
        "2027-12-07": "I morgon (8 dec): Verksamhetsplan med detaljbudget 2028, BN",
        "2027-12-08": "I dag (8 dec): Byggnadsnämndens verksamhetsplan med detaljbudget 2028",
    }
    text = text_of([m for m in house.messages() if m.person_id == SECRETARY][-1])
    assert "Hålltid: fredag 31 december 2027" in text
    assert "Sista sammanträdet: onsdag 8 december 2027" in text


def test_after_the_last_meeting_more_people_hear_that_nothing_is_recorded_from_it(house: Wheelhouse) -> None:
    reminded(house, "2027-12-08", "2027-12-09", "2027-12-13", "2027-12-17")
    chairs = [m for m in house.messages() if m.person_id == f"{BN}-chair"]
    assert [str(m.day) for m in chairs] == ["2027-12-17"]
    assert chairs[0].subject == "Beslutat 8 dec? Byggnadsnämndens verksamhetsplan med detaljbudget 2028"
    assert "Inget är registrerat från sista sammanträdet före hålltiden" in text_of(chairs[0])


def test_explain_names_the_meeting_that_was_counted_from_although_it_is_gone(house: Wheelhouse) -> None:
    reminded(house, "2027-11-29")
    with house.store.writing() as session:
        session.execute(delete(Meeting).where(Meeting.body == BN))  # type: ignore[arg-type]
    with house.unit_of_work("2027-12-01T09:00") as uow:
        found = explain.explain(uow, PLAN, Texts("en")).notices
    assert {n.because for n in found if n.rule == "ladder" and n.outcome == "planned" and n.message} == {
        "Reminder 7 working days before 8 December 2027. That is the last meeting before the deadline, "
        "31 December 2027."
    }


def test_a_meeting_that_is_added_later_is_counted_from_then_on(house: Wheelhouse) -> None:
    house.tick("2027-12-09T07:30")
    request = Request("admin", instant("2027-12-09T09:00"))
    house.desk.carry_out(request, BN, "meetings", add, house.definition, BN, date(2027, 12, 20))
    titled = "Verksamhetsplan med detaljbudget 2028, BN"
    assert reminded(house, "2027-12-10", "2027-12-15", "2027-12-17") == {
        "2027-12-10": "",
        "2027-12-15": f"Om 5 dagar (20 dec): {titled}",
        "2027-12-17": f"Om 3 dagar (20 dec): {titled}",
    }


@pytest.mark.parametrize(
    ("days", "found"),
    [
        (["2027-12-08", "2028-01-19"], "2027-12-08"),  # a later one is known
        (["2027-12-08"], "2027-12-08"),  # near enough to be the last of the year
        (["2027-06-09"], None),  # the autumn's meetings are not entered yet
        (["2027-10-06", "2028-01-19"], None),  # before the plan was reported to the board
        (["2027-12-31", "2028-01-19"], None),  # the deadline is a meeting
        ([], None),
    ],
)
def test_only_a_meeting_that_is_known_to_be_the_last_counts(
    house: Wheelhouse, days: list[str], found: str | None
) -> None:
    with house.store.writing() as session:
        session.execute(delete(Meeting))
        if days:
            session.execute(insert(Meeting), [{"body": BN, "day": date.fromisoformat(day)} for day in days])
    with house.unit_of_work("2027-12-01T09:00") as uow:
        last = uow.last_meeting(uow.plan(PLAN))
    assert (last and last.isoformat()) == found


def test_a_step_that_is_no_decision_waits_for_no_meeting(house: Wheelhouse) -> None:
    house.walk(PLAN, "decided", "2027-12-08T19:00")
    with house.unit_of_work("2027-12-09T09:00") as uow:
        assert uow.last_meeting(uow.plan(PLAN)) is None
