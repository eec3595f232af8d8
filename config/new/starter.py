"""The starter folder of a municipality: the Jinja2 templates of new_wheel/, filled with the names of its bodies."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from workflows.dates.months import MONTHS
from workflows.dates.workdays import Calendar

TEMPLATES = Path(__file__).parent / "new_wheel"
FILES = ("wheel.toml", "people.toml", "meetings.toml")
ZONES = {
    "SE": "Europe/Stockholm",
    "NO": "Europe/Oslo",
    "DK": "Europe/Copenhagen",
    "FI": "Europe/Helsinki",
    "AX": "Europe/Mariehamn",
    "IS": "Atlantic/Reykjavik",
    "EE": "Europe/Tallinn",
    "LV": "Europe/Riga",
    "LT": "Europe/Vilnius",
    "DE": "Europe/Berlin",
}
ELECTIONS = {
    "SE": 2022,
    "NO": 2023,
    "DK": 2021,
    "FI": 2021,
    "IS": 2022,
}  # years of local elections, which are held every fourth year
BODY_NAMES = {  # the names behind the short forms, in Swedish and English
    "KF": ("Kommunfullmäktige", "The council"),
    "KS": ("Kommunstyrelsen", "The executive board"),
    "RF": ("Regionfullmäktige", "The regional council"),
    "RS": ("Regionstyrelsen", "The regional executive board"),
}
WORDS = {
    "sv": {"administrator": "Administratör", "secretary": "Sekreterare", "officer": "Handläggare"},
    "en": {"administrator": "Administrator", "secretary": "Secretary", "officer": "Officer"},
}
YEARS_OF_MEETINGS = 5
TUESDAY, WEDNESDAY, THURSDAY = 1, 2, 3
JULY = 7  # no body meets
OUTGOING_COUNCIL = 10  # in an election year the outgoing council still decides a budget of October or earlier
LAST_MONTH_BY_LAW = 11  # for the budget; the boards' plans then can't be ready in December


@dataclass(frozen=True)
class NamedBody:
    """A body under the name that was given for it: "KS", "Skolnämnden"."""

    short: str

    @property
    def id(self) -> str:
        return slug(self.short)

    @property
    def sv(self) -> str:
        return self._names[0]

    @property
    def en(self) -> str:
        return self._names[1]

    @property
    def _names(self) -> tuple[str, str]:
        return BODY_NAMES.get(self.short.upper(), (self.short, self.short))


@dataclass(frozen=True)
class StarterFolder:
    """The answers that a starter folder is made from.

    `country`: a key of ZONES. `budget_month`: 1 to 12, the month of the year before the budget year in which the
    council decides the budget. `lang`: "sv" or "en", for the comments. `first_year`: the first year of the invented
    meetings.
    """

    name: str
    boards: tuple[str, ...]
    executive: str
    council: str
    country: str
    budget_month: int
    lang: str
    first_year: int

    def files(self) -> dict[str, str]:
        """The text of each file, by file name."""
        from jinja2 import Environment, FileSystemLoader, StrictUndefined  # slow to import, and only `new` needs it

        environment = Environment(
            loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        values = self._values
        return {name: environment.get_template(f"{name}.j2").render(values).rstrip("\n") + "\n" for name in FILES}

    @property
    def ids(self) -> list[str]:
        return [slug(self.council), slug(self.executive), *map(slug, self.boards), "ekonomikontoret"]

    @property
    def _values(self) -> dict[str, Any]:
        swedish = self.country == "SE"
        late = self.budget_month >= LAST_MONTH_BY_LAW
        return {
            "language": self.lang,
            "words": WORDS[self.lang],
            "name": self.name,
            "name_en": english(self.name),
            "council": NamedBody(self.council),
            "executive": NamedBody(self.executive),
            "boards": [NamedBody(board) for board in self.boards],
            "country": self.country,
            "zone": ZONES[self.country],
            "first_election_year": ELECTIONS.get(self.country, ELECTIONS["SE"]),
            "elections_known": self.country in ELECTIONS,
            "swedish_law": swedish,
            "tax_rate_first": swedish and self.budget_month > LAST_MONTH_BY_LAW,
            "new_council_decides_again": swedish and self.budget_month <= OUTGOING_COUNCIL,
            "opens_month": self._month(-8),
            "timetable_month": self._month(-7),
            "frames_month": self._month(-4),
            "groundwork_month": self._month(-2),
            "budget_month": self._month(0),
            "plan_draft": "middle of January Y" if late else "end of November Y-1",
            "plan_month": "February Y" if late else "December Y-1",
            "meetings": self._meetings(),
        }

    def _month(self, later: int) -> str:
        """The month `later` months after the budget's decision, as a date rule; June instead of July."""
        years, month = divmod(self.budget_month - 1 + later, 12)
        return f"{MONTHS[month - 1 if later and month == JULY - 1 else month]} Y{years - 1:+d}"

    def _meetings(self) -> dict[str, dict[int, list[date]]]:
        """By body and year: invented meetings, moved back from a day off to the working day before it."""
        when = {slug(self.council): (THURSDAY, (4,)), slug(self.executive): (WEDNESDAY, (2, 4))}
        when |= {slug(board): (TUESDAY, (2,)) for board in self.boards}
        calendar = Calendar(self.country, ZONES[self.country])
        years = range(self.first_year, self.first_year + YEARS_OF_MEETINGS)
        return {
            body: {year: sorted({calendar.on_or_before(day) for day in _days(year, *days)}) for year in years}
            for body, days in when.items()
        }


def slug(name: str) -> str:
    """The id made from a name, such as `barn-och-utbildningsnamnden`; empty if no letter or digit is left."""
    plain = unicodedata.normalize("NFKD", name.lower().replace("ø", "o").replace("æ", "ae").replace("ß", "ss"))
    return re.sub(r"[^a-z0-9]+", "-", plain.encode("ascii", "ignore").decode()).strip("-")


def english(name: str) -> str:
    """`Exempelby kommun` as `The municipality of Exempelby`; a name of another form is unchanged."""
    found = re.fullmatch(r"(.+?)s? kommun(?:e)?", name, re.IGNORECASE)
    return f"The municipality of {found[1]}" if found else name


def _days(year: int, weekday: int, weeks: tuple[int, ...]) -> Iterator[date]:
    """In every month but July, the weekday (0 is Monday) of these weeks: week 2 is the month's second such day."""
    for month in range(1, 13):
        first = date(year, month, 1)
        for week in weeks if month != JULY else ():
            yield first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (week - 1))
