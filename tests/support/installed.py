"""The command as its users have it: its words, its settings, its answer.

A command runs inside the tests' own process, through the function that the installed program calls: a process of its
own spends most of a second on starting. Where the process is what is tested (a daemon, two at once, a library in its
environment) it is a real one: `start`, `daemon`, or every command of a home with `in_process = False`.

Times are what the clock on the wall shows in Vänersborg: `at("2027-02-24", "09:00")`.
"""

import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest

from wheel.console.main import main

COMMAND = Path(sys.executable).with_name("arshjul")
STOCKHOLM = ZoneInfo("Europe/Stockholm")
PATIENCE = 90  # seconds until what must come about is given up: the machine may be busy
POLL = 0.05

Document = dict[str, Any]
Word = str | Path


def at(day: str, hour: str = "10:00") -> str:
    """For --now."""
    return datetime.fromisoformat(f"{day}T{hour}").replace(tzinfo=STOCKHOLM).isoformat()


def until(condition: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
    """Wait for what must come about; its first true value."""
    give_up = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < give_up, f"in {seconds} seconds not: {what}"
        time.sleep(POLL)
    return found


@dataclass(frozen=True)
class Answer:
    code: int
    document: Document
    stderr: str

    @property
    def rules(self) -> list[str]:
        """Of the refusals, in the order in which they were said."""
        return [refusal["rule"] for refusal in self.document["refusals"]]


class Arshjul:
    """One home and the command. `environment` takes settings, such as ARSHJUL_MAIL__MODE="off"."""

    command: Sequence[Word] = (COMMAND,)
    in_process = True

    def __init__(self, home: Path, database: str | None = None, **environment: str) -> None:
        self.home = home
        self.database = database
        self.environment = environment
        self.now: str | None = None  # for every command that is not given another one

    def __call__(self, *words: Word, now: str | None = None) -> Answer:
        """Run it with --json: exactly one document on stdout, whatever happens."""
        return answered(words, *self._run([*words, "--json"], now))

    def done(self, *words: Word, now: str | None = None) -> Document:
        """It must succeed."""
        answer = self(*words, now=now)
        trouble = f"{words} at {now or self.now}: exit {answer.code}, {answer.document}\n{answer.stderr[-2000:]}"
        assert answer.code == 0, trouble
        return answer.document

    def start(self, *words: Word, now: str | None = None) -> "subprocess.Popen[str]":
        pipe = subprocess.PIPE
        return self._popen([*words, "--json"], now, stdout=pipe, stderr=pipe)

    def text(self, *words: Word, now: str | None = None) -> tuple[int, str, str]:
        """Run it as people do, in English: exit code, what it says, and what it says on stderr."""
        return self._run([*words, "--lang", "en"], now)

    def said(self, *words: Word, now: str | None = None) -> tuple[int, str, str]:
        """Run it as people do, in the language of its environment."""
        return self._run(words, now)

    @contextmanager
    def daemon(self, now: str | None = None) -> "Iterator[Daemon]":
        """A running daemon; what is left of it at the end is killed."""
        output = self.home.parent / f"{self.home.name}-daemon.log"
        with output.open("a") as log:
            process = self._popen(["daemon", "--lang", "en"], now, stdout=log, stderr=log)
        daemon = Daemon(process, output)
        try:
            yield daemon
        finally:
            daemon.kill()

    def status(self) -> Document:
        """Whatever its exit code: `well` says the same."""
        answer = self("status")
        assert answer.code == (0 if answer.document["well"] else 7)
        return answer.document

    def problems(self) -> list[str]:
        return [problem["code"] for problem in self.status()["problems"]]

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of the database, read without the program."""
        if self.database is None:
            with closing(sqlite3.connect(self.home / "arshjul.db", timeout=30)) as connection:
                return connection.execute(query, values).fetchall()
        with psycopg.connect(self.database.replace("+psycopg", "")) as connection:
            return connection.execute(query.replace("?", "%s").encode(), values or None).fetchall()

    def change(self, statement: str, *values: Any) -> None:
        """Change rows behind the program's back; whoever does it says why."""
        if self.database is None:
            with closing(sqlite3.connect(self.home / "arshjul.db", timeout=30)) as connection, connection:
                connection.execute(statement, values)
            return
        with psycopg.connect(self.database.replace("+psycopg", "")) as server:
            server.execute(statement.replace("?", "%s").encode(), values or None)

    def tables(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table, on SQLite: to see what an act changed."""
        names = self.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        return {name: self.rows(f"SELECT * FROM {name} ORDER BY 1") for (name,) in names}

    def log(self, action: str | None = None) -> list[Document]:
        """The entries of the log, oldest first."""
        entries = [json.loads(bytes(payload)) for (payload,) in self.rows("SELECT payload FROM log_entry ORDER BY seq")]
        return [entry for entry in entries if action in (None, entry["action"])]

    def mails(self) -> list[EmailMessage]:
        """The mails in the mailbox folder, in the order of their dates."""
        files = [path.read_bytes() for path in self.home.glob("mailbox/*.eml")]
        found = [message_from_bytes(file, policy=policy.default) for file in files]
        return sorted(found, key=lambda mail: (sent_on(mail), str(mail["To"])))

    def settings(self, **changes: object) -> None:
        """Change lines of arshjul.toml: their names are unique in it."""
        file = self.home / "arshjul.toml"
        lines = file.read_text(encoding="utf-8").splitlines()
        for name, value in changes.items():
            (place,) = [n for n, line in enumerate(lines) if line.removeprefix("# ").startswith(f"{name} =")]
            lines[place] = f"{name} = {json.dumps(value)}"
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def _run(self, words: Sequence[Word], now: str | None) -> tuple[int, str, str]:
        """Exit code, stdout, stderr."""
        if not self.in_process or words[0] == "daemon":  # one that is not refused as expected would never end
            pipe = subprocess.PIPE
            return ended(self._popen(words, now, stdout=pipe, stderr=pipe))
        return in_process([*words, *self._options(now)], self.home.parent, self._environment())

    def _popen(self, words: Sequence[Word], now: str | None, **streams: Any) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [*self.command, *words, *self._options(now)], stdin=subprocess.DEVNULL, text=True, encoding="utf-8",
            env={**os.environ, **self._environment()}, cwd=self.home.parent, **streams,
        )  # fmt: skip

    def _options(self, now: str | None) -> list[Word]:
        options: list[Word] = ["--home", self.home]
        options += ["--database", self.database] if self.database else []
        return options + (["--now", when] if (when := now or self.now) else [])

    def _environment(self) -> dict[str, str]:
        """Beside that of the tests, which has no setting of the program: conftest.py sees to it."""
        return {"ARSHJUL_DEBUG": "1", "ARSHJUL_WEB__LISTEN": "127.0.0.1:0", **self.environment}


def in_process(words: Sequence[Word], folder: Path, environment: Mapping[str, str]) -> tuple[int, str, str]:
    """Exit code, stdout, stderr of the command in that folder, with these variables beside those of the tests."""
    with pytest.MonkeyPatch.context() as patch, Path(os.devnull).open(encoding="utf-8") as nothing:
        said, error = io.BytesIO(), io.BytesIO()
        patch.setattr(sys, "stdin", nothing)
        patch.setattr(sys, "stdout", io.TextIOWrapper(said, "utf-8", write_through=True))
        patch.setattr(sys, "stderr", io.TextIOWrapper(error, "utf-8", write_through=True))
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.chdir(folder)
        code = main([str(word) for word in words])
        return code, said.getvalue().decode("utf-8"), error.getvalue().decode("utf-8")


def ended(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    said, error = process.communicate(timeout=PATIENCE)
    return process.returncode, said, error


def answered(words: Sequence[Word], code: int, said: str, error: str) -> Answer:
    try:
        return Answer(code, json.loads(said), error)
    except ValueError:
        raise AssertionError(f"{words}: no JSON document: {said!r}\n{error}") from None


def sent_on(mail: EmailMessage) -> datetime:
    moment: datetime = mail["Date"].datetime
    return moment.astimezone(STOCKHOLM)


class Daemon:
    """A daemon's process. `output` is what it has said, and what those before it said in the same home."""

    def __init__(self, process: "subprocess.Popen[str]", output: Path) -> None:
        self.process = process
        self.output = output

    def said(self) -> str:
        return self.output.read_text(encoding="utf-8")

    def until(self, condition: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
        """As `until`, but a daemon that has died meanwhile is not waited for."""

        def alive() -> Any:
            assert self.process.poll() is None, f"the daemon ended ({self.process.returncode}):\n{self.said()}"
            return condition()

        return until(alive, what, seconds)

    def catches(self, number: signal.Signals) -> bool:
        """Whether the process has a handler for the signal."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        (caught,) = [line for line in status.splitlines() if line.startswith("SigCgt:")]
        return bool(int(caught.split()[1], 16) >> (number - 1) & 1)

    def terminate(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, float]:
        """Send the signal; its exit code and how many seconds it took."""
        began = time.monotonic()
        self.process.send_signal(number)
        code = self.process.wait(timeout=PATIENCE)
        return code, time.monotonic() - began

    def kill(self) -> None:
        """SIGKILL: nothing in it is asked."""
        self.process.kill()
        self.process.wait(timeout=PATIENCE)
