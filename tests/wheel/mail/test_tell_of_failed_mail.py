"""Somebody cannot be reached: the others who answer for it are told, once."""

from email import message_from_bytes, policy

import pytest
from sqlalchemy import update

from notifications.delivery.transport import TransportError
from notifications.history.mail_log import mark_bounced
from tests.support.databases import CopyOf
from tests.support.dialogue import DIALOGUE, OFFICER, SN, Carrier, send, silent_until, to, with_open_dialogues
from tests.support.wheelhouse import Wheelhouse, instant
from wheel.database.store import Store
from wheel.database.tables import Person
from wheel.engine.unit_of_work import UnitOfWork
from wheel.mail.deliver import DeliveryResult
from wheel.mail.tell_of_failed_mail import tell_of_message


def begun(store: Store) -> Wheelhouse:
    return with_open_dialogues(store)


@pytest.fixture
def house(copy_of: CopyOf) -> Wheelhouse:
    return copy_of(begun)


def test_a_refused_mail_is_told_to_the_others_of_the_board_and_the_administrators(house: Wheelhouse) -> None:
    house.tick("2027-05-20T07:30")
    carrier = Carrier()
    carrier.refuse = lambda rcpt: TransportError("550 no", "refused", 550) if rcpt.startswith(OFFICER) else None
    assert send(house, "2027-05-20T07:31", carrier).failed == 1
    told = house.notices(DIALOGUE, rule="undelivered")
    assert {n.person_id for n in told} == {f"{SN}-function", f"{SN}-secretary", "admin"}
    [lost] = house.notices(DIALOGUE, rule="ladder", person_id=OFFICER, outcome="failed")
    assert {(n.state, n.entry, n.deadline_version, n.offset) for n in told} == {
        (lost.state, lost.entry, lost.deadline_version, lost.offset)
    }
    carrier.taken.clear()
    house.tick("2027-05-20T07:32")
    send(house, "2027-05-20T07:33", carrier)
    mail = dict(carrier.taken)["admin@example.se"].decode()
    assert "Ett mejl kom inte fram" in mail or "=?utf-8?" in mail
    plain = message_from_bytes(dict(carrier.taken)["admin@example.se"], policy=policy.default).get_body(("plain",))
    assert plain is not None
    assert f"rätta mejladressen: `arshjul people change {OFFICER}`" in plain.get_content()
    assert house.verified()


def test_the_news_that_one_was_lost_is_not_told_on_for_ever(house: Wheelhouse) -> None:
    house.tick("2027-05-20T07:30")
    carrier = Carrier()
    carrier.refuse = lambda rcpt: TransportError("550 no", "refused", 550) if rcpt.startswith(SN) else None
    send(house, "2027-05-20T07:31", carrier)
    house.tick("2027-05-20T07:32")
    send(house, "2027-05-20T07:33", carrier)
    house.tick("2027-05-20T07:34")
    assert send(house, "2027-05-20T07:35", carrier) == DeliveryResult()


def test_a_mail_that_came_back_has_failed_and_others_are_told(house: Wheelhouse) -> None:
    house.tick("2027-05-20T07:30")
    send(house, "2027-05-20T07:31", Carrier())
    mine = to(house, OFFICER)[-1]
    with house.store.writing() as session:
        uow = UnitOfWork(session, instant("2027-05-21T09:00"), "admin", house.mail)
        assert mark_bounced(session, uow.journal, [mine.id or 0], uow.now, "5.1.1 no such user") == [mine.id]
        tell_of_message(uow, mine.id or 0, mine.person_id)
        uow.journal.close()
    after = to(house, OFFICER)[-1]
    assert (after.status, after.error) == ("failed", "bounced: 5.1.1 no such user")
    [notice] = house.notices(DIALOGUE, rule="ladder", person_id=OFFICER)
    assert (notice.outcome, notice.because, notice.detail) == ("failed", "bounced", "5.1.1 no such user")
    assert "admin" in house.told(DIALOGUE, "undelivered")


def test_a_reminder_that_nobody_would_get_any_more_is_not_told_as_lost(house: Wheelhouse) -> None:
    """Somebody without an address, and a silence of weeks: what would have expired expires."""
    with house.store.writing() as session:
        session.execute(update(Person).where(Person.id == OFFICER).values(email=""))  # type: ignore[arg-type]
    silent_until(house, "2027-06-24T09:00")
    assert {n.outcome for n in house.notices(DIALOGUE, rule="ladder", person_id=OFFICER)} == {"expired"}
    [told] = house.notices(DIALOGUE, rule="undelivered")  # that it is overdue since weeks
    assert (told.person_id, told.facts["person"]) == ("admin", "")


def test_the_board_is_not_told_that_an_administrators_mail_was_lost(house: Wheelhouse) -> None:
    """They had the same reminder themselves."""
    for day in ("2027-06-01", "2027-06-03", "2027-06-09"):  # the last one goes to the administrators too
        house.tick(f"{day}T07:30")
    carrier = Carrier()
    carrier.refuse = lambda rcpt: TransportError("550 no", "refused", 550) if rcpt.startswith("admin") else None
    assert send(house, "2027-06-09T07:31", carrier).failed
    assert house.told(DIALOGUE, "undelivered") == set()
