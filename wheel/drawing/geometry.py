"""Days as angles, annular sectors with round corners, and beads that do not touch. Pure.

Angles are in degrees, clockwise from twelve o'clock, where the year begins.
"""

from calendar import isleap
from collections.abc import Iterable, Sequence
from datetime import date
from math import asin, cos, degrees, radians, sin
from typing import NamedTuple


def days_in(year: int) -> int:
    return 366 if isleap(year) else 365


def angle(day: date, year: int) -> float:
    """Where the day begins; a day of another year lies at the year's beginning or end."""
    since = (day - date(year, 1, 1)).days
    return min(max(since, 0), days_in(year)) / days_in(year) * 360


def end_angle(day: date, year: int) -> float:
    """Where the day ends."""
    since = (day - date(year, 1, 1)).days + 1
    return min(max(since, 0), days_in(year)) / days_in(year) * 360


class Point(NamedTuple):
    x: float
    y: float

    def __str__(self) -> str:
        return f"{number(self.x)},{number(self.y)}"


def number(value: float) -> str:
    """With two decimals at most, and never `-0`."""
    said = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if said in ("-0", "") else said


class Circle(NamedTuple):
    """The centre of a wheel."""

    x: float
    y: float

    def at(self, radius: float, degree: float) -> Point:
        turn = radians(degree)
        return Point(self.x + radius * sin(turn), self.y - radius * cos(turn))

    def line(self, inner: float, outer: float, degree: float) -> str:
        return f"M{self.at(inner, degree)}L{self.at(outer, degree)}"

    def sector(
        self,
        inner: float,
        outer: float,
        first: float,
        last: float,
        corner: float = 0,
        *,
        cut: tuple[bool, bool] = (False, False),
    ) -> str:
        """The path of a part of a ring. `cut`: whether its beginning and its end have square corners."""
        room = radians(last - first)
        corner = max(0.0, min(corner, (outer - inner) / 2 - 0.01, inner * room / 2.2))
        begins, ends = (0.0 if square else corner for square in cut)
        large = int(last - first > 180)
        out_first, side_first = self._corner(outer, first, begins, begins=True, is_outer=True)
        out_last, side_last = self._corner(outer, last, ends, begins=False, is_outer=True)
        in_last, low_last = self._corner(inner, last, ends, begins=False, is_outer=False)
        in_first, low_first = self._corner(inner, first, begins, begins=True, is_outer=False)
        return (
            f"M{out_first}A{number(outer)},{number(outer)} 0 {large} 1 {out_last}{_round(ends, side_last)}"
            f"L{low_last}{_round(ends, in_last)}A{number(inner)},{number(inner)} 0 {large} 0 {in_first}"
            f"{_round(begins, low_first)}L{side_first}{_round(begins, out_first)}Z"
        )

    def _corner(self, radius: float, turn: float, size: float, *, begins: bool, is_outer: bool) -> tuple[Point, Point]:
        """Where a round corner meets the arc, and where it meets the straight side."""
        middle = radius - size if is_outer else radius + size
        off = asin(size / middle) * (1 if begins else -1)
        return self.at(radius, turn + degrees(off)), self.at(middle * cos(off), turn)


def _round(size: float, to: Point) -> str:
    return f"A{number(size)},{number(size)} 0 0 1 {to}" if size else ""


def free_stretches(first: float, last: float, taken: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """The parts of an arc that are left beside those that are taken."""
    free, start = [], first
    for begins, ends in sorted(taken):
        if ends <= first or begins >= last:
            continue
        if begins > start:
            free.append((start, begins))
        start = max(start, ends)
    if start < last:
        free.append((start, last))
    return free


def spread(wanted: Sequence[float], apart: float, first: float, last: float) -> list[float]:
    """Places in the same order that are at least `apart` and as near as possible to the wanted ones."""
    if not wanted:
        return []
    apart = min(apart, (last - first) / max(1, len(wanted) - 1))
    blocks: list[tuple[float, int]] = []  # of neighbours that touch: the sum of their shifted places, and how many
    for n, place in enumerate(wanted):
        total, count = place - n * apart, 1
        while blocks and blocks[-1][0] / blocks[-1][1] > total / count:
            before = blocks.pop()
            total, count = total + before[0], count + before[1]
        blocks.append((total, count))
    shifted = [total / count for total, count in blocks for _ in range(count)]
    highest = last - (len(wanted) - 1) * apart
    return [min(max(place, first), highest) + n * apart for n, place in enumerate(shifted)]


def lanes(spans: Sequence[tuple[date, date, str]]) -> list[tuple[int, int]]:
    """For each span (first day, last day, plan) its lane, the outermost first, and the lanes of its neighbourhood.

    Spans share no lane while they overlap, and a plan keeps its lane if it can. Spans that have no others beside them
    have the whole width.
    """
    order = sorted(range(len(spans)), key=lambda n: (spans[n][0], -spans[n][1].toordinal(), spans[n][2]))
    found: list[tuple[int, int]] = [(0, 1)] * len(spans)
    for group in _neighbourhoods(spans, order):
        ends: list[date] = []
        lane_of: dict[str, int] = {}
        lane: dict[int, int] = {}
        for n in group:
            first, last, plan = spans[n]
            free = [k for k, end in enumerate(ends) if end < first]
            own = lane_of.get(plan)
            k = own if own in free else free[0] if free else len(ends)
            assert k is not None
            ends[k : k + 1] = [last]
            lane_of[plan] = lane[n] = k
        for n in group:
            found[n] = (lane[n], len(ends))
    return found


def _neighbourhoods(spans: Sequence[tuple[date, date, str]], order: Iterable[int]) -> list[list[int]]:
    """Groups of spans that overlap, directly or through others."""
    groups: list[list[int]] = []
    until = date.min
    for n in order:
        first, last, _ = spans[n]
        if groups and first <= until:
            groups[-1].append(n)
            until = max(until, last)
        else:
            groups.append([n])
            until = last
    return groups
