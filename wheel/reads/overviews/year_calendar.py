"""The query for the calendar: deadlines and meetings of a year, by month, with the days off."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import groupby

from wheel.database.meeting_days import meeting_days
from wheel.documents.calendar import CalendarDay, CalendarEntry, CalendarMonth, YearCalendar
from wheel.drawing.moved import MovedDays, moved_days
from wheel.drawing.picture import rank
from wheel.engine.plan import Cycle, Plan
from wheel.engine.titles import title_of
from wheel.engine.unit_of_work import UnitOfWork
from wheel.reads.overviews.plans_of_years import plans_around
from wheel.reads.overviews.where_we_are import TAKES_NO_PART
from wheel.reads.registers import today_of
from workflows.dates.workdays import Calendar

Group = tuple[list[Plan], str]  # plans with the same deadline of that state


def year_calendar(
    uow: UnitOfWork, year: int, language: str, *, drafts: bool, body: str | None = None, cycle: str | None = None
) -> YearCalendar:
    """`drafts`: also the plans of cycles whose timetable is not decided. `body`: only its own plans, the steps that it
    takes, and its meetings. `cycle`: only its plans, and no meetings."""
    today = today_of(uow)
    around = plans_around(uow, year, drafts=drafts)
    known = [plan for plan in around if plan.special_status not in TAKES_NO_PART]
    plans = [plan for plan in known if cycle in (None, plan.cycle.name)]
    moved = moved_days(uow, [p.address for p in plans if any(stage.version > 1 for stage in p.stages.values())])
    newest = max((plan.cycle for plan in around), key=lambda each: (each.opened_at, each.id), default=None)
    found: dict[date, list[CalendarEntry]] = {}
    for day, group in _deadlines(plans, year, body):
        found.setdefault(day, []).append(_entry(group, day, today, moved, language))
    if cycle is None:
        for day, entry in _meetings(uow, year, body, newest, language):
            found.setdefault(day, []).append(entry)
    cycles = {plan.cycle.name for plan in known if any(s.last and s.last.year == year for s in plan.stages.values())}
    bodies = newest.definition.wheel.bodies.items() if newest else ()
    calendar = newest.definition.wheel.calendar if newest else None
    return YearCalendar(
        year=year,
        today=today,
        cycles=tuple(sorted(cycles)),
        bodies=tuple((id, each.name.to(language)) for id, each in bodies if not each.is_outside),
        months=tuple(_months(found, calendar, year)) if calendar else (),
    )


def _deadlines(plans: Iterable[Plan], year: int, body: str | None) -> Iterator[tuple[date, Group]]:
    """The boards' plans of a phase that have the same deadline together, unless one body is asked for."""
    groups: dict[tuple[date, str, str, str], list[Plan]] = {}
    for plan in plans:
        for state, stage in plan.stages.items():
            if stage.last and stage.last.year == year and _concerns(plan, state, body):
                of = "" if plan.board is None else "boards" if body is None else plan.board
                groups.setdefault((stage.last, f"{plan.cycle.name}/{plan.phase}", state, of), []).append(plan)
    for (day, _, state, _), found in sorted(groups.items()):
        yield day, (found, state)


def _concerns(plan: Plan, state: str, body: str | None) -> bool:
    """Whether the deadline is one of that body: its own plan's, or that of a step which it takes."""
    step = plan.workflow.next_step(state)
    return step is not None and (body in (None, plan.board) or body in plan.bodies(step.by))


def _entry(group: Group, day: date, today: date, moved: MovedDays, language: str) -> CalendarEntry:
    plans, state = group
    plan = _typical(plans)
    step = plan.workflow.next_step(state)
    assert step is not None
    together = len(plans) > 1
    status = min((each.status_in(state, today) for each in plans), key=rank)
    stage = plan.stages[state]
    bodies = plan.cycle.definition.wheel.bodies
    return CalendarEntry(
        kind="deadline",
        title=title_of(plan._replace(board=None) if together else plan, language),
        step=step.label.to(language),
        who=() if together else tuple(bodies[id].name.to(language) for id in plan.bodies(step.by)),
        address=f"{plan.cycle.name}/{plan.phase}" if together else plan.address,
        state=state,
        status=status,
        days_late=(today - day).days if status == "overdue" else 0,
        boards=len(plans) if together else 0,
        done=sum(each.status_in(state, today) == "done" for each in plans),
        moved_from=moved.get((plan.address, state)) if stage.version > 1 and not together else None,
        clock=stage.clock_of("last"),
        provisional=stage.is_provisional("last"),
    )


def _typical(plans: list[Plan]) -> Plan:
    """The first that follows the workflow of most: the executive board's own plan may follow another."""
    [(workflow, _)] = Counter(plan.binding.workflow for plan in plans).most_common(1)
    return next(plan for plan in plans if plan.binding.workflow == workflow)


def _meetings(
    uow: UnitOfWork, year: int, body: str | None, newest: Cycle | None, language: str
) -> Iterator[tuple[date, CalendarEntry]]:
    """One entry a day, with the names of all bodies that meet."""
    known = newest.definition.wheel.bodies if newest else {}
    found: dict[date, list[str]] = {}
    meetings = meeting_days(uow.session)
    for id in sorted(meetings, key=lambda id: list(known).index(id) if id in known else len(known)):
        for day in meetings[id]:
            if day.year == year and body in (None, id):
                found.setdefault(day, []).append(known[id].name.to(language) if id in known else id)
    for day, names in found.items():
        yield day, CalendarEntry(kind="meeting", title=", ".join(names))


def _months(found: dict[date, list[CalendarEntry]], calendar: Calendar, year: int) -> Iterator[CalendarMonth]:
    """The days with entries, and all days off that are no weekend."""
    days = [date(year, 1, 1) + timedelta(days=n) for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]
    off = {day for day in days if not calendar.is_working_day(day)}
    shown = [day for day in days if day in found or (day in off and day.weekday() < 5)]
    for month, each in groupby(shown, key=lambda day: day.replace(day=1)):
        of = tuple(CalendarDay(day=day, off=day in off, entries=tuple(found.get(day, ()))) for day in each)
        if any(day.entries for day in of):
            yield CalendarMonth(first=month, days=of)
