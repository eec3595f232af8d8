"""What is remarkable about a wheel that has no fault: each remark with its place and its cure, for one cycle."""

from collections.abc import Iterator
from functools import cached_property

from workflows.checks.cycle_view import Look
from workflows.checks.date_remarks import date_remarks
from workflows.checks.law_remarks import law_remarks
from workflows.checks.meeting_remarks import Deadline, deadlines, meeting_remarks, week_remarks
from workflows.checks.open_remarks import open_remarks, source_remarks
from workflows.checks.problem import Problem
from workflows.definition.definition import CycleKind, Definition
from workflows.rules.timetable import Meetings

__all__ = ["Remarks", "source_remarks"]

BESIDE = 2  # budget cycles before and after, which boards work on in the same weeks


class Remarks:
    """Of a definition whose files have no faults."""

    def __init__(self, definition: Definition, meetings: Meetings) -> None:
        self.definition = definition
        self.meetings = meetings
        self._definitions: dict[tuple[str, ...], Definition] = {}
        self._deadlines: dict[int, list[Deadline]] = {}

    def of(self, kind: CycleKind, year: int) -> Iterator[Problem]:
        look = self._look(kind, year)
        yield from open_remarks(look)
        yield from date_remarks(look)
        yield from meeting_remarks(look)
        yield from law_remarks(look)
        if kind == "budget" and self._has_boards:
            beside = [other for other in range(year - BESIDE, year + BESIDE + 1) if other != year]
            others = [each for other in beside for each in self._of_boards(other)]
            yield from week_remarks(self._of_boards(year), others)

    def _look(self, kind: CycleKind, year: int) -> Look:
        variants = tuple(self.definition.wheel.variants_of(kind, year))
        if variants not in self._definitions:
            self._definitions[variants] = self.definition.for_cycle(kind, year)
        return Look(self._definitions[variants], kind, year, self.meetings)

    @cached_property
    def _has_boards(self) -> bool:
        return any(phase.board for phase in self.definition.wheel.phases.values())

    def _of_boards(self, year: int) -> list[Deadline]:
        if year not in self._deadlines:
            self._deadlines[year] = deadlines(self._look("budget", year))
        return self._deadlines[year]
