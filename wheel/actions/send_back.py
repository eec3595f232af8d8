"""The verb `send-back`: a body sends the matter back (återremiss), or an official does (åter för komplettering)."""

from dataclasses import replace
from datetime import date

from wheel.cycles.judge_dates import judge_dates
from wheel.engine.affected_plans import affected_plans_warning, flag, whole_that_counted
from wheel.engine.deadlines import day_off_warning, new_date_objections
from wheel.engine.decisions import DecisionForm, completed, decided_by, form_objections, record_of_step, source_of
from wheel.engine.desk import refuse_or_warn
from wheel.engine.objections import order_objections
from wheel.engine.plan import Plan
from wheel.engine.request_and_result import Request, Result, passed_over, result_of
from wheel.engine.transition import change_state, permit
from wheel.engine.unit_of_work import UnitOfWork
from wheel.engine.verb_preconditions import load_current, plan_objections
from wheel.errors import RefusedError
from workflows.definition.definition import Step
from workflows.messages import N_
from workflows.rules.machine import sending_back
from workflows.rules.named_rules import Reason

_NO_WAY_BACK = N_("The plan is in the state “{state}”. It cannot be sent back from there.")


def send_back(uow: UnitOfWork, request: Request, address: str, form: DecisionForm, new_date: date | None) -> Result:
    """Send the plan back to the state that its present one returns to.

    Raises NotFound, Conflict, RefusedError with every reason.
    """
    plan = load_current(uow, request, address)
    step = plan.workflow.next_step(plan.state)
    if step is None:
        raise _no_way_back(uow, request, plan)
    form = completed(uow, plan, step, replace(form, outcome="sent_back")) if step.decision else form
    return sent_back(uow, request, plan, step, form, new_date)


def sent_back(
    uow: UnitOfWork, request: Request, plan: Plan, step: Step, form: DecisionForm, new_date: date | None
) -> Result:
    """The outcome of `step`: the plan goes back, and those who owe it again are told why."""
    to = plan.workflow.state(plan.state).returns_to
    if to is None:
        raise _no_way_back(uow, request, plan)
    bodies = plan.bodies(step.by)
    today = uow.today(plan.cycle)
    last = plan.stages[to].last if to in plan.stages else None
    reasons = plan_objections(uow, request, plan, "send-back", bodies, step.verb)
    reasons += order_objections(plan, step)  # KF sends nothing back that is still with KS
    reasons += form_objections(uow, plan, step, form)
    reasons += new_date_objections(step, new_date, today, needed=last is not None and last <= today)
    wholes = whole_that_counted(uow, plan, to)
    reasons += day_off_warning(uow, plan, new_date) + affected_plans_warning(wholes, "reopened")
    warnings = refuse_or_warn(request, reasons, plan)
    before = judge_dates(uow, plan.cycle) if new_date else None
    recorded = record_of_step(uow, plan, step, form, request.reason)
    after = change_state(
        uow, plan, permit(plan, sending_back(to)), action="plan.sent_back", at=uow.now, special_status="sent_back",
        on=form.meeting, last=new_date, step=step.verb, source=source_of(plan, step, form) if new_date else None,
        reason=request.reason, passed_over=passed_over(warnings), looked_at=True, **recorded,
    )  # fmt: skip
    flag(uow, wholes, after, "part", request.reason)
    people = uow.directory.told(after.bodies_to_remind, today)
    rule = "sent_back" if step.decision else "returned"
    facts = {"reason": request.reason, **decided_by(plan, step, form)}
    uow.notify(uow.news(after, rule, people, due=uow.now, facts=facts))
    return result_of(uow, after, warnings + (before.remarks(uow, after) if before else []))


def _no_way_back(uow: UnitOfWork, request: Request, plan: Plan) -> RefusedError:
    facts = {"state": plan.state, "workflow": plan.workflow.id}
    reasons = [*plan_objections(uow, request, plan, "send-back"), Reason("state", _NO_WAY_BACK, facts)]
    return RefusedError(reasons, plan.cycle.definition)
