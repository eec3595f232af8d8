"""Finds and flags the plans that build on a decision when it is reopened or changed, and the phase that has counted a
board's plan. None of them is moved."""

from collections.abc import Collection, Iterable

from sqlalchemy import Text, and_, bindparam, cast, func, or_, select

from notifications.notices import NOTICE
from wheel.engine.dependents import cycle_away
from wheel.engine.for_information import FLAGGED
from wheel.engine.plan import FLAGS, FlagKind, Plan, PlanFlag
from wheel.engine.transition import nothing_followed
from wheel.engine.unit_of_work import PLAN, UnitOfWork
from workflows.dates.instants import utc
from workflows.definition.definition import Step, WorkflowBinding
from workflows.messages import N_
from workflows.rules.named_rules import Reason

FLAGGED_PLANS = select(PLAN).where(cast(PLAN.c.stages, Text).contains(f'"{FLAGS}"')).order_by(PLAN.c.id)
_LOCKED = select(PLAN).where(PLAN.c.id.in_(bindparam("ids", expanding=True))).order_by(PLAN.c.id).with_for_update()
_FLAGGED_BEFORE = select(func.count(func.distinct(NOTICE.c.due))).where(
    NOTICE.c.plan_id == bindparam("of"), NOTICE.c.rule == FLAGGED
)


def plans_building_on(uow: UnitOfWork, plan: Plan, phase: str, states: Collection[str] | None = None) -> list[Plan]:
    """The plans that are under way and whose rules or automatic steps look at `phase` in this plan's cycle, whether
    from that cycle or from that of another year.

    `states`: only at these states of it.
    """
    definition = plan.cycle.definition
    looking = {
        away: {
            id for id, whole in definition.wheel.phases.items() if _looks_at([whole, whole.board], phase, states, away)
        }
        for away in definition.years_looked_at | {0}
    }
    phases = looking.pop(0)
    if phase == definition.wheel.cycles[plan.cycle.kind].timetable:
        step = definition.workflow(phase, None).deciding_step
        if states is None or (step and step.to in states):
            phases = set(definition.wheel.phases) - {phase}
    others = [and_(cycle_away(plan.cycle, -away), PLAN.c.phase.in_(ids)) for away, ids in looking.items() if ids]
    mine = and_(PLAN.c.cycle_id == plan.cycle.id, PLAN.c.phase.in_(phases))
    query = select(PLAN).where(or_(mine, *others)).order_by(PLAN.c.id)
    return [m for m in uow.plans(query) if m.id != plan.id and m.is_active and m.state != m.workflow.initial]


def left_waiting(uow: UnitOfWork, plan: Plan) -> list[Reason]:
    """The warning that names the plans that look at a state to which the phase does not come if it is withdrawn."""
    if plan.board is not None or plan.is_timetable:
        return []
    ahead = [state.id for state in plan.workflow.states if not plan.reached(state.id)]
    phases = [id for id in plan.cycle.definition.wheel.phases if id != plan.phase]
    plans = [m for id in phases for boards in (False, True) for m in uow.plans_of(plan.cycle, id, boards=boards)]
    found = [each for each in plans if each.is_under_way and _looks_at([each.binding], plan.phase, ahead, 0)]
    names = dict.fromkeys(f"{plan.cycle.name}/{each.phase}/*" if each.board else each.address for each in found)
    text = N_("These plans wait for the withdrawn one, which does not come so far any more: {missing}.")
    return [Reason("withdrawn", text, {"missing": tuple(names)}, severity="warn")] if names else []


def _looks_at(
    bindings: Iterable[WorkflowBinding | None], phase: str, states: Collection[str] | None, away: int
) -> bool:
    steps = [step for binding in bindings if binding for step in binding.steps.values()]
    looked = [(use.phase, use.reached) for step in steps for use in step.rules if use.away == away]
    followed = [step.follows for step in steps if step.follows and step.follows.away == away]
    looked += [(follows.phase, follows.reached) for follows in followed]
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


def whole_that_counted(uow: UnitOfWork, plan: Plan, to: str) -> list[Plan]:
    """The whole phase, if it has counted this board's plan as far enough on, and the plan goes back to `to`."""
    whole, goal = passed_whole(uow, plan)
    if whole is None or not plan.workflow.has(goal) or plan.workflow.reached(to, goal):
        return []
    return [whole] if plan.reached(goal) or not plan.is_active else []


def passed_whole(uow: UnitOfWork, plan: Plan) -> tuple[Plan | None, str]:
    """The whole phase of a board's plan, if it waits for its boards no longer, and how far they were to come."""
    for whole in uow.plans_of(plan.cycle, plan.phase, boards=False) if plan.board else ():
        join = next((step for step in whole.workflow.steps if step.automatic == "children" and step.reached), None)
        if join is not None and whole.is_active and whole.reached(join.to):
            return whole, join.reached or ""
    return None, ""


def flag(uow: UnitOfWork, standing: Iterable[Plan], because: Plan, kind: FlagKind, reason: str) -> None:
    """Flag the plans, and tell those whose matter they are. `because`: the plan as it is after its change.

    A flag hinders no step to be undone.
    """
    ids = [plan.id for plan in standing]
    for plan in uow.plans(_LOCKED, ids=ids) if ids else ():
        new = PlanFlag(kind, because.address, because.state, because.visit, utc(uow.now), reason)
        after = uow.save(plan, flags=(*plan.flags, new))
        nothing_followed(uow, after, plan.version)
        uow.log("plan.flagged", plan, because=because.address, kind=kind, reason=reason)
        if is_told_of_flags(after):
            people = uow.directory.told(after.bodies_of_the_matter, uow.today(plan.cycle))
            number = uow.connection.execute(_FLAGGED_BEFORE, {"of": plan.id}).scalar_one() + 1
            uow.notify(uow.news(after, FLAGGED, people, due=uow.now, offset=number, facts=new._asdict()))


def is_told_of_flags(plan: Plan) -> bool:
    """Whether anybody is mailed about the plan's flags: not in a draft cycle (R1), and not while it is paused."""
    return bool(plan.flags) and plan.is_active and not plan.held and (plan.is_timetable or not plan.cycle.draft)


def take_flags(uow: UnitOfWork, because: Plan, state: str, visit: int, reason: str) -> None:
    """Take back the flags that the plan's change of state has brought about, because the change did not take place."""
    of = (because.address, state, visit)
    for plan in flagged_by(uow, because, state, visit):
        after = uow.save(plan, flags=tuple(f for f in plan.flags if (f.because, f.state, f.visit) != of))
        nothing_followed(uow, after, plan.version)
        uow.log("plan.unflagged", plan, because=[because.address], reason=reason)


def flagged_by(uow: UnitOfWork, because: Plan, state: str, visit: int) -> list[Plan]:
    """The plans with a flag that this change of state has brought about."""
    of = (because.address, state, visit)
    away = because.cycle.definition.years_looked_at | {0}
    cycles = or_(*(cycle_away(because.cycle, -years) for years in away))
    found = uow.plans(FLAGGED_PLANS.where(cycles).with_for_update())
    return [plan for plan in found if any((f.because, f.state, f.visit) == of for f in plan.flags)]
