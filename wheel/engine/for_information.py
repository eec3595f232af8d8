"""Tells the body that receives a matter for information, once, when the matter is handed over or finished."""

from datetime import datetime

from wheel.engine.people_and_roles import RESPONSIBLE
from wheel.engine.plan import Plan
from wheel.engine.unit_of_work import UnitOfWork

RECEIVED = "received"  # the notice; it holds as long as the plan does not go back


def receiver(plan: Plan) -> str | None:
    return plan.body("receives") if "receives" in plan.binding.parties else None


def readers(uow: UnitOfWork, plan: Plan) -> list[str]:
    """The persons who read the receiver's mail today; the administrators if there are none."""
    day = uow.today(plan.cycle)
    found = uow.directory.holding((*RESPONSIBLE, "auditor"), receiver(plan) or "", day)
    return found or uow.directory.administrators(day)


def tell_receiver(uow: UnitOfWork, before: Plan, after: Plan, *, at: datetime, by_calendar: bool) -> None:
    """Tell the receiver if this step has brought the plan there, but not if that was so before the cycle was opened."""
    goal = after.workflow.received_in
    if goal is None or receiver(after) is None or before.reached(goal) or not after.reached(goal):
        return
    if at >= after.cycle.opened_at:
        due = uow.next_send(after, at) if by_calendar else at
        uow.notify(uow.news(after, RECEIVED, readers(uow, after), due=due, at_once=not by_calendar))
