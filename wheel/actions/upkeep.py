"""The verbs beside the way: move a deadline, hold, release, withdraw, reopen."""

from datetime import date

from sqlalchemy import update

from notifications.notices import supersede
from wheel.cycles.meeting_changes import counted_from
from wheel.engine.affected_plans import flag, remark, standing_on
from wheel.engine.deadlines import ABOUT_THE_DEADLINE, known_day, save_dates
from wheel.engine.dependents import check_dependents_again
from wheel.engine.desk import Request, Result, done, load_current, permit, reason_missing, refuse_or_warn
from wheel.engine.plan import NO_RECORD, Plan
from wheel.engine.transition import change_state, tell_whose_turn
from wheel.engine.unit_of_work import PLAN, UnitOfWork
from wheel.errors import Usage
from workflows.messages import N_
from workflows.rules.rules import Reason


def _start(
    uow: UnitOfWork, request: Request, address: str, verb: str, *, reason: bool = True
) -> tuple[Plan, list[Reason]]:
    """The plan, and what stands against the verb before its own conditions: role, missing reason."""
    plan = load_current(uow, request, address)
    bodies = [body for body in (plan.owed_by(),) if body]
    reasons = permit(uow, plan, verb, *bodies)
    return plan, reasons + (reason_missing(request, verb) if reason else [])


def _held(plan: Plan) -> list[Reason]:
    return [Reason("held", N_("The plan is held; release it first: `arshjul release`."))] if plan.held else []


def move_deadline(uow: UnitOfWork, request: Request, address: str, new: date, state: str | None = None) -> Result:
    """Give a state (the present one, or `state`) another last day. Reminders are armed again."""
    plan, reasons = _start(uow, request, address, "move-deadline")
    state = state or plan.state
    if not plan.workflow.has(state):
        states = ", ".join(s.id for s in plan.workflow.states)
        raise Usage(
            N_("{address} has no state {state}; its states are: {states}."),
            address=address,
            state=state,
            states=states,
        )
    old = plan.stages.get(state, NO_RECORD)
    today = uow.today(plan.cycle)
    facts: dict[str, object] = {"date": new, "opens": old.opens, "statutory": old.statutory}
    if plan.workflow.state(state).done:
        reasons.append(Reason("date", N_("Nothing is owed in that state; it has no last day to move."), facts))
    if new < today:
        reasons.append(Reason("date", N_("The new last day {date} has passed already."), facts))
    elif old.opens and new < old.opens:
        reasons.append(Reason("date", N_("The new last day {date} lies before the opening {opens}."), facts))
    warnings = refuse_or_warn(request, reasons + _remarks(uow, plan, new, facts))
    stage = old.moved_to(new, request.reason)
    known, moved = known_day(uow, plan), N_("The deadline was moved.")
    ended = supersede(uow.session, plan.id, moved, rules=ABOUT_THE_DEADLINE) if state == plan.state else 0
    after = save_dates(uow, plan, {**plan.stages, state: stage}, known)
    uow.log(
        "deadline.moved",
        plan,
        state=state,
        old=old.last,
        new=new,
        version=stage.version,
        reason=request.reason,
        ended=ended,
    )
    if state == plan.state and plan.is_active and plan.requires_action(state) and known != new:
        people = uow.directory.responsible(plan.bodies_to_remind, today)
        told = {"old": known and known.isoformat(), "new": new.isoformat(), "reason": request.reason}
        uow.notify(uow.news(after, "moved", people, due=uow.now, facts=told))
    return done(uow, after, warnings + counted_from(uow, after.cycle))


def _remarks(uow: UnitOfWork, plan: Plan, new: date, facts: dict[str, object]) -> list[Reason]:
    found = []
    if not uow.calendar(plan.cycle).is_working_day(new):
        found.append(Reason("date", N_("{date} is a day off."), facts, severity="warn"))
    statutory = facts["statutory"]
    if isinstance(statutory, date) and new > statutory:
        text = N_("{date} is later than the law's last day {statutory} (check the wording).")
        found.append(Reason("statutory", text, facts, citation="law", severity="warn"))
    return found


