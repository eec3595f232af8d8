"""The console's contract, through the installed command: words, exit codes, JSON, who wins, what is left unchanged."""

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from tests.support import postgres
from tests.support.installed import Answer, Arshjul, Document, Word, answered, at, ended, until
from wheel.reads.log_sheet import COLUMNS

ROOT = Path(__file__).parents[3]
BOARDS = (
    "ks", "barn-och-utbildningsnamnden", "byggnadsnamnden", "kultur-och-fritidsnamnden", "miljo-och-halsoskyddsnamnden",
    "samhallsbyggnadsnamnden", "socialnamnden", "valnamnden", "overformyndarnamnden",
)  # fmt: skip
ADMIN = ("--actor", "admin")


def decided(body: str, day: str, paragraph: int = 84) -> tuple[str, ...]:
    said = (
        "--body",
        body,
        "--date",
        day,
        "--paragraph",
        str(paragraph),
        "--diary",
        "KS 2026/112",
        "--outcome",
        "adopted",
    )
    return (*ADMIN, *said)


TIMETABLE = ("advance", "2028/tidsplan", "decide", *decided("ks", "2026-11-04", 201))
FRAMES = ("advance", "2028/ramar", "decide", *decided("ks", "2027-02-24", 31))
PLAN = ("advance", "2028/mrp", "decide", *decided("kf", "2027-06-16"))


# ---- homes at three moments of a year -----------------------------------------------------------------------------


def spring_of(home: Arshjul) -> None:
    """Budget year 2028, its timetable decided; Monday 15 March 2027. The frames are late."""
    home.done("init", "--practice", "--email", "admin@vanersborg.example", now=at("2026-11-02", "08:00"))
    home.done("open", "2028", *ADMIN, now=at("2026-11-02"))
    home.done(*TIMETABLE, now=at("2026-11-05"))
    home.done("tick", now=at("2027-03-15"))


@pytest.fixture(scope="session")
def spring_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = Arshjul(tmp_path_factory.mktemp("spring") / "home")
    spring_of(home)
    return home.home


@pytest.fixture
def spring(spring_home: Path, tmp_path: Path) -> Arshjul:
    shutil.copytree(spring_home, tmp_path / "home")
    home = Arshjul(tmp_path / "home")
    home.now = at("2027-03-15", "10:30")
    return home


