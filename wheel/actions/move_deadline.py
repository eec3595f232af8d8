"""The verb `move-deadline`: another last day for one state of a plan."""

from datetime import date

from notifications.notices import supersede
from wheel.cycles.judge_dates import judge_dates
from wheel.engine.deadlines import ABOUT_THE_DEADLINE, day_off_warning, is_told, known_day, save_dates
from wheel.engine.desk import refuse_or_warn
from wheel.engine.plan import NO_RECORD
from wheel.engine.request_and_result import Request, Result, passed_over, result_of
from wheel.engine.unit_of_work import UnitOfWork
from wheel.engine.verb_preconditions import check_state, load_current, plan_objections
from workflows.messages import N_
from workflows.rules.named_rules import Reason


def move_deadline(uow: UnitOfWork, request: Request, address: str, new: date, state: str | None = None) -> Result:
    """Give a state another last day: `state`, or the present one, or that into which a plan opens that waits. Its
    reminders are planned again.

    In a draft cycle dates are only drafted: nobody is told (R1).
    Raises Usage for a state that the workflow does not have, NotFound, Conflict, RefusedError with every reason.
    """
    plan = load_current(uow, request, address)
    reasons = plan_objections(uow, request, plan, "move-deadline")
    state = state or plan.due_state
    check_state(plan, state)
    old = plan.stages.get(state, NO_RECORD)
    facts: dict[str, object] = {"date": new, "opens": old.opens}
    if plan.workflow.state(state).done:
        reasons.append(Reason("date", N_("Nothing is to be done in that state, so it has no deadline to move."), facts))
    elif not plan.is_ahead(state):
        reasons.append(Reason("date", N_("The plan has left that state. Its deadline can no longer be moved."), facts))
    elif not plan.requires_action(state) and (ends := plan.ends_by_itself(state)):
        text = N_("That state ends by itself on {ends}. A new timetable can set another day.")
        reasons.append(Reason("date", text, {**facts, "ends": ends}))
    if new < uow.today(plan.cycle):
        reasons.append(Reason("date", N_("The new deadline {date} has already passed."), facts))
    elif old.opens and new < old.opens:
        reasons.append(Reason("date", N_("The new deadline {date} is before the opening {opens}."), facts))
    warnings = refuse_or_warn(request, reasons + day_off_warning(uow, plan, new), plan)
    before = judge_dates(uow, plan.cycle)
    stage = old.moved_to(new, request.reason)
    known, here = known_day(uow, plan), state == plan.state
    ended = supersede(uow.session, plan.id, "deadline_moved", rules=ABOUT_THE_DEADLINE) if here else 0
    after = save_dates(uow, plan, {**plan.stages, state: stage}, known)
    uow.log(
        "deadline.moved", plan, state=state, old=old.last, new=new, version=stage.version, reason=request.reason,
        ended=ended, warnings=passed_over(warnings),
    )  # fmt: skip
    if here and is_told(after) and known != new:
        people = uow.directory.told(plan.bodies_to_remind, uow.today(plan.cycle))
        told = {"old": known and known.isoformat(), "new": new.isoformat(), "reason": request.reason}
        uow.notify(uow.news(after, "moved", people, due=uow.now, facts=told))
    return result_of(uow, after, warnings + before.remarks(uow, after))
