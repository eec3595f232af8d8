"""Logs outages: ticks that did not come, and mail that waits for too long."""

from datetime import datetime

from notifications.history.mail_log import waiting
from wheel.daemon_intervals import OLDEST_PENDING, TICK_LATE
from wheel.engine.unit_of_work import UnitOfWork


def note_delays(uow: UnitOfWork, last_tick: datetime | None) -> None:
    """Log that ticks were missing, when they come again, and that the oldest mail has waited for too long; each once.

    `last_tick` is the one before this (UTC). A practice home logs neither: it ticks when somebody asks for it.
    """
    if last_tick is None or uow.home.practice:
        return
    if uow.now - last_tick > TICK_LATE:
        uow.log("tick.delayed", "home", since=last_tick)
    pending, oldest = waiting(uow.session)
    if oldest and last_tick - oldest <= OLDEST_PENDING < uow.now - oldest:
        uow.log("mail.delayed", "home", since=oldest, pending=pending)
