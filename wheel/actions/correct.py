"""The verb `correct`: a decision or a day was registered wrongly; a new registration corrects it, and both stay."""

from dataclasses import asdict, fields, replace
from datetime import date
from typing import Any

from sqlalchemy import Row

from wheel.actions.advance import day_objections, step_named, take
from wheel.actions.judge_again import Judged, judgements, log_differences
from wheel.actions.undo import UNDOABLE, change_of, entry_of, undo_change
from wheel.audit.journal import LogRecord
from wheel.engine.affected_plans import affected_plans_warning, flag, plans_affected_by, take_flags
from wheel.engine.decisions import DecisionForm, deciding_body, form_objections, record, registrations
from wheel.engine.desk import refuse_or_warn
from wheel.engine.objections import order_objections
from wheel.engine.plan import NO_RECORD, Plan
from wheel.engine.request_and_result import Request, Result, passed_over, result_of
from wheel.engine.transition import catch_up, nothing_followed
from wheel.engine.unit_of_work import UnitOfWork
from wheel.engine.verb_preconditions import load_stored, plan_objections
from wheel.errors import Usage
from workflows.messages import N_
from workflows.rules.named_rules import Reason

_NOTHING = N_("There is nothing to correct. Give what should differ from entry {seq}.")


def correct(uow: UnitOfWork, request: Request, seq: int, form: DecisionForm, on: date | None = None) -> Result:
    """Correct the decision that the log entry `seq` registers, or with `on` the day of the step that it records.

    Of a decision only the fields that are given change. The rules, the order and the lateness are judged again by the
    corrected facts, also those of other steps that look at this one. An outcome that takes the step instead of one that
    does not, or the other way round, moves the plan as if it had been registered so at once; that is possible while
    nothing followed.
    Raises NotFound, Conflict, Usage where there is nothing to correct, RefusedError with every reason.
    """
    found = uow.log_entry(seq)
    if found["data"].get("decision"):
        return _correct_decision(uow, request, found, form, on)
    if found["action"] in UNDOABLE and found["data"].get("step") and not found["data"].get("due"):
        return _correct_day(uow, request, found, form, on)
    text = N_("Entry {seq} ({action}) contains no decision and no step that somebody took.")
    raise Usage(text, seq=seq, action=found["action"])


def _correct_decision(
    uow: UnitOfWork, request: Request, found: LogRecord, form: DecisionForm, on: date | None
) -> Result:
    plan = load_stored(uow, request, found["subject"])  # a calendar step that is due but not taken has not followed
    mine = next(each for each in registrations(uow, [plan]) if found["data"]["decision"]["id"] in each.ids)
    old, change, step = mine.form, mine.change, step_named(plan, mine.step)
    given = {name: value for name, value in asdict(form).items() if value}
    if form.body:
        given["body"] = deciding_body(plan, form.body)
    mended = replace(old, **{**given, "details": {**old.details, **form.details}})
    if mended == old and on is None:
        raise Usage(_NOTHING, seq=found["seq"])
    takes = mended.outcome in step.taken_by
    left = change.from_state if change else str(found["data"].get("state", ""))
    if found["action"] == "timetable.replaced" and plan.workflow.deciding_step:
        left = plan.workflow.deciding_step.to  # a new timetable comes after the first decision, not after its effect
    reasons = plan_objections(uow, request, plan, "correct", [old.body]) + _effects(old, mended)
    reasons += day_objections(uow, plan, step, on)
    deciders = plan.bodies("replaces") if found["action"] == "timetable.replaced" else ()
    reasons += form_objections(uow, plan, step, mended, left, corrects=mine.ids[-1], deciders=deciders)
    before = judgements(uow, plan)
    if takes and change is None and old.outcome not in step.taken_by:  # not a registration whose step was undone
        plan = catch_up(uow, plan)
        reasons += order_objections(plan, step)
        done = take(uow, request, plan, step, mended, reasons, corrects=mine.ids[-1])
        others = log_differences(uow, uow.plan(plan.address), before, None, request.reason)
        return replace(done, warnings=done.warnings + others)
    warnings = refuse_or_warn(request, reasons, plan)
    stays = change is not None and (takes or old.outcome == "sent_back")
    if change is not None and not stays:
        undo_change(uow, replace(request, if_version=None), plan, change, entry_of(uow, plan, change)["seq"])
        plan = uow.plan(plan.address)
    affected = plans_affected_by(uow, plan, step, mended.outcome) if mended.outcome != old.outcome else []
    decision = record(uow, plan, step.verb, mended, request.reason, corrects=mine.ids[-1])
    after = _save(uow, plan, change if stays else None, mended.meeting)
    facts = {"corrects": found["seq"], "decision": decision, "changed": _changed(old, mended)}
    warnings = _judge_again(uow, request, after, step.verb, change, before, warnings, "decision.corrected", facts)
    if mended.outcome != old.outcome:
        take_flags(uow, after, after.state, after.visit, request.reason)
    flag(uow, affected, after, "changed", request.reason)
    return result_of(uow, after, warnings + affected_plans_warning(affected, "changed"))


