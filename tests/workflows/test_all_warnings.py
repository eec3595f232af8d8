"""Each warning of `check`, with its number and sentence, is caused by one change of a folder without warnings."""

import json
import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from config.municipality import codes
from config.municipality.check_folder import FolderWarning, check
from config.municipality.faults import FaultyFilesError
from config.municipality.municipality import load
from config.new.starter import StarterFolder
from config.text.texts import Texts
from wheel.console.main import main
from workflows.checks.all_problems import CycleYear

BOARDS = ("Skolnämnden", "Socialnämnden")
YEAR = 2028


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What `arshjul new` makes; the one thing that is uncertain about it has gone."""
    target = tmp_path / "exempelby"
    target.mkdir()
    starter = StarterFolder("Exempelby kommun", BOARDS, "KS", "KF", "SE", 6, "en", 2026)
    for file, text in starter.files().items():
        (target / file).write_text(text, encoding="utf-8")
    change(
        target,
        "wheel.toml",
        'uncertain = [{ sv = "Alla datum i filen är påhittade", en = "Every date in this file is invented" }]\n',
        "",
    )
    return target


def change(folder: Path, file: str, old: str, new: str) -> None:
    """Replace the only place where `old` stands; after `[table]` and a bar, the first one there."""
    text = (folder / file).read_text(encoding="utf-8")
    table, bar, old = old.rpartition("|")
    start = text.index(table) if bar else 0
    at = text.index(old, start)
    assert bar or text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
    (folder / file).write_text(text[:at] + new + text[at + len(old) :], encoding="utf-8")


def said(warning: FolderWarning) -> str:
    t, fault = Texts("en"), warning.fault
    where = f"{fault.file} ({fault.place})" if fault.place else fault.file
    return f"{codes.number(fault.code)} {where}: {t(fault.message, **fault.facts)} {t(fault.cure, **fault.facts)}"


def warnings(folder: Path, cycles: Iterable[CycleYear] = (("budget", YEAR),)) -> list[str]:
    return [said(warning) for warning in check(folder, list(cycles))[1]]


def test_the_folder_that_the_other_tests_change_has_no_warning(folder: Path) -> None:
    assert warnings(folder) == []


BUDGET_LAST = '[phase.budget.state]|deciding.last = { date = "last kf meeting in June Y-1", source = "local choice" }'
MEND = "Correct one of the two dates."
LEAVE = 'Write day_off = "previous" or "next", or keep the date: the plan is then overdue from the day after.'
CASES = [
    (
        'rules_source = "invented: name your rules here"',
        'rules_source = "x"\nuncertain = ["One.", "Two", "Three!", { sv = "4", en = "4th" }, { sv = "5", en = "5?" }]',
        [f"W101 wheel.toml (uncertain.{number}): The source leaves open: {text} Ask the authors of the source. Then "
         "remove this text."
         for number, text in enumerate(("One.", "Two.", "Three!", "4th.", "5?"), 1)],
    ),
    (
        BUDGET_LAST,
        'deciding.last = { date = "last kf meeting in June Y-1", source = "§ 3", note = "Or in September?" }',
        ["W102 wheel.toml (phase.budget.state.deciding.last.note): The source leaves open: Or in September? "
         "Ask the authors of the source. Then remove this text."],
    ),
    (
        '[phase.delarsrapport.state]|handed_over.last = { date = "November Y"',
        'handed_over.last = { date = "undecided"',
        ["W103 wheel.toml (phase.delarsrapport.state.handed_over.last): The date has not been decided yet. "
         "Write the date as soon as it is decided."],
    ),
    (
        '[phase.arsredovisning.state]|date = "last kf meeting in May Y+1"',
        'date = "last ekonomikontoret meeting in May Y+1"',
        ["W104 wheel.toml (phase.arsredovisning.state.deciding.last): The meetings that `last ekonomikontoret meeting "
         "in May Y+1` depends on are not known. 31 May 2029 is a best guess. "
         "Add the meetings in meetings.toml."],
    ),
    (
        '[phase.arsredovisning.state]|date = "last kf meeting in May Y+1"',
        'date = "about 5 weeks after 15 April Y+1"',
        ["W105 wheel.toml (phase.arsredovisning.state.deciding.last): `about 5 weeks after 15 April Y+1` is "
         "approximate. 20 May 2029 is used for now. Write the day as soon as it is decided.",
         "W201 wheel.toml (phase.arsredovisning.state.deciding.last): The deadline 20 May 2029 is a day off. "
         f"{LEAVE}"],
    ),
    (
        '[phase.ramar]\nlabel = { sv = "Ramar", en = "Frames" }',
        '[phase.ramar]\nlabel = { sv = "Ramar", en = "Frames" }\noptional = true',
        ["W106 wheel.toml (phase.ramar.optional): The phase is optional, but its condition is missing. "
         "Write the condition in condition, in both languages."],
    ),
    (
        "\n[phase.underlag.board]\n",
        "\n[phase.underlag.exception]\n"
        + "".join(f"{id} = {{ concerned = false }}\n" for id in ("ks", "skolnamnden", "socialnamnden"))
        + "\n[phase.underlag.board]\n",
        ["W108 wheel.toml (phase.underlag.board): No board takes part in the phase, so it is never done by itself. "
         "Let a board take part, or remove the boards from the phase."],
    ),
    (
        '[phase.ramar]|decides = "ks" }',
        'decides = "ks", desides = "kf" }',
        ["W110 wheel.toml (phase.ramar.parties.desides): No step is taken by the party desides, so its body is never "
         "asked. Write one of: decides, prepares, receives."],
    ),
    (
        '[phase.ramar]|decides = "ks" }',
        'decides = "ks", replaces = "kf" }',
        ["W110 wheel.toml (phase.ramar.parties.replaces): Only the timetable can be replaced, so the party replaces "
         "has no effect here. Move it to the phase of the timetable."],
    ),
    (
        "[phase.underlag.board.state]|open.last = ",
        "open.target = ",
        ["W107 wheel.toml (phase.underlag.board.state.open): In open the step submit has no deadline. Nobody is "
         "reminded. Add open.last, or write `undecided` as the date."],
    ),
    (
        '[phase.ramar.state]|deciding.last = { date = "February Y-1", source = "local choice", day_off = "previous" }',
        'deciding.last = { date = "February Y-1", source = "local choice" }',
        [f"W201 wheel.toml (phase.ramar.state.deciding.last): The deadline 28 February 2027 is a day off. {LEAVE}"],
    ),
    (
        '[phase.underlag.state]|date = "April Y-1"',
        'date = "13 April Y-1"',
        ["W204 wheel.toml (phase.underlag.state.open.last): open waits for the boards and is due 13 April 2027. Due "
         f"later: ks, skolnamnden, socialnamnden (20 April). {MEND}"],
    ),
    (
        "[phase.budget]\n",
        '[phase.underlag.exception.skolnamnden]\nstate.open.last = { date = "20 May Y-1", source = "§ 2" }\n'
        '[phase.underlag.exception.socialnamnden]\nstate.open.last = { date = "7 May Y-1", source = "§ 2" }\n\n'
        "[phase.budget]\n",
        ["W204 wheel.toml (phase.underlag.state.open.last): open waits for the boards and is due 30 April 2027. Due "
         f"later: socialnamnden (7 May), skolnamnden (20 May). {MEND}"],
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
        'draft.opens = { date = "June Y-1", source = "local choice" }\ndraft.last = { date = "18 June Y-1"',
        ["W203 wheel.toml (phase.verksamhetsplan.board.state.draft.last): draft is due 18 June 2027, but budget must "
         f"first reach decided and is due 24 June 2027. {MEND}"],
    ),
    (
        "[phase.manadsrapport]\n",
        '[phase.publicering]\nlabel = { sv = "Budgeten publiceras", en = "The budget is published" }\n'
        'workflow = "moment"\nsource = "§ 5"\nparties = { prepares = "ekonomikontoret" }\n'
        'state.open.last = { date = "23 June Y-1", source = "§ 5" }\n'
        'step.open.follows = { phase = "budget", reached = "decided" }\n\n[phase.manadsrapport]\n',
        ["W203 wheel.toml (phase.publicering.state.open.last): open is due 23 June 2027, but budget must first reach "
         f"decided and is due 24 June 2027. {MEND}"],
    ),
    (
        '[phase.tidsplan.state]|draft.last = { date = "November Y-2", source = "local choice", day_off = "previous" }\n'
        'in_force.opens = { date = "after November Y-2"',
        'draft.last = { date = "9 February Y-1", source = "local choice" }\n'
        'in_force.opens = { date = "after February Y-1"',
        ["W203 wheel.toml (phase.ramar.state.preparing.opens): preparing opens 1 December 2026, but the timetable must "
         f"first be decided and is due 9 February 2027. {MEND}"],
    ),
    (
        '[phase.tidsplan.state]|draft.last = { date = "November Y-2", source = "local choice", day_off = "previous" }\n'
        'in_force.opens = { date = "after November Y-2"',
        'draft.last = { date = "31 March Y-1", source = "local choice" }\n'
        'in_force.opens = { date = "after March Y-1"',
        ["W203 wheel.toml (phase.ramar.state.preparing.last): preparing is due 10 February 2027, but the timetable "
         f"must first be decided and is due 31 March 2027. {MEND}",
         "W203 wheel.toml (phase.underlag.state.open.opens): open opens 1 March 2027, but the timetable must first be "
         f"decided and is due 31 March 2027. {MEND}",
         "W203 wheel.toml (phase.underlag.board.state.open.opens): open opens 1 March 2027, but the timetable must "
         f"first be decided and is due 31 March 2027. {MEND}",
         "W203 wheel.toml (phase.budget.state.preparing.opens): preparing opens 1 March 2027, but the timetable must "
         f"first be decided and is due 31 March 2027. {MEND}"],
    ),
    (
        '[cycle.budget]|opens = { date = "1 October Y-2"',
        'opens = { date = "1 December Y-2"',
        ["W203 wheel.toml (phase.tidsplan.state.draft.last): draft is due 30 November 2026, but its cycle does not "
         f"open until 1 December 2026. {MEND}"],
    ),
    (
        '[phase.ramar.state]|deciding.opens = { date = "February Y-1", source = "local choice" }\n'
        'deciding.last = { date = "February Y-1"',
        'deciding.last = { date = "27 November Y-2"',
        ["W203 wheel.toml (phase.ramar.state.deciding.last): deciding is due 27 November 2026, but preparing comes "
         f"before and does not open until 1 December 2026. {MEND}",
         "W203 wheel.toml (phase.ramar.state.deciding.last): deciding is due 27 November 2026, but the timetable must "
         f"first be decided and is due 30 November 2026. {MEND}"],
    ),
    (
        '[phase.ramar.state]|deciding.opens = { date = "February Y-1", source = "local choice" }\n'
        'deciding.last = { date = "February Y-1"',
        'deciding.opens = { date = "12 February Y-1", source = "local choice" }\n'
        'deciding.last = { date = "first ks meeting in February Y-1"',
        ["W202 wheel.toml (phase.ramar.state.deciding.last): The deadline 10 February 2027 is before the opening 12 "
         f"February 2027 (2028). {MEND}"],
    ),
    (
        '[phase.ramar.state]|preparing.opens = { date = "after November Y-2", source = "local choice" }\n'
        'preparing.last = { date = "begin of February Y-1"',
        'preparing.opens = { date = "7 January Y-1", source = "local choice" }\n'
        'preparing.last = { date = "4 weeks before first ks meeting in January Y-1"',
        ["W202 wheel.toml (phase.ramar.state.preparing.last): The deadline 16 December 2026 is before the opening 7 "
         f"January 2027 (2028). {MEND}"],
    ),
    (
        "[phase.manadsrapport]",
        '[[distance]]\nearlier = "last day of ramar"\nlater = "last day of budget"\nat_least = "5 months"\n'
        'source = "§ 9"\n\n[phase.manadsrapport]',
        ["W205 wheel.toml (distance.1): last day of budget (24 June 2027) is too soon after last day of ramar (26 "
         f"February 2027). § 9 requires at least 5 months, so 26 July 2027 at the earliest. {MEND}"],
    ),
    (
        BUDGET_LAST,
        'deciding.last = { date = "24 June Y-1", source = "onsdag den 24 juni 2027" }',
        ["W206 wheel.toml (phase.budget.state.deciding.last): According to the source it is onsdag den 24, but 24 "
         "June 2027 is another weekday (Thursday). Ask which of the two applies, the weekday or the date."],
    ),
    (
        '[phase.underlag.board.state]|date = "middle of April Y-1"',
        'date = "8 March Y-1"',
        ["W207 wheel.toml (phase.underlag.board.state.open.last): 2028/underlag (8 March 2027) and "
         "2027/manadsrapport-02 (10 March 2027) are due in the same week for ks, skolnamnden, socialnamnden. "
         "Move one of the dates, if the same people do both.",
         "W207 wheel.toml (phase.manadsrapport.board.state.open.last): 2028/manadsrapport-02 (10 March 2028) and "
         "2029/underlag (8 March 2028) are due in the same week for ks, skolnamnden, socialnamnden. "
         "Move one of the dates, if the same people do both."],
    ),
    (
        '[phase.arsredovisning.state]|date = "last kf meeting in May Y+1"',
        'date = "fourth kf meeting in May Y+1"',
        ["W301 wheel.toml (phase.arsredovisning.state.deciding.last): No known meeting of kf in 2029 matches `fourth "
         "kf meeting in May Y+1`. Add the meeting, or write another date."],
    ),
    (
        BUDGET_LAST,
        'deciding.opens = { date = "1 June Y-1", source = "§ 3" }\n'
        'deciding.last = { date = "18 June Y-1", source = "§ 3" }',
        ["W302 wheel.toml (phase.budget.state.deciding.last): No meeting of kf is known between 1 June 2027 and 18 "
         "June 2027, when deciding must be decided. Add a meeting, or move the deadline."],
    ),
    (
        '[phase.ramar.state]|preparing.last = { date = "begin of February Y-1"',
        'preparing.last = { date = "25 February Y-1"',
        ["W303 wheel.toml (phase.ramar.state.deciding.last): deciding is to be decided by 26 February 2027. "
         "The last meeting of ks until then is 24 February 2027, but the supporting papers are due 25 February 2027. "
         "Move the deadline of the state before, or add a meeting."],
    ),
    (
        "[body.kf]\n",
        "[body.kf]\nends = 2027-12-31\n",
        ["W306 wheel.toml (phase.delarsrapport.state.handed_over.last): The step decide in the state handed_over is "
         "due 30 November 2028, but kf does not exist then. "
         "Name the body that takes over, or correct `begins` or `ends` of this one.",
         "W306 wheel.toml (phase.arsredovisning.state.deciding.last): The step decide in the state deciding is due 24 "
         "May 2029, but kf does not exist then. "
         "Name the body that takes over, or correct `begins` or `ends` of this one."],
    ),
    (  # a board has no plan in what lies wholly after its end
        "[body.skolnamnden]\n",
        "[body.skolnamnden]\nends = 2028-08-31\n",
        [],
    ),
    (
        '[phase.delarsrapport.state]|compiled.statutory = { date = "31 October Y", source = "law" }\n',
        "",
        ["W402 wheel.toml (phase.delarsrapport.state.compiled): The law's last day 31 October 2028 is not given: the "
         "interim report is handed over within two months (kommunallagen chapter 11 § 16). "
         "Add compiled.statutory."],
    ),
    (
        '[phase.delarsrapport.state]|compiled.statutory = { date = "31 October Y"',
        'compiled.statutory = { date = "15 November Y"',
        ["W401 wheel.toml (phase.delarsrapport.state.compiled.statutory): 15 November 2028 is later than 31 October "
         "2028: the interim report is handed over within two months (kommunallagen chapter 11 § 16). "
         "Move the date."],
    ),
    (  # whatever its workflow
        '[phase.arsredovisning.state]|proposing.statutory = { date = "15 April Y+1", source = "law" }\n',
        "",
        ["W402 wheel.toml (phase.arsredovisning.state.proposing): The law's last day 15 April 2029 is not given: the "
         "annual report is handed over by 15 April (kommunallagen chapter 11 § 20). Add proposing.statutory."],
    ),
    (
        '[phase.budget.state]|deciding.statutory = { date = "30 November Y-1", source = "law" }\n',
        "",
        ["W402 wheel.toml (phase.budget.state.deciding): The law's last day 30 November 2027 is not given: the council "
         "adopts the budget before the end of November (kommunallagen chapter 11 § 10). Add deciding.statutory."],
    ),
    (
        'is = "annual_report"\n',
        "",
        ["W405 wheel.toml (cycle.budget): The wheel does not state which phase is what to the law: the annual report. "
         'Their dates are not checked. Write in each of these phases, as its `is`: "annual_report".'],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), CASES, ids=[(e or ["none"])[0][:4] for _, _, e in CASES])
def test_one_change_gives_one_warning(folder: Path, old: str, new: str, expected: list[str]) -> None:
    change(folder, "wheel.toml", old, new)
    assert warnings(folder) == expected


@pytest.mark.parametrize(
    ("waits", "reached", "change_of", "warned"),
    [
        ("underlag", "complete", ('[phase.underlag.state]|date = "April Y-1"', 'date = "28 June Y-1"'), True),
        ("underlag", "complete", ('[phase.underlag.state]|date = "April Y-1"', 'date = "24 June Y-1"'), False),
        # KS decides the frames on 23 June, its last meeting in time, although it has until the 28th
        (
            "ramar",
            "decided",
            ('[phase.ramar.state]|deciding.last = { date = "February', 'deciding.last = { date = "28 June'),
            False,
        ),
    ],
)
def test_what_a_decision_needs_from_another_phase_comes_before_its_last_meeting(
    folder: Path, waits: str, reached: str, change_of: tuple[str, str], warned: bool
) -> None:
    change(folder, "wheel.toml", BUDGET_LAST, 'deciding.last = { date = "June Y-1", source = "local choice" }')
    change(folder, "wheel.toml", *change_of)
    rule = f'{{ rule = "R2", phase = "{waits}", reached = "{reached}" }},\n'
    change(folder, "wheel.toml", "[phase.budget.step]|decide.rules = [\n", f"decide.rules = [\n{rule}")
    found = [said for said in warnings(folder) if said.startswith("W303")]
    assert found == (
        [
            "W303 wheel.toml (phase.budget.state.deciding.last): deciding is to be decided by 30 June 2027. "
            "The last meeting of kf until then is 24 June 2027, but the supporting papers "
            "are due 28 June 2027. Move the deadline of the state before, or add a meeting."
        ]
        if warned
        else []
    )


def test_names_that_cannot_be_told_apart_and_a_period_in_no_series(folder: Path) -> None:
    lines = (folder / "wheel.toml").read_text(encoding="utf-8").splitlines()
    at = [number for number, line in enumerate(lines) if line.startswith("label = ") and "{period}" not in line]
    first, second, third = at[:3]
    lines[second] = lines[first]
    lines[third] = 'label = { sv = "Svar {period}", en = "Answer" }'
    (folder / "wheel.toml").write_text("\n".join(lines), encoding="utf-8")
    found = [said.partition("): ")[2] for said in warnings(folder) if said.startswith("W109")]
    assert len(found) == 2
    assert "is also that of" in found[0]
    assert found[1] == (
        "The name “Svar {period}” contains {period}, but the phase is no series. Write the period itself, or make the "
        "phase a series."
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('label = { sv = "Ramar", en = "Frames" }', 'label = { sv = "Ramar {year}", en = "Frames" }',
         "The name “Ramar {year}” contains {year}, which nothing replaces. Write the text itself."),
        ('title = { sv = "budgetunderlag", en = "supporting papers" }',
         'title = { sv = "underlag till {decides}", en = "papers" }',
         "The name “underlag till {decides}” contains {decides}, which nothing replaces. Write the text itself."),
        # The boards' plans of the monthly reports are called by the phase's label.
        ('title = { sv = "budgetunderlag", en = "supporting papers" }',
         'title = { sv = "månadsrapport februari", en = "papers" }',
         "The name “Månadsrapport februari” is also that of underlag, so their mails look the same. "
         "Give each of them a name of its own."),
        ('label = { sv = "Ramar", en = "Frames" }', 'label = { sv = "Skolnämndens budgetunderlag", en = "Frames" }',
         "The name “budgetunderlag” is also that of ramar, so their mails look the same. "
         "Give each of them a name of its own."),
    ],
)  # fmt: skip
def test_names_are_compared_as_mails_have_them_and_braces_are_found(
    folder: Path, old: str, new: str, said: str
) -> None:
    change(folder, "wheel.toml", old, new)
    assert [each.partition("): ")[2] for each in warnings(folder) if each.startswith("W109")] == [said]


def test_an_office_that_owes_steps_and_has_no_contact(folder: Path) -> None:
    change(
        folder, "people.toml", 'role = "officer", body = "ekonomikontoret"', 'role = "head", body = "ekonomikontoret"'
    )
    assert warnings(folder) == [
        "W305 people.toml (person): ekonomikontoret has steps to take but no contact. The reminders go to the "
        "administrators. Give a person or an address the role officer, secretary or function for the body."
    ]


def test_an_id_that_tells_the_persons_name(folder: Path) -> None:
    people = (folder / "people.toml").read_text(encoding="utf-8")
    added = '[person.oberg]\nname = "Åsa Öberg"\nemail = "a@example.se"\nroles = [{ role = "reader" }]\n'
    (folder / "people.toml").write_text(people + added, encoding="utf-8")
    assert warnings(folder) == [
        "W307 people.toml (person.oberg): The id oberg is made from the person's name. The log keeps ids for ever. "
        "Choose an id that does not reveal who the person is, such as ekonom-1."
    ]


def test_a_meeting_on_a_day_off(folder: Path) -> None:
    change(folder, "meetings.toml", "[kf]|2028-06-22", "2028-06-25")
    assert warnings(folder) == [
        "W304 meetings.toml (kf.2028): The meeting of kf on 25 June 2028 is on a day off. Check that the day is right."
    ]


def test_an_election_year_without_a_decision_of_the_new_council(folder: Path) -> None:
    text = (folder / "wheel.toml").read_text(encoding="utf-8")
    start, end = text.index("[phase.budget-efter-val]"), text.index("[phase.verksamhetsplan]")
    (folder / "wheel.toml").write_text(text[:start] + text[end:], encoding="utf-8")
    assert warnings(folder) == []
    (warning,) = warnings(folder, [("budget", 2027)])
    assert warning.startswith("W403 wheel.toml (cycle.budget): 2026 is an election year: the newly elected council")


TAX = """
[phase.skatt]
label = { sv = "Skattesats", en = "Tax rate" }
workflow = "beslut"
is = "tax_rate"
source = "law"
parties = { prepares = "ekonomikontoret", decides = "kf" }

