"""docs/contract.md: every example is run and answers as it is shown; every list in it is that of the program."""

import ast
import json
import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest

from config.municipality.codes import number
from notifications.tables import MessageStatus, Outcome
from tests.project.test_docs import KNOWN, ROOT, Block, blocks, coded, tables
from wheel.actions import remind
from wheel.console.main import main
from wheel.cycles import judge_dates
from wheel.engine import decisions, verb_preconditions
from wheel.errors import ArshjulError
from wheel.exit_codes import ENDINGS
from wheel.format import STATUS
from wheel.reads.log_sentences import ACTIONS
from workflows.definition.outcomes import OUTCOMES

PAGE = ROOT / "docs" / "contract.md"
ANY = "…"


def table(first: str) -> list[list[str]]:
    """The table whose first row begins with this."""
    return next(t for t in tables(PAGE) if t[0][0].startswith(first))


def line(beginning: str) -> list[str]:
    """The code spans of the paragraph that begins with this text."""
    paragraphs = PAGE.read_text(encoding="utf-8").split("\n\n")
    return coded(next(p for p in paragraphs if p.startswith(beginning)))


# ---- the examples ----------------------------------------------------------------------------------------------


def differences(shown: Any, real: Any, place: str = "") -> Iterator[str]:
    """Where the real document is not as it is shown: other keys, other values, another kind."""
    if shown == ANY:
        return
    if isinstance(shown, dict) and isinstance(real, dict):
        yield from (f"{place}.{key}: only in the document" for key in shown.keys() - real.keys())
        yield from (f"{place}.{key}: not in the document" for key in real.keys() - shown.keys())
        for key in shown.keys() & real.keys():
            yield from differences(shown[key], real[key], f"{place}.{key}")
    elif isinstance(shown, list) and isinstance(real, list):
        each = shown[0] if shown[-1:] == [ANY] else None
        if each == ANY:
            return
        if each is not None and not real:
            yield f"{place}: empty"
        elif each is None and len(shown) != len(real):
            yield f"{place}: {len(real)} instead of {len(shown)}"
        for number, value in enumerate(real[: len(real) if each is not None else len(shown)]):
            yield from differences(each if each is not None else shown[number], value, f"{place}[{number}]")
    elif isinstance(shown, str) and isinstance(real, str):
        if not re.fullmatch(".*".join(map(re.escape, shown.split(ANY))), real, re.DOTALL):
            yield f"{place}: {real!r} instead of {shown!r}"
    elif (type(shown), shown) != (type(real), real):
        yield f"{place}: {real!r} instead of {shown!r}"


@pytest.mark.parametrize(
    ("shown", "real", "found"),
    [
        ({"a": 1}, {"a": 1}, 0),
        ({"a": 1}, {"a": 2}, 1),
        ({"a": 1}, {"b": 1}, 2),
        ({"a": "…"}, {"a": None}, 0),
        ([1, "…"], [1, 1], 0),
        ([1, "…"], [1, 2], 1),
        ([1, "…"], [], 1),
        (["…"], [], 0),
        ([], [1], 1),
        ("a…", "abc", 0),
        ("a…", "b", 1),
        (None, 0, 1),
    ],
)
def test_an_example_that_is_not_so_is_found(shown: Any, real: Any, found: int) -> None:
    assert len(list(differences(shown, real))) == found


def examples() -> list[tuple[Block, Block]]:
    found = blocks(PAGE)
    return [(command, found[n + 1]) for n, command in enumerate(found) if command.kind == "sh"]


def exit_codes() -> dict[str, int]:
    return {name: int(row[0]) for row in table("0") for name in coded(row[1])}


def test_the_exit_codes_are_those_of_the_one_table_of_endings() -> None:
    assert exit_codes() == {kind: ending.exit_code for kind, ending in ENDINGS.items()}
    assert {error.kind for error in subclasses(ArshjulError)} <= ENDINGS.keys()


