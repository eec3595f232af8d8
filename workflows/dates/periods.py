"""Date rules that span several days: quarters, seasons, weeks, parts of a month, windows, choices."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Literal

from workflows.dates.date_rules import Anchor, Dated, DateRule, DateRuleError, DayOf, Period, Year
from workflows.dates.months import MONTHS, month_end, month_start
from workflows.messages import N_

PartName = Literal["begin", "middle", "end"]

# First month and number of months. Winter continues into the next year.
NAMED = {
    "Q1": (1, 3), "Q2": (4, 3), "Q3": (7, 3), "Q4": (10, 3),
    "T1": (1, 4), "T2": (5, 4), "T3": (9, 4),
    "H1": (1, 6), "H2": (7, 6),
    "year": (1, 12),
    "spring": (3, 3), "summer": (6, 3), "autumn": (9, 3), "winter": (12, 3),
}  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
PARTS: tuple[PartName, ...] = ("begin", "middle", "end")
YEARS_TRIED = range(2024, 2052)  # the Gregorian calendar repeats every 28 years within these centuries


@dataclass(frozen=True)
class NamedPeriod(Period):
    """A period of NAMED: `Q1 Y`, `T2 Y`, `H1 Y`, `year Y-1`, `winter Y-1`."""

    name: str
    year: Year

    @property
    def bare(self) -> str:
        return self.name

    @property
    def months(self) -> tuple[int, int]:
        return NAMED[self.name]


@dataclass(frozen=True)
class Part(Dated):
    """`middle of June Y-1`: days 1-10, 11-20 or 21 and later of a month, or a third of a longer period.

    Thirds are whole months, so a tertial (four months) raises DateRuleError.
    """

    part: PartName
    of: Period

    def __post_init__(self) -> None:
        count = self.of.months[1]
        if count > 1 and count % 3:
            message = N_("`{period}` has {months} months, which cannot be divided by three.")
            cure = N_("Write the months instead, for example `January to February Y-1`.")
            raise DateRuleError(message, cure, period=str(self.of), months=count)

    @property
    def year(self) -> Year:  # type: ignore[override]
        return self.of.year

    @property
    def bare(self) -> str:
        return f"{self.part} of {self.of.bare}"

    def first(self, anchor: Anchor) -> date:
        month, count = self.of.months
        third = PARTS.index(self.part)
        start = month_start(self.year.of(anchor), month + count // 3 * third)
        return start.replace(day=1 + 10 * third) if count == 1 else start

    def last(self, anchor: Anchor) -> date:
        if self.part == "end":
            return self.of.last(anchor)
        following = Part(PARTS[PARTS.index(self.part) + 1], self.of)
        return following.first(anchor) - timedelta(days=1)


def year_after(year: Year) -> str:
    """The year after it as it is written, also where no rule may name it any more."""
    letter, number = year.letter or "", year.number + 1
    return f"{letter}{number:+d}" if letter and number else letter or str(number)


@dataclass(frozen=True)
class TurnOfMonths(Dated):
    """`turn of May/June Y-1`: from the fifth-last day of May to 5 June. `year` is the year of the first month.

    At the turn of the year both years are written: `turn of December Y/January Y+1`.
    """

    month: int
    year: Year

    @property
    def bare(self) -> str:
        return f"turn of {MONTHS[self.month - 1]}/{MONTHS[self.month % 12]}"

    def __str__(self) -> str:
        if self.month < 12:
            return super().__str__()
        return f"turn of December {self.year}/January {year_after(self.year)}"

    def first(self, anchor: Anchor) -> date:
        return month_end(self.year.of(anchor), self.month) - timedelta(days=4)

    def last(self, anchor: Anchor) -> date:
        return month_start(self.year.of(anchor), self.month + 1).replace(day=5)


@dataclass(frozen=True)
class Week(Dated):
    """`week 24 Y-1`: an ISO week, Monday to Sunday. Raises DateRuleError if not every such year has the week."""

    week: int
    year: Year

    def __post_init__(self) -> None:
        facts = {"week": self.week, "year": str(self.year)}
        if not 1 <= self.week <= 53:
            message = N_("Week {week} does not exist: weeks go from 1 to 52, in some years 53.")
            raise DateRuleError(message, N_("Write, for example, `week 24 {year}`."), **facts)
        # By ISO 8601, 28 December always lies in the last week of its year.
        weeks = 52 if self.year.letter else date(self.year.number, 12, 28).isocalendar().week
        if self.week > weeks:
            raise DateRuleError(N_("Week {week} does not exist every year."), N_("Write `week 52 {year}`."), **facts)

    @property
    def bare(self) -> str:
        return f"week {self.week}"

    def first(self, anchor: Anchor) -> date:
        return date.fromisocalendar(self.year.of(anchor), self.week, 1)

    def last(self, anchor: Anchor) -> date:
        return date.fromisocalendar(self.year.of(anchor), self.week, 7)


@dataclass(frozen=True)
class WeekdayOf(Dated):
    """`Wednesday of week 24 Y-1`. `weekday` is 1 (Monday) to 7."""

    weekday: int
    of: Week

    @property
    def year(self) -> Year:  # type: ignore[override]
        return self.of.year

    @property
    def bare(self) -> str:
        return f"{WEEKDAYS[self.weekday - 1]} of {self.of.bare}"

    def first(self, anchor: Anchor) -> date:
        return self.of.first(anchor) + timedelta(days=self.weekday - 1)


@dataclass(frozen=True)
class Window(DateRule):
    """`15 August to 30 September Y-1`. Raises DateRuleError if the end precedes the start in every year."""

    start: DateRule
    end: DateRule

    def __post_init__(self) -> None:
        if _is_reversed(self.start, self.end):
            facts = {"window": str(self), "other": f"{self.end} to {self.start}"}
            cure = N_("Write the earlier one first (`{other}`), or give each its own year.")
            raise DateRuleError(N_("`{window}` ends before it begins."), cure, **facts)

    def __str__(self) -> str:
        return " to ".join(_said_once((self.start, self.end)))

    @property
    def parts(self) -> tuple[DateRule, ...]:
        return self.start, self.end

    def first(self, anchor: Anchor) -> date:
        return self.start.first(anchor)

    def last(self, anchor: Anchor) -> date:
        """Never before `first`: the start may be a meeting that was moved past the end."""
        return max(self.first(anchor), self.end.last(anchor))


@dataclass(frozen=True)
class Choice(DateRule):
    """`April or May Y-1`: opens with the earliest option, and its last day is the last day of the latest."""

    options: tuple[DateRule, ...]

    def __str__(self) -> str:
        return " or ".join(_said_once(self.options))

    @property
    def parts(self) -> tuple[DateRule, ...]:
        return self.options

    def first(self, anchor: Anchor) -> date:
        return min(option.first(anchor) for option in self.options)

    def last(self, anchor: Anchor) -> date:
        return max(option.last(anchor) for option in self.options)


def _is_reversed(start: DateRule, end: DateRule) -> bool:
    if len(start.needs | end.needs) > 1:  # a cycle has a budget year or an election year, so these cannot be compared
        return False
    try:
        return all(start.first(year) > end.last(year) for year in (Anchor(y, y) for y in YEARS_TRIED))
    except DateRuleError:  # the rules need more than a year, such as meetings
        return False


def _said_once(rules: tuple[DateRule, ...]) -> list[str]:
    """The texts of the rules; a month or year that the next rule repeats is left out: `17 to 18 August Y-1`."""
    return [*(_before(rule, following) for rule, following in pairwise(rules)), str(rules[-1])]


def _before(rule: DateRule, following: DateRule) -> str:
    if not (isinstance(rule, Dated) and isinstance(following, Dated) and rule.year == following.year):
        return str(rule)
    if isinstance(rule, DayOf) and isinstance(following, DayOf) and rule.month == following.month:
        return str(rule.day)
    return rule.bare
