"""All mail held back by hand; and what an auditor gets."""

import csv
import io
import json
import threading
from collections.abc import Callable
from hashlib import sha256

import pytest
from sqlalchemy import text
from sqlmodel import Session

from config.text.texts import Texts
from notifications.history.mail_export import COLUMNS, export
from notifications.mail_settings import MailSettings
from tests.support.databases import CopyOf
from tests.support.wheelhouse import Wheelhouse, instant
from wheel.clocks import fixed_clock
from wheel.database.store import Store
from wheel.engine.request_and_result import Request, Result
from wheel.engine.unit_of_work import UnitOfWork
from wheel.errors import RefusedError
from wheel.mail.deliver import Delivery, deliver
from wheel.mail.hold_all_mail import hold_all, release_all
from wheel.reads import status
from wheel.reads.explain import reasons


def reader(house: Wheelhouse, session: Session) -> UnitOfWork:
    return UnitOfWork(session, instant("2027-05-20T10:00"), "", house.mail, lock=False)


def begun(store: Store) -> Wheelhouse:
    house = Wheelhouse(store, MailSettings(sender="arshjul@example.se"))
    house.start()
    house.tick("2027-05-19T09:00", confirmed_by="admin")
    return house


@pytest.fixture
def house(copy_of: CopyOf) -> Wheelhouse:
    return copy_of(begun)


def do(house: Wheelhouse, verb: Callable[[UnitOfWork, Request], Result], at: str, actor: str = "admin") -> None:
    request = Request(actor, instant(at), "the server is moved")
    assert house.desk.carry_out(request, "outbox", "outbox", verb).address == "outbox"


def test_held_back_by_hand_no_mail_is_made_until_it_is_released(house: Wheelhouse) -> None:
    before = len(house.messages())
    do(house, hold_all, "2027-05-19T10:00")
    ticked = house.tick("2027-05-20T07:30")
    assert (ticked.messages, ticked.held_back > 0, len(house.messages())) == (0, True, before)
    with house.store.reading() as session:
        problems = status.status(session, house.mail, instant("2027-05-20T07:30"), Texts("en")).problems
    assert "mail_held" in {problem.code for problem in problems}
    do(house, release_all, "2027-05-20T08:00")
    assert house.tick("2027-05-20T08:01").messages > 0
    assert house.log("home", "mail.released")[0]["data"] == {"held": "by_hand", "reason": "the server is moved"}


class HoldsAllAfterOne:
    """A transport; while it has its first mail in hand somebody holds all mail."""

    def __init__(self, house: Wheelhouse) -> None:
        self.house = house
        self.taken = 0

    def send(self, message: bytes, mail_from: str, rcpt: str, before_data: Callable[[], None]) -> None:
        self.taken += 1
        if self.taken == 1:
            do(self.house, hold_all, "2027-05-20T07:32")

    def close(self) -> None:
        pass


def test_held_back_while_mail_is_on_its_way_the_rest_stays(house: Wheelhouse) -> None:
    house.tick("2027-05-20T07:30")
    carrier = HoldsAllAfterOne(house)
    clock = fixed_clock(instant("2027-05-20T07:31"))
    delivery = Delivery(house.store, house.mail, clock, lambda: carrier, node="test")
    assert deliver(delivery, threading.Event()).sent == carrier.taken == 1
    assert sum(message.status == "pending" for message in house.messages()) > 1
    do(house, release_all, "2027-05-20T08:00")
    assert deliver(delivery, threading.Event()).sent == carrier.taken - 1 > 1


def test_who_may_not_or_has_nothing_to_hold_is_refused(house: Wheelhouse) -> None:
    for verb, actor in ((hold_all, "reader"), (release_all, "admin")):
        with pytest.raises(RefusedError):
            do(house, verb, "2027-05-19T10:00", actor)


def test_the_export_tells_of_every_notice_and_its_hash_is_that_of_the_bytes(house: Wheelhouse) -> None:
    house.tick("2027-05-20T07:30")
    house.move_deadline("2028/uppdragsdialog/socialnamnden", "2027-06-15", "2027-05-20T10:00", reason="ill")
    with house.store.reading() as session:
        jsonl, sheet = io.StringIO(), io.StringIO()
        why = reasons(reader(house, session), Texts("en"))
        count = export(session, jsonl, "jsonl", why)
        export(session, sheet, "csv", why)
    rows = [json.loads(line) for line in jsonl.getvalue().splitlines()]
    assert count == len(rows) >= len(house.notices())
    bodies = {f"<{message.message_id}>": message for message in house.messages()}
    mailed = [row for row in rows if row["message_id"]]
    assert mailed
    for row in mailed:
        message = bodies[row["message_id"]]
        assert row["sha256"] == sha256(message.body).hexdigest()
        assert (row["to"], row["subject"], row["person"]) == (message.to, message.subject, message.person_id)
    read = list(csv.DictReader(io.StringIO(sheet.getvalue())))
    assert list(read[0]) == list(COLUMNS)
    assert [row["notice"] for row in read] == [row["notice"] for row in rows]


@pytest.mark.parametrize("before", ["", " ", "\n", "＝", "550 no such user;"])
def test_a_name_that_a_spreadsheet_would_reckon_with_is_text_in_the_export(house: Wheelhouse, before: str) -> None:
    house.tick("2027-05-20T07:30")
    with house.store.writing() as session:
        subject = f'{before}=HYPERLINK("https://elsewhere.example")'
        session.execute(text("UPDATE message SET subject = :subject"), {"subject": subject})
    with house.store.reading() as session:
        sheet, why = (
            io.StringIO(),
            reasons(reader(house, session), Texts("en")),
        )
        export(session, sheet, "csv", why)
    assert "HYPERLINK" in sheet.getvalue()
    for separator in ",;":  # whichever the file is opened with
        for row in csv.reader(io.StringIO(sheet.getvalue(), newline=""), delimiter=separator):
            cells = [cell for cell in row if not cell.removeprefix("-").isdigit()]
            assert not [cell for cell in cells if cell.lstrip()[:1] in tuple("=+-@＝")]