@pytest.fixture(scope="session")
def june_home(spring_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thursday 17 June 2027: everything that the rules ask for before KF's decision has been done, but the frames."""
    folder = tmp_path_factory.mktemp("june") / "home"
    shutil.copytree(spring_home, folder)
    home = Arshjul(folder)
    for board in BOARDS:
        if board != "valnamnden":
            home.done("advance", f"2028/uppdragsdialog/{board}", "hold", *ADMIN, now=at("2027-05-10"))
    home.done("advance", "2028/mrp", "submit", *ADMIN, now=at("2027-05-20"))
    home.done("advance", "2028/mrp", "propose", *decided("ks", "2027-06-02", 70), now=at("2027-06-03"))
    home.done("tick", now=at("2027-06-03", "11:00"))
    home.done("tick", now=at("2027-06-17", "08:00"))  # the mail of the day is out
    return folder


@pytest.fixture
def june(june_home: Path, tmp_path: Path) -> Arshjul:
    shutil.copytree(june_home, tmp_path / "home")
    home = Arshjul(tmp_path / "home")
    home.now = at("2027-06-17")
    return home


@pytest.fixture
def real(tmp_path: Path) -> Arshjul:
    """A home that is no practice, with the mandate period of the last election: by the real clock."""
    home = Arshjul(tmp_path / "home")
    home.done("init", "--email", "admin@vanersborg.example")
    home.done("open", "mandat-2022", *ADMIN)
    return home


# ---- the first three lines of the contract, and the rule that it is about -------------------------------------------


def test_the_three_lines_of_the_contract(tmp_path: Path) -> None:
    home = Arshjul(tmp_path / "var")
    home.done("init", "--practice")
    assert home.done("open", "2028", *ADMIN, now="2026-11-02T09:00+01:00")["address"] == "2028"
    line = (
        "--body",
        "ks",
        "--date",
        "2026-11-04",
        "--paragraph",
        "201",
        "--diary",
        "KS 2026/300",
        "--outcome",
        "adopted",
    )
    written = home.done("advance", "2028/tidsplan", "decide", *ADMIN, *line, now="2026-11-05T09:00+01:00")
    assert (written["address"], written["state"], written["status"]) == ("2028/tidsplan", "decided", "done")
    ticked = home.done("tick", now="2027-01-11T08:00+01:00")
    # On New Year's Day the timetable takes effect; the preparation of the budget and work on the frames begin.
    assert [(m["address"], m["from"], m["to"], m["due"]) for m in ticked["moved"]] == [
        ("2028/tidsplan", "decided", "in_force", "2026-12-31T23:00:00Z"),
        ("2028/budgetberedning", "upcoming", "started", "2026-12-31T23:00:00Z"),
        ("2028/ramar", "upcoming", "draft", "2026-12-31T23:00:00Z"),
    ]


def test_a_draft_cycle_moves_nothing(tmp_path: Path) -> None:
    home = Arshjul(tmp_path / "home")
    home.done("init", "--practice", now=at("2026-11-02", "08:00"))
    home.done("open", "2028", *ADMIN, now=at("2026-11-02"))
    assert home.done("tick", now=at("2027-03-15"))["moved"] == []
    assert {plan["status"] for plan in home.done("plans", "--phase", "mrp", now=at("2027-03-15"))["plans"]} == {"draft"}
    refused = home("advance", "2028/mrp", "submit", *ADMIN, "--anyway", "--reason", "hurry", now=at("2027-03-15"))
    assert refused.code == 3
    assert {refusal["rule"]: refusal["overridable"] for refusal in refused.document["refusals"]}["R1"] is False


def test_kf_decides_nothing_before_the_frames_and_the_same_command_afterwards(june: Arshjul) -> None:
    before = june.tables()
    refused = june(*PLAN)
    assert refused.code == 3
    assert refused.rules == ["R2"]
    (why,) = refused.document["refusals"]
    assert (why["severity"], why["citation"], why["who"], why["step"], why["overridable"]) == (
        "refuse", "1.2", ["ks"], "decide", True,
    )  # fmt: skip
    assert "2028/ramar" in why["message"]
    only_a_refusal_was_logged(before, june, "2028/mrp")

    # Decided in February and registered only now: the meetings' days say what came first, not the typing.
    june.done(*FRAMES)
    written = june.done(*PLAN)
    assert (written["state"], written["status"], written["warnings"]) == ("adopted", "done", [])
    ((outcome, meeting, paragraph),) = june.rows(
        "SELECT outcome, meeting, paragraph FROM decision WHERE body = 'kf' AND step = 'decide'"
    )
    assert (outcome, meeting, paragraph) == ("adopted", "2027-06-16", "84")


def test_every_unmet_rule_is_said_at_once_and_each_is_mended_where_it_says(spring: Arshjul) -> None:
    early = ("advance", "2028/mrp", "decide", *decided("kf", "2027-03-10"))
    before = spring.tables()
    refused = spring(*early)
    assert refused.code == 3
    assert {"R2", "R4", "state"} <= set(refused.rules)  # no frames, no dialogue, and KS has proposed nothing
    only_a_refusal_was_logged(before, spring, "2028/mrp")
    ahead = {blocker["rule"] for blocker in spring.done("show", "2028/mrp")["blockers"]}
    assert {"R2", "R4"} <= ahead


def only_a_refusal_was_logged(before: dict[str, list[tuple[object, ...]]], home: Arshjul, subject: str) -> None:
    after = home.tables()
    assert {name for name in after if after[name] != before[name]} == {"log_entry", "chain_head"}
    assert after["log_entry"][: len(before["log_entry"])] == before["log_entry"]
    assert len(after["log_entry"]) == len(before["log_entry"]) + 1
    entry = home.log()[-1]
    assert (entry["action"], entry["subject"], entry["actor"]) == ("plan.refused", subject, "admin")


def test_frames_decided_after_kfs_meeting_do_not_count(june: Arshjul) -> None:
    june.done("advance", "2028/ramar", "decide", *decided("ks", "2027-06-17", 90))
    refused = june(*PLAN)
    assert (refused.code, refused.rules) == (3, ["R2"])


def test_going_on_anyway_needs_a_reason_and_stands_in_the_log(june: Arshjul) -> None:
    assert june(*PLAN, "--anyway").code == 2
    written = june.done(*PLAN, "--anyway", "--reason", "KS tog ramarna muntligt")
    assert [(w["rule"], w["severity"]) for w in written["warnings"]] == [("R2", "warn")]
    entry = june.log("plan.advanced")[-1]
    assert entry["data"]["reason"] == "KS tog ramarna muntligt"
    assert [passed["rule"] for passed in entry["data"]["passed_over"]] == ["R2"]


def test_the_wrong_body_the_wrong_person_and_a_meeting_that_has_not_been(june: Arshjul) -> None:
    june.done(*FRAMES)
    assert june("advance", "2028/mrp", "decide", *decided("ks", "2027-06-16")).rules == ["body"]
    assert june("advance", "2028/mrp", "decide", *decided("kf", "2027-06-18")).rules == ["meeting"]
    assert june("advance", "2028/mrp", "decide", *ADMIN).rules == ["decision"]
    by_a_reader = june("advance", "2028/mrp", "decide", *decided("kf", "2027-06-16")[2:], "--actor", "reader-1")
    assert (by_a_reader.code, by_a_reader.rules) == (3, ["role"])
    june.done("advance", "2028/mrp", "decide", *decided("kf", "2027-06-16")[2:], "--actor", "kf-secretary")


# ---- two at once ----------------------------------------------------------------------------------------------------


def has_looked(process: "subprocess.Popen[str]") -> bool:
    """A command reads the version of its plan before it loads the engine, and with it Pydantic's library."""
    maps = Path(f"/proc/{process.pid}/maps")
    return process.poll() is not None or "pydantic_core" in maps.read_text()


def at_once(home: Arshjul, *command: Word) -> list[Answer]:
    """Two processes, both of which have asked before either is done: until then the database takes no writer."""
    with closing(sqlite3.connect(home.home / "arshjul.db", isolation_level=None)) as gate:
        gate.execute("BEGIN IMMEDIATE")
        both = [home.start(*command), home.start(*command)]
        for process in both:
            until(partial(has_looked, process), "a command that has seen the plan")
        gate.execute("ROLLBACK")
    return [answered(command, *ended(process)) for process in both]


def test_of_two_at_once_one_wins_and_the_other_is_told(spring: Arshjul) -> None:
    races: list[tuple[str, str]] = [(f"2028/namndforslag/{board}", "draft") for board in BOARDS[:3]]
    races.append(("2028/mrp", "submit"))
    for address, verb in races:
        one, other = sorted(at_once(spring, "advance", address, verb, *ADMIN), key=lambda answer: answer.code)
        assert (one.code, other.code) == (0, 5)
        assert (other.document["ok"], other.document["error"]) == (False, "conflict")
        assert address in other.document["message"]
        assert [e["data"]["step"] for e in spring.log("plan.advanced") if e["subject"] == address] == ["open", verb]
    assert spring.done("log", "verify")["ok"] is True


def test_of_two_at_once_one_wins_on_postgresql_too(postgres_server: postgres.Postgres, tmp_path: Path) -> None:
    name = postgres_server.new_database()
    home = Arshjul(tmp_path / "home", postgres_server.url(name))
    spring_of(home)
    home.now = at("2027-03-15", "10:30")
    for board in BOARDS[:2]:
        command = ("advance", f"2028/namndforslag/{board}", "draft", *ADMIN, "--if-version", "2")
        both = [home.start(*command), home.start(*command)]
        assert sorted(ended(process)[0] for process in both) == [0, 5]
    assert home.done("log", "verify")["ok"] is True
    postgres_server.drop(name)


def test_a_stale_version_is_a_conflict(spring: Arshjul) -> None:
    version = spring.done("show", "2028/mrp")["version"]
    before = spring.tables()
    stale = spring("advance", "2028/mrp", "submit", *ADMIN, "--if-version", str(version - 1))
    assert (stale.code, stale.document["error"]) == (5, "conflict")
    assert spring.tables() == before
    assert spring.done("advance", "2028/mrp", "submit", *ADMIN, "--if-version", str(version))["version"] == version + 1


# ---- the JSON of every object ---------------------------------------------------------------------------------------

KEYS = {
    "show": "address title cycle phase board workflow definition state entry status held snoozed version states steps "
    "warnings blockers children agenda history",
    "state": "state label opens target last statutory entered_at entered_on left_at",
    "step": "step to by decision",
    "blocker": "rule severity citation message who step overridable",
    "children": "done of missing",
    "alarm": "at what rule to",
    "entry": "seq at actor action subject data",
    "plan": "address phase board state status last responsible version",
    "write": "ok address state status version log notices warnings dry_run",
    "tick": "ok now moved notices messages superseded put_aside held_back",
    "moved": "address from to due",
    "status": "well practice daemon outbox problems version schema",
    "message": "id message_id to subject status attempts created_at sent_at notices sha256",
    "notice": "key plan state entry deadline_version rule offset person body last due outcome message because",
}


def keys(document: Document, kind: str, *more: str) -> Document:
    """Exactly the keys of the contract, and those by which the program extends it."""
    assert set(document) == {*KEYS[kind].split(), *more}, kind
    return document


def test_show_has_the_contracts_keys(june: Arshjul) -> None:
    shown = keys(june.done("show", "2028/mrp"), "show")
    assert (shown["address"], shown["cycle"], shown["phase"], shown["board"]) == ("2028/mrp", "2028", "mrp", None)
    assert (shown["workflow"], shown["state"], shown["entry"], shown["status"]) == ("mrp", "kf", 1, "in_progress")
    assert (shown["held"], shown["children"]) == (False, None)
    assert set(shown["definition"]) == {"version", "sha256"}
    assert len(shown["definition"]["sha256"]) == 64
    states = {state["state"]: keys(state, "state") for state in shown["states"]}
    assert list(states) == ["upcoming", "underlag", "ks_proposal", "kf", "adopted", "in_force"]
    assert states["underlag"]["opens"] == {"date": "2027-03-01", "source": "local choice"}
    assert states["kf"]["last"] == {"date": "2027-06-30", "source": "1.2"}
    assert states["kf"]["statutory"] == {"date": "2027-11-30", "source": "law"}
    assert states["ks_proposal"]["statutory"] is None
    assert states["underlag"]["entered_at"] == "2027-02-28T23:00:00Z"
    assert states["underlag"]["entered_on"] == "2027-03-01"
    assert states["kf"]["left_at"] is None
    assert shown["steps"] == [{"step": "decide", "to": "adopted", "by": ["kf"], "decision": True}]
    (blocker,) = [keys(blocker, "blocker") for blocker in shown["blockers"]]
    assert (blocker["rule"], blocker["severity"], blocker["citation"]) == ("R2", "refuse", "1.2")
    assert (blocker["who"], blocker["step"], blocker["overridable"]) == (["ks"], "decide", True)
    for alarm in shown["agenda"]:
        keys(alarm, "alarm")
        assert alarm["at"].endswith("Z")
    # KF is to decide by 30 June, and met on the 16th for the last time before. Midsummer's eve is on Friday the 25th.
    assert [(alarm["at"], alarm["rule"]) for alarm in shown["agenda"] if alarm["what"] == "reminder"] == [
        ("2027-06-21T05:30:00Z", "ladder+3"), ("2027-06-28T05:30:00Z", "ladder+7"),
    ]  # fmt: skip
    for entry in shown["history"]:
        keys(entry, "entry")
        assert entry["at"].endswith("Z")
    assert [entry["action"] for entry in shown["history"]][:2] == ["plan.opened", "plan.advanced"]
    whole = june.done("show", "2028/namndforslag")["children"]
    assert keys(whole, "children")["of"] == 9
    assert whole["missing"] == [f"2028/namndforslag/{board}" for board in BOARDS]
    dialogue = june.done("show", "2028/uppdragsdialog")
    assert dialogue["children"] == {"done": 8, "of": 8, "missing": []}
    assert june.done("show", "2028/uppdragsdialog/valnamnden")["status"] == "not_concerned"


def test_plans_and_their_filters(june: Arshjul) -> None:
    listed = june.done("plans")["plans"]
    for plan in listed:
        keys(plan, "plan")
    # 11 phases, for 2027 has no election, and 7 of them with a plan of each of the nine boards.
    assert len(listed) == 11 + 7 * 9
    assert next(plan for plan in listed if plan["address"] == "2028/mrp") == {
        "address": "2028/mrp", "phase": "mrp", "board": None, "state": "kf", "status": "in_progress",
        "last": "2027-06-30", "responsible": ["kf"], "version": 4,
    }  # fmt: skip

    def addresses(*filters: str) -> set[str]:
        return {plan["address"] for plan in june.done("plans", *filters)["plans"]}

    assert june("plans", "--cycle", "2029").code == 4
    assert addresses("--phase", "mrp") == {"2028/mrp"}
    assert len(addresses("--board", "socialnamnden")) == 7
    assert addresses("--status", "overdue") == {
        "2028/ramar", "2028/namndforslag", *(f"2028/namndforslag/{board}" for board in BOARDS),
        "2028/uppdragsdialog", "2028/budgetberedning",
    }  # fmt: skip
    assert addresses("--responsible", "kf") == {"2028/mrp"} == addresses("--responsible", "kf-secretary")
    assert addresses("--phase", "mrp", "--status", "done") == set()


def test_writes_and_refusals_have_the_contracts_keys(june: Arshjul) -> None:
    written = keys(june.done(*FRAMES), "write", "send_after", "next")
    assert (written["ok"], written["dry_run"], written["address"]) == (True, False, "2028/ramar")
    assert written["log"] == [entry["seq"] for entry in june.log()[-len(written["log"]) :]]
    assert written["notices"] == 1  # ekonomikontoret's officer: to be sent out
    late = june.done("advance", "2028/ramar", "send_out", *ADMIN)
    assert keys(late, "write", "next")["warnings"] == []
    refused = june("advance", "2028/mrp", "submit", *ADMIN)
    assert set(refused.document) == {"ok", "error", "refusals"}
    assert (refused.code, refused.document["ok"], refused.document["error"]) == (3, False, "refused")
    for refusal in refused.document["refusals"]:
        keys(refusal, "blocker")


def test_tick_status_outbox_and_explain_have_the_contracts_keys(june: Arshjul) -> None:
    june.now = at("2027-06-21", "08:00")
    ticked = keys(june.done("tick"), "tick", "delivered", "dry_run")
    assert ticked["now"] == "2027-06-21T06:00:00Z"
    assert ticked["messages"] >= 1
    status = keys(june.done("status"), "status")
    assert (status["well"], status["practice"], status["problems"]) == (True, True, [])
    assert status["daemon"] == {"alive": False, "last_tick": "2027-06-21T06:00:00Z"}  # ticked by hand
    assert status["outbox"] == {"pending": 0, "oldest_minutes": 0, "failed": 0}
    messages = june.done("outbox", "list")["messages"]
    for message in messages:
        keys(message, "message", "error")
        assert (message["status"], message["attempts"]) == ("sent", 1)
        assert message["message_id"][0] + message["message_id"][-1] == "<>"
        assert len(message["sha256"]) == 64
    explained = june.done("explain", "2028/mrp")["notices"]
    for notice in explained:
        keys(notice, "notice", "send_after")
        assert notice["because"]
    # Three working days after KF's last meeting before 30 June: KF's secretary, and nobody else.
    (today,) = [
        n for n in explained if (n["state"], n["rule"], n["offset"], n["outcome"]) == ("kf", "ladder", 3, "sent")
    ]
    assert (today["person"], today["due"], today["entry"], today["deadline_version"]) == (
        "kf-secretary", "2027-06-21T05:30:00Z", 1, 1,
    )  # fmt: skip
    assert today["message"] in {message["message_id"] for message in messages}
    assert june.done("explain", today["key"])["notices"] == [today]
    planned = [(n["offset"], n["person"]) for n in explained if n["outcome"] == "planned"]
    assert (7, "kf-secretary") in planned
    shown = june.done("outbox", "show", today["message"])
    assert shown["headers"]["Message-ID"] == today["message"]
    assert "Mål- och resursplan 2028" in shown["text"]
    assert june("outbox", "show", "999999").code == 4


# ---- exit codes -----------------------------------------------------------------------------------------------------


def test_usage_is_2_and_says_what_is_wrong(spring: Arshjul) -> None:
    for words in (
        ("nothing",),
        ("show",),
        ("show", "2028/mrp", "--nothing"),
        ("advance", "2028/mrp", "fly", *ADMIN),
        ("advance", "2028/mrp", "submit"),  # by whom?
        ("advance", "2028/ramar", "decide", *ADMIN, "--date", "24/2"),
        ("advance", "2028/ramar", "decide", *ADMIN, "--outcome", "perhaps"),
        ("open", "mandat-2027", *ADMIN),  # no election that year
        ("open", "twenty", *ADMIN),
        ("init",),
        ("log", "export"),  # --json has one document on stdout
        ("log", "verify", "--against", "12"),
        ("undo", "1", *ADMIN),  # no step of a plan
        ("snooze", "2028/ramar", *ADMIN, "--reason", "x"),  # until when?
        ("snooze", "2028/ramar", *ADMIN, "--reason", "x", "--until", "2027-04-01", "--end"),
    ):
        answer = spring(*words)
        assert answer.code == 2, words
        assert set(answer.document) == {"ok", "error", "message"}
        assert (answer.document["ok"], answer.document["error"]) == (False, "usage")
        assert answer.document["message"]
    assert spring("open", "2028", *ADMIN).rules == ["cycle"]  # is open: understood, and refused
    assert spring("plans", now="2027-03-15T10:00").code == 2  # no offset
    assert spring("plans", now="yesterday").code == 2


def test_not_found_is_4(spring: Arshjul) -> None:
    for words in (
        ("show", "2028/nothing"),
        ("show", "2031/mrp"),
        ("explain", "2028/nothing"),
        ("diagram", "nothing"),
        ("advance", "2028/mrp", "submit", "--actor", "nobody"),
        ("advance", "2028/nothing", "submit", *ADMIN),
        ("undo", "99999", *ADMIN),
        ("outbox", "show", "nothing"),
        ("outbox", "retry", "99999", *ADMIN),
        ("meetings", "add", "nobody", "2027-03-24", *ADMIN),
        ("people", "change", "nobody", "--name", "X", *ADMIN),
    ):
        answer = spring(*words)
        assert answer.code == 4, (words, answer.document)
        assert set(answer.document) == {"ok", "error", "message"}
        assert answer.document["error"] == "not_found"
    elsewhere = Arshjul(spring.home.parent / "nowhere")
    assert elsewhere("plans").code == 4


def test_a_faulty_definition_setting_or_schema_is_6(spring: Arshjul) -> None:
    assert spring.done("check")["findings"]
    wheel = spring.home / "municipality" / "wheel.toml"
    right = wheel.read_text(encoding="utf-8")
    wheel.write_text(right.replace('decides = "kf"', 'decides = "kff"', 2).replace("1 March Y-1", "31 February Y-1", 1))
    for words in (("check",), ("open", "2029", *ADMIN)):
        answer = spring(*words)
        assert answer.code == 6
        assert (answer.document["ok"], answer.document["error"]) == (False, "faulty")
        assert len(answer.document["faults"]) >= 3  # all at once, each with file, line and cure
        assert all({"file", "line", "message", "cure"} <= set(fault) for fault in answer.document["faults"])
    wheel.write_text(right, encoding="utf-8")

    spring.settings(send_hour="25:00", mode="pigeon")
    answer = spring("plans")
    assert (answer.code, len(answer.document["faults"])) == (6, 2)
    spring.settings(send_hour="07:30", mode="folder")

    ((revision,),) = spring.rows("SELECT version_num FROM alembic_version")
    spring.change("UPDATE alembic_version SET version_num = '9999'")  # as a newer program would leave it
    answer = spring("plans")
    assert (answer.code, answer.document["error"]) == (6, "faulty")
    assert "9999" in answer.document["message"]
    assert revision in answer.document["message"]
    assert spring("upgrade").code == 6
    spring.change("UPDATE alembic_version SET version_num = ?", revision)
    assert spring.done("upgrade")["backup"] is None or spring.done("upgrade")["from"] == revision


def test_not_well_is_7(spring: Arshjul) -> None:
    spring.now = at("2027-03-16", "10:30")
    answer = spring("status")
    assert (answer.code, answer.document["well"]) == (7, False)
    assert [problem["code"] for problem in answer.document["problems"]] == ["daemon_silent"]
    assert spring.done("log", "verify")["ok"] is True
    with closing(sqlite3.connect(spring.home / "arshjul.db")) as connection, connection:
        # Whoever owns the file can take the triggers away; the chain tells all the same.
        triggers = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'log_entry'"
        )
        for (name,) in triggers.fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        changed = connection.execute("UPDATE log_entry SET payload = replace(payload, 'KS 2026/112', 'KS 2026/113')")
        assert changed.rowcount
    broken = spring("log", "verify")
    assert broken.code == 7
    assert (broken.document["ok"], broken.document["error"], type(broken.document["broken"])) == (
        False,
        "not_well",
        int,
    )
    export = spring.home / "log.jsonl"
    spring.done("log", "export", "--out", export)
    assert verified_offline(export).returncode == 1


