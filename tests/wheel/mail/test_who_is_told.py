"""Nobody is told of what they did themselves, nor twice of the same: in person and by the address that they read."""

from datetime import date
from email import message_from_bytes

import pytest
from sqlalchemy import update
from sqlmodel import col

from notifications.mail_settings import MailSettings
from notifications.tables import Message
from tests.support.databases import CopyOf
from tests.support.wheelhouse import Wheelhouse
from wheel.database.store import Store
from wheel.database.tables import Person, Role

SN = "socialnamnden"
REPORT = f"2028/verksamhetsplan/{SN}"
OFFICER, SECRETARY, BOX = f"{SN}-officer", f"{SN}-secretary", f"{SN}-function"


def begun(store: Store) -> Wheelhouse:
    """Work on the operational plans has begun."""
    house = Wheelhouse(store, MailSettings(sender="arshjul@example.se"))
    house.start()
    house.adopt_mrp()
    house.tick("2027-09-01T07:30", confirmed_by="admin")
    return house


@pytest.fixture
def house(copy_of: CopyOf) -> Wheelhouse:
    return copy_of(begun)


def without_address(house: Wheelhouse, *people: str) -> None:
    with house.store.writing() as session:
        session.execute(update(Person).where(col(Person.id).in_(people)).values(email=""))


def test_who_takes_a_step_is_not_told_of_the_next_one_and_neither_is_the_box_that_they_read(house: Wheelhouse) -> None:
    house.advance(REPORT, "draft", "2027-10-01T09:00", actor=OFFICER)
    turn = house.notices(REPORT, rule="your_turn", state=house.plan(REPORT).state)
    assert [notice.person_id for notice in turn] == [SECRETARY]


def test_what_the_calendar_opens_while_somebody_acts_is_nobodys_own_act(house: Wheelhouse) -> None:
    """The dialogue opens at midnight; its officer is the first who acts, before any tick."""
    house = _in_march(house)
    dialogue = f"2029/uppdragsdialog/{SN}"
    house.advance(dialogue, "hold", "2028-04-03T06:00", actor="admin")
    assert house.log(dialogue, "plan.advanced")[0]["actor"] == "daemon"
    assert house.told(dialogue, "your_turn") >= {OFFICER, SECRETARY}


def _in_march(house: Wheelhouse) -> Wheelhouse:
    house.tick("2027-11-01T07:30", confirmed_by="admin")
    house.walk("2029/tidsplan", "decided", "2027-11-10T09:00")
    house.tick("2028-03-31T07:30", confirmed_by="admin")
    return house


def test_an_administrator_who_moves_the_day_of_an_own_task_is_not_told_of_it(house: Wheelhouse) -> None:
    without_address(house, *(f"{SN}-{role}" for role in ("officer", "secretary", "function")))
    house.move_deadline(REPORT, "2027-12-01", "2027-10-01T09:00", actor="admin", reason="a late meeting")
    assert "admin" not in house.told(REPORT, "moved")


@pytest.mark.parametrize("rule", ["ladder", "overview", "your_turn"])
def test_the_box_gets_nothing_that_its_readers_get(house: Wheelhouse, rule: str) -> None:
    house.tick("2027-12-13T07:30", confirmed_by="admin")
    house.tick("2027-12-20T07:30", confirmed_by="admin")
    told = {notice.person_id for notice in house.notices(rule=rule)}
    assert told
    assert not {person for person in told if person.endswith("-function")}


def test_the_box_is_told_where_none_of_its_readers_has_an_address(house: Wheelhouse) -> None:
    without_address(house, OFFICER, SECRETARY)
    house.move_deadline(REPORT, "2027-12-01", "2027-10-01T09:00", reason="a late meeting")
    assert house.told(REPORT, "moved") == {BOX}


def test_who_acted_is_not_told_when_the_others_role_has_ended_meanwhile(house: Wheelhouse) -> None:
    house.advance(REPORT, "draft", "2027-10-01T09:00", actor=OFFICER)
    with house.store.writing() as session:
        session.execute(update(Role).where(col(Role.person_id) == SECRETARY).values(valid_to=date(2027, 9, 30)))
    house.tick("2027-10-01T09:30")
    state = house.plan(REPORT).state
    assert OFFICER not in {n.person_id for n in house.notices(REPORT, rule="your_turn", state=state)}


def test_who_withdraws_a_plan_has_the_day_taken_out_of_the_calendar(house: Wheelhouse) -> None:
    """The administrator is told in the place of a board that has nobody."""
    with house.store.writing() as session:
        session.execute(update(Role).where(col(Role.body) == SN).values(valid_to=date(2027, 9, 30)))
    house.move_deadline(REPORT, "2027-10-15", "2027-10-01T08:00", reason="an early meeting")
    house.tick("2027-10-06T07:30", confirmed_by="admin")
    assert {n.person_id for n in house.notices(REPORT, rule="ladder") if n.message_id} == {"admin"}
    house.withdraw(REPORT, "2027-10-06T09:00", reason="the board ends")
    assert house.told(REPORT, "withdrawn") == {"admin"}
    house.tick("2027-10-06T09:30")
    assert b"STATUS:CANCELLED" in _calendar(house.messages()[-1])


def _calendar(message: Message) -> bytes:
    [part] = [part for part in message_from_bytes(message.body).walk() if part.get_content_type() == "text/calendar"]
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content
