"""A municipality folder to begin from: the templates of new_wheel/, filled with the names of a municipality's bodies.

A line of a template that begins with `#sv ` or `#en ` is a comment in that language alone. Swedish law brings those
with `#SE `; `#BY ` if the budget is decided by November, `#EV ` if a newly elected council has to fix it again.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from string import Template

from workflows.dates.months import MONTHS
from workflows.dates.workdays import Calendar

TEMPLATES = Path(__file__).parent / "new_wheel"
FILES = ("wheel", "people", "meetings")
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
ELECTIONS = {"SE": 2022, "NO": 2023, "DK": 2021, "FI": 2021, "IS": 2022}  # local ones; every fourth year
KNOWN = {  # what a short form stands for, in both languages
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
JULY = 7  # when nobody meets
OUTGOING = 10  # a budget that is decided in October or before is the outgoing council's in an election year
IN_TIME = 11  # the law's month for the budget; after a decision in it the boards' plans can't be ready in December


@dataclass(frozen=True)
class Newcomer:
    """What a folder is made for. `first_year`: of its invented meetings."""

    name: str
    boards: tuple[str, ...]
    executive: str
    council: str
    country: str
    budget_month: int
    lang: str
    first_year: int

    def files(self) -> dict[str, str]:
        """The texts of the folder, by their names."""
        return {f"{name}.toml": self._filled(name) for name in FILES}

    @property
    def ids(self) -> list[str]:
        return [slug(self.council), slug(self.executive), *map(slug, self.boards), "ekonomikontoret"]

    def _filled(self, name: str) -> str:
        template = (TEMPLATES / f"{name}.template.toml").read_text(encoding="utf-8")
        text = Template("".join(self._lines(template))).substitute(self._values)
        return text.rstrip("\n") + "\n"

    def _lines(self, template: str) -> Iterator[str]:
        latest = {"SE": 12, "BY": IN_TIME, "EV": OUTGOING} if self.country == "SE" else {}
        wanted = {self.lang, *(tag for tag, month in latest.items() if self.budget_month <= month)}
        for line in template.splitlines(keepends=True):
            tag = re.match(r"#(sv|en|SE|BY|EV)(?: |$)", line)
            if tag is None:
                yield line
            elif tag[1] in wanted:
                yield (("# " if tag[1] in WORDS else "") + line[4:]).rstrip() + "\n"

    @property
    def _values(self) -> dict[str, str]:
        values = {"name": self.name, "name_en": english(self.name), "country": self.country}
        for role, given in (("council", self.council), ("executive", self.executive)):
            sv, en = KNOWN.get(given.upper(), (given, given))
            values |= {role: slug(given), f"{role}_name": sv, f"{role}_en": en, f"{role}_short": given}
        late = self.budget_month >= IN_TIME
        return {
            **values,
            **WORDS[self.lang],
            "zone": ZONES[self.country],
            "elections": str(ELECTIONS.get(self.country, ELECTIONS["SE"])),
            "uncertain": "" if self.country in ELECTIONS else ', "The years of the elections are Sweden\'s"',
            "opens_month": self._month(-8),
            "timetable_month": self._month(-7),
            "frames_month": self._month(-4),
            "groundwork_month": self._month(-2),
            "budget_month": self._month(0),
            "plan_draft": "middle of January Y" if late else "end of November Y-1",
            "plan_month": "February Y" if late else "December Y-1",
            "boards": "\n".join(map(_board, self.boards)),
            "people": "\n".join(self._people()),
            "meetings": "\n".join(self._meetings()),
        }

    def _month(self, later: int) -> str:
        """So many months after that of the budget's decision, in the year before the budget year; June for July."""
        years, month = divmod(self.budget_month - 1 + later, 12)
        return f"{MONTHS[month - 1 if later and month == JULY - 1 else month]} Y{years - 1:+d}"

    def _people(self) -> Iterator[str]:
        officer = WORDS[self.lang]["officer"]
        for board in (self.executive, *self.boards):
            id, name = slug(board), KNOWN.get(board.upper(), (board,))[0]
            yield f'[person.{id}-function]\nname = "{name}"\nemail = "{id}@example.se"'
            yield f'roles = [{{ role = "function", body = "{id}" }}]\n'
            yield f'[person.{id}-officer]\nname = "{officer}, {name}"\nemail = "handlaggare.{id}@example.se"'
            yield f'roles = [{{ role = "officer", body = "{id}" }}, {{ role = "secretary", body = "{id}" }}]\n'

    def _meetings(self) -> Iterator[str]:
        when = {slug(self.council): (THURSDAY, (4,)), slug(self.executive): (WEDNESDAY, (2, 4))}
        when |= {slug(board): (TUESDAY, (2,)) for board in self.boards}
        calendar = Calendar(self.country, ZONES[self.country])
        for body, (weekday, weeks) in when.items():
            yield f"[{body}]"
            for year in range(self.first_year, self.first_year + YEARS_OF_MEETINGS):
                days = sorted({calendar.on_or_before(day) for day in _days(year, weekday, weeks)})
                rows = [", ".join(map(str, days[i : i + 8])) for i in range(0, len(days), 8)]
                yield f"{year} = [\n" + "".join(f"  {row},\n" for row in rows) + "]"
            yield ""


def slug(name: str) -> str:
    """`barn-och-utbildningsnamnden`: a name as it can stand in an address; empty if there is nothing of it."""
    plain = unicodedata.normalize("NFKD", name.lower().replace("ø", "o").replace("æ", "ae").replace("ß", "ss"))
    return re.sub(r"[^a-z0-9]+", "-", plain.encode("ascii", "ignore").decode()).strip("-")


def english(name: str) -> str:
    """`The municipality of Exempelby` for `Exempelby kommun`; another name stays as it is."""
    found = re.fullmatch(r"(.+?)s? kommun(?:e)?", name, re.IGNORECASE)
    return f"The municipality of {found[1]}" if found else name


def _board(name: str) -> str:
    return f'[body.{slug(name)}]\nname = {{ sv = "{name}", en = "{name}" }}\nkind = "board"\n'


def _days(year: int, weekday: int, weeks: tuple[int, ...]) -> Iterator[date]:
    for month in range(1, 13):
        first = date(year, month, 1)
        for week in weeks if month != JULY else ():
            yield first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (week - 1))
