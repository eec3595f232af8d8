"""The overview of a week: on its first working day everybody hears what they owe within two weeks."""

from datetime import datetime, time, timedelta

from sqlalchemy import bindparam, select

from wheel.matter import Matter
from wheel.work import PLAN, Work
from workflows.workdays import Calendar

OVERVIEW = "overview"  # its notices go into the one mail of the day, and yield to a reminder of the same deadline
AHEAD = timedelta(days=14)

# The last day's end is an alarm: who sleeps on past it owes nothing until then.
_SOON = select(PLAN).where(PLAN.c.wake_at <= bindparam("then")).order_by(PLAN.c.id)


def week_begins(calendar: Calendar, now: datetime, send_hour: time) -> datetime:
    """The sending hour of that week's first working day."""
    today = calendar.local_date(now)
    monday = today - timedelta(days=today.weekday())
    return calendar.instant(calendar.on_or_after(monday), send_hour)


def plan_overview(work: Work, calendar: Calendar, last_tick: datetime) -> None:
    """Once a week, if the week has begun since the last tick; of several weeks only this one."""
    begins = week_begins(calendar, work.now, work.mail.send_hour)
    if not work.mail.overview or not last_tick < begins <= work.now:
        return
    day = calendar.local_date(begins)
    then = calendar.end_of_day(day + AHEAD)
    for matter in work.readable(_SOON, then=then):
        last = matter.stage.last
        if last is None or not day <= last <= day + AHEAD or not _is_owed(matter) or matter.is_snoozed(day):
            continue
        people = work.directory.responsible(matter.owing, day)
        due, offset = calendar.start_of_day(day), (day - last).days
        work.notify(matter, OVERVIEW, people, due=due, offset=offset, at_once=False, not_before=begins)


def _is_owed(matter: Matter) -> bool:
    awake = matter.in_play and not matter.held and (not matter.turn.draft or matter.is_timetable)
    return awake and not matter.workflow.state(matter.state).done
