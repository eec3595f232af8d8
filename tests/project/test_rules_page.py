"""docs/rules.md: every rule, its section, how it is held today, and at which steps of the sample."""

import re
from collections import defaultdict

import pytest

from config.municipality import municipality
from tests.project.test_docs import ROOT, coded, tables
from wheel.console.main import main
from workflows.rules import named_rules

PAGE = ROOT / "docs" / "rules.md"
WORDS = {("refuse", False): "refuses", ("refuse", True): "refuses, can be passed over", ("warn", False): "warns"}
ROWS = {row[0]: row for row in tables(PAGE)[0]}
Step = tuple[str, bool, str]  # phase, whether it is a board's, verb


def test_every_rule_is_there_with_its_section_and_how_it_is_held() -> None:
    assert tuple(ROWS) == named_rules.DOMAIN_RULES
    held = {id: (rule.citation, WORDS[rule.severity, rule.overridable]) for id, rule in named_rules.RULES.items()}
    assert {id: (row[1], row[3]) for id, row in ROWS.items() if row[3] != "not yet"} == held
    assert [id for id, row in ROWS.items() if row[3] == "not yet"] == named_rules.rules_not_enforced()
    assert all(row[2] for row in ROWS.values())


def test_check_lists_the_same_rules_as_not_yet_held(capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", str(municipality.VANERSBORG), "--lang", "en"])
    (listed,) = re.findall(r"does not check yet: ([^.]*)\.", " ".join(capsys.readouterr().out.split()))
    assert listed.split(", ") == [id for id, row in ROWS.items() if row[3] == "not yet"]


def steps_told(cell: str) -> set[Step]:
    """ "`a`, `b`: `x`; a board's `c`: `y`" → each phase with each of its verbs."""
    told = set()
    for part in filter(None, cell.split("; ")):
        phases, _, verbs = part.partition(": ")
        told |= {(p, phases.startswith("a board's"), v) for p in coded(phases) for v in coded(verbs)}
    return told


def test_the_steps_are_those_of_the_sample() -> None:
    used = defaultdict(set)
    for phase, its in municipality.load(municipality.VANERSBORG).definition.wheel.phases.items():
        for of, is_board in ((its, False), (its.board, True)):
            for verb, step in of.steps.items() if of else ():
                for use in step.rules:
                    used[use.rule].add((phase, is_board, verb))
    assert {id: told for id, row in ROWS.items() if (told := steps_told(row[4]))} == used
