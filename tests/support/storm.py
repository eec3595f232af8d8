"""A storm: daemons are killed and frozen, the database and the mail server go down and come back, all at random.

Afterwards a checker counts what was lost, doubled, changed, early, late or malformed, and what happened twice.
"""

import random
import signal
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain, count
from typing import Any

from tests.support.faulty_smtp import Chance, Faults, FaultySmtp, Taken
from tests.support.installed import Arshjul
from tests.support.postgres import Postgres
from tests.support.waiting import Waiting, account

DROPPED: Faults = {"connect": "drop"}
NAMES = ('Åsa "Lill" Öst', "Ek, Bo <bo>", "Ö" * 300, "=?utf-8?q?=0D=0A?= Bcc: x", "Zoë 🙂 Ek")
MANUAL = ("manual", True, 1, "{}", "planned", "")
UNAVAILABLE, CONFLICT = 7, 5  # a command that met a database that is down, or somebody else at work


@dataclass(frozen=True)
class Weather:
    """In seconds. `calm`: at most so long between two troubles of the same thing; `frozen`, `down`: at most so long;
    `lease`: how long a dead daemon's claim lasts, which a freeze may outlast; `latency`: of each answer of the mail
    server, so that there is often a mail in hand; `slow`: of some; `bound`: what has left later than so long after it
    was due, or after the storm, is late."""

    lasts: float
    mails: int
    calm: float
    frozen: float
    down: float
    lease: float
    latency: float
    slow: tuple[float, ...]
    bound: float


@dataclass
class Figures:
    kills: int = 0
    freezes: int = 0
    outlasting: int = 0  # of these, how many were longer than a lease
    restarts: int = 0  # of the database
    outages: int = 0  # of the mail server
    commands: int = 0  # acknowledged
    unknown: int = 0  # commands that met a database that was down
    ended: Counter[int] = field(default_factory=Counter)  # daemons that ended by themselves, by exit code
    drained: float = 0


