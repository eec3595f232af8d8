"""Each remark of `check` with its number and its sentence, made by one change of a folder that has none."""

import json
import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from config import codes
from config.checking import Remark, check
from config.faults import Faulty
from config.municipality import load
from config.newcomer import Newcomer
from config.texts import Texts
from wheel.console import main
from workflows.problems import Cycle

BOARDS = ("Skolnämnden", "Socialnämnden")
YEAR = 2028


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What `arshjul new` makes; the one thing that is uncertain about it has gone."""
    target = tmp_path / "exempelby"
    target.mkdir()
    newcomer = Newcomer("Exempelby kommun", BOARDS, "KS", "KF", "SE", 6, "en", 2026)
    for file, text in newcomer.files().items():
        (target / file).write_text(text, encoding="utf-8")
    change(target, "wheel.toml", 'uncertain = ["Every date of this file is invented"]\n', "")
    return target


def change(folder: Path, file: str, old: str, new: str) -> None:
    """Replace the only place where `old` stands; after `[table]` and a bar, the first one there."""
    text = (folder / file).read_text(encoding="utf-8")
    table, bar, old = old.rpartition("|")
    start = text.index(table) if bar else 0
    at = text.index(old, start)
    assert bar or text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
    (folder / file).write_text(text[:at] + new + text[at + len(old) :], encoding="utf-8")


def said(remark: Remark) -> str:
    t, fault = Texts("en"), remark.fault
    where = f"{fault.file} ({fault.place})" if fault.place else fault.file
    return f"{codes.number(fault.code)} {where}: {t(fault.message, **fault.facts)} {t(fault.cure, **fault.facts)}"


def remarks(folder: Path, cycles: Iterable[Cycle] = (("budget", YEAR),)) -> list[str]:
    return [said(remark) for remark in check(folder, list(cycles))[1]]


def test_the_folder_that_the_others_change_has_no_remark(folder: Path) -> None:
    assert remarks(folder) == []


BUDGET_LAST = '[phase.budget.state]|deciding.last = { date = "last kf meeting in June Y-1", source = "local choice" }'
MEND = "Mend one of the two dates."
LEAVE = 'Write day_off = "previous" or "next", or leave it: it is late from the day after.'
CASES = [
    (
        'rules_source = "invented: name your rules here"',
        'rules_source = "x"\nuncertain = [\n  "One.",\n  "Two",\n]',
        ["W101 wheel.toml (uncertain.1): The source leaves open: One. Ask those who wrote it; then take this away.",
         "W101 wheel.toml (uncertain.2): The source leaves open: Two. Ask those who wrote it; then take this away."],
    ),
    (
        BUDGET_LAST,
        'deciding.last = { date = "last kf meeting in June Y-1", source = "§ 3", note = "Or in September?" }',
        ["W102 wheel.toml (phase.budget.state.deciding.last.note): The source leaves open: Or in September?. "
         "Ask those who wrote it; then take this away."],
    ),
    (
        '[phase.delarsrapport.state]|handed_over.last = { date = "November Y"',
        'handed_over.last = { date = "undecided"',
        ["W103 wheel.toml (phase.delarsrapport.state.handed_over.last): It is not yet decided when this is. "
         "Write the date as soon as it is decided."],
    ),
    (
        '[phase.arsredovisning.state]|date = "last kf meeting in May Y+1"',
        'date = "last skolnamnden meeting in May Y+2"',
        ["W104 wheel.toml (phase.arsredovisning.state.deciding.last): The meetings that "
         "`last skolnamnden meeting in May Y+2` asks for are not known: 31 May 2031 is a best guess. "
         "Enter them in meetings.toml, or with `arshjul meetings add`."],
    ),
    (
        '[phase.arsredovisning.state]|date = "last kf meeting in May Y+1"',
        'date = "about 5 weeks after 15 April Y+1"',
        ["W105 wheel.toml (phase.arsredovisning.state.deciding.last): `about 5 weeks after 15 April Y+1` is said as "
         "about; 20 May 2029 stands for it. Write the day as soon as it is decided.",
         "W201 wheel.toml (phase.arsredovisning.state.deciding.last): Its last day, 20 May 2029, is a day off. "
         f"{LEAVE}",
         "W302 wheel.toml (phase.arsredovisning.state.deciding.last): No meeting of kf is known between 19 April 2029 "
         "and 20 May 2029, when deciding is to be decided. Enter a meeting, or move the last day."],
    ),
    (
        '[phase.ramar]\nlabel = { sv = "Ramar", en = "Frames" }',
        '[phase.ramar]\nlabel = { sv = "Ramar", en = "Frames" }\noptional = true',
        ["W106 wheel.toml (phase.ramar.optional): It is optional, and when it is taken up is not said. "
         "Write it in condition, in both languages."],
    ),
    (
        "[phase.underlag.board.state]|open.last = ",
        "open.target = ",
        ["W107 wheel.toml (phase.underlag.board.state.open): In the state open somebody owes the step submit, and by "
         "when is not said: nobody is reminded. Add open.last, or `undecided` as its date."],
    ),
    (
        '[phase.ramar.state]|deciding.last = { date = "February Y-1", source = "local choice", day_off = "previous" }',
        'deciding.last = { date = "February Y-1", source = "local choice" }',
        [f"W201 wheel.toml (phase.ramar.state.deciding.last): Its last day, 28 February 2027, is a day off. {LEAVE}"],
    ),
    (
        '[phase.underlag.state]|date = "April Y-1"',
        'date = "13 April Y-1"',
        ["W204 wheel.toml (phase.underlag.state.open.last): open waits for the boards and is due 13 April 2027; they "
         f"are due 20 April 2027: ks, skolnamnden, socialnamnden. {MEND}"],
    ),
    (
        '[phase.delarsrapport.board.state]|date = "20 September Y"',
        'date = "8 September Y"',
        ["W202 wheel.toml (phase.delarsrapport.board.state.reported.last): reported is due 8 September 2028, before "
         f"opened, which comes first (11 September 2028). {MEND}"],
    ),
    (
        '[phase.verksamhetsplan.board.state]|draft.opens = { date = "after June Y-1", source = "local choice" }\n'
        'draft.last = { date = "end of November Y-1"',
        'draft.opens = { date = "after June Y-1", source = "local choice" }\ndraft.last = { date = "28 June Y-1"',
        [],
    ),
    (
        '[phase.ramar.state]|deciding.last = { date = "February Y-1"',
        'deciding.last = { date = "1 February Y-1"',
        ["W202 wheel.toml (phase.ramar.state.deciding.last): deciding is due 1 February 2027, before preparing, which "
         f"comes first (10 February 2027). {MEND}",
         "W302 wheel.toml (phase.ramar.state.deciding.last): No meeting of ks is known between 1 February 2027 and "
         "1 February 2027, when deciding is to be decided. Enter a meeting, or move the last day."],
    ),
    (
        "[phase.manadsrapport]",
        '[[distance]]\nearlier = "last day of ramar"\nlater = "last day of budget"\nat_least = "5 months"\n'
        'source = "§ 9"\n\n[phase.manadsrapport]',
        ["W205 wheel.toml (distance.1): last day of budget is too soon after last day of ramar: at least 5 months, "
         f"says § 9; 26 July 2027 at the earliest. {MEND}"],
    ),
    (
        BUDGET_LAST,
        'deciding.last = { date = "24 June Y-1", source = "onsdag den 24 juni 2027" }',
        ["W206 wheel.toml (phase.budget.state.deciding.last): The source says onsdag den 24, and 24 June 2027 is "
         "another weekday (Thursday). Ask which of the two is meant, the weekday or the date."],
    ),
    (
        '[phase.underlag.board.state]|date = "middle of April Y-1"',
        'date = "5 April Y-1"',
        ["W207 wheel.toml (phase.underlag.board.state.open.last): 2028/underlag (5 April 2027) and "
         "2027/manadsrapport-02 (9 April 2027) are due in one week for ks, skolnamnden, socialnamnden. "
         "Move one of them, if the same people make both."],
    ),
    (
        '[phase.arsredovisning.state]|date = "last kf meeting in May Y+1"',
        'date = "fourth kf meeting in May Y+1"',
        ["W301 wheel.toml (phase.arsredovisning.state.deciding.last): Among the known meetings of kf in 2029 there is "
         "no `fourth kf meeting in May Y+1`. Enter the meeting (`arshjul meetings add`), or write another date."],
    ),
    (
        BUDGET_LAST,
        'deciding.opens = { date = "1 June Y-1", source = "§ 3" }\n'
        'deciding.last = { date = "18 June Y-1", source = "§ 3" }',
        ["W302 wheel.toml (phase.budget.state.deciding.last): No meeting of kf is known between 1 June 2027 and "
         "18 June 2027, when deciding is to be decided. Enter a meeting, or move the last day."],
    ),
    (
        '[phase.ramar.state]|preparing.last = { date = "begin of February Y-1"',
        'preparing.last = { date = "25 February Y-1"',
        ["W303 wheel.toml (phase.ramar.state.deciding.last): The last meeting of ks before 26 February 2027 is "
         "24 February 2027, and what it needs is due 25 February 2027. "
         "Move the last day of what comes before, or enter a meeting."],
    ),
    (
        '[phase.delarsrapport.state]|compiled.statutory = { date = "31 October Y", source = "law" }\n',
        "",
        ["W402 wheel.toml (phase.delarsrapport.state.compiled): The law's last day, 31 October 2028, is not said: the "
         "interim report is handed over within two months (kommunallagen chapter 11; check the wording). "
         "Add compiled.statutory."],
    ),
    (
        '[phase.delarsrapport.state]|compiled.statutory = { date = "31 October Y"',
        'compiled.statutory = { date = "15 November Y"',
        ["W401 wheel.toml (phase.delarsrapport.state.compiled.statutory): 15 November 2028 is later than 31 October "
         "2028: the interim report is handed over within two months (kommunallagen chapter 11; check the wording). "
         "Move it, or write what allows it in its source."],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), CASES, ids=[(e or ["none"])[0][:4] for _, _, e in CASES])
def test_one_change_gives_one_remark(folder: Path, old: str, new: str, expected: list[str]) -> None:
    change(folder, "wheel.toml", old, new)
    assert remarks(folder) == expected
