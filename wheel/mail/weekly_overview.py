"""The overview of a week: on its first working day everybody hears what they owe within two weeks, and what is late."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy import bindparam, select

from notifications.schedule import week_begins
from wheel.engine.plan import Matter
from wheel.engine.unit_of_work import PLAN, Work
from workflows.dates.workdays import Calendar

OVERVIEW = "overview"  # its notices go into the one mail of the day, and yield to a reminder of the same deadline
AHEAD = timedelta(days=14)

# The last day's end is an alarm, and then each week is one: who sleeps on past `then` owes nothing until then.
_SOON = select(PLAN).where(PLAN.c.wake_at <= bindparam("then")).order_by(PLAN.c.wake_at, PLAN.c.id)


def plan_overview(work: Work, calendar: Calendar, last_tick: datetime) -> None:
    """Once a week, if the week has begun since the last tick; of several weeks only this one."""
    begins = week_begins(calendar, work.mail.send_hour, work.now)
    if not work.mail.overview or not last_tick < begins <= work.now:
        return
    day = calendar.local_date(begins)
    then = calendar.end_of_day(day + AHEAD)
    news = []
    for matter in work.readable(_SOON, then=then):
        offset = offset_in(matter, day)
        if offset is None:
            continue
        people, due = work.directory.responsible(matter.owing, day), calendar.start_of_day(day)
        news.append(work.news(matter, OVERVIEW, people, due=due, offset=offset, at_once=False, not_before=begins))
    work.notify(*news)


def coming(work: Work, matter: Matter) -> Iterator[tuple[datetime, int]]:
    """The overviews that the plan will be in if nothing changes: when each leaves, and its offset."""
    calendar, last = work.calendar(matter.turn), matter.stage.last
    if last is None or not work.mail.overview:
        return
    first = max(day for day in (calendar.local_date(work.now), last - AHEAD, matter.snoozed_until) if day)
    for week in range(3):
        begins = week_begins(calendar, work.mail.send_hour, calendar.start_of_day(first + week * timedelta(days=7)))
        offset = offset_in(matter, calendar.local_date(begins))
        if begins > work.now and offset is not None:
            yield begins, offset


def offset_in(matter: Matter, day: date) -> int | None:
    """How many days that day's overview comes before (-) the plan's last day, or after it; None: the plan is not in
    it."""
    last = matter.stage.last
    if last is None or last > day + AHEAD or not _is_owed(matter) or matter.is_snoozed(day):
        return None
    return (day - last).days


def _is_owed(matter: Matter) -> bool:
    awake = matter.in_play and not matter.held and (not matter.turn.draft or matter.is_timetable)
    return awake and matter.is_owed(matter.state) and not matter.was_late_at_opening
