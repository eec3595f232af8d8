"""The verb `unflag`: somebody has looked at a flagged plan, and it is right as it stands or is being changed."""

from wheel.engine.desk import refuse_or_warn
from wheel.engine.request_and_result import Request, Result, result_of
from wheel.engine.transition import nothing_followed
from wheel.engine.unit_of_work import UnitOfWork
from wheel.engine.verb_preconditions import load_current, plan_objections
from workflows.messages import N_
from workflows.rules.named_rules import Reason


def unflag(uow: UnitOfWork, request: Request, address: str) -> Result:
    """Take all flags off the plan. Raises NotFound, Conflict, RefusedError with every reason."""
    plan = load_current(uow, request, address)
    reasons = plan_objections(uow, request, plan, "unflag", plan.bodies_of_the_matter)
    if not plan.flags:
        reasons.append(Reason("flag", N_("The plan has no flag.")))
    warnings = refuse_or_warn(request, reasons, plan)
    after = uow.save(plan, flags=())
    nothing_followed(uow, after, plan.version)
    because = list(dict.fromkeys(flag.because for flag in plan.flags))
    uow.log("plan.unflagged", plan, because=because, reason=request.reason)
    return result_of(uow, after, warnings)
