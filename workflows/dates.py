"""The date rules of a wheel file: `24 February Y-1` is a date once the cycle's year is known.

The language, one class per form:

    2027-02-24              Exact     that day
    24 February Y-1         DayOf     the same day every cycle
    last of February Y-1    LastOf    28 or 29 February
    June Y-1                InMonth   opens on the first day, closes on the last

Months are English, in any case. A year is `Y-2` … `Y+2` (Y: the budget year), `E` … `E+8` (E: the election
year of a mandate cycle) or plain, such as `2027`. Dates are the municipality's own, without zone.
"""

import re
from abc import ABC, abstractmethod
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Literal

Letter = Literal["Y", "E"]

# Not calendar.month_name: that one speaks the language of the server.
MONTHS = ("January", "February", "March", "April", "May", "June", "July",
          "August", "September", "October", "November", "December")  # fmt: skip
NUMBERS = {name.lower(): number for number, name in enumerate(MONTHS, 1)}
# Outside these a year is a slip of the pen. E+8: two mandate periods.
LIMITS: dict[Letter | None, tuple[int, int]] = {"Y": (-2, 2), "E": (0, 8), None: (2000, 2099)}
YEARS = "`Y-2` to `Y+2` (budget year), `E` to `E+8` (election year) or a plain year from 2000 to 2099"
LACKS: dict[Letter, tuple[str, str]] = {
    "Y": ("a budget year", "`E` to `E+8`"),
    "E": ("an election year", "`Y-2` to `Y+2`"),
}
FORMS = "`24 February Y-1`, `last of February Y-1`, `June Y-1` or `2027-02-24`"


class DateRuleError(ValueError):
    """The text is no date rule, or the cycle lacks the year that the rule counts from."""


def is_election_year(year: int) -> bool:
    """Whether Sweden holds general elections that year: every fourth, 2022, 2026, 2030 …"""
    return year % 4 == 2


@dataclass(frozen=True)
class Anchor:
    """What Y and E stand for in one cycle: its budget year, or the election year of its mandate period."""

    budget_year: int | None = None
    election_year: int | None = None


@dataclass(frozen=True)
class Year:
    """`Y-1`, `E+1` or `2027`: a letter with years to add to it, or no letter and the year itself.

    Raises DateRuleError outside LIMITS.
    """

    letter: Letter | None
    number: int

    def __post_init__(self) -> None:
        least, most = LIMITS[self.letter]
        if not least <= self.number <= most:
            raise DateRuleError(f"`{self}` is no year of a wheel; write {YEARS}")

    def __str__(self) -> str:
        if self.letter is None:
            return str(self.number)
        return f"{self.letter}{self.number:+d}" if self.number else self.letter

    @property
    def needs(self) -> frozenset[Letter]:
        return frozenset() if self.letter is None else frozenset({self.letter})

    def of(self, anchor: Anchor) -> int:
        """The calendar year. Raises DateRuleError if the cycle has no year for the letter."""
        if self.letter is None:
            return self.number
        base = anchor.budget_year if self.letter == "Y" else anchor.election_year
        if base is None:
            lacks, instead = LACKS[self.letter]
            raise DateRuleError(f"`{self}` counts from {lacks}, which this cycle has not; write {instead}")
        return base + self.number


class DateRule(ABC):
    """A date that waits for its cycle. `str(rule)` is its canonical text: `parse(str(rule)) == rule`."""

    @property
    @abstractmethod
    def needs(self) -> frozenset[Letter]:
        """The letters that an anchor must give a year for: {"Y"}, {"E"} or none."""

    @abstractmethod
    def first(self, anchor: Anchor) -> date:
        """The rule as an opening. Raises DateRuleError if the anchor lacks a letter of `needs`."""

    def last(self, anchor: Anchor) -> date:
        """The rule as a last day, which counts whole. Raises DateRuleError as `first` does."""
        return self.first(anchor)


@dataclass(frozen=True)
class Exact(DateRule):
    """`2027-02-24`"""

    day: date

    def __post_init__(self) -> None:
        Year(None, self.day.year)

    def __str__(self) -> str:
        return self.day.isoformat()

    @property
    def needs(self) -> frozenset[Letter]:
        return frozenset()

    def first(self, anchor: Anchor) -> date:  # noqa: ARG002 - the one form that needs no year
        return self.day


@dataclass(frozen=True)
class InMonth(DateRule):
    """`June Y-1`: from its first day to its last. `month` counts from 1."""

    month: int
    year: Year

    def __str__(self) -> str:
        return f"{MONTHS[self.month - 1]} {self.year}"

    @property
    def needs(self) -> frozenset[Letter]:
        return self.year.needs

    def first(self, anchor: Anchor) -> date:
        return date(self.year.of(anchor), self.month, 1)

    def last(self, anchor: Anchor) -> date:
        year = self.year.of(anchor)
        return date(year, self.month, monthrange(year, self.month)[1])


@dataclass(frozen=True)
class LastOf(InMonth):
    """`last of February Y-1`: 28 or 29 February"""

    def __str__(self) -> str:
        return f"last of {super().__str__()}"

    def first(self, anchor: Anchor) -> date:
        return self.last(anchor)


