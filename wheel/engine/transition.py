"""Changes a plan's state: asks the machine, then writes the state, the log, the notices and the alarms.

Nothing else asks the machine, and only its answer, a `Moved`, changes a state (`UnitOfWork.save`). Three modules get a
`Moved` here and write it themselves: actions/undo.py, cycles/migrate.py, and cycles/open_cycle.py for new plans.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, insert, update

from notifications.notices import supersede
from wheel.database.tables import StateChange
from wheel.engine.agenda import Alarm
from wheel.engine.dependents import check_dependents_again
from wheel.engine.for_information import FLAGGED, RECEIVED, tell_receivers
from wheel.engine.objections import last_arrival, waiting_for
from wheel.engine.plan import NO_RECORD, Plan, SpecialStatus
from wheel.engine.unit_of_work import UnitOfWork
from wheel.errors import RefusedError
from workflows.definition.definition import Step, Workflow
from workflows.rules import machine
from workflows.rules.machine import Moved
from workflows.rules.named_rules import Reason

STATE_CHANGE = StateChange.__table__  # type: ignore[attr-defined]
_KEEP = insert(STATE_CHANGE)
_STILL_LAST = update(STATE_CHANGE).where(
    STATE_CHANGE.c.plan_id == bindparam("of"), STATE_CHANGE.c.version == bindparam("seen"), ~STATE_CHANGE.c.undone
)


def permit(plan: Plan, trigger: str, reasons: Sequence[Reason] = ()) -> Moved:
    """The machine's permission to move the plan. Raises RefusedError with every reason."""
    answer = machine.decide(plan.workflow, plan.state, trigger, reasons)
    if not isinstance(answer, Moved):
        raise RefusedError(list(answer.reasons), plan.cycle.definition)
    return answer


def permit_opening(workflow: Workflow) -> Moved:
    """A new plan begins in its waiting state."""
    return _way_in(workflow, machine.OPENING)


def permit_migration(workflow: Workflow, to: str) -> Moved:
    """A plan that is migrated enters `workflow` in the state that the mapping names."""
    return _way_in(workflow, machine.migrating(to))


def _way_in(workflow: Workflow, trigger: str) -> Moved:
    answer = machine.decide(workflow, machine.OUTSIDE, trigger)
    if not isinstance(answer, Moved):
        raise RefusedError(list(answer.reasons))
    return answer


def change_state(
    uow: UnitOfWork,
    plan: Plan,
    moved: Moved,
    *,
    action: str,
    at: datetime,
    special_status: SpecialStatus | None = None,
    on: date | None = None,
    last: date | None = None,
    source: str | None = None,
    looked_at: bool = False,
    **data: Any,
) -> Plan:
    """Put the plan into the state that the machine has allowed, and keep what `undo` needs to take it back.

    `at`: the instant that it counts as entered (for a step of the calendar: when it was due). `on`: the day on which
    the step was really taken, if somebody said it. `last` and `source`: a new last day of the state entered, if there
    is one. `looked_at`: who changes the state has judged what the plan's flags say, so they go. `data` goes into the
    log.
    """
    to = moved.to
    left = plan.stage._replace(left_at=at)
    before = plan.stages.get(to, NO_RECORD)
    entered = before._replace(entries=before.entries + 1, entered_at=at, entered_on=on, left_at=None)
    if last is not None:
        entered = entered.moved_to(last, source)
    stays = (FLAGGED, RECEIVED) if plan.workflow.reached(to, plan.state) else (FLAGGED,)
    ended = supersede(uow.session, plan.id, "moved_on", but=stays)
    stages = {**plan.stages, plan.state: left, to: entered}
    flags = plan.flags if looked_at else ()
    more: dict[str, Any] = {"flags": ()} if flags else {}
    after = uow.save(plan, moved, visit=entered.entries, special_status=special_status, stages=stages, **more)
    was: dict[str, Any] = {
        "mark": plan.special_status,
        "entry": plan.visit,
        "left": plan.stage.to_json(),
        "entered": before.to_json(),
    }
    if flags:
        was["flags"] = [flag._asdict() for flag in flags]
    kept = {
        "plan_id": plan.id, "state": to, "visit": after.visit, "from_state": plan.state, "version": after.version,
        "before": {**was, "version": plan.version}, "step": data.get("step", ""),
        "decision": data.get("decision", {}).get("id"), "undone": False,
    }  # fmt: skip
    id: int = uow.connection.execute(_KEEP, kept).inserted_primary_key[0]  # type: ignore[index]
    if kept["decision"]:
        uow.wrote(STATE_CHANGE, id, kept)
    uow.log(action, plan, **{"from": plan.state, "to": to, "entry": after.visit, "before": was, **data})
    if flags:
        uow.log("plan.unflagged", plan, because=[flag.because for flag in flags], reason=data.get("reason", ""))
    if ended:
        uow.log("notice.superseded", plan, count=ended)
    check_dependents_again(uow, after, plan)
    return after


