"""The daemon as a process, against a real SMTP server on loopback: killed, stopped, left alone for a year."""

import asyncio
import json
import random
import shutil
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.support import hurried, postgres, smtp
from tests.support.installed import Arshjul, Daemon, at, sent_on, until
from tests.support.set_clock import FaketimeMissingError, SetClock
from tests.support.waiting import SENDER, Waiting, account, agree, waiting_home

OnSink = Waiting[smtp.SmtpSink]
SOON = 20  # seconds: it promises five, on a machine that does nothing else; the server's silence lasts far longer
MODERATE = 5  # mails that wait when a test begins, where it does not say otherwise


@pytest.fixture
def home(
    database_kind: str, request: pytest.FixtureRequest, tmp_path: Path, smtp_sink: smtp.SmtpSink
) -> Iterator[OnSink]:
    """On either database, with some mails that wait."""
    with waiting_home(database_kind, request, tmp_path, smtp_sink) as made:
        made.let_go(MODERATE)
        yield made


@pytest.fixture
def on_sqlite(request: pytest.FixtureRequest, tmp_path: Path, smtp_sink: smtp.SmtpSink) -> Iterator[OnSink]:
    with waiting_home("sqlite", request, tmp_path, smtp_sink) as made:
        made.command = hurried.COMMAND
        yield made


# ---- the ordinary course ----------------------------------------------------------------------------------------


def test_what_waits_is_delivered_once_and_rows_notices_and_log_agree(home: OnSink) -> None:
    with home.daemon() as daemon:
        daemon.until(home.all_sent, "every mail sent")
        daemon.until(lambda: home.status()["daemon"]["alive"], "a daemon that is alive")
        daemon.until(lambda: home.status()["outbox"] == {"pending": 0, "oldest_minutes": 0, "failed": 0}, "no mail")
        status = home.status()
        assert (status["well"], status["problems"], status["practice"]) == (True, [], False)
        code, seconds = daemon.terminate()
    assert code == 0
    assert seconds < SOON
    assert home.copies() == [1] * MODERATE
    assert {received.sender for received in home.sink.received} == {SENDER}
    agree(home)


def answer_once_told(daemon: Daemon, hold: threading.Event) -> None:
    """The server takes its time, longer than the signal does and less than the grace."""
    daemon.until(lambda: "Stopping" in daemon.said(), "a daemon that has heard the signal")
    hold.set()


def test_sigterm_lets_the_mail_in_hand_be_finished(home: OnSink) -> None:
    home.sink.hold = threading.Event()
    with home.daemon() as daemon:
        daemon.until(home.sink.arrived.is_set, "a mail that the server has read and not answered")
        threading.Thread(target=answer_once_told, args=(daemon, home.sink.hold)).start()
        code, seconds = daemon.terminate()
    assert code == 0
    assert seconds < SOON
    assert home.statuses() == {"sent": 1, "pending": MODERATE - 1}
    with home.daemon() as daemon:
        daemon.until(home.all_sent, "the rest")
    assert home.copies() == [1] * MODERATE
    agree(home)


def test_sigterm_leaves_the_mail_in_hand_pending_where_the_server_does_not_answer(home: OnSink) -> None:
    home.sink.hold = threading.Event()
    with home.daemon() as daemon:
        daemon.until(home.sink.arrived.is_set, "a mail that the server has read and not answered")
        code, seconds = daemon.terminate()
    assert code == 0
    assert seconds < SOON
    assert home.statuses() == {"pending": MODERATE}
    tries = Counter(tried for id, tried in home.rows("SELECT message_id, attempts FROM message") if id in home.waiting)
    assert tries == {0: MODERATE - 1, 1: 1}  # the one that the server may have counts
    assert home.log("message.sent") == []
    home.sink.hold.set()
    home.sink.hold = None
    with home.daemon() as daemon:
        daemon.until(home.all_sent, "every mail sent")
    agree(home)


def test_a_kill_in_the_middle_of_data_loses_nothing_and_the_next_daemon_goes_on_at_once(home: OnSink) -> None:
    home.sink.hold = threading.Event()
    with home.daemon() as daemon:
        daemon.until(home.sink.arrived.is_set, "a mail that the server has read and not answered")
    assert home.statuses() == {"sending": 1, "pending": MODERATE - 1}
    home.sink.hold.set()
    home.sink.hold = None
    with home.daemon() as daemon:
        daemon.until(home.all_sent, "every mail sent, also the one that a dead daemon had in hand", seconds=30)
    agree(home)


