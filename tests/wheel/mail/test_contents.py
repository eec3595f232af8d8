"""What a mail says of a plan, as it stands: how far it has come, and to whom it speaks."""

from email import message_from_bytes, policy

import pytest
from sqlalchemy import update
from sqlmodel import col

from notifications.mail_settings import MailSettings
from notifications.tables import Notice
from tests.support.databases import CopyOf
from tests.support.wheelhouse import Wheelhouse, instant
from wheel.database.store import Store
from wheel.database.tables import Person


def begun(store: Store) -> Wheelhouse:
    house = Wheelhouse(store, MailSettings(sender="arshjul@example.se"))
    house.start()
    house.tick("2027-03-01T07:30", confirmed_by="admin")
    house.tick("2027-03-01T07:40")
    return house


@pytest.fixture
def house(copy_of: CopyOf) -> Wheelhouse:
    return copy_of(begun)


def text_to(house: Wheelhouse, person: str) -> str:
    """Of the last mail to that person."""
    [*_, last] = [m for m in house.messages() if m.person_id == person]
    body = message_from_bytes(last.body, policy=policy.default).get_body(("plain",))
    assert body
    said: str = body.get_content()
    return said.replace("\r\n", "\n")


def test_a_plan_without_boards_says_how_far_it_has_come_itself(house: Wheelhouse) -> None:
    assert "Läget: Underlag\n" in text_to(house, "ekonomikontoret-officer")  # of the MRP, whose groundwork begins
    assert "Läget: 0 av 9 nämnder är klara" in text_to(house, "socialnamnden-officer")


def test_after_a_boards_last_step_comes_what_all_boards_are_waited_for(house: Wheelhouse) -> None:
    house.tick("2027-04-01T07:30")
    house.tick("2027-04-01T07:40")
    said = text_to(house, "socialnamnden-officer")
    assert "Att göra: Uppdragsdialogen hålls med nämnden\n" in said
    assert "Sedan: Dialogen har hållits med alla nämnder, senast 31 maj 2027\n" in said


def test_a_function_address_is_not_spoken_to_as_a_person(house: Wheelhouse) -> None:
    house.tick("2027-04-01T07:30")
    assert "Du får mejlet i rollen handläggare för socialnämnden." in text_to(house, "socialnamnden-officer")
    with house.store.writing() as session:
        people = [f"socialnamnden-{role}" for role in ("officer", "secretary")]
        session.execute(update(Person).where(col(Person.id).in_(people)).values(email=""))
    house.tick("2027-05-20T07:30", confirmed_by="admin")
    assert "Mejlet går till funktionsbrevlådan för socialnämnden." in text_to(house, "socialnamnden-function")


def test_a_notice_that_cannot_be_looked_up_fails_alone_and_others_are_told(house: Wheelhouse) -> None:
    dialogue, lost = "2028/uppdragsdialog/socialnamnden", "socialnamnden-officer"
    house.tick("2027-05-19T09:00", confirmed_by="admin")
    house.ticker.process_due(instant("2027-05-20T07:30"))  # planned, and no mail made of it yet
    with house.store.writing() as session:
        session.execute(
            update(Notice).where(col(Notice.person_id) == lost, col(Notice.rule) == "ladder").values(facts={"old": "?"})
        )
    assert house.tick("2027-05-20T07:30").messages > 0
    outcomes = {notice.person_id: notice for notice in house.notices(dialogue, rule="ladder")}
    assert outcomes[lost].outcome == "failed"
    assert (outcomes[lost].because, outcomes[lost].detail[:10]) == ("not_written", "ValueError")
    assert {notice.outcome for person, notice in outcomes.items() if person != lost} == {"planned"}
    assert "admin" in house.told(dialogue, "undelivered")
