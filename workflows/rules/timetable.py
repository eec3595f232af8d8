"""Resolves all dates of one cycle from the rules of its wheel, its year and the known meetings. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time

from workflows.dates.date_rules import Anchor, Bound, DateRuleError, NoMeeting, NotYetDated, Reference
from workflows.definition.definition import BOARD, CycleKind, DateOf, Definition, Phase, StateDates, WorkflowBinding
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
REACH = 8  # years from one cycle to another that its dates count from; further away they count from themselves
# The dates of plans, the timetable that resolves them, and whose plans they are (empty: it does not matter).
_Plans = tuple["Timetable", Mapping[str, StateDates], tuple[str, ...]]


class CircularDates(DateRuleError):
    """Two dates count from each other."""


class Timetable:
    """The dates of one cycle, resolved on demand and cached.

    `definition` is the definition of that cycle (`Definition.for_cycle`). `year`: budget year or election year.
    `other_years`: the timetable of the same kind of cycle in another year. `estimated`: the cycle is not open, so its
    dates are those that its rules promise.
    """

    other_years: "Callable[[int], Timetable] | None" = None
    estimated = False

    def __init__(self, definition: Definition, kind: CycleKind, year: int, meetings: Meetings | None = None) -> None:
        wheel = definition.wheel
        budget, election = (year, None) if kind == "budget" else (None, year)
        self.definition = definition
        self.calendar = wheel.calendar
        self.anchor = Anchor(budget, election, meetings or {}, self.calendar, self._other)
        self._cycle = kind, year
        self._whole = self
        self._board: str | None = None
        self._found: dict[tuple[int, Bound], Day] = {}
        self._of_boards: dict[str, Timetable] = {}
        self._fixed: set[tuple[str, str]] = set()  # the phases and boards with a fixed date
        self._arrivals: dict[tuple[str, str | None], Mapping[str, date]] = {}
        self._out: set[tuple[str, str]] = set()  # the phases and boards that take no part
        self._dependence: dict[int, tuple[bool, set[str]]] = {}
        # The dates that are being resolved, the newest last: to detect those that count from each other.
        self._resolving: dict[tuple[str | None, int, Bound], StateDates] = {}

    def arrived(self, phase: str, board: str | None, states: Mapping[str, date]) -> None:
        """Say on which day the plan really came to each of the states that it has reached. A plan of which nothing is
        said has reached none; of several boards all must have come."""
        self._arrivals[phase, board] = states
        if board is not None and states:
            self._fixed.add((phase, board))

    def fix(
        self, phase: str, board: str | None, state: str, bound: Bound, day: date | None, *, provisional: bool = False
    ) -> None:
        """Set a date of one plan; it replaces its rule, and other dates count from it. None: it is undecided."""
        if (dates := self.definition.binding(phase, board).states.get(state)) is None:
            return
        if board is not None:
            self._fixed.add((phase, board))
        timetable = self if board is None else self.for_board(board)
        timetable._found[id(dates), bound] = Day(day, provisional)

    def leave_out(self, phase: str, board: str) -> None:
        """The board takes no part in the phase any more: what counts from all boards' dates counts from the others."""
        self._out.add((phase, board))

    def states(self, phase: str, board: str | None) -> dict[str, Days]:
        """The dates of a plan, by state. Raises DateRuleError for a date that is impossible in this cycle.

        In a board's plan, the body `board` is that board, and references to dates of boards' plans are to its own.
        """
        timetable = self.of_plan(phase, board)
        return {state: timetable.days(dates) for state, dates in self.definition.binding(phase, board).states.items()}

    def of_plan(self, phase: str, board: str | None) -> "Timetable":
        """The timetable by which the dates of that plan are resolved; one for all boards without dates of their own."""
        if board is None:
            return self._whole
        return self.for_board(board if self.is_own(phase, board) else BOARD)

    def is_own(self, phase: str, board: str, seen: frozenset[str] = frozenset()) -> bool:
        """Whether the board's dates in this phase can differ from those of other boards.

        They can if they depend on the board's meetings, are fixed, or count from a date for which that is so. `seen`:
        the phases already visited, which ends the recursion if dates count from each other.
        """
        whole = self.definition.wheel.phases.get(phase)
        if whole is None or whole.board is None or phase in seen:
            return False
        waits, others = self._depends_on(self.definition.binding(phase, board))
        return (
            waits
            or (phase, board) in self._whole._fixed
            or any(self._excepts(id, board) or self.is_own(id, board, seen | {phase}) for id in others)
        )

    def _depends_on(self, binding: WorkflowBinding) -> tuple[bool, set[str]]:
        """Whether a date depends on a meeting of the board, and the phases whose boards' dates they count from."""
        if id(binding) not in self._dependence:  # cached: the answer is the same for every board
            rules = [of.rule for dates in binding.states.values() for _, of in dates.items()]
            others = {reference.phase for rule in rules for reference in rule.references if reference.board}
            self._dependence[id(binding)] = any(BOARD in rule.bodies for rule in rules), others
        return self._dependence[id(binding)]

    def _excepts(self, phase: str, board: str) -> bool:
        whole = self.definition.wheel.phases.get(phase)
        other = whole.exceptions.get(board) if whole else None
        return other is not None and bool(other.states or other.workflow)

    def for_board(self, board: str) -> "Timetable":
        """The timetable in which the body `board` is this board, and boards' dates are its own."""
        if board not in self._whole._of_boards:
            meetings = {**self.anchor.meetings, BOARD: self.anchor.meetings.get(board, ())}
            found = Timetable(self.definition, *self._cycle, meetings)
            found._board, found._whole, found._resolving = board, self._whole, self._whole._resolving
            self._whole._of_boards[board] = found
        return self._whole._of_boards[board]

    def day(self, dates: StateDates, bound: Bound) -> Day:
        """Resolve a date. An undecided one is a Day without date; raises DateRuleError for an impossible one."""
        key = (id(dates), bound)
        if key not in self._found:
            of: DateOf | None = getattr(dates, bound)
            if of is None:
                raise DateRuleError(N_("The date does not exist."), N_("Write a date of its own."))
            try:
                self._found[key] = self._resolved_once(of, dates, bound)
            except DateRuleError as error:
                error.of = error.of or of
                raise
        return self._found[key]

    def _resolved_once(self, of: DateOf, dates: StateDates, bound: Bound) -> Day:
        key = self._board, id(dates), bound
        if key in self._resolving:
            message = N_("The date `{rule}` is counted from itself, by way of other dates.")
            raise CircularDates(message, N_("Give one of the dates a rule of its own."), rule=of.date)
        self._resolving[key] = dates
        try:
            return self._resolved(of, bound)
        finally:
            del self._resolving[key]

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
        if reference.bound == "actual":
            return self._actual(reference)
        days = self._referred(reference)
        known = [day.date for day in days if day.date]
        if not known or self._whole_ends_undecided(reference):
            message = N_("`{rule}` has not been decided yet.")
            raise NotYetDated(message, N_("Write the date as soon as it is decided."), rule=str(reference))
        return min(known) if reference.bound == "opens" else max(known)

    def _actual(self, reference: Reference) -> date:
        """The day on which the plans had really come to the state: of several boards, the last one's."""
        phase, board = reference.phase, reference.board
        whole = self.definition.wheel.phases.get(phase)
        binding = whole and (whole.board if board else whole)
        if not binding or (reference.state and not self.definition.workflows[binding.workflow].has(reference.state)):
            raise _no_such_state(reference)
        timetable = self._in_year_of(reference)
        plans: list[tuple[str, str | None]] = [key for key in timetable._arrivals if key[0] == phase]
        if board and self._board:  # in a board's plan its own; one whose plan has arrived nowhere shares its dates
            plans = [key for key in plans if key[1] == self._board]
        states = [
            (timetable._arrivals.get(key, {}), reference.state or timetable.definition.workflow(*key).first_done)
            for key in plans
            if (key[1] is not None) == board
        ]
        days = [arrivals.get(state) for arrivals, state in states if state]
        known = [day for day in days if day is not None]
        if not known or len(known) < len(days):
            message = N_("`{rule}` has not come yet.")
            raise NotYetDated(message, N_("The date is set as soon as the step is taken."), rule=str(reference))
        return max(known)

    def _in_year_of(self, reference: Reference) -> "Timetable":
        """The timetable of the year that the reference names. Raises NotYetDated if there is none."""
        year = self._cycle[1]
        wanted = reference.year.of(self.anchor) if reference.year else year
        if wanted == year:
            return self._whole
        if self._whole.other_years is None:
            cure = N_("Write the date as soon as it is decided.")
            raise NotYetDated(N_("`{rule}` has not been decided yet."), cure, rule=str(reference))
        return self._whole.other_years(wanted)

    def _of_other_year(self, other: "Timetable", reference: Reference) -> list[Day]:
        """The dates as the other cycle has them; they are estimates while it is not open."""
        try:
            days = (other.for_board(self._board) if self._board else other)._referred(replace(reference, year=None))
        except DateRuleError as error:
            phase = self.definition.wheel.phases.get(reference.phase)
            binding = phase.board if phase and reference.board else phase
            if isinstance(error, CircularDates) or binding is None or reference.state not in (None, *binding.states):
                raise
            days = [Day(None)]  # that year has another wheel
        return [replace(day, provisional=True) for day in days] if other.estimated else days

    def _whole_ends_undecided(self, reference: Reference) -> bool:
        """Whether the end of a phase is meant, and nobody has said yet when its whole plan ends: the last day of an
        earlier state, or of a board, is not the end of it."""
        if reference.board or reference.state or reference.bound != "last":
            return False
        timetable = self._in_year_of(reference)
        phase = timetable.definition.wheel.phases.get(reference.phase)
        way = timetable.definition.workflows[phase.workflow].states if phase else ()
        ends = [dates for state in way if phase and (dates := phase.states.get(state.id)) and dates.last]
        return bool(ends) and timetable.day(ends[-1], "last").date is None

    def _referred(self, reference: Reference) -> list[Day]:
        if reference.bound == "actual":
            return []
        if (other := self._in_year_of(reference)) is not self._whole:
            return self._of_other_year(other, reference)
        bound = reference.bound
        days = [
            day
            for timetable, states, boards in self._referred_plans(reference)
            for state, dates in states.items()
            if reference.state in (None, state) and getattr(dates, bound) is not None
            if self._exists(boards, day := timetable.day(dates, bound))
        ]
        if not days:
            raise _no_such_date(reference)
        return days

    def _exists(self, boards: Sequence[str], day: Day) -> bool:
        """Whether one of the boards exists on that day."""
        bodies, on = self.definition.wheel.bodies, day.date
        return not boards or on is None or any(bodies[board].exists_between(on, on) for board in boards)

    def _referred_plans(self, reference: Reference) -> Iterator[_Plans]:
        """The plans whose dates are meant: in a board's plan its own, otherwise those of every board. A phase by itself
        is its whole plan and the boards' plans; for a date of that phase it is the whole plan."""
        phase = reference.phase
        whole = self.definition.wheel.phases.get(phase)
        if whole is None:
            return
        if not reference.board:
            yield self._whole, whole.states, ()
        if whole.board is None or (not reference.board and (reference.state or self._asks_itself(phase))):
            return
        if reference.board and self._board == BOARD:
            yield self, whole.board.states, ()
        elif reference.board and self._board:
            yield self, self.definition.binding(phase, self._board).states, ()
        else:
            yield from self._of_every_board(phase, whole)

    def _asks_itself(self, phase: str) -> bool:
        """Whether the date that is being resolved is one of that phase."""
        asks = next(reversed(self._resolving.values()), None)
        return any(asks is dates for dates in self.definition.dates_of(phase))

    def _of_every_board(self, phase: str, whole: Phase) -> Iterator[_Plans]:
        """The boards' plans of a phase; those with identical dates once."""
        alike: dict[tuple[int, int], _Plans] = {}
        concerned = [board for board in self.definition.wheel.boards if whole.concerns(board)]
        left = [board for board in concerned if (phase, board) not in self._whole._out]
        for board in left or concerned:  # of a phase without any board the rules still give a date
            states, timetable = self.definition.binding(phase, board).states, self.of_plan(phase, board)
            key = id(timetable), id(states)
            boards = alike[key][2] if key in alike else ()
            alike[key] = timetable, states, (*boards, board)
        yield from alike.values()


def _no_such_state(reference: Reference) -> DateRuleError:
    message = N_("`{rule}`: there is no such phase or state in this cycle.")
    return DateRuleError(message, N_("Name a phase and a state that its plans come to."), rule=str(reference))


def _no_such_date(reference: Reference) -> DateRuleError:
    message = N_("The date `{rule}` does not exist in this cycle.")
    return DateRuleError(message, N_("Name a state that has such a date."), rule=str(reference))


def linked(make: Callable[[int], Timetable], year: int) -> Timetable:
    """The timetable of that year. Those of other years are made when a date counts from one of theirs."""
    made: dict[int, Timetable] = {}

    def of(other: int) -> Timetable:
        if abs(other - year) > REACH:
            message = N_("A date is counted from itself, by way of the cycles of other years.")
            raise CircularDates(message, N_("Give one of the dates a rule of its own."))
        if other not in made:
            made[other] = make(other)
            made[other].other_years = of
        return made[other]

    return of(year)