def test_a_server_that_takes_a_mail_and_hangs_up_gets_it_again_as_the_same(on_sqlite: OnSink) -> None:
    home = on_sqlite
    home.let_go(1)
    home.sink.drop = "after"
    with home.daemon() as daemon:
        daemon.until(lambda: home.sink.received, "a mail that was taken and not answered")
        daemon.until(lambda: home.statuses() == {"pending": 1}, "a mail that waits for its next try")
        assert home.log("message.sent") == []
        home.sink.drop = None
        # A minute's back-off, which is not what this is about, is over at once.
        home.change("UPDATE message SET next_attempt = created_at WHERE status = 'pending'")
        daemon.until(home.all_sent, "the second try")
    assert home.copies() == [2]
    agree(home)


def test_a_refused_address_fails_loudly_and_the_others_go_out(on_sqlite: OnSink) -> None:
    home = on_sqlite
    home.let_go(MODERATE)
    ((refused, to),) = home.rows("SELECT message_id, \"to\" FROM message WHERE status = 'pending' ORDER BY id LIMIT 1")
    home.sink.refuse[to] = "550 5.1.1 unknown"
    same = home.rows("SELECT count(*) FROM message WHERE status = 'pending' AND \"to\" = ?", to)[0][0]
    with home.daemon() as daemon:
        daemon.until(lambda: home.statuses() == {"sent": MODERATE - same, "failed": same}, "all of them settled")
        daemon.until(lambda: home.problems() == ["mail_failed"], "a status that says so, after the first tick")
    assert refused not in home.received()
    assert "550" in home.done("outbox", "list", "--status", "failed")["messages"][0]["error"]
    failed = home.log("message.failed")[0]["data"]
    assert failed["message_id"] == refused
    assert to not in json.dumps(failed)  # addresses never go into the log


def test_a_server_that_is_down_is_seen_and_gets_everything_when_it_is_up(on_sqlite: OnSink) -> None:
    home = on_sqlite
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound, not listening: whoever knocks is refused
        port = nobody.getsockname()[1]
        home.settings(port=port)
        home.let_go(MODERATE)
        # They have waited for an hour: made so, for the real clock cannot be moved.
        home.change("UPDATE message SET created_at = ? WHERE status = 'pending'", "2025-09-03 08:00:00.000000")
        with home.daemon() as daemon:
            daemon.until(lambda: "does not accept mail" in daemon.said(), "a word about the server")
            daemon.until(lambda: home.problems() == ["mail_waiting"], "a status that says so, of a daemon that lives")
            assert home.statuses() == {"pending": MODERATE}
            nobody.close()
            server = Controller(home.sink, hostname="127.0.0.1", port=port, server_hostname="localhost")
            server.start()
            try:
                daemon.until(home.all_sent, "everything, when the server is up")
            finally:
                server.stop()
            assert home.problems() == []
    agree(home)


# ---- what is not to be ------------------------------------------------------------------------------------------


def test_a_second_daemon_is_refused_with_a_sentence(on_sqlite: OnSink) -> None:
    home = on_sqlite
    with home.daemon() as daemon:
        daemon.until(lambda: home.status()["daemon"]["alive"], "a daemon")
        answer = home("daemon")
        assert answer.code == 5
        assert (answer.document["ok"], answer.document["error"]) == (False, "conflict")
        assert str(home.home) in answer.document["message"]
        code, _, said = home.text("daemon")
        assert code == 5
        assert "The service is already running" in said
        daemon.until(lambda: True, "the first one goes on")
    with home.daemon() as daemon:  # the lock died with the killed one
        daemon.until(lambda: home.status()["daemon"]["alive"], "the next daemon")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_while_it_still_starts_ends_it_like_any_other(on_sqlite: OnSink, number: signal.Signals) -> None:
    home = on_sqlite
    home.let_go(MODERATE)
    home.command = Arshjul.command
    ((before,),) = home.rows("SELECT last_tick FROM home")
    with home.daemon() as daemon:
        # Handlers stand before anything else is loaded, which takes a second.
        daemon.until(lambda: daemon.catches(signal.SIGTERM), "handlers")
        code, seconds = daemon.terminate(number)
    assert (code, seconds < SOON) == (0, True)
    assert daemon.said() == "Stopping. The mail in progress is sent first.\n"
    assert home.rows("SELECT last_tick FROM home") == [(before,)]
    assert home.statuses() == {"pending": MODERATE}


