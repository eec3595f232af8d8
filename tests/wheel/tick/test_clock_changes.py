"""The clock was set: nothing waits for the hours that were lost, nothing happens twice."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col

from config.text.texts import Texts
from notifications.delivery.claims import LEASE
from notifications.tables import Message, Notice
from tests.support.databases import CopyOf
from tests.support.dialogue import DIALOGUE, with_open_dialogues
from tests.support.wheelhouse import Wheelhouse, instant
from wheel.database.store import Store
from wheel.database.tables import Home, PlanRow
from wheel.engine.unit_of_work import UnitOfWork
from wheel.reads.status import status
from wheel.tick.clock_changes import note_step, note_wrong_start


def begun(store: Store) -> Wheelhouse:
    return with_open_dialogues(store)


@pytest.fixture
def house(copy_of: CopyOf) -> Wheelhouse:
    return copy_of(begun)


def stepped_back(house: Wheelhouse, at: str) -> None:
    """The clock was set back by an hour, and says this now."""
    with house.store.writing() as session:
        uow = UnitOfWork(session, instant(at), "daemon", house.mail)
        note_step(uow, timedelta(hours=-1))
        uow.journal.close()


def test_set_back_an_hour_nothing_waits_for_it_and_nothing_fires_twice(house: Wheelhouse) -> None:
    house.tick("2027-05-20T08:00")
    with house.store.writing() as session:
        session.execute(update(Message).where(Message.status == "pending").values(status="sent"))  # type: ignore[arg-type]
    house.advance(DIALOGUE, "hold", "2027-05-20T08:30")  # wakes its parent, and its watchers, "now"
    notices, moves = len(house.notices()), len(house.log(action="plan.advanced"))
    stepped_back(house, "2027-05-20T07:31")
    woken = house.row("2028/uppdragsdialog").wake_at
    assert woken is None or woken <= instant("2027-05-20T07:31") or woken > instant("2027-05-20T08:31")
    for minute in ("07:32", "07:59", "08:15", "08:45"):
        house.tick(f"2027-05-20T{minute}")
    assert len(house.log(action="plan.advanced")) == moves
    assert {n.rule for n in house.notices()[notices:]} <= {"undelivered"}
    [entry] = house.log("home", "clock.stepped")
    assert entry["data"] == {"seconds": -3600}
    assert house.verified()


def test_at_once_mail_does_not_wait_for_the_hour_that_was_set_back(house: Wheelhouse) -> None:
    house.walk("2028/mrp", "kf", "2027-06-02T13:00")
    house.send_back("2028/mrp", "2027-06-16T19:00", body="kf", reason="too thin", new_date="2027-08-31")
    stepped_back(house, "2027-06-16T18:00")
    assert house.tick("2027-06-16T18:11").messages > 0


def test_nothing_but_what_waits_for_the_lost_hour_is_brought_forward(house: Wheelhouse) -> None:
    now, later = instant("2027-06-16T18:00"), instant("2027-06-16T18:50")
    retries = {"2028/mrp": later, "2028/ramar": now - timedelta(hours=1)}
    notices: list[dict[str, Any]] = [
        {"outcome": "planned", "at_once": True, "message_id": None},
        {"outcome": "planned", "at_once": False, "message_id": None},
        {"outcome": "expired", "at_once": True, "message_id": None},
        {"outcome": "planned", "at_once": True, "message_id": house.messages()[0].id},
    ]
    messages: list[dict[str, Any]] = [{"status": status} for status in ("pending", "sending", "sent", "failed")]
    with house.store.writing() as session:
        for address, at in retries.items():
            session.execute(update(PlanRow).where(col(PlanRow.address) == address).values(retry_at=at))
        for notice, values in zip(house.notices(), notices, strict=False):
            session.execute(update(Notice).where(col(Notice.id) == notice.id).values(send_after=later, **values))
        for message, values in zip(house.messages(), messages, strict=False):
            times = {"next_attempt": later, "lease_until": later}
            session.execute(update(Message).where(col(Message.id) == message.id).values(**times, **values))
    stepped_back(house, "2027-06-16T18:00")
    assert {address: house.row(address).retry_at for address in retries} == {**retries, "2028/mrp": now}
    assert [notice.send_after for notice in house.notices()[:4]] == [now + house.mail.at_once_wait, later, later, later]
    assert [(message.next_attempt, message.lease_until) for message in house.messages()[:4]] == [
        (now, now + LEASE), (now, now + LEASE), (later, later), (later, later),
    ]  # fmt: skip


@pytest.mark.parametrize(("ahead", "noted"), [(60, []), (61, [-61])])
def test_a_last_tick_less_than_a_minute_ahead_is_another_machines_clock(
    house: Wheelhouse, ahead: int, noted: list[int]
) -> None:
    now = instant("2027-05-19T09:00") - timedelta(seconds=ahead)
    with house.store.writing() as session:
        session.execute(update(Home).values(practice=False))
        uow = UnitOfWork(session, now, "daemon", house.mail)
        note_wrong_start(uow)
        uow.journal.close()
    assert [entry["data"]["seconds"] for entry in house.log("home", "clock.stepped")] == noted


def test_a_daemon_that_starts_before_its_last_tick_says_so(house: Wheelhouse) -> None:
    with house.store.writing() as session:
        session.execute(update(Home).values(practice=False))
        uow = UnitOfWork(session, instant("2027-05-19T07:00"), "daemon", house.mail)
        note_wrong_start(uow)
        uow.journal.close()
    assert house.log("home", "clock.stepped")[0]["data"] == {"seconds": -7200}
    with house.store.reading() as session:
        at = instant("2027-05-19T20:00")
        codes = {p.code for p in status(session, house.mail, at, Texts("en")).problems}
        later = {p.code for p in status(session, house.mail, at + timedelta(days=1), Texts("en")).problems}
    assert "clock_stepped" in codes
    assert "clock_stepped" not in later
