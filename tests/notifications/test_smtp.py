"""Delivery over SMTP, against a real server on loopback and against ones that misbehave."""

import asyncio
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
import trustme
from aiosmtpd.smtp import SMTP, AuthResult

from notifications.delivery import smtp as ours
from notifications.delivery.smtp import SmtpTransport
from notifications.delivery.transport import TransportError
from notifications.mail_settings import MailSettings
from tests.support.faulty_smtp import FaultySmtp, running
from tests.support.smtp import SmtpSink

FROM, TO = "arshjul@sjovik.example", "anna@sjovik.example"
MAIL = b"From: a@x.example\r\nMessage-ID: <1@x.example>\r\nSubject: x\r\n\r\n.Hej\r\n" + b"rad\r\n" * 100
BARE = MailSettings(host="127.0.0.1", tls="none", allow_plaintext=True)


@pytest.fixture
def trusting(certificate_authority: trustme.CA, tmp_path: Path) -> MailSettings:
    """Settings that trust our authority and want STARTTLS."""
    file = tmp_path / "ca.pem"
    certificate_authority.cert_pem.write_to_path(str(file))
    return MailSettings(host="127.0.0.1", ca_file=str(file))


@contextmanager
def to(settings: MailSettings, port: int, **more: object) -> Iterator[SmtpTransport]:
    transport = SmtpTransport(replace(settings, port=port), **more)  # type: ignore[arg-type]
    try:
        yield transport
    finally:
        transport.close()


def refusal(transport: SmtpTransport, rcpt: str = TO) -> TransportError:
    with pytest.raises(TransportError) as caught:
        transport.send(MAIL, FROM, rcpt)
    return caught.value


@pytest.mark.parametrize(("tls", "port"), [("starttls", 587), ("tls", 465), ("none", 25)])
def test_without_a_port_the_one_of_the_encryption_is_called(tls: Literal["starttls", "tls", "none"], port: int) -> None:
    transport = SmtpTransport(MailSettings(host="127.0.0.87", tls=tls, allow_plaintext=True))  # nobody listens there
    assert f"'127.0.0.87', {port}" in str(refusal(transport))
    transport.close()


