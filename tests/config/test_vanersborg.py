"""The sample wheel agrees with the municipality's rules; the expected dates are worked out by hand."""

import re
from collections.abc import Iterator
from datetime import date

import pytest

from config.municipality.municipality import VANERSBORG, load
from workflows.dates.workdays import Calendar
from workflows.definition.definition import CycleKind, DateOf, Phase, RuleUse, StateDates, WorkflowBinding, anchor
from workflows.rules.named_rules import RULES, rules_not_enforced

MUNICIPALITY = load(VANERSBORG)
DEFINITION = MUNICIPALITY.definition
SWEDEN = Calendar("SE", "Europe/Stockholm")
WHEEL = DEFINITION.wheel
BOARDS = [
    *("ks", "barn-och-utbildningsnamnden", "byggnadsnamnden", "kultur-och-fritidsnamnden"),
    *("miljo-och-halsoskyddsnamnden", "samhallsbyggnadsnamnden", "socialnamnden", "valnamnden"),
    "overformyndarnamnden",
]
ORDINARY = [
    *("tidsplan", "budgetberedning", "ramar", "namndforslag", "uppdragsdialog", "mrp", "verksamhetsplan"),
    *("delarsrapport-april", "delarsrapport-augusti", "arsredovisning", "arsberattelse"),
]


def phases(kind: CycleKind, year: int) -> list[str]:
    return list(DEFINITION.phases(kind, year))


@pytest.mark.parametrize("year", [2026, 2028, 2029, 2030])
def test_an_ordinary_budget_year_has_the_phases_of_the_contract(year: int) -> None:
    assert phases("budget", year) == ORDINARY


@pytest.mark.parametrize("year", [2027, 2031])
def test_the_newly_elected_council_fixes_the_budget_the_autumn_of_its_election(year: int) -> None:
    assert set(phases("budget", year)) == {*ORDINARY, "budgetfaststallelse"}


def test_the_mandate_cycle_has_the_goals() -> None:
    assert phases("mandate", 2026) == ["inriktningsmal"]


def test_the_cycles_are_named_and_opened_as_the_contract_says() -> None:
    budget, mandate = WHEEL.cycles["budget"], WHEEL.cycles["mandate"]
    assert (budget.name_of(2028), mandate.name_of(2026)) == ("2028", "mandat-2026")
    assert budget.opens.rule.first(anchor("budget", 2028, SWEDEN)) == date(2026, 11, 1)
    assert mandate.opens.rule.first(anchor("mandate", 2026, SWEDEN)) == date(2026, 10, 15)
    assert (budget.timetable, mandate.every) == ("tidsplan", 4)


def test_the_boards_and_the_phases_that_have_plans_of_theirs() -> None:
    assert WHEEL.boards == BOARDS
    assert [id for id, phase in WHEEL.phases.items() if phase.board] == [
        *("namndforslag", "uppdragsdialog", "verksamhetsplan", "delarsrapport-april", "delarsrapport-augusti"),
        *("arsredovisning", "arsberattelse"),
    ]


def test_only_the_election_board_and_only_in_the_dialogue_is_not_concerned() -> None:
    unconcerned = [(p, b) for p, phase in WHEEL.phases.items() for b, e in phase.exceptions.items() if not e.concerned]
    assert unconcerned == [("uppdragsdialog", "valnamnden")]