def test_the_clock_of_a_real_home_cannot_be_set_by_a_write(real: Arshjul) -> None:
    for words in (
        ("open", "2031", *ADMIN),
        ("tick",),
        ("hold", "mandat-2022/inriktningsmal", "--reason", "x", *ADMIN),
        ("daemon",),
    ):
        answer = real(*words, now=at("2027-02-24"))
        assert (answer.code, answer.document["error"]) == (2, "usage"), words
        assert "practice" in real.text(*words, now=at("2027-02-24"))[2]
    refused = Arshjul(real.home.parent / "other")("init", now=at("2027-02-24"))
    assert refused.code == 2
    assert not (real.home.parent / "other").exists()
    # Reads take it.
    assert real.done("plans", now=at("2023-03-02"))["plans"][0]["address"] == "mandat-2022/inriktningsmal"
    assert real.done("tick", "--dry-run", now=at("2040-01-01"))["dry_run"] is True


# ---- a dry run ------------------------------------------------------------------------------------------------------


def test_a_dry_run_changes_nothing_and_says_what_would_happen(june: Arshjul) -> None:
    june.done(*FRAMES)
    before, files = june.tables(), sorted(path.name for path in june.home.rglob("*"))
    seq = june.log("plan.advanced")[-1]["seq"]
    writes: list[tuple[Word, ...]] = [
        PLAN,
        ("send-back", "2028/mrp", *decided("kf", "2027-06-16")[:-2], "--reason", "x", "--new-date", "2027-06-25"),
        ("postpone", "2028/mrp", *decided("kf", "2027-06-16")[:-2], "--new-date", "2027-06-28"),
        ("move-deadline", "2028/mrp", "2027-06-28", *ADMIN, "--reason", "x"),
        ("hold", "2028/mrp", *ADMIN, "--reason", "x"),
        ("withdraw", "2028/mrp", *ADMIN, "--reason", "x"),
        ("reopen", "2028/ramar", *ADMIN, "--reason", "x", "--to", "draft"),
        ("remind", "2028/mrp", "--anyway", "--reason", "x", *ADMIN),
        ("undo", str(seq), *ADMIN),
        ("correct", str(seq), *ADMIN, "--paragraph", "32", "--reason", "x"),
        ("open", "2029", *ADMIN),
        ("people", "add", "new-1", "--name", "Ny", "--email", "ny@example.se", *ADMIN),
        ("meetings", "add", "kf", "2027-06-28", *ADMIN),
        ("tick",),
    ]
    for words in writes:
        document = june.done(*words, "--dry-run")
        assert document["dry_run"] is True, words
        assert document.get("log", []) == []
        assert june.tables() == before, words
    refused = june("advance", "2028/mrp", "decide", *decided("ks", "2027-06-16"), "--dry-run")
    assert (refused.code, refused.rules) == (3, ["body"])
    assert june.tables() == before
    assert sorted(path.name for path in june.home.rglob("*")) == files