[phase.skatt.state]
preparing.opens = { date = "October Y-1", source = "x" }
preparing.last = { date = "29 October Y-1", source = "x" }
deciding.last = { date = "MONTH Y-1", source = "x", day_off = "previous" }
deciding.statutory = { date = "MONTH Y-1", source = "law" }
"""


@pytest.mark.parametrize(
    ("tax", "found"),
    [
        ("", ["W401 budget"]),
        (TAX.replace("MONTH", "last of November"), []),
        (TAX.replace("MONTH", "20 December"), ["W401 budget", "W401 skatt"]),
    ],
)
def test_a_budget_in_december_is_lawful_where_the_tax_rate_is_decided_in_november(
    folder: Path, tax: str, found: list[str]
) -> None:
    change(folder, "wheel.toml", BUDGET_LAST, 'deciding.last = { date = "17 December Y-1", source = "local choice" }')
    change(
        folder, "wheel.toml", '[phase.budget.state]|deciding.statutory = { date = "30 November Y-1"',
        'deciding.statutory = { date = "31 December Y-1"',
    )  # fmt: skip
    text = (folder / "wheel.toml").read_text(encoding="utf-8")
    (folder / "wheel.toml").write_text(text + tax, encoding="utf-8")
    told = [re.sub(r"^(W4\d\d) wheel.toml \(phase\.(\w+).*", r"\1 \2", each) for each in warnings(folder)]
    assert sorted(each for each in told if each.startswith("W4")) == found


def test_a_wheel_that_does_not_name_its_budget_is_told_so_and_nothing_else(folder: Path) -> None:
    text = (folder / "wheel.toml").read_text(encoding="utf-8")
    (folder / "wheel.toml").write_text(re.sub(r"(?m)^is = .*\n", "", text), encoding="utf-8")
    assert warnings(folder, [("budget", 2027)]) == [
        "W405 wheel.toml (cycle.budget): The wheel does not state which phase is what to the law: the budget, the "
        "interim report, the annual report. Their dates are not checked. Write in each of these phases, as its `is`: "
        '"budget", "interim_report", "annual_report".'
    ]


def test_the_tax_rate_alone_is_no_budget_of_the_new_council(folder: Path) -> None:
    text = (folder / "wheel.toml").read_text(encoding="utf-8")
    start, end = text.index("[phase.budget-efter-val]"), text.index("[phase.verksamhetsplan]")
    tax = TAX.replace("MONTH", "last of November")
    (folder / "wheel.toml").write_text(text[:start] + text[end:] + tax, encoding="utf-8")
    assert [each[:4] for each in warnings(folder, [("budget", 2027)]) if each[:2] == "W4"] == ["W403"]


def test_a_variant_that_leaves_the_day_of_the_new_council_open_is_not_told_to_be_one(folder: Path) -> None:
    text = (folder / "wheel.toml").read_text(encoding="utf-8")
    start, end = text.index("[phase.budget-efter-val]"), text.index("[phase.verksamhetsplan]")
    variant = """
