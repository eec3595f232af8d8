"""Moves the dates that count from the day on which a step was really taken, when it is taken, corrected or undone."""

from functools import partial

from wheel.cycles.cycle_timetable import timetable_of
from wheel.cycles.date_changes import apply_changes, change_lines, differences
from wheel.cycles.timetable_versions import plans_of_cycle
from wheel.engine.plan import Cycle
from wheel.engine.transition import nothing_followed
from wheel.engine.unit_of_work import UnitOfWork
from workflows.dates.date_rules import DateRule, Reference
from workflows.definition.definition import Definition
from workflows.messages import N_
from workflows.rules.named_rules import Reason


def follow_steps(uow: UnitOfWork) -> list[Reason]:
    """Give the dates that count from the steps of this transaction the days of those steps, in every cycle.

    It follows no step that its dates move, so the step can still be undone. Returns what is to be noted about it.
    """
    lines: list[str] = []
    while uow.moved:
        (cycle_id, phase), address = uow.moved.popitem()
        for cycle in _counting(uow, uow.cycle(cycle_id), phase):
            lines += _follow(uow, cycle, address)
    text = N_("The day of the step sets these dates: {dates}.")
    return [Reason("counted", text, {"dates": tuple(lines)}, severity="warn")] if lines else []


def waiting_phases(definition: Definition) -> set[str]:
    """The phases with dates that count from a step, as far as it has been taken."""
    return {
        id
        for id in definition.wheel.phases
        for dates in definition.dates_of(id)
        for _, of in dates.items()
        if _counts_from_a_step(definition, of.rule)
    }


def _counting(uow: UnitOfWork, cycle: Cycle, phase: str) -> list[Cycle]:
    """The open cycles with dates that count from the steps of that phase of this cycle."""
    years = sorted({cycle.year - years for named, years in cycle.definition.counted_steps if named == phase})
    found = [cycle if year == cycle.year else uow.cycle_in(cycle.kind, year) for year in years]
    return [each for each in found if each]


def _follow(uow: UnitOfWork, cycle: Cycle, address: str) -> list[str]:
    plans = plans_of_cycle(uow, cycle, lock=True)
    dates, choice = timetable_of(uow, cycle, plans), partial(_counts_from_a_step, cycle.definition)
    changes = [change for plan in plans for change in differences(plan, dates, choice)]
    seen = {change.plan.id: change.plan.version for change in changes}
    for after in apply_changes(uow, changes, "", address):
        nothing_followed(uow, after, seen[after.id])
    return [line for change in changes for line in change_lines(change)]


def _counts_from_a_step(definition: Definition, rule: DateRule, seen: frozenset[Reference] = frozenset()) -> bool:
    """Whether the date counts from a step, or from a date that does."""
    references = [reference for reference in rule.references if reference not in seen]
    return any(
        reference.bound == "actual"
        or any(
            _counts_from_a_step(definition, each, seen | {reference}) for each in _rules_referred(definition, reference)
        )
        for reference in references
    )


def _rules_referred(definition: Definition, reference: Reference) -> list[DateRule]:
    phase = definition.wheel.phases.get(reference.phase)
    bindings = [phase and (phase.board if reference.board else phase)]
    return [
        of.rule
        for binding in bindings
        if binding
        for state, dates in binding.states.items()
        for bound, of in dates.items()
        if reference.state in (None, state) and reference.bound == bound
    ]
