"""Daemons as processes against a server that fails: killed at chosen moments, frozen, two on one database."""

import random
import signal
import time
from collections import Counter, deque
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from tests.support import hurried
from tests.support.faulty_smtp import Chance, FaultySmtp, running
from tests.support.installed import Arshjul
from tests.support.postgres import Postgres
from tests.support.storm import faults
from tests.support.waiting import Waiting, account, agree, beside, forward, waiting_home

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
    assert not any(faults(taken) for taken in home.sink.taken)


def test_what_a_server_took_while_the_database_was_down_is_written_when_it_is_back(
    shared: OnFaulty, postgres_server: Postgres
) -> None:
    home, server = shared, shared.sink
    home.let_go(FEW)
    server.next.append({"dot": "hold"})
    with home.daemon() as daemon:
        daemon.until(server.reached("dot").is_set, "a mail that the server has read and not answered")
        postgres_server.stop()
        server.go_on.set()
        daemon.until(lambda: "could not be settled" in daemon.said(), "a try to write it down")
        postgres_server.start_again()
        daemon.until(home.all_sent, "every mail sent")
        assert daemon.terminate()[0] == 0
    assert {len(found) for found in home.received().values()} == {1}
    agree(home)


# --- two daemons


@pytest.fixture
def other(shared: OnFaulty, tmp_path: Path) -> Arshjul:
    """The second machine of two whose claims last for seconds."""
    made = beside(shared, tmp_path / "other")
    shared.command = made.command = hurried.COMMAND
    return made


def in_hand(home: OnFaulty) -> tuple[str, datetime]:
    """The one of the waiting mails that somebody has claimed, and until when."""
    claimed = home.rows("SELECT message_id, lease_until FROM message WHERE status = 'sending'")
    ((message_id, until),) = [(id, until) for id, until in claimed if id in home.waiting]
    return message_id, until


def test_a_frozen_daemon_finds_its_claim_refused_when_it_wakes(shared: OnFaulty, other: Arshjul) -> None:
    home, server = shared, shared.sink
    home.let_go(FEW)
    server.next.append({"dot": "hold"})
    with home.daemon() as frozen:
        frozen.until(server.reached("dot").is_set, "a mail that the server has read and not answered")
        held, _ = in_hand(home)
        frozen.process.send_signal(signal.SIGSTOP)
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


def test_a_daemon_that_was_frozen_before_it_sent_does_not_send_when_it_wakes(shared: OnFaulty, other: Arshjul) -> None:
    home, server = shared, shared.sink
    home.let_go(FEW)
    server.next.append({"RCPT": "hold"})
    with home.daemon() as frozen:
        frozen.until(server.reached("RCPT").is_set, "a server that thinks about the recipient")
        frozen.process.send_signal(signal.SIGSTOP)
        with other.daemon() as awake:
            awake.until(home.all_sent, "the other one sends all, that one too")
            assert awake.terminate()[0] == 0
        server.go_on.set()
        frozen.process.send_signal(signal.SIGCONT)
        frozen.until(lambda: "taken it over" in frozen.said(), "a word about it")
        assert frozen.terminate()[0] == 0
    assert {len(found) for found in home.received().values()} == {1}
    assert home.log("message.sent_late") == []
    agree(home)


def test_a_delivery_that_takes_longer_than_a_claim_lasts_stays_with_its_daemon(
    shared: OnFaulty, other: Arshjul
) -> None:
    home, server = shared, shared.sink
    home.let_go(FEW)
    server.next.append({"dot": "hold"})
    with home.daemon() as slow:
        slow.until(server.reached("dot").is_set, "a mail that the server has read and not answered")
        _, lasts = in_hand(home)
        with other.daemon() as quick:
            quick.until(lambda: home.statuses() == {"sent": FEW - 1, "sending": 1}, "the other one sends the others")
            slow.until(lambda: in_hand(home)[1] > lasts + timedelta(seconds=hurried.LEASE), "a claim that was renewed")
            server.go_on.set()
            slow.until(home.all_sent, "every mail sent")
            assert [slow.terminate()[0], quick.terminate()[0]] == [0, 0]
    assert {len(found) for found in home.received().values()} == {1}
    agree(home)


def test_one_of_two_daemons_dies_and_the_other_takes_over_what_it_had_in_hand(shared: OnFaulty, other: Arshjul) -> None:
    home, server = shared, shared.sink
    home.let_go(FEW)
    server.next.append({"dot": "hold"})
    with home.daemon() as first:
        first.until(server.reached("dot").is_set, "a mail that the server has read and not answered")
        with other.daemon() as second:
            second.until(lambda: home.statuses() == {"sent": FEW - 1, "sending": 1}, "both at work")
            first.kill()
            server.go_on.set()
            second.until(home.all_sent, "the other one does the rest", 2 * hurried.LEASE + 10)
            assert second.terminate()[0] == 0
    assert account(home).items() >= ROUTINE.items()
    agree(home)


def test_each_home_says_whether_its_own_daemon_runs(shared: OnFaulty, other: Arshjul, tmp_path: Path) -> None:
    home, onlooker = shared, beside(shared, tmp_path / "onlooker")
    with home.daemon() as first, other.daemon() as second:
        first.until(lambda: home.status()["daemon"]["alive"], "one")
        second.until(lambda: other.status()["daemon"]["alive"], "two")
        first.kill()
        assert not home.status()["daemon"]["alive"]
        assert home.problems() == ["daemon_silent"]
        assert other.status()["daemon"]["alive"]
        assert onlooker.status()["daemon"]["alive"]  # it has never had one, and sees that some daemon ticks


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


def multiply(home: OnFaulty, count: int) -> None:
    """So many mails wait: copies of those that there are, each under a Message-ID of its own."""
    rows = home.rows("SELECT id, message_id, body FROM message WHERE status = 'pending' ORDER BY id")
    columns = 'key, message_id, person_id, day, "to", subject, body, sha256, status, attempts, created_at, next_attempt'
    rest = 'person_id, day, "to", subject, ?, ?, status, attempts, created_at, next_attempt'
    for number in range(count - len(rows)):
        id, message_id, body = rows[number % len(rows)]
        new = f"{number:032x}@{message_id.partition('@')[2]}"
        copy = bytes(body).replace(message_id.encode(), new.encode())
        home.change(
            f"INSERT INTO message ({columns}, error, perhaps) SELECT ?, ?, {rest}, '', ? "
            "FROM message WHERE id = ?",
            f"copy:{number}", new, copy, sha256(copy).hexdigest(), False, True, id,
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
        assert not any(faults(taken) for taken in home.sink.taken)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_thousand_mails_leave_within_a_minute_of_an_outage(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    server = FaultySmtp()
    server.always = {"connect": "drop"}
    with running(server), waiting_home(kind, request, tmp_path, server) as home:
        home.let_go(len(home.seed.mails))
        multiply(home, 1000)
        with home.daemon() as daemon:
            daemon.until(lambda: "does not accept mail" in daemon.said(), "an outage that was noticed")
            server.always, over = {}, time.time()
            daemon.until(home.all_sent, "every mail sent", 120)
            took = max(taken.at for taken in server.taken) - over
            print(f"{kind}: the last of {len(home.waiting)} mails {took:.1f} s after the outage")
            assert daemon.terminate()[0] == 0
        assert took < 60
        assert account(home).items() >= ROUTINE.items()
        agree(home)
