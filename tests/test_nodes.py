"""Daemons as processes against a server that fails: killed at chosen moments, frozen, two on one database."""

import random
import shutil
import signal
import time
from collections import Counter, deque
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faulty_smtp import FaultySmtp, running
from tests.installed import Arshjul
from tests.waiting import Waiting, account, agree, waiting_home

FEW = 12
OnFaulty = Waiting[FaultySmtp]
ROUTINE: dict[str, int] = {"lost": 0, "sent again, but changed": 0, "claimed and not received": 0}


@pytest.fixture
def server() -> Iterator[FaultySmtp]:
    with running(FaultySmtp()) as faulty:
        yield faulty


@pytest.fixture
def home(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path, server: FaultySmtp) -> Iterator[OnFaulty]:
    with waiting_home(database_kind, request, tmp_path, server) as made:
        made.let_go(FEW)
        yield made


@pytest.fixture
def shared(request: pytest.FixtureRequest, tmp_path: Path, server: FaultySmtp) -> Iterator[OnFaulty]:
    """On PostgreSQL, which several may share."""
    with waiting_home("postgresql", request, tmp_path, server) as made:
        yield made


def forward(home: OnFaulty) -> None:
    """Back-offs and the claims of the dead are over at once: minutes are not what these are about."""
    home.change("UPDATE message SET next_attempt = created_at, lease_until = created_at WHERE status <> 'sent'")


def well_formed(home: OnFaulty) -> None:
    for taken in home.sink.taken:
        lines = taken.content.split(b"\r\n")
        assert max(map(len, lines)) <= 998
        assert b"\n" not in b"".join(lines)
        assert not taken.message.defects
        for name in ("From", "To", "Date", "Message-ID", "Subject", "Auto-Submitted"):
            assert len(taken.message.get_all(name) or []) == 1, name


def beside(home: OnFaulty, folder: Path) -> Arshjul:
    """Another home with the same database: another machine."""
    shutil.copytree(home.home, folder)
    return Arshjul(folder, home.database)


# --- killed at chosen moments


def test_killed_before_in_and_after_data_nothing_is_lost_and_a_second_copy_is_the_same(home: OnFaulty) -> None:
    server = home.sink
    for point in ("MAIL", "DATA", "dot"):
        server.at.clear()
        server.always = {point: "hold"}
        with home.daemon() as daemon:
            daemon.until(server.reached(point).is_set, f"a daemon that waits at {point}")
    server.at.clear()
    server.always = {"body": "drop"}
    with home.daemon() as daemon:
        daemon.until(server.reached("body").is_set, "a mail that is cut in two")
    server.always = {}
    forward(home)
    with home.daemon() as daemon:
        daemon.until(home.all_sent, "every mail sent")
        assert daemon.terminate()[0] == 0
    assert account(home).items() >= ROUTINE.items()
    agree(home)
    well_formed(home)


# --- two daemons


def test_a_frozen_daemon_finds_its_claim_refused_when_it_wakes(shared: OnFaulty, tmp_path: Path) -> None:
    home, server = shared, shared.sink
    home.let_go(FEW)
    other = beside(home, tmp_path / "other")
    server.next.append({"dot": "hold"})
    with home.daemon() as frozen:
        frozen.until(server.reached("dot").is_set, "a mail that the server has read and not answered")
        frozen.process.send_signal(signal.SIGSTOP)
        ((held,),) = home.rows("SELECT message_id FROM message WHERE status = 'sending'")
        home.change("UPDATE message SET lease_until = created_at WHERE status = 'sending'")  # twenty minutes later
        with other.daemon() as awake:
            awake.until(home.all_sent, "the other one sends all, that one too")
            server.go_on.set()
            frozen.process.send_signal(signal.SIGCONT)
            frozen.until(lambda: home.log("message.sent_late"), "what the frozen one has done is said")
            assert awake.terminate()[0] == 0
        assert frozen.terminate()[0] == 0
    assert [entry["data"]["message_id"] for entry in home.log("message.sent_late")] == [held]
    ((status, now),) = home.rows("SELECT status, lease FROM message WHERE message_id = ?", held)
    assert (status, now) == ("sent", None)
    copies = home.received()
    assert {len(found) for id, found in copies.items() if id != held} == {1}
    assert len(copies[held]) == 2
    agree(home)


def test_one_of_two_daemons_dies_and_the_other_goes_on(shared: OnFaulty, tmp_path: Path) -> None:
    home, server = shared, shared.sink
    server.latency = 0.02
    home.let_go(40)
    other = beside(home, tmp_path / "other")
    with home.daemon() as first, other.daemon() as second:
        first.until(lambda: len(server.taken) > 5, "both at work")
        first.kill()
        forward(home)
        second.until(home.all_sent, "the other one does the rest")
        assert second.terminate()[0] == 0
    assert account(home).items() >= ROUTINE.items()
    agree(home)


