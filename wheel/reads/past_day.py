"""The end of a past day, as everything stood then."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from wheel.engine.unit_of_work import UnitOfWork
from wheel.errors import Usage
from wheel.reads.registers import zone_of
from workflows.messages import N_


def end_of(day: date, uow: UnitOfWork) -> datetime | None:
    """The last instant of the municipality's day (UTC); None for today, which has not ended. Raises Usage for a day
    that has not come."""
    zone = ZoneInfo(zone_of(uow))
    today = uow.now.astimezone(zone).date()
    if day > today:
        raise Usage(N_("{day} has not come yet. Write a day that is past."), day=day)
    after = datetime.combine(day + timedelta(days=1), time.min, zone).astimezone(UTC)
    return None if day == today else after - timedelta(microseconds=1)