[variant.after-election]
source = "law"
after_election = true

[variant.after-election.phase.budget.state]
proposing.last = { date = "undecided", source = "x" }
deciding.opens = { date = "15 October Y-1", source = "law" }
deciding.last = { date = "undecided", source = "x" }
"""
    (folder / "wheel.toml").write_text(text[:start] + text[end:] + variant, encoding="utf-8")
    assert [each[:4] for each in warnings(folder, [("budget", 2027)]) if each[:2] == "W4"] == []


@pytest.mark.parametrize(("old", "new"), [("opens", "autumn Y-1"), ("last", "14 October Y-1")])
def test_the_new_council_decides_nothing_before_it_takes_office(folder: Path, old: str, new: str) -> None:
    when = "November Y-1"
    tail = ', day_off = "previous"' if old == "last" else ""
    place = f'[phase.budget-efter-val.state]|kf.{old} = {{ date = "{when}", source = "law"{tail} }}'
    change(folder, "wheel.toml", place, f'kf.{old} = {{ date = "{new}", source = "law" }}')
    if old == "last":
        change(
            folder,
            "wheel.toml",
            '[phase.budget-efter-val.state]|kf.opens = { date = "November Y-1", source = "law" }\n',
            "",
        )
    told = [each for each in warnings(folder, [("budget", 2027)]) if each[:2] == "W4"]
    assert [each[:4] for each in told] == ["W404"] if old == "opens" else ["W404", "W403"]
    assert "before 15 October 2026, when the newly elected council takes office" in " ".join(told)


WINDOW = """
[phase.utstallning]
label = { sv = "Utställning", en = "Exhibition" }
workflow = "tidsfonster"
source = "§ 5"
parties = { prepares = "ekonomikontoret" }

