"""The verb `undo`: take back a wrong click by its own log entry, while nobody has acted on it and nothing was sent."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from sqlalchemy import Row, bindparam, select, update
from sqlmodel import col

from config.municipality.roles import DAEMON
from notifications.notices import plan_again, supersede
from notifications.tables import Notice
from wheel.actions.judge_again import judgements, log_differences
from wheel.audit.journal import LogRecord, history
from wheel.cycles.timetable_versions import plans_of_cycle
from wheel.engine.affected_plans import flagged_by, take_flags
from wheel.engine.dependents import check_dependents_again, dependents
from wheel.engine.desk import refuse_or_warn
from wheel.engine.for_information import FLAGGED
from wheel.engine.notice_validity import why_invalid
from wheel.engine.plan import NO_RECORD, Plan, PlanFlag, StateRecord, has_reached
from wheel.engine.request_and_result import Request, Result, result_of
from wheel.engine.transition import STATE_CHANGE, nothing_followed, permit
from wheel.engine.unit_of_work import UnitOfWork
from wheel.engine.verb_preconditions import load_stored, plan_objections
from wheel.errors import Usage
from workflows.messages import N_
from workflows.rules.machine import undoing
from workflows.rules.named_rules import Reason

REOPENED = "plan.reopened"
UNDOABLE = ("plan.advanced", "plan.sent_back", REOPENED)
# Entries that do not hinder an undo.
QUIET = ("dates.judged", "notice.planned", "notice.superseded", "plan.refused", "plan.undone", "message.made")

_CHANGE = select(STATE_CHANGE).where(
    STATE_CHANGE.c.plan_id == bindparam("of"),
    STATE_CHANGE.c.state == bindparam("to"),
    STATE_CHANGE.c.visit == bindparam("nth"),
)
_LATER = (
    select(STATE_CHANGE)
    .where(STATE_CHANGE.c.plan_id == bindparam("of"), STATE_CHANGE.c.id > bindparam("since"), ~STATE_CHANGE.c.undone)
    .order_by(STATE_CHANGE.c.id)
)
_UNDONE = update(STATE_CHANGE).where(STATE_CHANGE.c.id == bindparam("change")).values(undone=True)


def undo(uow: UnitOfWork, request: Request, seq: int) -> Result:
    """Take back the step that the log entry `seq` records, and what came by itself after it.

    Other steps that rest on it are judged again.
    Raises NotFound, Usage when the entry is no such step, RefusedError when somebody has acted since, or mail was made.
    """
    found = uow.log_entry(seq)
    if found["action"] not in UNDOABLE:
        text = N_("Entry {seq} is {action}. Only a step of a plan can be undone.")
        raise Usage(text, seq=seq, action=found["action"])
    # The plan as stored: a calendar step that is due but not taken has not followed yet.
    plan = load_stored(uow, request, found["subject"])
    change, before = change_of(uow, plan, found), judgements(uow, plan)
    done = undo_change(uow, request, plan, change, seq)
    others = log_differences(uow, uow.plan(plan.address), before, change.id, request.reason)
    return replace(done, warnings=done.warnings + others)


def undo_change(uow: UnitOfWork, request: Request, plan: Plan, change: Row[Any], seq: int) -> Result:
    """Take back the change of state, which the log entry `seq` records, and what came by itself after it.

    Raises RefusedError when somebody has acted since, or mail was made.
    """
    bodies = [body for step in plan.workflow.steps_named(change.step) for body in plan.bodies(step.by)]
    reasons = plan_objections(uow, request, plan, "undo", bodies)
    if change.undone:
        reasons.append(Reason("undo", N_("Entry {seq} has already been undone."), {"seq": seq}))
    together = [(plan, change), *((other, step) for other, step, _ in _along(uow, uow.log_entry(seq)))]
    found: dict[int, tuple[Plan, Row[Any]]] = {}
    for other, step in together:
        told = None if step.undone else _collect(uow, other, step, found)
        if told:
            text = N_(
                "The step cannot be undone: entry {seq} ({action}) builds on it. Send the plan back or reopen it."
            )
            reasons.append(Reason("undo", text, {"seq": told["seq"], "action": told["action"]}))
            break
    sent = any(_sent_since(uow, other, step) for other, step in (*together, *found.values()))
    if sent or _flags_are_told(uow, plan, change):
        reasons.append(
            Reason("undo", N_("Mail about the step has already been sent. Send the plan back or reopen it."))
        )
    warnings = refuse_or_warn(request, reasons, plan)
    after: dict[int, Plan] = {}
    for _, (other, step) in sorted(found.items(), reverse=True):  # what came last is taken back first
        its = seq if step.id == change.id else entry_of(uow, other, step)["seq"]
        after[other.id] = _undone(uow, request, after.get(other.id, other), step, its)
    take_flags(uow, plan, change.state, change.visit, request.reason)
    asked = [step.id for _, step in together]
    more = dict.fromkeys(other.address for id, (other, _) in sorted(found.items()) if id not in asked)
    if more:
        text = N_("These steps had come by themselves and were taken back too: {missing}.")
        warnings.append(Reason("undo", text, {"missing": tuple(more)}, severity="warn"))
    return result_of(uow, after[plan.id], warnings)


def _undone(uow: UnitOfWork, request: Request, plan: Plan, change: Row[Any], seq: int) -> Plan:
    after, ended = _take_back(uow, plan, change)
    again = plan_again(uow.session, plan.id, "moved_on", lambda notice: _holds_again(notice, after))
    uow.notices += again
    ways = {"from": change.state, "to": change.from_state}
    uow.log("plan.undone", plan, undoes=seq, **ways, reason=request.reason, ended=ended, planned=again)
    check_dependents_again(uow, after)
    return after


def _flags_are_told(uow: UnitOfWork, plan: Plan, change: Row[Any]) -> bool:
    """Whether others have been mailed that the step takes the ground from their plans."""
    ids = [other.id for other in flagged_by(uow, plan, change.state, change.visit)]
    query = select(Notice).where(
        col(Notice.plan_id).in_(ids), col(Notice.rule) == FLAGGED, col(Notice.message_id).is_not(None)
    )
    return any(notice.facts.get("because") == plan.address for notice in uow.session.execute(query).scalars())


def _along(uow: UnitOfWork, found: LogRecord) -> Iterator[tuple[Plan, Row[Any], int]]:
    """The plans that were taken up together with this one, each with its change of state and its log entry."""
    for address in found["data"].get("along", ()):
        other = uow.plan(address)
        told = next(e for e in history(uow.session, address) if e["seq"] > found["seq"] and e["action"] == REOPENED)
        yield other, change_of(uow, other, told), told["seq"]


def change_of(uow: UnitOfWork, plan: Plan, found: LogRecord) -> Row[Any]:
    """The change of state that the log entry tells of."""
    asked = {"of": plan.id, "to": found["data"]["to"], "nth": found["data"]["entry"]}
    return uow.connection.execute(_CHANGE, asked).one()


def entry_of(uow: UnitOfWork, plan: Plan, change: Row[Any]) -> LogRecord:
    """The log entry that tells of the change of state."""
    return next(e for e in history(uow.session, plan.address) if _tells_of(e, change))


def _take_back(uow: UnitOfWork, plan: Plan, change: Row[Any]) -> tuple[Plan, int]:
    """Put the plan back as it was before the change. Returns it, and the number of planned notices that ended."""
    left, entered, before = change.from_state, change.state, change.before
    stages = {
        **plan.stages,
        # The count of visits is kept, so that people who were told of this visit are told of the next one too.
        entered: StateRecord.from_json(before["entered"])._replace(entries=plan.stages[entered].entries),
        left: StateRecord.from_json(before["left"])._replace(entries=plan.stages[left].entries),
    }
    moved = permit(plan, undoing(left))
    ended = supersede(uow.session, plan.id, "undone", state=entered, entry=plan.visit)
    flags = (*(PlanFlag(**flag) for flag in before.get("flags", ())), *plan.flags)
    after = uow.save(plan, moved, visit=before["entry"], special_status=before["mark"], stages=stages, flags=flags)
    uow.connection.execute(_UNDONE, {"change": change.id})
    if change.decision:
        uow.wrote(STATE_CHANGE, change.id, {"undone": True})
    nothing_followed(uow, after, before["version"])  # since the step before, which becomes the last one again
    return after, ended


def _collect(
    uow: UnitOfWork, plan: Plan, change: Row[Any], found: dict[int, tuple[Plan, Row[Any]]]
) -> Mapping[str, Any] | None:
    """Collect the change, and the changes that came by themselves after it, by their ids. Returns the log entry of what
    did not come by itself; None: nobody has acted since."""
    own = [change, *uow.connection.execute(_LATER, {"of": plan.id, "since": change.id})]
    told = [entry_of(uow, plan, step) for step in own]
    if by_hand := next((entry for entry in told[1:] if entry["actor"] != DAEMON), None):
        return by_hand
    if own[-1].version != plan.version:
        later = (e for e in history(uow.session, plan.address) if e["seq"] > told[-1]["seq"])
        return next((e for e in later if e["action"] not in QUIET), {"seq": told[-1]["seq"], "action": "–"})
    found.update({step.id: (plan, step) for step in own})
    for other, step in _depending(uow, plan, change):
        if step.id not in found and (acted := _collect(uow, other, step, found)):
            return acted
    return None


def _depending(uow: UnitOfWork, plan: Plan, change: Row[Any]) -> Iterator[tuple[Plan, Row[Any]]]:
    """The first step of each other plan that could come by itself only after the change."""
    had_reached = partial(has_reached, plan.workflow, change.from_state, change.before["mark"])
    decided = plan.workflow.deciding_step if plan.is_timetable else None
    stops = decided is not None and not plan.cycle.draft and not had_reached(decided.to)
    if stops:  # the cycle was a draft, in which nothing comes by itself
        others = [other for other in plans_of_cycle(uow, plan.cycle) if other.id != plan.id]
    else:
        others = dependents(uow, plan, had_reached)
    for other in others:
        for step in uow.connection.execute(_LATER, {"of": other.id, "since": change.id}).all():
            if stops or any(other.waits_for_others(each) for each in other.workflow.steps_named(step.step)):
                yield uow.plan(other.address), step
                break


def _tells_of(found: LogRecord, change: Row[Any]) -> bool:
    data = found["data"]
    return found["action"] in UNDOABLE and (data["to"], data["entry"]) == (change.state, change.visit)


def _holds_again(notice: Notice, after: Plan) -> bool:
    """Whether the notice is about the visit that the plan is back in, or about a state's last visit and still valid."""
    visits = after.stages.get(notice.state, NO_RECORD).entries
    entry = after.visit if notice.state == after.state else visits
    return notice.entry == entry and after.workflow.has(notice.state) and not why_invalid(notice, after)


def _sent_since(uow: UnitOfWork, plan: Plan, change: Row[Any]) -> bool:
    """Whether mail about the state that was entered has been made (what is made may be on its way)."""
    query = select(col(Notice.id)).where(
        col(Notice.plan_id) == plan.id, col(Notice.state) == change.state, col(Notice.entry) == change.visit,
        col(Notice.message_id).is_not(None),
    )  # fmt: skip
    return uow.session.execute(query.limit(1)).first() is not None
