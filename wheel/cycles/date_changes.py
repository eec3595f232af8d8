"""Changes dates of plans that are under way: finds which dates would change, and stores them.

A date changes only by an action: its meeting moved, the timetable was replaced, its rules were accepted again, or the
cycle was migrated. States that a plan has left keep their dates, and the present one its opening.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from notifications.notices import supersede
from notifications.tables import Message, Notice
from wheel.cycles.open_cycle import stages_of
from wheel.engine.deadlines import ABOUT_THE_DEADLINE, is_told, known_day, save_dates
from wheel.engine.plan import NO_RECORD, Plan, StateRecord
from wheel.engine.request_and_result import MovedRow, RemindedRow
from wheel.engine.transition import catch_up
from wheel.engine.unit_of_work import UnitOfWork
from wheel.errors import Usage
from workflows.dates.date_rules import BOUNDS, Bound, DateRule, DateRuleError
from workflows.dates.instants import utc
from workflows.definition.definition import Definition, WorkflowBinding
from workflows.rules.timetable import Timetable

Choice = Callable[[DateRule], bool]


def follows_a_meeting(rule: DateRule) -> bool:
    """Whether the date follows its meeting by itself."""
    return bool(rule.bodies)


def counts_from_a_step(rule: DateRule) -> bool:
    """Whether the date counts from the day on which a step was really taken. It follows that day by itself."""
    return any(reference.bound == "actual" for reference in rule.references)


def counts_from_a_date(rule: DateRule) -> bool:
    """Whether the date counts from another date alone. It follows that one when somebody accepts it."""
    return bool(rule.references) and not rule.bodies


def is_relative(rule: DateRule) -> bool:
    return follows_a_meeting(rule) or counts_from_a_date(rule)


def has_dates(definition: Definition, choice: Choice) -> bool:
    """Whether any date of the wheel is of that kind."""
    for phase in definition.wheel.phases.values():
        tracks: list[WorkflowBinding] = [binding for binding in (phase, phase.board) if binding]
        states = [binding.states for binding in tracks] + [other.states for other in phase.exceptions.values()]
        if any(choice(of.rule) for each in states for dates in each.values() for _, of in dates.items()):
            return True
    return False


@dataclass(frozen=True)
class DateChange:
    """Other dates of one state of a plan."""

    plan: Plan
    state: str
    new: StateRecord

    @property
    def old(self) -> StateRecord:
        return self.plan.stages.get(self.state, NO_RECORD)

    @property
    def moved(self) -> dict[Bound, tuple[date | None, date | None]]:
        """The dates that change, old and new. Empty where only their certainty changes."""
        both = {bound: (self.old.day(bound), self.new.day(bound)) for bound in BOUNDS}
        return {bound: pair for bound, pair in both.items() if pair[0] != pair[1]}


def differences(plan: Plan, dates: Timetable, choice: Choice | None, *, by_hand: bool = False) -> list[DateChange]:
    """The dates of the plan that would change: those whose rule is of that `choice`, or all of them without one.

    `by_hand`: also last days that somebody has moved. Raises Usage for a date that does not exist.
    """
    if not _is_dated(plan):
        return []
    try:
        found = stages_of(dates, plan.phase, plan.board)
    except DateRuleError as error:
        raise Usage(error.message, **error.facts) from None
    rules = dates.definition.binding(plan.phase, plan.board).states
    changes = []
    for state in dict.fromkeys((*found, *plan.stages)):
        old = plan.stages.get(state, NO_RECORD)
        if not plan.is_ahead(state) or (old.source and not by_hand):
            continue
        of = dict(rules[state].items()) if state in rules else {}
        bounds = BOUNDS if choice is None else [bound for bound in of if choice(of[bound].rule)]
        if state == plan.state and old.entered_at is not None:
            bounds = [bound for bound in bounds if bound != "opens"]  # the opening has happened
        new = _with(old, found.get(state, NO_RECORD), bounds)
        if new != old:
            changes.append(DateChange(plan, state, new))
    return changes


def _is_dated(plan: Plan) -> bool:
    """Whether the plan has dates to change: also an optional one that has not begun; not one that is over."""
    return plan.is_active or (
        plan.special_status == "not_concerned" and plan.cycle.definition.wheel.phases[plan.phase].optional
    )


def _with(old: StateRecord, found: StateRecord, bounds: Collection[Bound]) -> StateRecord:
    """The stage with these bounds as they were found."""
    values: dict[str, Any] = {bound: found.day(bound) for bound in bounds}
    for flag in ("provisional", "undecided"):
        named = {bound: (getattr(found if bound in bounds else old, flag) or "").split() for bound in BOUNDS}
        values[flag] = " ".join(bound for bound in BOUNDS if bound in named[bound]) or None
    if "last" in bounds:
        values["clock"] = found.clock
    clocks = {bound: (found if bound in bounds else old).clock_of(bound) for bound in BOUNDS if bound != "last"}
    values["clocks"] = " ".join(f"{bound} {clock}" for bound, clock in clocks.items() if clock) or None
    new = old._replace(**values)
    return new._replace(version=old.version + 1, source=None) if new.last != old.last else new


def apply_changes(uow: UnitOfWork, changes: Iterable[DateChange], reason: str, because: str = "") -> list[Plan]:
    """Store the changes. Reminders are planned again; those who owe the present state are told if its last day moved.

    The changes stand in the plans' order. `because`: the address of the plan whose step sets the dates, if it was one.
    Returns the plans as they are now.
    """
    by_plan = groupby(changes, key=lambda change: change.plan.id)
    return [_apply_to_plan(uow, list(each), reason, because) for _, each in by_plan]


def _apply_to_plan(uow: UnitOfWork, changes: list[DateChange], reason: str, because: str) -> Plan:
    plan = changes[0].plan
    here = next((change for change in changes if change.state == plan.state and "last" in change.moved), None)
    known = known_day(uow, plan)
    ended = supersede(uow.session, plan.id, "deadline_moved", rules=ABOUT_THE_DEADLINE) if here else 0
    stages = {**plan.stages, **{change.state: change.new for change in changes}}
    after = save_dates(uow, plan, stages, known)
    for change in changes:
        uow.log(
            "deadline.moved" if change.moved else "deadline.confirmed",
            plan,
            state=change.state,
            old=change.old.last,
            new=change.new.last,
            version=change.new.version,
            reason=reason,
            ended=ended if change is here else 0,
            dates={bound: list(pair) for bound, pair in change.moved.items()},
            **({"because": because} if because else {}),
        )
    its_turn = bool(because) and plan.stage.entered_at == uow.now  # that is told now, with the date
    if here and is_told(after) and known != here.new.last and not its_turn:
        new = here.new.last
        told = {"old": known and known.isoformat(), "new": new and new.isoformat(), "reason": reason}
        people = uow.directory.told(plan.bodies_to_remind, uow.today(plan.cycle))
        uow.notify(uow.news(after, "moved", people, due=uow.now, facts=told))
    return after


def up_to_date(uow: UnitOfWork, plans: Iterable[Plan], find: Callable[[Plan], list[DateChange]]) -> list[DateChange]:
    """The changes of these plans, each first brought to where the daemon would have it by now."""
    return [change for plan in plans if find(plan) for change in find(catch_up(uow, plan))]


# ---- for people to look at ------------------------------------------------------------------------------------


def change_document(uow: UnitOfWork, change: DateChange) -> MovedRow:
    """The change as JSON, with the reminders of the old last day that people have had."""
    return {
        "address": change.plan.address,
        "state": change.state,
        "dates": {bound: [_iso(old), _iso(new)] for bound, (old, new) in change.moved.items()},
        "provisional": [bound for bound in BOUNDS if change.new.is_provisional(bound)],
        "undecided": [bound for bound in BOUNDS if change.new.is_undecided(bound)],
        "reminded": _reminded(uow, change) if "last" in change.moved else [],
    }


def change_lines(change: DateChange) -> list[str]:
    """`2028/mrp kf.last 2027-06-16 → 2027-06-23`, for each date."""
    return [
        f"{change.plan.address} {change.state}.{bound} {old or '–'} → {new or '–'}"
        for bound, (old, new) in change.moved.items()
    ]


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _reminded(uow: UnitOfWork, change: DateChange) -> list[RemindedRow]:
    query = (
        select(col(Notice.person_id), col(Notice.rule), col(Notice.offset), col(Message.sent_at))
        .join(Message, col(Notice.message_id) == col(Message.id))
        .where(
            col(Notice.plan_id) == change.plan.id,
            col(Notice.state) == change.state,
            col(Notice.deadline_version) == change.old.version,
            col(Notice.rule).in_(("ladder", "manual")),
            col(Message.sent_at).is_not(None),
        )
        .order_by(col(Notice.id))
    )
    return [
        {"person": person, "rule": rule, "offset": offset, "sent_at": utc(at)}
        for person, rule, offset, at in uow.session.execute(query)
    ]
