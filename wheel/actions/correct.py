"""The verb `correct`: a decision was registered wrongly; a new registration corrects it, and both stay."""

from dataclasses import asdict, replace

from wheel.audit.journal import LogRecord, history
from wheel.engine.decisions import DecisionForm, newest_registration, record
from wheel.engine.desk import refuse_or_warn
from wheel.engine.plan import Plan
from wheel.engine.request_and_result import Request, Result, result_of
from wheel.engine.unit_of_work import UnitOfWork
from wheel.engine.verb_preconditions import load_current, plan_objections
from wheel.errors import Usage
from workflows.messages import N_
from workflows.rules.named_rules import Reason


def correct(uow: UnitOfWork, request: Request, seq: int, form: DecisionForm) -> Result:
    """Correct the decision that the log entry `seq` registers: a new registration that corrects the newest one.

    Only the fields that are given change; body and outcome stay, because they moved the plan.
    Raises NotFound, Conflict, Usage where there is nothing to correct, RefusedError with every reason.
    """
    found = uow.log_entry(seq)
    registered = found["data"].get("decision")
    if not registered:
        raise Usage(N_("Entry {seq} ({action}) contains no decision."), seq=seq, action=found["action"])
    plan = load_current(uow, request, found["subject"])
    id, step, old = newest_registration(uow, registered["id"])
    seq = _entry_of(uow, plan, id)
    given = {name: value for name, value in asdict(form).items() if value}
    mended = replace(old, **{**given, "details": {**old.details, **form.details}})
    if mended == old:
        raise Usage(N_("There is nothing to correct. Give what should differ from entry {seq}."), seq=seq)
    reasons = plan_objections(uow, request, plan, "correct", [old.body])
    if (form.outcome or old.outcome, form.body or old.body) != (old.outcome, old.body):
        text = N_(
            "Body and outcome cannot be corrected, because they moved the plan. Undo the entry or reopen the plan."
        )
        reasons.append(Reason("decision", text))
    if form.meeting and form.meeting > uow.today(plan.cycle):
        text = N_("The meeting on {on} has not taken place yet. Record the decision when it has been made.")
        reasons.append(Reason("meeting", text, {"on": form.meeting}))
    warnings = refuse_or_warn(request, reasons, plan)
    decision = record(uow, plan, step, mended, request.reason, corrects=id)
    after = uow.save(plan)
    uow.log("decision.corrected", after, corrects=seq, step=step, reason=request.reason, decision=decision)
    return result_of(uow, after, warnings)


def _entry_of(uow: UnitOfWork, plan: Plan, decision: int) -> int:
    """The number of the log entry that registers the decision."""
    entries: list[LogRecord] = history(uow.session, plan.address)
    seqs: list[int] = [e["seq"] for e in entries if e["data"].get("decision", {}).get("id") == decision]
    return seqs[0]
