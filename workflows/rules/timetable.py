"""Resolves all dates of one cycle from the rules of its wheel, its year and the known meetings. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time

from workflows.dates.date_rules import Anchor, Bound, DateRuleError, NoMeeting, NotYetDated, Reference
from workflows.definition.definition import BOARD, CycleKind, DateOf, Definition, StateDates, WorkflowBinding
from workflows.messages import N_

Meetings = Mapping[str, Sequence[date]]


@dataclass(frozen=True, slots=True)
class Day:
    """A resolved date.

    `date`: None if the source leaves it undecided or none of the known meetings matches. `provisional`: the date is an
    estimate, such as a meeting not yet known. `clock`: start and end of the time of day, if the rule gives one.
    """

    date: date | None
    provisional: bool = False
    clock: tuple[time, time | None] | None = None


Days = dict[Bound, Day]


class CircularDates(DateRuleError):
    """Two dates count from each other."""


class Timetable:
    """The dates of one cycle, resolved on demand and cached.

    `definition` is the definition of that cycle (`Definition.for_cycle`). `year`: budget year or election year.
    """

    def __init__(self, definition: Definition, kind: CycleKind, year: int, meetings: Meetings | None = None) -> None:
        wheel = definition.wheel
        budget, election = (year, None) if kind == "budget" else (None, year)
        self.definition = definition
        self._cycle = kind, year
        self._board: str | None = None
        self._board_dependence: dict[int, tuple[bool, set[str]]] = {}
        self.calendar = wheel.calendar
        self.anchor = Anchor(budget, election, meetings or {}, self.calendar, self._other)
        self._found: dict[tuple[int, Bound], Day] = {}
        self._fixed: dict[tuple[int, Bound], Day] = {}
        self._resolving: set[tuple[int, Bound]] = set()  # to detect dates that count from each other

    def fix(self, phase: str, state: str, bound: Bound, day: date) -> None:
        """Set a date of the plan of the whole phase; it replaces its rule, and other dates count from it."""
        if (dates := self.definition.binding(phase, None).states.get(state)) is not None:
            self._fixed[id(dates), bound] = self._found[id(dates), bound] = Day(day)

    def states(self, phase: str, board: str | None) -> dict[str, Days]:
        """The dates of a plan, by state. Raises DateRuleError for a date that is impossible in this cycle.

        In a board's plan, the body `board` is that board, and references to dates of boards' plans are to its own.
        """
        states = self.definition.binding(phase, board).states
        timetable = self.for_board(board) if board and self.is_own(phase, board) else self
        return {state: timetable.days(dates) for state, dates in states.items()}

    def is_own(self, phase: str, board: str, seen: frozenset[str] = frozenset()) -> bool:
        """Whether the board's dates in this phase can differ from those of other boards.

        They can if they depend on the board's meetings or count from a date for which that is so. `seen`: the phases
        already visited, which ends the recursion if dates count from each other.
        """
        whole = self.definition.wheel.phases.get(phase)
        if whole is None or whole.board is None or phase in seen:
            return False
        waits, others = self._of_boards(self.definition.binding(phase, board))
        return waits or any(self._excepts(id, board) or self.is_own(id, board, seen | {phase}) for id in others)

    def _of_boards(self, binding: WorkflowBinding) -> tuple[bool, set[str]]:
        """Whether a date depends on a meeting of the board, and the phases whose boards' dates they count from."""
        if id(binding) not in self._board_dependence:  # cached: the answer is the same for every board
            rules = [of.rule for dates in binding.states.values() for _, of in dates.items()]
            others = {reference.phase for rule in rules for reference in rule.references if reference.board}
            self._board_dependence[id(binding)] = any(BOARD in rule.bodies for rule in rules), others
        return self._board_dependence[id(binding)]

    def _excepts(self, phase: str, board: str) -> bool:
        whole = self.definition.wheel.phases.get(phase)
        return whole is not None and board in whole.exceptions and bool(whole.exceptions[board].states)

    def for_board(self, board: str) -> "Timetable":
        """The timetable in which the body `board` is this board, and boards' dates are its own."""
        meetings = {**self.anchor.meetings, BOARD: self.anchor.meetings.get(board, ())}
        found = Timetable(self.definition, *self._cycle, meetings)
        found._board = board
        found._fixed = self._fixed
        found._found.update(self._fixed)
        return found

    def day(self, dates: StateDates, bound: Bound) -> Day:
        """Resolve a date. An undecided one is a Day without date; raises DateRuleError for an impossible one."""
        key = (id(dates), bound)
        if key not in self._found:
            of: DateOf | None = getattr(dates, bound)
            if of is None:
                raise DateRuleError(N_("The date does not exist."), N_("Write a date of its own."))
            try:
                self._found[key] = self._resolved_once(of, key)
            except DateRuleError as error:
                error.of = error.of or of
                raise
        return self._found[key]

    def _resolved_once(self, of: DateOf, key: tuple[int, Bound]) -> Day:
        if key in self._resolving:
            message = N_("The date `{rule}` is counted from itself, by way of other dates.")
            raise CircularDates(message, N_("Give one of the dates a rule of its own."), rule=of.date)
        self._resolving.add(key)
        try:
            return self._resolved(of, key[1])
        finally:
            self._resolving.discard(key)

    def days(self, dates: StateDates) -> Days:
        return {bound: self.day(dates, bound) for bound, _ in dates.items()}

    def _resolved(self, of: DateOf, bound: Bound) -> Day:
        rule = of.rule
        try:
            found = rule.first(self.anchor) if bound == "opens" else rule.last(self.anchor)
            provisional = rule.provisional(self.anchor)
        except (NotYetDated, NoMeeting):
            return Day(None)
        if of.day_off != "keep" and not self.calendar.is_working_day(found):
            shifted = self.calendar.on_or_before if of.day_off == "previous" else self.calendar.on_or_after
            found = shifted(found)
        provisional = provisional or any(day.provisional for ref in rule.references for day in self._referred(ref))
        return Day(found, provisional, rule.clock)

    def _other(self, reference: Reference) -> date:
        days = self._referred(reference)
        known = [day.date for day in days if day.date]
        if not known:
            message = N_("`{rule}` has not been decided yet.")
            raise NotYetDated(message, N_("Write the date as soon as it is decided."), rule=str(reference))
        return min(known) if reference.bound == "opens" else max(known)

    def _referred(self, reference: Reference) -> list[Day]:
        whole = self.definition.wheel.phases.get(reference.phase)
        binding = whole.board if whole and reference.board else whole
        if whole and whole.board and reference.board and self._board:
            binding = self.definition.binding(reference.phase, self._board)
        states = binding.states if binding else {}
        named = [states[reference.state]] if reference.state in states else []
        dates = list(states.values()) if reference.state is None else named
        days = [self.day(each, reference.bound) for each in dates if getattr(each, reference.bound) is not None]
        if not days:
            message = N_("The date `{rule}` does not exist in this cycle.")
            raise DateRuleError(message, N_("Name a state that has such a date."), rule=str(reference))
        return days
