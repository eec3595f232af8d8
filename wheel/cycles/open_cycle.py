"""Opening a cycle: its plans with their dates, before anything has moved."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlmodel import col

from wheel.cycles.timetable_versions import dates_of, keep
from wheel.database.definitions import store_definition
from wheel.database.tables import Cycle
from wheel.engine.desk import Done
from wheel.engine.plan import Mark, Stage, Turn
from wheel.engine.transition import on_time
from wheel.engine.unit_of_work import PLAN, Work
from wheel.errors import RefusedError, Usage
from wheel.reads.registers import meeting_days
from workflows.dates.dates import BOUNDS, Bound
from workflows.definition.definition import CycleKind, Definition, Phase, anchor
from workflows.messages import N_
from workflows.rules.rules import Reason
from workflows.rules.timetable import Day, Meetings, Timetable


def cycle_named(definition: Definition, name: str) -> tuple[CycleKind, int]:
    """The kind and year of a cycle's name, such as 2028 or mandat-2026. Raises Usage."""
    digits = "".join(ch for ch in name if ch in "0123456789")
    for kind, rule in definition.wheel.cycles.items():
        if len(digits) == 4 and rule.name_of(int(digits)) == name:
            if kind == "mandate" and not definition.wheel.elections.in_year(int(digits)):
                raise Usage(N_("{name}: {year} is no year of general elections."), name=name, year=digits)
            return kind, int(digits)
    names = ", ".join(rule.name_of(2026) for rule in definition.wheel.cycles.values())
    raise Usage(N_("{name} is no name of a cycle; write it like one of: {names}."), name=name, names=names)


def is_open(work: Work, name: str) -> bool:
    return work.session.execute(select(col(Cycle.id)).where(col(Cycle.name) == name)).first() is not None


def open_cycle(work: Work, definition: Definition, name: str, at: datetime | None = None) -> Done:
    """Open the cycle with the definition as it is now: a draft until its timetable is decided (R1).

    Plans whose last day had passed are marked before_introduction: done for the rules, and no mail about them.
    `at`: the instant that it counts as opened, for the daemon after an outage; otherwise now.
    Raises Usage when the name is none, RefusedError when the cycle is open already or for the wrong role.
    """
    kind, year = cycle_named(definition, name)
    if is_open(work, name):
        raise RefusedError([Reason("cycle", N_("The cycle {name} is open already."), {"name": name})])
    definition = definition.for_cycle(kind, year)
    at = at or work.now
    today = definition.wheel.calendar.local_date(at)
    if objection := work.directory.objection(work.actor, "open", (), today):
        raise RefusedError([objection])
    result = work.session.execute(
        insert(Cycle).values(
            name=name,
            kind=kind,
            year=year,
            definition=store_definition(work.session, definition),
            opened_at=at,
        )
    )
    work.forget_turns()
    turn = Turn(result.inserted_primary_key[0], name, kind, year, definition, False, at)  # type: ignore[attr-defined]
    plans = planned(turn, today, meeting_days(work.session))
    work.log(
        "cycle.opened",
        name,
        kind=kind,
        year=year,
        definition=definition.sha256,
        version=definition.wheel.version,
    )
    insert_plans(work, turn, plans, at)
    keep(work, turn, dates_of((plan.address, plan.stages) for plan in plans))
    work.wake(PLAN.c.cycle_id == turn.id)
    for matter in work.matters(select(PLAN).where(PLAN.c.cycle_id == turn.id).order_by(PLAN.c.id)):
        on_time(work, matter)
    return Done(name)


def in_planning(definition: Definition, kind: CycleKind, today: date) -> str:
    """The name of the youngest cycle whose opening day has come."""
    rule, elections, calendar = definition.wheel.cycles[kind], definition.wheel.elections, definition.wheel.calendar
    years = [y for y in range(today.year - 8, today.year + 5) if kind == "budget" or elections.in_year(y)]
    opened = [y for y in years if rule.opens.rule.first(anchor(kind, y, calendar)) <= today]
    return rule.name_of((opened or years)[-1])


