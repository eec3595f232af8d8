"""What people read, in their language: sentences by gettext, dates by Babel."""

import datetime as dt
import gettext
from functools import cache, lru_cache
from pathlib import Path
from typing import Protocol, runtime_checkable

from workflows.messages import N_

LANGUAGES = ("sv", "en")
DEFAULT = "sv"
LOCALE = Path(__file__).parent / "locale"
_BABEL = {"sv": "sv_SE", "en": "en_GB"}  # "5 November 2026", not "November 5, 2026"


@runtime_checkable
class InBothLanguages(Protocol):
    """A text that a file gives in both languages (workflows.definition.definition.Text)."""

    def to(self, language: str) -> str: ...


class Texts:
    """The texts of one language; another language than ours reads Swedish.

    `texts("Due {day}", day=…)`: the English message of the code with its facts. A fact that is a date is
    written as people write it, a list with commas, a text of both languages in this one. Raises KeyError for
    a fact that the message names and nobody gave. A message without facts is said as it stands.
    """

    def __init__(self, language: str) -> None:
        self.language = language if language in LANGUAGES else DEFAULT
        self._catalog = _catalog(self.language)

    def __call__(self, message: str, /, **facts: object) -> str:
        # gettext answers the empty message with its own header.
        said = self._catalog.gettext(message) if message else ""
        return said.format_map(self._readable(facts)) if facts else said

    def plural(self, one: str, many: str, n: int, /, **facts: object) -> str:
        """The form that `n` asks for; `{n}` in the message is the number itself."""
        return self._catalog.ngettext(one, many, n).format_map(self._readable({"n": n, **facts}))

    def date(self, day: dt.date) -> str:
        """5 november 2026"""
        return self._format(day, "d MMMM y")

    def weekday_date(self, day: dt.date) -> str:
        """torsdag 5 november 2026 (v. 45)"""
        return f"{self.long_date(day)} ({self.week(day)})"

    def long_date(self, day: dt.date) -> str:
        """torsdag 5 november 2026"""
        return self._format(day, "EEEE d MMMM y")

    def week(self, day: dt.date) -> str:
        """v. 45, the ISO week"""
        return self(N_("week {number}"), number=day.isocalendar().week)

    def short_date(self, day: dt.date) -> str:
        """5 nov"""
        return self._format(day, "d MMM").rstrip(".")

    def clock(self, moment: dt.datetime) -> str:
        """kl. 7.30; `moment` is local already, its zone is not looked at."""
        if self.language == "sv":
            return f"kl. {moment.hour}.{moment.minute:02}"
        return f"{moment.hour:02}:{moment.minute:02}"

    def _format(self, day: dt.date, pattern: str) -> str:
        return _formatted(day, pattern, _BABEL[self.language])

    def _readable(self, facts: dict[str, object]) -> dict[str, object]:
        return {name: self._say(value) for name, value in facts.items()}

    def _say(self, value: object) -> object:
        if isinstance(value, str | int):  # nearly all of them; what follows looks a value through for its methods
            return value
        if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
            return self.date(value)
        if isinstance(value, list | tuple):
            return ", ".join(str(self._say(item)) for item in value)
        return value.to(self.language) if isinstance(value, InBothLanguages) else value


@lru_cache(maxsize=1_000)  # the same few days stand in every mail of a round
def _formatted(day: dt.date, pattern: str, locale: str) -> str:
    from babel.dates import format_date  # 40 ms: not for those who read no date

    return format_date(day, pattern, locale=locale)


@cache
def _catalog(language: str) -> gettext.GNUTranslations:
    """Raises FileNotFoundError where the compiled catalog is missing: the installation is broken."""
    with (LOCALE / language / "LC_MESSAGES" / "arshjul.mo").open("rb") as file:
        return gettext.GNUTranslations(file)
