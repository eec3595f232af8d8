"""Mending what was typed in: undo a wrong click, correct a decision's registration."""

from dataclasses import asdict, replace
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from notifications.models import Notice
from notifications.notices import MOVED_ON, plan_again, supersede
from wheel.audit.journal import entry, history
from wheel.engine.decisions import DecisionForm, record
from wheel.engine.dependents import check_dependents_again, dependents
from wheel.engine.desk import Request, Result, done, load_current, load_stored, permit, reason_missing, refuse_or_warn
from wheel.engine.notice_validity import why_invalid
from wheel.engine.plan import NO_RECORD, Plan, StateRecord
from wheel.engine.unit_of_work import UnitOfWork
from wheel.errors import NotFound, Usage
from workflows.messages import N_
from workflows.rules.rules import Reason

UNDOABLE = ("plan.advanced", "plan.sent_back", "plan.reopened")
# Nothing followed by these.
QUIET = ("notice.planned", "notice.superseded", "plan.refused", "plan.undone", "message.made")


def undo(uow: UnitOfWork, request: Request, seq: int) -> Result:
    """Take back a wrong click by its own log entry, while nothing followed and nothing was sent.

    Raises NotFound, Usage when the entry is no such step, RefusedError when something followed.
    """
    found = _entry(uow, seq)
    if found["action"] not in UNDOABLE:
        text = N_("Entry {seq} is {action}; only a step of a plan can be undone.")
        raise Usage(text, seq=seq, action=found["action"])
    # As it stands: a step of the calendar that nobody has taken yet is none that followed.
    plan = load_stored(uow, request, found["subject"])
    reasons = permit(uow, plan, "undo", *_bodies(plan, found))
    entries = _standing(uow, plan)
    followed = [e for e in entries if e["seq"] > seq and e["action"] not in QUIET] + _gone_on(uow, plan, seq)
    if found not in entries:
        reasons.append(Reason("undo", N_("Entry {seq} has been undone already."), {"seq": seq}))
    elif followed:
        text = N_("Something followed: entry {seq} ({action}). Send the plan back or reopen it instead.")
        reasons.append(Reason("undo", text, {"seq": followed[0]["seq"], "action": followed[0]["action"]}))
    if _sent_since(uow, plan):
        reasons.append(Reason("undo", N_("Mail about it has been sent; send the plan back or reopen it instead.")))
    warnings = refuse_or_warn(request, reasons)
    before = found["data"]["before"]
    left, entered = found["data"]["from"], found["data"]["to"]
    stages = {
        **plan.stages,
        # The visits are not forgotten: who was told of them must be told of the next one too.
        entered: StateRecord.from_json(before["entered"])._replace(entries=plan.stages[entered].entries),
        left: StateRecord.from_json(before["left"])._replace(entries=plan.stages[left].entries),
    }
    ended = supersede(uow.session, plan.id, N_("The step was undone."), state=entered, entry=plan.visit)
    after = uow.save(plan, state=left, visit=before["entry"], special_status=before["mark"], stages=stages)
    again = plan_again(uow.session, plan.id, MOVED_ON, lambda notice: _holds_again(notice, after))
    uow.notices += again
    ways = {"from": entered, "to": left}
    uow.log("plan.undone", plan, undoes=seq, **ways, reason=request.reason, ended=ended, planned=again)
    check_dependents_again(uow, after)
    return done(uow, after, warnings)


def _standing(uow: UnitOfWork, plan: Plan) -> list[dict[str, Any]]:
    """The plan's entries without those that were undone."""
    entries = history(uow.session, plan.address)
    undone = {entry["data"].get("undoes") for entry in entries}
    return [entry for entry in entries if entry["seq"] not in undone]


def _holds_again(notice: Notice, after: Plan) -> bool:
    """Whether it is about the visit that the plan is back in, or holds beyond its own visit, the state's last one."""
    visits = after.stages.get(notice.state, NO_RECORD).entries
    entry = after.visit if notice.state == after.state else visits
    return notice.entry == entry and after.workflow.has(notice.state) and not why_invalid(notice, after)