[phase.utstallning.state]
open.opens = { date = "1 April Y-1", source = "§ 5" }
open.last = { date = "LAST", source = "§ 5", day_off = "previous" }
over.opens = { date = "OVER", source = "§ 5" }
"""


@pytest.mark.parametrize(
    ("last", "over", "told"),
    [
        ("20 April Y-1", "21 April Y-1", None),
        ("10 May Y-1", "21 April Y-1", "is due 8 May 2026, but ends by itself when over opens on 21 April 2026."),
        ("20 April Y-1", "3 March Y-1", "does not open until 1 April 2026, but ends by itself when over opens on 3 "),
    ],
)  # fmt: skip
def test_a_period_that_the_calendar_ends_before_its_last_day(
    folder: Path, last: str, over: str, told: str | None
) -> None:
    text = (folder / "wheel.toml").read_text(encoding="utf-8")
    window = WINDOW.replace("LAST", last).replace("OVER", over)
    (folder / "wheel.toml").write_text(text + window, encoding="utf-8")
    found = [each for each in warnings(folder, [("budget", 2027)]) if each.startswith("W202")]
    assert len(found) == (told is not None)
    assert told is None or told in found[0]


@pytest.mark.parametrize(("last", "told"), [("20 April Y-1", False), ("21 April Y-1", True)])
def test_a_period_that_ends_before_its_boards_are_due(folder: Path, last: str, told: bool) -> None:
    text = (folder / "wheel.toml").read_text(encoding="utf-8")
    window = WINDOW.replace("LAST", "20 April Y-1").replace("OVER", "21 April Y-1")
    window += f"""
