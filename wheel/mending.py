"""Mending what was typed in: undo a wrong click, correct a decision's registration."""

from dataclasses import asdict, replace
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from notifications.models import Notice
from notifications.notices import supersede
from wheel.acts import Act, Done, as_it_stands, done, permit, reason_missing, settle, take_up
from wheel.decisions import DecisionForm, record
from wheel.errors import NotFound, Usage
from wheel.log import entry, history
from wheel.matter import Matter, Stage
from wheel.watchers import wake_watchers, watchers
from wheel.work import Work
from workflows.messages import N_
from workflows.rules import Reason

UNDOABLE = ("plan.advanced", "plan.sent_back", "plan.reopened")
QUIET = ("notice.planned", "notice.superseded", "plan.refused", "message.made")  # nothing followed by these


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
    followed = [e for e in history(work.session, matter.address) if e["seq"] > seq and e["action"] not in QUIET]
    followed += _gone_on(work, matter, seq)
    if followed:
        text = N_("Something followed: entry {seq} ({action}). Send the plan back or reopen it instead.")
        reasons.append(Reason("undo", text, {"seq": followed[0]["seq"], "action": followed[0]["action"]}))
    if _sent_since(work, matter):
        reasons.append(Reason("undo", N_("Mail about it has been sent; send the plan back or reopen it instead.")))
    warnings = settle(act, reasons)
    before = found["data"]["before"]
    left, entered = found["data"]["from"], found["data"]["to"]
    stages = {
        **matter.stages,
        # The visit is not forgotten: who was told of it must be told of the next one too.
        entered: Stage.from_json(before["entered"])._replace(entries=matter.stages[entered].entries),
        left: Stage.from_json(before["left"]),
    }
    ended = supersede(work.session, matter.id, N_("The step was undone."))
    after = work.save(matter, state=left, entry=before["entry"], mark=before["mark"], stages=stages)
    work.log("plan.undone", matter, undoes=seq, **{"from": entered, "to": left}, reason=act.reason, ended=ended)
    wake_watchers(work, after)
    return done(work, after, warnings)


def _gone_on(work: Work, matter: Matter, seq: int) -> list[dict[str, Any]]:
    """What the plans that waited for this one have done by themselves since."""
    return [
        entry
        for other in watchers(work, matter)
        for entry in history(work.session, other.address)
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
    """Correct how a decision was registered: a new registration that corrects the old one, which stays.

    Only the fields given are other; the outcome and the body stay, for they moved the plan.
    """
    found = _entry(work, seq)
    old = found["data"].get("decision")
    if not old:
        raise Usage(N_("Entry {seq} ({action}) records no decision."), seq=seq, action=found["action"])
    matter = take_up(work, act, found["subject"])
    reasons = permit(work, matter, "correct", old["body"])
    if (form.outcome or old["outcome"], form.body or old["body"]) != (old["outcome"], old["body"]):
        text = N_("Body and outcome moved the plan and stay; undo the entry or reopen the plan instead.")
        reasons.append(Reason("decision", text))
    if form.meeting and form.meeting > work.today(matter.turn):
        text = N_("The meeting is on {on}, which has not been yet; record the decision when it is made.")
        reasons.append(Reason("meeting", text, {"on": form.meeting}))
    warnings = settle(act, reasons + reason_missing(act, "correct"))
    given = {name: value for name, value in asdict(form).items() if value}
    before = DecisionForm(**{name: value for name, value in old.items() if name not in ("id", "meeting")})
    kept = replace(before, meeting=date.fromisoformat(old["meeting"]))
    mended = replace(kept, **{**given, "details": {**kept.details, **form.details}})
    step = found["data"]["step"]
    decision = record(work, matter, step, mended, act.reason, corrects=old["id"])
    work.log("decision.corrected", matter, corrects=seq, step=step, reason=act.reason, decision=decision)
    return done(work, matter, warnings)


def _entry(work: Work, seq: int) -> dict[str, Any]:
    found = entry(work.session, seq)
    if found is None:
        raise NotFound(N_("There is no log entry {seq}."), seq=seq)
    return found
