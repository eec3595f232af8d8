"""The verb `postpone`: the body puts the matter off to a later meeting (bordläggning). The state stays."""

from dataclasses import replace
from datetime import date

from wheel.cycles.judge_dates import judge_dates
from wheel.engine.deadlines import day_off_warning, known_day, new_date_objections, save_dates
from wheel.engine.decisions import DecisionForm, completed, decided_by, form_objections, record_of_step, source_of
from wheel.engine.desk import refuse_or_warn
from wheel.engine.objections import early_objections, order_objections
from wheel.engine.plan import Plan
from wheel.engine.request_and_result import Request, Result, passed_over, result_of
from wheel.engine.unit_of_work import UnitOfWork
from wheel.engine.verb_preconditions import load_current, plan_objections
from wheel.errors import RefusedError
from workflows.definition.definition import Step
from workflows.messages import N_
from workflows.rules.named_rules import Reason


def postpone(uow: UnitOfWork, request: Request, address: str, form: DecisionForm, new_date: date | None) -> Result:
    """Give the state that waits for a body's decision another last day.

    Raises NotFound, Conflict, RefusedError with every reason.
    """
    plan = load_current(uow, request, address)
    step = plan.workflow.next_step(plan.state)
    if step is None or not step.decision:
        text = N_("The plan is in the state “{state}”. No body decides there.")
        facts = {"state": plan.state, "workflow": plan.workflow.id}
        reasons = [*plan_objections(uow, request, plan, "postpone"), Reason("state", text, facts)]
        raise RefusedError(reasons, plan.cycle.definition)
    form = completed(uow, plan, step, replace(form, outcome="postponed"))
    return postponed(uow, request, plan, step, form, new_date)


def postponed(
    uow: UnitOfWork, request: Request, plan: Plan, step: Step, form: DecisionForm, new_date: date | None
) -> Result:
    """The outcome of `step`: nothing is added, and those who owe it are told the new day."""
    today = uow.today(plan.cycle)
    bodies = plan.bodies(step.by)
    reasons = plan_objections(uow, request, plan, "postpone", bodies, step.verb)
    reasons += order_objections(plan, step)
    reasons += early_objections(plan, step, today)
    reasons += form_objections(uow, plan, step, form)
    reasons += new_date_objections(step, new_date, today, needed=True)
    warnings = refuse_or_warn(request, reasons + day_off_warning(uow, plan, new_date), plan)
    before = judge_dates(uow, plan.cycle)
    recorded = record_of_step(uow, plan, step, form, request.reason)
    old, known = plan.stage, known_day(uow, plan)
    assert new_date is not None
    stage = old.moved_to(new_date, source_of(plan, step, form))
    after = save_dates(uow, plan, {**plan.stages, plan.state: stage}, known, special_status="postponed")
    uow.log(
        "plan.postponed", plan, step=step.verb, state=plan.state, old=old.last, new=new_date, reason=request.reason,
        passed_over=passed_over(warnings), before={"mark": plan.special_status, "left": old.to_json()}, **recorded,
    )  # fmt: skip
    people = uow.directory.told(after.bodies_to_remind, today)
    facts = {
        "reason": request.reason,
        "old": known and known.isoformat(),
        "new": new_date.isoformat(),
        **decided_by(plan, step, form),
    }
    uow.notify(uow.news(after, "postponed", people, due=uow.now, facts=facts))
    return result_of(uow, after, warnings + before.remarks(uow, after))
