"""The console contract: documents, exit codes, options, and what people read."""

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import click
import pytest

from config.municipality.municipality import CATALOG
from config.text.texts import Texts
from tests.support.installed import Arshjul
from tests.wheel.console.test_contract import at_once
from wheel.app import build as build_app
from wheel.console.help import walk
from wheel.console.main import PROGRAM, main
from wheel.daemon.lock import only_daemon
from wheel.home.folder import HomeFolder
from wheel.reads.result_documents import sentence
from workflows.rules.named_rules import Reason
from workflows.visible import HIDDEN

ROOT = Path(__file__).parents[3]
COMMAND = Path(sys.executable).parent / "arshjul"
OPENED = "2026-11-02T09:00+01:00"
DECIDED = (
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
FRAMES = ("--body", "ks", "--date", "2027-02-24", "--paragraph", "30", "--diary", "KS 2027/1", "--outcome", "adopted")

Run = Callable[..., tuple[int, dict[str, Any]]]


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    """Run a command with --json; the one document that it must answer with."""
    code = main([*arguments, "--json"])
    out, err = capsys.readouterr()
    assert err == ""
    return code, json.loads(out)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], database_url: str, tmp_path: Path) -> Run:
    """Commands in a practice home, on each database."""
    shared = ("--home", str(tmp_path / "var"), "--database", database_url, "--lang", "en")
    code, _ = call(capsys, "init", "--practice", "--now", OPENED, *shared)
    assert code == 0
    return lambda *arguments: call(capsys, *arguments, *shared)


@pytest.fixture(scope="session")
def first_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = Arshjul(tmp_path_factory.mktemp("console") / "var")
    home.done("init", "--practice", now=OPENED)
    home.done("open", "2028", "--actor", "admin", now=OPENED)
    return home.home


@pytest.fixture
def home(first_home: Path, tmp_path: Path) -> Path:
    """A practice home with the cycle 2028, on SQLite."""
    return Path(shutil.copytree(first_home, tmp_path / "var"))


@pytest.fixture
def opened(run: Run) -> Run:
    """The cycle 2028 is open and its timetable decided."""
    assert run("open", "2028", "--actor", "admin", "--now", OPENED)[0] == 0
    answer = run("advance", "2028/tidsplan", "decide", "--actor", "admin", *DECIDED, "--now", "2026-11-05T09:00+01:00")
    assert answer[0] == 0, answer
    return run


# ---- the engine through the door --------------------------------------------------------------------------------


def test_a_write_answers_with_the_contracts_object(run: Run) -> None:
    code, opened = run("open", "2028", "--actor", "admin", "--now", OPENED)
    assert code == 0
    assert opened.keys() >= {"ok", "address", "state", "status", "version", "log", "notices", "warnings", "dry_run"}
    code, done = run(
        "advance", "2028/tidsplan", "decide", "--actor", "admin", *DECIDED, "--now", "2026-11-05T09:00+01:00"
    )
    assert code == 0
    assert (done["address"], done["status"], done["dry_run"]) == ("2028/tidsplan", "done", False)
    assert done["version"] > 1
    assert done["log"] == sorted(done["log"])
    assert done["log"]


def test_a_refusal_names_every_rule_and_leaves_only_its_entry(opened: Run) -> None:
    before = opened("show", "2028/mrp")[1]
    decision = (
        "--body",
        "kf",
        "--date",
        "2027-02-24",
        "--paragraph",
        "1",
        "--diary",
        "KS 2027/9",
        "--outcome",
        "adopted",
    )
    code, refused = opened(
        "advance", "2028/mrp", "decide", "--actor", "admin", *decision, "--now", "2027-02-25T09:00+01:00"
    )
    assert code == 3
    assert refused["error"] == "refused"
    assert "R2" in {reason["rule"] for reason in refused["refusals"]}
    wanted = {"rule", "severity", "citation", "message", "who", "step", "overridable"}
    assert all(reason.keys() >= wanted for reason in refused["refusals"])
    assert "ks" in next(r for r in refused["refusals"] if r["rule"] == "R2")["who"]
    after = opened("show", "2028/mrp")[1]
    assert (after["state"], after["version"]) == (before["state"], before["version"])
    assert [e["action"] for e in after["history"][len(before["history"]) :]] == ["plan.refused"]


def test_that_a_rule_can_be_passed_over_is_said_only_where_that_helps(home: Path) -> None:
    arshjul, now = Arshjul(home), "2027-02-25T09:00+01:00"
    hint = "You can do it anyway"
    code, _, said = arshjul.text("advance", "2028/ramar", "decide", "--actor", "admin", *FRAMES, now=now)
    assert (code, hint in said) == (3, False)  # R1 stands beside it, which nobody passes over
    arshjul.done("advance", "2028/tidsplan", "decide", "--actor", "admin", *DECIDED, now="2026-11-05T09:00+01:00")
    minutes = (
        "--body",
        "kf",
        "--date",
        "2027-02-24",
        "--paragraph",
        "1",
        "--diary",
        "KS 2027/9",
        "--outcome",
        "adopted",
    )
    code, _, said = arshjul.text("advance", "2028/mrp", "decide", "--actor", "admin", *minutes, now=now)
    assert (code, said.count(hint)) == (3, 1)
    code, _, said = arshjul.text("advance", "2028/mrp", "decide", "--actor", "reader", *minutes, now=now)
    assert (code, hint in said) == (4, False)


def test_the_history_says_what_was_corrected_and_what_that_changed(home: Path) -> None:
    arshjul, now = Arshjul(home), "2027-02-25T09:00+01:00"
    arshjul.done("advance", "2028/tidsplan", "decide", "--actor", "admin", *DECIDED, now="2026-11-05T09:00+01:00")
    decided = arshjul.done("advance", "2028/ramar", "decide", "--actor", "admin", *FRAMES, now=now)["log"]
    entry = next(e["seq"] for e in arshjul.log("plan.advanced") if e["seq"] in decided and e["actor"] == "admin")
    more = ("--outcome", "adopted_with_changes", "--paragraph", "31", "--reason", "read wrongly", "--actor", "admin")
    arshjul.done("correct", str(entry), *more, now=now)
    arshjul.done("correct", str(entry), "--date", "2026-12-31", "--reason", "the year too", "--actor", "admin", now=now)
    said = " ".join(arshjul.text("show", "2028/ramar", now=now)[1].split())
    assert "§ 30 → 31. Outcome adopted → adopted with changes. Reason: read wrongly." in said
    assert "Date 2027-02-24 → 2026-12-31. Reason: the year too. Note: " in said