# ---- the verbs beside the way ---------------------------------------------------------------------------------------


def test_a_wrong_click_is_undone_until_something_follows(june: Arshjul) -> None:
    june.done(*FRAMES)
    (seq,) = [n for n in june.done(*PLAN)["log"] if june.log()[n - 1]["action"] == "plan.advanced"]
    undone = june.done("undo", str(seq), *ADMIN)
    assert (undone["address"], undone["state"], undone["status"]) == ("2028/mrp", "kf", "in_progress")
    assert june.log("plan.undone")[-1]["data"]["undoes"] == seq
    follows = next(entry["seq"] for entry in june.log("plan.advanced") if entry["subject"] == "2028/mrp")
    assert set(june("undo", str(follows), *ADMIN).rules) == {"undo"}


def test_a_decision_that_was_undone_can_be_registered_again(june: Arshjul) -> None:
    june.done(*FRAMES)
    seq = next(n for n in june.done(*PLAN)["log"] if june.log()[n - 1]["action"] == "plan.advanced")
    june.done("undo", str(seq), *ADMIN)
    assert june.done(*PLAN)["state"] == "adopted"


def test_a_registration_is_corrected_and_the_old_one_stays(june: Arshjul) -> None:
    seq = june.done(*FRAMES)["log"][0]
    assert june("correct", str(seq), *ADMIN, "--paragraph", "32").rules == ["reason"]
    corrected = june.done("correct", str(seq), *ADMIN, "--paragraph", "32", "--reason", "skrivfel")
    assert corrected["state"] == "decided"
    rows = june.rows("SELECT paragraph, corrects FROM decision WHERE step = 'decide' AND body = 'ks' ORDER BY id")
    assert [paragraph for paragraph, _ in rows] == ["201", "31", "32"]
    assert rows[-1][1] is not None
    entry = june.log("decision.corrected")[-1]
    assert (entry["data"]["corrects"], entry["data"]["reason"]) == (seq, "skrivfel")


