"""What a mail says of a plan, as it stands: how far it has come, and to whom it speaks."""

from email import message_from_bytes, policy

import pytest

from notifications.mail_settings import MailSettings
from tests.support.wheelhouse import Wheelhouse
from wheel.database.store import Store


@pytest.fixture
def house(store: Store) -> Wheelhouse:
    house = Wheelhouse(store, MailSettings(sender="arshjul@example.se"))
    house.start()
    house.tick("2027-03-01T07:30", confirmed_by="admin")
    house.tick("2027-03-01T07:40")
    return house


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
    assert "Mejlet går till funktionsbrevlådan för socialnämnden." in text_to(house, "socialnamnden-function")
    assert "Du får mejlet i rollen handläggare för socialnämnden." in text_to(house, "socialnamnden-officer")
