"""Delivery against a server that fails at every point, in every way; in this process, its clock set by hand."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path

import pytest

from notifications.delivery import Delivered, Postman, deliver
from notifications.mail_settings import MailSettings
from notifications.smtp import SmtpTransport
from notifications.way_out import closed_way
from tests.faulty_smtp import Faults, FaultySmtp, running
from tests.postroom import PostRoom, at

NOW = at(2).astimezone(UTC)
ROUND = timedelta(seconds=10)  # between two rounds of the daemon
BARE = MailSettings(host="127.0.0.1", tls="none", allow_plaintext=True, sender="arshjul@sjovik.example")
PEOPLE = ("anna", "bo", "carin")


class Service:
    """A post room and its server; rounds of delivery at a clock of its own."""

    def __init__(self, room: PostRoom, server: FaultySmtp, settings: MailSettings, connections: int = 4) -> None:
        self.room, self.server, self.now = room, server, NOW
        self.settings = replace(settings, port=server.port)
        self.connections = connections

    def round(self) -> Delivered:
        postman = Postman(
            writing=self.room.store.writing,
            journal=lambda session, now: self.room.diary,
            transport=lambda: SmtpTransport(self.settings, total_seconds=1.5),
            clock=lambda: self.now,
            jitter=lambda: 0.0,
            mail_from=lambda mine: self.settings.envelope_of(mine.name),
            node="test",
            connections=self.connections,
        )
        return deliver(postman, threading.Event())

    def rounds(self, span: timedelta) -> None:
        end = self.now + span
        while self.now < end:
            self.round()
            self.now += ROUND

    def statuses(self) -> Counter[str]:
        return Counter(message.status for message in self.room.messages())

    def copies(self) -> Counter[str]:
        return Counter(taken.message["Message-ID"] for taken in self.server.taken)

    def closed(self) -> str | None:
        with self.room.store.reading() as session:
            return closed_way(session, self.now)


@contextmanager
def service(url: str, server: FaultySmtp, settings: MailSettings = BARE, mails: int = 3) -> Iterator[Service]:
    room = PostRoom(url)
    for number in range(mails):
        room.notice(person=PEOPLE[number % 3], entry=1 + number, at_once=mails > 3)
        if mails > 3:
            room.compose(NOW)
    room.compose(NOW)
    room.diary.entries.clear()
    try:
        with running(server):
            yield Service(room, server, settings)
    finally:
        room.store.close()


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'arshjul.db'}"


FAULTS: list[Faults] = [
    *({point: act} for point in ("connect", "EHLO", "MAIL", "RCPT", "DATA", "dot") for act in ("drop", "garbage")),
    *({point: "421 4.3.2 shutting down"} for point in ("connect", "EHLO", "MAIL", "RCPT", "DATA", "dot")),
    *({point: "451 4.3.0 not now"} for point in ("connect", "EHLO", "MAIL", "RCPT", "DATA", "dot")),
    *({point: "slow 5"} for point in ("connect", "MAIL", "RCPT", "DATA", "dot")),
    {"body": "drop"},
    {"dot": "after"},
    {"connect": "554 5.3.2 no service"},
    {"MAIL": "550 5.7.1 not this sender"},
]


@pytest.mark.parametrize("faults", FAULTS, ids=lambda faults: " ".join(*faults.items()))
def test_whatever_fails_everything_arrives_when_it_is_over(url: str, faults: Faults) -> None:
    server = FaultySmtp()
    server.always = faults
    with service(url, server) as post:
        post.rounds(timedelta(minutes=1))
        assert post.statuses() == {"pending": 3}
        before = len(server.taken)
        assert before == 0 or faults["dot"] == "after"
        server.always = {}
        post.now += timedelta(minutes=5)  # the longest back-off of those that were tried meanwhile
        post.rounds(timedelta(minutes=2))
        assert post.statuses() == {"sent": 3}
        assert len(post.copies()) == 3
        assert len({taken.content for taken in server.taken}) == 3  # a second copy is the same
        assert [action for action in post.room.diary.actions if action == "message.sent"] == ["message.sent"] * 3
        assert set(post.room.outcomes().values()) == {"sent"}