@dataclass(frozen=True)
class NewPlan:
    address: str
    phase: str
    board: str | None
    state: str
    mark: Mark | None
    stages: dict[str, Stage]


def planned(turn: Turn, today: date, meetings: Meetings) -> list[NewPlan]:
    """Whole plans first, then their boards' plans."""
    phases = turn.definition.phases(turn.kind, turn.year)
    dates = Timetable(turn.definition, turn.kind, turn.year, meetings)
    wholes = [_new_plan(turn, id, phase, None, today, dates) for id, phase in phases.items()]
    boards = [
        _new_plan(turn, id, phase, board, today, dates)
        for id, phase in phases.items()
        if phase.board is not None
        for board in turn.definition.wheel.boards
    ]
    return wholes + boards


def _new_plan(turn: Turn, id: str, phase: Phase, board: str | None, today: date, dates: Timetable) -> NewPlan:
    stages = stages_of(dates, id, board)
    ends = [stage.last for stage in stages.values() if stage.last]
    open_end = any("last" in (stage.undecided or "") for stage in stages.values())
    mark: Mark | None = None
    if not _concerned(turn, phase, board, stages) or phase.optional:
        mark = "not_concerned"
    elif ends and max(ends) < today and not open_end:
        mark = "before_introduction"
    address = "/".join(filter(None, (turn.name, id, board)))
    return NewPlan(address, id, board, turn.definition.workflow(id, board).initial, mark, stages)


def _concerned(turn: Turn, phase: Phase, board: str | None, stages: dict[str, Stage]) -> bool:
    """Whether that board takes part: it is not excepted, and there is such a board while the phase lasts."""
    if board is None:
        return True
    if board in phase.exceptions and not phase.exceptions[board].concerned:
        return False
    body = turn.definition.wheel.bodies[board]
    days = [day for stage in stages.values() for day in (stage.opens, stage.last) if day]
    return not days or body.is_there(min(days), max(days))


def stages_of(dates: Timetable, phase: str, board: str | None) -> dict[str, Stage]:
    """The states of that plan with their dates, none of them visited yet."""
    return {state: _stage(days) for state, days in dates.states(phase, board).items()}


def _stage(days: dict[Bound, Day]) -> Stage:
    clock = days["last"].clock if "last" in days else None
    opens, target, last, statutory = (days[bound].date if bound in days else None for bound in BOUNDS)
    return Stage(
        opens,
        target,
        last,
        statutory,
        provisional=" ".join(bound for bound, day in days.items() if day.date and day.provisional) or None,
        undecided=" ".join(bound for bound, day in days.items() if day.date is None) or None,
        clock="-".join(f"{at:%H:%M}" for at in clock if at) if clock else None,
    )


def insert_plans(work: Work, turn: Turn, plans: list[NewPlan], since: datetime) -> None:
    """`since`: from when on what is due for them is done."""
    rows = [
        {
            "address": plan.address, "cycle_id": turn.id, "phase": plan.phase, "board": plan.board,
            "state": plan.state, "entry": 1, "version": 1, "mark": plan.mark, "held": False,
            "stages": {name: stage.to_json() for name, stage in plan.stages.items()},
            "wake_at": None, "handled_until": since, "tries": 0, "trouble": "",
        }
        for plan in plans
    ]  # fmt: skip
    work.session.execute(insert(PLAN), rows)
    parent = PLAN.alias("parent")
    work.session.execute(
        update(PLAN)
        .where(PLAN.c.cycle_id == turn.id, PLAN.c.board.is_not(None))
        .values(
            parent_id=select(parent.c.id)
            .where(parent.c.cycle_id == turn.id, parent.c.phase == PLAN.c.phase, parent.c.board.is_(None))
            .scalar_subquery()
        )
    )
    for plan in plans:
        data: dict[str, Any] = {
            "state": plan.state,
            "stages": {n: s.to_json() for n, s in plan.stages.items()},
        }
        work.log("plan.opened", plan.address, mark=plan.mark, **data)
