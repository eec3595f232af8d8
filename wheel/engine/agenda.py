"""One alarm clock per plan: what becomes due for it, and when. Pure.

Steps of the calendar are due by their state alone, however late they are noticed; reminders are due once, between
`handled_until` and now. So an outage is caught up in order and nothing is said twice.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple

from notifications.schedule import next_week
from wheel.engine.plan import Matter
from workflows.dates.workdays import Calendar
from workflows.definition.definition import Recipient, Rung, Step, anchor

Kind = Literal["step", "late", "reminder", "overview", "next_cycle"]
FORGOTTEN = timedelta(days=14)
_ORDER: dict[Kind, int] = {"step": 0, "late": 1, "reminder": 2, "overview": 3, "next_cycle": 4}


class Alarm(NamedTuple):
    """Something that becomes due for a plan at an instant (UTC)."""

    at: datetime
    kind: Kind
    step: Step | None = None
    rung: Rung | None = None

    @property
    def to(self) -> Sequence[Recipient]:
        """Who is told, by what they are; empty: nobody."""
        if self.rung is not None:
            return self.rung.to
        return ("responsible",) if self.kind == "overview" else ()


def agenda(matter: Matter, calendar: Calendar, send_hour: time) -> list[Alarm]:
    """All that is still to come due for the plan as it stands, earliest first; of the overviews, from the last day on,
    the next one that it is in."""
    alarms = _next_cycle(matter, calendar)
    if matter.in_play and not matter.held and (not matter.turn.draft or matter.is_timetable):
        alarms += _steps(matter, calendar) + _reminders(matter, calendar, send_hour)
    alarms = [a for a in alarms if a.kind == "step" or a.at > matter.handled_until]
    return sorted(alarms, key=lambda alarm: (alarm.at, _ORDER[alarm.kind]))


def _steps(matter: Matter, calendar: Calendar) -> list[Alarm]:
    found = []
    for step in matter.workflow.steps_from(matter.state):
        stage = matter.stages.get(step.to)
        if step.automatic == "date" and stage is not None and stage.opens is not None:
            found.append(Alarm(calendar.start_of_day(stage.opens), "step", step=step))
    return found


def _reminders(matter: Matter, calendar: Calendar, send_hour: time) -> list[Alarm]:
    stage = matter.stage
    if stage.last is None or not matter.is_owed(matter.state):
        return []
    end, since = calendar.end_of_day(stage.last), max(matter.handled_until, stage.entered_at or matter.handled_until)
    found = [Alarm(end, "late")]
    if since >= end and not matter.was_late_at_opening:
        snoozed = calendar.start_of_day(matter.snoozed_until) if matter.snoozed_until else since
        found.append(Alarm(_next_week(calendar, send_hour, max(since, snoozed)), "overview"))
    ladder = matter.turn.definition.wheel.ladders[matter.track.ladder]
    instants = _instants(calendar, stage.last, tuple(rung.days for rung in ladder), send_hour)
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
    """The sending hour so many working days from the last day, for each."""
    return [calendar.instant(calendar.shift(last, each), send_hour) for each in days]


@lru_cache(maxsize=1 << 12)
def _next_week(calendar: Calendar, send_hour: time, after: datetime) -> datetime:
    return next_week(calendar, send_hour, after)


def _next_cycle(matter: Matter, calendar: Calendar) -> list[Alarm]:
    """The first phase of a cycle also carries the opening of the next one, whatever its own state."""
    turn = matter.turn
    if turn.followed or matter.board is not None:
        return []
    if matter.phase != next(iter(turn.definition.phases(turn.kind, turn.year))):
        return []
    rule = turn.definition.wheel.cycles[turn.kind]
    at = calendar.start_of_day(rule.opens.rule.first(anchor(turn.kind, turn.year + rule.every, calendar)))
    if at <= turn.opened_at:  # at the introduction people open the cycles one by one; what they forget is opened then
        at = turn.opened_at + FORGOTTEN
    return [Alarm(at, "next_cycle")]
