"""The weekly overview: on the first working day people are told of deadlines within two weeks, of overdue tasks and of
plans that have to be looked at again."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy import bindparam, select

from notifications.schedule import week_begins
from wheel.engine.affected_plans import FLAGGED_PLANS, is_told_of_flags
from wheel.engine.for_information import FLAGGED
from wheel.engine.plan import Plan
from wheel.engine.unit_of_work import IN_RUNNING_CYCLES, PLAN, RUNS, UnitOfWork
from workflows.dates.workdays import Calendar

OVERVIEW = "overview"  # its notices go into the one mail of the day, and yield to a reminder of the same deadline
AHEAD = timedelta(days=14)

# An overdue plan has an alarm every week, and the end of the last day is an alarm too. So a plan whose next alarm is
# after `then` cannot be due before it.
_SOON = select(PLAN).where(PLAN.c.wake_at <= bindparam("then")).order_by(PLAN.c.wake_at, PLAN.c.id)


def plan_overview(uow: UnitOfWork, calendar: Calendar, begins: datetime) -> None:
    """Plan the notices of the week's overview. `begins`: the sending hour of its first working day (UTC)."""
    day = calendar.local_date(begins)
    then = calendar.end_of_day(day + AHEAD)
    news = []
    for plan in uow.readable(_SOON, then=then):
        offset = offset_in(plan, day)
        if offset is None:
            continue
        people, due = uow.directory.told(plan.bodies_to_remind, day), calendar.start_of_day(day)
        news.append(uow.news(plan, OVERVIEW, people, due=due, offset=offset, at_once=False, not_before=begins))
    for plan in uow.readable(FLAGGED_PLANS.where(IN_RUNNING_CYCLES), since=uow.now - RUNS):
        if is_told_of_flags(plan) and not plan.is_snoozed(day):
            people, due = uow.directory.told(plan.bodies_of_the_matter, day), calendar.start_of_day(day)
            week = uow.news(plan, FLAGGED, people, due=due, offset=day.toordinal(), at_once=False, not_before=begins)
            news.append(week)
    uow.notify(*news)


def coming(uow: UnitOfWork, plan: Plan) -> Iterator[tuple[datetime, int]]:
    """The overviews that will name the plan if nothing changes: when each leaves (UTC), and its offset in days."""
    calendar, last = uow.calendar(plan.cycle), plan.stage.last
    if last is None or not uow.mail.overview:
        return
    first = max(day for day in (calendar.local_date(uow.now), last - AHEAD, plan.snoozed_until) if day)
    for week in range(3):
        begins = week_begins(calendar, uow.mail.send_hour, calendar.start_of_day(first + week * timedelta(days=7)))
        offset = offset_in(plan, calendar.local_date(begins))
        if begins > uow.now and offset is not None:
            yield begins, offset


def offset_in(plan: Plan, day: date) -> int | None:
    """By how many calendar days that day's overview comes before (negative) or after the plan's last day. None if the
    overview does not name the plan."""
    last = plan.stage.last
    if last is None or last > day + AHEAD or not _is_owed(plan) or plan.is_snoozed(day):
        return None
    return (day - last).days


def _is_owed(plan: Plan) -> bool:
    awake = plan.is_active and not plan.held and (not plan.cycle.draft or plan.is_timetable)
    return awake and plan.requires_action(plan.state) and not plan.was_late_at_opening