[phase.utstallning.board]
workflow = "inlamning-namnd"
parties = {{ prepares = "board" }}

[phase.utstallning.board.state.open]
opens = {{ date = "1 April Y-1", source = "§ 5" }}
last = {{ date = "{last}", source = "§ 5" }}
"""
    (folder / "wheel.toml").write_text(text + window, encoding="utf-8")
    found = [each for each in warnings(folder, [("budget", 2028)]) if each.startswith("W204")]
    assert len(found) == told
    wanted = "The phase does not wait for the boards: over opens on 21 April 2027. Due later: ks, skolnamnden, "
    assert not told or wanted in found[0]


def test_in_a_year_without_an_election_no_new_council_takes_office(folder: Path) -> None:
    """The phase is the new council's, but the wheel has it every year."""
    change(folder, "wheel.toml", "[phase.budget-efter-val]|only_after_election = true\n", "")
    change(
        folder, "wheel.toml", '[phase.budget-efter-val.state]|kf.opens = { date = "November Y-1", source = "law" }',
        'kf.opens = { date = "autumn Y-1", source = "law" }',
    )  # fmt: skip
    assert [each[:4] for each in warnings(folder, [("budget", 2028)]) if each[:2] == "W4"] == []
    assert [each[:4] for each in warnings(folder, [("budget", 2027)]) if each[:2] == "W4"] == ["W404"]


