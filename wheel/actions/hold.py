"""The verbs `hold` and `release`: a plan is paused until it is released, with or without its boards' plans."""

from dataclasses import replace

from sqlalchemy import update

from notifications.notices import supersede
from wheel.actions.boards_along import boards_along, rows_of
from wheel.engine.desk import refuse_or_warn
from wheel.engine.plan import Plan
from wheel.engine.request_and_result import Request, Result, result_of
from wheel.engine.unit_of_work import PLAN, UnitOfWork
from wheel.engine.verb_preconditions import load_current, plan_objections
from workflows.messages import N_
from workflows.rules.named_rules import Reason


def hold(uow: UnitOfWork, request: Request, address: str, with_boards: bool | None = None) -> Result:
    """Stop the plan: nothing moves it and nobody is reminded, until it is released.

    `with_boards`: whether the boards' plans of the phase follow; the others run on.
    Raises Usage where the boards follow or not and nobody has said it, NotFound, Conflict, RefusedError with every
    reason.
    """
    plan = load_current(uow, request, address)
    warnings = refuse_or_warn(request, plan_objections(uow, request, plan, "hold"), plan)
    follow, stay = boards_along(uow, plan, with_boards, lambda board: board.is_under_way and not board.held)
    held = [_hold(uow, each, request.reason) for each in (plan, *follow)]
    rows = rows_of("held", follow, stay)
    return replace(result_of(uow, held[0], warnings), more={"plans": rows} if rows else {})


def _hold(uow: UnitOfWork, plan: Plan, reason: str) -> Plan:
    ended = supersede(uow.session, plan.id, "held")
    after = uow.save(plan, held=True)
    uow.log("plan.held", plan, reason=reason, ended=ended)
    return after


def release(uow: UnitOfWork, request: Request, address: str, with_boards: bool | None = None) -> Result:
    """Let the plan go on: moves that were due happen in order; reminders that were due during the hold are dropped.

    A plan that was put aside because the service could not process it is tried again. `with_boards`: whether the
    boards' plans of the phase that are paused follow.
    Raises Usage where the boards follow or not and nobody has said it, NotFound, Conflict, RefusedError with every
    reason.
    """
    plan = load_current(uow, request, address)
    reasons = plan_objections(uow, request, plan, "release")
    if not plan.held and plan.tries == 0:
        reasons.append(Reason("held", N_("The plan is not paused.")))
    warnings = refuse_or_warn(request, reasons, plan)
    follow, stay = boards_along(uow, plan, with_boards, lambda board: board.held)
    released = [_release(uow, each, request.reason) for each in (plan, *follow)]
    rows = rows_of("released", follow, stay)
    return replace(result_of(uow, released[0], warnings), more={"plans": rows} if rows else {})


def _release(uow: UnitOfWork, plan: Plan, reason: str) -> Plan:
    after = uow.save(plan, held=False, handled_until=uow.now, tries=0)
    again = {"wake_at": uow.now, "retry_at": None, "trouble": ""}
    uow.session.execute(update(PLAN).where(PLAN.c.id == plan.id).values(again))
    uow.log("plan.released", plan, reason=reason)
    return after
