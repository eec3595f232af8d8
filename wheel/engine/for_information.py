"""Tells what asks nothing of anybody: the body that receives a matter hears, once, when the matter is handed over or
finished; those who were mailed about a plan hear that it was withdrawn."""

from datetime import datetime

from sqlalchemy import bindparam, select

from notifications.notices import NOTICE
from wheel.engine.plan import Plan
from wheel.engine.unit_of_work import UnitOfWork

FLAGGED = "flagged"  # the notice's rule: the plan has to be looked at again
RECEIVED = "received"  # the notice; it holds as long as the plan does not go back
WITHDRAWN = "withdrawn"  # the notice's rule

_TOLD = (
    select(NOTICE.c.person_id)
    .where(
        NOTICE.c.plan_id == bindparam("of"), NOTICE.c.state == bindparam("at"), NOTICE.c.entry == bindparam("nth"),
        NOTICE.c.message_id.is_not(None), NOTICE.c.outcome.in_(("planned", "sent")),
    )
    .order_by(NOTICE.c.person_id)
    .distinct()
)  # fmt: skip


def readers(uow: UnitOfWork, plan: Plan, body: str) -> list[str]:
    """The persons who read that receiver's mail today; the administrators if there are none."""
    day = uow.today(plan.cycle)
    return uow.directory.told_in(body, day) or uow.directory.administrators(day)


def tell_receivers(uow: UnitOfWork, before: Plan, after: Plan, *, at: datetime, by_calendar: bool) -> None:
    """Tell the receivers if this step has brought the plan there, but not if that was so before the cycle was opened.
    A person who reads for several of them is told once."""
    goal = after.workflow.received_in
    if goal is None or before.reached(goal) or not after.reached(goal) or at < after.cycle.opened_at:
        return
    due = uow.next_send(after, at) if by_calendar else at
    told: set[str] = set()
    for body in after.receivers:
        people = [who for who in readers(uow, after, body) if who not in told]
        told.update(people)
        uow.notify(uow.news(after, RECEIVED, people, due=due, at_once=not by_calendar, facts={"body": body}))


def tell_of_withdrawal(uow: UnitOfWork, plan: Plan, reason: str, before: Plan | None = None) -> None:
    """Tell those who were mailed about this visit of the plan's state, but not who has left. Who withdraws it is told
    too: only a mail can take back the day that an earlier one has put into the calendar. `before`: the plan as it was,
    where a decision to drop the matter has ended it."""
    was = before or plan
    told = uow.connection.execute(_TOLD, {"of": was.id, "at": was.state, "nth": was.visit}).scalars()
    today = uow.today(plan.cycle)
    people = [who for who in told if uow.directory.has_a_role(who, today)]
    uow.notify(uow.news(plan, WITHDRAWN, people, due=uow.now, facts={"reason": reason}, actor_too=True))