# By hand from the municipality's rules, for an ordinary budget year: Y = 2027.
BUDGET_2027 = {
    "tidsplan draft opens": date(2025, 11, 1),
    "tidsplan draft last": date(2025, 11, 30),
    "budgetberedning started opens": date(2026, 1, 1),
    "ramar draft opens": date(2026, 1, 1),
    "ramar draft target": date(2026, 2, 28),
    "ramar draft last": date(2026, 3, 31),
    "uppdragsdialog board open opens": date(2026, 4, 1),
    "uppdragsdialog board open last": date(2026, 5, 31),
    "mrp kf opens": date(2026, 6, 1),
    "mrp kf last": date(2026, 6, 30),
    "mrp in_force opens": date(2027, 1, 1),
    "budgetfaststallelse preparing opens": date(2026, 10, 15),
    "budgetfaststallelse kf last": date(2026, 11, 30),
    "budgetfaststallelse kf statutory": date(2026, 11, 30),
    "verksamhetsplan board reported last": date(2026, 12, 31),
    "verksamhetsplan board in_force opens": date(2027, 1, 1),
    "delarsrapport-april opened opens": date(2027, 5, 1),
    "delarsrapport-april board opened opens": date(2027, 5, 1),
    "delarsrapport-augusti opened opens": date(2027, 9, 1),
    "delarsrapport-augusti compiled last": date(2027, 10, 31),
    "delarsrapport-augusti compiled statutory": date(2027, 10, 31),
    "arsredovisning opened opens": date(2028, 1, 1),
    "arsredovisning board opened last": date(2028, 1, 31),
    "arsredovisning board analysed last": date(2028, 2, 29),
    "arsredovisning drawn_up last": date(2028, 4, 15),
    "arsredovisning drawn_up statutory": date(2028, 4, 15),
    "arsberattelse board draft last": date(2028, 3, 31),
}
# The years in which a leap year lies differently: the frames of 2029 are aimed at 29 February 2028.
BUDGET_2028 = {
    "tidsplan draft last": date(2026, 11, 30),
    "ramar draft target": date(2027, 2, 28),
    "ramar draft last": date(2027, 3, 31),
    "mrp kf last": date(2027, 6, 30),
    "verksamhetsplan board reported last": date(2027, 12, 31),
    "delarsrapport-augusti compiled statutory": date(2028, 10, 31),
    "arsredovisning board analysed last": date(2029, 2, 28),
    "arsredovisning drawn_up statutory": date(2029, 4, 15),
}
BUDGET_2029 = {
    "tidsplan draft opens": date(2027, 11, 1),
    "ramar draft target": date(2028, 2, 29),
    "ramar draft last": date(2028, 3, 31),
    "mrp kf opens": date(2028, 6, 1),
    "mrp in_force opens": date(2029, 1, 1),
    "arsredovisning drawn_up statutory": date(2030, 4, 15),
}
BUDGET_2031 = {
    "mrp kf last": date(2030, 6, 30),
    "budgetfaststallelse preparing opens": date(2030, 10, 15),
    "budgetfaststallelse kf statutory": date(2030, 11, 30),
    "verksamhetsplan board reported last": date(2030, 12, 31),
}
# Election September 2026: goals by December 2027, first used by the MRP decided in June 2028, for 2029.
MANDATE_2026 = {
    "inriktningsmal kf last": date(2027, 12, 31),
    "inriktningsmal in_force opens": date(2028, 1, 1),
    "inriktningsmal replaced opens": date(2033, 1, 1),
}


@pytest.mark.parametrize(
    ("kind", "year", "at", "expected"),
    [
        pytest.param(kind, year, at, day, id=f"{year} {at}")
        for kind, year, days in (
            ("budget", 2027, BUDGET_2027),
            ("budget", 2028, BUDGET_2028),
            ("budget", 2029, BUDGET_2029),
            ("budget", 2031, BUDGET_2031),
            ("mandate", 2026, MANDATE_2026),
        )
        for at, day in days.items()
    ],
)
def test_the_dates_are_those_of_the_source(kind: CycleKind, year: int, at: str, expected: date) -> None:
    phase, *of_boards, state, bound = at.split()
    assert phase in phases(kind, year)
    binding: WorkflowBinding | None = WHEEL.phases[phase].board if of_boards else WHEEL.phases[phase]
    assert binding
    assert day(bound, getattr(binding.states[state], bound), kind, year) == expected


def test_every_date_and_every_phase_names_its_source() -> None:
    word = r"([1-5](\.[1-5])?|letter|law|local choice)"
    for phase in WHEEL.phases.values():
        assert re.fullmatch(rf"{word}(, {word})*", phase.source)
    for _, _, dates in states():
        for _, of in dates.items():
            assert re.fullmatch(word, of.source)


def test_every_state_that_requires_action_has_a_first_and_a_last_day() -> None:
    for phase, binding, _ in states():
        workflow = DEFINITION.workflows[binding.workflow]
        owing = [state.id for state in workflow.states[1:] if not state.done and state.id != "under_revision"]
        assert [s for s in owing if s not in binding.states or not binding.states[s].last] == [], phase.label.en
        assert [s for s in owing if s not in binding.states or not binding.states[s].opens] == [], phase.label.en


@pytest.mark.parametrize("year", range(2024, 2041))
def test_the_states_of_a_phase_come_one_after_the_other(year: int) -> None:
    for phase, binding, _ in states():
        order = [state.id for state in DEFINITION.workflows[binding.workflow].states]
        assert list(binding.states) == sorted(binding.states, key=order.index)
        for bound in ("opens", "last"):
            days = [
                day(bound, of, phase.cycle, year)
                for dates in binding.states.values()
                if (of := getattr(dates, bound)) is not None
            ]
            assert days == sorted(days), (phase.label.en, bound)


def test_the_boards_are_done_before_the_whole_is_due_and_the_whole_opens_no_later() -> None:
    for phase in WHEEL.phases.values():
        if phase.board:
            join = next(s for s in DEFINITION.workflows[phase.workflow].steps if s.automatic == "children")
            whole = phase.states[join.from_[0]]
            board = [dates.last for dates in phase.board.states.values() if dates.last]
            assert whole.last
            assert max(day("last", of, "budget", 2028) for of in board) <= day("last", whole.last, "budget", 2028)
            assert whole.opens == next(iter(phase.board.states.values())).opens