def test_a_held_plan_stands_still_until_it_is_released(june: Arshjul) -> None:
    june.done(*FRAMES)
    assert june("hold", "2028/mrp", *ADMIN).rules == ["reason"]
    june.done("hold", "2028/mrp", *ADMIN, "--reason", "väntar på SKR")
    assert june.done("show", "2028/mrp")["held"] is True
    assert june.done("show", "2028/mrp")["steps"] == []
    assert june(*PLAN).rules == ["held"]
    assert june("release", "2028/ramar", *ADMIN).rules == ["held"]
    june.done("release", "2028/mrp", *ADMIN)
    assert june.done(*PLAN)["state"] == "adopted"


def test_withheld_reminders_come_again_when_somebody_ends_it(june: Arshjul) -> None:
    june.done("snooze", "2028/mrp", *ADMIN, "--reason", "KS väntar", "--until", "2027-09-01")
    assert june.done("show", "2028/mrp")["snoozed"] == {"until": "2027-09-01", "reason": "KS väntar"}
    assert june("snooze", "2028/mrp", *ADMIN, "--end").rules == ["reason"]
    june.done("snooze", "2028/mrp", *ADMIN, "--end", "--reason", "KS har svarat")
    assert june.done("show", "2028/mrp")["snoozed"] is None
    assert june("snooze", "2028/mrp", *ADMIN, "--end", "--reason", "x").rules == ["snoozed"]
    assert [e["data"]["reason"] for e in june.log("plan.unsnoozed")] == ["KS har svarat"]


