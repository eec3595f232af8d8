"""An SMTP server that fails as it is told to: at any point of a dialogue, in any way that servers do.

A fault is an act at a point. Points, in their order: connect EHLO STARTTLS TLS AUTH MAIL RCPT DATA body dot RSET. Acts:

    "451 4.7.1 later"   says that instead (at `dot` the mail is not taken)
    "drop"              cuts the connection instead of answering (at `body`: in the middle of the mail)
    "after"             at `dot`: takes the mail, then cuts the connection instead of saying so
    "hold"              answers when `go_on` is set (at `dot` the mail is taken then)
    "slow 0.3"          answers after so many seconds (at `dot` the mail is taken before)
    "garbage"           says what is no answer
"""

import asyncio
import base64
import contextlib
import random
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage

Faults = dict[str, str]

GARBAGE = b"\xff\x00 so to speak\r\n"
HOLD_SECONDS = 60  # a forgotten `hold` must end the test, not hang it


@dataclass(frozen=True)
class Taken:
    sender: str
    rcpt: str
    content: bytes  # as it came, without the dots of the wire
    at: float  # time.time()
    tls: bool

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.content, policy=policy.default)


class FaultySmtp:
    """A mail server with faults, which a test can set at any time.

    Each fault in `next` applies to one session, before `always` does.
    """

    def __init__(self, tls: ssl.SSLContext | None = None, password: str = "") -> None:
        self.host, self.port = "127.0.0.1", 0
        self.tls = tls  # offered as STARTTLS
        self.password = password  # demanded, if there is one
        self.extensions = ["SIZE 10000000", "8BITMIME", "DSN"]
        self.always: Faults = {}
        self.next: deque[Faults] = deque()
        self.by_recipient: Callable[[str], str | None] = lambda rcpt: None  # the answer to RCPT
        self.latency = 0.0  # seconds before every answer
        self.per_session = 0  # then 421
        self.at_once = 0  # sessions; what befalls more:
        self.crowded: Faults = {"connect": "421 4.7.0 too many connections"}
        self.go_on = threading.Event()
        self.at: dict[str, threading.Event] = {}  # set when a session has come to that point
        self.taken: list[Taken] = []
        self.logins: list[float] = []
        self.sessions, self.open = 0, 0
        self.bare = bytearray()  # all that came in the clear

    @property
    def received(self) -> list[Taken]:
        return self.taken

    def reached(self, point: str) -> threading.Event:
        return self.at.setdefault(point, threading.Event())


class Chance:
    """The faults of one session of the storm."""

    FAULTS: tuple[Faults, ...] = (
        {"connect": "drop"}, {"connect": "421 4.3.2 busy"}, {"EHLO": "drop"}, {"MAIL": "drop"}, {"MAIL": "451 later"},
        {"RCPT": "421 4.3.2 busy"}, {"DATA": "drop"}, {"body": "drop"}, {"dot": "drop"}, {"dot": "after"},
        {"dot": "451 4.3.0 not now"}, {"dot": "slow 0.5"}, {"dot": "garbage"}, {"RCPT": "slow 0.5"},
    )  # fmt: skip

    def __init__(self, seed: int, *more: Faults) -> None:
        self.random = random.Random(seed)
        self.faults = (*self.FAULTS, *more)

    def popleft(self) -> Faults:
        return dict(self.random.choice(self.faults)) if self.random.random() < 0.4 else {}


class _CutError(Exception):
    pass


