"""Measures creating and sending mail: to a local server, to a distant one, and a long backlog."""

import resource
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date
from statistics import median

from sqlalchemy import insert, select

from bench.databases import new_urls
from bench.measure import Figure, Figures, Scale, at_least, seconds
from notifications.content.content import CalendarEntry
from notifications.delivery.smtp import SmtpTransport
from notifications.mail_settings import MailSettings
from notifications.notices import plan_notices
from tests.support.postroom import BRIEFING, PLAN, SETTINGS, PostRoom, at
from wheel.database.store import Store
from wheel.database.tables import Message, Person
from wheel.mail.deliver import Delivery, deliver

NOW = at(2).astimezone(UTC)
GOAL = 0.16  # of what a plain source does, rendering and the database included
MAILS, BACKLOG = 1_000, 10_000
FAR_MS, FAR_CONNECTIONS = 20, 8


def measure(scale: Scale) -> Figures:
    """Measure on SQLite."""
    with new_urls("sqlite") as new_url, sink() as near, sink(FAR_MS) as far:
        count = scale.of(MAILS)
        made, sent, raw = [], [], []
        for _ in range(scale.rounds):
            room = waiting(new_url(), count)
            made.append(seconds(lambda: compose(room, count)))  # noqa: B023 - called at once
            raw.append(seconds(lambda: plain(near, bodies(room))))  # noqa: B023
            sent.append(seconds(lambda: send(room, near, 1, count)))  # noqa: B023
            room.store.close()
        total = [a + b for a, b in zip(made, sent, strict=True)]
        ratio = median(r / t for r, t in zip(raw, total, strict=True))
        yield at_least(f"{count:,} mails rendered, kept and handed over, one connection", ratio, GOAL)
        yield Figure("  made, sent, and raw", "{:.0f}, {:.0f}, {:.0f} mails/s".format(
            *(count / median(each) for each in (made, sent, raw))
        ))  # fmt: skip
        room = waiting(new_url(), count)
        compose(room, count)
        took = seconds(lambda: send(room, far, FAR_CONNECTIONS, count))
        room.store.close()
        yield Figure(f"a server {FAR_MS} ms away, {FAR_CONNECTIONS} connections", f"{count / took:.0f} mails/s")
        if scale.million:
            yield from _backlog(new_url(), near)


def _backlog(url: str, port: int) -> Figures:
    room = waiting(url, BACKLOG)
    compose(room, BACKLOG)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    took = seconds(lambda: send(room, port, 4, BACKLOG))
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    room.store.close()
    yield Figure(f"a backlog of {BACKLOG:,} over 4 connections", f"{BACKLOG / took:.0f} mails/s")
    yield Figure("  memory grown meanwhile", f"{grown:.1f} MB")


@contextmanager
def sink(milliseconds: int = 0) -> Iterator[int]:
    command = [sys.executable, "-m", "bench.sink", str(milliseconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


def waiting(url: str, count: int) -> PostRoom:
    """A post room with so many persons, each with one notice that is due."""
    store = Store(url)
    store.create()
    room = PostRoom(store)
    room.briefing = replace(BRIEFING, calendar=(CalendarEntry(BRIEFING.address, date(2026, 11, 5), 1),))
    people = [f"person-{number}" for number in range(count)]
    with room.store.writing() as session:
        session.execute(
            insert(Person),
            [{"id": who, "name": who, "email": f"{who}@sjovik.example", "language": "sv"} for who in people],
        )
        row = {
            "plan_id": PLAN, "state": "utkast", "entry": 1, "deadline_version": 1, "rule": "ladder", "due": NOW,
            "send_after": NOW,
        }  # fmt: skip
        assert len(plan_notices(session, [{**row, "key": who, "person_id": who} for who in people])) == count
    return room


def compose(room: PostRoom, count: int) -> None:
    assert room.compose(NOW).messages == count


def bodies(room: PostRoom) -> list[tuple[str, bytes]]:
    with room.store.reading() as session:
        return [(to, body) for to, body in session.execute(select(Message.to, Message.body))]  # type: ignore[call-overload]


def send(room: PostRoom, port: int, connections: int, count: int) -> None:
    settings: MailSettings = replace(SETTINGS, host="127.0.0.1", port=port, tls="none", allow_plaintext=True)
    stop = threading.Event()
    delivery = Delivery(
        store=room.store,
        mail=settings,
        clock=lambda: NOW,
        connect=lambda: SmtpTransport(settings, stop),
        node="bench",
        connections=connections,
    )
    assert deliver(delivery, stop).sent == count


def plain(port: int, mails: list[tuple[str, bytes]]) -> None:
    """One session, a command and its answer at a time; the mails are there already, and nothing is written down.

    A source in C is no faster: most of the time is the server's (medians of seven rounds on 2 cores, 2026-11-30).
    """
    with socket.create_connection(("127.0.0.1", port)) as wire:
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        wire.recv(1000)
        for to, body in mails:
            envelope = (b"MAIL FROM:<a@b.example>\r\n", f"RCPT TO:<{to}>\r\n".encode())
            for command in (*envelope, b"DATA\r\n", body + b"\r\n.\r\n"):
                wire.sendall(command)
                wire.recv(1000)
