"""The end of a past day, and whether a day is over."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from wheel.engine.unit_of_work import UnitOfWork
from wheel.errors import Usage
from wheel.reads.registers import zone_of
from workflows.messages import N_

_INSTANT = timedelta(microseconds=1)


def end_of(day: date, uow: UnitOfWork) -> datetime:
    """The last instant of the municipality's day (UTC), and of today, which has not ended, the present one. Raises
    Usage for a day that has not come."""
    zone = ZoneInfo(zone_of(uow))
    today = uow.now.astimezone(zone).date()
    if day > today:
        raise Usage(N_("{day} has not come yet. Write a day that is past."), day=day)
    after = datetime.combine(day + timedelta(days=1), time.min, zone).astimezone(UTC)
    return uow.now if day == today else after - _INSTANT


def is_over(day: date, uow: UnitOfWork) -> bool:
    """Whether the day had ended when all stood as `uow` reads it."""
    return (uow.now + _INSTANT).astimezone(ZoneInfo(zone_of(uow))).date() > day