def test_a_step_that_was_typed_later_is_shown_with_the_day_on_which_it_was_taken(home: Path) -> None:
    arshjul, dialogue = Arshjul(home), "2028/uppdragsdialog/socialnamnden"
    arshjul.done("advance", "2028/tidsplan", "decide", "--actor", "admin", *DECIDED, now="2026-11-05T09:00+01:00")
    now = "2027-04-20T09:00+02:00"
    done = arshjul.done("advance", dialogue, "hold", "--on", "2027-04-12", "--actor", "admin", now=now)
    entry = next(e["seq"] for e in arshjul.log("plan.advanced") if e["seq"] in done["log"] and e["actor"] == "admin")
    assert "since 2027-04-20 09:00 (the step was taken on 2027-04-12)" in arshjul.text("show", dialogue, now=now)[1]
    arshjul.done("correct", str(entry), "--on", "2027-04-13", "--reason", "a slip", "--actor", "admin", now=now)
    said = " ".join(arshjul.text("show", dialogue, now=now)[1].split())
    assert "since 2027-04-20 09:00 (the step was taken on 2027-04-13)" in said
    assert "Date 2027-04-12 → 2027-04-13. Reason: a slip." in said


def test_a_dry_run_changes_nothing(opened: Run) -> None:
    log = opened("log", "verify")[1]
    code, done = opened(
        "hold", "2028/ramar", "--actor", "admin", "--reason", "x", "--dry-run", "--now", "2026-11-06T09:00+01:00"
    )
    assert (code, done["dry_run"], done["log"]) == (0, True, [])
    assert opened("log", "verify")[1] == log


def test_a_stale_version_is_a_conflict(opened: Run) -> None:
    act = ("--actor", "admin", "--reason", "x", "--now", "2026-11-06T09:00+01:00")
    version = opened("show", "2028/ramar")[1]["version"]
    code, answer = opened("hold", "2028/ramar", *act, "--if-version", str(version + 1))
    assert (code, answer["error"]) == (5, "conflict")
    assert opened("hold", "2028/ramar", *act, "--if-version", str(version))[0] == 0
    assert opened("hold", "2028/ramar", *act)[0] == 3  # held already, and nobody was faster


def test_what_is_not_there_is_not_found(opened: Run) -> None:
    act = ("--actor", "admin", "--reason", "x", "--now", "2026-11-06T09:00+01:00")
    for arguments in (
        ("show", "2028/nothing"),
        ("hold", "2028/nothing", *act),
        ("hold", "2028/ramar", "--actor", "nobody", "--reason", "x", "--now", "2026-11-06T09:00+01:00"),
        ("undo", "9999", *act),
        ("explain", "2028/nothing"),
        ("outbox", "show", "17"),
        ("diagram", "nothing"),
        ("meetings", "remove", "kf", "2027-01-01", *act),
        ("people", "end", "nobody", *act[:2], *act[4:]),
        ("tick", "--actor", "nobody", "--now", "2026-11-06T09:00+01:00"),
    ):
        code, answer = opened(*arguments)
        assert (code, answer["ok"], answer["error"]) == (4, False, "not_found"), arguments
        assert answer["message"]


def test_the_wrong_role_is_refused(opened: Run) -> None:
    code, answer = opened(
        "hold", "2028/ramar", "--actor", "reader-1", "--reason", "x", "--now", "2026-11-06T09:00+01:00"
    )
    assert code == 3
    assert [reason["rule"] for reason in answer["refusals"]] == ["role"]


@pytest.mark.parametrize(
    ("month", "now", "cycle"),
    [("October", "2027-01-10", 2027), ("October", "2027-02-01", 2028), ("June", "2027-01-10", 2028)],
)
def test_init_names_the_cycle_that_is_in_planning_as_its_wheel_says(
    month: str, now: str, cycle: int, tmp_path: Path
) -> None:
    """With the budget in October a cycle opens on 1 February of the year before, with June on 1 October before that."""
    arshjul = Arshjul(tmp_path / "var")
    arshjul.now = f"{now}T09:00+01:00"
    arshjul.done("new", "p", "--budget-month", month, "--into", tmp_path)
    code, said, _ = arshjul.text("init", "--practice", "--source", tmp_path / "p")
    assert code == 0
    assert f"arshjul open {cycle} --actor admin" in said


def test_a_tick_before_there_is_a_cycle_says_its_time_by_the_clock_in_sweden(tmp_path: Path) -> None:
    arshjul = Arshjul(tmp_path / "var")
    arshjul.now = "2027-01-11T08:00+01:00"
    arshjul.done("init", "--practice")
    assert "2027-01-11 08:00" in arshjul.text("tick")[1]


def test_a_tick_answers_with_what_moved_and_what_was_delivered(opened: Run, tmp_path: Path) -> None:
    code, preview = opened("tick", "--dry-run", "--now", "2027-01-11T08:00+01:00")
    assert code == 0
    assert (preview["dry_run"], preview["delivered"]) == (True, 0)
    assert not list((tmp_path / "var" / "mailbox").iterdir())
    code, ticked = opened("tick", "--now", "2027-01-11T08:00+01:00")
    assert code == 0
    assert ticked["now"] == "2027-01-11T07:00:00Z"
    assert ticked["moved"] == preview["moved"]
    assert {"address", "from", "to", "due"} == ticked["moved"][0].keys()
    assert "2028/ramar" in {moved["address"] for moved in ticked["moved"]}
    assert ticked["put_aside"] == []
    assert ticked["delivered"] == ticked["messages"] == len(list((tmp_path / "var" / "mailbox").iterdir()))
    assert ticked["messages"] > 0