@contextmanager
def server(protocol: Callable[[], asyncio.Protocol], context: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server of these protocols on a port of its own."""
    loop, made = asyncio.new_event_loop(), []

    def make() -> asyncio.Protocol:
        made.append(protocol())
        return made[-1]

    running = loop.run_until_complete(loop.create_server(make, "127.0.0.1", 0, ssl=context))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield running.sockets[0].getsockname()[1]
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    running.close()
    loop.run_until_complete(hang_up(made))
    loop.close()


async def hang_up(made: list[asyncio.Protocol]) -> None:
    for each in made:
        transport = getattr(each, "transport", None)
        if isinstance(transport, asyncio.WriteTransport):
            with suppress(AttributeError):  # Python 3.11.2 raises it for a TLS connection that is gone already
                transport.abort()
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.sleep(0.01)


class Scripted(asyncio.Protocol):
    """Answers each command by its first word, and keeps all that it is sent."""

    def __init__(self, answers: dict[str, str], heard: bytearray) -> None:
        self.answers, self.heard = answers, heard

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.say("connect", "220 hello")

    def data_received(self, data: bytes) -> None:
        self.heard.extend(data)
        verb = data.split()[0].decode("ascii", "replace").upper() if data.split() else ""
        self.say(verb, {"EHLO": "250 hello", "DATA": "354 go on", "QUIT": "221 bye"}.get(verb, "250 fine"))

    def say(self, verb: str, usually: str) -> None:
        answer = self.answers.get(verb, usually)
        if answer == "drop":
            self.transport.abort()
        elif answer:
            self.transport.write(answer.encode("latin-1") + b"\r\n")


@contextmanager
def scripted(**answers: str) -> Iterator[tuple[int, bytearray]]:
    heard = bytearray()
    with server(lambda: Scripted(answers, heard)) as port:
        yield port, heard


# --- it works


def test_what_is_stopped_at_the_last_look_is_not_handed_over_and_the_next_one_is(smtp_sink: SmtpSink) -> None:
    def taken_over() -> None:
        raise TransportError("somebody else has it", "route_closed")

    with to(BARE, smtp_sink.port) as transport:
        for _ in range(2):
            with pytest.raises(TransportError, match="somebody else"):
                transport.send(MAIL, FROM, TO, taken_over)
        transport.send(MAIL, FROM, TO)
    assert len(smtp_sink.received) == 1


def test_the_bytes_arrive_as_they_are_under_tls(trusting: MailSettings, smtp_tls_sink: SmtpSink) -> None:
    with to(trusting, smtp_tls_sink.port) as transport:
        transport.send(MAIL, FROM, TO)
    [received] = smtp_tls_sink.received
    assert (received.sender, received.recipients, received.tls) == (FROM, (TO,), True)
    assert received.content == MAIL


def test_several_messages_go_over_one_connection(trusting: MailSettings, smtp_tls_sink: SmtpSink) -> None:
    with to(trusting, smtp_tls_sink.port) as transport:
        transport.send(MAIL, FROM, TO)
        one = smtp_tls_sink.connections  # STARTTLS makes the sink count it twice
        for _ in range(3):
            transport.send(MAIL, FROM, TO)
        assert smtp_tls_sink.connections == one
    with to(trusting, smtp_tls_sink.port) as transport:
        transport.send(MAIL, FROM, TO)
    assert smtp_tls_sink.connections == 2 * one
    assert len(smtp_tls_sink.received) == 5


def test_a_connection_is_renewed_after_so_many(smtp_sink: SmtpSink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ours, "PER_CONNECTION", 2)
    with to(BARE, smtp_sink.port) as transport:
        for _ in range(5):
            transport.send(MAIL, FROM, TO)
    assert smtp_sink.connections == 3


def test_tls_from_the_first_byte(trusting: MailSettings, certificate_authority: trustme.CA) -> None:
    sink = SmtpSink()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate_authority.issue_cert("127.0.0.1").configure_cert(context)
    with (
        server(lambda: SMTP(sink, hostname="x"), context) as port,
        to(replace(trusting, tls="tls"), port) as transport,
    ):
        transport.send(MAIL, FROM, TO)
    assert len(sink.received) == 1


def test_the_server_is_asked_to_tell_of_failures_where_it_can() -> None:
    with scripted(EHLO="250-hello\r\n250-SIZE 1000000\r\n250 DSN") as (port, heard), to(BARE, port) as transport:
        transport.send(MAIL, FROM, TO)
    assert f"MAIL FROM:<{FROM}> SIZE={len(MAIL)} RET=HDRS\r\n".encode() in heard
    assert f"RCPT TO:<{TO}> NOTIFY=FAILURE,DELAY\r\n".encode() in heard
    assert heard.startswith(b"EHLO localhost.localdomain\r\n")


# --- nothing leaves in the clear


def test_a_stripped_starttls_stops_the_queue_and_not_a_byte_leaves() -> None:
    settings = MailSettings(host="127.0.0.1", username="arshjul", password="hemligt")
    with scripted(EHLO="250-hello\r\n250 AUTH PLAIN LOGIN") as (port, heard), to(settings, port) as transport:
        error = refusal(transport)
    assert error.kind == "route_closed"
    assert "STARTTLS" in error.text
    assert heard == b"EHLO localhost.localdomain\r\n"


def test_a_certificate_of_another_authority_stops_the_queue(smtp_tls_sink: SmtpSink) -> None:
    with to(MailSettings(host="127.0.0.1"), smtp_tls_sink.port) as transport:
        error = refusal(transport)
    assert error.kind == "route_closed"
    assert "certificate" in error.text
    assert smtp_tls_sink.received == []


def test_a_certificate_for_another_name_stops_the_queue(
    trusting: MailSettings, certificate_authority: trustme.CA
) -> None:
    sink = SmtpSink()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate_authority.issue_cert("elsewhere.example").configure_cert(context)
    for settings, at_once in ((trusting, None), (replace(trusting, tls="tls"), context)):
        factory = lambda: SMTP(sink, hostname="x", tls_context=None if at_once else context)  # noqa: B023, E731
        with server(factory, at_once) as port, to(settings, port) as transport:
            error = refusal(transport)
        assert error.kind == "route_closed"
    assert sink.received == []


class Mute(asyncio.Protocol):
    """Cuts whoever says a word: so does a server at the handshake of a TLS that it does not know."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, _data: bytes) -> None:
        assert isinstance(self.transport, asyncio.WriteTransport)
        self.transport.abort()


def test_cut_off_in_the_handshake_somebody_has_to_mend_it(trusting: MailSettings) -> None:
    with server(Mute) as port, to(replace(trusting, tls="tls"), port) as transport:
        error = refusal(transport)
    assert (error.kind, error.transient) == ("route_closed", False)
    assert error.text.endswith(": ConnectionResetError")
    with to(replace(trusting, tls="tls"), port) as transport:
        assert refusal(transport).transient  # nobody listens: no handshake


# --- login


class Porter:
    """Knows one password; keeps what it was shown."""

    def __init__(self) -> None:
        self.shown: list[object] = []

    def __call__(self, server: object, session: object, envelope: object, mechanism: str, data: object) -> AuthResult:
        self.shown.append(data)
        return AuthResult(success=getattr(data, "password", b"") == b"ratt", handled=False)


@contextmanager
def guarded(authority: trustme.CA, sink: SmtpSink) -> Iterator[int]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)

    def protocol() -> SMTP:
        return SMTP(sink, hostname="x", tls_context=context, authenticator=Porter(), auth_required=True)

    with server(protocol) as port:
        yield port