@dataclass(frozen=True)
class DayOf(DateRule):
    """`24 February Y-1`. Raises DateRuleError for a day that doesn't come in every such year."""

    day: int
    month: int
    year: Year

    def __post_init__(self) -> None:
        name = MONTHS[self.month - 1]
        # A year with a letter may be any year, so February has 28 days there.
        days = monthrange(self.year.number if self.year.letter is None else 2027, self.month)[1]
        said = f"{self.day} {name}"
        instead = f"write `{days} {name} {self.year}` or `last of {name} {self.year}`"
        if self.day < 1:
            raise DateRuleError(f"{said} never comes: days count from 1; write `1 {name} {self.year}`")
        if (self.day, self.month) == (29, 2) and days == 28:
            raise DateRuleError(f"{said} does not come every year; {instead}")
        if self.day > days:
            raise DateRuleError(f"{said} never comes: {name} has {days} days; {instead}")

    def __str__(self) -> str:
        return f"{self.day} {MONTHS[self.month - 1]} {self.year}"

    @property
    def needs(self) -> frozenset[Letter]:
        return self.year.needs

    def first(self, anchor: Anchor) -> date:
        return date(self.year.of(anchor), self.month, self.day)


_MONTH_YEAR = r"(?P<month>[^\W\d_]+)\.?(?:\s+(?P<year>.+))?"  # any word and year: the error can say which
_DAY = "(?P<day>[0-9]{1,2})"
_EXACT = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_WEEKDAY = re.compile(r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b", re.IGNORECASE)
_DAY_OF = re.compile(rf"{_DAY}\s+{_MONTH_YEAR}")
_LAST_OF = re.compile(rf"last\s+of\s+{_MONTH_YEAR}", re.IGNORECASE)
_IN_MONTH = re.compile(_MONTH_YEAR)
_MONTH_FIRST = re.compile(rf"(?P<month>[^\W\d_]+)\.?\s+{_DAY}(?:,?\s+(?P<year>.+))?")
_YEAR_FORM = re.compile(r"([YE])(?:\s*([-+−–])\s*([0-9]{1,2}))?|([0-9]{4})", re.IGNORECASE)


def parse(text: str) -> DateRule:
    """Read a date rule. Raises DateRuleError with one sentence: what is wrong, and what to write instead."""
    text = " ".join(text.split())
    if _WEEKDAY.search(text):
        raise DateRuleError(f"{_said(text)} names a weekday, which is no date rule; write {FORMS}")
    if exact := _EXACT.fullmatch(text):
        return _exact(*map(int, exact.groups()))
    if found := _match(_DAY_OF, text):
        return DayOf(int(found["day"]), _month(found), _year(found))
    if found := _match(_LAST_OF, text):
        return LastOf(_month(found), _year(found))
    if found := _match(_MONTH_FIRST, text):
        rule = DayOf(int(found["day"]), _month(found), _year(found))
        raise DateRuleError(f"{_said(text)} has the month before the day; write `{rule}`")
    if found := _match(_IN_MONTH, text):
        return InMonth(_month(found), _year(found))
    raise DateRuleError(f"{_said(text)} is no date rule; write {FORMS}")


def _match(form: re.Pattern[str], text: str) -> re.Match[str] | None:
    """A match where month or year is right: "24 Juni Y" is a date with a slip, "14 days before KF" none."""
    found = form.fullmatch(text)
    if found and (found["month"].lower() in NUMBERS or _YEAR_FORM.fullmatch(found["year"] or "")):
        return found
    return None


def _said(text: str) -> str:
    return f"`{text if len(text) <= 60 else text[:59] + '…'}`" if text else "an empty text"


def _exact(year: int, month: int, day: int) -> Exact:
    Year(None, year)
    said = f"{year:04}-{month:02}-{day:02}"
    if not 1 <= month <= 12:
        raise DateRuleError(f"{said} never comes: months go from 01 to 12; write one as in `{year}-06-30`")
    days = monthrange(year, month)[1]
    if not 1 <= day <= days:
        nearest = date(year, month, min(max(day, 1), days))
        whole = f"{MONTHS[month - 1]} {year}"
        raise DateRuleError(f"{said} never comes: {whole} has {days} days; write `{nearest}`")
    return Exact(date(year, month, day))


def _month(found: re.Match[str]) -> int:
    word = found["month"].lower()
    if number := NUMBERS.get(word):
        return number
    near = [name for name in NUMBERS if name.startswith(word)] or get_close_matches(word, NUMBERS, 2)
    instead = " or ".join(f"`{name.title()}`" for name in near) or "the English name, `January` to `December`"
    raise DateRuleError(f"{_said(found['month'])} is no month; write {instead}")


def _year(found: re.Match[str]) -> Year:
    text: str | None = found["year"]
    if text is None:
        raise DateRuleError(f"{_said(found.string)} has no year; add {YEARS}")
    if not (form := _YEAR_FORM.fullmatch(text)):
        raise DateRuleError(f"{_said(text)} is no year; write {YEARS}")
    letter, sign, number, plain = form.groups()
    if plain:
        return Year(None, int(plain))
    # The typographic minus and dash are what a word processor makes of a hyphen.
    years = int(number or 0) * (1 if sign == "+" else -1)
    return Year("Y" if letter in "Yy" else "E", years)
