"""The date rules of a wheel file: `24 February Y-1` is a date once the cycle's year is known.

This module defines the interface of every rule, and the rules for a day or a month. `periods` defines longer
periods, `relative_dates` the rules that count from another date; `parse_date` parses the text of a rule.
docs/dates.md describes the language. Dates are calendar dates of the municipality and have no time zone.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from typing import Literal

from workflows.dates.months import MONTHS, month_end, month_start
from workflows.dates.workdays import Calendar
from workflows.messages import N_

Letter = Literal["Y", "E"]
Bound = Literal["opens", "target", "last", "statutory"]
Referred = Bound | Literal["actual"]  # a date of a state, or the day on which a plan really came into the state

# A year outside these limits is taken for a typing error. E+8 is two mandate periods after the election.
YEAR_LIMITS: dict[Letter | None, tuple[int, int]] = {"Y": (-2, 2), "E": (0, 8), None: (2000, 2099)}
WRITE_YEAR = N_("Write `Y-2` to `Y+2` (budget year), `E` to `E+8` (election year) or a plain year from 2000 to 2099.")
NO_YEAR: dict[Letter, tuple[str, str]] = {
    "Y": (N_("`{year}` is counted from a budget year, but this cycle has none."), N_("Write `E` to `E+8`.")),
    "E": (N_("`{year}` is counted from an election year, but this cycle has none."), N_("Write `Y-2` to `Y+2`.")),
}
BOUNDS: tuple[Bound, ...] = ("opens", "target", "last", "statutory")
BOUND_WORDS: dict[Referred, str] = {
    "last": "last day", "opens": "opening", "target": "target", "statutory": "statutory day", "actual": "actual day",
}  # fmt: skip


class DateRuleError(ValueError):
    """The text is not a date rule, or the cycle has no year for the rule to count from.

    `message` says what is wrong and `cure` what to write instead: two translatable sentences, filled in with `facts`.
    `str(error)` is both in one English sentence. `of`: the DateOf at fault, set by a timetable, because the date that
    was asked for may only count from it.
    """

    of: object = None

    def __init__(self, message: str, cure: str, **facts: object) -> None:
        super().__init__(message, cure)
        self.message = message
        self.cure = cure
        self.facts = facts

    def __str__(self) -> str:
        said = [sentence.format_map(self.facts).removesuffix(".") for sentence in (self.message, self.cure)]
        return "; ".join(sentence[:1].lower() + sentence[1:] for sentence in said)


class NotYetDated(DateRuleError):
    """The rule is valid, but the date that it depends on is not decided yet."""


class NoMeeting(DateRuleError):
    """The body's meetings are known, but none of them is the meeting that the rule names."""


@dataclass(frozen=True)
class Anchor:
    """The values of one cycle that a rule is resolved against.

    A cycle has a budget year or the election year of its mandate period. `meetings`: the known meetings of each body,
    sorted. `calendar`: the working days. `other`: resolves another date of the same cycle; it raises NotYetDated, or
    DateRuleError for dates that count from each other.
    """

    budget_year: int | None = None
    election_year: int | None = None
    meetings: Mapping[str, Sequence[date]] = field(default_factory=dict, compare=False)
    calendar: Calendar | None = field(default=None, compare=False)
    other: "Callable[[Reference], date] | None" = field(default=None, compare=False)


@dataclass(frozen=True)
class Year:
    """`Y-1`, `E+1` or `2027`: a letter and the years to add to it, or no letter and the calendar year.

    Raises DateRuleError for a year outside YEAR_LIMITS.
    """

    letter: Letter | None
    number: int

    def __post_init__(self) -> None:
        least, most = YEAR_LIMITS[self.letter]
        if not least <= self.number <= most:
            raise DateRuleError(N_("`{year}` is not a year of a wheel."), WRITE_YEAR, year=str(self))

    def __str__(self) -> str:
        if self.letter is None:
            return str(self.number)
        return f"{self.letter}{self.number:+d}" if self.number else self.letter

    @property
    def needs(self) -> frozenset[Letter]:
        return frozenset() if self.letter is None else frozenset({self.letter})

    def of(self, anchor: Anchor) -> int:
        """The calendar year in that cycle. Raises DateRuleError if the cycle has no year for the letter."""
        if self.letter is None:
            return self.number
        base = anchor.budget_year if self.letter == "Y" else anchor.election_year
        if base is None:
            raise DateRuleError(*NO_YEAR[self.letter], year=str(self))
        return base + self.number


class DateRule(ABC):
    """A date relative to a cycle. `str(rule)` is its canonical text: `parse(str(rule)) == rule`."""

    @abstractmethod
    def first(self, anchor: Anchor) -> date:
        """The first day of the rule, used for an opening. Raises DateRuleError if the anchor has no year for it."""

    def last(self, anchor: Anchor) -> date:
        """The last day of the rule; the whole day counts. Raises DateRuleError as `first` does."""
        return self.first(anchor)

    @property
    def parts(self) -> "tuple[DateRule, ...]":
        """The rules that this rule is composed of."""
        return ()

    @property
    def needs(self) -> frozenset[Letter]:
        """The letters for which the anchor must have a year: {"Y"}, {"E"}, both or none."""
        return frozenset[Letter]().union(*(part.needs for part in self.parts))

    @property
    def references(self) -> "tuple[Reference, ...]":
        """The other dates of the cycle that the rule counts from."""
        return tuple(dict.fromkeys(reference for part in self.parts for reference in part.references))

    @property
    def bodies(self) -> frozenset[str]:
        """The ids of the bodies whose meetings the rule depends on."""
        return frozenset[str]().union(*(part.bodies for part in self.parts))

    @property
    def approximate(self) -> bool:
        """Whether the source says `about`."""
        return any(part.approximate for part in self.parts)

    @property
    def clock(self) -> tuple[time, time | None] | None:
        """Start and end of the time of day that the rule gives; None if it gives none."""
        return None

    def provisional(self, anchor: Anchor) -> bool:
        """Whether the date is an estimate, such as a meeting not yet known. Raises DateRuleError as `first` does."""
        return any(part.provisional(anchor) for part in self.parts)


