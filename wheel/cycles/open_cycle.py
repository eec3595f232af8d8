"""Opens a cycle: makes its plans with their dates, before anything has moved."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, insert, select, update
from sqlmodel import col

from wheel.cycles.cycle_timetable import timetable_of
from wheel.cycles.timetable_versions import dates_of, store_version
from wheel.database.definitions import store_definition
from wheel.database.meeting_days import meeting_days
from wheel.database.tables import CycleRow
from wheel.engine.agenda import opening_of_next
from wheel.engine.dependents import cycle_away
from wheel.engine.desk import refuse_or_warn
from wheel.engine.plan import Cycle, SpecialStatus, StateRecord
from wheel.engine.request_and_result import Request, Result, passed_over
from wheel.engine.transition import catch_up, permit_opening
from wheel.engine.unit_of_work import CYCLE, PLAN, UnitOfWork
from wheel.engine.verb_preconditions import right_objections
from wheel.errors import RefusedError, Usage
from wheel.plan_address import Address
from workflows.dates.date_rules import BOUNDS, Bound, DateRuleError
from workflows.definition.definition import CycleKind, Definition, Phase, anchor
from workflows.messages import N_
from workflows.rules.named_rules import Reason
from workflows.rules.timetable import Day, Timetable

_INSERTED = select(PLAN).where(PLAN.c.cycle_id == bindparam("of"))


def cycle_named(definition: Definition, name: str) -> tuple[CycleKind, int]:
    """The kind and year of a cycle's name, such as 2028 or mandat-2026. Raises Usage."""
    digits = "".join(ch for ch in name if ch in "0123456789")
    for kind, rule in definition.wheel.cycles.items():
        if len(digits) == 4 and rule.name_of(int(digits)) == name:
            if kind == "mandate" and not definition.wheel.elections.in_year(int(digits)):
                raise Usage(N_("{name}: {year} is not a year of general elections."), name=name, year=digits)
            return kind, int(digits)
    names = ", ".join(rule.name_of(2026) for rule in definition.wheel.cycles.values())
    raise Usage(N_("{name} is not the name of a cycle. Write, for example, {names}."), name=name, names=names)


def is_open(uow: UnitOfWork, name: str) -> bool:
    return uow.session.execute(select(col(CycleRow.id)).where(col(CycleRow.name) == name)).first() is not None


def open_cycle(uow: UnitOfWork, request: Request, definition: Definition, name: str) -> Result:
    """Open the cycle with the definition as it is now: a draft until its timetable is decided (R1, § 1.2).

    Raises Usage for a name that no cycle has, RefusedError when the cycle is open already or for the wrong role.
    """
    cycle_named(definition, name)
    if is_open(uow, name):
        raise RefusedError([Reason("cycle", N_("The cycle {name} is already open."), {"name": name})])
    refuse_or_warn(request, right_objections(uow, request, "open", definition.wheel.calendar.local_date(uow.now)))
    return Result(name, warnings=begin_cycle(uow, definition, name, uow.now), definition=definition)


@dataclass(frozen=True)
class NewPlan:
    address: str
    phase: str
    board: str | None
    state: str
    special_status: SpecialStatus | None
    stages: dict[str, StateRecord]


class DueOpening(NamedTuple):
    """A cycle that is to be open since the instant `at` (UTC), and is not."""

    name: str
    at: datetime


def due_openings(uow: UnitOfWork) -> list[DueOpening]:
    """The cycles that should be open by now, earliest first."""
    found = []
    for cycle in uow.cycles_without_next():
        rule = cycle.definition.wheel.cycles[cycle.kind]
        found.append(DueOpening(rule.name_of(cycle.year + rule.every), opening_of_next(cycle, uow.calendar(cycle))))
    return sorted((each for each in found if each.at <= uow.now), key=lambda each: each.at)


