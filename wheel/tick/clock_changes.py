"""The clock was set: it is said in the log, and what waits for an instant that was now a moment ago is set right."""

from datetime import datetime, timedelta

from sqlalchemy import and_, update
from sqlmodel import col

from notifications.delivery.claims import LEASE
from notifications.models import Message, Notice
from wheel.database.tables import PlanRow
from wheel.engine.unit_of_work import PLAN, UnitOfWork

NOT_TIMELY = timedelta(minutes=1)  # a last tick so far ahead is no other machine's clock, but one that was wrong


def note_step(uow: UnitOfWork, step: timedelta) -> None:
    """Nothing happens twice: what has been done stands on the plans. Set back, nothing waits for the lost time."""
    seconds = round(step.total_seconds())
    uow.log("clock.stepped", "home", seconds=seconds)
    uow.set_home(clock_step=seconds, clock_stepped_at=uow.now)
    if step < timedelta(0):
        uow.set_home(last_tick=uow.now)
        _bring_forward(uow, uow.now - step)


def note_wrong_start(uow: UnitOfWork) -> None:
    """A daemon that starts before its last tick: the clock was set back meanwhile, or had been wrong."""
    last = uow.home.last_tick
    if not uow.home.practice and last is not None and last - uow.now > NOT_TIMELY:
        note_step(uow, uow.now - last)


def _bring_forward(uow: UnitOfWork, before: datetime) -> None:
    now, session = uow.now, uow.session
    # What was due up to then has happened; what still stands there was woken by somebody, "at once".
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