def test_a_date_at_each_boards_own_meeting_is_known_where_the_boards_meetings_are(folder: Path) -> None:
    plan = 'deciding.last = { date = "December Y-1", source = "local choice", day_off = "previous" }'
    own = 'deciding.last = { date = "last board meeting in December Y-1", source = "local choice" }'
    change(folder, "wheel.toml", f"[phase.verksamhetsplan.board.state]|{plan}", own)
    assert warnings(folder) == []
    text = re.sub(r"(?s)\[socialnamnden\].*", "", (folder / "meetings.toml").read_text(encoding="utf-8"))
    (folder / "meetings.toml").write_text(text, encoding="utf-8")
    guesses = [warning for warning in warnings(folder) if "best guess" in warning]
    assert len(guesses) == 1
    assert "31 December 2027" in guesses[0]


def test_a_board_that_no_longer_exists_causes_no_warning(folder: Path) -> None:
    change(folder, "wheel.toml", "[body.skolnamnden]\n", "[body.skolnamnden]\nends = 2026-12-31\n")
    change(folder, "wheel.toml", '[phase.underlag.board.state]|date = "middle of April Y-1"', 'date = "8 March Y-1"')
    change(folder, "wheel.toml", '[phase.underlag.state]|date = "April Y-1"', 'date = "6 March Y-1"')
    found = [warning for warning in warnings(folder) if warning.startswith(("W204", "W207"))]
    assert len(found) == 3
    assert all("socialnamnden" in warning and "skolnamnden" not in warning for warning in found), found


def undecide(folder: Path) -> None:
    change(
        folder,
        "wheel.toml",
        '[phase.delarsrapport.state]|handed_over.last = { date = "November Y"',
        'handed_over.last = { date = "undecided"',
    )


def test_a_warning_of_several_years_is_given_once_with_all_of_them(folder: Path) -> None:
    undecide(folder)
    _, found = check(folder, [("budget", 2027), ("budget", 2028), ("budget", 2029)])
    assert [(warning.fault.code, warning.cycles) for warning in found] == [("undecided", ("2027", "2028", "2029"))]


def test_every_number_is_used_once_and_every_word_of_the_code_has_one() -> None:
    assert len(set(codes.NUMBERS.values())) == len(codes.NUMBERS)
    root = Path(codes.__file__).parents[2]
    used: set[str] = set()
    for file in [*root.glob("workflows/**/*.py"), *root.glob("config/**/*.py")]:
        text = file.read_text(encoding="utf-8")
        used |= set(re.findall(r'(?:Problem|problem|Fault|_mend)\(\s*"([a-z_]+)"', text))
        used |= {f"unknown_{kind}" for kind in re.findall(r'unknown\(\s*"([a-z]+)"', text)}
        used |= set(re.findall(r'code(?:, \w+)* = "([a-z_]+)"', text))
    assert len(used) > 50
    assert used - set(codes.NUMBERS) - {"no_"} == set()


# ---- errors that the model declares ----------------------------------------------------------------------------

