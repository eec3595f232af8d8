"""`python -m bench walks`: how many files and transactions three walks through the code take (docs/architecture.md).

Counted in a process that has done the same before, as a daemon has: files in which a function was called, on whatever
thread; and calls that lead back from `notifications` into `wheel`.
"""

import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import CodeType, FrameType

from sqlalchemy import event, update

from bench.measure import Figure, Figures, Scale, at_most
from notifications.delivery.smtp import SmtpTransport
from notifications.mail_settings import MailSettings
from notifications.tables import Message, Notice
from tests.support.faulty_smtp import FaultySmtp, running
from tests.support.wheelhouse import Wheelhouse, instant
from wheel.database.store import Store
from wheel.engine.unit_of_work import PLAN
from wheel.mail.deliver import Delivery, DeliveryResult, deliver

ROOT = Path(__file__).parents[1]
PACKAGES = ("workflows", "config", "notifications", "wheel")
MAIL = MailSettings(
    sender="arshjul@example.se", host="127.0.0.1", tls="none", allow_plaintext=True, overview=False, domain="example.se"
)
DIALOGUE = "2028/uppdragsdialog/socialnamnden"


def measure(_scale: Scale) -> Figures:
    """On SQLite; the store lies in a temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{folder}/arshjul.db")
        store.create()
        house = _one_reminder_a_time(store)
        yield from _told("a tick mails a reminder", _tick(house))
        yield from _told("the mail server says no", _refusal(house))
        yield from _told("an administrator advances a plan", _advance(house))
        store.close()


class Walk:
    """The files and transactions of one traced walk, in the order in which they were entered."""

    def __init__(self) -> None:
        self.files: list[str] = []
        self.transactions = 0
        self.back: list[tuple[str, str]] = []  # from a file of notifications into one of wheel
        self._known: dict[CodeType, str | None] = {}

    def trace(self, frame: FrameType, what: str, _: object) -> None:
        here = self._file(frame)
        if what != "call" or here is None:
            return
        if here not in self.files:
            self.files.append(here)
        caller = frame.f_back
        while caller is not None and self._file(caller) is None:
            caller = caller.f_back
        there = caller and self._file(caller)
        if there and there.startswith("notifications/") and here.startswith("wheel/"):
            self.back.append((there, here))

    def _file(self, frame: FrameType) -> str | None:
        """Its path in the repository; None for what is not the project's own."""
        code = frame.f_code
        if code not in self._known:
            path = Path(code.co_filename)
            inside = path.suffix == ".py" and path.is_relative_to(ROOT)
            relative = path.relative_to(ROOT).as_posix() if inside else ""
            self._known[code] = relative if relative.partition("/")[0] in PACKAGES else None
        return self._known[code]


@contextmanager
def walking(store: Store) -> Iterator[Walk]:
    walk = Walk()

    def began(_: object) -> None:
        walk.transactions += 1

    event.listen(store.engine, "begin", began)
    threading.setprofile(walk.trace)
    sys.setprofile(walk.trace)
    try:
        yield walk
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
        event.remove(store.engine, "begin", began)


def _told(name: str, walk: Walk) -> Figures:
    rooms = dict.fromkeys(file.rpartition("/")[0] for file in walk.files)
    yield Figure(name, f"{len(walk.files)} files in {len(rooms)} rooms, {walk.transactions} transactions")
    questions = [back for back in walk.back if not _is_log(back)]
    yield at_most("  calls from notifications back into wheel", len(questions), 0, "")
    for room in rooms:
        names = [Path(file).stem for file in walk.files if file.rpartition("/")[0] == room]
        yield Figure(f"  {room}", ", ".join(names))


def _is_log(back: tuple[str, str]) -> bool:
    """An entry of the audit log, which notifications adds to the transaction that it was given."""
    return back[1].startswith("wheel/audit/")


def _one_reminder_a_time(store: Store) -> Wheelhouse:
    """One officer of one board is reminded; nothing else is due."""
    house = Wheelhouse(store, MAIL, roles=("officer",))
    house.start()
    house.tick("2027-05-19T09:00", confirmed_by="admin")
    with store.writing() as session:
        session.execute(update(PLAN).where(PLAN.c.address != DIALOGUE).values(wake_at=None))
    _sent(store)
    house.tick("2027-05-20T07:30")  # the first reminder, so that all is loaded
    house.tick("2027-05-25T07:30")  # the weekly mail
    _sent(store)
    return house


def _sent(store: Store) -> None:
    with store.writing() as session:
        session.execute(update(Message).values(status="sent"))
        session.execute(update(Notice).where(Notice.message_id.is_not(None)).values(outcome="sent"))  # type: ignore[union-attr]


def _tick(house: Wheelhouse) -> Walk:
    with walking(house.store) as walk:
        ticked = house.tick("2027-05-26T07:30")
    assert ticked.messages == 1, ticked
    return walk


def _refusal(house: Wheelhouse) -> Walk:
    server = FaultySmtp()
    with running(server):
        settings = replace(MAIL, port=server.port)
        stop = threading.Event()
        delivery = Delivery(
            store=house.store,
            mail=settings,
            clock=lambda: instant("2027-05-26T07:31"),
            connect=lambda: SmtpTransport(settings, stop),
            node="bench",
        )
        server.by_recipient = lambda _: "550 5.1.1 no such person"
        with walking(house.store) as walk:
            delivered = deliver(delivery, stop)
    assert delivered == DeliveryResult(failed=1), delivered
    return walk


def _advance(house: Wheelhouse) -> Walk:
    with walking(house.store) as walk:
        house.advance(DIALOGUE, "hold", "2027-05-26T10:00")
    assert house.plan(DIALOGUE).state == "held"
    return walk
