"""The verb `withdraw`: take a plan out of the year."""

from notifications.notices import supersede
from wheel.engine.dependents import check_dependents_again
from wheel.engine.desk import refuse_or_warn
from wheel.engine.for_information import tell_of_withdrawal
from wheel.engine.request_and_result import Request, Result, result_of
from wheel.engine.unit_of_work import UnitOfWork
from wheel.engine.verb_preconditions import load_current, plan_objections


def withdraw(uow: UnitOfWork, request: Request, address: str) -> Result:
    """Withdraw the plan. Its parent no longer waits for it, and those who were told of it hear of this.

    Raises NotFound, Conflict, RefusedError with every reason.
    """
    plan = load_current(uow, request, address)
    warnings = refuse_or_warn(request, plan_objections(uow, request, plan, "withdraw"), plan)
    ended = supersede(uow.session, plan.id, "withdrawn")
    after = uow.save(plan, special_status="withdrawn")
    uow.log("plan.withdrawn", plan, state=plan.state, reason=request.reason, ended=ended)
    tell_of_withdrawal(uow, after, request.reason)
    check_dependents_again(uow, after)
    return result_of(uow, after, warnings)
