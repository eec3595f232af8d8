"""The verb `advance`: take a step of the plan's workflow, or record the body's other outcome of it."""

from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from wheel.actions.judge_again import judgements_of_others, log_differences
from wheel.actions.postpone import postponed
from wheel.actions.send_back import sent_back
from wheel.cycles.timetable_versions import decide_version
from wheel.database.tables import Decision
from wheel.engine.affected_plans import affected_plans_warning, flag, plans_affected_by
from wheel.engine.decisions import (
    DecisionForm,
    completed,
    day_warnings,
    decided_by,
    form_objections,
    record,
    record_of_step,
)
from wheel.engine.desk import refuse_or_warn
from wheel.engine.for_information import tell_of_withdrawal
from wheel.engine.objections import StepRequest, early_objections, order_objections, rule_objections
from wheel.engine.plan import NO_RECORD, Plan
from wheel.engine.request_and_result import Request, Result, next_steps, passed_over, result_of
from wheel.engine.transition import nothing_followed, take_step
from wheel.engine.unit_of_work import UnitOfWork
from wheel.engine.verb_preconditions import check_state, load_current, plan_objections
from wheel.errors import RefusedError, Usage
from workflows.definition.definition import Step
from workflows.messages import N_
from workflows.rules.named_rules import Reason

_STAYS = {
    "noted": N_("“Noted” adopts nothing: the plan stays with {who}."),
    "dropped": N_("“Dropped” adopts nothing: the plan stays with {who}."),
    "rejected": N_("“Rejected” adopts nothing: the plan stays with {who}."),
}
_TAKES_NO_STEP = N_("This outcome takes no step: the plan stays in “{state}”.")


def advance(
    uow: UnitOfWork,
    request: Request,
    address: str,
    verb: str,
    form: DecisionForm,
    new_date: date | None = None,
    on: date | None = None,
) -> Result:
    """Take the step `verb`, or record the body's other outcome of it.

    `on`: the day of a step that is no decision, where it is not today; it is judged by that day.
    Raises Usage for an unknown step, NotFound, Conflict, RefusedError with every reason.
    """
    plan = load_current(uow, request, address, verb)
    step = step_named(plan, verb)
    form = completed(uow, plan, step, form)
    if form.outcome == "sent_back":
        return sent_back(uow, request, plan, step, form, new_date)
    if form.outcome == "postponed":
        return postponed(uow, request, plan, step, form, new_date)
    bodies = plan.bodies(step.by)
    reasons = plan_objections(uow, request, plan, "decide" if step.decision else "advance", bodies, step.verb)
    reasons += order_objections(plan, step)
    reasons += early_objections(plan, step, uow.today(plan.cycle))
    reasons += form_objections(uow, plan, step, form) + day_objections(uow, plan, step, on)
    if form.outcome and form.outcome not in step.taken_by:
        return _stays(uow, request, plan, step, form, refuse_or_warn(request, reasons, plan))
    if plan.replaces_the_timetable(step):
        text = N_("A timetable is replaced together with its dates.")
        reasons.append(Reason("timetable", text, {"cycle": plan.cycle.name}, step=step.verb))
    day = form.meeting or on or uow.today(plan.cycle)
    reasons += rule_objections(uow, plan, StepRequest(step, day, request.reason, recorded=uow.today(plan.cycle)))
    return take(uow, request, plan, step, form, reasons, on)


def advance_to(uow: UnitOfWork, request: Request, address: str, to: str, on: date | None = None) -> Result:
    """Take the steps that lead to the state `to`, none of which may be a decision: all of them or none.

    `on`: the day of each of them, where it is not today.
    Raises Usage for an unknown state, NotFound, Conflict, RefusedError with every reason against the first step that
    is refused.
    """
    plan = load_current(uow, request, address)
    request = replace(request, if_version=None)  # from here on only this act changes the plan, or what was due before
    way = _way_to(plan, to)
    if decisions := [step for step in way if step.decision]:
        reasons = [_decision_on_the_way(plan, step, to, first=step is decisions[0]) for step in decisions]
        raise RefusedError(reasons, plan.cycle.definition)
    warnings: list[Reason] = []
    for step in way:
        result = advance(uow, request, address, step.verb, DecisionForm(), on=on)
        warnings += result.warnings
    return replace(result, warnings=warnings)


def _way_to(plan: Plan, to: str) -> list[Step]:
    """The steps from the plan's state to that one; at least one."""
    check_state(plan, to)
    ahead = plan.workflow.way_ahead(plan.state)
    for count, step in enumerate(ahead, 1):
        if step.to == to:
            return ahead[:count]
    text = N_("The plan is in the state “{state}”. From there it does not come to “{to}”.")
    facts = {"state": plan.state, "workflow": plan.workflow.id, "to": to}
    raise RefusedError([Reason("state", text, facts)], plan.cycle.definition)


def _decision_on_the_way(plan: Plan, step: Step, to: str, *, first: bool) -> Reason:
    """`first`: until this decision there are only steps that are none."""
    text = N_("Before the plan comes to “{to}”, {who} decides: {steps}.")
    before = step.from_[-1]
    names = {"workflow": plan.workflow.id, "state": plan.state, "to": to, "before": before}
    facts = {"address": plan.address, "verb": step.verb, "steps": (step.verb,), **names}
    if first and plan.state not in step.from_:
        text = N_("Before the plan comes to “{to}”, {who} decides: {steps}. That is done in “{before}”.")
        facts["first"] = before
    return Reason("decision", text, facts, plan.bodies(step.by), step=step.verb)


