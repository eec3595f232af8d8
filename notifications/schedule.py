"""When scheduled mail may leave: on working days, from the sending hour on. And when its week begins."""

from datetime import datetime, time, timedelta

from workflows.dates.workdays import Calendar


def is_sending_time(calendar: Calendar, send_hour: time, now: datetime) -> bool:
    """Whether scheduled mail may leave at `now` (UTC).

    It must not leave before the hour, for instance in the night after an outage: the day's one mail would be used up,
    and notices that become due in the morning would have to wait for the next day.
    """
    local = calendar.local(now)
    return calendar.is_working_day(local.date()) and local.time() >= send_hour


def next_sending(calendar: Calendar, send_hour: time, after: datetime) -> datetime:
    """The first sending hour of a working day after that instant, in UTC."""
    day = calendar.on_or_after(calendar.local_date(after))
    while (at := calendar.instant(day, send_hour)) <= after:
        day = calendar.on_or_after(day + timedelta(days=1))
    return at


def week_begins(calendar: Calendar, send_hour: time, at: datetime) -> datetime:
    """The sending hour of that week's first working day, in UTC."""
    today = calendar.local_date(at)
    monday = today - timedelta(days=today.weekday())
    return calendar.instant(calendar.on_or_after(monday), send_hour)


def next_week(calendar: Calendar, send_hour: time, after: datetime) -> datetime:
    """The first beginning of a week after that instant, in UTC."""
    this = week_begins(calendar, send_hour, after)
    return this if this > after else week_begins(calendar, send_hour, after + timedelta(days=7))