def _gone_on(uow: UnitOfWork, plan: Plan, seq: int) -> list[dict[str, Any]]:
    """What the plans that waited for this one have done by themselves since."""
    return [
        entry
        for other in dependents(uow, plan)
        for entry in _standing(uow, other)
        if entry["seq"] > seq and entry["action"] == "plan.advanced" and _waited(other, entry["data"]["step"])
    ]


def _waited(plan: Plan, verb: str) -> bool:
    return any(plan.waits_for_others(step) for step in plan.workflow.steps_named(verb))


def _bodies(plan: Plan, found: dict[str, Any]) -> list[str]:
    steps = plan.workflow.steps_named(found["data"].get("step", ""))
    return [plan.body(step.by) for step in steps if step.by]


def _sent_since(uow: UnitOfWork, plan: Plan) -> bool:
    """Whether mail about the plan's present state has been made (what is made may be on its way)."""
    query = select(col(Notice.id)).where(
        col(Notice.plan_id) == plan.id, col(Notice.state) == plan.state, col(Notice.entry) == plan.visit,
        col(Notice.message_id).is_not(None),
    )  # fmt: skip
    return uow.session.execute(query.limit(1)).first() is not None


def correct(uow: UnitOfWork, request: Request, seq: int, form: DecisionForm) -> Result:
    """Correct how a decision was registered: a new registration that corrects the newest one, which stays.

    Only the fields given are other; the outcome and the body stay, for they moved the plan.
    """
    found = _entry(uow, seq)
    old = found["data"].get("decision")
    if not old:
        raise Usage(N_("Entry {seq} ({action}) records no decision."), seq=seq, action=found["action"])
    plan = load_current(uow, request, found["subject"])
    found = _newest(uow, found)
    old = found["data"]["decision"]
    given = {name: value for name, value in asdict(form).items() if value}
    before = DecisionForm(**{name: value for name, value in old.items() if name not in ("id", "meeting")})
    kept = replace(before, meeting=date.fromisoformat(old["meeting"]))
    mended = replace(kept, **{**given, "details": {**kept.details, **form.details}})
    if mended == kept:
        raise Usage(N_("There is nothing to correct: say what is other than in entry {seq}."), seq=found["seq"])
    reasons = permit(uow, plan, "correct", old["body"])
    if (form.outcome or old["outcome"], form.body or old["body"]) != (old["outcome"], old["body"]):
        text = N_("Body and outcome moved the plan and stay; undo the entry or reopen the plan instead.")
        reasons.append(Reason("decision", text))
    if form.meeting and form.meeting > uow.today(plan.cycle):
        text = N_("The meeting is on {on}, which has not been yet; record the decision when it is made.")
        reasons.append(Reason("meeting", text, {"on": form.meeting}))
    warnings = refuse_or_warn(request, reasons + reason_missing(request, "correct"))
    step = found["data"]["step"]
    decision = record(uow, plan, step, mended, request.reason, corrects=old["id"])
    after = uow.save(plan)
    uow.log("decision.corrected", after, corrects=found["seq"], step=step, reason=request.reason, decision=decision)
    return done(uow, after, warnings)


def _newest(uow: UnitOfWork, found: dict[str, Any]) -> dict[str, Any]:
    """The entry of the newest registration of the same decision: its last correction, or the first one itself."""
    chain = {found["seq"]: found}
    for later in history(uow.session, found["subject"]):
        if later["data"].get("corrects") in chain:
            chain[later["seq"]] = later
    return chain[max(chain)]


def _entry(uow: UnitOfWork, seq: int) -> dict[str, Any]:
    found = entry(uow.session, seq)
    if found is None:
        raise NotFound(N_("There is no log entry {seq}."), seq=seq)
    return found
