"""Sends mail over SMTP. The only file that knows aiosmtplib.

Nothing is sent before TLS is established and the certificate checked, unless the settings explicitly allow plaintext
to a server on this machine. Each message has one recipient: with several, aiosmtplib raises no error if the server
refuses only some of them.
"""

import asyncio
import contextlib
import re
import ssl
import time
from collections.abc import Callable, Coroutine
from threading import Event
from typing import Any

from aiosmtplib import (
    SMTP,
    SMTPConnectError,
    SMTPConnectResponseError,
    SMTPException,
    SMTPHeloError,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

from notifications.delivery.transport import Kind, TransportError, no_check
from notifications.mail_settings import MailSettings

DEFAULT_PORTS = {"starttls": 587, "tls": 465, "none": 25}
COMMAND_SECONDS = 60.0
# RFC 5321, 4.5.3.2.6: if the client gives up before the server has answered, the message may be delivered twice.
FINAL_DOT_SECONDS = 600.0
TOTAL_SECONDS = 900.0  # for a whole dialogue: aiosmtplib's timeouts are for single commands
GRACE_SECONDS = 2.0  # for finishing the current message after a request to stop; the process must end within five
POLL_SECONDS = 0.1
IDLE_SECONDS = 5.0  # an older connection is tested before it is used
PER_CONNECTION = 50  # many servers cut a connection after a hundred mails
GOING_AWAY, TOO_BIG = 421, 552
GARBAGE = -1  # aiosmtplib's code for an invalid answer
NEEDS_LOGIN = frozenset({530, 534, 535, 538})  # our login or our TLS is wrong; no recipient can be reached
# The status of RFC 3463 at the beginning of an answer ("5.1.1 no such user"), without its class 5. Some servers give
# no status.
_STATUS = re.compile(r"5\.(\d{1,3}\.\d{1,3})(?!\S)")
# These statuses concern the recipient's mailbox, or this message.
ABOUT_ONE = frozenset({"1.1", "1.2", "1.3", "1.6", "1.10", "2.1", "2.2", "2.3", "3.4"})
ABOUT_CONTENT = "6."
# These concern our sender address, login, quota or server, and so all recipients. Some servers give them only at RCPT
# or after DATA.
ABOUT_US = frozenset({
    "1.7", "1.8", "1.90", "2.252", "3.2", "3.5", "4.5", "7.3", "7.8", "7.9", "7.11", "7.13", "7.14", "7.57", "7.60",
    "7.64", "7.705", "7.708", "7.750",
})  # fmt: skip


class SmtpTransport:
    """Delivers messages to the server of the settings. The connection is kept from one message to the next.

    Use it from one thread at a time, and close it after each round. When `stop` is set, the current message has
    GRACE_SECONDS to be finished; after that it is given up.
    """

    def __init__(
        self, settings: MailSettings, stop: Event | None = None, *, total_seconds: float = TOTAL_SECONDS
    ) -> None:
        self._settings = settings
        self._stop = stop or Event()
        self._total = total_seconds
        self._runner: asyncio.Runner | None = None
        self._client: SMTP | None = None
        self._tls: ssl.SSLContext | None = None
        self._sent_here = 0  # messages over this connection
        self._last_used = 0.0
        # About the current message:
        self._greeted = False  # the connection is established, with TLS and login
        self._proving = False  # TLS or login is in progress; a person must correct the cause of a failure
        self._used = False  # other messages were sent over the connection before
        self._before_data = no_check
        self._handed_over = False  # the server may have received the message

    _clock = staticmethod(time.monotonic)

    def send(self, message: bytes, mail_from: str, rcpt: str, before_data: Callable[[], None] = no_check) -> None:
        if self._runner is None:
            self._runner = asyncio.Runner()
        self._before_data = before_data
        self._runner.run(self._until_stopped(self._deliver(message, mail_from, rcpt)))

    def close(self) -> None:
        if self._runner is None:
            return
        try:
            self._runner.run(self._quit())
        finally:
            self._runner.close()
            self._runner = None

    async def _until_stopped(self, delivery: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(delivery)
        clock = asyncio.get_running_loop().time  # counting polls would be wrong: on a busy machine a poll takes longer
        given_up: float | None = None
        while not task.done():
            await asyncio.wait({task}, timeout=POLL_SECONDS)
            if self._stop.is_set() and given_up is None:
                given_up = clock() + GRACE_SECONDS
            if given_up is not None and clock() > given_up and not task.done():
                task.cancel()
                await asyncio.wait({task})
                self._drop()
                raise TransportError("the program was told to stop", "route_closed", maybe_delivered=self._handed_over)
        task.result()

    async def _deliver(self, message: bytes, mail_from: str, rcpt: str) -> None:
        try:
            async with asyncio.timeout(self._total):
                try:
                    await self._try(message, mail_from, rcpt)
                except TransportError as error:
                    # Many servers close a connection after a number of messages. Then a new connection works.
                    if not (self._used and error.transient):
                        raise
                    await self._try(message, mail_from, rcpt)
        except TimeoutError as error:
            self._drop()
            raise self._meaning(error) from error

    async def _try(self, message: bytes, mail_from: str, rcpt: str) -> None:
        self._greeted = self._proving = self._used = self._handed_over = False
        try:
            client = await self._connection()
            self._greeted, self._used = True, self._sent_here > 0
            await self._dialogue(client, message, mail_from, rcpt)
            self._sent_here += 1
            self._last_used = self._clock()
        except (SMTPException, OSError, ValueError) as error:
            self._drop()
            raise self._meaning(error) from error
        except TransportError:  # from before_data; the server still expects the message, so the connection is useless
            self._drop()
            raise

    async def _dialogue(self, client: SMTP, message: bytes, mail_from: str, rcpt: str) -> None:
        bounces = client.supports_extension("dsn")  # otherwise the server refuses the parameters
        size = [f"SIZE={len(message)}"] if client.supports_extension("size") else []
        await client.mail(mail_from, options=[*size, *(["RET=HDRS"] if bounces else [])])
        await client.rcpt(rcpt, options=["NOTIFY=FAILURE,DELAY"] if bounces else [])
        self._before_data()
        self._handed_over = True
        await client.data(message, timeout=FINAL_DOT_SECONDS)

    def _meaning(self, error: Exception) -> TransportError:
        said = _readable(str(error)) or type(error).__name__
        if said.endswith(":"):  # aiosmtplib quotes the server's answer here, and a lost connection has none
            said = f"{said} {type(error.__cause__).__name__}"
        code = error.code if isinstance(error, SMTPResponseException) else None
        if code is not None:
            said = f"{code} {_readable(str(getattr(error, 'message', '')))}"
        maybe_delivered = self._handed_over and code in (None, GARBAGE)
        transient = not maybe_delivered and not self._proving and _is_transient(error, code)
        return TransportError(
            said, _kind(error, code, self._greeted), code, transient=transient, maybe_delivered=maybe_delivered
        )

    async def _connection(self) -> SMTP:
        if self._client is not None and self._client.is_connected and self._sent_here < PER_CONNECTION:
            if self._clock() - self._last_used < IDLE_SECONDS:
                return self._client  # if the server has closed it, _deliver tries a new one
            with contextlib.suppress(SMTPException, OSError):
                await self._client.rset()
                return self._client
        await self._quit()
        self._client, self._sent_here = self._new_client(), 0
        try:
            await self._client.connect()
        except SMTPConnectError as error:
            self._proving = self._settings.tls == "tls" and _cut_in_handshake(error)
            raise
        await _greet(self._client)
        if self._settings.tls == "starttls":
            self._proving = True
            await self._client.starttls()
            self._proving = False
            await _greet(self._client)
        if self._settings.username:
            # Some servers answer a wrong password by cutting the connection. If that counted as a lost connection, the
            # password would be sent again at once, until the server locks the account.
            self._proving = True
            # Not by the `connect` of aiosmtplib: after a refused login it waits for the server to close the connection.
            await _login(self._client, self._settings.username, self._settings.password)
            self._proving = False
        return self._client

    def _new_client(self) -> SMTP:
        settings = self._settings
        if self._tls is None:
            self._tls = ssl.create_default_context(cafile=settings.ca_file)  # once: it takes 60 ms
            self._tls.minimum_version = ssl.TLSVersion.TLSv1_2
        return SMTP(
            hostname=settings.host.strip("[]"),
            port=settings.port or DEFAULT_PORTS[settings.tls],  # aiosmtplib would take 25, because of start_tls=False
            use_tls=settings.tls == "tls",
            start_tls=False,  # its default sends the password in the clear without STARTTLS; _connection demands it
            tls_context=self._tls,
            local_hostname=settings.domain,  # its default asks the name service, which takes seconds if that is down
            timeout=COMMAND_SECONDS,
        )

    async def _quit(self) -> None:
        client = self._client
        if client is None:
            return
        wire = client.transport
        if client.is_connected and not self._stop.is_set():
            with contextlib.suppress(SMTPException, OSError):
                await client.quit(timeout=5)
        _cut(wire)
        self._drop()
        await asyncio.sleep(0)  # otherwise the loop ends before the socket is closed

    def _drop(self) -> None:
        if self._client is not None:
            _cut(self._client.transport)
            self._client.close()
            self._client = None


def _readable(said: str) -> str:
    """The server's answer on one line, without characters that a database cannot store: it may not be text."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in " ".join(said.split()))


def _cut_in_handshake(error: SMTPConnectError) -> bool:
    """Whether the connection ended during the TLS handshake. An error before that has a number of the system."""
    cause = error.__cause__
    return isinstance(cause, ConnectionError) and not isinstance(cause, SMTPException) and cause.errno is None


def _cut(wire: asyncio.BaseTransport | None) -> None:
    """Close the connection without the TLS farewell, for whose answer asyncio waits up to half a minute."""
    if isinstance(wire, asyncio.WriteTransport):
        with contextlib.suppress(AttributeError):  # Python 3.11.2 raises it for a TLS connection that is gone already
            wire.abort()


async def _greet(client: SMTP) -> None:
    """Send EHLO. aiosmtplib would send it with the first command, but the server's extensions are needed before."""
    if client.is_ehlo_or_helo_needed:
        try:
            await client.ehlo()
        except SMTPHeloError:
            await client.helo()


async def _login(client: SMTP, username: str, password: str) -> None:
    """Log in with one method. The `login` of aiosmtplib tries all of them, so a wrong password counts several times."""
    ways = client.supported_auth_methods
    if not ways:
        raise SMTPException("the server offers no login")
    if "login" in ways and "plain" not in ways:
        await client.auth_login(username, password)
    elif "cram-md5" in ways and "plain" not in ways:
        await client.auth_crammd5(username, password)
    else:
        await client.auth_plain(username, password)


def _kind(error: Exception, code: int | None, connected: bool) -> Kind:
    if not connected:
        return "route_closed"
    if code in NEEDS_LOGIN:
        # A server that requires a login says so before RCPT. If it says so at RCPT, the answer may concern this
        # recipient only, so the route stays open. If it concerns everybody, all messages are tried for five days.
        return "later" if isinstance(error, SMTPRecipientRefused) else "route_closed"
    if isinstance(error, ValueError):
        return "broken"  # aiosmtplib cannot write the message
    said = str(getattr(error, "message", "")).strip()
    if code == TOO_BIG and (isinstance(error, SMTPSenderRefused) or not _STATUS.match(said)):
        return "refused"  # because of the size of this message, even if the server says so at MAIL
    if code is None or code < 500:
        return "later"
    # The sender address is a setting. If the server does not accept it, no message may fail because of it.
    return "route_closed" if isinstance(error, SMTPSenderRefused) else _refusal(said)


def _refusal(said: str) -> Kind:
    """The kind of a refusal at RCPT or after DATA: about the recipient, about us, or unclear ("5.7.1 relay denied")."""
    found = _STATUS.match(said)
    status = found[1] if found else ""
    if status in ABOUT_US:
        return "route_closed"
    return "refused" if status in ABOUT_ONE or status.startswith(ABOUT_CONTENT) else "doubtful"


def _is_transient(error: Exception, code: int | None) -> bool:
    """Whether the error can disappear by itself, so that nobody has to correct anything."""
    if code is not None:
        for_all = isinstance(error, SMTPSenderRefused | SMTPConnectResponseError)
        return code in (GOING_AWAY, GARBAGE) or (code < 500 and for_all)
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return False
        cause = cause.__cause__ or cause.__context__
    return isinstance(error, OSError)  # no connection, a lost connection or a timeout