DISTANCE = (
    '[[distance]]\nearlier = "last day of {}"\nlater = "last day of budget.{}"\nat_least = "5 days"\nsource = "x"\n\n{}'
)
REPORT = "[phase.manadsrapport]"
SERIES = "[phase.manadsrapport.series]|only = [2, 4]"
ERRORS = [
    (
        "[phase.manadsrapport]",
        '[variant.odd]\nsource = "x"\nyears = [2028]\nomit = ["phase.ramer"]\n\n[phase.manadsrapport]',
        "E319 variant.odd.omit.1: phase.ramer does not exist and so cannot be left out. Write the path to the date, "
        "for example phase.mrp.state.kf.target. In a series the path begins after the phase.",
    ),
    (
        "[phase.manadsrapport]",
        '[variant.odd]\nsource = "x"\n\n[phase.manadsrapport]',
        "E320 variant.odd: The variant odd never applies. Add after_election = true, or the years in which the "
        "variant applies.",
    ),
    (
        REPORT,
        '[variant.odd]\nsource = "x"\nyears = [20028]\n\n[phase.manadsrapport]',
        "E320 variant.odd.years: 20028 is not a year of a wheel. Write a year from 2003 to 2090.",
    ),
    (
        REPORT,
        DISTANCE.format("rammar", "deciding", REPORT),
        "E305 distance.1.earlier: The phase rammar does not exist. Did you mean ramar?",
    ),
    (
        REPORT,
        DISTANCE.format("ramar", "decidng", REPORT),
        "E201 distance.1.later: The state decidng has no dates there. Did you mean deciding?",
    ),
    (
        SERIES,
        "only = [2, 13]",
        "E321 phase.manadsrapport.series.only: The series has no number 13 (month). Write numbers from 1 to 12.",
    ),
    (
        SERIES,
        'only = [2, 4]\nyear = "X"',
        "E321 phase.manadsrapport.series.year: X is not a year of a series. Write `Y`, `Y+1`, `E+1` or a plain year.",
    ),
    (
        '[phase.manadsrapport.series]|every = "month"',
        'every = "monthly"',
        "E107 phase.manadsrapport.series.every: The value monthly cannot be used here. Write one of: month, quarter, "
        "tertial.",
    ),
    (
        '[phase.manadsrapport.series]|every = "month"\nonly = [2, 4]',
        "only = [2, 4]",
        "E104 phase.manadsrapport.series: every is missing. Add every.",
    ),
    (
        SERIES,
        "only = []",
        "E108 phase.manadsrapport.series.only: Empty value: only. Fill in a value, or remove the key.",
    ),
    (
        SERIES,
        "except = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]",
        "E321 phase.manadsrapport.series: The series manadsrapport has no members. Leave at least one in only, or "
        "remove one from except.",
    ),
    (
        SERIES,
        'only = [2, 4]\nmember.3.source = "x"',
        "E321 phase.manadsrapport.series.member.3: The series has no member 3. Write one of: 2, 4.",
    ),
    (
        SERIES,
        'only = [2, 4]\nmember.4.omit = ["state.opan"]',
        "E319 phase.manadsrapport.series.member.4.omit.1: state.opan does not exist and so cannot be left out. Write "
        "the path to the date, for example phase.mrp.state.kf.target. In a series the path begins after the phase.",
    ),
    (
        '[phase.ramar]|source = "local choice"',
        'source = "x"\ncondition = { sv = "x", en = "x" }',
        "E322 phase.ramar.condition: The phase has a condition but is not optional. It always takes place. "
        "Add optional = true, or remove the condition.",
    ),
    (
        "[body.ekonomikontoret]",
        "[body.ekonomikontoret]\nbegins = 2028-01-01\nends = 2027-01-01",
        "E323 body.ekonomikontoret.ends: ekonomikontoret ends on 1 January 2027, before the start on 1 January 2028. "
        "Correct one of the two dates.",
    ),
    (
        "[phase.budget.step]|decide.rules = [",
        'submit.rules = [{ rule = "R2", phase = "verksamhetsplan", reached = "complete" }]\ndecide.rules = [',
        "E324 phase.budget.step.submit: The step submit waits for verksamhetsplan.complete, which in turn waits for "
        "this step. Let one of the steps stop waiting.",
    ),
    (
        "[phase.manadsrapport]",
        '[[distance]]\nearlier = "last day of ramar"\nlater = "last day of budget"\nat_least = "a while"\n'
        'source = "§ 9"\n\n[phase.manadsrapport]',
        "E404 distance.1.at_least: `a while` is not a length of time. Write, for example, `21 days` or `3 weeks`.",
    ),
    (
        BUDGET_LAST,
        'deciding.last = { date = "last kff meeting in June Y-1", source = "§ 3" }',
        "E308 phase.budget.state.deciding.last.date: The body kff does not exist. Did you mean kf?",
    ),
    (
        "[phase.budget.step]",
        '[phase.underlag.exception.skolnamnden]\nworkflow = "manadsrapport-namnd"\n\n[phase.budget.step]',
        "E201 phase.underlag.exception.skolnamnden.workflow: The step that waits for the boards waits for the state "
        "handed_in, which their workflow does not have. Write one of: upcoming, open, reported.",
    ),
    (
        "[phase.budget.step]",
        '[phase.underlag.exception.skolnamnden.state]\nopne.last = { date = "1 May Y-1", source = "x" }\n\n'
        "[phase.budget.step]",
        "E201 phase.underlag.exception.skolnamnden.state.opne: The state opne does not exist in the phase's workflow. "
        "Did you mean open?",
    ),
    (
        '[phase.budget-efter-val]|revises = "budget"',
        'revises = "budget-efter-val"',
        "E305 phase.budget-efter-val.revises: The phase budget-efter-val does not exist in this cycle. Write one of: "
        "tidsplan, ramar, underlag, budget, verksamhetsplan, manadsrapport-02, manadsrapport-04, delarsrapport, "
        "arsredovisning.",
    ),
]


@pytest.mark.parametrize(("old", "new", "expected"), ERRORS, ids=[expected[:4] for *_, expected in ERRORS])
def test_one_change_gives_one_error(folder: Path, old: str, new: str, expected: str) -> None:
    change(folder, "wheel.toml", old, new)
    with pytest.raises(FaultyFilesError) as refused:
        load(folder)
    t = Texts("en")
    faults = [
        f"{codes.number(f.code)} {f.place}: {t(f.message, **f.facts)} {t(f.cure, **f.facts)}"
        for f in refused.value.faults
    ]
    assert expected in faults
    assert {fault[:4] for fault in faults} == {expected[:4]}, faults


def test_a_phase_that_waits_for_an_invalid_series_has_no_error_of_its_own(folder: Path) -> None:
    change(folder, "wheel.toml", '[phase.manadsrapport.series]|every = "month"', 'every = "monthly"')
    change(folder, "wheel.toml", '"R2", phase = "ramar", reached = "decided"', '"R2", phase = "manadsrapport-02"')
    change(folder, "wheel.toml", '"last kf meeting in May Y+1"', '"2 weeks after last day of manadsrapport-02.open"')
    with pytest.raises(FaultyFilesError) as refused:
        load(folder)
    assert [fault.place for fault in refused.value.faults] == ["phase.manadsrapport.series.every"]


TWO_DISTANCES = """
[[distance]]
earlier = "last day of ramar"
later = "last day of budget"
at_least = "5 months"
source = "§ 9"

[[distance]]
earlier = "last day of ramar"
later = "last day of budget"
at_least = "6 months"
source = "§ 10"

[variant.short]
source = "§ 11"
years = [2028]
omit = ["distance.{}"]

[phase.manadsrapport]"""


def test_a_variant_removes_one_minimum_interval_and_the_other_keeps_its_place(folder: Path) -> None:
    change(folder, "wheel.toml", "[phase.manadsrapport]", TWO_DISTANCES.format(1))
    for year, places in ((2028, ["distance.2"]), (2029, ["distance.1", "distance.2"])):
        found = [warning for warning in check(folder, [("budget", year)])[1] if warning.fault.code == "distance_short"]
        assert [warning.fault.place for warning in found] == places


