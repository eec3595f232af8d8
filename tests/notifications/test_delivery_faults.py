"""Delivery against a server that fails at every point, in every way; in this process, its clock set by hand."""

import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from notifications.delivery.circuit_breaker import why_closed
from notifications.delivery.decide_outcome import BROKEN_TRIES
from notifications.delivery.rate_limit import RateLimit
from notifications.delivery.smtp import SmtpTransport
from notifications.history.mail_log import pending_figures
from notifications.mail_settings import MailSettings
from notifications.tables import MailRoute, Message
from tests.support.databases import SqliteDatabases
from tests.support.faulty_smtp import Faults, FaultySmtp, running
from tests.support.installed import until
from tests.support.postroom import PostRoom, at
from wheel.mail import deliver as delivering
from wheel.mail import route_watch
from wheel.mail.deliver import Delivery, DeliveryResult, deliver

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
        self.total = 0.4  # seconds for a whole delivery
        self.ticking = False  # whether the clock goes on within a round

    def delivery(self) -> Delivery:
        return Delivery(
            store=self.room.store,
            mail=self.settings,
            clock=self.clock,
            connect=lambda: SmtpTransport(self.settings, total_seconds=self.total),
            node="test",
            connections=self.connections,
            jitter=lambda: 0.0,
        )

    def clock(self) -> datetime:
        if self.ticking:
            self.now += timedelta(milliseconds=1)
        return self.now

    def round(self) -> DeliveryResult:
        return deliver(self.delivery(), threading.Event())

    def rounds(self, span: timedelta) -> None:
        end = self.now + span
        while self.now < end:
            self.round()
            self.now += ROUND

    def statuses(self) -> Counter[str]:
        return Counter(message.status for message in self.room.messages())

    def copies(self) -> Counter[str]:
        return Counter(taken.message["Message-ID"] for taken in self.server.taken)

    def way(self) -> str:
        with self.room.store.reading() as session:
            return session.get_one(MailRoute, 1).closed

    def closed(self) -> str | None:
        with self.room.store.reading() as session:
            return why_closed(session, self.now)


@contextmanager
def service(room: PostRoom, server: FaultySmtp, settings: MailSettings = BARE, mails: int = 3) -> Iterator[Service]:
    for number in range(mails):
        room.notice(person=PEOPLE[number % 3], entry=1 + number, at_once=mails > 3)
        if mails > 3:
            room.compose(NOW)
    room.compose(NOW)
    room.diary.clear()
    with running(server):
        yield Service(room, server, settings)


@pytest.fixture
def room(sqlite_databases: SqliteDatabases) -> Iterator[PostRoom]:
    with sqlite_databases.copy(PostRoom) as (store, made):
        yield made.in_store(store)


FAULTS: list[Faults] = [
    *({point: act} for point in ("connect", "EHLO", "MAIL", "RCPT", "DATA", "dot") for act in ("drop", "garbage")),
    *({point: "421 4.3.2 shutting down"} for point in ("connect", "EHLO", "MAIL", "RCPT", "DATA", "dot")),
    *({point: "451 4.3.0 not now"} for point in ("connect", "MAIL", "RCPT", "DATA", "dot")),
    *({point: "slow 1"} for point in ("connect", "MAIL", "RCPT", "DATA", "dot")),
    {"body": "drop"},
    {"dot": "after"},
    {"connect": "554 5.3.2 no service"},
    {"MAIL": "550 5.7.1 not this sender"},
    {"RCPT": "554 5.7.1 relay access denied"},
    {"RCPT": "550 relay not permitted"},
    {"RCPT": "550 5.7.60 may not send as this sender"},
    {"DATA": "554 no"},
    {"dot": "554 5.2.252 SendAsDenied"},
    {"dot": "554 5.2.0 submission quota exceeded"},
]