def hold(uow: UnitOfWork, request: Request, address: str) -> Result:
    """Stop the plan: nothing moves it and nobody is reminded, until it is released."""
    plan, reasons = _start(uow, request, address, "hold")
    if plan.held:
        reasons.append(Reason("held", N_("The plan is held already.")))
    warnings = refuse_or_warn(request, reasons)
    ended = supersede(uow.session, plan.id, N_("The plan is held."))
    after = uow.save(plan, held=True)
    uow.log("plan.held", plan, reason=request.reason, ended=ended)
    return done(uow, after, warnings)


def release(uow: UnitOfWork, request: Request, address: str) -> Result:
    """Let it go on: what was due moves in order, the reminders of the hold are not said any more.

    A plan that was put aside because it could not be woken is tried again.
    """
    plan, reasons = _start(uow, request, address, "release", reason=False)
    if not plan.held and plan.tries == 0:
        reasons.append(Reason("held", N_("The plan is not held.")))
    warnings = refuse_or_warn(request, reasons)
    after = uow.save(plan, held=False, handled_until=uow.now, tries=0)
    again = {"wake_at": uow.now, "retry_at": None, "trouble": ""}
    uow.session.execute(update(PLAN).where(PLAN.c.id == plan.id).values(again))
    uow.log("plan.released", plan, reason=request.reason)
    return done(uow, after, warnings)


def withdraw(uow: UnitOfWork, request: Request, address: str) -> Result:
    """Take the plan out of the year. Its parent no longer waits for it."""
    plan, reasons = _start(uow, request, address, "withdraw")
    if not plan.is_active:
        reasons.append(Reason("state", N_("The plan is no longer active ({mark})."), {"mark": plan.special_status}))
    warnings = refuse_or_warn(request, reasons)
    ended = supersede(uow.session, plan.id, N_("The plan was withdrawn."))
    after = uow.save(plan, special_status="withdrawn")
    uow.log("plan.withdrawn", plan, state=plan.state, reason=request.reason, ended=ended)
    check_dependents_again(uow, after)
    return done(uow, after, warnings)


def reopen(
    uow: UnitOfWork, request: Request, address: str, to: str | None = None, new_date: date | None = None
) -> Result:
    """Open a decided, done or withdrawn plan again, in `to` or the state before its last step.

    The plans that stood on it are listed and flagged in their logs; none of them is moved.
    """
    plan, reasons = _start(uow, request, address, "reopen")
    reasons += _held(plan)
    state = to or _reopened_in(plan)
    if not plan.workflow.has(state) or (plan.is_active and not _lies_behind(plan, state)):
        text = N_("{address} cannot be reopened in {state}: it stands in {now}.")
        raise Usage(text, address=address, state=state, now=plan.state)
    if new_date and new_date < uow.today(plan.cycle):
        reasons.append(Reason("date", N_("The new last day {date} has passed already."), {"date": new_date}))
    standing = standing_on(uow, plan, plan.phase)
    warnings = refuse_or_warn(request, reasons + remark(standing, "reopened"))
    source = request.reason if new_date else None
    after = change_state(
        uow, plan, state, action="plan.reopened", at=uow.now, last=new_date, source=source, reason=request.reason
    )
    flag(uow, standing, plan, request.reason)
    tell_whose_turn(uow, after, at=uow.now)
    return done(uow, after, warnings)


def _reopened_in(plan: Plan) -> str:
    """A plan out of play goes on where it stood; another goes back to the last state where something was owed."""
    if not plan.is_active:
        return plan.state
    owing = [s.id for s in plan.workflow.states if not s.done and _lies_behind(plan, s.id)]
    return owing[-1] if owing else plan.workflow.initial


def _lies_behind(plan: Plan, state: str) -> bool:
    return state != plan.state and plan.workflow.reached(plan.state, state)
