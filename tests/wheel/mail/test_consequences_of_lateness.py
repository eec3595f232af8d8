"""A mail about what is late says who waits for it, and when they meet."""

from datetime import date
from email import message_from_bytes, policy

import pytest

from config.text.texts import Texts
from tests.support.databases import CopyOf
from tests.support.wheelhouse import Wheelhouse
from wheel.database.store import Store
from wheel.database.tables import Meeting
from wheel.mail.consequences_of_lateness import next_body_waiting, next_meeting

SN = "socialnamnden"


def begun(store: Store) -> Wheelhouse:
    house = Wheelhouse(store)
    house.start()
    house.tick("2027-05-19T09:00", confirmed_by="admin")
    return house


@pytest.fixture
def house(copy_of: CopyOf) -> Wheelhouse:
    return copy_of(begun)


def meet(house: Wheelhouse, body: str, *days: str) -> None:
    with house.store.writing() as session:
        session.add_all(Meeting(body=body, day=date.fromisoformat(day)) for day in days)


def waiting(house: Wheelhouse, address: str, at: str, language: str = "sv") -> str:
    with house.unit_of_work(at) as uow:
        plan = uow.plan(address)
        whole = uow.plan(address.rpartition("/")[0]) if plan.board else plan
        return next_body_waiting(uow, plan, whole, Texts(language))


def test_it_is_the_next_decisions_body_and_its_next_meeting(house: Wheelhouse) -> None:
    meet(house, "ks", "2027-04-07", "2027-06-02", "2027-06-30")
    assert waiting(house, "2028/mrp", "2027-06-01T09:00") == "Kommunstyrelsen behandlar ärendet 2 juni 2027"
    assert waiting(house, "2028/mrp", "2027-06-03T09:00", "en") == (
        "The executive board considers the matter on 30 June 2027"
    )


def test_not_a_meeting_before_the_decision_can_be_taken(house: Wheelhouse) -> None:
    meet(house, "kf", "2027-05-26", "2027-06-16")
    house.walk("2028/mrp", "ks_proposal", "2027-05-20T09:00")
    house.walk("2028/ramar", "sent_out", "2027-05-20T09:00")
    house.hold_dialogues("2028", "2027-05-20T09:00")
    house.advance("2028/mrp", "propose", "2027-05-20T10:00", body="ks")
    with house.unit_of_work("2027-05-20T11:00") as uow:
        assert next_meeting(uow, uow.plan("2028/mrp")) == date(2027, 6, 16)


def test_a_body_does_not_wait_for_its_own_decision(house: Wheelhouse) -> None:
    meet(house, "ks", "2027-04-07")
    house.walk("2028/mrp", "underlag", "2027-04-01T09:00")
    assert waiting(house, "2028/ramar", "2027-04-02T09:00") == ""
    with house.unit_of_work("2027-04-02T09:00") as uow:
        assert next_meeting(uow, uow.plan("2028/ramar")) == date(2027, 4, 7)
        assert next_meeting(uow, uow.plan("2028/mrp")) is None  # the office's own step: it waits for no meeting


def test_where_no_meeting_is_known_it_is_the_last_day_of_the_decision(house: Wheelhouse) -> None:
    assert waiting(house, "2028/mrp", "2027-06-01T09:00") == "Kommunstyrelsen ska besluta senast 10 juni 2027"
    assert waiting(house, "2028/mrp", "2027-07-01T09:00") == "Kommunstyrelsen"


def test_a_dialogue_that_is_not_held_stands_in_the_way_of_the_councils_decision(house: Wheelhouse) -> None:
    meet(house, "kf", "2027-06-16")
    said = "Kommunfullmäktige behandlar ärendet 16 juni 2027"
    assert waiting(house, f"2028/uppdragsdialog/{SN}", "2027-06-02T09:00") == said
    house.tick("2027-06-01T07:30", confirmed_by="admin")
    mail = next(m for m in reversed(house.messages()) if m.person_id == f"{SN}-officer")
    text = message_from_bytes(mail.body, policy=policy.default).get_body(("plain",))
    assert text is not None
    assert f"Väntar på uppgiften: {said}" in text.get_content()