@pytest.mark.parametrize("faults", FAULTS, ids=lambda faults: " ".join(*faults.items()))
def test_whatever_fails_everything_arrives_when_it_is_over(room: PostRoom, faults: Faults) -> None:
    server = FaultySmtp()
    server.always = faults
    with service(room, server) as post:
        post.rounds(timedelta(minutes=1))
        assert post.statuses() == {"pending": 3}
        # One that may have arrived is not tried again before its back-off is over.
        assert len(server.taken) == (3 if faults.get("dot") in ("after", "slow 1") else 0)
        server.always, post.total = {}, 30  # a busy machine may be slower than what was impatient with the faults
        post.now += timedelta(minutes=5)  # the longest back-off of those that were tried meanwhile
        post.rounds(timedelta(minutes=2))
        assert post.statuses() == {"sent": 3}
        assert len(post.copies()) == 3
        assert len({taken.content for taken in server.taken}) == 3  # a second copy is the same
        assert len(server.taken) <= 6
        assert [action for action in post.room.diary.actions if action == "message.sent"] == ["message.sent"] * 3
        assert set(post.room.outcomes().values()) == {"sent"}


class LastOneHangs:
    """A transport whose server is slow to take the third mail."""

    opened = taken = 0

    def open(self) -> "LastOneHangs":
        self.opened += 1
        return self

    def send(self, message: bytes, mail_from: str, rcpt: str, before_data: Callable[[], None]) -> None:
        self.taken += 1
        if self.taken == 3:
            threading.Event().wait(0.3)

    def close(self) -> None:
        pass


def test_while_one_mail_hangs_others_are_looked_for_now_and_then(room: PostRoom) -> None:
    server = LastOneHangs()
    with service(room, FaultySmtp()) as post:
        assert deliver(replace(post.delivery(), connect=server.open), threading.Event()).sent == 3
    assert server.opened <= 2 * post.connections


# --- the way is closed: nothing leaves, one try now and then