def test_the_rules_stand_at_the_steps_that_they_are_about() -> None:
    used = {
        (id, bool(binding is phase.board), verb): [use.rule for use in step.rules]
        for id, phase in WHEEL.phases.items()
        for binding in (phase, phase.board)
        if binding
        for verb, step in binding.steps.items()
        if step.rules
    }
    assert used[("mrp", False, "submit")] == ["R8"]
    assert used[("mrp", False, "decide")] == ["R2", "R4", "R3", "R8"]
    assert used[("verksamhetsplan", True, "draft")] == used[("verksamhetsplan", True, "submit")] == ["R18"]
    assert used[("verksamhetsplan", True, "decide")] == ["R16", "R6"]
    assert used[("verksamhetsplan", True, "report")] == ["R16"]
    assert used[("arsberattelse", True, "decide")] == ["R17"]
    assert used[("inriktningsmal", False, "decide")] == used[("inriktningsmal", False, "revise")] == ["R8"]
    assert used[("inriktningsmal", False, "decide_revision")] == ["R8"]
    assert used[("delarsrapport-april", True, "decide")] == used[("arsredovisning", False, "discharge")] == ["R13"]
    assert WHEEL.phases["mrp"].rules("decide")[:2] == (
        RuleUse(rule="R2", phase="ramar", reached="decided", source="1.2"),
        RuleUse(rule="R4", phase="uppdragsdialog", boards=True, reached="held", source="1.3"),
    )


def test_the_rules_that_nothing_holds_are_those_of_the_program_and_every_rule_cites_its_paragraph() -> None:
    assert list(WHEEL.not_enforced) == rules_not_enforced()
    uses = [
        use
        for phase in WHEEL.phases.values()
        for binding in (phase, phase.board)
        if binding
        for step in binding.steps.values()
        for use in step.rules
    ]
    assert {use.rule for use in uses} == set(RULES)
    assert [use for use in uses if use.source != RULES[use.rule].citation] == []


def test_each_decision_is_made_by_the_body_of_the_rules() -> None:
    deciders = {id: phase.parties["decides"] for id, phase in WHEEL.phases.items() if "decides" in phase.parties}
    assert deciders == {
        "tidsplan": "ks",
        "ramar": "ks",
        "namndforslag": "kf",
        "mrp": "kf",
        "budgetfaststallelse": "kf",
        "delarsrapport-april": "kf",
        "delarsrapport-augusti": "kf",
        "arsredovisning": "kf",
        "inriktningsmal": "kf",
    }
    assert DEFINITION.binding("verksamhetsplan", "socialnamnden").body("decides", "socialnamnden") == "socialnamnden"
    assert DEFINITION.workflow("verksamhetsplan", "ks").id == "verksamhetsplan-ks"


def test_the_ladder_is_the_one_of_the_design() -> None:
    ladder = WHEEL.ladders["standard"]
    assert [rung.days for rung in ladder] == [-30, -7, -3, -1, 0, 1, 3, 7]
    assert [rung.only_if_longer_than for rung in ladder] == [60, *[None] * 7]
    assert [rung.to for rung in ladder[:6]] == [("responsible",)] * 6
    assert ladder[6].to == ("responsible", "head")
    assert ladder[7].to == ("responsible", "head", "chair", "administrators")


def test_every_board_has_an_address_an_officer_a_chair_and_a_head() -> None:
    held = {(role.body, role.role) for person in MUNICIPALITY.people.values() for role in person.roles}
    for board in BOARDS:
        assert {role for body, role in held if body == board} == {"function", "officer", "secretary", "chair", "head"}
    assert ("kf", "secretary") in held
    assert {role for body, role in held if not body} == {"administrator", "reader", "operator"}


def test_no_address_can_reach_anybody() -> None:
    assert len(MUNICIPALITY.people) < 45
    addresses = [person.email for person in MUNICIPALITY.people.values()]
    assert all(address.endswith("@example.se") for address in addresses)
    assert len(set(addresses)) == len(addresses)


def test_meetings_are_on_working_days_and_in_time_for_the_decisions() -> None:
    calendar = Calendar(WHEEL.country, WHEEL.zone)
    assert set(MUNICIPALITY.meetings) == {"kf", *BOARDS}
    for days in MUNICIPALITY.meetings.values():
        assert {day.year for day in days} == {2026, 2027, 2028, 2029}
        assert all(calendar.is_working_day(day) for day in days)
    kf, ks = MUNICIPALITY.meetings["kf"], MUNICIPALITY.meetings["ks"]
    assert date(2026, 11, 4) in ks  # the timetable of 2028
    for year in (2026, 2027, 2028, 2029):
        assert any(date(year, 6, 1) <= day <= date(year, 6, 30) for day in kf)
        assert any(date(year, 2, 1) <= day <= date(year, 2, 29 if year == 2028 else 28) for day in ks)
        for board in BOARDS:
            assert any(date(year, 12, 1) <= day <= date(year, 12, 31) for day in MUNICIPALITY.meetings[board])


def states() -> Iterator[tuple[Phase, WorkflowBinding, StateDates]]:
    for phase in WHEEL.phases.values():
        for binding in (phase, phase.board):
            if binding:
                for dates in binding.states.values():
                    yield phase, binding, dates


def day(bound: str, of: DateOf, kind: CycleKind, year: int) -> date:
    at = anchor(kind, year, SWEDEN)
    return of.rule.first(at) if bound == "opens" else of.rule.last(at)