def test_status_says_that_a_daemon_runs_for_as_long_as_it_does(on_sqlite: OnSink) -> None:
    home = on_sqlite
    assert "daemon_silent" in home.problems()
    with home.daemon() as daemon:
        daemon.until(lambda: home.status()["daemon"]["alive"], "a daemon")
        assert daemon.terminate()[0] == 0
    status = home.status()
    assert (status["daemon"]["alive"], [each["code"] for each in status["problems"]]) == (False, ["daemon_silent"])
    assert "The service is not running here" in home.text("status")[1]


def test_of_two_daemons_one_ends_where_somebody_has_removed_the_lock_files(on_sqlite: OnSink) -> None:
    home = on_sqlite
    with home.daemon() as first:
        first.until(lambda: home.status()["daemon"]["alive"], "a daemon")
        for name in ("daemon.lock", "arshjul.db.lock"):
            (home.home / name).unlink()
        with home.daemon() as second:
            until(lambda: {first.process.poll(), second.process.poll()} == {5, None}, "one of them has ended")
            assert "The service is already running" in first.said()
            assert home.status()["daemon"]["alive"]


def test_an_error_that_repeats_itself_is_one_line_a_try(on_sqlite: OnSink) -> None:
    home = on_sqlite
    home.change("ALTER TABLE meeting RENAME TO gone")  # a damage that no code expects
    home.change("UPDATE home SET agenda_basis = ''")
    with home.daemon() as daemon:
        daemon.until(lambda: daemon.said().count("no such table") >= 4, "some tries")
    said = daemon.said()
    assert said.count("Traceback (most recent call last)") <= 2, said  # one of the tick, one of the health file


def test_mail_that_is_off_stays_and_is_said_loudly(on_sqlite: OnSink) -> None:
    home = on_sqlite
    home.let_go(MODERATE)
    home.settings(mode="off")
    with home.daemon() as daemon:
        daemon.until(lambda: "daemon_silent" not in home.problems(), "a daemon")
        assert "mail_off" in home.problems()
        assert daemon.terminate()[0] == 0
    code, said, _ = home.text("status")
    assert code == 7
    assert "Mail is off" in said
    assert home.sink.received == []
    home.settings(mode="smtp")
    with home.daemon() as daemon:
        daemon.until(home.all_sent, "what had waited")
    agree(home)


# ---- the year, by a practice home's clock -----------------------------------------------------------------------