@pytest.fixture(scope="session")
def tls(certificate_authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate_authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def login(certificate_authority: trustme.CA, tmp_path: Path) -> MailSettings:
    file = tmp_path / "ca.pem"
    certificate_authority.cert_pem.write_to_path(str(file))
    return replace(BARE, tls="starttls", allow_plaintext=False, username="arshjul", password="ratt", ca_file=str(file))


def test_a_wrong_password_is_tried_once_a_minute_and_then_the_mail_goes(
    room: PostRoom, tls: ssl.SSLContext, login: MailSettings
) -> None:
    server = FaultySmtp(tls, password="other")
    with service(room, server, login) as post:
        post.rounds(timedelta(minutes=5))
        assert 5 <= len(server.logins) <= 6
        assert post.room.diary.actions == ["mail.stopped"]  # once, and at once
        assert "535" in (post.closed() or "")
        assert {m.attempts for m in post.room.messages()} == {0}
        assert b"ratt" not in server.bare
        server.password = "ratt"
        post.rounds(timedelta(minutes=1))
        assert post.statuses() == {"sent": 3}
        assert post.closed() is None
        assert "mail.resumed" in post.room.diary.actions
        assert all(taken.tls for taken in server.taken)


@pytest.mark.parametrize("fault", ["stripped", "refused", "garbage", "certificate"])
def test_without_tls_not_a_byte_of_mail_or_password_leaves(
    room: PostRoom, tls: ssl.SSLContext, login: MailSettings, fault: str
) -> None:
    server = FaultySmtp(None if fault == "stripped" else tls, password="ratt")
    server.always = {"refused": {"STARTTLS": "454 4.7.0 not now"}, "garbage": {"TLS": "garbage"}}.get(fault, {})
    with service(room, server, replace(login, ca_file=None) if fault == "certificate" else login) as post:
        post.rounds(timedelta(minutes=2))
        said = server.bare.upper()
        assert not any(word in said for word in (b"AUTH", b"MAIL", b"RCPT", b"DATA", b"RATT"))
        assert post.statuses() == {"pending": 3}
        assert post.closed()
        assert "mail.stopped" in post.room.diary.actions
        assert server.sessions <= 13  # one a round at most, where it may pass; otherwise one a minute


def test_a_dead_server_is_told_after_a_quarter_of_an_hour(room: PostRoom) -> None:
    with service(room, FaultySmtp()) as post:
        with running(FaultySmtp()) as gone:
            pass
        post.settings, back = replace(post.settings, port=gone.port), post.settings
        post.rounds(timedelta(minutes=14))
        assert (post.closed(), post.room.diary.actions) == (None, [])
        post.rounds(timedelta(minutes=2))
        assert post.closed()
        assert post.room.diary.actions == ["mail.stopped"]
        post.settings = back
        post.rounds(ROUND)
        assert post.statuses() == {"sent": 3}


@pytest.mark.parametrize("faults", [{"MAIL": "drop"}, {"MAIL": "451 4.3.0 later"}, {"RCPT": "421 4.3.2 down"}])
def test_probes_of_a_way_that_stays_closed_count_against_no_mail(room: PostRoom, faults: Faults) -> None:
    server = FaultySmtp()
    server.always = faults
    with service(room, server) as post:
        post.rounds(timedelta(minutes=2))
        assert max(message.attempts for message in post.room.messages()) <= 1
        server.always = {}
        post.rounds(2 * ROUND)
        assert post.statuses() == {"sent": 3}


def test_two_nodes_make_one_probe_between_them(room: PostRoom, tls: ssl.SSLContext, login: MailSettings) -> None:
    server = FaultySmtp(tls, password="other")
    with service(room, server, login) as post:
        other = Service(post.room, server, login)
        for _ in range(30):
            post.round()
            other.round()
            post.now = other.now = post.now + ROUND
        assert len(server.logins) <= 6


def test_cut_off_at_the_login_it_is_tried_once_a_minute(room: PostRoom) -> None:
    server = FaultySmtp(password="r\u00e4tt")
    server.always = {"AUTH": "drop"}
    with service(room, server, replace(BARE, username="arshjul", password="fel")) as post:
        post.rounds(timedelta(seconds=119))
        assert len(server.logins) == 2
        assert post.closed() is not None


# --- one message's own trouble


def test_a_refused_recipient_fails_and_the_others_arrive(room: PostRoom) -> None:
    server = FaultySmtp()
    server.by_recipient = lambda rcpt: "550 5.1.1 no such person" if rcpt.startswith("bo@") else None
    with service(room, server) as post:
        post.round()
        assert post.statuses() == {"sent": 2, "failed": 1}
        assert post.closed() is None


def test_a_mail_that_has_waited_for_weeks_fails_on_the_day_on_which_it_is_refused(room: PostRoom) -> None:
    server = FaultySmtp()
    server.by_recipient = lambda rcpt: "550 5.1.1 no such person" if rcpt.startswith("bo@") else None
    with service(room, server) as post:
        post.now += timedelta(days=30)
        post.round()
        with room.store.reading() as session:
            assert pending_figures(session, post.now).failed == 1


REFUSALS = ("554 5.7.1 relay access denied", "550 relay not permitted", "554 5.2.252 SendAsDenied", "554 5.2.0 quota")


@pytest.mark.parametrize("point", ["RCPT", "dot"])
@pytest.mark.parametrize("refusal", REFUSALS)
@pytest.mark.parametrize("mails", [1, 22])
def test_a_refusal_of_everybody_stops_the_way_and_ends_no_mail(
    room: PostRoom, point: str, refusal: str, mails: int
) -> None:
    server = FaultySmtp()
    server.always = {point: refusal}
    with service(room, server, mails=mails) as post:
        post.rounds(timedelta(minutes=11))
        assert post.statuses() == {"pending": mails}
        assert post.closed() == refusal
        assert post.room.diary.actions == ["mail.stopped"]
        assert server.sessions <= 17  # one a minute once it was clear
        server.always = {}
        post.rounds(timedelta(minutes=2))
        assert post.statuses() == {"sent": mails}
        assert post.room.diary.actions.count("mail.resumed") == 1


def test_a_quota_that_ends_in_the_middle_ends_no_mail(room: PostRoom) -> None:
    server = FaultySmtp()
    with service(room, server, mails=22) as post:
        server.by_recipient = lambda rcpt: "554 5.2.0 quota" if len(server.taken) >= 10 else None
        post.rounds(timedelta(minutes=11))
        assert set(post.statuses()) == {"sent", "pending"}
        assert post.closed() == "554 5.2.0 quota"
        server.by_recipient = lambda rcpt: None
        post.rounds(timedelta(minutes=2))
        assert post.statuses() == {"sent": 22}
        assert set(post.copies().values()) == {1}


def test_one_recipient_who_is_refused_for_a_vague_reason_fails_after_a_minute_and_stops_nobody(room: PostRoom) -> None:
    server = FaultySmtp()
    server.by_recipient = lambda rcpt: "550 5.7.1 not from you" if rcpt.startswith("bo@") else None
    with service(room, server) as post:
        post.ticking = True
        post.round()
        assert post.statuses() == {"sent": 2, "pending": 1}
        assert post.closed() is None
        post.rounds(timedelta(seconds=80))
        assert post.statuses() == {"sent": 2, "failed": 1}
        assert post.closed() is None
        assert "mail.stopped" not in post.room.diary.actions


def test_several_who_are_refused_for_a_vague_reason_fail_once_others_were_served(room: PostRoom) -> None:
    server = FaultySmtp()
    server.by_recipient = lambda rcpt: None if rcpt.startswith("carin@") else "550 5.7.1 not from you"
    with service(room, server) as post:
        post.ticking = True
        post.rounds(timedelta(minutes=4))
        assert post.statuses() == {"sent": 1, "failed": 2}
        assert post.closed() is None


def test_greylisting_is_waited_for(room: PostRoom) -> None:
    server, seen = FaultySmtp(), Counter[str]()

    def greylisted(rcpt: str) -> str | None:
        seen[rcpt] += 1
        return "451 4.7.1 greylisted" if seen[rcpt] == 1 else None

    server.by_recipient = greylisted
    with service(room, server) as post:
        post.round()
        assert post.statuses() == {"pending": 3}
        post.rounds(timedelta(seconds=50))
        assert post.statuses() == {"pending": 3}  # its back-off stands
        post.rounds(timedelta(seconds=30))
        assert post.statuses() == {"sent": 3}


def test_one_that_kills_every_connection_does_not_stop_the_others(room: PostRoom) -> None:
    server = FaultySmtp()
    with service(room, server, mails=12) as post:
        server.next.append({"dot": "drop"})  # the first message goes first, and alone
        post.round()
        assert post.statuses() == {"sent": 11, "pending": 1}


@pytest.mark.parametrize("crowded", [{"connect": "421 too many"}, {"AUTH": "454 later"}, {"AUTH": "drop"}], ids=str)
def test_a_server_that_takes_fewer_connections_gets_all_mail_over_those(room: PostRoom, crowded: Faults) -> None:
    server = FaultySmtp(password="hemlig")
    server.at_once, server.latency, server.crowded = 1, 0.005, crowded
    with service(room, server, replace(BARE, username="post", password="hemlig"), mails=15) as post:
        post.total = 10.0
        post.round()
        assert post.statuses() == {"sent": 15}
        assert server.sessions < 10
        assert post.closed() is None


def test_a_server_that_takes_fewer_connections_and_says_so_at_a_mail_does_not_close_the_way(room: PostRoom) -> None:
    server = FaultySmtp()
    server.at_once, server.latency, server.crowded = 1, 0.005, {"MAIL": "421 4.7.0 too many"}
    with service(room, server, mails=15) as post:
        post.total = 10.0
        assert post.round() == DeliveryResult(sent=12, retried=3)
        post.now += timedelta(minutes=2)
        assert post.round().sent > 0


def test_one_recipient_that_is_asked_to_log_in_does_not_stop_the_others(room: PostRoom) -> None:
    server = FaultySmtp()
    server.by_recipient = lambda rcpt: "530 5.7.1 not authenticated" if rcpt.startswith("anna@") else None
    with service(room, server, mails=12) as post:
        post.round()
        assert post.statuses() == {"sent": 8, "pending": 4}
        assert post.closed() is None


def test_a_server_that_wants_a_new_connection_every_few_mails_gets_one(room: PostRoom) -> None:
    server = FaultySmtp()
    server.per_session = 2
    with service(room, server, mails=12) as post:
        assert post.round().sent == 12
        assert {m.attempts for m in post.room.messages()} == {1}
        assert set(post.copies().values()) == {1}


def test_a_server_without_ehlo_or_any_extension_takes_the_mail(room: PostRoom) -> None:
    server = FaultySmtp()
    server.extensions, server.always = [], {"EHLO": "502 5.5.1 what?"}
    with service(room, server) as post:
        assert post.round().sent == 3


def test_one_stalled_connection_holds_no_other_mail_up(room: PostRoom) -> None:
    server = FaultySmtp()
    server.next.extend([{}, {"dot": "slow 0.3"}])
    with service(room, server, mails=12) as post:
        post.total = 30
        assert post.round().sent == 12
        assert server.sessions <= 4


def test_while_one_hangs_the_others_go_again_when_the_server_is_back(
    room: PostRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, name in (
        (delivering, "SLOW_SECONDS"), (delivering, "LOOK_SECONDS"),
        (route_watch, "SLOW_SECONDS"), (route_watch, "AGAIN_SECONDS"), (route_watch, "CROWDED_SECONDS"),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, 0.02)
    server = FaultySmtp()
    server.next.extend([{}, {"dot": "hold"}])
    server.always = {"connect": "421 4.3.2 restarting"}
    server.per_session = 1
    with service(room, server, mails=12) as post, ThreadPoolExecutor(1) as pool:
        post.total, post.connections = 30, 2
        going = pool.submit(post.round)
        assert server.reached("dot").wait(10)
        until(post.way, "the way is closed")
        assert not going.done()
        server.always, server.per_session = {}, 0
        post.now += timedelta(seconds=30)
        until(lambda: len(server.taken) == 11, "the others have gone")
        assert not going.done()
        server.go_on.set()
        assert going.result(10) == DeliveryResult(sent=12)


def test_the_envelope_says_which_message_it_was(room: PostRoom) -> None:
    with service(room, FaultySmtp(), replace(BARE, envelope="studs+{id}@sjovik.example")) as post:
        post.round()
        assert len(post.server.taken) == 3
        for taken in post.server.taken:
            left = taken.message["Message-ID"].strip("<>").partition("@")[0]
            assert taken.sender == f"studs+{left}@sjovik.example"


def test_a_row_that_cannot_be_handed_over_is_put_aside(room: PostRoom) -> None:
    with service(room, FaultySmtp()) as post:
        with post.room.store.writing() as session:
            session.get_one(Message, 2).to = "bo\r\nDATA@sjovik.example"  # a hand in the database
        post.rounds(timedelta(minutes=25))
        assert post.statuses() == {"sent": 2, "failed": 1}
        assert post.room.messages()[1].attempts == BROKEN_TRIES


# --- how fast


def test_mail_leaves_evenly_at_the_pace_that_is_set() -> None:
    now, waits = [0.0], list[float]()

    class Clock:
        def wait(self, timeout: float | None = None) -> bool:
            waits.append(round(timeout or 0, 3))
            now[0] += timeout or 0
            return False

    pace = RateLimit(60, clock=lambda: now[0])
    assert all(pace.wait(Clock()) for _ in range(4))
    assert waits == [1, 1, 1]
    now[0] += 100
    assert pace.wait(Clock())  # what was not used is not made up for
    assert pace.wait(Clock())
    assert waits == [1, 1, 1, 1]
    assert [RateLimit(n).connections(4) for n in (0, 1, 20, 1000)] == [4, 1, 2, 4]