def nothing_followed(uow: UnitOfWork, plan: Plan, seen: int) -> None:
    """The writes since the version `seen` build on no step: the last step can still be undone."""
    uow.connection.execute(_STILL_LAST.values(version=plan.version), {"of": plan.id, "seen": seen})


def take_step(
    uow: UnitOfWork,
    plan: Plan,
    step: Step,
    *,
    at: datetime,
    on: date | None = None,
    reasons: Sequence[Reason] = (),
    **data: Any,
) -> Plan:
    """Take the step, and tell those whose turn it is now. `reasons`: what refuses it. Raises RefusedError.

    `on`: the day on which it was really taken, if somebody said it.

    A decision that is added to a plan that ended before the introduction starts no work: the plan stays done.
    """
    trigger = step.verb
    if plan.special_status == "before_introduction":
        trigger = machine.recording(step)
    elif plan.state not in step.from_:
        trigger = machine.skipping(step)
    moved = permit(plan, trigger, reasons)
    ended = plan.special_status == "before_introduction" and not plan.workflow.state(step.to).done
    special_status: SpecialStatus | None = "before_introduction" if ended else None
    after = change_state(
        uow, plan, moved, action="plan.advanced", at=at, on=on, special_status=special_status, step=step.verb, **data
    )
    tell_whose_turn(uow, after, at=at, by_calendar=step.automatic == "date")
    tell_receivers(uow, plan, after, at=at, by_calendar=step.automatic == "date")
    return after


def catch_up(uow: UnitOfWork, plan: Plan, asked: str = "") -> Plan:
    """Take the automatic steps that are due and that no tick has taken yet, so that an action is judged as if the
    daemon had been on time. `asked`: the step that the action itself will take."""
    while True:
        step = finished_join(uow, plan)
        if step is not None and step.verb != asked:
            plan = take_finished_join(uow, plan, step)
            continue
        due = next((a for a in uow.agenda(plan) if a.step and a.at <= uow.now), None)
        if due is None or due.step is None or due.step.verb == asked:
            return plan
        plan = take_calendar_step(uow, plan, due)


def finished_join(uow: UnitOfWork, plan: Plan) -> Step | None:
    """The step that waited for other plans and no longer has to."""
    if plan.cycle.draft or not plan.is_active or plan.held:
        return None
    waiting = [s for s in plan.workflow.steps_from(plan.state) if plan.waits_for_others(s)]
    return next((step for step in waiting if not waiting_for(uow, plan, step)), None)


def take_finished_join(uow: UnitOfWork, plan: Plan, step: Step) -> Plan:
    """Take the step. The state counts as entered when the last plan it waited for came, however late it is noticed."""
    came, day = last_arrival(uow, plan, step) or (uow.now, None)
    due = min(came, uow.now)
    on = day if day and day < uow.calendar(plan.cycle).local_date(due) else None
    with uow.by_the_daemon():
        return take_step(uow, plan, step, at=due, on=on, due=due)


def take_calendar_step(uow: UnitOfWork, plan: Plan, alarm: Alarm) -> Plan:
    """Take a calendar step. The state counts as entered when the step was due, or when the plan came there if later."""
    assert alarm.step is not None
    at = max(alarm.at, plan.stage.entered_at or alarm.at)
    due, came = uow.calendar(plan.cycle).local_date(alarm.at), plan.stage.entered_on
    with uow.by_the_daemon():
        return take_step(uow, plan, alarm.step, at=at, on=max(due, came) if came else None, due=alarm.at)


def tell_whose_turn(
    uow: UnitOfWork, plan: Plan, *, at: datetime, by_calendar: bool = False, but: Collection[str] = ()
) -> None:
    """Tell the responsible that their step has opened; what the calendar opens is told at the sending hour.

    `but`: bodies whose turn it was already.
    """
    step = plan.workflow.next_step(plan.state)
    if step is None or not step.by or step.automatic or not plan.is_active or plan.workflow.state(plan.state).done:
        return
    if by_calendar and at < plan.cycle.opened_at:
        return  # the cycle was opened in the middle of its year: no storm about what was under way
    bodies = [body for body in plan.bodies_to_remind if body not in but]
    people = uow.directory.told(bodies, uow.today(plan.cycle))
    due = uow.next_send(plan, at) if by_calendar else at
    uow.notify(uow.news(plan, "your_turn", people, due=due, at_once=not by_calendar))