def test_show_plans_and_explain_have_the_contracts_keys(opened: Run) -> None:
    opened("tick", "--now", "2027-01-11T08:00+01:00")
    show = opened("show", "2028/ramar", "--now", "2027-01-11T09:00+01:00")[1]
    assert show.keys() >= {
        *("address", "cycle", "phase", "board", "workflow", "definition", "state", "entry", "status", "held"),
        *("version", "states", "steps", "blockers", "children", "agenda", "history"),
    }
    plans = opened("plans", "--phase", "ramar")[1]["plans"]
    assert [plan["address"] for plan in plans] == ["2028/ramar"]
    assert plans[0].keys() >= {"address", "phase", "board", "state", "status", "last", "responsible", "version"}
    notices = opened("explain", "2028/ramar", "--now", "2027-01-11T09:00+01:00")[1]["notices"]
    assert {notice["outcome"] for notice in notices} >= {"planned"}
    one = notices[0]
    assert opened("explain", one["key"], "--now", "2027-01-11T09:00+01:00")[1]["notices"] == [one]


def test_filters_of_plans(opened: Run) -> None:
    everything = opened("plans")[1]["plans"]
    board = opened("plans", "--board", "socialnamnden")[1]["plans"]
    assert board
    assert all(plan["board"] == "socialnamnden" for plan in board)
    assert opened("plans", "--cycle", "2029")[0] == 4
    found = opened("plans", "--status", "done", "--status", "not_concerned", "--now", "2026-11-06T09:00+01:00")[1][
        "plans"
    ]
    assert {plan["status"] for plan in found} == {"done", "not_concerned"}
    assert len(found) < len(everything)


@pytest.mark.parametrize(
    "words",
    [
        ("people", "list", "--body", "socialnamden"),
        ("people", "list", "--role", "handläggare"),
        ("meetings", "list", "--body", "xyz"),
        ("outbox", "list", "--person", "nobody"),
        ("decisions", "--body", "xyz"),
    ],
)
def test_a_filter_that_names_nothing_is_not_found_before_a_cycle_is_open_too(run: Run, words: tuple[str, ...]) -> None:
    code, answer = run(*words)
    assert (code, answer["error"]) == (4, "not_found")


def test_registers_take_a_body_by_its_short_name_or_name(run: Run) -> None:
    for words in (("people", "list", "--body"), ("meetings", "list", "--body")):
        (named,) = {str(run(*words, body)) for body in ("ks", "KS", "Kommunstyrelsen")}
        assert "'ks'" in named


def test_meetings_and_roles_take_a_body_by_its_short_name_or_name(run: Run) -> None:
    act = ("--actor", "admin", "--now", "2026-11-02T09:00+01:00")
    assert run("meetings", "add", "KS", "2027-11-18", *act)[1]["address"] == "ks"
    assert run("meetings", "move", "Kommunstyrelsen", "2027-11-18", "2027-11-19", *act)[1]["address"] == "ks"
    assert run("meetings", "remove", "ks", "2027-11-19", *act)[0] == 0
    assert run("people", "add", "x-1", "--role", "officer", "--body", "SN", *act)[0] == 0
    assert run("people", "role", "x-1", "secretary", "--body", "Socialnämnden", *act)[0] == 0
    (person,) = [each for each in run("people", "list", "--body", "SN")[1]["people"] if each["person"] == "x-1"]
    assert [role["body"] for role in person["roles"]] == ["socialnamnden", "socialnamnden"]
    assert run("people", "end", "x-1", "--role", "secretary", "--body", "SN", *act)[0] == 0
    assert run("meetings", "add", "KSS", "2027-11-18", *act)[0] == 4