class Storm:
    """Over the home, and the other homes of its database."""

    def __init__(
        self,
        home: Waiting[FaultySmtp],
        others: Sequence[Arshjul],
        database: Postgres | None,
        weather: Weather,
        seed: int,
    ) -> None:
        self.home, self.others, self.database, self.weather = home, others, database, weather
        self.seed = seed
        self.figures = Figures()
        self.began = 0.0
        self.healed = 0.0
        self.due: dict[str, float] = {}  # by person, time.time()
        self.acknowledged: list[str] = []  # reasons of commands
        self.perhaps: list[str] = []
        self._over = threading.Event()

    def rage(self) -> None:
        """Until it is over, everything is healed, and all mail has left through one daemon: the others stay dead."""
        self._plan()
        troubles: list[Callable[[random.Random], None]] = [
            *(lambda chance, home=home: self._daemon(home, chance) for home in (self.home, *self.others)),
            self._mail_server,
            self._commands,
        ]
        end = threading.Timer(self.weather.lasts, self._over.set)
        end.start()
        with ThreadPoolExecutor(len(troubles)) as pool:
            going = [pool.submit(trouble, random.Random(self.seed + n)) for n, trouble in enumerate(troubles)]
            for one in going:
                one.add_done_callback(lambda done: self._over.set() if done.exception() else None)
            self._database(random.Random(self.seed))  # in this thread: the server dies with the one that started it
        end.cancel()
        for one in going:
            one.result()
        self.healed = time.time()
        # Minutes of back-off are not what this is about. The claims of the dead are: those stand.
        self.home.change("UPDATE message SET next_attempt = created_at WHERE status = 'pending'")
        with self.home.daemon() as daemon:
            daemon.until(self._all_ended, "every notice's end", self.weather.bound + 60)
            self.figures.drained = time.time() - self.healed
            assert daemon.terminate()[0] == 0

    # ---- what is to happen meanwhile

    def _plan(self) -> None:
        """A person and a notice for each mail, due over most of the storm; and plans that have stood still for long."""
        chance, home, weather = random.Random(self.seed), self.home, self.weather
        boards = (
            "SELECT id, address, state, entry, board FROM plan WHERE state = 'open' AND board IS NOT NULL ORDER BY id"
        )
        quiet, *others = home.rows(boards)
        held = next(plan for plan in others if plan[-1] != quiet[-1])
        self.held = held[1]
        self.began = time.time()
        home.change("UPDATE home SET last_tick = ?", instant(home, self.began))  # or it is a long stop, with its brake

        def moment() -> float:
            return self.began + chance.uniform(1, 0.9 * weather.lasts)

        self.due = {f"storm-{number}": moment() for number in range(weather.mails)}
        people = [(who, chance.choice(NAMES), f"{who}@vanersborg.example", "sv") for who in self.due]
        _insert(home, "person (id, name, email, language)", people)
        id, address, state, entry, board = quiet
        _insert(home, "role (person_id, role, body)", [(who, "officer", board) for who in self.due])
        home.done("log", "take-over", "--reason", "The storm's people", "--actor", "admin")  # no act has made them
        notices = [
            (f"{address}:{state}:{entry}:1:manual::{who}", id, state, entry, who, *[instant(home, due)] * 2, *MANUAL)
            for who, due in self.due.items()
        ]
        columns = "key, plan_id, state, entry, person_id, due, send_after"
        _insert(home, f"notice ({columns}, rule, at_once, deadline_version, facts, outcome, because)", notices)
        # Not those of that board: each would be told to all the people there.
        for (id,) in home.rows("SELECT id FROM plan WHERE board <> ? AND id <> ? ORDER BY id", board, held[0]):
            home.change("UPDATE plan SET wake_at = ? WHERE id = ?", instant(home, moment()), id)

    def _daemon(self, home: Arshjul, chance: random.Random) -> None:
        """It is started again whenever it has ended, as systemd does."""
        weather, figures = self.weather, self.figures
        while not self._over.is_set():
            with home.daemon() as daemon:
                while not self._over.wait(chance.uniform(0, weather.calm)):
                    if daemon.process.poll() is not None:
                        figures.ended[daemon.process.returncode] += 1
                        break
                    if chance.random() < 0.5:
                        figures.kills += 1
                        break
                    outlasts = chance.random() < 0.25
                    daemon.process.send_signal(signal.SIGSTOP)
                    self._over.wait(
                        chance.uniform(1.1, 1.5) * weather.lease if outlasts else chance.uniform(0, weather.frozen)
                    )
                    daemon.process.send_signal(signal.SIGCONT)
                    figures.freezes += 1
                    figures.outlasting += outlasts
            self._over.wait(chance.uniform(0, weather.down))

    def _database(self, chance: random.Random) -> None:
        while not self._over.wait(chance.uniform(0, 2 * self.weather.calm)):
            if self.database is None:
                continue
            self.database.stop()
            self._over.wait(chance.uniform(0, self.weather.down))
            self.database.start_again()
            self.figures.restarts += 1

    def _mail_server(self, chance: random.Random) -> None:
        """Some sessions fail in some way; now and then nobody is let in."""
        server = self.home.sink
        faults = Chance(self.seed, *({"dot": f"slow {seconds}"} for seconds in self.weather.slow))
        while not self._over.is_set():
            server.next, server.always = faults, {}  # type: ignore[assignment]
            self._over.wait(chance.uniform(0, 3 * self.weather.calm))
            server.next, server.always = deque(), DROPPED
            self._over.wait(chance.uniform(0, self.weather.down))
            self.figures.outages += 1
        server.next, server.always, server.latency = deque(), {}, 0.0

    def _commands(self, chance: random.Random) -> None:
        """Somebody holds a plan and releases it, again and again."""
        for number in count():
            if self._over.wait(chance.uniform(0, self.weather.calm)):
                return
            verb, reason = ("hold", "release")[number % 2], f"storm {number}"
            answer = self.home(verb, self.held, "--actor", "admin", "--reason", reason)
            assert answer.code in (0, 3, CONFLICT, UNAVAILABLE), (answer, self.figures)
            (self.acknowledged if answer.code == 0 else self.perhaps).append(reason)
            self.figures.commands += answer.code == 0
            self.figures.unknown += answer.code == UNAVAILABLE

    # ---- what came of it

    def _all_ended(self) -> bool:
        query = (
            "SELECT (SELECT count(*) FROM notice WHERE outcome = 'planned' AND rule = 'manual') + "
            "(SELECT count(*) FROM message WHERE status IN ('pending', 'sending')) + "
            "(SELECT count(*) FROM plan WHERE wake_at <= ?)"
        )
        return self.home.rows(query, instant(self.home, time.time())) == [(0,)]

    def count(self) -> dict[str, int]:
        """All must be 0 but the first two."""
        home = self.home
        query = (
            "SELECT message.message_id, notice.person_id, notice.outcome FROM notice LEFT JOIN message "
            "ON notice.message_id = message.id WHERE notice.rule = 'manual'"
        )
        rows = home.rows(query)
        home.waiting = tuple(id for id, _, _ in rows if id)
        first: dict[str, float] = {}
        for taken in home.sink.taken:
            id = str(taken.message["Message-ID"]).strip("<>")
            first[id] = min(taken.at, first.get(id, taken.at))
        came = {who: first[id] for id, who, _ in rows if id in first}
        entries = home.log()
        moves = Counter(
            (e["action"], e["subject"], str(e["data"].get("state") or e["data"].get("to")), str(e["data"].get("due")))
            for e in entries if e["action"] in ("plan.advanced", "deadline.passed", "plan.opened", "cycle.opened")
        )  # fmt: skip
        done = Counter(e["data"]["reason"] for e in entries if str(e["data"].get("reason", "")).startswith("storm "))
        return {
            **account(home),
            "people without their mail": len(set(self.due) - set(came)),
            "notices that did not end as sent": sum(outcome != "sent" for _, _, outcome in rows),
            "early": sum(at < self.due[who] for who, at in came.items()),
            "late": sum(at > max(self.due[who], self.healed) + self.weather.bound for who, at in came.items()),
            "malformed": sum(bool(faults(taken)) for taken in home.sink.taken),
            "firings twice": sum(times - 1 for times in moves.values()),
            "commands lost": len(set(self.acknowledged) - set(done)),
            "commands twice": sum(times - 1 for times in done.values()),
            "daemons that crashed": sum(n for code, n in self.figures.ended.items() if code != UNAVAILABLE),
            "plans in trouble": len(home.rows("SELECT id FROM plan WHERE tries > 0")),
        }


