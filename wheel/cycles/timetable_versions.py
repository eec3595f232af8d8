"""The versions of a cycle's timetable: its dates as it was opened, and as each decision left them."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlmodel import col

from wheel.audit.journal import history
from wheel.database.tables import Cycle, Decision, TimetableRow
from wheel.engine.decisions import undone
from wheel.engine.desk import Act
from wheel.engine.plan import Matter, Stage, Turn
from wheel.engine.unit_of_work import PLAN, Work
from wheel.errors import Conflict, NotFound
from workflows.messages import N_

Dates = dict[str, dict[str, dict[str, str]]]  # by address, state and bound; beside the bounds the flags of a stage

_TABLE = TimetableRow.__table__  # type: ignore[attr-defined]
_KEPT = ("opens", "target", "last", "statutory", "provisional", "undecided", "clock")


def turn_named(work: Work, name: str) -> Turn:
    """The cycle of that name. Raises NotFound."""
    found = work.session.execute(select(col(Cycle.id)).where(col(Cycle.name) == name)).scalar()
    if found is None:
        names = ", ".join(work.session.execute(select(col(Cycle.name)).order_by(col(Cycle.id))).scalars()) or "–"
        raise NotFound(N_("There is no cycle {name}. There are: {names}."), name=name, names=names)
    return work.turn(found)


def plans_of(work: Work, turn: Turn, *, lock: bool = False) -> list[Matter]:
    query = select(PLAN).where(PLAN.c.cycle_id == turn.id).order_by(PLAN.c.id)
    return work.matters(query.with_for_update() if lock else query)


def version_of(work: Work, turn: Turn) -> int:
    """It grows with each change of one of the cycle's plans, each decided timetable and each migration."""
    plans = work.session.execute(select(func.sum(PLAN.c.version)).where(PLAN.c.cycle_id == turn.id)).scalar_one()
    migrated = [entry for entry in history(work.session, turn.name) if entry["action"] == "cycle.migrated"]
    return int(plans or 0) + len(versions(work, turn)) + len(migrated)


def plans_as_seen(work: Work, act: Act, turn: Turn) -> list[Matter]:
    """The cycle's plans, locked for this transaction. Raises Conflict if it is not the version that the actor saw."""
    plans = plans_of(work, turn, lock=True)
    if act.if_version is not None and act.if_version != version_of(work, turn):
        text = N_("The cycle {cycle} is another one than you saw. Look at it again: `arshjul timetable {cycle}`.")
        raise Conflict(text, cycle=turn.name)
    return plans


def dates_of(plans: Iterable[tuple[str, dict[str, Stage]]]) -> Dates:
    return {
        address: {
            state: {name: value for name, value in stage.to_json().items() if name in _KEPT}
            for state, stage in stages.items()
        }
        for address, stages in plans
    }


def keep(work: Work, turn: Turn, dates: Dates, decision: int | None = None) -> int:
    """Write the dates as the next version. Returns its number."""
    number = len(versions(work, turn)) + 1
    values = {"cycle_id": turn.id, "number": number, "made_at": work.now, "definition": turn.definition.sha256}
    work.session.execute(insert(_TABLE).values(**values, decision=decision, dates=dates))
    return number


def decided(work: Work, matter: Matter, decision: int) -> None:
    """The timetable's plan was decided: its dates as they stand are the decided ones.

    The draft becomes that; a timetable that was decided before and opened again gets a new version.
    """
    found = versions(work, matter.turn)
    dates = dates_of((m.address, m.stages) for m in plans_of(work, matter.turn))
    if not found or found[-1].decision not in (None, *undone(work, matter)):
        keep(work, matter.turn, dates, decision)
        return
    values = {"decision": decision, "dates": dates, "definition": matter.turn.definition.sha256, "made_at": work.now}
    work.session.execute(update(_TABLE).where(_TABLE.c.id == found[-1].id).values(**values))


def versions(work: Work, turn: Turn) -> list[Any]:
    """The rows, oldest first."""
    query = select(_TABLE).where(_TABLE.c.cycle_id == turn.id).order_by(_TABLE.c.number)
    return list(work.session.execute(query).all())


def cited(work: Work, turn: Turn, version: Any) -> dict[str, Any] | None:
    """The decision that the version rests on, as it is registered now; none while it is a draft."""
    phase = turn.definition.wheel.cycles[turn.kind].timetable
    if version.decision is None or phase is None:
        return None
    [matter] = work.plans_of(turn, phase, boards=False)
    if version.decision in undone(work, matter):
        return None
    query = select(Decision).where(col(Decision.plan_id) == matter.id).order_by(col(Decision.id))
    rows = {row.id: row for row in work.session.execute(query).scalars()}
    found = rows[version.decision]
    for row in rows.values():  # a correction comes after what it corrects
        found = row if row.corrects == found.id else found
    named = {name: getattr(found, name) for name in ("body", "paragraph", "point", "diary", "outcome")}
    return {**named, "date": found.meeting.isoformat()}
