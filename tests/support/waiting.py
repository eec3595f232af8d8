"""Homes in which mails wait to be delivered, and what must hold when they are."""

import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import pytest

from tests.support.installed import Arshjul, at

SENDER = "arshjul@vanersborg.example"


@dataclass(frozen=True)
class Seed:
    """A home whose mails were all made while mail was off. `database`: of PostgreSQL, its name."""

    home: Path
    mails: tuple[int, ...]
    database: str | None = None


def sow(home: Arshjul) -> tuple[int, ...]:
    """A year of mails to everybody, made while mail was off, so that they lie there and wait. Returns their ids.

    The year is over and its time is the practice's own, for the real clock makes nobody wait ten minutes for a mail.
    """
    home.environment["ARSHJUL_MAIL__MODE"] = "off"
    home.done("init", "--practice", "--email", "admin@vanersborg.example", now=at("2024-11-04", "08:00"))
    home.done("open", "2026", "--actor", "admin", now=at("2024-11-04"))
    decision = ("--body", "ks", "--date", "2024-11-06", "--paragraph", "201", "--diary", "KS 2024/300")
    home.done(
        "advance",
        "2026/tidsplan",
        "decide",
        "--actor",
        "admin",
        *decision,
        "--outcome",
        "adopted",
        now=at("2024-11-07"),
    )
    for day in ("2025-01-07", "2025-03-24", "2025-03-28", "2025-04-24", "2025-09-03", "2025-09-25", "2025-12-30"):
        home.done("tick", now=at(day))
    # From here on it is no practice, which no command can make of it: only a real home mails over SMTP, and only a
    # practice home has lived through a year by now. Nor does its year go on: these tests are about the mail. It has
    # ticked never, or the weekly mail would be due in its first tick on most hours of the week, and among the others.
    # It is new, or it would lack a backup.
    new = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f}"
    home.change("UPDATE home SET practice = ?, last_tick = NULL, created_at = ?", False, new)
    home.change("UPDATE plan SET wake_at = NULL")
    # A mail is judged when it leaves, and a year later a reminder is over, where a turn lasts as long as its state.
    # These tests are about the delivery of mails that are still true.
    home.change("UPDATE notice SET rule = 'your_turn' WHERE plan_id IS NOT NULL")
    # Those that a test does not let go are nobody's to send, or `status` would ask for it.
    home.change("UPDATE notice SET because = 'withheld_by_hand' WHERE outcome = 'withheld'")
    del home.environment["ARSHJUL_MAIL__MODE"]
    home.settings(mode="smtp", host="127.0.0.1", tls="plain", allow_plaintext=True, sender=SENDER)
    others = "SELECT message_id FROM notice WHERE plan_id IS NULL AND message_id IS NOT NULL"  # the week's log
    query = f"SELECT id FROM message WHERE status = 'withheld' AND id NOT IN ({others}) ORDER BY id"
    return tuple(id for (id,) in home.rows(query))


class Mail(Protocol):
    @property
    def content(self) -> bytes: ...

    @property
    def message(self) -> EmailMessage: ...


class Sink(Protocol):
    """A mail server of the tests."""

    port: int

    @property
    def received(self) -> Sequence[Mail]: ...


S = TypeVar("S", bound=Sink)


