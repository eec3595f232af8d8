"""Date rules relative to another rule: before, after, an offset, a body's meeting, a time of day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Literal

from workflows.dates.date_rules import Anchor, DateRule, DateRuleError, NoMeeting
from workflows.dates.known_meetings import LONGEST_PAUSE
from workflows.dates.months import months_later
from workflows.messages import N_

Side = Literal["before", "after"]
Unit = Literal["day", "working day", "week", "month"]
Where = Literal["in", "before", "after", "on or after"]

DAY = timedelta(days=1)
UNITS: tuple[Unit, ...] = ("day", "working day", "week", "month")
LAST = -1  # the ordinal of `last`
ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "last": LAST}
ORDINAL_NAMES = {number: name for name, number in ORDINALS.items()}
MAX_COUNT = 400  # of any unit; a larger count is taken for a typing error


@dataclass(frozen=True)
class _RelativeRule(DateRule):
    """A rule relative to `of`. "Before" a period counts from its first day, "after" from its last."""

    of: DateRule

    @property
    def parts(self) -> tuple[DateRule, ...]:
        return (self.of,)


@dataclass(frozen=True)
class Before(_RelativeRule):
    """`before 28 February Y`: 27 February."""

    def __str__(self) -> str:
        return f"before {self.of}"

    def first(self, anchor: Anchor) -> date:
        return self.of.first(anchor) - DAY


@dataclass(frozen=True)
class After(_RelativeRule):
    """`after 31 August Y`: 1 September."""

    def __str__(self) -> str:
        return f"after {self.of}"

    def first(self, anchor: Anchor) -> date:
        return self.of.last(anchor) + DAY


@dataclass(frozen=True)
class Offset(_RelativeRule):
    """`14 days before POINT`, `about 2 weeks after POINT`. Raises DateRuleError for a count outside 1 … MAX_COUNT."""

    count: int
    unit: Unit
    side: Side
    about: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.count <= MAX_COUNT:
            message = N_("`{count}` cannot be counted from a date.")
            raise DateRuleError(message, N_("Write a number from 1 to {most}."), count=self.count, most=MAX_COUNT)

    def __str__(self) -> str:
        about, s = "about " if self.about else "", "" if self.count == 1 else "s"
        return f"{about}{self.count} {self.unit}{s} {self.side} {self.of}"

    def first(self, anchor: Anchor) -> date:
        start = self.of.first(anchor) if self.side == "before" else self.of.last(anchor)
        count = -self.count if self.side == "before" else self.count
        if self.unit == "working day":
            return self._working(start, count, anchor)
        if self.unit == "month":
            return months_later(start, count)
        return start + DAY * (count * 7 if self.unit == "week" else count)

    def _working(self, start: date, count: int, anchor: Anchor) -> date:
        cure = N_("Count in days or weeks instead.")
        if anchor.calendar is None:
            raise DateRuleError(N_("`{rule}` counts working days, but they are not known here."), cure, rule=str(self))
        try:
            # Counting back starts at the next working day: one working day before a Saturday is the Friday.
            return anchor.calendar.shift(anchor.calendar.on_or_after(start) if count < 0 else start, count)
        except ValueError:
            message = N_("`{rule}` is counted from {day}, but the holidays of that year are not known.")
            raise DateRuleError(message, cure, rule=str(self), day=start) from None

    @property
    def approximate(self) -> bool:
        return self.about or super().approximate

    def provisional(self, anchor: Anchor) -> bool:
        return self.about or super().provisional(anchor)


@dataclass(frozen=True)
class About(_RelativeRule):
    """`about 15 May Y-1`, `about end of May Y-1`: the same days, but provisional."""

    def __str__(self) -> str:
        return f"about {self.of}"

    @property
    def approximate(self) -> bool:
        return True

    def first(self, anchor: Anchor) -> date:
        return self.of.first(anchor)

    def last(self, anchor: Anchor) -> date:
        return self.of.last(anchor)

    def provisional(self, anchor: Anchor) -> bool:
        self.of.provisional(anchor)  # raises as it does
        return True


@dataclass(frozen=True)
class Meeting(_RelativeRule):
    """`second kf meeting in October Y-1`, `last kf meeting before summer Y-1`, `first ks meeting after POINT`.

    Known days that follow each other are one meeting, which spans them; it is in the period in which it begins.

    While no meeting of the body is known in that year, the rule is provisional. It then spans the whole period
    (`in`), the day before it (`before`), or the month after it (`after`, `on or after`). The same holds where the
    nearest known one is of another year and months away.
    """

    body: str
    where: Where
    ordinal: int = 1  # 1 to 5, or LAST

    def __str__(self) -> str:
        ordinal = "" if (self.where, self.ordinal) == ("in", 1) else f"{ORDINAL_NAMES[self.ordinal]} "
        return f"{ordinal}{self.body} meeting {self.where} {self.of}"

    @property
    def bodies(self) -> frozenset[str]:
        return super().bodies | {self.body}

    def first(self, anchor: Anchor) -> date:
        return self._between(anchor)[0]

    def last(self, anchor: Anchor) -> date:
        return self._between(anchor)[1]

    def provisional(self, anchor: Anchor) -> bool:
        known = self._between(anchor)[2]
        return not known or super().provisional(anchor)

    def _between(self, anchor: Anchor) -> tuple[date, date, bool]:
        """First and last possible day, and whether the meeting is known; if it is, they are its own."""
        first, last = self._span(anchor)
        found = self._meeting(first, last, anchor.meetings.get(self.body, ()))
        return (first, last, False) if found is None else (*found, True)

    def _span(self, anchor: Anchor) -> tuple[date, date]:
        if self.where == "in":
            return self.of.first(anchor), self.of.last(anchor)
        if self.where == "before":
            # "Before June" is before its first day; before an unknown meeting, before the last day that it may have.
            unknown = isinstance(self.of, Meeting) and self.of.provisional(anchor)
            latest = self.of.last(anchor) if unknown else self.of.first(anchor)
            return self.of.first(anchor) - DAY, latest - DAY
        if self.where == "after":
            return (day := self.of.last(anchor)) + DAY, months_later(day, 1)
        return (day := self.of.first(anchor)), months_later(day, 1)

    def _meeting(self, first: date, last: date, known: Sequence[date]) -> tuple[date, date] | None:
        """First and last day of the meeting in that span; None if the meetings of one of its years are not known.

        Raises NoMeeting if they are known and none of them matches.
        """
        found = self._pick([days for days in in_a_row(known) if self._fits(*days, first, last)])
        if found is not None and self._beyond_a_pause(*found, first, last):
            return None
        begin, end = first.year, last.year
        if found is not None:  # a year that is not entered yet may hold an earlier or a later one
            begin, end = (found[0].year, end) if self.ordinal == LAST else (begin, found[0].year)
        elif self.where == "before":
            begin = months_later(first, -1).year
        if not {day.year for day in known}.issuperset(range(begin, end + 1)):
            return None
        if found is None:
            years = str(end) if begin == end else f"{begin}–{end}"
            cure = N_("Add the meeting, or write another date.")
            message = N_("No known meeting of {body} in {years} matches `{rule}`.")
            raise NoMeeting(message, cure, body=self.body, years=years, rule=str(self))
        return found

    def _beyond_a_pause(self, begins: date, ends: date, first: date, last: date) -> bool:
        """Whether the nearest known meeting is one of another year, and so far that nearer ones are not entered yet."""
        if (self.where, self.ordinal) == ("before", LAST):
            return ends.year < last.year and last - ends > LONGEST_PAUSE
        return self.where in ("after", "on or after") and begins.year > first.year and begins - first > LONGEST_PAUSE

    def _fits(self, begins: date, ends: date, first: date, last: date) -> bool:
        if self.where == "in":
            return first <= begins <= last
        return ends <= last if self.where == "before" else begins >= first

    def _pick(self, found: Sequence[tuple[date, date]]) -> tuple[date, date] | None:
        index = self.ordinal if self.ordinal == LAST else self.ordinal - 1
        return found[index] if len(found) > max(index, 0) else None


def in_a_row(days: Sequence[date]) -> list[tuple[date, date]]:
    """First and last day of each meeting: days that follow each other are one. `days` are sorted."""
    found: list[tuple[date, date]] = []
    for day in days:
        if found and day == found[-1][1] + DAY:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found


@dataclass(frozen=True)
class Timed(_RelativeRule):
    """`15 March Y-1 at 12:00`, `30 August Y-1 at 19:00-21:00`: the day of `of`; the time is only shown."""

    start: time
    end: time | None = None

    def __post_init__(self) -> None:
        if self.end is not None and self.end <= self.start:
            facts = {"start": f"{self.start:%H:%M}", "end": f"{self.end:%H:%M}"}
            cure = N_("Write the earlier time first, for example `19:00-21:00`.")
            raise DateRuleError(N_("`{start}-{end}` ends before it begins."), cure, **facts)

    def __str__(self) -> str:
        until = f"-{self.end:%H:%M}" if self.end else ""
        return f"{self.of} at {self.start:%H:%M}{until}"

    @property
    def clock(self) -> tuple[time, time | None]:
        return self.start, self.end

    def first(self, anchor: Anchor) -> date:
        return self.of.first(anchor)

    def last(self, anchor: Anchor) -> date:
        return self.of.last(anchor)
