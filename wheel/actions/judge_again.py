"""Judges steps that were taken once more, because a fact that they rest on was corrected, or is recorded only now."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import Row, bindparam, or_, select

from wheel.audit.journal import history
from wheel.engine.decisions import Registration, day_warnings, registrations
from wheel.engine.objections import StepRequest, rule_objections
from wheel.engine.plan import NO_RECORD, Plan
from wheel.engine.request_and_result import passed_over
from wheel.engine.transition import STATE_CHANGE
from wheel.engine.unit_of_work import PLAN, UnitOfWork
from workflows.dates.date_rules import Reference
from workflows.dates.parse_date import parse
from workflows.definition.law import BUDGETS
from workflows.messages import N_
from workflows.rules.named_rules import Reason

_STEPS = (
    select(STATE_CHANGE)
    .where(STATE_CHANGE.c.plan_id.in_(bindparam("plans", expanding=True)))
    .where(STATE_CHANGE.c.step != "", ~STATE_CHANGE.c.undone)
    .order_by(STATE_CHANGE.c.id)
)


class Judged(NamedTuple):
    """A step that was taken, and what stands against it by the facts as they are registered now."""

    plan: Plan
    step: str
    reasons: tuple[Reason, ...]


def judgements(uow: UnitOfWork, plan: Plan) -> dict[int, Judged]:
    """The steps of the plan, and those of other plans that look at its phase, by the id of their change of state."""
    return _judgements(uow, (plan, *_plans_looking_at(uow, plan)))


def judgements_of_others(uow: UnitOfWork, plan: Plan) -> dict[int, Judged]:
    """The steps of other plans that look at the plan's phase, by the id of their change of state."""
    return _judgements(uow, _plans_looking_at(uow, plan))


def _judgements(uow: UnitOfWork, looking: Iterable[Plan]) -> dict[int, Judged]:
    plans = {plan.id: plan for plan in looking}
    if not plans:
        return {}
    made = {found.change.id: found for found in registrations(uow, plans.values()) if found.change is not None}
    found = {}
    for change in uow.connection.execute(_STEPS, {"plans": list(plans)}).all():
        judged = _judged(uow, plans[change.plan_id], change, made.get(change.id))
        if judged is not None:
            found[change.id] = judged
    return found


def log_differences(
    uow: UnitOfWork, plan: Plan, before: dict[int, Judged], but: int | None, reason: str
) -> list[Reason]:
    """Log the steps that an act on the plan has made right or wrong, and return a warning that names their plans.

    `before`: the judgements before the act. `but`: the change of the plan's step itself.
    """
    if not before:
        return []
    addresses = []
    for id, now in judgements(uow, plan).items():
        if id == but or id not in before or before[id].reasons == now.reasons:
            continue
        gone = {each.rule for each in before[id].reasons} - {each.rule for each in now.reasons}
        gone &= _recorded(uow, now)  # a plan that was reopened for a while has made no step wrong
        if not gone and all(reason in before[id].reasons for reason in now.reasons):
            continue
        judged = {"passed_over": passed_over(list(now.reasons)), "taken_back": sorted(gone)}
        uow.log("step.judged_again", now.plan, step=now.step, because=plan.address, reason=reason, **judged)
        addresses.append(now.plan.address)
    text = N_("By these facts other steps are judged otherwise: {missing}. The log shows how.")
    facts = {"missing": tuple(dict.fromkeys(addresses))}
    return [Reason("judged", text, facts, severity="warn")] if addresses else []


def _recorded(uow: UnitOfWork, judged: Judged) -> set[str]:
    """The rules of the warnings that stand in the log beside the step."""
    rules: set[str] = set()
    for entry in history(uow.session, judged.plan.address):
        data = entry["data"]
        if data.get("step") == judged.step and "passed_over" in data:
            kept = set() if entry["action"] == "plan.advanced" else rules - set(data.get("taken_back", ()))
            rules = kept | {each["rule"] for each in data["passed_over"]}
    return rules


def _plans_looking_at(uow: UnitOfWork, plan: Plan) -> list[Plan]:
    """The other plans with a rule or a minimum interval that looks at the plan's phase; for the law the budgets look at
    the tax rate. Plans of the other kind of cycle (R8) look at one cycle of several, whichever it is."""
    wheel = plan.cycle.definition.wheel
    phases: set[str] = set()
    if wheel.phases[plan.phase].is_ == "tax_rate":
        phases |= {id for id, phase in wheel.phases.items() if phase.is_ in BUDGETS}
    for id, whole in wheel.phases.items():
        steps = (step for binding in (whole, whole.board) if binding for step in binding.steps.values())
        if any(use.phase == plan.phase for step in steps for use in step.rules):
            phases.add(id)
    for distance in wheel.distances:
        earlier, later = parse(distance.earlier), parse(distance.later)
        if isinstance(earlier, Reference) and isinstance(later, Reference) and earlier.phase == plan.phase:
            phases.add(later.phase)
    if not phases:
        return []
    across = [
        id for id in phases if wheel.phases[id].cycle != plan.cycle.kind or plan.cycle.definition.years_looked_at - {0}
    ]
    here = or_(PLAN.c.cycle_id == plan.cycle.id, PLAN.c.phase.in_(across))
    query = select(PLAN).where(PLAN.c.phase.in_(phases), here).order_by(PLAN.c.id)
    return [m for m in uow.plans(query) if m.id != plan.id and m.is_active]


def _judged(uow: UnitOfWork, plan: Plan, change: Row[Any], made: Registration | None) -> Judged | None:
    """The judgement of the step that made the change; None where nobody took it, or where its day is not known any more
    because the plan has come to one of the two states once more."""
    step = next((s for s in plan.workflow.steps_named(change.step) if s.to == change.state), None)
    left, entered = plan.stages.get(change.from_state, NO_RECORD), plan.stages.get(change.state, NO_RECORD)
    at = entered.entered_at
    if step is None or step.by is None or at is None or change.visit != entered.entries:
        return None
    if left.entered_at is not None and left.entered_at > at:
        return None
    calendar = uow.calendar(plan.cycle)
    on = (made and made.form.meeting) or entered.day_of_entry(calendar) or calendar.local_date(at)
    typed = made.day if made else calendar.local_date(at)
    asked = StepRequest(step, on, made.reason if made else "", ahead=True, recorded=typed, state=change.from_state)
    reasons = (*day_warnings(uow, plan, step, on, change.from_state), *rule_objections(uow, plan, asked))
    return Judged(plan, step.verb, tuple(replace(reason, severity="warn") for reason in reasons))
