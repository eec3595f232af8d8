"""Logs that the clock was set, and brings forward everything that would wait because it was set back."""

from datetime import datetime, timedelta

from sqlalchemy import and_, update
from sqlmodel import col

from notifications.delivery.claims import LEASE
from notifications.tables import Message, Notice
from wheel.database.tables import PlanRow
from wheel.engine.unit_of_work import PLAN, UnitOfWork

NOT_TIMELY = timedelta(minutes=1)  # a last tick further ahead is not another machine's clock, but one that was wrong


def note_step(uow: UnitOfWork, step: timedelta) -> None:
    """Log that the clock was set by `step`. If it was set back, bring forward what waits for the hours that come again.

    Nothing happens twice: every plan records until when it was handled.
    """
    seconds = round(step.total_seconds())
    uow.log("clock.stepped", "home", seconds=seconds)
    uow.set_home(clock_step=seconds, clock_stepped_at=uow.now)
    if step < timedelta(0):
        uow.set_home(last_tick=uow.now)
        _bring_forward(uow, uow.now - step)


def note_wrong_start(uow: UnitOfWork) -> None:
    """Log a change of the clock if the last tick lies in the future: the clock was set back, or had been wrong."""
    last = uow.home.last_tick
    if not uow.home.practice and last is not None and last - uow.now > NOT_TIMELY:
        note_step(uow, uow.now - last)


def _bring_forward(uow: UnitOfWork, before: datetime) -> None:
    now, session = uow.now, uow.session
    # What was due up to `before` has happened. Alarms that still stand there were set to "now" by an action.
    uow.wake(PLAN.c.wake_at > now, PLAN.c.wake_at <= before)
    session.execute(update(PlanRow).where(col(PlanRow.retry_at) > now).values(retry_at=now))
    at_once = and_(col(Notice.outcome) == "planned", col(Notice.at_once), col(Notice.message_id).is_(None))
    soon = now + uow.mail.at_once_wait
    session.execute(update(Notice).where(at_once, col(Notice.send_after) > soon).values(send_after=soon))
    waits = col(Message.status).in_(("pending", "sending"))
    session.execute(update(Message).where(waits, col(Message.next_attempt) > now).values(next_attempt=now))
    # No claim may last longer than one that is made now.
    until = now + LEASE
    session.execute(update(Message).where(waits, col(Message.lease_until) > until).values(lease_until=until))
