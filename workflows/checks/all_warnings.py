"""Runs all warning checks of one cycle, for a wheel that has no errors."""

from collections.abc import Iterator
from functools import cached_property, partial

from workflows.checks.cycle_view import CycleView
from workflows.checks.date_warnings import date_warnings
from workflows.checks.gap_warnings import gap_warnings, source_warnings
from workflows.checks.law_warnings import law_warnings
from workflows.checks.meeting_warnings import Deadline, deadlines, meeting_warnings, week_warnings
from workflows.checks.problem import Problem
from workflows.definition.definition import CycleKind, Definition
from workflows.rules.timetable import Meetings

__all__ = ["CycleWarnings", "source_warnings"]

NEIGHBOURING_YEARS = 2  # budget cycles before and after that boards work on in the same weeks


class CycleWarnings:
    """The warnings about the cycles of a definition. The definition must have no errors."""

    def __init__(self, definition: Definition, meetings: Meetings) -> None:
        self.definition = definition
        self.meetings = meetings
        self._definitions: dict[tuple[str, ...], Definition] = {}
        self._deadlines: dict[int, list[Deadline]] = {}

    def of(self, kind: CycleKind, year: int) -> Iterator[Problem]:
        view = self._view(kind, year)
        yield from gap_warnings(view)
        yield from date_warnings(view)
        yield from meeting_warnings(view)
        yield from law_warnings(view)
        if kind == "budget" and self._has_boards:
            years = range(year - NEIGHBOURING_YEARS, year + NEIGHBOURING_YEARS + 1)
            others = [each for other in years if other != year for each in self._of_boards(other)]
            yield from week_warnings(self._of_boards(year), others)

    def _view(self, kind: CycleKind, year: int) -> CycleView:
        variants = tuple(self.definition.wheel.variants_of(kind, year))
        if variants not in self._definitions:
            self._definitions[variants] = self.definition.for_cycle(kind, year)
        return CycleView(self._definitions[variants], kind, year, self.meetings, partial(self._view, kind))

    @cached_property
    def _has_boards(self) -> bool:
        return any(phase.board for phase in self.definition.wheel.phases.values())

    def _of_boards(self, year: int) -> list[Deadline]:
        if year not in self._deadlines:
            self._deadlines[year] = deadlines(self._view("budget", year))
        return self._deadlines[year]
