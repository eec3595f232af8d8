"""The reminders that a snooze withholds, and the day on which it ends."""

from datetime import datetime

from wheel.engine.plan import Plan
from wheel.engine.unit_of_work import UnitOfWork

REMINDERS = ("ladder", "overview")  # a snooze holds these back; news is told all the same


def snooze_ends(uow: UnitOfWork, plan: Plan) -> datetime | None:
    """The instant at which reminders come again: the sending hour of that day or the next working day. None: they are
    not withheld at present."""
    if plan.snoozed_until is None or not plan.is_snoozed(uow.today(plan.cycle)):
        return None
    calendar = uow.calendar(plan.cycle)
    return calendar.instant(calendar.on_or_after(plan.snoozed_until), uow.mail.send_hour)