class Waiting(Arshjul, Generic[S]):
    """A home in which `waiting` mails can leave at any moment, and its server."""

    waiting: tuple[str, ...]
    seed: Seed
    sink: S

    def let_go(self, count: int) -> None:
        """Mails that were made while mail was off may leave.

        The rows are changed, because a command of each test would take a second.
        """
        these = ", ".join(map(str, self.seed.mails[:count]))
        pending = "status = 'pending', next_attempt = created_at, error = ''"
        self.change(f"UPDATE message SET {pending} WHERE id IN ({these})")
        self.change(f"UPDATE notice SET outcome = 'planned', because = '' WHERE message_id IN ({these})")
        rows = self.rows("SELECT message_id FROM message WHERE status = 'pending' ORDER BY id")
        self.waiting = tuple(id for (id,) in rows)
        assert len(self.waiting) == count

    def statuses(self) -> Counter[str]:
        """Of the mails that the test let go."""
        return Counter(
            status for id, status in self.rows("SELECT message_id, status FROM message") if id in self.waiting
        )

    def all_sent(self) -> bool:
        """And nothing else is on its way: from the sending hour on the administrators' weekly mail leaves too."""
        others = self.rows("SELECT id FROM message WHERE status IN ('pending', 'sending')")
        return self.statuses() == {"sent": len(self.waiting)} and not others

    def copies(self) -> list[int]:
        """How often each of the mails that the test let go has come."""
        return sorted(len(copies) for id, copies in self.received().items() if id in self.waiting)

    def received(self) -> dict[str, list[bytes]]:
        """By Message-ID, every copy that the server has said yes to."""
        found: dict[str, list[bytes]] = {}
        for received in self.sink.received:
            found.setdefault(str(received.message["Message-ID"]).strip("<>"), []).append(received.content)
        return found


@contextmanager
def waiting_home(kind: str, request: pytest.FixtureRequest, folder: Path, sink: S) -> Iterator[Waiting[S]]:
    seed: Seed = request.getfixturevalue(f"seed_on_{kind}")
    shutil.copytree(seed.home, folder / "home")
    server, name = None, ""
    if seed.database:
        server = request.getfixturevalue("postgres_server")
        name = server.new_database(template=seed.database)
    made: Waiting[S] = Waiting(folder / "home", server.url(name) if server else None)
    made.seed, made.sink = seed, sink
    made.settings(port=sink.port)
    yield made
    if server:
        server.drop(name)


def beside(home: Arshjul, folder: Path) -> Arshjul:
    """Another home with the same database: another machine."""
    shutil.copytree(home.home, folder)
    return Arshjul(folder, home.database)


def forward(home: Arshjul) -> None:
    """Back-offs and the claims of the dead are over at once: minutes are not what these are about."""
    home.change("UPDATE message SET next_attempt = created_at, lease_until = created_at WHERE status <> 'sent'")


# ---- what holds at the end of every test ------------------------------------------------------------------------


def agree(home: Waiting[Any]) -> None:
    """Nothing lost, nothing twice but as the same bytes under the same Message-ID, and the log says just that."""
    received = home.received()
    assert set(home.waiting) <= set(received)  # the administrators' weekly mail may be among them
    for id, copies in received.items():
        assert len(set(copies)) == 1, f"{id} came in {len(set(copies))} versions"
        (body,) = home.rows("SELECT body FROM message WHERE message_id = ?", id)
        assert copies[0] == bytes(body[0])
    claimed = Counter(entry["data"]["message_id"] for entry in home.log("message.sent"))
    assert claimed == Counter(received.keys())
    assert settled(home) == {"sent"}
    assert home.done("log", "verify")["ok"] is True


def settled(home: Waiting[Any]) -> set[str]:
    """The outcomes of the notices in the released mails."""
    query = "SELECT message.message_id, notice.outcome FROM notice JOIN message ON notice.message_id = message.id"
    return {outcome for id, outcome in home.rows(query) if id in home.waiting}


def account(home: Waiting[Any]) -> dict[str, int]:
    """The checker's figures: all but the first two must be 0."""
    received = home.received()
    claimed = Counter(entry["data"]["message_id"] for entry in home.log("message.sent"))
    return {
        "mails": len(home.waiting),
        "sent again, the same": sum(len(copies) - 1 for copies in received.values()),
        "lost": len(set(home.waiting) - set(received)),
        "sent again, but changed": sum(len(set(copies)) - 1 for copies in received.values()),
        "received and not claimed": len(set(received) - set(claimed)),
        "claimed and not received": len(set(claimed) - set(received)),
        "claimed twice": sum(times - 1 for times in claimed.values()),
    }