def test_a_withdrawn_plan_comes_back_by_reopening(spring: Arshjul) -> None:
    for board in BOARDS[1:]:
        spring.done("withdraw", f"2028/namndforslag/{board}", *ADMIN, "--reason", "deltar inte")
    shown = spring.done("show", "2028/namndforslag")
    assert shown["children"] == {"done": 0, "of": 1, "missing": ["2028/namndforslag/ks"]}
    address = "2028/namndforslag/socialnamnden"
    withdrawn = spring.done("show", address)
    assert (withdrawn["status"], withdrawn["steps"], withdrawn["agenda"]) == ("withdrawn", [], [])
    assert spring("advance", address, "draft", *ADMIN).rules == ["withdrawn"]
    reopened = spring.done("reopen", address, *ADMIN, "--reason", "deltar ändå")
    assert (reopened["state"], reopened["status"]) == ("open", "in_progress")
    assert spring.done("show", "2028/namndforslag")["children"]["of"] == 2


def test_reopening_a_decision_flags_the_plans_that_stood_on_it(june: Arshjul) -> None:
    june.done(*FRAMES)
    june.done(*PLAN)
    reopened = june.done(
        "reopen", "2028/ramar", *ADMIN, "--to", "draft", "--reason", "upphävt", "--new-date", "2027-06-30"
    )
    assert (reopened["state"], reopened["status"]) == ("draft", "in_progress")
    assert [warning["rule"] for warning in reopened["warnings"]] == ["reopened", "W202"]
    assert "2028/mrp" in reopened["warnings"][0]["message"]
    assert "2028/mrp" in {entry["subject"] for entry in june.log("plan.flagged")}
    assert june.done("show", "2028/mrp")["state"] == "adopted"  # flagged, not moved
    assert june.done("show", "2028/ramar")["entry"] == 2


def test_a_moved_deadline_says_where_it_comes_from_and_arms_the_reminders_again(june: Arshjul) -> None:
    moved = june.done("move-deadline", "2028/mrp", "2027-07-03", *ADMIN, "--reason", "KS beslut § 99")
    assert {warning["rule"] for warning in moved["warnings"]} == {"date"}  # a Saturday
    (stage,) = [s for s in june.done("show", "2028/mrp")["states"] if s["state"] == "kf"]
    assert stage["last"] == {"date": "2027-07-03", "source": "KS beslut § 99"}
    entry = june.log("deadline.moved")[-1]["data"]
    assert (entry["old"], entry["new"], entry["version"]) == ("2027-06-30", "2027-07-03", 2)
    notices = june.done("explain", "2028/mrp")["notices"]
    # On the last day itself means the working day before the weekend.
    assert ("2027-07-02T05:30:00Z", 2) in {(n["due"], n["deadline_version"]) for n in notices if n["offset"] == 0}
    assert june("move-deadline", "2028/mrp", "2027-06-01", *ADMIN, "--reason", "x").rules == ["date"]


