"""Computes a plan's agenda: everything that becomes due for it, and when. Pure.

Calendar steps are due because of the plan's state alone, however late they are noticed. Reminders are due once, between
`handled_until` and now. After an outage everything is therefore caught up in order and nothing is sent twice.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple

from notifications.schedule import next_week
from wheel.engine.plan import Cycle, Plan
from workflows.dates.workdays import Calendar
from workflows.definition.definition import Recipient, Rung, Step, anchor

Kind = Literal["step", "late", "reminder", "overview", "next_cycle"]
FORGOTTEN = timedelta(days=14)
_ORDER: dict[Kind, int] = {"step": 0, "late": 1, "reminder": 2, "overview": 3, "next_cycle": 4}


class Alarm(NamedTuple):
    """An event that becomes due for a plan at an instant (UTC)."""

    at: datetime
    kind: Kind
    step: Step | None = None
    rung: Rung | None = None

    @property
    def to(self) -> Sequence[Recipient]:
        """The kinds of recipients. Empty: nobody is told."""
        if self.rung is not None:
            return self.rung.to
        return ("responsible",) if self.kind == "overview" else ()


def agenda(plan: Plan, calendar: Calendar, send_hour: time, meeting: date | None = None) -> list[Alarm]:
    """All alarms of the plan that are still to come, earliest first. Of the weekly overviews after the last day only
    the next one is included. `meeting`: the last one at which the deadline can be met, if it is known; the reminders
    count from it.
    """
    alarms = _next_cycle(plan, calendar)
    if plan.is_active and not plan.held and (not plan.cycle.draft or plan.is_timetable):
        alarms += _steps(plan, calendar) + _reminders(plan, calendar, send_hour, meeting)
    alarms = [a for a in alarms if a.kind == "step" or a.at > plan.handled_until]
    return sorted(alarms, key=lambda alarm: (alarm.at, _ORDER[alarm.kind]))


def _steps(plan: Plan, calendar: Calendar) -> list[Alarm]:
    found = []
    for step in plan.workflow.steps_from(plan.state):
        stage = plan.stages.get(step.to)
        if step.automatic == "date" and stage is not None and stage.opens is not None:
            found.append(Alarm(calendar.start_of_day(stage.opens), "step", step=step))
    return found


def _reminders(plan: Plan, calendar: Calendar, send_hour: time, meeting: date | None) -> list[Alarm]:
    stage = plan.stage
    if stage.last is None or not plan.requires_action(plan.state):
        return []
    end, since = calendar.end_of_day(stage.last), max(plan.handled_until, stage.entered_at or plan.handled_until)
    found = [Alarm(end, "late")]
    if since >= end and not plan.was_late_at_opening:
        snoozed = calendar.start_of_day(plan.snoozed_until) if plan.snoozed_until else since
        found.append(Alarm(_next_week(calendar, send_hour, max(since, snoozed)), "overview"))
    ladder = plan.cycle.definition.wheel.ladders[plan.binding.ladder]
    instants = _instants(calendar, meeting or stage.last, tuple(rung.days for rung in ladder), send_hour)
    for rung, at in zip(ladder, instants, strict=True):
        if rung.only_if_longer_than is not None:
            long = stage.opens is not None and (stage.last - stage.opens).days > rung.only_if_longer_than
            if not long:
                continue
        found.append(Alarm(at, "reminder", rung=rung))
    entered = stage.entered_at
    return found if entered is None else [alarm for alarm in found if alarm.at > entered]


@lru_cache(maxsize=1 << 12)  # the plans of a phase share their last day
def _instants(calendar: Calendar, last: date, days: tuple[int, ...], send_hour: time) -> list[datetime]:
    """For each number of days: the sending hour that many working days from the last day."""
    return [calendar.instant(calendar.shift(last, each), send_hour) for each in days]


@lru_cache(maxsize=1 << 12)
def _next_week(calendar: Calendar, send_hour: time, after: datetime) -> datetime:
    return next_week(calendar, send_hour, after)


def _next_cycle(plan: Plan, calendar: Calendar) -> list[Alarm]:
    """The first phase of a cycle also carries the opening of the next one, whatever its own state."""
    cycle = plan.cycle
    if cycle.followed or plan.board is not None:
        return []
    if plan.phase != next(iter(cycle.definition.phases(cycle.kind, cycle.year))):
        return []
    return [Alarm(opening_of_next(cycle, calendar), "next_cycle")]


def opening_of_next(cycle: Cycle, calendar: Calendar) -> datetime:
    """The instant (UTC) at which the cycle after this one opens by itself."""
    rule = cycle.definition.wheel.cycles[cycle.kind]
    at = calendar.start_of_day(rule.opens.rule.first(anchor(cycle.kind, cycle.year + rule.every, calendar)))
    if at <= cycle.opened_at:  # at the introduction people open the cycles one by one; what they forget is opened then
        at = cycle.opened_at + FORGOTTEN
    return at