class _Dialogue:
    """One session."""

    def __init__(self, server: FaultySmtp, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.server, self.reader, self.writer = server, reader, writer
        self.faults = server.next.popleft() if server.next else server.always
        self.encrypted, self.mails = False, 0
        self.sender = self.rcpt = ""

    async def run(self) -> None:
        self.server.sessions += 1
        self.server.open += 1
        if self.server.at_once and self.server.open > self.server.at_once:
            self.faults = self.server.crowded
        try:
            with contextlib.suppress(_CutError, OSError, asyncio.IncompleteReadError):
                await self._converse()
        finally:
            self.server.open -= 1
            self.writer.transport.abort()

    async def _converse(self) -> None:
        await self._answer("connect", "220 faulty ESMTP")
        while line := await self.reader.readline():
            if not self.encrypted:
                self.server.bare += line
            verb, _, rest = line.decode("utf-8", "replace").strip().partition(" ")
            await getattr(self, f"_{verb.lower()}", self._unknown)(rest)

    async def _answer(self, point: str, usually: str) -> bool:
        """Whether what was asked is done."""
        server = self.server
        server.reached(point).set()
        act = self.faults.get(point, "")
        kind, _, value = act.partition(" ")
        if server.latency:
            await asyncio.sleep(server.latency)
        if kind == "slow":
            await asyncio.sleep(float(value))
        elif kind == "hold":
            await asyncio.to_thread(server.go_on.wait, HOLD_SECONDS)
        elif kind in ("drop", "after"):
            raise _CutError
        elif act:
            self.writer.write(GARBAGE if kind == "garbage" else act.encode() + b"\r\n")
            await self.writer.drain()
            if act.startswith("421"):
                raise _CutError
            return False
        self.writer.write(usually.encode() + b"\r\n")
        await self.writer.drain()
        return True

    async def _ehlo(self, _rest: str) -> None:
        said = ["faulty", *self.server.extensions]
        if self.server.tls and not self.encrypted:
            said.append("STARTTLS")
        if self.server.password and (self.encrypted or not self.server.tls):
            said.append("AUTH PLAIN LOGIN")
        lines = [f"250-{word}" for word in said[:-1]] + [f"250 {said[-1]}"]
        await self._answer("EHLO", "\r\n".join(lines))

    async def _helo(self, _rest: str) -> None:
        await self._answer("HELO", "250 faulty")

    async def _starttls(self, _rest: str) -> None:
        if self.server.tls is None:
            await self._unknown("")
        elif await self._answer("STARTTLS", "220 go on"):
            if self.faults.get("TLS"):
                self.writer.write(GARBAGE)
                await self.writer.drain()
                raise _CutError
            await self.writer.start_tls(self.server.tls)
            self.encrypted = True

    async def _auth(self, rest: str) -> None:
        self.server.logins.append(time.time())
        _, _, shown = rest.partition(" ")
        right = base64.b64decode(shown or "").split(b"\0")[-1] == self.server.password.encode()
        await self._answer("AUTH", "235 welcome" if right else "535 5.7.8 no")

    async def _mail(self, rest: str) -> None:
        if self.server.per_session and self.mails >= self.server.per_session:
            self.writer.write(b"421 4.7.0 enough for one session\r\n")
            await self.writer.drain()
            raise _CutError
        self.sender = rest.partition("<")[2].partition(">")[0]
        await self._answer("MAIL", "250 fine")

    async def _rcpt(self, rest: str) -> None:
        self.rcpt = rest.partition("<")[2].partition(">")[0]
        refusal = self.server.by_recipient(self.rcpt)
        if refusal:
            self.writer.write(refusal.encode() + b"\r\n")
            await self.writer.drain()
        else:
            await self._answer("RCPT", "250 fine")

    async def _data(self, _rest: str) -> None:
        if not await self._answer("DATA", "354 go on"):
            return
        if self.faults.get("body") == "drop":
            await self.reader.readexactly(10)
            self.server.reached("body").set()
            raise _CutError
        wire = await self.reader.readuntil(b"\r\n.\r\n")
        if not self.encrypted:
            self.server.bare += wire
        content = b"\r\n".join(line.removeprefix(b".") for line in wire.removesuffix(b".\r\n").split(b"\r\n"))
        taken = Taken(self.sender, self.rcpt, content, time.time(), self.encrypted)
        act = self.faults.get("dot", "")
        early = act == "after" or act.startswith("slow")
        if early:
            self.server.taken.append(taken)
        if await self._answer("dot", "250 taken"):
            self.mails += 1
            if not early:
                self.server.taken.append(taken)

    async def _rset(self, _rest: str) -> None:
        await self._answer("RSET", "250 fine")

    async def _quit(self, _rest: str) -> None:
        await self._answer("QUIT", "221 bye")
        raise _CutError

    async def _unknown(self, _rest: str) -> None:
        await self._answer("unknown", "502 what?")


@contextmanager
def running(server: FaultySmtp, port: int = 0) -> Iterator[FaultySmtp]:
    """It listens, on a port of its own unless told."""
    loop = asyncio.new_event_loop()

    async def session(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _Dialogue(server, reader, writer).run()

    listening = loop.run_until_complete(asyncio.start_server(session, server.host, port, limit=2**24))
    server.port = listening.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, name="faulty-smtp", daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.go_on.set()
        asyncio.run_coroutine_threadsafe(_stop(listening), loop).result(timeout=20)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=10)
        loop.close()


async def _stop(listening: asyncio.Server) -> None:
    listening.close()
    loop = asyncio.get_running_loop()
    others = asyncio.all_tasks(loop) - {asyncio.current_task(loop)}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await asyncio.sleep(0.01)  # or the loop ends before the sockets are closed
    await loop.shutdown_default_executor()