def test_the_right_password_is_let_in(trusting: MailSettings, certificate_authority: trustme.CA) -> None:
    sink = SmtpSink()
    settings = replace(trusting, username="arshjul", password="ratt")
    with guarded(certificate_authority, sink) as port, to(settings, port) as transport:
        transport.send(MAIL, FROM, TO)
    assert len(sink.received) == 1


@pytest.mark.parametrize("login", [("arshjul", "fel"), ("", "")])
def test_a_wrong_or_missing_login_stops_the_queue(
    trusting: MailSettings, certificate_authority: trustme.CA, login: tuple[str, str]
) -> None:
    settings = replace(trusting, username=login[0], password=login[1])
    sink = SmtpSink()
    with guarded(certificate_authority, sink) as port, to(settings, port) as transport:
        error = refusal(transport)
    assert (error.kind, error.code) == ("route_closed", 535 if login[0] else 530)
    assert "fel" not in error.text.split()


@pytest.mark.parametrize("answer", ["drop", "421 4.7.0 too many tries"])
def test_cut_off_at_the_login_is_not_the_connections_trouble(answer: str) -> None:
    settings = replace(BARE, username="arshjul", password="fel")
    offered = "250-hello\r\n250 AUTH PLAIN"
    with scripted(EHLO=offered, AUTH=answer) as (port, _), to(settings, port) as transport:
        error = refusal(transport)
    assert (error.kind, error.transient) == ("route_closed", False)


# --- answers of the server


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        ("550 5.1.1 unknown", "refused", 550),
        ("451 4.7.1 greylisted, come back", "later", 451),
        ("421 closing", "later", 421),
    ],
)
def test_a_refused_recipient_is_refused_or_later(smtp_sink: SmtpSink, answer: str, kind: str, code: int) -> None:
    smtp_sink.refuse[TO] = answer
    with to(BARE, smtp_sink.port) as transport:
        error = refusal(transport)
        assert (error.kind, error.code, error.text) == (kind, code, answer)
        transport.send(MAIL, FROM, "bo@sjovik.example")
    assert [r.recipients for r in smtp_sink.received] == [("bo@sjovik.example",)]


@pytest.mark.parametrize(("answer", "kind"), [("554 5.6.0 no", "refused"), ("452 4.3.1 full", "later")])
def test_a_refused_message_is_refused_or_later(smtp_sink: SmtpSink, answer: str, kind: str) -> None:
    smtp_sink.data_answer = answer
    with to(BARE, smtp_sink.port) as transport:
        assert refusal(transport).kind == kind


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        ({"connect": "421 too busy"}, "route_closed"),
        ({"connect": "554 go away"}, "route_closed"),
        ({"connect": "drop"}, "route_closed"),
        ({"connect": "what?"}, "route_closed"),
        ({"EHLO": "drop"}, "route_closed"),
        ({"MAIL": "550 5.7.1 not this sender"}, "route_closed"),
        ({"MAIL": "451 later"}, "later"),
        ({"MAIL": "drop"}, "later"),
        ({"MAIL": "530 5.7.0 login first"}, "route_closed"),
        ({"RCPT": "530 5.7.0 login first"}, "later"),
        ({"RCPT": "535 5.7.8 not this one"}, "later"),
        ({"RCPT": "nonsense"}, "later"),
        ({"DATA": "drop"}, "later"),
        ({"DATA": "451 not now"}, "later"),
        ({"DATA": "554 never"}, "doubtful"),
        ({"RCPT": "554 5.7.1 relay access denied"}, "doubtful"),
        ({"RCPT": "550 relay not permitted"}, "doubtful"),
        ({"RCPT": "550 5.7.60 may not send as this sender"}, "route_closed"),
        ({"RCPT": "550-5.1.1 unknown\r\n550 5.1.1 ask the postmaster"}, "refused"),
        ({"RCPT": "550 5.1.11 new"}, "doubtful"),
        ({"RCPT": "552 5.2.2 mailbox full"}, "refused"),
        ({"RCPT": "552 5.2.0 quota"}, "doubtful"),
        ({"MAIL": "552 5.3.4 too big"}, "refused"),
        ({"DATA": "554 5.2.252 SendAsDenied; arshjul@sjovik.example not allowed"}, "route_closed"),
        ({"DATA": "550 5.4.5 daily sending quota exceeded"}, "route_closed"),
        ({"FROM:": "drop"}, "later"),
    ],
)
def test_whatever_the_server_says_has_a_meaning(answers: dict[str, str], kind: str) -> None:
    with scripted(**answers) as (port, _heard), to(BARE, port) as transport:
        assert refusal(transport).kind == kind