def subclasses(error: type[ArshjulError]) -> Iterator[type[ArshjulError]]:
    for each in error.__subclasses__():
        yield each
        yield from subclasses(each)


def test_every_example_answers_as_it_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One after the other in one home."""
    monkeypatch.setenv("ARSHJUL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ARSHJUL_LANG", "en")
    codes = exit_codes()
    for command, answer in examples():
        assert answer.kind == "json", command.place
        program, *words = shlex.split(command.text.replace("\\\n", " "))
        assert program == "arshjul"
        code = main(words)
        said = capsys.readouterr().out
        shown = json.loads(answer.text)
        assert list(differences(shown, json.loads(said))) == [], f"{command.place}\n{said}"
        expected = codes[shown["error"]] if "error" in shown else 7 if shown.get("well") is False else 0
        assert code == expected, command.place
    assert len(examples()) > 15


# ---- the lists -------------------------------------------------------------------------------------------------


def test_the_statuses_are_all_there() -> None:
    assert sorted(name for row in table("`withdrawn`") for name in coded(row[0])) == sorted(STATUS)


def test_the_outcomes_and_the_details_of_a_decision_are_all_there() -> None:
    assert line("Outcomes:") == list(OUTCOMES)
    assert line("Details:") == list(decisions.DETAILS)


def test_what_becomes_of_notices_and_mails_is_all_there() -> None:
    assert set(line("**Notices.**")) - {"outcome", "offset", "body", "last"} == set(get_args(Outcome))
    assert set(line("**Mails.**")) - {"status"} == set(get_args(MessageStatus))


def test_the_shared_options_are_those_of_the_commands() -> None:
    common, signed = ({coded(row[0])[0] for row in table(f"`{first}`")} for first in ("--home", "--actor"))
    assert KNOWN["plans"] >= common
    assert all(
        common <= options for words, options in KNOWN.items() if words and " " not in words and options > {"--help"}
    )
    assert common | signed | {"--if-version", "--reason", "--anyway"} <= KNOWN["hold"]
    decision = set(line("A decision is recorded"))
    named = {word.split()[0] for word in decision if word.startswith("--")} - {"--reason", "--new-date"}
    assert named <= KNOWN["advance"]


@cache
def sources() -> list[ast.Module]:
    files = [file for package in ("workflows", "notifications", "wheel") for file in (ROOT / package).rglob("*.py")]
    return [ast.parse(file.read_text(encoding="utf-8")) for file in files]


def texts_in_calls() -> Iterator[tuple[str, int, str]]:
    """The name of what is called, which argument, and the text that it gets."""
    for tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                for number, value in enumerate(node.args):
                    if isinstance(value, ast.Constant) and isinstance(value.value, str):
                        yield name, number, value.value


def test_what_stands_against_a_step_is_all_there() -> None:
    told = {name for row in table("`role`") for name in coded(row[0])}
    said_by = {("Reason", 0), ("_formal", 0), ("affected_plans_warning", 1)}
    used = {text for name, number, text in texts_in_calls() if (name, number) in said_by}
    used |= {*verb_preconditions.ALONG_THE_WAY, *remind.PASSED_OVER, *map(number, judge_dates.JUDGED)}
    assert len(used) > 10
    assert used - {"R1"} == told, "docs/contract.md, What stands against a step"


def test_the_actions_of_the_log_are_all_there() -> None:
    told = line("`account.invited`")
    form = re.compile(r"[a-z]+\.[a-z_]+")
    logged = {text for name, _, text in texts_in_calls() if name in ("log", "add") and form.fullmatch(text)}
    assert len(logged) > 30
    assert told == sorted(told)
    assert logged <= set(told), "docs/contract.md, Actions of the log"
    written = {node.value for tree in sources() for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    outcomes = {f"notice.{outcome}" for outcome in get_args(Outcome)}
    assert set(told) - written <= outcomes, "docs/contract.md names actions that nothing writes"
    assert set(told) == set(ACTIONS), "wheel/reads/log_sentences.py says each in words"
