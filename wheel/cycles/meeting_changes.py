"""Moves the dates that wait for a meeting when meetings change, and names the dates that count from those."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import select
from sqlmodel import col

from wheel.cycles.date_changes import (
    Choice,
    DateChange,
    apply_changes,
    change_document,
    counts_from_a_date,
    differences,
    follows_a_meeting,
    timetable_of,
    up_to_date,
)
from wheel.cycles.timetable_versions import plans_of_cycle
from wheel.database.tables import CycleRow
from wheel.engine.plan import Cycle
from wheel.engine.request_and_result import MovedRow
from wheel.engine.unit_of_work import UnitOfWork
from workflows.dates.date_rules import DateRule
from workflows.definition.definition import BOARD, Definition, WorkflowBinding
from workflows.messages import N_
from workflows.rules.named_rules import Reason


@dataclass
class MovedWithMeeting:
    """`moved`: the changes as JSON. `warnings`: the dates that only count from such a one, or were moved by hand."""

    moved: list[MovedRow] = field(default_factory=list)
    warnings: list[Reason] = field(default_factory=list)


def follow_meetings(uow: UnitOfWork, bodies: Collection[str], reason: str) -> MovedWithMeeting:
    """Move the dates that wait for a meeting, in every cycle, to where the known meetings put them now. `bodies`: those
    whose meetings have changed."""
    followed, theirs = MovedWithMeeting(), frozenset(bodies)
    for id in uow.session.execute(select(col(CycleRow.id)).order_by(col(CycleRow.id))).scalars().all():
        cycle = uow.cycle(id)
        if not _has(cycle.definition, follows_a_meeting):
            continue
        plans = plans_of_cycle(uow, cycle, lock=True)
        dates, plain = timetable_of(uow, cycle, plans), timetable_of(uow, cycle, plans, by_hand=False)
        by_hand = [
            change
            for plan in plans
            for change in differences(plan, plain, partial(_of_these, theirs, plan.board), by_hand=True)
            if change.old.source and "last" in change.moved
        ]
        changes = up_to_date(uow, plans, partial(differences, dates=dates, choice=follows_a_meeting))
        followed.moved += [change_document(uow, change) for change in changes]
        apply_changes(uow, changes, reason)
        if changes or by_hand:
            followed.warnings += _moved_by_hand(by_hand) + left_behind_warning(uow, cycle)
    return followed


def _of_these(bodies: frozenset[str], board: str | None, rule: DateRule) -> bool:
    """Whether the rule waits for a meeting of one of them; `board` is whose plan it is."""
    return bool({board if body == BOARD else body for body in rule.bodies} & bodies)


def left_behind_warning(uow: UnitOfWork, cycle: Cycle) -> list[Reason]:
    """A warning that names the dates that count from a changed one and have not followed it."""
    if not _has(cycle.definition, counts_from_a_date):
        return []
    plans = plans_of_cycle(uow, cycle)
    dates = timetable_of(uow, cycle, plans)
    found = [
        said
        for plan in plans
        for change in differences(plan, dates, counts_from_a_date)
        for said in change_lines(change)
    ]
    if not found:
        return []
    text = N_("Dates that depend on a changed one: {dates}.")
    return [Reason("counted", text, {"dates": tuple(found), "cycle": cycle.name}, severity="warn")]


def _moved_by_hand(changes: Iterable[DateChange]) -> list[Reason]:
    found = tuple(said for change in changes for said in change_lines(change))
    text = N_("These deadlines were moved by hand and do not follow the meeting: {dates}.")
    return [Reason("by_hand", text, {"dates": found}, severity="warn")] if found else []


def change_lines(change: DateChange) -> list[str]:
    """`2028/mrp kf.last 2027-06-16 → 2027-06-23`, for each date."""
    return [
        f"{change.plan.address} {change.state}.{bound} {old or '–'} → {new or '–'}"
        for bound, (old, new) in change.moved.items()
    ]


def _has(definition: Definition, choice: Choice) -> bool:
    """Whether any date of the wheel is of that kind."""
    for phase in definition.wheel.phases.values():
        tracks: list[WorkflowBinding] = [binding for binding in (phase, phase.board) if binding]
        states = [binding.states for binding in tracks] + [other.states for other in phase.exceptions.values()]
        if any(choice(of.rule) for each in states for dates in each.values() for _, of in dates.items()):
            return True
    return False
