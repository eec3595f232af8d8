"""Warns of decisions without a meeting, of bodies that do not exist then, and of two deadlines in one week."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from workflows.checks.cycle_view import CycleView, PlanView
from workflows.checks.problem import WHEEL, Place, Problem
from workflows.definition.definition import State, Step
from workflows.messages import N_

MONTH = timedelta(days=31)  # the time before its last day in which a state without an opening looks for a meeting


def meeting_warnings(view: CycleView) -> Iterator[Problem]:
    for plan in view.plans:
        paper: date | None = None
        for state, step in plan.way:
            last = plan.day(state.id, "last")
            if last and step and _is_decided(step):
                ready = [_ready(view, other, wait.reached) for wait in view.waits(plan, step) for other in wait.plans]
                yield from _decision(view, plan, state, step, last, _latest(paper, *ready))
            paper = _latest(paper, _taken_by(view, plan, state, step))
        yield from _absent(view, plan)
    yield from _without_meetings(view)


def _without_meetings(view: CycleView) -> Iterator[Problem]:
    """Bodies that decide, and of which no meeting of any year is known: nothing here can be said of their decisions."""
    bodies = view.definition.wheel.bodies
    deciding = [body for plan in view.plans for _, step in plan.way if step and _is_decided(step)
                for body in plan.deciders(step)]  # fmt: skip
    found = [id for id in dict.fromkeys(deciding) if not view.meetings.get(id) and not bodies[id].is_outside]
    if found:
        message = N_(
            "No meetings are known of bodies that decide: {bodies}. Whether they can do it in time is unknown."
        )
        cure = N_("Enter their meetings.")
        yield Problem("no_meetings", WHEEL, ("cycle", view.kind), message, cure, {"bodies": found})


def _is_decided(step: Step) -> bool:
    return step.decision and not step.automatic


def _latest(*days: date | None) -> date | None:
    return max((day for day in days if day), default=None)


def _ready(view: CycleView, plan: PlanView, reached: str) -> date | None:
    """The day on which the plan has reached the state, if each body decides at its last meeting in time."""
    found = None
    for state, step in plan.way:
        if state.id == reached:
            return found
        found = _taken_by(view, plan, state, step) or found
    return None


def _taken_by(view: CycleView, plan: PlanView, state: State, step: Step | None) -> date | None:
    """The day by which the step is taken: that of the body's last meeting in time, or the last day."""
    last = plan.day(state.id, "last")
    if last is None or step is None or not _is_decided(step):
        return last
    days = [day for day in _meetings(view, plan, state, step, last).values() if isinstance(day, date)]
    return max(days, default=last)


def _opens(plan: PlanView, state: State, last: date) -> date:
    return min(plan.day(state.id, "opens") or last - MONTH, last)


def _meetings(
    view: CycleView, plan: PlanView, state: State, step: Step, last: date
) -> dict[str, date | Literal["none", "unknown"]]:
    """The last meeting in time of each body that takes the step."""
    return {body: _last_between(view, body, _opens(plan, state, last), last) for body in plan.deciders(step)}


def _absent(view: CycleView, plan: PlanView) -> Iterator[Problem]:
    """A step is due on a day on which its body does not exist yet or no longer exists."""
    bodies = view.definition.wheel.bodies
    for state, step in plan.way:
        last = plan.day(state.id, "last")
        if last is None or state.done or step is None or step.by is None or step.automatic == "date":
            continue
        absent = [body for body in dict.fromkeys(plan.deciders(step)) if not bodies[body].exists_between(last, last)]
        if absent:
            message = N_("The step {verb} in the state {name} is due {last}, but {bodies} does not exist then.")
            cure = N_("Name the body that takes over, or correct `begins` or `ends` of this one.")
            facts = {"verb": step.verb, "last": last, "name": state.id, "bodies": absent}
            yield Problem("body_absent", WHEEL, plan.at(state.id, "last"), message, cure, facts)


def _last_between(view: CycleView, body: str, opens: date, last: date) -> date | Literal["none", "unknown"]:
    """The body's last meeting in that period; "unknown" if its meetings of those years are not entered."""
    if not view.knows(body, *range(opens.year, last.year + 1)):
        return "unknown"
    return max((day for day in view.meetings[body] if opens <= day <= last), default="none")


def _decision(
    view: CycleView, plan: PlanView, state: State, step: Step, last: date, paper: date | None
) -> Iterator[Problem]:
    opens, meetings = _opens(plan, state, last), _meetings(view, plan, state, step, last)
    without = [body for body, day in meetings.items() if day == "none"]
    early: dict[date, list[str]] = {}
    for body, day in meetings.items():
        if paper and isinstance(day, date) and day < paper <= last:
            early.setdefault(day, []).append(body)
    place, facts = plan.at(state.id, "last"), {"name": state.id, "opens": opens, "last": last}
    if without:
        message = N_("No meeting of {bodies} is known between {opens} and {last}, when {name} must be decided.")
        cure = N_("Add a meeting, or move the deadline.")
        yield Problem("no_meeting_in_time", WHEEL, place, message, cure, {**facts, "bodies": without})
    for meeting, bodies in early.items():
        message = N_(
            "{name} is to be decided by {last}. The last meeting of {bodies} until then is {meeting}, but the "
            "supporting papers are due {paper}."
        )
        cure = N_("Move the deadline of the state before, or add a meeting.")
        more = {"bodies": bodies, "meeting": meeting, "paper": paper}
        yield Problem("paper_late", WHEEL, place, message, cure, {**facts, **more})


# ---- two deadlines of one board in one week ----------------------------------------------------------------


@dataclass(frozen=True)
class Deadline:
    """The last day of a board's decision or, if it decides nothing, of its last step."""

    cycle: str
    phase: str
    day: date
    boards: tuple[str, ...]
    place: Place

    @property
    def address(self) -> str:
        return f"{self.cycle}/{self.phase}"

    @property
    def week(self) -> tuple[int, int]:
        return self.day.isocalendar()[:2]


def deadlines(view: CycleView) -> list[Deadline]:
    return [found for plan in view.plans if plan.boards and (found := _biggest(view, plan))]


def _biggest(view: CycleView, plan: PlanView) -> Deadline | None:
    """The last decision on the way of the board's plan, otherwise the last step that somebody takes by hand."""
    owed = [(state, step) for state, step in plan.way if not state.done and step and step.by and not step.automatic]
    decisions = [pair for pair in owed if pair[1].decision]
    for state, _ in reversed(decisions or owed):
        if day := plan.day(state.id, "last"):
            return Deadline(view.name, plan.phase_id, day, plan.boards, plan.at(state.id, "last"))
    return None


def week_warnings(own: Sequence[Deadline], others: Sequence[Deadline]) -> Iterator[Problem]:
    """Warn of two deadlines of one board in one week. `others`: the deadlines of the neighbouring cycles."""
    for i, one in enumerate(own):
        for other in [*own[i + 1 :], *others]:
            boards = [board for board in one.boards if board in other.boards]
            if boards and one.week == other.week and one.address != other.address:
                message = N_("{one} ({day}) and {other} ({other_day}) are due in the same week for {boards}.")
                facts = {"one": one.address, "day": one.day, "other": other.address, "other_day": other.day}
                cure = N_("Move one of the dates, if the same people do both.")
                yield Problem("same_week", WHEEL, one.place, message, cure, {**facts, "boards": boards})