def test_faulty_files_hide_no_register(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (home / "municipality" / "wheel.toml").open("a", encoding="utf-8") as file:
        file.write("x = [\n")
    code, answer = call(capsys, "people", "list", "--body", "socialnamnden", "--home", str(home))
    assert (code, len(answer["people"]) > 0) == (0, True)


def test_people_are_listed_with_first_and_last_day_by_their_words(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [
        "people",
        "role",
        "ekonom-2",
        "officer",
        "--body",
        "socialnamnden",
        "--instead-of",
        "socialnamnden-officer",
    ]
    words += ["--from", "2028-09-10", "--to", "2028-10-09", "--actor", "admin"]
    assert main([*words, "--home", str(home)]) == 0
    words = ["people", "end", "socialnamnden-officer", "--to", "2028-09-09", "--actor", "admin"]
    assert main([*words, "--home", str(home)]) == 0
    capsys.readouterr()
    assert main(["people", "list", "--body", "socialnamnden", "--lang", "sv", "--home", str(home)]) == 0
    said = capsys.readouterr().out
    assert "    handläggare (socialnamnden), från 2028-09-10, till och med 2028-10-09, i\n" in said
    assert "      stället för socialnamnden-officer\n" in said
    assert "    handläggare (socialnamnden), till och med 2028-09-09" in said
    assert main(["meetings", "list", "--body", "ks", "--year", "2050", "--lang", "sv", "--home", str(home)]) == 0
    assert capsys.readouterr().out == "Inga sammanträden.\n"


def test_undo_and_correct_by_the_log_entry(opened: Run) -> None:
    act = ("--actor", "admin", "--reason", "wrong click", "--now", "2026-11-05T09:30+01:00")
    history = opened("show", "2028/tidsplan")[1]["history"]
    entry = next(e["seq"] for e in history if e["data"].get("decision"))
    code, corrected = opened("correct", str(entry), "--diary", "KS 2026/301", *act)
    assert code == 0, corrected
    code, _ = opened("correct", str(entry), *act[:2], *act[4:], "--diary", "x")
    assert code == 3  # no reason
    code, answer = opened("undo", str(entry), *act)
    assert code == 0, answer  # a correction hinders no undo


def test_keeping_a_plan_moves_its_deadline_holds_releases_withdraws_and_reopens_it(opened: Run) -> None:
    at = ("--actor", "admin", "--now", "2027-01-12T09:00+01:00")
    opened("tick", "--now", "2027-01-12T08:00+01:00")
    assert opened("move-deadline", "2028/ramar", "2027-03-10", "--reason", "KS meets later", *at)[0] == 0
    for verb in ("hold", "release", "withdraw", "reopen", "remind"):
        code, answer = opened(verb, "2028/ramar", "--reason", "because", *at)
        assert code == 0, (verb, answer)
    assert opened("send-back", "2028/ramar", "--reason", "x", *at)[0] in (0, 2, 3)
    assert opened("postpone", "2028/ramar", "--reason", "x", *at)[0] in (2, 3)


def test_people_come_change_get_roles_and_go(run: Run) -> None:
    at = ("--actor", "admin", "--now", OPENED)
    new = ("people", "add", "anna", "--name", "Anna Prov", "--email", "anna@example.se", "--role", "officer")
    assert run(*new, *at)[0] == 2  # an officer of which body?
    assert run(*new, "--body", "ks", *at)[0] == 0
    assert run(*new, "--body", "ks", *at)[0] == 2  # there already
    assert run("people", "add", "bo", "--email", "nonsense", *at)[0] == 2
    assert run("people", "change", "anna", "--email", "", *at)[0] == 0  # an address that is dead can be taken away
    assert [p["email"] for p in run("people", "list")[1]["people"] if p["person"] == "anna"] == [""]
    assert run("people", "change", "anna", "--email", "anna.prov@example.se", *at)[0] == 0
    assert run("people", "role", "anna", "secretary", "--body", "kf", "--from", "2027-01-01", *at)[0] == 0
    assert run("people", "role", "anna", "emperor", *at)[0] == 2
    found = next(
        p for p in run("people", "list", "--role", "secretary", "--body", "kf")[1]["people"] if p["person"] == "anna"
    )
    assert found["email"] == "anna.prov@example.se"
    assert {(r["role"], r["body"], r["from"]) for r in found["roles"]} == {
        ("officer", "ks", None),
        ("secretary", "kf", "2027-01-01"),
    }
    assert run("people", "end", "anna", "--role", "officer", *at)[0] == 0
    assert run("people", "end", "anna", "--role", "officer", *at)[0] == 4
    assert run("people", "add", "x", "--actor", "reader-1", "--now", OPENED)[0] == 3
    logged = str(run("log", "show", "anna")[1])
    assert "role.ended" in logged
    assert "Anna Prov" not in logged
    assert "@" not in logged


def test_what_cannot_be_a_person_or_their_role_is_refused_in_one_sentence(run: Run) -> None:
    at = ("--actor", "admin", "--now", OPENED)
    assert run("people", "add", "anna", "--name", "Anna Prov", *at)[0] == 0
    for wrong, said in {
        ("add", "bo", "--name", "   "): "'   ' cannot be used as a name. A name is one line of visible characters.",
        (
            "change",
            "anna",
            "--name",
            "a\nb",
        ): r"'a\nb' cannot be used as a name. A name is one line of visible characters.",
        ("add", "b" * 300): "A person's id has at most 100 characters.",
        ("role", "anna", "administrator", "--body", "ks"): (
            "The role administrator applies to the whole municipality, not to a body. Leave out --body."
        ),
    }.items():
        code, answer = run("people", *wrong, *at)
        assert (code, answer["message"]) == (2, said)
    assert run("people", "role", "anna", "auditor", "--body", "revisorerna", *at)[0] == 0


def test_the_last_administrator_stays(run: Run) -> None:
    at = ("--actor", "admin", "--now", OPENED)
    assert run("people", "end", "ekonom-1", *at)[0] == 0
    assert run("people", "end", "ekonom-2", *at)[0] == 0
    code, answer = run("people", "end", "admin", *at)
    assert (code, answer["refusals"][0]["rule"]) == (3, "people")
    assert answer["refusals"][0]["message"].startswith("From 3 November 2026 on nobody would be an administrator.")


def test_a_day_between_two_administrators_is_named(run: Run) -> None:
    at = ("--actor", "admin", "--now", OPENED)
    for person in ("ekonom-1", "ekonom-2"):
        assert run("people", "end", person, *at)[0] == 0
    assert run("people", "add", "a-1", "--name", "A", "--role", "administrator", "--until", "2027-08-31", *at)[0] == 0
    assert run("people", "add", "a-2", "--name", "B", "--role", "administrator", "--from", "2027-10-01", *at)[0] == 0
    code, answer = run("people", "end", "admin", "--to", "2027-06-30", *at)
    assert (code, "1 September 2027" in answer["refusals"][0]["message"]) == (3, True)
    assert run("people", "end", "admin", "--to", "2027-09-30", *at)[0] == 0


def test_a_role_that_ended_before_it_began_is_not_listed(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = ("--actor", "admin", "--now", OPENED, "--home", str(home))
    assert main(["people", "add", "a-1", "--name", "A", "--role", "reader", "--from", "2027-08-31", *at]) == 0
    assert main(["people", "end", "a-1", *at]) == 0
    capsys.readouterr()
    assert main(["people", "list", "--home", str(home)]) == 0
    assert "2027-08-31" not in capsys.readouterr().out


def test_what_a_decision_lacks_is_said_in_words_with_its_option() -> None:
    text = "All fields of the decision are needed. Missing: {fields}."
    reason = Reason("decision", text, {"fields": ("date", "paragraph", "diary")})
    said = sentence(reason, Texts("sv"), None)
    assert said.endswith("Saknas: sammanträdesdagen (date), paragrafen (paragraph), diarienumret (diary).")


def test_meetings_are_added_moved_and_removed(opened: Run) -> None:
    at = ("--actor", "admin", "--now", OPENED)
    assert opened("meetings", "add", "kf", "2030-06-19", *at)[0] == 0
    assert opened("meetings", "add", "kf", "2030-06-19", *at)[0] == 2
    assert opened("meetings", "add", "riksdagen", "2030-06-19", *at)[0] == 4
    code, moved = opened("meetings", "move", "kf", "2030-06-19", "2030-06-22", "--reason", "x", *at)
    assert (code, [w["rule"] for w in moved["warnings"]]) == (0, ["date"])  # a Saturday
    assert opened("meetings", "list", "--body", "kf", "--year", "2030")[1] == {
        "meetings": [{"body": "kf", "date": "2030-06-22"}]
    }
    assert opened("meetings", "remove", "kf", "2030-06-22", *at)[0] == 0
    assert opened("meetings", "list", "--year", "2030")[1] == {"meetings": []}


def test_the_outbox_is_listed_shown_held_and_retried(opened: Run, tmp_path: Path) -> None:
    opened("tick", "--now", "2027-01-11T08:00+01:00")
    mails = opened("outbox", "list")[1]["messages"]
    assert mails
    assert mails[0].keys() >= {
        *("id", "message_id", "to", "subject", "status", "attempts", "created_at", "sent_at", "notices", "sha256")
    }
    shown = opened("outbox", "show", mails[0]["message_id"])[1]
    assert shown["subject"] == mails[0]["subject"]
    assert "2028/" in shown["text"] or shown["text"]
    assert opened("outbox", "show", str(mails[0]["id"]), "--out", str(tmp_path / "mail.eml"))[0] == 0
    assert sha256((tmp_path / "mail.eml").read_bytes()).hexdigest() == mails[0]["sha256"]
    at = ("--actor", "admin", "--now", "2027-01-11T09:00+01:00")
    assert opened("outbox", "hold", str(mails[0]["id"]), *at)[1]["changed"] == 0  # it has left
    assert opened("outbox", "retry", str(mails[0]["id"]), "--actor", "reader-1", *at[2:])[0] == 3
    assert opened("outbox", "list", "--status", "failed")[1] == {"messages": []}


def test_status_says_what_is_not_well(opened: Run) -> None:
    code, status = opened("status", "--now", "2026-11-06T09:00+01:00")
    assert code == 7
    assert status.keys() >= {"well", "practice", "daemon", "outbox", "problems", "version", "schema"}
    assert (status["well"], status["practice"]) == (False, True)
    assert status["problems"][0].keys() == {"code", "message"}
    opened("tick", "--now", "2026-11-06T09:00+01:00")
    assert opened("status", "--now", "2026-11-06T09:01+01:00")[0] == 0


def test_the_log_is_verified_and_exported(opened: Run, tmp_path: Path) -> None:
    code, verdict = opened("log", "verify")
    assert (code, verdict["ok"]) == (0, True)
    assert opened("log", "verify", "--against", verdict["head"])[0] == 0
    assert opened("log", "verify", "--against", "nonsense")[0] == 2
    assert opened("log", "export")[0] == 2  # two documents on one terminal
    exported = opened("log", "export", "--out", str(tmp_path / "log.jsonl"))[1]
    assert exported["head"] == verdict["head"]
    assert len((tmp_path / "log.jsonl").read_text(encoding="utf-8").splitlines()) == verdict["size"]
    entries = opened("log", "show", "--limit", "3")[1]["entries"]
    assert [entry["seq"] for entry in entries] == [verdict["size"] - 2, verdict["size"] - 1, verdict["size"]]
    assert opened("log", "show", "--from", "1", "--limit", "1")[1]["entries"][0]["action"] == "home.created"


def test_diagram_and_check(opened: Run) -> None:
    assert "class upcoming now" in opened("diagram", "2028/mrp")[1]["mermaid"]
    assert opened("diagram", "mrp")[1]["mermaid"].startswith("stateDiagram-v2")
    code, checked = opened("check")
    assert code == 0
    assert "W002" in {finding["code"] for finding in checked["findings"]}
    assert "R5" in checked["not_held"]
    assert "R2" not in checked["not_held"]


def test_a_workflow_of_the_municipalitys_own_is_drawn_before_a_phase_uses_it(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "var" / "municipality" / "workflows"
    folder.mkdir()
    moment = (CATALOG / "moment.toml").read_text(encoding="utf-8")
    (folder / "prov.toml").write_text(moment.replace('id = "moment"', 'id = "prov"'), encoding="utf-8")
    (folder / "mrp.toml").write_text(moment.replace('id = "moment"', 'id = "mrp"'), encoding="utf-8")
    drawn = {name: run("diagram", name)[1]["mermaid"] for name in ("moment", "prov", "mrp")}
    assert drawn["prov"] == drawn["moment"] == drawn["mrp"]  # its own goes before the catalog's
    code, answer = run("diagram", "provv")
    assert (code, "prov" in answer["message"]) == (4, True)
    (folder / "prov.toml").write_text("id = ", encoding="utf-8")
    code, answer = run("diagram", "moment")
    assert (code, [fault["file"] for fault in answer["faults"]]) == (6, ["workflows/prov.toml"])


def test_check_looks_ahead_for_the_day_without_an_administrator(home: Path) -> None:
    arshjul = Arshjul(home)
    arshjul.change("UPDATE role SET valid_to = '2027-08-31' WHERE role = 'administrator'")  # no act leads to this
    for now, named in (("2027-06-02T09:00+02:00", False), ("2027-06-04T09:00+02:00", True)):
        findings = {each["code"]: each for each in arshjul.done("check", now=now)["findings"]}
        assert ("W004" in findings) is named
        assert ("no_administrator" in [p["code"] for p in arshjul("status", now=now).document["problems"]]) is named
    assert "1 september 2027" in findings["W004"]["message"]
    elsewhere = arshjul.done("check", ROOT / "config" / "samples" / "lejre", now=now)  # another municipality's files
    assert "W004" not in {each["code"] for each in elsewhere["findings"]}


# ---- the edge ---------------------------------------------------------------------------------------------------


def test_after_a_restore_no_mail_leaves_until_somebody_has_confirmed(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def ask(*arguments: str) -> tuple[int, dict[str, Any]]:
        return call(capsys, *arguments, "--home", str(home))

    at = ("--now", "2026-11-06T09:00+01:00")
    code, copy = ask("backup", *at)
    assert code == 0
    assert ask("restore", copy["file"], "--actor", "reader-1", *at)[0] == 3
    assert ask("restore", copy["file"], "--actor", "nobody", *at)[0] == 4
    assert ask("restore", str(home / "nothing.db"), "--actor", "operator-1", *at)[0] == 6
    assert ask("restore", copy["file"], "--actor", "operator-1", *at)[0] == 0
    ask("advance", "2028/tidsplan", "decide", "--actor", "admin", *DECIDED, *at)
    later = ("--now", "2027-01-11T08:00+01:00")
    held = ask("tick", *later)[1]
    assert (held["messages"], held["held_back"] > 0) == (0, True)
    assert ask("tick", "--confirm", *later)[0] == 2
    assert ask("tick", "--confirm", "--actor", "reader-1", *later)[0] == 3
    assert ask("tick", "--confirm", "--actor", "operator-1", *later)[1]["messages"] > 0
    assert ask("upgrade", *later)[1]["backup"] is None


def test_a_changed_entry_makes_the_log_not_well(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(sqlite3.connect(home / "arshjul.db")) as database, database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
        database.execute("UPDATE log_entry SET payload = replace(payload, 'admin', 'adnim') WHERE seq = 5")
        database.execute("UPDATE log_entry SET payload = CAST(payload AS BLOB) WHERE seq = 5")
    code, verdict = call(capsys, "log", "verify", "--home", str(home))
    assert (code, verdict["error"], verdict["broken"]) == (7, "not_well", 5)


def test_an_old_schema_is_faulty_and_named(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(sqlite3.connect(home / "arshjul.db")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '0000'")
    for command in (["plans"], ["status"], ["tick"], ["hold", "2028/mrp", "--actor", "admin", "--reason", "x"]):
        code, answer = call(capsys, *command, "--home", str(home))
        assert (code, answer["error"]) == (6, "faulty"), command
        assert "0000" in answer["message"]


def test_faulty_settings_and_files_come_with_every_fault(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "arshjul.toml").write_text("[mail]\nmode = 1\nbogus = 2\n", encoding="utf-8")
    wheel = home / "municipality" / "wheel.toml"
    wheel.write_text(
        wheel.read_text(encoding="utf-8").replace('zone = "Europe/Stockholm"', 'zone = "Nowhere"'), encoding="utf-8"
    )
    code, answer = call(capsys, "plans", "--home", str(home))
    assert (code, answer["error"], len(answer["faults"])) == (6, "faulty", 2)
    code, answer = call(capsys, "check", "--home", str(home))
    assert code == 6
    assert {"arshjul.toml", "wheel.toml"} == {Path(fault["file"]).name for fault in answer["faults"]}
    assert all(fault["message"] and fault["cure"] for fault in answer["faults"])
    assert main(["check", "--home", str(home)]) == 6
    out, err = capsys.readouterr()
    assert out == ""
    assert "arshjul.toml:2 (mail.mode)" in " ".join(err.split())


def test_what_nobody_thought_of_says_where_to_report_it(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(sqlite3.connect(home / "arshjul.db")) as database, database:
        database.execute("DROP TABLE message")
    code, answer = call(capsys, "status", "--home", str(home))
    assert (code, answer["error"]) == (1, "unexpected")
    assert "ARSHJUL_DEBUG" in answer["message"]
    monkeypatch.setenv("ARSHJUL_DEBUG", "1")
    assert main(["status", "--home", str(home), "--json"]) == 1
    out, err = capsys.readouterr()
    assert json.loads(out)["error"] == "unexpected"
    assert "Traceback" in err


@pytest.mark.parametrize(
    "arguments",
    [
        ["listt"],
        ["outbox", "listt"],
        ["plans", "--bogus"],
        ["plans", "extra"],
        ["show"],
        ["plans", "--cycle"],
        ["plans", "--json=yes"],
        ["plans", "--status", "fine"],
        ["plans", "--lang", "fi"],
        ["plans", "--now", "2027-02-24T09:00"],
        ["plans", "--now", "tomorrow"],
        ["advance", "2028/mrp", "decide", "--date", "24/2"],
        ["advance", "2028/mrp", "decide", "--outcome", "fine", "--actor", "admin"],
        ["advance", "2028/mrp", "decide", "--if-version", "x", "--actor", "admin"],
        ["advance", "2028/mrp", "fly", "--actor", "admin", "--now", OPENED],
        ["hold", "2028/mrp", "--reason", "x", "--now", OPENED],
        ["open", "20-28", "--actor", "admin", "--now", OPENED],
        ["hold", "2028/mrp", "--anyway", "--actor", "admin", "--now", OPENED],
        ["snooze", "2028/mrp", "--until", "9999-12-31", "--reason", "x", "--actor", "admin", "--now", OPENED],
        ["move-deadline", "2028/mrp", "2091-01-01", "--reason", "x", "--actor", "admin", "--now", OPENED],
        ["meetings", "add", "kf", "0001-01-01", "--actor", "admin", "--now", OPENED],
        ["show", "2028/mrp", "--now", "0001-01-01T00:00+01:00"],
        ["tick", "--dry-run", "--now", "9999-12-31T23:59-05:00"],
        ["open", "9999", "--actor", "admin", "--now", OPENED],
        ["open", "2089", "--actor", "admin", "--now", OPENED],
        ["open", "2001", "--actor", "admin", "--now", OPENED],
        ["open", "mandat-2086", "--actor", "admin", "--now", OPENED],
        ["new", "exempelby", "--now", "2089-06-01T09:00+02:00"],
        ["log", "export", "--format", "csv", "--out", "/nonexist/x"],
        ["outbox", "export", "--out", "/nonexist/x"],
        ["hold", "2028/mrp", "--reason", "x", "--actor", "daemon", "--now", OPENED],
        ["tick", "--actor", "daemon", "--now", OPENED],
        ["people", "end", "daemon", "--actor", "admin", "--now", OPENED],
        ["init"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("language", ["sv", "en"])
def test_an_error_of_usage_is_one_document_and_2(
    home: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], language: str
) -> None:
    more = [] if "--lang" in arguments else ["--lang", language]
    code, answer = call(capsys, *arguments[:1], *arguments[1:], *more, "--home", str(home))
    assert (code, answer["ok"], answer["error"]) == (2, False, "usage")
    assert answer["message"]
    assert "{" not in answer["message"]
    assert main([*arguments, *more, "--home", str(home)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert max(map(len, err.replace(str(home), "var").splitlines())) <= 80


def test_what_can_be_asked_at_the_ends_of_the_known_years(
    home: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    late = Arshjul(tmp_path / "late")  # a tick that lets all the years between pass would take long
    late.done("init", "--practice", now="2084-11-02T09:00+01:00")
    late.done("open", "2086", "--actor", "admin", now="2084-11-02T09:00+01:00")
    for now, cycle, where in (
        ("2000-01-01T00:00+01:00", "2028", home), ("2090-12-31T23:59Z", "2086", late.home),
    ):  # fmt: skip
        for ask in (["show", f"{cycle}/mrp"], ["plans"], ["check"], ["tick", "--dry-run"], ["timetable", cycle]):
            assert call(capsys, *ask, "--now", now, "--home", str(where))[0] == 0, (now, ask)
    act = ("--actor", "admin", "--now", OPENED, "--home", str(home))
    for name in ("2002", "2088", "mandat-2002", "mandat-2082"):
        assert call(capsys, "open", name, *act)[0] == 0
    assert call(capsys, "snooze", "2088/mrp", "--until", "2090-12-31", "--reason", "x", *act)[0] == 0


def test_what_the_system_refuses_is_one_sentence(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(error: OSError) -> Callable[..., Any]:
        def act(*_: object, **__: object) -> Any:
            raise error

        return act

    monkeypatch.setattr(
        "wheel.home.folder.HomeFolder.must_exist", refused(PermissionError(13, "Permission denied", "a/b"))
    )
    code, answer = call(capsys, "plans", "--home", str(home), "--lang", "en")
    assert (code, answer["error"]) == (7, "not_well")
    assert answer["message"] == "a/b cannot be used: Permission denied."
    full = OSError(28, "No space left on device", "a/b", None, "c/d")
    monkeypatch.setattr("shutil.copyfile", refused(full))
    code, answer = call(capsys, "init", "--home", str(tmp_path / "new"), "--lang", "en")
    assert (code, answer["error"]) == (7, "not_well")
    assert answer["message"].endswith(".toml cannot be used: No space left on device.")
    assert str(tmp_path / "new") in answer["message"]
    assert not (tmp_path / "new").exists()


def test_an_answer_that_cannot_be_written_is_said_beside_it(home: Path) -> None:
    line = f"{COMMAND} plans --home {home} --lang en >/dev/full"
    done = subprocess.run(["/bin/sh", "-c", line], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (7, "The system answers: No space left on device.\n")


def test_control_characters_are_shown_and_not_obeyed(
    home: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    at = ("--home", str(home), "--now", OPENED)
    reason = "red \x1b[31m \x9b0m bell\x07 back \u202etxt\u2066 none\u200b\u00ad\U000e0041 end"
    assert call(capsys, "hold", "2028/mrp", "--actor", "admin", "--reason", reason, *at)[0] == 0
    shown = (r"\x1b[31m", r"\x9b0m", r"bell\x07", r"\u202etxt\u2066", r"none\u200b\xad\U000e0041")
    for ask in (["show", "2028/mrp"], ["log", "show", "--limit", "1"]):
        assert main([*ask, *at]) == 0
        said = capsys.readouterr().out
        assert not HIDDEN.search(said)
        assert all(seen.replace(" ", "") in said.replace("\n", "").replace(" ", "") for seen in shown)
    for ask in (["show", "2028/mrp", "--json"], ["log", "export"], ["log", "export", "--format", "csv"]):
        assert main([*ask, *at]) == 0
        said = capsys.readouterr().out.replace("\r\n", "\n")
        assert not HIDDEN.search(said)
        assert r"\u202etxt" in said
    assert call(capsys, "log", "show", "--limit", "1", *at)[1]["entries"][0]["data"]["reason"] == reason
    log = tmp_path / "log.jsonl"
    assert main(["log", "export", "--out", str(log), *at]) == 0
    checked = subprocess.run([sys.executable, "-I", ROOT / "docs" / "verify_log.py", log], check=False)
    assert checked.returncode == 0


@pytest.mark.parametrize("name", ["\u200b", "\u3164", " ", "Anna\u202eEk", "Anna\nEk", "\x1b[31mAnna"])
def test_a_name_that_cannot_be_seen_whole_is_refused(home: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    at = ("--actor", "admin", "--home", str(home), "--now", OPENED)
    assert call(capsys, "people", "add", "ny-1", "--name", name, *at)[1]["error"] == "usage"
    assert call(capsys, "people", "change", "admin", "--name", name, *at)[1]["error"] == "usage"
    assert call(capsys, "people", "add", f"ny{name}", "--name", "Ny", *at)[1]["error"] == "usage"


def test_a_reason_that_cannot_be_seen_is_none(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = ("--actor", "admin", "--home", str(home), "--now", OPENED)
    assert call(capsys, "hold", "2028/mrp", "--reason", "\u200b", *at)[0] == 3
    assert call(capsys, "advance", "2028/mrp", "submit", "--anyway", "--reason", "\u200b", *at)[0] == 2


def test_the_daemon_is_no_administrator(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = call(capsys, "init", "--admin", "daemon", "--home", str(tmp_path / "new"))
    assert (code, answer["error"]) == (2, "usage")


def test_the_sources_that_the_program_knows_are_translated(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "2028/mrp", "--home", str(home), "--lang", "sv"]) == 0
    said = capsys.readouterr().out
    assert "(kommunens eget datum)" in said
    assert "local choice" not in said
    states = call(capsys, "show", "2028/mrp", "--home", str(home))[1]["states"]
    assert "local choice" in {state["opens"]["source"] for state in states if state["opens"]}


def test_every_instant_of_the_history_ends_in_z(opened: Run) -> None:
    opened("tick", "--now", "2027-01-11T08:00+01:00")
    act = ("--actor", "admin", "--reason", "x", "--now", "2027-01-12T09:00+01:00")
    assert opened("withdraw", "2028/ramar", *act)[0] == 0
    entries = opened("log", "show", "--limit", "1000")[1]["entries"]
    assert "entered_at" in json.dumps(entries)
    assert "+00:00" not in json.dumps(entries)


def test_a_naive_now_is_refused_with_the_way_to_write_it(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer = call(capsys, "plans", "--now", "2027-02-24T09:00", "--home", str(home), "--lang", "en")[1]
    assert "2027-02-24T09:00+01:00" in answer["message"]


def test_outside_practice_now_works_for_reads_alone(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    shared = ("--home", str(tmp_path / "var"), "--lang", "en")
    assert call(capsys, "init", *shared, "--now", OPENED)[0] == 2
    assert call(capsys, "init", *shared)[0] == 0
    assert call(capsys, "open", "2028", "--actor", "admin", *shared)[0] == 0
    assert call(capsys, "plans", "--now", OPENED, *shared)[0] == 0
    assert call(capsys, "tick", "--dry-run", "--now", "2027-03-01T09:00Z", *shared)[0] == 0
    for write in (
        ("tick",),
        ("hold", "2028/mrp", "--actor", "admin", "--reason", "x"),
        ("open", "2029", "--actor", "admin"),
    ):
        code, answer = call(capsys, *write, "--now", OPENED, *shared)
        assert (code, answer["error"]) == (2, "usage")
        assert "practice" in answer["message"]
    assert call(capsys, "up", "--now", OPENED, *shared)[0] == 2


def test_a_second_daemon_says_that_there_is_one_and_not_that_it_runs(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    app = build_app(HomeFolder(home))
    with only_daemon(app):
        assert main(["up", "--home", str(home), "--lang", "en"]) == 5
    app.close()
    said, error = capsys.readouterr()
    assert (said, " ".join(error.split())) == ("", f"The service is already running in {home}.")


def test_nothing_is_restored_while_the_service_runs(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, copy = call(capsys, "backup", "--home", str(home))
    assert code == 0
    app = build_app(HomeFolder(home))
    with only_daemon(app):
        code, refused = call(capsys, "restore", copy["file"], "--home", str(home), "--actor", "admin")
    app.close()
    assert (code, refused["error"]) == (5, "conflict")
    assert len(list((home / "backups").iterdir())) == 1  # nothing was replaced


def test_without_a_home_every_command_tells_how_to_make_one(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for command in (["up"], ["plans"], ["status"], ["tick"], ["open", "2028", "--actor", "admin"]):
        code, answer = call(capsys, *command, "--home", str(tmp_path / "none"))
        assert (code, answer["error"]) == (4, "not_found")
        assert "arshjul init --home" in answer["message"]
    assert not (tmp_path / "none").exists()


def test_the_shared_options_may_also_stand_before_the_command(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (
        ["--home", str(home), "--json", "people", "list"],
        [f"--home={home}", "people", "--json", "list"],
        ["people", "--home", str(home), "list", "--json"],
    ):
        assert main(arguments) == 0
        assert json.loads(capsys.readouterr().out)["people"]


def test_the_language_is_the_options_the_environments_or_the_settings(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    english = "The plan 2028/x does not exist. `arshjul plans` lists all plans."
    ask = ("show", "2028/x", "--home", str(home))
    assert call(capsys, *ask, "--lang", "en")[1]["message"] == english
    monkeypatch.setenv("ARSHJUL_LANG", "en")
    assert call(capsys, *ask)[1]["message"] == english
    monkeypatch.delenv("ARSHJUL_LANG")
    settings = home / "arshjul.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace('lang = "sv"', 'lang = "en"'), encoding="utf-8")
    assert call(capsys, *ask)[1]["message"] == english


def commands() -> list[list[str]]:
    return [ctx.command_path.split()[1:] for ctx in walk(click.Context(PROGRAM, info_name="arshjul"))]


@pytest.mark.parametrize("words", commands(), ids=lambda words: " ".join(words) or "arshjul")
@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_command_helps_in_80_columns(capsys: pytest.CaptureFixture[str], words: list[str], language: str) -> None:
    assert main([*words, "--help", "--lang", language]) == 0 if words else main(["--lang", language, "--help"]) == 0
    out = capsys.readouterr().out
    lines = out.splitlines()
    assert " ".join(["arshjul", *words]) in lines[0]
    assert max(map(len, lines)) <= 80
    if words and "list" not in words:
        assert len(lines) > 5


def test_every_command_of_the_contract_is_there() -> None:
    found = {words[0] for words in commands() if words}
    contract = """init check open up daemon web tick status plans show advance record send-back postpone move-deadline
        hold release reopen withdraw unflag undo correct remind explain decisions outbox people meetings log
        diagram backup restore upgrade dump load rehearse new timetable migrate snooze completion wheel"""
    assert found == set(contract.split())


def test_people_read_lines_of_at_most_80_columns(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = ["--home", str(home), "--now", "2027-01-11T08:00+01:00"]
    assert main(["advance", "2028/tidsplan", "decide", "--actor", "admin", *DECIDED, *at]) == 0
    for arguments in (
        ["tick"],
        ["plans"],
        ["show", "2028/mrp"],
        ["show", "2028/uppdragsdialog"],
        ["explain", "2028/ramar"],
        ["people", "list"],
        ["meetings", "list", "--year", "2027"],
        ["outbox", "list"],
        ["log", "show", "--limit", "20"],
        ["log", "verify"],
        ["check"],
        ["wheel", "2027"],
        ["hold", "2028/ramar", "--actor", "admin", "--reason", "x"],
    ):
        assert main([*arguments, *at]) == 0, arguments
        lines = capsys.readouterr().out.replace(str(home), "var").splitlines()
        assert lines
        assert max(map(len, lines)) <= 80, (arguments, max(lines, key=len))
    assert main(["advance", "2028/mrp", "decide", "--actor", "reader-1", *at]) == 3
    assert max(map(len, capsys.readouterr().err.splitlines())) <= 80


# ---- as processes -----------------------------------------------------------------------------------------------


def test_of_two_at_once_one_is_done_and_one_was_slower(home: Path) -> None:
    both = Arshjul(home)
    act = ("hold", "2028/ramar", "--actor", "admin", "--reason", "x", "--now", OPENED)
    answers = at_once(both, *act)
    assert sorted(answer.code for answer in answers) == [0, 5]
    assert {answer.document.get("error") for answer in answers} == {None, "conflict"}
    assert both(*act).code == 3


def test_a_reader_that_has_seen_enough_is_no_error(home: Path) -> None:
    line = f"{COMMAND} log show --limit 1000 --home {home} | head -1"
    done = subprocess.run(["/bin/sh", "-c", line], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 1


def test_who_reminds_is_told_when_the_mail_leaves(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = ("--now", "2026-11-02T09:00+01:00", "--home", str(home))
    for language, told, waits in (
        ("en", "2 notices planned; mail leaves at 2026-11-02 09:10 at the earliest", "Leaves at 2026-11-02 09:10"),
        ("sv", "2 aviseringar planerade; mejl går tidigast 2026-11-02 09:10", "Går tidigast 2026-11-02 09:10"),
    ):
        again = ("--anyway", "--reason", "x", "--lang", language)
        assert main(["remind", "2028/tidsplan", "--actor", "admin", *again, *at]) == 0
        assert told in capsys.readouterr().out
        assert main(["explain", "2028/tidsplan", "--lang", language, *at]) == 0
        assert waits in capsys.readouterr().out
