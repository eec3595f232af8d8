"""The versions of a cycle's timetable: its dates as it was opened, and as each decision left them."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlmodel import col

from wheel.audit.journal import history
from wheel.database.tables import CycleRow, Decision, TimetableRow
from wheel.engine.decisions import undone_decisions
from wheel.engine.plan import Cycle, Plan, StateRecord
from wheel.engine.request_and_result import Request
from wheel.engine.unit_of_work import PLAN, UnitOfWork
from wheel.errors import Conflict, NotFound
from workflows.messages import N_

Dates = dict[str, dict[str, dict[str, str]]]  # by address, state and bound; beside the bounds the flags of a stage

_TABLE = TimetableRow.__table__  # type: ignore[attr-defined]
_KEPT = ("opens", "target", "last", "statutory", "provisional", "undecided", "clock", "clocks")


def find_cycle(uow: UnitOfWork, name: str) -> Cycle:
    """The cycle of that name. Raises NotFound."""
    found = uow.session.execute(select(col(CycleRow.id)).where(col(CycleRow.name) == name)).scalar()
    if found is None:
        names = ", ".join(uow.session.execute(select(col(CycleRow.name)).order_by(col(CycleRow.id))).scalars()) or "–"
        raise NotFound(N_("The cycle {name} does not exist. These exist: {names}."), name=name, names=names)
    return uow.cycle(found)


def plans_of_cycle(uow: UnitOfWork, cycle: Cycle, *, lock: bool = False) -> list[Plan]:
    query = select(PLAN).where(PLAN.c.cycle_id == cycle.id).order_by(PLAN.c.id)
    return uow.plans(query.with_for_update() if lock else query)


def version_of(uow: UnitOfWork, cycle: Cycle) -> int:
    """The cycle's version. It grows with each change of a plan, each decided timetable and each migration."""
    plans = uow.session.execute(select(func.sum(PLAN.c.version)).where(PLAN.c.cycle_id == cycle.id)).scalar_one()
    migrated = [entry for entry in history(uow.session, cycle.name) if entry["action"] == "cycle.migrated"]
    return int(plans or 0) + len(versions(uow, cycle)) + len(migrated)


def plans_as_seen(uow: UnitOfWork, request: Request, cycle: Cycle) -> list[Plan]:
    """The cycle's plans, locked for this transaction. Raises Conflict if it is not the version that the actor saw."""
    plans = plans_of_cycle(uow, cycle, lock=True)
    if request.if_version is not None and request.if_version != version_of(uow, cycle):
        text = N_("The cycle {cycle} has changed since you saw it.")
        raise Conflict(text, cycle=cycle.name)
    return plans


def dates_of(plans: Iterable[tuple[str, dict[str, StateRecord]]]) -> Dates:
    return {
        address: {
            state: {name: value for name, value in stage.to_json().items() if name in _KEPT}
            for state, stage in stages.items()
        }
        for address, stages in plans
    }


def store_version(uow: UnitOfWork, cycle: Cycle, dates: Dates, decision: int | None = None) -> int:
    """Write the dates as the next version. Returns its number."""
    number = len(versions(uow, cycle)) + 1
    values = {"cycle_id": cycle.id, "number": number, "made_at": uow.now, "definition": cycle.definition.sha256}
    uow.session.execute(insert(_TABLE).values(**values, decision=decision, dates=dates))
    return number


def decide_version(uow: UnitOfWork, plan: Plan, decision: int) -> None:
    """Note that the timetable was decided: its dates as stored are the decided ones.

    The draft becomes the decided version; a timetable that was decided before and reopened gets a new version.
    """
    found = versions(uow, plan.cycle)
    dates = dates_of((m.address, m.stages) for m in plans_of_cycle(uow, plan.cycle))
    if not found or found[-1].decision not in (None, *undone_decisions(uow, plan)):
        store_version(uow, plan.cycle, dates, decision)
        return
    values = {"decision": decision, "dates": dates, "definition": plan.cycle.definition.sha256, "made_at": uow.now}
    uow.session.execute(update(_TABLE).where(_TABLE.c.id == found[-1].id).values(**values))


def versions(uow: UnitOfWork, cycle: Cycle) -> list[Any]:
    """The rows, oldest first."""
    query = select(_TABLE).where(_TABLE.c.cycle_id == cycle.id).order_by(_TABLE.c.number)
    return list(uow.session.execute(query).all())


def decision_of_version(uow: UnitOfWork, version: Any) -> dict[str, Any] | None:
    """The decision that the version rests on, with its corrections. None while it is a draft."""
    if version.decision is None:
        return None
    first = uow.session.execute(select(Decision).where(col(Decision.id) == version.decision)).scalar_one()
    plan = uow.plan_with_id(first.plan_id)  # perhaps of a phase that was the timetable before a migration
    if version.decision in undone_decisions(uow, plan):
        return None
    query = select(Decision).where(col(Decision.plan_id) == plan.id).order_by(col(Decision.id))
    rows = {row.id: row for row in uow.session.execute(query).scalars()}
    found = rows[version.decision]
    for row in rows.values():  # a correction comes after what it corrects
        found = row if row.corrects == found.id else found
    named = {name: getattr(found, name) for name in ("body", "paragraph", "point", "diary", "outcome")}
    return {**named, "date": found.meeting.isoformat()}
