"""Plans when a body takes its next step in a rehearsal: in working hours, or at one of its meetings. Pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from wheel.engine.plan import Plan
from workflows.dates.workdays import DAY, Calendar
from workflows.definition.definition import Step

WORKS = time(10)  # when officials hand in
MEETS = time(18)  # when the day's decisions are recorded
AHEAD = 2  # working days before the last day, for a punctual official
UNDATED = 5  # working days after the plan entered a state that has no last day

Meetings = Mapping[str, Sequence[date]]


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step that a body will take at `at`.

    `meeting`: the day of the meeting, for a decision. `unknown`: the body has no known meeting then, so a working day
    stands in for one.
    """

    at: datetime
    step: Step
    body: str
    meeting: date | None = None
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class StepPlanner:
    """Plans steps by the working days and by each body's meeting days, which are sorted."""

    calendar: Calendar
    meetings: Meetings

    def plan_step(self, plan: Plan, step: Step, delay: int, since: datetime) -> PlannedStep:
        """The step of a body that is `delay` days late. It is not before `since`, when the body could begin."""
        body = plan.body(step.by or "")
        if step.decision:
            meeting, unknown = self._meeting(plan, self.meetings.get(body, ()), delay, since)
            return PlannedStep(self.calendar.instant(meeting, MEETS), step, body, meeting, unknown)
        return PlannedStep(self._working_hour(plan, delay, since), step, body)

    def _working_hour(self, plan: Plan, delay: int, since: datetime) -> datetime:
        calendar, last = self.calendar, deadline(plan)
        if last is None:
            day = calendar.on_or_after(calendar.shift(calendar.local_date(since), UNDATED) + DAY * delay)
        elif delay:
            day = calendar.on_or_after(last + DAY * delay)
        else:
            day = calendar.shift(last, -AHEAD)
            if plan.stage.opens is not None:
                day = max(day, calendar.on_or_after(plan.stage.opens))
        at = calendar.instant(day, WORKS)
        return at if at > since else self._next_hour(since, WORKS, strictly=True)

    def _meeting(self, plan: Plan, days: Sequence[date], delay: int, since: datetime) -> tuple[date, bool]:
        """The day of the decision, and whether it is a day without a known meeting."""
        calendar, last = self.calendar, deadline(plan)
        if last is None:
            wanted, known = calendar.local_date(since) + DAY * delay, False
        elif delay:
            wanted, known = last + DAY * delay, False
        else:
            opens = plan.stage.opens or date.min
            window = days[bisect_left(days, opens) : bisect_right(days, last)]
            wanted, known = (window[-1], True) if window else (calendar.on_or_before(last), False)
            if not window and calendar.instant(wanted, MEETS) >= since:
                return wanted, True
        if known and calendar.instant(wanted, MEETS) >= since:
            return wanted, False
        earliest = max(wanted, calendar.local_date(since))
        for day in days[bisect_left(days, earliest) :]:
            if calendar.instant(day, MEETS) >= since:
                return day, False
        day = calendar.on_or_after(earliest)
        at = calendar.instant(day, MEETS)
        return (day if at >= since else calendar.local_date(self._next_hour(since, MEETS))), True

    def _next_hour(self, since: datetime, hour: time, *, strictly: bool = False) -> datetime:
        day = self.calendar.on_or_after(self.calendar.local_date(since))
        at = self.calendar.instant(day, hour)
        if at > since or (at == since and not strictly):
            return at
        return self.calendar.instant(self.calendar.on_or_after(day + timedelta(days=1)), hour)


def deadline(plan: Plan) -> date | None:
    """The last day of the plan's state; if the state has none, the first last day on the way ahead."""
    if plan.stage.last is not None:
        return plan.stage.last
    ahead = (plan.stages.get(step.to) for step in plan.workflow.way_ahead(plan.state))
    return next((stage.last for stage in ahead if stage is not None and stage.last is not None), None)


def owed(plan: Plan) -> Step | None:
    """The step that a body owes now. None where the calendar takes it, or where nothing is owed."""
    if plan.held or not plan.is_active or plan.workflow.state(plan.state).done:
        return None
    step = plan.workflow.next_step(plan.state)
    return step if step is not None and step.by and not step.automatic else None
