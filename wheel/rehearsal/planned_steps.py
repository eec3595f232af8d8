"""Plans when a body takes its next step in a rehearsal: in working hours, or at one of its meetings. Pure."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from wheel.engine.plan import NO_RECORD, Plan, StateRecord
from workflows.checks.meeting_warnings import MONTH
from workflows.dates.known_meetings import LONGEST_PAUSE, known_last
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

    `body`: empty for a phase whose opening is undecided, and which an administrator starts.
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
    """Plans steps by the working days and by each body's meeting days, which are sorted.

    A body's meetings are known year by year: in a calendar year of which none is entered, a working day stands in for
    the meeting, whatever is known of other years.
    """

    calendar: Calendar
    meetings: Meetings

    def plan_step(self, plan: Plan, step: Step, delay: int, since: datetime) -> PlannedStep:
        """The step of a body that is `delay` days late. It is not before `since`, when the body could begin."""
        last = self.leave_by(plan, plan.state)
        if step.by is None:  # somebody starts the phase by hand, a month before its first last day
            day = max(self.calendar.local_date(since), last - MONTH if last else date.min)
            return PlannedStep(max(since, self.calendar.start_of_day(self.calendar.on_or_after(day))), step, "")
        body = plan.body(step.by)
        if step.decision:
            days = self.meetings.get(body, ())
            meeting, unknown = self._meeting(days, plan.stage.opens, last, delay, since)
            return PlannedStep(self.calendar.instant(meeting, MEETS), step, body, meeting, unknown)
        return PlannedStep(self._working_hour(plan.stage.opens, last, delay, since), step, body)

    def leave_by(self, plan: Plan, state: str) -> date | None:
        """The last day of a state. If it has none, the day on which a punctual body takes the next step that has one.

        None if no state on the way ahead has a last day.
        """
        if (last := _stage(plan, state).last) is not None:
            return last
        way = [step.to for step in plan.workflow.way_ahead(state)]
        dated = next((number for number, each in enumerate(way) if _stage(plan, each).last is not None), None)
        if dated is None:
            return None
        by = _stage(plan, way[dated]).last
        for each in reversed(way[: dated + 1]):
            assert by is not None
            by = self._punctual_day(plan, each, by)
        return by

    def meeting_in_time(self, plan: Plan, state: str) -> date | None:
        """The last known meeting at which the decision of a state can be made in time, as `arshjul check` counts."""
        step, stage = plan.workflow.next_step(state), _stage(plan, state)
        if step is None or not step.decision or step.by is None or stage.last is None:
            return None
        return _last_within(self.meetings.get(plan.body(step.by), ()), stage.opens, stage.last)

    def _punctual_day(self, plan: Plan, state: str, last: date) -> date:
        step, opens = plan.workflow.next_step(state), _stage(plan, state).opens
        if step is None or step.by is None or step.automatic:
            return last
        if step.decision:
            days = self.meetings.get(plan.body(step.by), ())
            return _last_within(days, opens, last) or self._working_day(opens, last, 0)
        return self._working_day(opens, last, AHEAD)

    def _working_day(self, opens: date | None, last: date, ahead: int) -> date:
        """So many working days before the last one, but not before the opening. A last day that is off counts if no
        working day is left."""
        day = self.calendar.shift(last, -ahead)
        if opens is None or opens <= day:
            return day
        return min(self.calendar.on_or_after(opens), max(opens, last))

    def _working_hour(self, opens: date | None, last: date | None, delay: int, since: datetime) -> datetime:
        calendar = self.calendar
        if last is None:
            day = calendar.shift(calendar.local_date(since), UNDATED) + DAY * delay
            day = latest = calendar.on_or_after(max(day, opens or day))
        elif delay:
            day = latest = calendar.on_or_after(last + DAY * delay)
        else:
            day, latest = self._working_day(opens, last, AHEAD), last
        at = calendar.instant(day, WORKS)
        if at > since:
            return at
        at = self._next_hour(since)
        # Two steps that are due on one day are taken on that day, the second right after the first.
        return since if calendar.local_date(since) <= latest < calendar.local_date(at) else at

    def _meeting(
        self, days: Sequence[date], opens: date | None, last: date | None, delay: int, since: datetime
    ) -> tuple[date, bool]:
        """The day of the decision, and whether it is a day without a known meeting."""
        first = max(self._evening(since), opens or date.min)
        if last is None:
            return self._next_meeting(days, first + DAY * delay)
        if delay:
            return self._next_meeting(days, max(first, last + DAY * delay))
        if first <= last:
            if day := _last_within(days, first, last):
                return day, False
            if _last_within(days, opens, last) is None:
                return self._working_day(first, last, 0), True
        return self._next_meeting(days, first)

    def _next_meeting(self, days: Sequence[date], first: date) -> tuple[date, bool]:
        """The next known meeting. The next working day if none is known, or only one so far away that nearer ones are
        not entered yet."""
        at = bisect_left(days, first)
        if at < len(days) and _in_year(days, first.year) and days[at] - first <= LONGEST_PAUSE:
            return days[at], False
        return self.calendar.on_or_after(first), True

    def _evening(self, since: datetime) -> date:
        """The first day on which a meeting is not over."""
        day = self.calendar.local_date(since)
        return day if self.calendar.instant(day, MEETS) >= since else day + DAY

    def _next_hour(self, since: datetime) -> datetime:
        day = self.calendar.on_or_after(self.calendar.local_date(since))
        at = self.calendar.instant(day, WORKS)
        return at if at > since else self.calendar.instant(self.calendar.on_or_after(day + DAY), WORKS)


def _stage(plan: Plan, state: str) -> StateRecord:
    return plan.stages.get(state, NO_RECORD)


def _in_year(days: Sequence[date], year: int) -> bool:
    at = bisect_left(days, date(year, 1, 1))
    return at < len(days) and days[at].year == year


def _last_within(days: Sequence[date], opens: date | None, last: date) -> date | None:
    """The last of the days from the opening, or from a month before the last day, to the last day.

    None if no day of that year is known, or if there may be a later one that is not entered.
    """
    if not _in_year(days, last.year):
        return None
    found = known_last(days, last)
    return found if found and found >= (opens or last - MONTH) else None


def owed(plan: Plan) -> Step | None:
    """The step that a body owes now. None where the calendar takes it, or where nothing is owed."""
    if plan.held or not plan.is_active or plan.workflow.state(plan.state).done:
        return None
    step = plan.workflow.next_step(plan.state)
    return step if step is not None and step.by and not step.automatic else None


def undecided_opening(plan: Plan) -> Step | None:
    """The step that the calendar would take if its day were decided, and that somebody must take by hand."""
    if plan.held or not plan.is_active or plan.workflow.state(plan.state).done:
        return None
    step = plan.workflow.next_step(plan.state)
    if step is None or step.automatic != "date" or not _stage(plan, step.to).is_undecided("opens"):
        return None
    return None if plan.binding.follows(step.verb) else step