def never_begun(uow: UnitOfWork) -> list[tuple[str, date]]:
    """The cycles of kinds of which none has been opened, with their day: it has come, and their last day not passed.

    The first cycle of a kind opens by an act alone: only then the next ones follow by themselves.
    """
    cycles = uow.cycles_without_next()
    if not cycles:
        return []
    definition, missing = cycles[-1].definition, {*cycles[-1].definition.wheel.cycles} - {each.kind for each in cycles}
    calendar = definition.wheel.calendar
    today, found = calendar.local_date(uow.now), []
    for kind in sorted(missing):
        name = newest_begun_cycle(definition, kind, today)
        year = cycle_named(definition, name)[1]
        dates = Timetable(definition, kind, year, meeting_days(uow.session))
        with suppress(DateRuleError):
            opens = definition.wheel.cycles[kind].opens.rule.first(anchor(kind, year, calendar))
            stages = [stage for id in definition.phases(kind, year) for stage in stages_of(dates, id, None).values()]
            if opens <= today <= max((stage.last for stage in stages if stage.last), default=date.min):
                found.append((name, opens))
    return found


def begin_cycle(uow: UnitOfWork, definition: Definition, name: str, at: datetime) -> list[Reason]:
    """Make the cycle and its plans. `at`: the instant that it counts as opened, after an outage of the daemon too.
    Returns what is to be noted about it.

    Plans whose last day had passed are marked before_introduction: done for the rules, and no mail about them.
    """
    kind, year = cycle_named(definition, name)
    definition = definition.for_cycle(kind, year)
    today = definition.wheel.calendar.local_date(at)
    row = {
        "name": name,
        "kind": kind,
        "year": year,
        "definition": store_definition(uow.session, definition),
        "opened_at": at,
    }
    id: int = uow.connection.execute(insert(CYCLE).values(row)).inserted_primary_key[0]  # type: ignore[index]
    uow.wrote(CYCLE, id, row)
    uow.forget_cycles()
    cycle = Cycle(id, name, kind, year, definition, False, at)
    plans = new_plans(uow, cycle, today)
    noted = _passed_over(cycle, plans)
    uow.log(
        "cycle.opened",
        name,
        kind=kind,
        year=year,
        definition=definition.sha256,
        version=definition.wheel.version,
        **({"warnings": passed_over(noted)} if noted else {}),
    )
    insert_plans(uow, cycle, plans, at)
    store_version(uow, cycle, dates_of((each.address, each.stages) for each in plans))
    for years in definition.years_looked_at | {0}:  # those of other years may have waited for this one
        uow.wake(cycle_away(cycle, -years))
    for plan in uow.plans(select(PLAN).where(PLAN.c.cycle_id == cycle.id).order_by(PLAN.c.id)):
        catch_up(uow, plan)
    return noted


def _passed_over(cycle: Cycle, plans: Iterable[NewPlan]) -> list[Reason]:
    """The warning of a cycle that is no draft because its timetable was due before it opened (R1)."""
    timetable = cycle.definition.wheel.cycles[cycle.kind].timetable
    text = N_(
        "The timetable was due {last}, before the cycle was opened. So nobody is asked to decide it, and the cycle is "
        "no draft. If it has been decided, record the decision."
    )
    return [
        Reason("R1", text, {"last": max(day.last for day in plan.stages.values() if day.last)}, severity="warn")
        for plan in plans
        if plan.phase == timetable and plan.special_status == "before_introduction"
    ]


def newest_begun_cycle(definition: Definition, kind: CycleKind, today: date) -> str:
    """The name of the youngest cycle whose opening day has come."""
    rule, elections, calendar = definition.wheel.cycles[kind], definition.wheel.elections, definition.wheel.calendar
    years = [y for y in range(today.year - 8, today.year + 5) if kind == "budget" or elections.in_year(y)]
    permit_opening = [y for y in years if rule.opens.rule.first(anchor(kind, y, calendar)) <= today]
    return rule.name_of((permit_opening or years)[-1])


