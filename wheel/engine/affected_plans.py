"""Finds and flags the plans that build on a decision when it is reopened or changed. None of them is moved."""

from collections.abc import Collection

from sqlalchemy import select

from wheel.engine.plan import Plan
from wheel.engine.unit_of_work import PLAN, UnitOfWork
from workflows.definition.definition import Phase, Step
from workflows.messages import N_
from workflows.rules.named_rules import Reason


def plans_building_on(uow: UnitOfWork, plan: Plan, phase: str, states: Collection[str] | None = None) -> list[Plan]:
    """The plans of the cycle that are under way and whose rules or automatic steps look at `phase`.

    `states`: only at these states of it.
    """
    definition = plan.cycle.definition
    phases = {id for id, whole in definition.wheel.phases.items() if _looks_at(whole, phase, states)}
    if phase == definition.wheel.cycles[plan.cycle.kind].timetable:
        step = definition.workflow(phase, None).deciding_step
        if states is None or (step and step.to in states):
            phases = set(definition.wheel.phases) - {phase}
    query = select(PLAN).where(PLAN.c.cycle_id == plan.cycle.id, PLAN.c.phase.in_(phases)).order_by(PLAN.c.id)
    return [m for m in uow.plans(query) if m.id != plan.id and m.is_active and m.state != m.workflow.initial]


def _looks_at(whole: Phase, phase: str, states: Collection[str] | None) -> bool:
    steps = [step for binding in (whole, whole.board) if binding for step in binding.steps.values()]
    looked = [(use.phase, use.reached) for step in steps for use in step.rules]
    looked += [(step.follows.phase, step.follows.reached) for step in steps if step.follows]
    return any(of == phase and (states is None or state in states) for of, state in looked)


def plans_affected_by(uow: UnitOfWork, plan: Plan, step: Step, outcome: str) -> list[Plan]:
    """The plans that build on the old decision, if this one revises it or changes what another phase decided."""
    if outcome not in (step.taken_by if step.off_path else step.adopted_by):
        return []
    revised = plan.phase if step.off_path else plan.cycle.definition.wheel.phases[plan.phase].revises
    if revised is None or not (step.off_path or outcome == "adopted_with_changes"):
        return []
    return plans_building_on(uow, plan, revised)


def affected_plans_warning(standing: list[Plan], rule: str) -> list[Reason]:
    text = N_("These plans build on what is changed. Check whether they are still right: {missing}.")
    facts = {"missing": tuple(m.address for m in standing)}
    return [Reason(rule, text, facts, severity="warn")] if standing else []


def flag(uow: UnitOfWork, standing: list[Plan], because: Plan, reason: str) -> None:
    for other in standing:
        uow.log("plan.flagged", other, because=because.address, reason=reason)
