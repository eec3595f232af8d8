"""`arshjul advance PLAN --to STATE`: through the steps that are no decision, all or none."""

import shutil
from pathlib import Path

import pytest

from tests.support.installed import Arshjul, at

VP = "2028/verksamhetsplan/socialnamnden"
NOW = at("2027-09-20")


@pytest.fixture(scope="module")
def september(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample's year 2028 when the boards begin with their operational plans."""
    town = Arshjul(tmp_path_factory.mktemp("september") / "home")
    town.done("init", "--practice", "--email", "admin@example.se", now=at("2026-11-02"))
    town.done("open", "2028", "--actor", "admin", now=at("2026-11-02"))
    decided = ("--date", "2026-11-04", "--paragraph", "201", "--diary", "KS 2026/300", "--outcome", "adopted")
    town.done("advance", "2028/tidsplan", "decide", "--actor", "admin", *decided, now=at("2026-11-05"))
    adopted = ("--decision", "KF 2027-06-16 § 88, dnr KS 2026/300", "--outcome", "adopted", "--anyway", "--reason", "x")
    town.done("advance", "2028/mrp", "decide", "--actor", "admin", *adopted, now=at("2027-06-17"))
    town.done("tick", "--confirm", "--actor", "admin", now=at("2027-09-20", "08:00"))
    return town.home


@pytest.fixture
def town(september: Path, tmp_path: Path) -> Arshjul:
    shutil.copytree(september, tmp_path / "home")
    town = Arshjul(tmp_path / "home", ARSHJUL_ACTOR="socialnamnden-officer", ARSHJUL_LANG="en")
    town.now = NOW
    return town


def steps(town: Arshjul) -> list[tuple[str, str, str]]:
    """The steps that people have taken with the plan: who, which, on which day."""
    logged = [entry for entry in town.log("plan.advanced") if entry["subject"] == VP and entry["actor"] != "daemon"]
    days = {state["state"]: state["entered_on"] for state in town.done("show", VP)["states"]}
    return [(entry["actor"], entry["data"]["step"], days[entry["data"]["to"]]) for entry in logged]


def test_each_step_is_logged_with_its_day(town: Arshjul) -> None:
    done = town.done("advance", VP, "--to", "reported", "--on", "2027-09-17")
    assert (done["state"], done["status"]) == ("reported", "in_progress")
    who = "socialnamnden-officer"
    assert steps(town) == [(who, "draft", "2027-09-17"), (who, "submit", "2027-09-17")]
    logged = town.log("plan.advanced")[-2:]
    assert {entry["seq"] for entry in logged} <= set(done["log"])


def test_the_answer_names_the_next_step_and_who_takes_it(town: Arshjul) -> None:
    done = town.done("advance", VP, "draft")
    assert [(step["step"], step["by"]) for step in done["next"]] == [("submit", ["socialnamnden"])]
    code, said, _ = town.text("advance", VP, "submit")
    assert code == 0
    assert "Next: The board decides the operational plan (decide), the social board." in " ".join(said.split())


def test_steps_of_the_calendar_that_no_tick_has_taken_are_no_conflict(tmp_path: Path) -> None:
    town = Arshjul(tmp_path / "home", ARSHJUL_ACTOR="admin")
    town.done("init", "--practice", "--email", "admin@example.se", now=at("2026-11-02"))
    town.done("open", "2028", now=at("2026-11-02"))
    decided = ("--decision", "KS 2026-11-04 § 201, dnr KS 2026/300", "--outcome", "adopted")
    town.done("advance", "2028/tidsplan", "decide", *decided, now=at("2026-11-05"))
    passing = ("--anyway", "--reason", "x")
    assert town.done("advance", VP, "--to", "reported", *passing, now=NOW)["state"] == "reported"


def test_a_rule_that_several_steps_pass_over_is_noted_once(town: Arshjul) -> None:
    undone = ("--reason", "to be adopted again", "--to", "kf", "--actor", "admin", "--without-boards")
    town.done("reopen", "2028/mrp", *undone)
    code, said, _ = town.text("advance", VP, "--to", "reported", "--anyway", "--reason", "x")
    assert (code, said.count("R18")) == (0, 1)


def test_a_dry_run_takes_none_of_them(town: Arshjul) -> None:
    assert town.done("advance", VP, "--to", "reported", "--dry-run")["state"] == "reported"
    assert steps(town) == []


def test_a_decision_on_the_way_is_named_with_what_to_type(town: Arshjul) -> None:
    answer = town("advance", VP, "--to", "reported_to_ks")
    assert (answer.code, answer.rules) == (3, ["decision"])
    (refusal,) = answer.document["refusals"]
    assert (refusal["who"], refusal["step"]) == (["socialnamnden"], "decide")
    told = " ".join(town.text("log", "show", VP)[1].split())
    assert "Refused: to take the steps to a state. Before the plan comes to" in told
    assert "”, the social board decides:" in told
    assert f"`arshjul advance {VP} --to reported`, then `arshjul advance {VP} decide`" in refusal["message"]
    assert steps(town) == []
    town.done("advance", VP, "--to", "reported")
    refused = town("advance", VP, "--to", "reported_to_ks").document["refusals"][0]["message"]
    assert f"Use `arshjul advance {VP} decide` with --decision" in refused


def test_of_several_decisions_only_the_first_is_reached_by_formal_steps(town: Arshjul) -> None:
    refusals = town("advance", "2028/delarsrapport-april", "--to", "treated").document["refusals"]
    assert [refusal["step"] for refusal in refusals] == ["hand_over", "decide"]
    assert ["--to" in refusal["message"] for refusal in refusals] == [True, False]


def test_after_the_decision_it_goes_on_to_the_end(town: Arshjul) -> None:
    town.done("advance", VP, "--to", "reported")
    decided = ("--date", "2027-09-20", "--paragraph", "5", "--diary", "SN 2027/1", "--outcome", "adopted")
    town.done("advance", VP, "decide", *decided)
    assert town.done("advance", VP, "--to", "reported_to_ks")["status"] == "done"


def test_what_stands_against_a_later_step_takes_the_earlier_ones_back(town: Arshjul) -> None:
    answer = town("advance", "2028/verksamhetsplan", "--to", "compiled", "--actor", "admin")
    assert (answer.code, answer.rules) == (3, ["join"])
    before = town.done("show", VP)["version"]
    answer = town("advance", VP, "--to", "in_force", "--actor", "admin")
    assert answer.code == 3
    assert town.done("show", VP)["version"] == before


def test_the_wrong_role_is_refused(town: Arshjul) -> None:
    answer = town("advance", VP, "--to", "reported", "--actor", "valnamnden-officer")
    assert (answer.code, answer.rules) == (3, ["role"])


def test_a_state_behind_the_plan_or_beside_its_way_is_refused(town: Arshjul) -> None:
    town.done("advance", VP, "--to", "draft")
    for state in ("open", "draft"):
        answer = town("advance", VP, "--to", state)
        assert (answer.code, answer.rules) == (3, ["state"])


def test_a_stale_version_is_a_conflict(town: Arshjul) -> None:
    assert town("advance", VP, "--to", "reported", "--if-version", "1").code == 5
    version = town.done("show", VP)["version"]
    assert town("advance", VP, "--to", "reported", "--if-version", str(version)).code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((VP,), "Name the step, or with --to the state that the plan is to come to."),
        ((VP, "draft", "--to", "reported"), "With --to there is no step and no decision"),
        ((VP, "--to", "reported", "--paragraph", "4"), "With --to there is no step and no decision"),
        (
            (VP, "--to", "handed_in"),
            "has no state handed_in. Its states are: Upcoming (upcoming), Open (open),",
        ),
    ],
)
def test_what_cannot_be_understood_is_said_in_a_sentence(town: Arshjul, words: tuple[str, ...], said: str) -> None:
    code, _, error = town.text("advance", *words)
    assert code == 2
    assert said in " ".join(error.split())
