"""The verbs that take a plan along its way: advance, send back, postpone."""

from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from wheel.cycles.timetable_versions import decided
from wheel.database.tables import Decision
from wheel.engine.affected_plans import changed_by, flag, remark
from wheel.engine.deadlines import known_day, save_dates
from wheel.engine.decisions import DecisionForm, citation, form_objections, record
from wheel.engine.desk import Request, Result, done, load_current, permit, refuse_or_warn
from wheel.engine.objections import (
    StepRequest,
    draft_objections,
    early_objections,
    order_objections,
    rule_objections,
    state_objections,
)
from wheel.engine.plan import Plan
from wheel.engine.transition import change_state, take_step
from wheel.engine.unit_of_work import UnitOfWork
from wheel.errors import Usage
from workflows.definition.definition import Step
from workflows.messages import N_
from workflows.rules.machine import Refused, decide
from workflows.rules.rules import Reason


def advance(
    uow: UnitOfWork, request: Request, address: str, verb: str, form: DecisionForm, new_date: date | None = None
) -> Result:
    """Take the step `verb`, or record the body's other outcome of it.

    Raises Usage for an unknown step, NotFound, Conflict, RefusedError with every reason.
    """
    plan = load_current(uow, request, address, verb)
    step = _step(plan, verb)
    if form.outcome == "sent_back":
        return _sent_back(uow, request, plan, step, form, new_date)
    if form.outcome == "postponed":
        return _postponed(uow, request, plan, step, form, new_date)
    today = uow.today(plan.cycle)
    asked = StepRequest(step, form.meeting or today, request.reason)
    reasons = _formal_objections(uow, plan, step, form)
    if form.outcome == "rejected":
        return _rejected(uow, request, plan, step, form, refuse_or_warn(request, reasons))
    rules = rule_objections(uow, plan, asked)
    taken = decide(
        plan.workflow,
        plan.state if plan.state in step.from_ else step.from_[-1],
        verb,
        lambda _: [r for r in reasons + rules if r.severity == "refuse" and not (request.anyway and r.overridable)],
    )
    changed = changed_by(uow, plan, step, form.outcome)
    warnings = refuse_or_warn(request, reasons + rules + remark(changed, "changed"))
    if taken is None or isinstance(taken, Refused):
        raise RuntimeError(f"{address}: the machine refuses {verb} without a reason")
    recorded = _record(uow, plan, step, form, request.reason)
    after = take_step(
        uow, plan, taken.step, at=uow.now, reason=request.reason, passed_over=_passed(warnings), **recorded
    )
    flag(uow, changed, plan, request.reason)
    if after.is_timetable and "decision" in recorded:
        decided(uow, after, recorded["decision"]["id"])
    return done(uow, after, warnings)


def send_back(uow: UnitOfWork, request: Request, address: str, form: DecisionForm, new_date: date | None) -> Result:
    """A body sends the matter back (återremiss), or an official does (åter för komplettering)."""
    plan = load_current(uow, request, address)
    step = plan.workflow.next_step(plan.state)
    if step is None:
        raise Usage(N_("{address} stands in {state}; nothing can be sent back from there."), **_at(plan))
    return _sent_back(uow, request, plan, step, replace(form, outcome="sent_back") if step.decision else form, new_date)


def postpone(uow: UnitOfWork, request: Request, address: str, form: DecisionForm, new_date: date | None) -> Result:
    """The body puts the matter off to a later meeting (bordläggning): nothing is added, the state stays."""
    plan = load_current(uow, request, address)
    step = plan.workflow.next_step(plan.state)
    if step is None or not step.decision:
        raise Usage(N_("{address} stands in {state}; no body is to decide there."), **_at(plan))
    return _postponed(uow, request, plan, step, replace(form, outcome="postponed"), new_date)


def _at(plan: Plan) -> dict[str, str]:
    return {"address": plan.address, "state": plan.state}


def _step(plan: Plan, verb: str) -> Step:
    named = plan.workflow.steps_named(verb)
    if not named:
        verbs = ", ".join(dict.fromkeys(step.verb for step in plan.workflow.steps))
        text = N_("{address} has no step {verb}; its steps are: {verbs}.")
        raise Usage(text, address=plan.address, verb=verb, verbs=verbs)
    return next((step for step in named if plan.state in step.from_), named[0])


def _formal_objections(uow: UnitOfWork, plan: Plan, step: Step, form: DecisionForm) -> list[Reason]:
    """Standing, order, role and the decision's form: what holds for every outcome."""
    bodies = [plan.body(step.by)] if step.by else []
    return [
        *state_objections(plan, step),
        *order_objections(plan, step),
        *early_objections(plan, step, uow.today(plan.cycle)),
        *(replace(r, step=step.verb) for r in permit(uow, plan, "decide" if step.decision else "advance", *bodies)),
        *form_objections(uow, plan, step, form),
    ]