@pytest.mark.parametrize("number", ["0", "3", "one"])
def test_a_missing_minimum_interval_cannot_be_removed(folder: Path, number: str) -> None:
    change(folder, "wheel.toml", "[phase.manadsrapport]", TWO_DISTANCES.format(number))
    with pytest.raises(FaultyFilesError) as refused:
        load(folder)
    assert [(fault.code, fault.place) for fault in refused.value.faults] == [("unknown_place", "variant.short.omit.1")]


# ---- the command -----------------------------------------------------------------------------------------------


def test_warnings_alone_are_no_failure_and_errors_are(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    undecide(folder)
    words = ["check", str(folder), "--home", str(folder / "nowhere"), "--year", "2028", "--json", "--lang", "en"]
    assert main(words) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["ok"], answer["errors"], answer["years"]) == (True, [], [2028, 2028])
    (finding,) = answer["findings"]
    assert {key: finding[key] for key in ("code", "name", "severity", "file", "place", "cycle", "cycles")} == {
        "code": "W103", "name": "undecided", "severity": "warning", "file": "wheel.toml",
        "place": "phase.delarsrapport.state.handed_over.last", "cycle": "2028", "cycles": ["2028"],
    }  # fmt: skip
    line = (folder / "wheel.toml").read_text(encoding="utf-8").splitlines()[finding["line"] - 1]
    assert "undecided" in line
    change(folder, "wheel.toml", '"undecided"', '"31 June Y"')
    assert main(words) == 6
    answer = json.loads(capsys.readouterr().out)
    (error,) = answer["errors"]
    assert (answer["error"], error["code"], error["name"]) == ("faulty", "E401", "date")
    assert answer["faults"][0]["code"] == "date"  # as it was before errors had numbers


def test_the_years_that_are_looked_at_can_be_chosen(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["check", str(folder), "--home", str(folder / "nowhere"), "--json"]
    assert main([*words, "--now", "2026-11-25T09:00+01:00"]) == 0
    assert json.loads(capsys.readouterr().out)["years"] == [2027, 2027]
    assert main([*words, "--now", "2026-12-31T23:30Z"]) == 0  # half past midnight in Sweden
    assert json.loads(capsys.readouterr().out)["years"] == [2028, 2028]
    assert main([*words, "--year", "2030", "--years", "3"]) == 0
    assert json.loads(capsys.readouterr().out)["years"] == [2030, 2032]
    assert main([*words, "--year", "1999"]) == 2


def test_the_text_output_has_number_place_and_cure(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(folder, "wheel.toml", "[phase.underlag.board.state]|open.last = ", "open.target = ")
    assert main(["check", str(folder), "--home", str(folder / "nowhere"), "--year", "2028", "--lang", "en"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "1 warning, budget year 2028: W107 wheel.toml:" in out
    assert "→ Add open.last, or write `undecided` as the date." in out


def test_in_a_home_the_meetings_are_those_that_people_have_entered(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = str(tmp_path / "home")
    assert main(["init", "--practice", "--email", "a@example.se", "--source", str(folder), "--home", home]) == 0
    check_it = ["check", "--home", home, "--year", str(YEAR), "--json"]
    capsys.readouterr()
    assert main(check_it) == 0
    before = [finding["code"] for finding in json.loads(capsys.readouterr().out)["findings"]]
    assert before == ["W002"]
    removed = ["meetings", "remove", "kf", "2027-06-24", "--home", home, "--actor", "admin", "--reason", "x"]
    assert main(removed) == 0
    capsys.readouterr()
    assert main(check_it) == 0
    assert [finding["code"] for finding in json.loads(capsys.readouterr().out)["findings"]] == ["W301", "W002"]


def test_bodies_that_decide_and_of_which_no_meeting_is_known(folder: Path) -> None:
    meetings = (folder / "meetings.toml").read_text(encoding="utf-8")
    without = re.sub(r"(?ms)^\[(kf|skolnamnden)\]\n.*?(?=^\[|\Z)", "", meetings)
    (folder / "meetings.toml").write_text(without, encoding="utf-8")
    found = [each for each in warnings(folder) if each.startswith("W308")]
    assert found == [
        "W308 wheel.toml (cycle.budget): No meetings are known of bodies that decide: kf, skolnamnden. Whether they "
        "can do it in time is unknown. Enter their meetings."
    ]


@pytest.mark.parametrize(("label", "braces"), [("Budget of {decides}", "{decides}"), ("Budget {", "{")])
def test_a_phase_is_not_named_with_braces(folder: Path, label: str, braces: str) -> None:
    change(folder, "wheel.toml", '[phase.budget]|en = "', f'en = "{label} ')
    (found,) = (each for each in warnings(folder) if each.startswith("W109"))
    assert f"contains {braces}, which nothing replaces. Write the text itself." in found


def test_a_series_is_named_by_one_of_its_members(folder: Path) -> None:
    change(folder, "wheel.toml", f"{BUDGET_LAST[:BUDGET_LAST.index('|')]}|last kf meeting in June Y-1",
           "1 week after last day of manadsrapport")  # fmt: skip
    with pytest.raises(FaultyFilesError) as faulty:
        check(folder, [("budget", YEAR)])
    t = Texts("en")
    said = {f"{t(fault.message, **fault.facts)} {t(fault.cure, **fault.facts)}" for fault in faulty.value.faults}
    assert (
        "manadsrapport is a series of several phases, and one of them must be named here. "
        "Write one of: manadsrapport-02, manadsrapport-04."
    ) in said


def test_a_number_that_is_too_small_says_the_least(folder: Path) -> None:
    change(folder, "wheel.toml", 'is = "budget"', 'is = "budget"\ncovers = 0')
    with pytest.raises(FaultyFilesError) as faulty:
        check(folder, [("budget", YEAR)])
    [fault] = faulty.value.faults
    assert (codes.number(fault.code), Texts("en")(fault.cure, **fault.facts)) == ("E107", "Write 1 or more.")