def new_plans(uow: UnitOfWork, cycle: Cycle, today: date) -> list[NewPlan]:
    """The plans of the cycle: whole plans first, then their boards' plans."""
    phases = cycle.definition.phases(cycle.kind, cycle.year)
    dates = timetable_of(uow, cycle, ())
    wholes = [_new_plan(cycle, id, phase, None, today, dates) for id, phase in phases.items()]
    boards = [
        _new_plan(cycle, id, phase, board, today, dates)
        for id, phase in phases.items()
        if phase.board is not None
        for board in cycle.definition.wheel.boards
    ]
    return wholes + boards


def _new_plan(cycle: Cycle, id: str, phase: Phase, board: str | None, today: date, dates: Timetable) -> NewPlan:
    stages = stages_of(dates, id, board)
    ends = [stage.last for stage in stages.values() if stage.last]
    open_end = any("last" in (stage.undecided or "") for stage in stages.values())
    special_status: SpecialStatus | None = None
    if not takes_part(cycle.definition, id, board, stages) or phase.optional:
        special_status = "not_concerned"
    elif ends and max(ends) < today and not open_end:
        special_status = "before_introduction"
    address = str(Address(cycle.name, id, board))
    return NewPlan(address, id, board, cycle.definition.workflow(id, board).initial, special_status, stages)


def takes_part(definition: Definition, phase: str, board: str | None, stages: Mapping[str, StateRecord]) -> bool:
    """Whether that board takes part in the phase: it is not excepted, and it exists while its plan lasts."""
    if board is None:
        return True
    if not definition.wheel.phases[phase].concerns(board):
        return False
    days = [day for stage in stages.values() for day in (stage.opens, stage.last) if day]
    return not days or definition.wheel.bodies[board].exists_between(min(days), max(days))


def stages_of(dates: Timetable, phase: str, board: str | None) -> dict[str, StateRecord]:
    """The records of the plan's states with their dates, none of them visited yet."""
    return {state: _stage(days) for state, days in dates.states(phase, board).items()}


def _stage(days: dict[Bound, Day]) -> StateRecord:
    clocks = {bound: "-".join(f"{at:%H:%M}" for at in day.clock if at) for bound, day in days.items() if day.clock}
    opens, target, last, statutory = (days[bound].date if bound in days else None for bound in BOUNDS)
    return StateRecord(
        opens,
        target,
        last,
        statutory,
        provisional=" ".join(bound for bound, day in days.items() if day.date and day.provisional) or None,
        undecided=" ".join(bound for bound, day in days.items() if day.date is None) or None,
        clock=clocks.pop("last", None),
        clocks=" ".join(f"{bound} {clock}" for bound, clock in clocks.items()) or None,
    )


def insert_plans(uow: UnitOfWork, cycle: Cycle, plans: list[NewPlan], since: datetime) -> None:
    """Insert the plans. `since`: the instant up to which nothing more is due for them."""
    rows = [
        {
            "address": plan.address, "cycle_id": cycle.id, "phase": plan.phase, "board": plan.board,
            "state": permit_opening(cycle.definition.workflow(plan.phase, plan.board)).to, "entry": 1, "version": 1,
            "mark": plan.special_status, "held": False,
            "stages": {name: stage.to_json() for name, stage in plan.stages.items()},
            "wake_at": None, "handled_until": since, "tries": 0, "trouble": "",
        }
        for plan in plans
    ]  # fmt: skip
    uow.session.execute(insert(PLAN), rows)
    parent = PLAN.alias("parent")
    uow.session.execute(
        update(PLAN)
        .where(PLAN.c.cycle_id == cycle.id, PLAN.c.board.is_not(None))
        .values(
            parent_id=select(parent.c.id)
            .where(parent.c.cycle_id == cycle.id, parent.c.phase == PLAN.c.phase, parent.c.board.is_(None))
            .scalar_subquery()
        )
    )
    inserted = {row["address"]: dict(row) for row in uow.connection.execute(_INSERTED, {"of": cycle.id}).mappings()}
    for plan in plans:
        uow.wrote(PLAN, inserted[plan.address]["id"], inserted[plan.address])
        data: dict[str, Any] = {
            "state": plan.state,
            "stages": {n: s.to_json() for n, s in plan.stages.items()},
        }
        uow.log("plan.opened", plan.address, mark=plan.special_status, **data)