def _correct_day(uow: UnitOfWork, request: Request, found: LogRecord, form: DecisionForm, on: date | None) -> Result:
    """Correct the day of a step that is no decision."""
    plan = load_stored(uow, request, found["subject"])
    change = change_of(uow, plan, found)
    step, entered = step_named(plan, change.step), plan.stages.get(change.state, NO_RECORD)
    old = entered.day_of_entry(uow.calendar(plan.cycle))
    if on in (None, old) and not form.given:
        raise Usage(_NOTHING, seq=found["seq"])
    reasons = plan_objections(uow, request, plan, "correct", plan.bodies(step.by))
    reasons += form_objections(uow, plan, step, form) + day_objections(uow, plan, step, on, change.from_state)
    if change.undone or change.visit != entered.entries:
        text = N_(
            "The step's day counts no longer: the step was undone, or the plan has come to that state once more or has "
            "another workflow now."
        )
        reasons.append(Reason("date", text, step=step.verb))
    warnings = refuse_or_warn(request, reasons, plan)
    before = judgements(uow, plan)
    after = _save(uow, plan, change, on)
    facts = {"corrects": found["seq"], "changed": {"on": [old, on]}}
    warnings = _judge_again(uow, request, after, step.verb, change, before, warnings, "step.corrected", facts)
    return result_of(uow, after, warnings)


def _save(uow: UnitOfWork, plan: Plan, change: Row[Any] | None, on: date | None) -> Plan:
    """Save the plan with the corrected day of the change. A correction alone is nothing that followed a step."""
    stages = plan.stages
    if change is not None and stages.get(change.state, NO_RECORD).entries == change.visit:
        stages = {**stages, change.state: stages[change.state]._replace(entered_on=on)}
    after = uow.save(plan, stages=stages)
    nothing_followed(uow, after, plan.version)
    return after


def _judge_again(
    uow: UnitOfWork, request: Request, plan: Plan, verb: str, change: Row[Any] | None, before: dict[int, Judged],
    warnings: list[Reason], action: str, facts: dict[str, Any],
) -> list[Reason]:  # fmt: skip
    """Log the correction with the judgement of its step by the corrected facts, and what it changes for other steps.
    Returns all warnings. `change`: the one that the step made, which may have been taken back just now."""
    id = change.id if change else None
    now = judgements(uow, plan)
    of_step = [reason for reason in (now[id].reasons if id in now else ()) if reason not in warnings]
    warnings = warnings + of_step
    still = {reason.rule for reason in warnings}
    gone = sorted({reason.rule for reason in (before[id].reasons if id in before else ())} - still)
    judged = {"passed_over": passed_over(warnings), "taken_back": gone}
    uow.log(action, plan, step=verb, reason=request.reason, **facts, **judged)
    return warnings + log_differences(uow, plan, before, id, request.reason)


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


def _changed(old: DecisionForm, mended: DecisionForm) -> dict[str, list[Any]]:
    """The fields that differ, each with its old and its new value."""
    pairs = {each.name: [getattr(old, each.name), getattr(mended, each.name)] for each in fields(DecisionForm)}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