@pytest.fixture(scope="session")
def february(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A practice home with the budget year 2028, its timetable decided; last ticked on Friday 26 February 2027."""
    home = Arshjul(tmp_path_factory.mktemp("february") / "home")
    home.done("init", "--practice", "--email", "admin@vanersborg.example", now=at("2026-11-02", "08:00"))
    home.done("open", "2028", "--actor", "admin", now=at("2026-11-02"))
    decision = ("--body", "ks", "--date", "2026-11-04", "--paragraph", "201", "--diary", "KS 2026/300")
    home.done(
        "advance",
        "2028/tidsplan",
        "decide",
        "--actor",
        "admin",
        *decision,
        "--outcome",
        "adopted",
        now=at("2026-11-05"),
    )
    home.done("tick", now=at("2027-01-04"))
    home.done("tick", now=at("2027-02-26"))
    return home.home


@pytest.fixture
def practice(february: Path, tmp_path: Path) -> Arshjul:
    shutil.copytree(february, tmp_path / "home")
    home = Arshjul(tmp_path / "home")
    home.command = hurried.COMMAND
    return home


BOARDS = (
    "ks", "barn-och-utbildningsnamnden", "byggnadsnamnden", "kultur-och-fritidsnamnden", "miljo-och-halsoskyddsnamnden",
    "samhallsbyggnadsnamnden", "socialnamnden", "valnamnden", "overformyndarnamnden",
)  # fmt: skip


def of_all(phase: str, *boards: str) -> list[str]:
    """The whole plan of a phase and its boards', all of them or those given."""
    return [f"2028/{phase}", *(f"2028/{phase}/{board}" for board in boards or BOARDS)]


# What opens by the calendar, by hand from the rules: the boards' proposals and the groundwork in March, the dialogues
# in April (the election board has none), the operational plans in September, the next year in November. Midnight in
# Vänersborg is 23:00 UTC in winter, 22:00 in summer.
MARCH = ("2027-02-28T23:00:00Z", [*of_all("namndforslag"), "2028/mrp"])
APRIL = ("2027-03-31T22:00:00Z", of_all("uppdragsdialog", *(board for board in BOARDS if board != "valnamnden")))
SEPTEMBER = ("2027-08-31T22:00:00Z", of_all("verksamhetsplan"))
NOVEMBER = ("2027-10-31T23:00:00Z", ["2029/tidsplan"])


@pytest.mark.parametrize(
    ("back", "opened"),
    [
        pytest.param("2027-03-01", [MARCH], id="over a weekend"),
        pytest.param("2027-04-01", [MARCH, APRIL], id="a month"),
        pytest.param("2028-02-28", [MARCH, APRIL, SEPTEMBER, NOVEMBER], id="a year"),
    ],
)
def test_after_an_outage_everything_due_happens_once_in_due_order(
    practice: Arshjul, back: str, opened: list[tuple[str, list[str]]]
) -> None:
    before = len(practice.log())
    mails = {mail["Message-ID"] for mail in practice.mails()}
    with practice.daemon(now=at(back)) as daemon:
        daemon.until(lambda: ticked_since(practice, back), "the tick that catches up")
        daemon.until(lambda: unsent(practice) == 0, "the mails of it")
        assert daemon.terminate()[0] == 0
    entries = practice.log()[before:]
    steps = [entry for entry in entries if entry["action"] == "plan.advanced"]
    happened: dict[str, list[str]] = {}
    for step in steps:
        happened.setdefault(step["data"]["due"], []).append(step["subject"])
    assert {due: sorted(plans) for due, plans in happened.items()} == {due: sorted(plans) for due, plans in opened}
    in_order = [entry["data"]["due"] for entry in entries if entry["action"] in ("plan.advanced", "deadline.passed")]
    assert in_order == sorted(in_order)
    assert (
        max(
            Counter((e["subject"], e["data"]["state"]) for e in entries if e["action"] == "deadline.passed").values(),
            default=1,
        )
        == 1
    )
    told = [mail for mail in practice.mails() if mail["Message-ID"] not in mails]
    assert told
    assert max(Counter(str(mail["To"]) for mail in told).values()) == 1  # one mail per person, whatever had gathered
    assert {sent_on(mail).date().isoformat() for mail in told} == {back}
    assert practice.done("log", "verify", now=at(back))["ok"] is True
    # The next day of the same outage is over: nothing of it comes again.
    again = practice.done("tick", now=at(back, "11:00"))
    assert (again["moved"], again["notices"], again["messages"]) == ([], 0, 0)


def ticked_since(home: Arshjul, day: str) -> bool:
    ((last,),) = home.rows("SELECT last_tick FROM home")
    return str(last) >= day


def unsent(home: Arshjul) -> int:
    ((count,),) = home.rows("SELECT count(*) FROM message WHERE status <> 'sent'")
    return int(count)


def test_a_poisoned_plan_stops_no_other_and_is_put_aside_where_somebody_sees_it(practice: Arshjul) -> None:
    # Nothing that a command does can spoil a plan like this; a hand in the database can.
    ((sound,),) = practice.rows("SELECT stages FROM plan WHERE address = '2028/mrp'")
    practice.change('UPDATE plan SET stages = \'{"underlag": {"opens": "soon"}}\' WHERE address = \'2028/mrp\'')
    with practice.daemon(now=at("2027-03-01")) as daemon:
        daemon.until(lambda: ticked_since(practice, "2027-03-01"), "a tick")
        daemon.until(lambda: unsent(practice) == 0, "the mails of the others")
        assert daemon.terminate()[0] == 0
    moved = {entry["subject"] for entry in practice.log("plan.advanced") if entry["data"]["step"] == "open"}
    assert {*of_all("namndforslag")} <= moved
    assert "2028/mrp" not in moved
    tries = ["10:05", "10:10", "10:20", "10:40"]  # the wait doubles: 1, 2, 4, 8 minutes
    aside = [practice.done("tick", now=at("2027-03-01", hour))["put_aside"] for hour in tries]
    assert aside == [[], [], [], ["2028/mrp"]]
    assert [entry["subject"] for entry in practice.log("plan.put_aside")] == ["2028/mrp"]
    answer = practice("status", now=at("2027-03-01", "10:41"))
    assert answer.code == 7
    assert [(p["code"], "2028/mrp" in p["message"]) for p in answer.document["problems"]] == [("put_aside", True)]
    practice.change("UPDATE plan SET stages = ? WHERE address = '2028/mrp'", sound)
    practice.done("release", "2028/mrp", "--actor", "admin", now=at("2027-03-01", "10:42"))
    practice.done("tick", now=at("2027-03-01", "10:43"))
    assert practice.done("show", "2028/mrp", now=at("2027-03-01", "10:44"))["state"] == "underlag"
    assert practice.done("status", now=at("2027-03-01", "10:44"))["problems"] == []


def test_redirected_mail_goes_to_one_address_and_says_so(practice: Arshjul) -> None:
    before = {mail["Message-ID"] for mail in practice.mails()}
    practice.settings(redirect_to="trial@vanersborg.example")
    with practice.daemon(now=at("2027-03-01")) as daemon:
        daemon.until(lambda: ticked_since(practice, "2027-03-01"), "a tick")
        daemon.until(lambda: unsent(practice) == 0, "its mails")
    told = [mail for mail in practice.mails() if mail["Message-ID"] not in before]
    assert len(told) > len(BOARDS)
    assert {mail["To"].addresses[0].addr_spec for mail in told} == {"trial@vanersborg.example"}
    texts = [part.get_content() for mail in told if (part := mail.get_body(("plain",)))]
    assert len(texts) == len(told)
    assert all("Alla utskick är omdirigerade. Det här mejlet var till" in text for text in texts)
    answer = practice("status", now=at("2027-03-01", "10:01"))
    assert answer.code == 7
    assert [problem["code"] for problem in answer.document["problems"]] == ["mail_redirected"]


# ---- the clock, set while the daemon runs -----------------------------------------------------------------------


@pytest.fixture
def wall(tmp_path: Path) -> SetClock:
    try:
        return SetClock(tmp_path)
    except FaketimeMissingError as missing:
        raise pytest.fail.Exception(str(missing), pytrace=False) from None


def steps(home: Arshjul) -> list[int]:
    """Of the clock, as the log has them, to the nearest ten seconds."""
    return [round(entry["data"]["seconds"], -1) for entry in home.log("clock.stepped")]


def health(home: Arshjul) -> tuple[bool, set[str]]:
    found = json.loads((home.home / "health.json").read_text(encoding="utf-8"))
    return found["well"], {problem["code"] for problem in found["problems"]}


def test_a_clock_that_is_set_under_the_daemon_is_noticed_and_nothing_happens_twice(
    practice: Arshjul, wall: SetClock
) -> None:
    wall.hangs_over(practice)
    practice.settings(file="health.json")
    wall.set(datetime.fromisoformat(at("2027-02-26", "12:00")))
    earlier = {mail["Message-ID"] for mail in practice.mails()}

    def told() -> list[EmailMessage]:
        return [mail for mail in practice.mails() if mail["Message-ID"] not in earlier]

    def ticks_again() -> bool:
        ((last,),) = practice.rows("SELECT last_tick FROM home")
        return datetime.fromisoformat(last).replace(tzinfo=UTC) > was_set

    with practice.daemon() as daemon:
        daemon.until((practice.home / "health.json").exists, "a health file")
        daemon.until(lambda: health(practice) == (True, set()), "a daemon that is well, after a tick on the Friday")
        assert practice.status()["daemon"]["alive"]
        assert (told(), steps(practice)) == ([], [])

        began = time.monotonic()
        wall.set_by(timedelta(days=3))  # Monday 1 March
        daemon.until(lambda: steps(practice) == [259200], "an entry in the log", seconds=60)
        daemon.until(lambda: "The clock was changed by 25920" in daemon.said(), "a word")
        daemon.until(lambda: {e["subject"] for e in practice.log("plan.advanced")} >= set(MARCH[1]), "what is due")
        daemon.until(lambda: told() and unsent(practice) == 0, "the mails of it")
        assert time.monotonic() - began < 60
        daemon.until(lambda: health(practice) == (False, {"clock_stepped"}), "a health file that is red")
        assert practice.problems() == ["clock_stepped"]
        moves, mails = practice.log("plan.advanced"), sorted(mail["Message-ID"] for mail in told())

        wall.set_by(timedelta(hours=-2))
        was_set = wall.now()
        daemon.until(lambda: steps(practice) == [259200, -7200], "another entry", seconds=60)
        daemon.until(ticks_again, "a tick in the hour that comes again", seconds=60)
        assert practice.problems() == ["clock_stepped"]
        assert practice.status()["daemon"]["alive"]
        # What somebody does now is told ten minutes from now, not from what the clock showed before.
        practice.done("hold", "2028/mrp", "--actor", "admin", "--reason", "x")
        practice.done("release", "2028/mrp", "--actor", "admin")
        practice.done("remind", "2028/ramar", "--actor", "admin", "--anyway", "--reason", "now")
        wall.set_by(timedelta(minutes=11))
        daemon.until(lambda: steps(practice) == [259200, -7200, 660], "its entry", seconds=60)
        daemon.until(lambda: len(told()) > len(mails), "the mails of what was done in the meantime")
        wall.set_by(timedelta(hours=2))  # over the hours that were there before
        was_set = wall.now()
        daemon.until(lambda: steps(practice) == [259200, -7200, 660, 7200], "the last entry", seconds=60)
        daemon.until(ticks_again, "a tick")
        daemon.until(lambda: unsent(practice) == 0, "nothing that waits")
        assert daemon.terminate()[0] == 0
    assert practice.log("plan.advanced") == moves
    reminded = practice.rows("SELECT outcome FROM notice WHERE rule = 'manual'")
    assert set(reminded) == {("sent",)}
    assert len(told()) == len({mail["Message-ID"] for mail in told()}) == len(mails) + len(reminded)
    assert practice.done("log", "verify")["ok"] is True


def test_a_mail_that_waits_for_its_next_try_does_not_wait_for_an_hour_that_was_set_back(
    on_sqlite: OnSink, wall: SetClock
) -> None:
    home = on_sqlite
    wall.hangs_over(home)
    home.let_go(MODERATE)
    addresses = {to for (to,) in home.rows("SELECT \"to\" FROM message WHERE status = 'pending'")}
    home.sink.refuse |= dict.fromkeys(addresses, "451 4.3.2 later")
    with home.daemon() as daemon:
        daemon.until(
            lambda: (
                home.rows("SELECT min(attempts) FROM message WHERE status = 'pending'") == [(1,)]
                and home.rows("SELECT count(*) FROM message WHERE status = 'sending'") == [(0,)]
            ),
            "a first try each, and none under way",
        )
        home.sink.refuse.clear()
        wall.set_by(timedelta(hours=-1))
        daemon.until(home.all_sent, "the second try, an hour before it was due", seconds=60)
        assert steps(home) == [-3600]
        assert home.problems() == ["clock_stepped"]
    agree(home)


# ---- many kills -------------------------------------------------------------------------------------------------

KILLS = 60


class Unsteady(smtp.SmtpSink):
    """Slow in an irregular way; now and then it takes a mail and hangs up."""

    chance = random.Random(2028)
    hangs_up = 0.05  # of its answers

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        await asyncio.sleep(self.chance.random() / 4)
        self.drop = "after" if self.chance.random() < self.hangs_up else None
        return await super().handle_DATA(server, session, envelope)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_sixty_kills_at_random_moments(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    sink, chance = Unsteady(), random.Random(1)
    sink.port = postgres.free_port()
    server = Controller(sink, hostname=sink.host, port=sink.port, server_hostname="localhost")
    server.start()
    try:
        with waiting_home(kind, request, tmp_path, sink) as home:
            home.let_go(len(home.seed.mails))
            for number in range(KILLS):
                sink.arrived.clear()
                with home.daemon() as daemon:
                    daemon.until(lambda: sink.arrived.is_set() or home.all_sent(), f"work before kill {number}")
                    time.sleep(chance.random() / 2)  # the random moment: nothing is waited for
            # Those whose connection was cut wait for minutes, which is not what this is about.
            sink.hangs_up = 0
            home.change("UPDATE message SET next_attempt = created_at WHERE status = 'pending'")
            with home.daemon() as daemon:
                daemon.until(home.all_sent, "every mail sent")
                assert daemon.terminate()[0] == 0
            print(account(home))
            agree(home)
    finally:
        server.stop()
