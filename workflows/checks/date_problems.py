"""Finds dates that are impossible, count from each other or are out of order, by resolving them for many years."""

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import combinations

from workflows.checks.problem import WHEEL, Place, Problem, unknown
from workflows.dates.date_rules import Bound, DateRuleError
from workflows.dates.parse_calendar_date import names_one_year_at_its_turn, written_year
from workflows.dates.parse_date import parse
from workflows.dates.workdays import Calendar
from workflows.definition.definition import (
    BOARD,
    CycleKind,
    Definition,
    Phase,
    StateDates,
    Wheel,
    WorkflowBinding,
    anchor,
)
from workflows.messages import N_
from workflows.rules.timetable import CircularDates, Day, Timetable, linked

CycleYear = tuple[CycleKind, int]

YEARS = range(2024, 2041)  # contains leap years, election years and four whole mandate periods
WRONG_ORDER = {
    ("opens", "target"): N_("The target {late} is before the opening {early} ({cycle})."),
    ("opens", "last"): N_("The deadline {late} is before the opening {early} ({cycle})."),
    ("opens", "statutory"): N_("The law's last day {late} is before the opening {early} ({cycle})."),
    ("target", "last"): N_("The deadline {late} is before the target {early} ({cycle})."),
    ("target", "statutory"): N_("The law's last day {late} is before the target {early} ({cycle})."),
    ("last", "statutory"): N_("The law's last day {late} is before the deadline {early} ({cycle})."),
}


def cycles_to_try(wheel: Wheel) -> list[CycleYear]:
    """The cycles in which the dates of a wheel are resolved when it is checked."""
    budget: list[CycleYear] = [("budget", year) for year in YEARS]
    return budget + [("mandate", year) for year in YEARS if wheel.elections.in_year(year)]


def date_problems(definition: Definition, cycles: Iterable[CycleYear]) -> Iterator[Problem]:
    """Each problem once, for the first cycle that has it."""
    wheel = definition.wheel
    calendar = wheel.calendar
    for kind, cycle in wheel.cycles.items():
        yield from _never(kind, cycle.opens.date, calendar, ("cycle", kind, "opens", "date"))
    for id, phase in wheel.phases.items():
        for binding, at in _bindings(id, phase):
            yield from _rule_dates(phase.cycle, binding, calendar, at)
            yield from _covers(phase.cycle, binding, calendar, at)
    seen = set[tuple[Place, str]]()
    for kind, year in cycles:
        for problem in _in_cycle(definition, kind, year):
            if (problem.place, problem.message) not in seen:
                seen.add((problem.place, problem.message))
                yield problem


def _bindings(id: str, phase: Phase) -> Iterator[tuple[WorkflowBinding, Place]]:
    yield phase, ("phase", id)
    if phase.board:
        yield phase.board, ("phase", id, "board")


def _states(definition: Definition, id: str, phase: Phase) -> Iterator[tuple[StateDates, Place]]:
    for binding, at in _bindings(id, phase):
        for state, dates in binding.states.items():
            yield dates, (*at, "state", state)
    for board, other in phase.exceptions.items():
        states = definition.binding(id, board).states if phase.board else other.states
        for state in other.states:
            yield states[state], ("phase", id, "exception", board, "state", state)


def _rule_dates(kind: CycleKind, binding: WorkflowBinding, calendar: Calendar, at: Place) -> Iterator[Problem]:
    for verb, step in binding.steps.items():
        for i, use in enumerate(step.rules):
            if use.date is not None:
                yield from _never(kind, use.date, calendar, (*at, "step", verb, "rules", i, "date"))


def _covers(kind: CycleKind, binding: WorkflowBinding, calendar: Calendar, at: Place) -> Iterator[Problem]:
    """Check the first year that a plan is about."""
    if binding.covers_from is None:
        return
    place = (*at, "covers_from")
    try:
        written_year(binding.covers_from).of(anchor(kind, 2026, calendar))
    except DateRuleError as error:
        yield Problem("date", WHEEL, place, error.message, error.cure, error.facts)
    if kind == "mandate" and binding.covers is None:
        message, cure = N_("The file does not state how many years the plan is about."), N_("Add covers.")
        yield Problem("missing", WHEEL, place, message, cure)


def _never(kind: CycleKind, text: str, calendar: Calendar, place: Place) -> Iterator[Problem]:
    """Report a text that is not a date by itself, or that counts from a year which this kind of cycle does not have."""
    try:
        rule = parse(text)
        rule.first(anchor(kind, 2026, calendar))
        if rule.references or rule.bodies:
            message = N_("`{rule}` is counted from another date. Here a date must not depend on another.")
            yield Problem("date", WHEEL, place, message, N_("Write a day or a month."), {"rule": text})
    except DateRuleError as error:
        yield Problem("date", WHEEL, place, error.message, error.cure, error.facts)


def _in_cycle(definition: Definition, kind: CycleKind, year: int) -> Iterator[Problem]:
    common = linked(partial(Timetable, definition, kind), year)
    told = set[int]()
    name = f"{'Y' if kind == 'budget' else 'E'} = {year}"
    for slug, phase in definition.phases(kind, year).items():
        for dates, place in _states(definition, slug, phase):
            timetable = common
            if place[2] == "board":
                timetable = common.for_board(BOARD)
            elif place[2] == "exception":
                timetable = common.for_board(str(place[3]))
            days: dict[Bound, Day] = {}
            for bound, of in dates.items():
                try:
                    day = timetable.day(dates, bound)
                    days |= {} if day.provisional else {bound: day}  # the order of estimates is a warning only
                except DateRuleError as error:
                    if error.of is of and id(of) not in told:
                        told.add(id(of))  # a board with own dates shares the others, which would be reported again
                        code = "circular" if isinstance(error, CircularDates) else "date"
                        yield Problem(code, WHEEL, (*place, bound, "date"), error.message, error.cure, error.facts)
                if names_one_year_at_its_turn(of.date):
                    yield _which_year(of.date, (*place, bound, "date"))
            for bound, message, facts in out_of_order(days, name):
                yield Problem("date_order", WHEEL, (*place, bound), message, N_("Correct one of the two dates."), facts)
            yield from _bodies(definition.wheel, dates, place)


def _which_year(text: str, place: Place) -> Problem:
    message = N_("`{rule}` can be read in two ways: the year can be that of December or of January.")
    cure = N_("Write both years, for example `turn of December Y/January Y+1`.")
    return Problem("date", WHEEL, place, message, cure, {"rule": text})


def _bodies(wheel: Wheel, dates: StateDates, place: Place) -> Iterator[Problem]:
    for bound, of in dates.items():
        try:
            bodies = sorted(of.rule.bodies)
        except DateRuleError:  # reported above
            continue
        for body in bodies:
            of_boards = "board" in place or "exception" in place  # `board` then means the board that owns the plan
            if body not in wheel.bodies and not (body == BOARD and of_boards):
                message = N_("The body {name} does not exist.")
                yield unknown("body", message, body, wheel.bodies, WHEEL, (*place, bound, "date"))


def out_of_order(days: dict[Bound, Day], cycle: str) -> Iterator[tuple[Bound, str, dict[str, object]]]:
    """The dates of one state that precede an earlier bound: bound, message and facts."""
    for (bound, early), (after, late) in combinations(days.items(), 2):
        if early.date and late.date and early.date > late.date:
            yield after, WRONG_ORDER[bound, after], {"early": early.date, "late": late.date, "cycle": cycle}
