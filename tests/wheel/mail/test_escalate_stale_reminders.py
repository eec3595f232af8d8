"""Reminders that waited for weeks: which still go, which expire, and who is told of it."""

from datetime import date
from email import message_from_bytes, policy

import pytest
from sqlalchemy import update

from tests.support.databases import CopyOf
from tests.support.dialogue import DIALOGUE, OFFICER, silent_until, to, with_open_dialogues
from tests.support.wheelhouse import Wheelhouse
from wheel.database.store import Store
from wheel.database.tables import Home


def begun(store: Store) -> Wheelhouse:
    return with_open_dialogues(store)


@pytest.fixture
def house(copy_of: CopyOf) -> Wheelhouse:
    return copy_of(begun)


def test_of_notices_that_never_became_mails_the_late_ones_expire_and_the_newest_in_time_goes(house: Wheelhouse) -> None:
    with house.store.writing() as session:
        session.execute(update(Home).values(mail_hold="restored"))
    house.tick("2027-05-26T09:00")
    house.set_plan(DIALOGUE, wake_at=None)  # nothing more becomes due there
    house.tick("2027-06-20T09:00", confirmed_by="admin")
    outcomes = {n.offset: n.outcome for n in house.notices(DIALOGUE, rule="ladder", person_id=OFFICER)}
    assert outcomes == {-7: "expired", -3: "expired"}


def test_that_a_plan_is_overdue_is_said_up_to_two_weeks_late(house: Wheelhouse) -> None:
    silent_until(house, "2027-06-23T09:00")
    outcomes = {n.offset: n.outcome for n in house.notices(DIALOGUE, rule="ladder", person_id=OFFICER)}
    assert (outcomes[3], outcomes[7]) == ("superseded", "planned")
    assert to(house, OFFICER)[-1].subject == "23 dagar försenad: Socialnämndens uppdragsdialog 2028"
    assert house.told(DIALOGUE, "undelivered") == set()


def test_what_is_overdue_for_long_is_in_the_overview_of_the_week(house: Wheelhouse) -> None:
    with house.store.writing() as session:
        session.execute(update(Home).values(mail_hold="restored"))
    house.tick("2027-06-22T09:00")
    house.tick("2027-07-13T09:00", confirmed_by="admin")
    [mail] = [message for message in to(house, OFFICER) if message.day >= date(2027, 6, 22)]
    text = message_from_bytes(mail.body, policy=policy.default).get_body(("plain",))
    assert text is not None
    assert "43 dagar försenad: Socialnämndens uppdragsdialog 2028" in text.get_content()
    assert house.told(DIALOGUE, "undelivered") == set()  # the administrators hear of no lost mail: that mail says it


def test_after_longer_it_has_expired_and_the_administrators_decide_whom_to_remind(house: Wheelhouse) -> None:
    silent_until(house, "2027-06-24T09:00")
    ladder = house.notices(DIALOGUE, rule="ladder")
    assert {n.outcome for n in ladder if (n.offset or 0) > 0} == {"expired"}
    assert all(n.because == "too_late" for n in ladder)
    assert house.told(DIALOGUE, "undelivered") == {"admin"}
    [told] = house.notices(DIALOGUE, rule="undelivered")
    mail = next(message for message in house.messages() if message.id == told.message_id)
    part = message_from_bytes(mail.body, policy=policy.default).get_body(("plain",))
    assert part is not None
    said = part.get_content()
    assert "Påminnelserna har väntat i veckor" in said
    assert "Ingen har fått påminnelsen: Socialnämndens uppdragsdialog 2028" in said
    assert f"Så gör du: `arshjul remind {DIALOGUE}`" in said
    house.tick("2027-06-24T09:01")
    house.tick("2027-06-25T09:01")
    assert len(house.notices(DIALOGUE, rule="undelivered")) == 1


def test_they_are_told_of_it_on_a_working_day(house: Wheelhouse) -> None:
    silent_until(house, "2027-06-26T09:00")  # a Saturday
    before = [m.id for m in house.messages()]
    house.tick("2027-06-28T07:30")
    [told] = house.notices(DIALOGUE, rule="undelivered")
    assert (told.message_id is not None, told.message_id in before) == (True, False)


def test_what_was_handed_in_meanwhile_is_nobodys_trouble(house: Wheelhouse) -> None:
    with house.store.writing() as session:
        session.execute(update(Home).values(mail_hold="restored"))
    house.tick("2027-06-09T07:30")
    house.advance(DIALOGUE, "hold", "2027-06-10T09:00")
    house.tick("2027-07-24T09:00", confirmed_by="admin")
    assert house.told(DIALOGUE, "undelivered") == set()