def take(
    uow: UnitOfWork,
    request: Request,
    plan: Plan,
    step: Step,
    form: DecisionForm,
    reasons: list[Reason],
    on: date | None = None,
    corrects: int | None = None,
) -> Result:
    """Take the step and do what its decision entails. `corrects`: the registration that this one mends.

    If it is recorded later than it was taken, the steps that were recorded before it and look at it are judged again.
    Raises RefusedError with every one of the reasons that refuses.
    """
    day = form.meeting or on
    late = day is not None and day < uow.today(plan.cycle) and corrects is None
    before = judgements_of_others(uow, plan) if late else {}
    changed = plans_affected_by(uow, plan, step, form.outcome)
    reasons = reasons + _too_late_for_the_next(uow, plan, step) + affected_plans_warning(changed, "changed")
    warnings = refuse_or_warn(request, reasons, plan)
    facts: dict[str, Any] = {"reason": request.reason, "passed_over": passed_over(warnings)}
    if step.decision:
        facts["decision"] = record(uow, plan, step.verb, form, request.reason, corrects)
    if corrects is not None:
        facts["corrects_decision"] = corrects
    after = take_step(uow, plan, step, at=uow.now, on=day, **facts)
    if form.outcome == "dropped" and after.workflow.state(after.state).done:
        tell_of_withdrawal(uow, after, request.reason or form.text, before=plan)
    warnings += log_differences(uow, after, before, None, request.reason)
    flag(uow, changed, after, "changed", request.reason)
    if after.is_timetable and form.outcome in step.adopted_by:
        decide_version(uow, after, facts["decision"]["id"])
    return replace(result_of(uow, after, warnings), more={"next": next_steps(after)})


def _too_late_for_the_next(uow: UnitOfWork, plan: Plan, step: Step) -> list[Reason]:
    """The warning that the deadline of the state to which the step leads has passed: whose turn it is then is late at
    once. Nobody is told so of what was late when the cycle was opened."""
    last = plan.stages.get(step.to, NO_RECORD).last
    opened = uow.calendar(plan.cycle).local_date(plan.cycle.opened_at)
    if last is None or not opened <= last < uow.today(plan.cycle) or not plan.requires_action(step.to):
        return []
    text = N_("{name} is due {late}, which has already passed.")
    facts = {"name": f"{plan.address} {step.to}", "late": last}
    return [Reason("date", text, facts, severity="warn", step=step.verb)] if plan.is_active else []


def step_named(plan: Plan, verb: str) -> Step:
    """The step of that verb that the plan can take now, or else the first. Raises Usage if there is none."""
    named = plan.workflow.steps_named(verb)
    if not named:
        first = {step.verb: step for step in reversed(plan.workflow.steps)}
        verbs = [first[verb].label.with_id(verb) for verb in dict.fromkeys(step.verb for step in plan.workflow.steps)]
        text = N_("The plan {address} has no step {verb}. Its steps are: {verbs}.")
        raise Usage(text, address=plan.address, verb=verb, verbs=verbs)
    return next((step for step in named if plan.state in step.from_), named[0])


def day_objections(uow: UnitOfWork, plan: Plan, step: Step, on: date | None, state: str = "") -> list[Reason]:
    """Objections to the day of a step that is no decision: a decision has the day of its meeting.

    `state`: the one that the step left, if the plan has moved on.
    """
    if on is None:
        return []
    if step.decision:
        text = N_("This step is a political decision. Its day is that of the meeting.")
        return [Reason("date", text, step=step.verb)]
    if on > uow.today(plan.cycle):
        text = N_("{on} has not come yet. Record the step when it has been taken.")
        return [Reason("date", text, {"on": on}, step=step.verb)]
    return day_warnings(uow, plan, step, on, state)


def _stays(
    uow: UnitOfWork, request: Request, plan: Plan, step: Step, form: DecisionForm, warnings: list[Reason]
) -> Result:
    """Record a decision that does not take the step. The plan stays in its state.

    Those who owe the plan are told of a rejection.
    """
    who = plan.bodies(step.by)
    told: dict[str, Any] = {"outcome": form.outcome}
    text = _STAYS.get(form.outcome)
    if text is None or plan.owed_by() not in who:  # the matter does not lie with the body that has decided so
        text, told = _TAKES_NO_STEP, {**told, "state": plan.state, "workflow": plan.workflow.id}
    stays = Reason("decision", text, told, who, severity="warn", step=step.verb)
    recorded = record_of_step(uow, plan, step, form, request.reason)
    facts = {
        "step": step.verb, "state": plan.state, "reason": request.reason, "passed_over": passed_over(warnings),
        **recorded,
    }  # fmt: skip
    after = uow.save(plan)
    nothing_followed(uow, after, plan.version)
    if form.outcome == "rejected":
        uow.log("plan.rejected", plan, **facts)
        _tell_rejection(uow, after, {"reason": request.reason or form.text, **decided_by(plan, step, form)})
    else:
        uow.log("decision.recorded", plan, **facts)
    return result_of(uow, after, [*warnings, stays])


def _tell_rejection(uow: UnitOfWork, plan: Plan, facts: dict[str, Any]) -> None:
    people = uow.directory.told(plan.bodies_to_remind, uow.today(plan.cycle))
    uow.notify(uow.news(plan, "rejected", people, due=uow.now, offset=_rejections(uow, plan), facts=facts))


def _rejections(uow: UnitOfWork, plan: Plan) -> int:
    """How often the plan has been rejected. Each time is told."""
    rejected = select(func.count(col(Decision.id))).where(
        col(Decision.plan_id) == plan.id, col(Decision.outcome) == "rejected"
    )
    count: int = uow.session.execute(rejected).scalar_one()
    return count