def test_on_sqlite_the_daemon_of_another_home_is_refused(tmp_path: Path) -> None:
    one, two = Arshjul(tmp_path / "one"), Arshjul(tmp_path / "two")
    one.done("init")
    two.done("init")
    two.settings(database=f"sqlite:///{tmp_path / 'one' / 'arshjul.db'}")
    with one.daemon() as daemon:
        daemon.until(lambda: one.status()["daemon"]["alive"], "a daemon")
        answer = two("daemon")
        assert (answer.code, answer.document["error"]) == (5, "conflict")
        assert "arshjul.db" in answer.document["message"]


# --- the health file


def test_the_daemon_writes_its_health_and_goes_red_where_nobody_is_let_in(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with (
        running(FaultySmtp(password="other")) as server,
        waiting_home("sqlite", request, tmp_path, server) as home,
    ):
        (home.home / "secret").write_text("wrong\n")
        home.settings(file="health.json", username="arshjul", password_file="secret")
        home.let_go(FEW)
        with home.daemon() as daemon:
            daemon.until((home.home / "health.json").exists, "a health file")
            daemon.until(lambda: "mail_stopped" in home.problems(), "a status that says so")
            assert daemon.terminate()[0] == 0
        assert len(server.logins) == 1
        assert server.taken == []
        assert home.statuses() == {"pending": FEW}


# --- a thousand mails


class Chance:
    """What befalls a session of the storm."""

    FAULTS = (
        {"connect": "drop"}, {"connect": "421 4.3.2 busy"}, {"EHLO": "drop"}, {"MAIL": "drop"}, {"MAIL": "451 later"},
        {"RCPT": "421 4.3.2 busy"}, {"DATA": "drop"}, {"body": "drop"}, {"dot": "drop"}, {"dot": "after"},
        {"dot": "451 4.3.0 not now"}, {"dot": "slow 0.5"}, {"dot": "garbage"}, {"RCPT": "slow 0.5"},
    )  # fmt: skip

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def popleft(self) -> dict[str, str]:
        return dict(self.random.choice(self.FAULTS)) if self.random.random() < 0.4 else {}


def multiply(home: OnFaulty, count: int) -> None:
    """So many mails wait: copies of those that there are, each under a Message-ID of its own."""
    rows = home.rows("SELECT id, message_id, body FROM message WHERE status = 'pending' ORDER BY id")
    columns = 'key, message_id, person_id, day, "to", subject, body, sha256, status, attempts, created_at, next_attempt'
    rest = 'person_id, day, "to", subject, ?, sha256, status, attempts, created_at, next_attempt'
    for number in range(count - len(rows)):
        id, message_id, body = rows[number % len(rows)]
        new = f"{number:032x}@{message_id.partition('@')[2]}"
        home.change(
            f"INSERT INTO message ({columns}, error, perhaps, as_written) SELECT ?, ?, {rest}, '', ?, ? "
            "FROM message WHERE id = ?",
            f"copy:{number}", new, bytes(body).replace(message_id.encode(), new.encode()), False, True, id,
        )  # fmt: skip
    found = home.rows("SELECT message_id FROM message WHERE status = 'pending' ORDER BY id")
    home.waiting = tuple(id for (id,) in found)
    assert len(home.waiting) == count


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_thousand_mails_through_a_storm_and_kills(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    chance, server = random.Random(7), FaultySmtp()
    server.latency = 0.005
    with running(server), waiting_home(kind, request, tmp_path, server) as home:
        home.let_go(len(home.seed.mails))
        multiply(home, 1000)
        server.next = Chance(7)  # type: ignore[assignment]
        homes = [home, *([beside(home, tmp_path / "other")] if kind == "postgresql" else [])]
        for kills in range(25):
            if home.statuses()["sent"] > 900:  # the last ones may wait for minutes after their fourth try
                print(f"{home.statuses()} after {kills} kills")
                break
            before = len(server.taken)
            for each in homes:
                with each.daemon() as daemon:
                    daemon.until(lambda: len(server.taken) > before or home.all_sent(), "work before the kill")  # noqa: B023
                    time.sleep(chance.random() * 2)  # the random moment: nothing is waited for
            forward(home)
        server.next, healed = deque(), time.monotonic()
        with home.daemon() as daemon:
            daemon.until(home.all_sent, "every mail sent", 120)
            print(f"drained in {time.monotonic() - healed:.0f} s")
        print(account(home))
        print(Counter(len(copies) for copies in home.received().values()))
        assert account(home).items() >= ROUTINE.items()
        agree(home)
        well_formed(home)
