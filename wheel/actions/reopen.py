"""The verb `reopen`: open a decided, done or withdrawn plan again."""

from datetime import date

from wheel.engine.affected_plans import affected_plans_warning, flag, plans_building_on
from wheel.engine.desk import refuse_or_warn
from wheel.engine.plan import Plan
from wheel.engine.request_and_result import Request, Result, result_of
from wheel.engine.transition import change_state, permit, tell_whose_turn
from wheel.engine.unit_of_work import UnitOfWork
from wheel.engine.verb_preconditions import load_current, plan_objections
from wheel.errors import Usage
from workflows.messages import N_
from workflows.rules.machine import reopening
from workflows.rules.named_rules import Reason


def reopen(
    uow: UnitOfWork, request: Request, address: str, to: str | None = None, new_date: date | None = None
) -> Result:
    """Open the plan again, in `to` or the state before its last step. `new_date`: the last day of that state.

    The plans that build on it are listed and flagged in their logs; none of them is moved.
    Raises Usage for a state that the plan does not have, NotFound, Conflict, RefusedError with every reason.
    """
    plan = load_current(uow, request, address)
    if to is not None and not plan.workflow.has(to):
        states = ", ".join(state.id for state in plan.workflow.states)
        text = N_("The plan {address} has no state {state}. Its states are: {states}.")
        raise Usage(text, address=address, state=to, states=states)
    reasons = plan_objections(uow, request, plan, "reopen")
    state = to or _last_owed(plan)
    if state is None:
        text = N_("The plan is in progress in the state “{state}”. There is nothing to reopen.")
        reasons.append(Reason("state", text, {"state": plan.state, "workflow": plan.workflow.id}))
    elif not _can_reopen_in(plan, state):
        text = N_(
            "A plan is reopened in a state that it has left or, if it is withdrawn, in its own: not in “{state}”."
        )
        reasons.append(Reason("state", text, {"state": state, "workflow": plan.workflow.id}))
    if new_date and new_date < uow.today(plan.cycle):
        reasons.append(Reason("date", N_("The new deadline {date} has already passed."), {"date": new_date}))
    here = state or plan.state
    lost = [s.id for s in plan.workflow.states if plan.reached(s.id) and not plan.workflow.reached(here, s.id)]
    standing = plans_building_on(uow, plan, plan.phase, lost)
    warnings = refuse_or_warn(request, reasons + affected_plans_warning(standing, "reopened"), plan)
    after = change_state(
        uow, plan, permit(plan, reopening(state or plan.state)), action="plan.reopened", at=uow.now, last=new_date,
        source=request.reason if new_date else None, reason=request.reason,
    )  # fmt: skip
    flag(uow, standing, plan, request.reason)
    tell_whose_turn(uow, after, at=uow.now)
    return result_of(uow, after, warnings)


def _last_owed(plan: Plan) -> str | None:
    """The state to reopen in: the present one of an inactive plan, otherwise the last one that required an action."""
    if not plan.is_active:
        return plan.state
    owed = [s.id for s in plan.workflow.states if _can_reopen_in(plan, s.id) and not s.done]
    return owed[-1] if owed else None


def _can_reopen_in(plan: Plan, state: str) -> bool:
    """Whether the plan can be reopened in that state. Not in the waiting state, which would end at once."""
    if not plan.workflow.has(state):
        return False
    if not plan.is_active and state == plan.state:
        return True
    behind = state != plan.state and plan.workflow.reached(plan.state, state)
    return state != plan.workflow.initial and behind
