"""The dates of a running cycle as its rules, the known meetings and what has happened give them now."""

from collections.abc import Collection, Iterable
from datetime import date
from functools import partial

from wheel.cycles.timetable_versions import plans_of_cycle
from wheel.database.meeting_days import meeting_days
from wheel.engine.plan import NO_RECORD, Cycle, Plan
from wheel.engine.unit_of_work import UnitOfWork
from workflows.dates.date_rules import BOUNDS
from workflows.rules.timetable import Timetable, linked


def timetable_of(uow: UnitOfWork, cycle: Cycle, plans: Iterable[Plan], *, by_hand: bool = True) -> Timetable:
    """The dates of the cycle.

    A date that counts from another one uses that date as stored if its state is over, or (`by_hand`) if somebody has
    moved it. A date of another year's cycle is used as stored there; while that cycle is not open, as this cycle's
    wheel promises it. A board that was taken out of a phase counts no more.
    """
    return linked(partial(_of_year, uow, cycle, tuple(plans), by_hand), cycle.year)


def _of_year(uow: UnitOfWork, cycle: Cycle, plans: Collection[Plan], by_hand: bool, year: int) -> Timetable:
    other = cycle if year == cycle.year else uow.cycle_in(cycle.kind, year)
    definition = other.definition if other else cycle.definition
    dates = Timetable(definition, cycle.kind, year, meeting_days(uow.session))
    if other is cycle:
        leave_out(dates, plans)
        for plan in plans:
            _fix_what_stands(dates, plan, by_hand)
            _say_where_it_came(dates, plan)
    elif other is not None:
        plans = plans_of_cycle(uow, other)
        leave_out(dates, plans)
        for plan in plans:
            _fix_as_stored(dates, plan)
            _say_where_it_came(dates, plan)
    else:
        dates.estimated = True
    return dates


def leave_out(dates: Timetable, plans: Collection[Plan]) -> None:
    """Leave the boards out of the dates that take no part in a phase which is in the year."""
    running = {plan.phase for plan in plans if plan.board is None and plan.is_active}
    for plan in plans:
        if plan.board and plan.phase in running and plan.special_status in ("withdrawn", "not_concerned"):
            dates.leave_out(plan.phase, plan.board)


def _fix_what_stands(dates: Timetable, plan: Plan, by_hand: bool) -> None:
    for state, stage in plan.stages.items():
        over = plan.workflow.has(state) and not plan.is_ahead(state)
        for bound in BOUNDS if over else ("last",) if by_hand and stage.source else ():
            if (day := stage.day(bound)) is not None:
                dates.fix(plan.phase, plan.board, state, bound, day)


def _fix_as_stored(dates: Timetable, plan: Plan) -> None:
    for state, stage in plan.stages.items():
        for bound in BOUNDS:
            if (day := stage.day(bound)) is not None or stage.is_undecided(bound):
                dates.fix(plan.phase, plan.board, state, bound, day, provisional=stage.is_provisional(bound))


def _say_where_it_came(dates: Timetable, plan: Plan) -> None:
    """The day on which the plan really came to each state that it has reached: for a decision that of the meeting. A
    state that was passed over was reached with the next. Nothing of a plan that is out of the year."""
    if not plan.is_active:
        return
    calendar, found, day = plan.cycle.definition.wheel.calendar, dict[str, date](), None
    for state in reversed(plan.workflow.states):
        if plan.workflow.reached(plan.state, state.id):
            day = plan.stages.get(state.id, NO_RECORD).day_of_entry(calendar) or day
            found |= {state.id: day} if day else {}
    dates.arrived(plan.phase, plan.board, found)