def _insert(home: Arshjul, into: str, rows: Sequence[tuple[Any, ...]]) -> None:
    marks = ", ".join(["?"] * len(rows[0]))
    home.change(f"INSERT INTO {into} VALUES {', '.join([f'({marks})'] * len(rows))}", *chain.from_iterable(rows))


def instant(home: Arshjul, at: float) -> str:
    """As its database takes it."""
    return datetime.fromtimestamp(at, UTC).strftime(f"%Y-%m-%d %H:%M:%S.%f{'+00' if home.database else ''}")


ONCE = ("From", "To", "Date", "Message-ID", "Subject", "Auto-Submitted", "MIME-Version")


def faults(taken: Taken) -> list[str]:
    """The errors in the format of a mail as it was received."""
    lines, mail = taken.content.split(b"\r\n"), taken.message
    found = [f"{name}: {len(mail.get_all(name) or [])}" for name in ONCE if len(mail.get_all(name) or []) != 1]
    found += ["a line of over 998"] if max(map(len, lines)) > 998 else []
    found += ["a bare LF or CR"] if b"\n" in b"".join(lines) or b"\r" in b"".join(lines) else []
    for part in mail.walk():
        found += map(repr, part.defects)
        found += [f"{name}: {d!r}" for name, value in part.items() for d in getattr(value, "defects", ())]
        if part.get_content_maintype() == "text" and not str(part.get_content()).strip():
            found.append("an empty text")
    return found