class Dated(DateRule):
    """A rule whose text ends with a year. `bare` is the text before the year."""

    year: Year

    @property
    @abstractmethod
    def bare(self) -> str: ...

    def __str__(self) -> str:
        return f"{self.bare} {self.year}"

    @property
    def needs(self) -> frozenset[Letter]:
        return self.year.needs


@dataclass(frozen=True)
class Exact(DateRule):
    """`2027-02-24`"""

    day: date

    def __post_init__(self) -> None:
        Year(None, self.day.year)

    def __str__(self) -> str:
        return self.day.isoformat()

    def first(self, anchor: Anchor) -> date:  # noqa: ARG002 - an exact date needs no anchor
        return self.day


@dataclass(frozen=True)
class DayOf(Dated):
    """`24 February Y-1`. Raises DateRuleError for a day that does not exist in every such year."""

    day: int
    month: int
    year: Year

    def __post_init__(self) -> None:
        # `Y` and `E` can be any year, so 29 February is only valid with a plain leap year.
        days = month_end(self.year.number if self.year.letter is None else 2027, self.month).day
        facts = {"day": self.day, "days": days, "month": MONTHS[self.month - 1], "year": str(self.year)}
        instead = N_("Write `{days} {month} {year}` or `last of {month} {year}`.")
        if self.day < 1:
            message, first = N_("{day} {month} does not exist: days count from 1."), N_("Write `1 {month} {year}`.")
            raise DateRuleError(message, first, **facts)
        if (self.day, self.month) == (29, 2) and days == 28:
            raise DateRuleError(N_("{day} {month} does not exist every year."), instead, **facts)
        if self.day > days:
            raise DateRuleError(N_("{day} {month} does not exist: {month} has {days} days."), instead, **facts)

    @property
    def bare(self) -> str:
        return f"{self.day} {MONTHS[self.month - 1]}"

    def first(self, anchor: Anchor) -> date:
        return date(self.year.of(anchor), self.month, self.day)


class Period(Dated):
    """One or more whole calendar months."""

    @property
    @abstractmethod
    def months(self) -> tuple[int, int]:
        """First month and number of months. A month above 12 belongs to the next year."""

    def first(self, anchor: Anchor) -> date:
        return month_start(self.year.of(anchor), self.months[0])

    def last(self, anchor: Anchor) -> date:
        month, count = self.months
        return month_end(self.year.of(anchor), month + count - 1)


@dataclass(frozen=True)
class InMonth(Period):
    """`June Y-1`, the whole month. `month` is 1 to 12."""

    month: int
    year: Year

    @property
    def bare(self) -> str:
        return MONTHS[self.month - 1]

    @property
    def months(self) -> tuple[int, int]:
        return self.month, 1


@dataclass(frozen=True)
class LastOf(Dated):
    """`last of February Y-1`: 28 or 29 February."""

    month: int
    year: Year

    @property
    def bare(self) -> str:
        return f"last of {MONTHS[self.month - 1]}"

    def first(self, anchor: Anchor) -> date:
        return month_end(self.year.of(anchor), self.month)


@dataclass(frozen=True)
class Reference(DateRule):
    """`last day of mrp.board.draft`, `last day of mrp Y-1`: another date of this cycle, or of that of another year.

    `board`: the date belongs to the boards' own plans. Without `state` it is the phase's earliest opening or its
    latest day of the other kinds. `bound` is "actual" for the day on which a plan really came into the state; without
    `state` into the first one that is done. `year`: of the other cycle; None for this one. Raises DateRuleError for a
    plain year.
    """

    phase: str
    board: bool
    state: str | None
    bound: Referred
    year: Year | None = None

    def __post_init__(self) -> None:
        if self.year is not None and self.year.letter is None:
            message = N_("`{year}` is a plain year. Another cycle is named by the years from this one to it.")
            raise DateRuleError(message, N_("Write, for example, `{rule} Y-1`."), year=str(self.year), rule=self._bare)

    @property
    def _bare(self) -> str:
        of = (self.phase, "board" if self.board else None, self.state)
        return f"{BOUND_WORDS[self.bound]} of {'.'.join(filter(None, of))}"

    def __str__(self) -> str:
        return f"{self._bare} {self.year}" if self.year else self._bare

    @property
    def needs(self) -> frozenset[Letter]:
        return self.year.needs if self.year else frozenset()

    @property
    def references(self) -> "tuple[Reference, ...]":
        return (self,)

    def first(self, anchor: Anchor) -> date:
        if anchor.other is None:
            cure = N_("Write a date of its own.")
            raise NotYetDated(N_("`{rule}` is another date, which is not known here."), cure, rule=str(self))
        return anchor.other(self)


@dataclass(frozen=True)
class Undecided(DateRule):
    """`undecided`: the source says that this date differs but does not say to which date."""

    def __str__(self) -> str:
        return "undecided"

    def first(self, anchor: Anchor) -> date:  # noqa: ARG002 - undecided in every year
        message = N_("According to the source this date differs, but it has not been decided yet.")
        raise NotYetDated(message, N_("Write the date as soon as it is decided."))
