"""Moves the dates that wait for a meeting when meetings change."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import select
from sqlmodel import col

from wheel.cycles.cycle_timetable import timetable_of
from wheel.cycles.date_changes import (
    DateChange,
    apply_changes,
    change_document,
    change_lines,
    differences,
    follows_a_meeting,
    has_dates,
    up_to_date,
)
from wheel.cycles.timetable_versions import plans_of_cycle
from wheel.database.tables import CycleRow
from wheel.engine.request_and_result import MovedRow
from wheel.engine.unit_of_work import UnitOfWork
from workflows.dates.date_rules import DateRule
from workflows.definition.definition import BOARD
from workflows.messages import N_
from workflows.rules.named_rules import Reason


@dataclass
class MovedWithMeeting:
    """`moved`: the changes as JSON. `warnings`: the dates that were moved by hand and stay."""

    moved: list[MovedRow] = field(default_factory=list)
    warnings: list[Reason] = field(default_factory=list)


def follow_meetings(uow: UnitOfWork, bodies: Collection[str], reason: str) -> MovedWithMeeting:
    """Move the dates that wait for a meeting, in every cycle, to where the known meetings put them now. `bodies`: those
    whose meetings have changed."""
    followed, theirs = MovedWithMeeting(), frozenset(bodies)
    uow.forget_meetings()
    for id in uow.session.execute(select(col(CycleRow.id)).order_by(col(CycleRow.id))).scalars().all():
        cycle = uow.cycle(id)
        if not has_dates(cycle.definition, follows_a_meeting):
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
        followed.warnings += _moved_by_hand(by_hand)
    return followed


def _of_these(bodies: frozenset[str], board: str | None, rule: DateRule) -> bool:
    """Whether the rule waits for a meeting of one of them; `board` is whose plan it is."""
    return bool({board if body == BOARD else body for body in rule.bodies} & bodies)


def _moved_by_hand(changes: Iterable[DateChange]) -> list[Reason]:
    found = tuple(said for change in changes for said in change_lines(change))
    text = N_("These deadlines were moved by hand and do not follow the meeting: {dates}.")
    return [Reason("by_hand", text, {"dates": found}, severity="warn")] if found else []