@pytest.mark.parametrize("said", [b"451 4.0.0 \xff\xfe nej", b"554 a\x00b\x1b[2J", b"\xff\x00 so to speak"])
def test_bytes_that_are_no_text_are_said_as_text_that_every_database_keeps(said: bytes) -> None:
    with scripted(RCPT=said.decode("latin-1")) as (port, _), to(BARE, port) as transport:
        text = refusal(transport).text
    assert text.isprintable()
    assert text.encode()


def test_nobody_listens() -> None:
    with scripted() as (port, _):
        pass
    with to(BARE, port) as transport:
        assert refusal(transport).kind == "route_closed"


@pytest.mark.parametrize("drop", ["before", "after"])
def test_a_connection_cut_around_data_is_tried_again(smtp_sink: SmtpSink, drop: str) -> None:
    smtp_sink.drop = drop  # type: ignore[assignment]
    with to(BARE, smtp_sink.port) as transport:
        assert refusal(transport).kind == "later"
        smtp_sink.drop = None
        transport.send(MAIL, FROM, TO)
    assert len(smtp_sink.received) == (2 if drop == "after" else 1)


def test_a_connection_that_the_server_closed_meanwhile_is_opened_again() -> None:
    with scripted(RSET="drop") as (port, heard), to(BARE, port) as transport:
        transport.send(MAIL, FROM, TO)
        transport.send(MAIL, FROM, TO)
        assert heard.count(b"EHLO") == 1  # used a moment ago: not asked
        transport._clock = lambda: time.monotonic() + ours.IDLE_SECONDS
        transport.send(MAIL, FROM, TO)
    assert heard.count(b"EHLO") == 2


def test_each_mail_knocks_once_where_nobody_is_let_in_any_more() -> None:
    server = FaultySmtp()
    with running(server), to(BARE, server.port) as transport:
        transport.send(MAIL, FROM, TO)
        server.per_session, server.always = 1, {"connect": "drop"}
        assert refusal(transport).transient  # cut off where it was let in before, it was tried anew
        assert refusal(transport).transient
        assert server.sessions == 3


# --- time


@pytest.mark.parametrize(
    ("silent", "kind", "seconds"),
    [
        ("connect", "route_closed", 0.3),
        ("EHLO", "route_closed", 0.3),
        ("RCPT", "later", 1.5),
    ],
)
def test_a_server_that_falls_silent_is_given_up(silent: str, kind: str, seconds: float) -> None:
    with scripted(**{silent: ""}) as (port, _), to(BARE, port, total_seconds=seconds) as transport:
        start = time.monotonic()
        assert refusal(transport).kind == kind
        assert time.monotonic() - start < 3


def test_the_time_is_for_the_whole_dialogue_not_for_each_command(smtp_sink: SmtpSink) -> None:
    smtp_sink.hold = threading.Event()
    with to(BARE, smtp_sink.port, total_seconds=1.5) as transport:
        assert refusal(transport).kind == "later"
        assert smtp_sink.arrived.is_set()


def test_told_to_stop_a_slow_dialogue_is_cut_short(smtp_sink: SmtpSink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ours, "GRACE_SECONDS", 0.3)
    stop, smtp_sink.hold = threading.Event(), threading.Event()
    timer = threading.Timer(0.2, stop.set)
    timer.start()
    start = time.monotonic()
    with to(BARE, smtp_sink.port, stop=stop) as transport:
        assert refusal(transport).kind == "route_closed"
    assert time.monotonic() - start < 3
    timer.join()


def test_told_to_stop_the_mail_in_hand_still_gets_its_grace(smtp_sink: SmtpSink) -> None:
    stop, smtp_sink.hold = threading.Event(), threading.Event()
    release = threading.Timer(0.4, smtp_sink.hold.set)
    release.start()
    stop.set()
    with to(BARE, smtp_sink.port, stop=stop) as transport:
        transport.send(MAIL, FROM, TO)
    assert len(smtp_sink.received) == 1
    release.join()