def _sent_back(
    uow: UnitOfWork, request: Request, plan: Plan, step: Step, form: DecisionForm, new_date: date | None
) -> Result:
    to = plan.workflow.state(plan.state).returns_to
    if to is None:
        raise Usage(N_("{address} stands in {state}; nothing can be sent back from there."), **_at(plan))
    reasons = [
        *draft_objections(uow, plan, step),
        *state_objections(plan, step),
        *order_objections(plan, step),  # KF sends nothing back that still lies with KS
    ]
    bodies = [plan.body(step.by)] if step.by else []
    reasons += [replace(r, step=step.verb) for r in permit(uow, plan, "send-back", *bodies)]
    today = uow.today(plan.cycle)
    reasons += form_objections(uow, plan, step, form)
    if not request.reason.strip():
        text = N_("Sending back takes a reason: what is to be completed, word for word (--reason).")
        reasons.append(Reason("decision", text, step=step.verb))
    last = plan.stages[to].last if to in plan.stages else None
    reasons += _new_date_objections(step, new_date, today, needed=last is not None and last <= today)
    warnings = refuse_or_warn(request, reasons)
    recorded = _record(uow, plan, step, form, request.reason)
    after = change_state(
        uow, plan, to, action="plan.sent_back", at=uow.now, special_status="sent_back", last=new_date, step=step.verb,
        source=_source(plan, step, form) if new_date else None, reason=request.reason, **recorded,
    )  # fmt: skip
    people = uow.directory.responsible(after.bodies_to_remind, today)
    rule = "sent_back" if step.decision else "returned"
    uow.notify(uow.news(after, rule, people, due=uow.now, facts={"reason": request.reason}))
    return done(uow, after, warnings)


def _postponed(
    uow: UnitOfWork, request: Request, plan: Plan, step: Step, form: DecisionForm, new_date: date | None
) -> Result:
    today = uow.today(plan.cycle)
    reasons = draft_objections(uow, plan, step) + _formal_objections(uow, plan, step, form)
    reasons += _new_date_objections(step, new_date, today, needed=True)
    warnings = refuse_or_warn(request, reasons)
    recorded = _record(uow, plan, step, form, request.reason)
    old, known = plan.stage, known_day(uow, plan)
    assert new_date is not None
    stage = old.moved_to(new_date, _source(plan, step, form))
    after = save_dates(uow, plan, {**plan.stages, plan.state: stage}, known, special_status="postponed")
    uow.log(
        "plan.postponed", plan, step=step.verb, state=plan.state, old=old.last, new=new_date, reason=request.reason,
        before={"mark": plan.special_status, "left": old.to_json()}, **recorded,
    )  # fmt: skip
    people = uow.directory.responsible(after.bodies_to_remind, today)
    facts = {
        "reason": request.reason,
        "old": known and known.isoformat(),
        "new": new_date.isoformat(),
    }
    uow.notify(uow.news(after, "postponed", people, due=uow.now, facts=facts))
    return done(uow, after, warnings)


def _rejected(
    uow: UnitOfWork, request: Request, plan: Plan, step: Step, form: DecisionForm, warnings: list[Reason]
) -> Result:
    """The body said no: it is recorded, the plan stays where it is, and those who owe it are told."""
    recorded = _record(uow, plan, step, form, request.reason)
    after = uow.save(plan)
    uow.log("plan.rejected", plan, step=step.verb, state=plan.state, reason=request.reason, **recorded)
    people = uow.directory.responsible(after.bodies_to_remind, uow.today(plan.cycle))
    facts = {"reason": request.reason or form.text}
    uow.notify(uow.news(after, "rejected", people, due=uow.now, offset=_rejections(uow, plan), facts=facts))
    return done(uow, after, warnings)


def _rejections(uow: UnitOfWork, plan: Plan) -> int:
    """How often the plan has been rejected: each time is told."""
    rejected = select(func.count(col(Decision.id))).where(
        col(Decision.plan_id) == plan.id, col(Decision.outcome) == "rejected"
    )
    count: int = uow.session.execute(rejected).scalar_one()
    return count


def _new_date_objections(step: Step, new_date: date | None, today: date, *, needed: bool) -> list[Reason]:
    if new_date is None:
        text = N_("A new last day is needed, for the old one has passed or falls (--new-date).")
        return [Reason("date", text, step=step.verb)] if needed else []
    if new_date < today:
        text = N_("The new last day {date} has passed already.")
        return [Reason("date", text, {"date": new_date}, step=step.verb)]
    return []


def _source(plan: Plan, step: Step, form: DecisionForm) -> str:
    if not step.decision or form.meeting is None:
        return "local choice"
    return citation(plan, form)


def _passed(warnings: list[Reason]) -> list[dict[str, object]]:
    return [{"rule": r.rule, "message": r.message, "facts": r.facts, "overridden": r.overridable} for r in warnings]


def _record(uow: UnitOfWork, plan: Plan, step: Step, form: DecisionForm, reason: str) -> dict[str, Any]:
    """Keep the decision, if the step is one. What of it goes into the log."""
    return {"decision": record(uow, plan, step.verb, form, reason)} if step.decision else {}
