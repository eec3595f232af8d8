"""A running cycle stops when its timetable is no longer decided (R1): this is said before the act, and by `status`."""

from contextlib import suppress
from dataclasses import replace

from sqlalchemy import select
from sqlmodel import col

from wheel.cycles.timetable_versions import decision_of_version, plans_of_cycle, versions
from wheel.database.tables import CycleRow
from wheel.engine.plan import Cycle, Plan, SpecialStatus, has_reached
from wheel.engine.unit_of_work import UnitOfWork
from workflows.messages import N_
from workflows.rules.named_rules import Reason

NAMED = 5  # plans in a sentence


def stop_objections(
    uow: UnitOfWork, plan: Plan, state: str, special_status: SpecialStatus | None = None
) -> list[Reason]:
    """The objection to an act that puts the timetable's plan into that state, if the cycle is then a draft again, or a
    draft for ever because its timetable is withdrawn. It can be passed over."""
    step = plan.workflow.deciding_step
    if not plan.is_timetable or step is None or has_reached(plan.workflow, state, special_status, step.to):
        return []
    if plan.cycle.draft and special_status != "withdrawn":
        return []
    return [replace(_reason(uow, plan.cycle), who=plan.bodies(step.by))]


def stopped_warning(uow: UnitOfWork, before: Cycle) -> list[Reason]:
    """The warning that a cycle which was running has become a draft."""
    cycle = uow.cycle(before.id)
    return [replace(_reason(uow, cycle), severity="warn")] if cycle.draft and not before.draft else []


def _reason(uow: UnitOfWork, cycle: Cycle) -> Reason:
    plans = [plan for plan in plans_of_cycle(uow, cycle) if plan.is_active and not plan.is_timetable]
    stop = [plan for plan in plans if not plan.workflow.state(plan.state).done]
    under_way = [plan.address for plan in stop if plan.state != plan.workflow.initial]
    named = (*under_way[:NAMED], *(["…"] if under_way[NAMED:] else []))
    text = N_(
        "Without a decided timetable the cycle {cycle} is a draft: {count} plans stop. Until it is decided no phase "
        "opens, no step is taken and nobody is reminded. In progress now: {missing}."
    )
    if not named:
        text = N_(
            "Without a timetable the cycle {cycle} remains a draft: {count} plans wait. Until it is decided no phase "
            "opens, no step is taken and nobody is reminded."
        )
    facts = {"cycle": cycle.name, "count": len(stop), "missing": named}
    return Reason("timetable", text, facts, overridable=True)


def stopped_cycles(uow: UnitOfWork) -> list[str]:
    """The names of the cycles that stand still: drafts whose timetable was decided once, or that nobody can decide."""
    found = []
    for id in uow.session.execute(select(col(CycleRow.id)).order_by(col(CycleRow.id))).scalars().all():
        with suppress(ValueError):  # the definition cannot be read; the tick reports it
            cycle = uow.cycle(id)
            if cycle.draft and _stands_still(uow, cycle):
                found.append(cycle.name)
    return found


def _stands_still(uow: UnitOfWork, cycle: Cycle) -> bool:
    phase = cycle.definition.wheel.cycles[cycle.kind].timetable or ""
    if any(plan.special_status == "withdrawn" for plan in uow.plans_of(cycle, phase, boards=False)):
        return True
    return any(decision_of_version(uow, version) for version in versions(uow, cycle))
