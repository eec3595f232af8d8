"""Tells the administrators of overdue plans whose reminders have waited for so long that they are not sent any more."""

from typing import cast

from sqlalchemy import bindparam, select, text

from notifications.compose.too_late import is_too_late
from notifications.notices import NOTICE
from notifications.tables import Notice
from wheel.engine.notice_validity import why_invalid
from wheel.engine.plan import Plan
from wheel.engine.unit_of_work import UnitOfWork
from wheel.mail.reassign_notices import Plans
from wheel.mail.tell_of_failed_mail import tell_others
from wheel.mail.weekly_overview import OVERVIEW
from workflows.dates.workdays import Calendar

_OVERDUE = (
    select(NOTICE)
    .where(
        text("notice.outcome = 'planned'"),  # literally, or the partial index is not used
        NOTICE.c.send_after <= bindparam("now"),
        NOTICE.c.rule == "ladder",
        NOTICE.c.offset > 0,
        NOTICE.c.message_id.is_(None),  # what is in a mail is judged when the mail leaves
    )
    .order_by(NOTICE.c.due, NOTICE.c.id)
)


_OVERVIEWS = select(NOTICE.c.plan_id).where(
    text("notice.outcome = 'planned'"), NOTICE.c.send_after <= bindparam("now"), NOTICE.c.rule == OVERVIEW
)


def escalate_stale_reminders(uow: UnitOfWork, calendar: Calendar, plans: Plans) -> None:
    """For each overdue plan whose newest reminder is too late to be sent, tell the administrators instead: there is no
    later reminder in the ladder, so nobody else would hear of it. Those whom the week's overview tells of the plan at
    this moment hear of it there."""
    waiting = cast("list[Notice]", uow.connection.execute(_OVERDUE, {"now": uow.now}).all())
    told = set(uow.connection.execute(_OVERVIEWS, {"now": uow.now}).scalars()) if waiting else set()
    newest = {notice.plan_id: notice for notice in waiting if notice.plan_id not in told}
    known = plans({id for id in newest if id})
    for id, notice in newest.items():
        plan = known.get(id or 0)
        if plan is not None and is_too_late(calendar, notice, uow.now) and not why_invalid(notice, plan):
            escalate(uow, plan, notice)


def escalate(uow: UnitOfWork, plan: Plan, notice: Notice) -> None:
    """Tell the administrators of a reminder of an overdue plan that is too late to be sent."""
    if notice.rule == "ladder" and (notice.offset or 0) > 0:
        tell_others(uow, plan, notice, uow.directory.administrators(uow.today(plan.cycle)))
