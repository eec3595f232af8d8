"""The verbs beside the way: move a deadline, hold, release, withdraw, reopen."""

from datetime import date

from sqlalchemy import update

from notifications.notices import supersede
from wheel.cycles.date_changes import ABOUT_THE_DEADLINE, known_day, save_dates
from wheel.cycles.meeting_changes import counted_from
from wheel.engine.affected_plans import flag, remark, standing_on
from wheel.engine.dependents import wake_watchers
from wheel.engine.desk import Act, Done, done, permit, reason_missing, settle, take_up
from wheel.engine.plan import NO_STAGE, Matter
from wheel.engine.transition import move, tell_whose_turn
from wheel.engine.unit_of_work import PLAN, Work
from wheel.errors import Usage
from workflows.messages import N_
from workflows.rules.rules import Reason


def _start(work: Work, act: Act, address: str, verb: str, *, reason: bool = True) -> tuple[Matter, list[Reason]]:
    """The plan, and what stands against the verb before its own conditions: role, missing reason."""
    matter = take_up(work, act, address)
    bodies = [body for body in (matter.owed_by(),) if body]
    reasons = permit(work, matter, verb, *bodies)
    return matter, reasons + (reason_missing(act, verb) if reason else [])


def _held(matter: Matter) -> list[Reason]:
    return [Reason("held", N_("The plan is held; release it first: `arshjul release`."))] if matter.held else []


def move_deadline(work: Work, act: Act, address: str, new: date, state: str | None = None) -> Done:
    """Give a state (the present one, or `state`) another last day. Reminders are armed again."""
    matter, reasons = _start(work, act, address, "move-deadline")
    state = state or matter.state
    if not matter.workflow.has(state):
        states = ", ".join(s.id for s in matter.workflow.states)
        raise Usage(
            N_("{address} has no state {state}; its states are: {states}."),
            address=address,
            state=state,
            states=states,
        )
    old = matter.stages.get(state, NO_STAGE)
    today = work.today(matter.turn)
    facts: dict[str, object] = {"date": new, "opens": old.opens, "statutory": old.statutory}
    if matter.workflow.state(state).done:
        reasons.append(Reason("date", N_("Nothing is owed in that state; it has no last day to move."), facts))
    if new < today:
        reasons.append(Reason("date", N_("The new last day {date} has passed already."), facts))
    elif old.opens and new < old.opens:
        reasons.append(Reason("date", N_("The new last day {date} lies before the opening {opens}."), facts))
    warnings = settle(act, reasons + _remarks(work, matter, new, facts))
    stage = old.moved_to(new, act.reason)
    known, moved = known_day(work, matter), N_("The deadline was moved.")
    ended = supersede(work.session, matter.id, moved, rules=ABOUT_THE_DEADLINE) if state == matter.state else 0
    after = save_dates(work, matter, {**matter.stages, state: stage}, known)
    work.log(
        "deadline.moved",
        matter,
        state=state,
        old=old.last,
        new=new,
        version=stage.version,
        reason=act.reason,
        ended=ended,
    )
    if state == matter.state and matter.in_play and matter.is_owed(state) and known != new:
        people = work.directory.responsible(matter.owing, today)
        told = {"old": known and known.isoformat(), "new": new.isoformat(), "reason": act.reason}
        work.notify(work.news(after, "moved", people, due=work.now, facts=told))
    return done(work, after, warnings + counted_from(work, after.turn))


def _remarks(work: Work, matter: Matter, new: date, facts: dict[str, object]) -> list[Reason]:
    found = []
    if not work.calendar(matter.turn).is_working_day(new):
        found.append(Reason("date", N_("{date} is a day off."), facts, severity="warn"))
    statutory = facts["statutory"]
    if isinstance(statutory, date) and new > statutory:
        text = N_("{date} is later than the law's last day {statutory} (check the wording).")
        found.append(Reason("statutory", text, facts, citation="law", severity="warn"))
    return found


def hold(work: Work, act: Act, address: str) -> Done:
    """Stop the plan: nothing moves it and nobody is reminded, until it is released."""
    matter, reasons = _start(work, act, address, "hold")
    if matter.held:
        reasons.append(Reason("held", N_("The plan is held already.")))
    warnings = settle(act, reasons)
    ended = supersede(work.session, matter.id, N_("The plan is held."))
    after = work.save(matter, held=True)
    work.log("plan.held", matter, reason=act.reason, ended=ended)
    return done(work, after, warnings)


def release(work: Work, act: Act, address: str) -> Done:
    """Let it go on: what was due moves in order, the reminders of the hold are not said any more.

    A plan that was put aside because it could not be woken is tried again.
    """
    matter, reasons = _start(work, act, address, "release", reason=False)
    if not matter.held and matter.tries == 0:
        reasons.append(Reason("held", N_("The plan is not held.")))
    warnings = settle(act, reasons)
    after = work.save(matter, held=False, handled_until=work.now, tries=0)
    again = {"wake_at": work.now, "retry_at": None, "trouble": ""}
    work.session.execute(update(PLAN).where(PLAN.c.id == matter.id).values(again))
    work.log("plan.released", matter, reason=act.reason)
    return done(work, after, warnings)


def withdraw(work: Work, act: Act, address: str) -> Done:
    """Take the plan out of the year. Its parent no longer waits for it."""
    matter, reasons = _start(work, act, address, "withdraw")
    if not matter.in_play:
        reasons.append(Reason("state", N_("The plan is no longer active ({mark})."), {"mark": matter.mark}))
    warnings = settle(act, reasons)
    ended = supersede(work.session, matter.id, N_("The plan was withdrawn."))
    after = work.save(matter, mark="withdrawn")
    work.log("plan.withdrawn", matter, state=matter.state, reason=act.reason, ended=ended)
    wake_watchers(work, after)
    return done(work, after, warnings)


def reopen(work: Work, act: Act, address: str, to: str | None = None, new_date: date | None = None) -> Done:
    """Open a decided, done or withdrawn plan again, in `to` or the state before its last step.

    The plans that stood on it are listed and flagged in their logs; none of them is moved.
    """
    matter, reasons = _start(work, act, address, "reopen")
    reasons += _held(matter)
    state = to or _reopened_in(matter)
    if not matter.workflow.has(state) or (matter.in_play and not _lies_behind(matter, state)):
        text = N_("{address} cannot be reopened in {state}: it stands in {now}.")
        raise Usage(text, address=address, state=state, now=matter.state)
    if new_date and new_date < work.today(matter.turn):
        reasons.append(Reason("date", N_("The new last day {date} has passed already."), {"date": new_date}))
    standing = standing_on(work, matter, matter.phase)
    warnings = settle(act, reasons + remark(standing, "reopened"))
    source = act.reason if new_date else None
    after = move(
        work, matter, state, action="plan.reopened", at=work.now, last=new_date, source=source, reason=act.reason
    )
    flag(work, standing, matter, act.reason)
    tell_whose_turn(work, after, at=work.now)
    return done(work, after, warnings)


def _reopened_in(matter: Matter) -> str:
    """A plan out of play goes on where it stood; another goes back to the last state where something was owed."""
    if not matter.in_play:
        return matter.state
    owing = [s.id for s in matter.workflow.states if not s.done and _lies_behind(matter, s.id)]
    return owing[-1] if owing else matter.workflow.initial


def _lies_behind(matter: Matter, state: str) -> bool:
    return state != matter.state and matter.workflow.reached(matter.state, state)