def test_kf_sends_the_plan_back_and_puts_it_off(june: Arshjul) -> None:
    meeting = decided("kf", "2027-06-16")[:-2]  # the verb itself is the outcome
    assert set(june("send-back", "2028/mrp", *meeting).rules) == {
        "decision",
        "date",
    }  # no reason, and KS's day has passed
    back = june.done("send-back", "2028/mrp", *meeting, "--reason", "räkna om ramen", "--new-date", "2027-06-23")
    assert (back["state"], back["status"], back["notices"]) == ("ks_proposal", "sent_back", 1)
    shown = june.done("show", "2028/mrp")
    assert shown["entry"] == 2
    (stage,) = [s for s in shown["states"] if s["state"] == "ks_proposal"]
    assert stage["last"] == {"date": "2027-06-23", "source": "KF 2027-06-16 § 84"}
    told = [n for n in june.done("explain", "2028/mrp")["notices"] if n["rule"] == "sent_back"]
    assert {n["person"] for n in told} == {"ks-officer"}
    june.done("advance", "2028/mrp", "propose", *decided("ks", "2027-06-17", 75))
    put_off = june.done("postpone", "2028/mrp", *decided("kf", "2027-06-17", 90)[:-2], "--new-date", "2027-06-30")
    assert (put_off["state"], put_off["status"]) == ("kf", "postponed")
    outcomes = june.rows("SELECT outcome FROM decision WHERE body = 'kf' ORDER BY id")
    assert outcomes == [("sent_back",), ("postponed",)]


def test_they_are_reminded_at_once_but_not_twice_a_day(june: Arshjul) -> None:
    reminded = june.done("remind", "2028/mrp", "--anyway", "--reason", "KF meets again", *ADMIN)
    assert (reminded["notices"], reminded["send_after"]) == (
        1,
        "2027-06-17T08:10:00Z",
    )  # ten minutes, for a wrong click
    again = june("remind", "2028/mrp", *ADMIN, now=at("2027-06-17", "12:00"))
    assert (again.code, again.rules) == (3, ["reminded"])
    assert again.document["refusals"][0]["overridable"] is True
    assert june.done("tick", now=at("2027-06-17", "10:09"))["messages"] == 0
    assert june.done("tick", now=at("2027-06-17", "10:11"))["messages"] == 1  # ten minutes, for a wrong click
    *_, mail = (
        mail for mail in june.mails() if "birk.provgren@example.se" in str(mail["To"]) and "17 Jun 2027" in mail["Date"]
    )
    assert "2028" in str(mail["Subject"])


# ---- people, meetings, mails ----------------------------------------------------------------------------------------


def test_people_come_are_changed_and_go(spring: Arshjul) -> None:
    spring.done("people", "add", "sn-2", "--name", "Åsa Ny", "--email", "asa.ny@example.se", *ADMIN)
    assert spring("advance", "2028/namndforslag/socialnamnden", "draft", "--actor", "sn-2").code == 3
    spring.done("people", "role", "sn-2", "officer", "--body", "socialnamnden", *ADMIN)
    spring.done("people", "change", "sn-2", "--language", "en", *ADMIN)
    (person,) = [p for p in spring.done("people", "list", "--body", "socialnamnden")["people"] if p["person"] == "sn-2"]
    assert (person["name"], person["language"]) == ("Åsa Ny", "en")
    assert person["roles"] == [{"role": "officer", "body": "socialnamnden", "from": None, "to": None}]
    assert spring.done("advance", "2028/namndforslag/socialnamnden", "draft", "--actor", "sn-2")["state"] == "draft"
    spring.done("people", "end", "sn-2", *ADMIN)
    spring.now = at("2027-03-16")
    address = "2028/namndforslag/byggnadsnamnden"
    assert spring("advance", address, "draft", "--actor", "sn-2").rules == ["role"]
    assert "Åsa Ny" not in json.dumps(spring.log(), ensure_ascii=False)  # names never go into the log
    assert spring("people", "add", "sn-3", "--email", "no address", *ADMIN).code == 2
    assert spring("people", "role", "sn-2", "emperor", *ADMIN).code == 2


def test_meetings_are_moved_and_the_plans_that_are_due_then_named(june: Arshjul) -> None:
    june.done("move-deadline", "2028/mrp", "2027-06-28", *ADMIN, "--reason", "extra sammanträde")
    june.done("meetings", "add", "kf", "2027-06-28", *ADMIN)
    moved = june.done("meetings", "move", "kf", "2027-06-28", "2027-06-29", *ADMIN)
    assert "2028/mrp" in moved["warnings"][0]["message"]
    assert june.done("show", "2028/mrp")["states"][3]["last"]["date"] == "2027-06-28"  # named, not moved unasked
    listed = june.done("meetings", "list", "--body", "kf", "--year", "2027")["meetings"]
    assert [m["date"] for m in listed if m["date"].startswith("2027-06")] == ["2027-06-16", "2027-06-29"]
    june.done("meetings", "remove", "kf", "2027-06-29", *ADMIN)
    assert june("meetings", "remove", "kf", "2027-06-29", *ADMIN).code == 4
    assert june("meetings", "add", "kf", "2027-06-28", "--actor", "reader-1").code == 3


def test_a_mail_can_be_kept_back_and_sent_after_all(june: Arshjul) -> None:
    june.done("remind", "2028/mrp", "--anyway", "--reason", "KF meets again", *ADMIN)
    june.environment["ARSHJUL_MAIL__MODE"] = "off"
    assert june.done("tick", now=at("2027-06-17", "10:11"))["delivered"] == 0
    del june.environment["ARSHJUL_MAIL__MODE"]
    (mail,) = june.done("outbox", "list", "--status", "withheld")["messages"]
    assert (mail["attempts"], mail["sent_at"]) == (0, None)
    june.now = at("2027-06-17", "10:12")
    assert june("outbox", "mark-bounced", str(mail["id"]), *ADMIN).rules == ["unsent"]  # it has not left yet
    assert june.done("outbox", "retry", mail["message_id"], *ADMIN)["changed"] == 1
    assert june.done("outbox", "hold", str(mail["id"]), "--actor", "operator-1")["changed"] == 1
    assert june("outbox", "retry", str(mail["id"]), "--actor", "reader-1").code == 3
    june.done("outbox", "retry", str(mail["id"]), *ADMIN)
    assert june.done("tick", now=at("2027-06-17", "10:13"))["delivered"] == 1
    assert june.done("outbox", "show", str(mail["id"]))["status"] == "sent"
    left = mail["message_id"].strip("<>").partition("@")[0]
    bounced = ("outbox", "mark-bounced", f"studs+{left}@vanersborg.example", "--reason", "5.1.1 no such user")
    assert june(*bounced, "--actor", "reader-1").code == 3
    for nonsense in ("studs@vanersborg.example", f"studs+{left[:-1]}@vanersborg.example", "999", "5.1.1", " "):
        assert june("outbox", "mark-bounced", nonsense, *ADMIN).code == 4, nonsense
    assert june.done(*bounced, *ADMIN)["changed"] == 1
    assert june.done(*bounced, *ADMIN)["changed"] == 0
    assert june.done("outbox", "show", str(mail["id"]))["error"] == "it bounced: 5.1.1 no such user"
    assert mail["message_id"] in {sent["Message-ID"] for sent in june.mails()}


