"""One cycle as the warning checks see it: each plan's states with dates and deciding bodies, and the meetings."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from workflows.checks.problem import Place
from workflows.dates.date_rules import Bound, DateRuleError
from workflows.dates.workdays import Calendar
from workflows.definition.definition import (
    CycleKind,
    Definition,
    Phase,
    State,
    StateDates,
    Step,
    Workflow,
    WorkflowBinding,
    anchor,
)
from workflows.rules.timetable import Day, Meetings, Timetable, linked


@dataclass(frozen=True)
class PlanView:
    """The plan of a whole phase (`boards` is empty), or the plan that `boards` have with identical dates."""

    phase_id: str
    phase: Phase
    binding: WorkflowBinding
    workflow: Workflow
    boards: tuple[str, ...]
    place: Place
    timetable: Timetable
    days: dict[str, dict[Bound, Day]]

    @property
    def start(self) -> tuple[State, Step | None]:
        """The initial state, with the step that leaves it."""
        return self.workflow.state(self.workflow.initial), self.workflow.next_step(self.workflow.initial)

    @cached_property
    def way(self) -> list[tuple[State, Step | None]]:
        """The states of the ordinary way after the initial one, each with the step that leaves it."""
        ids = [step.to for step in self.workflow.way_ahead(self.workflow.initial)]
        return [(self.workflow.state(id), self.workflow.next_step(id)) for id in dict.fromkeys(ids)]

    def day(self, state: str, bound: Bound) -> date | None:
        day = self.days.get(state, {}).get(bound)
        return day.date if day else None

    @property
    def span(self) -> tuple[date, date]:
        """The earliest and latest of its openings and last days; without any, the whole range of dates."""
        days = [day for state in self.days for bound in ("opens", "last") if (day := self.day(state, bound))]
        return min(days, default=date.min), max(days, default=date.max)

    def at(self, state: str, *more: str) -> Place:
        """The place of the state's dates in wheel.toml; for a board with own dates, in the exception of that board."""
        for board in self.boards:
            other = self.phase.exceptions.get(board)
            own = other.states.get(state) if other else None
            if own and (not more or getattr(own, more[0]) is not None):
                return ("phase", self.phase_id, "exception", board, "state", state, *more)
        return (*self.place, "state", state, *more)

    def deciders(self, step: Step) -> tuple[str, ...]:
        """The ids of the bodies that take the step, one per board."""
        boards = self.boards or (None,)
        return tuple(body for board in boards for body in self.binding.bodies(step.by or "", board))

    def due(self, reached: str) -> date | None:
        """The last day by which the plan should reach that state: the last day of an earlier state on the way."""
        found = None
        for state, _ in self.way:
            if state.id == reached:
                return found
            found = self.day(state.id, "last") or found
        return None


@dataclass(frozen=True)
class Wait:
    """A step waits until these plans of another phase have reached a state. `follows`: it is then taken by itself."""

    phase: str
    reached: str
    boards: bool
    follows: bool
    plans: list[PlanView]


@dataclass(frozen=True)
class CycleView:
    """One cycle with its plans and meetings.

    `definition` is the definition of that cycle (`Definition.for_cycle`). `of_year`: the cycle of
    another year; None where only this one is looked at.
    """

    definition: Definition
    kind: CycleKind
    year: int
    meetings: Meetings
    of_year: "Callable[[int], CycleView] | None" = None

    @cached_property
    def name(self) -> str:
        return self.definition.wheel.cycles[self.kind].name_of(self.year)

    @cached_property
    def timetable(self) -> Timetable:
        return linked(self._dates_of, self.year)

    def _dates_of(self, year: int) -> Timetable:
        other = self.of_year(year) if self.of_year and year != self.year else self
        return Timetable(other.definition, self.kind, year, self.meetings)

    @property
    def calendar(self) -> Calendar:
        return self.timetable.calendar

    @cached_property
    def plans(self) -> list[PlanView]:
        return [plan for id, phase in self.definition.phases(self.kind, self.year).items()
                for plan in self._of_phase(id, phase)]  # fmt: skip

    def whole(self, phase: str) -> PlanView | None:
        return next((plan for plan in self.plans if plan.phase_id == phase and not plan.boards), None)

    def of_boards(self, phase: str) -> list[PlanView]:
        return [plan for plan in self.plans if plan.phase_id == phase and plan.boards]

    def waits(self, plan: PlanView, step: Step | None) -> Iterator[Wait]:
        """What the step of that plan waits for in other phases."""
        of_step = plan.binding.steps.get(step.verb) if step else None
        if of_step is None:
            return
        waits = [(use.phase, use.reached, use.boards, False, use.away) for use in of_step.rules]
        if of_step.follows:
            followed = of_step.follows
            waits.append((followed.phase, followed.reached, bool(plan.boards), True, followed.away))
        for phase, reached, boards, follows, away in waits:
            if phase is None or reached is None or (away and self.of_year is None):
                continue
            there = self.of_year(self.year + away) if away and self.of_year else self
            plans = there.of_boards(phase) if boards else []
            if follows:  # the plan of the same board
                plans = [other for other in plans if set(other.boards) & set(plan.boards)]
            yield Wait(phase, reached, boards, follows, plans or [each for each in [there.whole(phase)] if each])

    @cached_property
    def opens(self) -> date | None:
        """The day on which the cycle opens by itself."""
        return self.definition.wheel.cycles[self.kind].opens.rule.first(anchor(self.kind, self.year, self.calendar))

    @cached_property
    def timetable_decided(self) -> date | None:
        """The last day by which the cycle's timetable should be decided (R1)."""
        whole = self.whole(self.definition.wheel.cycles[self.kind].timetable or "")
        step = whole.workflow.deciding_step if whole else None
        return whole.due(step.to) if whole and step else None

    def knows(self, body: str, *years: int) -> bool:
        """Whether the body has at least one known meeting in each of these years."""
        return {day.year for day in self.meetings.get(body, ())}.issuperset(years)

    def _of_phase(self, name: str, phase: Phase) -> Iterator[PlanView]:
        yield self._plan(name, phase, phase, (), ("phase", name), self.timetable)
        alike: dict[tuple[int, int], tuple[WorkflowBinding, Timetable, list[str]]] = {}
        for board in self.definition.wheel.boards if phase.board else ():
            if not phase.concerns(board):
                continue
            binding = self.definition.binding(name, board)
            dates = self.timetable.of_plan(name, board)
            alike.setdefault((id(binding), id(dates)), (binding, dates, []))[2].append(board)
        for binding, dates, boards in alike.values():
            plan = self._plan(name, phase, binding, tuple(boards), ("phase", name, "board"), dates)
            bodies = self.definition.wheel.bodies
            if there := tuple(board for board in boards if bodies[board].exists_between(*plan.span)):
                yield replace(plan, boards=there)

    def _plan(
        self, id: str, phase: Phase, binding: WorkflowBinding, boards: tuple[str, ...], place: Place, dates: Timetable
    ) -> PlanView:
        workflow = self.definition.workflows[binding.workflow]
        days = {state: _days(dates, of) for state, of in binding.states.items()}
        return PlanView(id, phase, binding, workflow, boards, place, dates, days)


def _days(timetable: Timetable, dates: StateDates) -> dict[Bound, Day]:
    return {bound: day for bound, _ in dates.items() if (day := _day(timetable, dates, bound)) is not None}


def _day(timetable: Timetable, dates: StateDates, bound: Bound) -> Day | None:
    try:
        return timetable.day(dates, bound)
    except DateRuleError:  # reported by the error checks
        return None
