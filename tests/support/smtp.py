"""A real SMTP server on loopback that keeps what it is given and misbehaves when told to."""

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Literal

from aiosmtpd.smtp import SMTP, Envelope, Session

HOLD_SECONDS = 30  # a forgotten `hold` must end the test, not hang it


@dataclass(frozen=True)
class Received:
    sender: str
    recipients: tuple[str, ...]
    content: bytes  # as it came over the wire, CRLF
    tls: bool

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.content, policy=policy.default)


class SmtpSink:
    """
    What a test may set, at any time:

    refuse        recipient -> answer, "550 5.1.1 unknown" or "451 4.7.1 greylisted, come back"
    data_answer   the answer after the message; anything but 2xx and it is not kept
    drop          "before": the connection is cut at DATA, nothing was taken;
                  "after": the message is kept, but the connection is cut before the sender is told
    hold          the answer after the message waits for this event; `arrived` is set meanwhile
    """

    def __init__(self) -> None:
        self.host = "127.0.0.1"
        self.port = 0
        self.received: list[Received] = []
        self.connections = 0
        self.refuse: dict[str, str] = {}
        self.data_answer = "250 2.0.0 OK"
        self.drop: Literal["before", "after"] | None = None
        self.hold: threading.Event | None = None
        self.arrived = threading.Event()

    @property
    def messages(self) -> list[EmailMessage]:
        return [received.message for received in self.received]

    # aiosmtpd finds these by name.

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.original_content or b""
        received = Received(envelope.mail_from or "", tuple(envelope.rcpt_tos), content, session.ssl is not None)
        self.arrived.set()
        if self.hold:
            await asyncio.to_thread(self.hold.wait, HOLD_SECONDS)
        if not self.data_answer.startswith("2"):
            return self.data_answer
        self.received.append(received)
        if self.drop == "after":
            cut(server)
        return self.data_answer


class SinkProtocol(SMTP):
    def __init__(self, sink: SmtpSink, tls: ssl.SSLContext | None) -> None:
        # A given hostname: the default asks the resolver, which can take seconds.
        super().__init__(sink, hostname="localhost", enable_SMTPUTF8=True, tls_context=tls)
        self._sink = sink

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._sink.connections += 1
        super().connection_made(transport)

    async def smtp_DATA(self, arg: str) -> None:
        if self._sink.drop == "before":
            cut(self)
            return
        await super().smtp_DATA(arg)


def cut(server: SMTP) -> None:
    if isinstance(server.transport, asyncio.WriteTransport):
        server.transport.abort()


@contextmanager
def running(tls: ssl.SSLContext | None = None) -> Iterator[SmtpSink]:
    """A sink that listens; with `tls` it offers STARTTLS."""
    sink = SmtpSink()
    loop = asyncio.new_event_loop()
    # Not aiosmtpd's Controller: it cannot take port 0.
    server = loop.run_until_complete(loop.create_server(lambda: SinkProtocol(sink, tls), sink.host, 0))
    sink.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, name="smtp-sink", daemon=True)
    thread.start()
    try:
        yield sink
    finally:
        if sink.hold:
            sink.hold.set()
        asyncio.run_coroutine_threadsafe(stop(server), loop).result(timeout=10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=10)
        loop.close()


async def stop(server: asyncio.Server) -> None:
    server.close()
    loop = asyncio.get_running_loop()
    others = asyncio.all_tasks(loop) - {asyncio.current_task(loop)}
    for task in others:
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.gather(*others, return_exceptions=True)
    await loop.shutdown_default_executor()