# ---- backup, restore, upgrade, diagram, log -------------------------------------------------------------------------


def test_a_backup_is_put_back_and_no_mail_leaves_until_somebody_has_looked(june: Arshjul) -> None:
    june.done("remind", "2028/mrp", "--anyway", "--reason", "KF meets again", *ADMIN)
    copy = june.done("backup")["file"]
    june.done(*FRAMES)
    assert june("restore", copy, "--actor", "reader-1").code == 3
    assert june("restore", june.home / "nothing.db", "--actor", "operator-1").code == 6
    dry = june.done("restore", copy, "--actor", "operator-1", "--dry-run")
    assert dry["dry_run"] is True
    assert june.done("show", "2028/ramar")["state"] == "decided"
    restored = june.done("restore", copy, "--actor", "operator-1")
    assert Path(restored["replaced"]).is_file()
    assert june.done("show", "2028/ramar")["state"] == "draft"
    assert june.log()[-1]["action"] == "home.restored"
    june.now = at("2027-06-17", "10:11")
    held = june.done("tick")
    assert (held["messages"], held["held_back"], held["delivered"]) == (0, 1, 0)
    answer = june("status")
    assert (answer.code, [problem["code"] for problem in answer.document["problems"]]) == (7, ["mail_held"])
    assert june("tick", "--confirm").code == 2
    assert june("tick", "--confirm", "--actor", "reader-1").code == 3
    june.now = at("2027-06-17", "10:12")
    assert june.done("tick", "--confirm", *ADMIN)["delivered"] == 1
    assert june.done("log", "verify")["ok"] is True


def test_the_log_is_shown_verified_exported_and_checked_without_the_program(june: Arshjul, tmp_path: Path) -> None:
    shown = june.done("log", "show", "2028/mrp")["entries"]
    assert [entry["action"] for entry in shown if entry["action"].startswith("plan.")] == [
        "plan.opened",
        *["plan.advanced"] * 3,
    ]
    assert {entry["subject"] for entry in shown} == {"2028/mrp"}
    assert len(june.done("log", "show", "--limit", "3")["entries"]) == 3
    assert june.done("log", "show", "--from", "2", "--limit", "1")["entries"][0]["seq"] == 2
    verified = june.done("log", "verify")
    size, head = len(june.log()), verified["head"]
    assert (verified["size"], head.partition(":")[0]) == (size, str(size))
    june.done(*FRAMES)
    assert june.done("log", "verify", "--against", head)["ok"] is True
    file = tmp_path / "log.jsonl"
    exported = june.done("log", "export", "--out", file)
    checked = verified_offline(file, exported["head"])
    assert checked.returncode == 0, checked.stdout
    assert verified_offline(file, head).returncode == 0
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join([*lines[:5], lines[5].replace("person", "parson", 1), *lines[6:]]), encoding="utf-8")
    told = verified_offline(file)
    assert told.returncode == 1
    assert "Entry 6 " in told.stdout
    file.write_text("".join(lines[:-1]), encoding="utf-8")
    assert verified_offline(file).returncode == 0  # cut at its end it looks whole …
    assert verified_offline(file, exported["head"]).returncode == 1  # … but not against a head kept elsewhere
    sheet = tmp_path / "log.csv"
    june.done("log", "export", "--format", "csv", "--out", sheet)
    assert sheet.read_text(encoding="utf-8").splitlines()[0] == ",".join(COLUMNS)
    june.done("log", "export", "--for", "excel", "--out", sheet, "--force")
    assert sheet.read_bytes().startswith(b"\xef\xbb\xbf" + ";".join(COLUMNS).encode() + b"\r\n")
    june.done("outbox", "export", "--for", "excel", "--out", sheet, "--force")
    assert sheet.read_text(encoding="utf-8").startswith("\ufeffnotice;plan;state;")
    assert june("log", "export", "--for", "excel", "--format", "jsonl", "--out", sheet, "--force").code == 2
    code, said, _ = june.text("log", "export")
    assert code == 0
    assert len(said.splitlines()) == len(june.log())


def verified_offline(export: Path, head: str | None = None) -> "subprocess.CompletedProcess[str]":
    """By the script that needs nothing but Python."""
    command: list[Word] = [sys.executable, "-I", ROOT / "docs" / "verify_log.py", export]
    command += ["--head", head] if head else []
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)


def test_a_workflow_is_drawn_with_the_plans_state_marked(june: Arshjul) -> None:
    drawn = june.done("diagram", "2028/mrp")["mermaid"]
    assert drawn.startswith("stateDiagram")
    assert "ks_proposal" in drawn
    assert june.done("diagram", "mrp")["mermaid"] != drawn


def test_upgrade_does_nothing_where_nothing_is_to_be_done(june: Arshjul) -> None:
    before = june.tables()
    upgraded = june.done("upgrade")
    assert upgraded["from"] == upgraded["to"]
    assert june.tables() == before


def test_without_json_a_refusal_is_said_on_stderr_in_english_or_swedish(june: Arshjul) -> None:
    code, said, error = june.text(*PLAN)
    assert (code, said) == (3, "")
    assert "R2" in error
    assert max(len(line) for line in error.splitlines()) <= 80
    english = june(*PLAN, "--lang", "en").document["refusals"][0]["message"]
    swedish = june(*PLAN, "--lang", "sv").document["refusals"][0]["message"]
    assert english != swedish
    assert "kommunstyrelsen" in swedish
