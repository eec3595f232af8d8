"""The verb `correct`: a decision was registered wrongly; a new registration corrects it, and both stay."""

from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Row

from wheel.actions.advance import take
from wheel.actions.undo import undo
from wheel.audit.journal import LogRecord, history
from wheel.engine.affected_plans import affected_plans_warning, flag, plans_affected_by
from wheel.engine.decisions import DecisionForm, form_objections, move_by, newest_registration, record
from wheel.engine.desk import refuse_or_warn
from wheel.engine.objections import StepRequest, order_objections, rule_objections
from wheel.engine.plan import Plan, StateRecord
from wheel.engine.request_and_result import Request, Result, passed_over, result_of
from wheel.engine.unit_of_work import UnitOfWork
from wheel.engine.verb_preconditions import load_current, plan_objections
from wheel.errors import Usage
from workflows.definition.definition import Step
from workflows.messages import N_
from workflows.rules.named_rules import Reason


def correct(uow: UnitOfWork, request: Request, seq: int, form: DecisionForm) -> Result:
    """Correct the decision that the log entry `seq` registers: a new registration that corrects the newest one.

    Only the fields that are given change. The rules, the order and the lateness are judged again by the corrected
    facts. An outcome that takes the step instead of one that does not, or the other way round, moves the plan as if it
    had been registered so at once; that is possible while nothing followed.
    Raises NotFound, Conflict, Usage where there is nothing to correct, RefusedError with every reason.
    """
    found = uow.log_entry(seq)
    registered = found["data"].get("decision")
    if not registered:
        raise Usage(N_("Entry {seq} ({action}) contains no decision."), seq=seq, action=found["action"])
    plan = load_current(uow, request, found["subject"])
    id, verb, old = newest_registration(uow, registered["id"])
    given = {name: value for name, value in asdict(form).items() if value}
    mended = replace(old, **{**given, "details": {**old.details, **form.details}})
    if mended == old:
        raise Usage(N_("There is nothing to correct. Give what should differ from entry {seq}."), seq=seq)
    step = plan.workflow.steps_named(verb)[0]
    change = move_by(uow, plan, id)
    reasons = plan_objections(uow, request, plan, "correct", [old.body]) + _effects(old, mended)
    decided_in = change.from_state if change else str(found["data"].get("state", ""))
    reasons += form_objections(uow, plan, step, mended, decided_in, corrects=id)
    takes = mended.outcome in step.taken_by
    stayed = change is None and old.outcome not in step.taken_by  # not one whose step was undone
    if takes and stayed:
        return take(uow, request, plan, step, mended, reasons + order_objections(plan, step), corrects=id)
    judged = _judged(uow, plan, step, mended, change)
    warnings = refuse_or_warn(request, reasons, plan) + judged
    facts = {"passed_over": passed_over(warnings), "taken_back": _taken_back(uow, plan, step, old, change, judged)}
    if change is not None and old.outcome != "sent_back" and not takes:
        undo(uow, replace(request, if_version=None), _entry_of(uow, plan, change.decision))
        plan = uow.plan(plan.address)
    affected = plans_affected_by(uow, plan, step, mended.outcome) if mended.outcome != old.outcome else []
    decision = record(uow, plan, step.verb, mended, request.reason, corrects=id)
    after = uow.save(plan, stages=_entered_on(plan, change, mended) if takes else plan.stages)
    seq = _entry_of(uow, plan, id)
    uow.log("decision.corrected", after, corrects=seq, step=verb, reason=request.reason, decision=decision, **facts)
    flag(uow, affected, plan, request.reason)
    return result_of(uow, after, warnings + affected_plans_warning(affected, "changed"))


def _effects(old: DecisionForm, mended: DecisionForm) -> list[Reason]:
    """An outcome that has an effect of its own can neither be given nor taken away afterwards."""
    own = {"sent_back", "postponed"}
    if mended.outcome == old.outcome or not own & {old.outcome, mended.outcome}:
        return []
    text = N_(
        "A correction cannot change everything that {outcome} did to the plan. Undo the entry or reopen the plan, and "
        "record the decision again."
    )
    return [Reason("decision", text, {"outcome": next(iter(own & {old.outcome, mended.outcome}))})]


def _judged(uow: UnitOfWork, plan: Plan, step: Step, form: DecisionForm, change: Row[Any] | None) -> list[Reason]:
    """The rules' judgement of the decision as the form has it: only warnings, because it has been made."""
    if change is None or form.meeting is None or form.outcome not in step.taken_by:
        return []
    today = uow.today(plan.cycle)
    asked = StepRequest(step, form.meeting, ahead=True, recorded=today, state=change.from_state)
    return [replace(reason, severity="warn") for reason in rule_objections(uow, plan, asked)]


def _taken_back(
    uow: UnitOfWork, plan: Plan, step: Step, old: DecisionForm, change: Row[Any] | None, judged: list[Reason]
) -> list[str]:
    """The rules that warned of the decision as it was registered, and no longer do."""
    hold = {reason.rule for reason in judged}
    return sorted({reason.rule for reason in _judged(uow, plan, step, old, change)} - hold)


def _entered_on(plan: Plan, change: Row[Any] | None, form: DecisionForm) -> dict[str, StateRecord]:
    """The plan's records, with the corrected day on which the decision took it into its state."""
    if change is None or plan.stages[change.state].entries != change.visit:
        return plan.stages
    return {**plan.stages, change.state: plan.stages[change.state]._replace(entered_on=form.meeting)}


def _entry_of(uow: UnitOfWork, plan: Plan, decision: int) -> int:
    """The number of the log entry that registers the decision."""
    entries: list[LogRecord] = history(uow.session, plan.address)
    seqs: list[int] = [e["seq"] for e in entries if e["data"].get("decision", {}).get("id") == decision]
    return seqs[0]
