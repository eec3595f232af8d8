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
from wheel.engine.dependents import wake_watchers, watchers
from wheel.engine.desk import Act, Done, as_it_stands, done, permit, reason_missing, settle, take_up
from wheel.engine.plan import NO_STAGE, Matter, Stage
from wheel.engine.unit_of_work import Work
from wheel.errors import NotFound, Usage
from wheel.mail.contents import passed
from workflows.messages import N_
from workflows.rules.rules import Reason

UNDOABLE = ("plan.advanced", "plan.sent_back", "plan.reopened")
# Nothing followed by these.
QUIET = ("notice.planned", "notice.superseded", "plan.refused", "plan.undone", "message.made")


def undo(work: Work, act: Act, seq: int) -> Done:
    """Take back a wrong click by its own log entry, while nothing followed and nothing was sent.

    Raises NotFound, Usage when the entry is no such step, RefusedError when something followed.
    """
    found = _entry(work, seq)
    if found["action"] not in UNDOABLE:
        text = N_("Entry {seq} is {action}; only a step of a plan can be undone.")
        raise Usage(text, seq=seq, action=found["action"])
    # As it stands: a step of the calendar that nobody has taken yet is none that followed.
    matter = as_it_stands(work, act, found["subject"])
    reasons = permit(work, matter, "undo", *_bodies(matter, found))
    entries = _standing(work, matter)
    followed = [e for e in entries if e["seq"] > seq and e["action"] not in QUIET] + _gone_on(work, matter, seq)
    if found not in entries:
        reasons.append(Reason("undo", N_("Entry {seq} has been undone already."), {"seq": seq}))
    elif followed:
        text = N_("Something followed: entry {seq} ({action}). Send the plan back or reopen it instead.")
        reasons.append(Reason("undo", text, {"seq": followed[0]["seq"], "action": followed[0]["action"]}))
    if _sent_since(work, matter):
        reasons.append(Reason("undo", N_("Mail about it has been sent; send the plan back or reopen it instead.")))
    warnings = settle(act, reasons)
    before = found["data"]["before"]
    left, entered = found["data"]["from"], found["data"]["to"]
    stages = {
        **matter.stages,
        # The visits are not forgotten: who was told of them must be told of the next one too.
        entered: Stage.from_json(before["entered"])._replace(entries=matter.stages[entered].entries),
        left: Stage.from_json(before["left"])._replace(entries=matter.stages[left].entries),
    }
    ended = supersede(work.session, matter.id, N_("The step was undone."), state=entered, entry=matter.entry)
    after = work.save(matter, state=left, entry=before["entry"], mark=before["mark"], stages=stages)
    again = plan_again(work.session, matter.id, MOVED_ON, lambda notice: _holds_again(notice, after))
    work.notices += again
    ways = {"from": entered, "to": left}
    work.log("plan.undone", matter, undoes=seq, **ways, reason=act.reason, ended=ended, planned=again)
    wake_watchers(work, after)
    return done(work, after, warnings)


def _standing(work: Work, matter: Matter) -> list[dict[str, Any]]:
    """The plan's entries without those that were undone."""
    entries = history(work.session, matter.address)
    undone = {entry["data"].get("undoes") for entry in entries}
    return [entry for entry in entries if entry["seq"] not in undone]


def _holds_again(notice: Notice, after: Matter) -> bool:
    """Whether it is about the visit that the plan is back in, or holds beyond its own visit, the state's last one."""
    visits = after.stages.get(notice.state, NO_STAGE).entries
    entry = after.entry if notice.state == after.state else visits
    return notice.entry == entry and after.workflow.has(notice.state) and not passed(notice, after)


def _gone_on(work: Work, matter: Matter, seq: int) -> list[dict[str, Any]]:
    """What the plans that waited for this one have done by themselves since."""
    return [
        entry
        for other in watchers(work, matter)
        for entry in _standing(work, other)
        if entry["seq"] > seq and entry["action"] == "plan.advanced" and _waited(other, entry["data"]["step"])
    ]


def _waited(matter: Matter, verb: str) -> bool:
    return any(matter.waits_for_others(step) for step in matter.workflow.steps_named(verb))


def _bodies(matter: Matter, found: dict[str, Any]) -> list[str]:
    steps = matter.workflow.steps_named(found["data"].get("step", ""))
    return [matter.body(step.by) for step in steps if step.by]


def _sent_since(work: Work, matter: Matter) -> bool:
    """Whether mail about the plan's present state has been made (what is made may be on its way)."""
    query = select(col(Notice.id)).where(
        col(Notice.plan_id) == matter.id, col(Notice.state) == matter.state, col(Notice.entry) == matter.entry,
        col(Notice.message_id).is_not(None),
    )  # fmt: skip
    return work.session.execute(query.limit(1)).first() is not None


def correct(work: Work, act: Act, seq: int, form: DecisionForm) -> Done:
    """Correct how a decision was registered: a new registration that corrects the newest one, which stays.

    Only the fields given are other; the outcome and the body stay, for they moved the plan.
    """
    found = _entry(work, seq)
    old = found["data"].get("decision")
    if not old:
        raise Usage(N_("Entry {seq} ({action}) records no decision."), seq=seq, action=found["action"])
    matter = take_up(work, act, found["subject"])
    found = _newest(work, found)
    old = found["data"]["decision"]
    given = {name: value for name, value in asdict(form).items() if value}
    before = DecisionForm(**{name: value for name, value in old.items() if name not in ("id", "meeting")})
    kept = replace(before, meeting=date.fromisoformat(old["meeting"]))
    mended = replace(kept, **{**given, "details": {**kept.details, **form.details}})
    if mended == kept:
        raise Usage(N_("There is nothing to correct: say what is other than in entry {seq}."), seq=found["seq"])
    reasons = permit(work, matter, "correct", old["body"])
    if (form.outcome or old["outcome"], form.body or old["body"]) != (old["outcome"], old["body"]):
        text = N_("Body and outcome moved the plan and stay; undo the entry or reopen the plan instead.")
        reasons.append(Reason("decision", text))
    if form.meeting and form.meeting > work.today(matter.turn):
        text = N_("The meeting is on {on}, which has not been yet; record the decision when it is made.")
        reasons.append(Reason("meeting", text, {"on": form.meeting}))
    warnings = settle(act, reasons + reason_missing(act, "correct"))
    step = found["data"]["step"]
    decision = record(work, matter, step, mended, act.reason, corrects=old["id"])
    after = work.save(matter)
    work.log("decision.corrected", after, corrects=found["seq"], step=step, reason=act.reason, decision=decision)
    return done(work, after, warnings)


def _newest(work: Work, found: dict[str, Any]) -> dict[str, Any]:
    """The entry of the newest registration of the same decision: its last correction, or the first one itself."""
    chain = {found["seq"]: found}
    for later in history(work.session, found["subject"]):
        if later["data"].get("corrects") in chain:
            chain[later["seq"]] = later
    return chain[max(chain)]


def _entry(work: Work, seq: int) -> dict[str, Any]:
    found = entry(work.session, seq)
    if found is None:
        raise NotFound(N_("There is no log entry {seq}."), seq=seq)
    return found
