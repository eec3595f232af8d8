"""Finds and flags the plans that build on a decision when it is reopened or changed. None of them is moved."""

from sqlalchemy import select

from wheel.engine.plan import Plan
from wheel.engine.unit_of_work import PLAN, UnitOfWork
from workflows.definition.definition import Step
from workflows.messages import N_
from workflows.rules.named_rules import Reason


def plans_building_on(uow: UnitOfWork, plan: Plan, phase: str) -> list[Plan]:
    """The plans of the cycle that are under way and whose rules or automatic steps look at `phase`."""
    definition = plan.cycle.definition
    phases = {watcher for watcher, _ in definition.dependents(phase)}
    if phase == definition.wheel.cycles[plan.cycle.kind].timetable:
        phases = set(definition.wheel.phases) - {phase}
    for id, whole in definition.wheel.phases.items():
        for binding in (whole, whole.board):
            if binding and any(use.phase == phase for step in binding.steps.values() for use in step.rules):
                phases.add(id)
    query = select(PLAN).where(PLAN.c.cycle_id == plan.cycle.id, PLAN.c.phase.in_(phases)).order_by(PLAN.c.id)
    return [m for m in uow.plans(query) if m.id != plan.id and m.is_active and m.state != m.workflow.initial]


def plans_affected_by(uow: UnitOfWork, plan: Plan, step: Step, outcome: str) -> list[Plan]:
    """The plans that build on the old decision, if this one revises it or changes what another phase decided."""
    if outcome not in (step.taken_by if step.off_path else step.adopted_by):
        return []
    revised = plan.phase if step.off_path else plan.cycle.definition.wheel.phases[plan.phase].revises
    if revised is None or not (step.off_path or outcome == "adopted_with_changes"):
        return []
    return plans_building_on(uow, plan, revised)


def affected_plans_warning(standing: list[Plan], rule: str) -> list[Reason]:
    text = N_("These plans build on the decision. Check whether they are still right: {missing}.")
    facts = {"missing": tuple(m.address for m in standing)}
    return [Reason(rule, text, facts, severity="warn")] if standing else []


def flag(uow: UnitOfWork, standing: list[Plan], because: Plan, reason: str) -> None:
    for other in standing:
        uow.log("plan.flagged", other, because=because.address, reason=reason)
