"""The verbs `hold` and `release`: a plan is paused until it is released."""

from sqlalchemy import update

from notifications.notices import supersede
from wheel.engine.desk import refuse_or_warn
from wheel.engine.request_and_result import Request, Result, result_of
from wheel.engine.unit_of_work import PLAN, UnitOfWork
from wheel.engine.verb_preconditions import load_current, plan_objections
from workflows.messages import N_
from workflows.rules.named_rules import Reason


def hold(uow: UnitOfWork, request: Request, address: str) -> Result:
    """Stop the plan: nothing moves it and nobody is reminded, until it is released.

    Raises NotFound, Conflict, RefusedError with every reason.
    """
    plan = load_current(uow, request, address)
    warnings = refuse_or_warn(request, plan_objections(uow, request, plan, "hold"), plan)
    ended = supersede(uow.session, plan.id, "held")
    after = uow.save(plan, held=True)
    uow.log("plan.held", plan, reason=request.reason, ended=ended)
    return result_of(uow, after, warnings)


def release(uow: UnitOfWork, request: Request, address: str) -> Result:
    """Let the plan go on: moves that were due happen in order; reminders that were due during the hold are dropped.

    A plan that was put aside because the service could not process it is tried again.
    Raises NotFound, Conflict, RefusedError with every reason.
    """
    plan = load_current(uow, request, address)
    reasons = plan_objections(uow, request, plan, "release")
    if not plan.held and plan.tries == 0:
        reasons.append(Reason("held", N_("The plan is not paused.")))
    warnings = refuse_or_warn(request, reasons, plan)
    after = uow.save(plan, held=False, handled_until=uow.now, tries=0)
    again = {"wake_at": uow.now, "retry_at": None, "trouble": ""}
    uow.session.execute(update(PLAN).where(PLAN.c.id == plan.id).values(again))
    uow.log("plan.released", plan, reason=request.reason)
    return result_of(uow, after, warnings)
