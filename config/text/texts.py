"""The texts that people read, in Swedish or English: sentences from gettext catalogs, dates from Babel."""

import datetime as dt
import gettext
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Protocol, runtime_checkable

from workflows.messages import N_

LANGUAGES = ("sv", "en")
DEFAULT = "sv"
NO_HINTS: Mapping[str, str] = MappingProxyType({})
LOCALE = Path(__file__).parent / "locale"
_BABEL = {"sv": "sv_SE", "en": "en_GB"}  # "5 November 2026", not "November 5, 2026"


@runtime_checkable
class InBothLanguages(Protocol):
    """A text that has both languages, such as workflows.definition.workflow.Text."""

    def to(self, language: str) -> str: ...


class Texts:
    """The texts of one language, "sv" or "en"; any other language gives Swedish.

    `texts("Due {day}", day=…)` translates the English message and fills in its facts. A date is written in words, a
    list with commas, a text in both languages in this one. A message without facts is not formatted. Raises KeyError
    for a fact that the message names but the caller did not pass.

    `hints`: what one kind of reader, such as a user of the console, is told after certain messages.
    """

    def __init__(self, language: str, hints: Mapping[str, str] = NO_HINTS) -> None:
        self.language = language if language in LANGUAGES else DEFAULT
        self._catalog = _catalog(self.language)
        self._hints = hints

    def __call__(self, message: str, /, **facts: object) -> str:
        # gettext translates the empty message to the header of the catalog.
        said = self._catalog.gettext(message) if message else ""
        if hint := self._hints.get(message):
            said = f"{said} {self._catalog.gettext(hint)}"
        return said.format_map(self._readable(facts)) if facts else said

    def plural(self, one: str, many: str, n: int, /, **facts: object) -> str:
        """The singular or plural message for `n`, with `n` among its facts."""
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

    def weekday_day(self, day: dt.date) -> str:
        """torsdag 5 november"""
        return self._format(day, "EEEE d MMMM")

    def month(self, day: dt.date) -> str:
        """november"""
        return self._format(day, "LLLL")

    def weekday(self, day: dt.date) -> str:
        """torsdag"""
        return self._format(day, "EEEE")

    def short_date(self, day: dt.date) -> str:
        """5 nov"""
        return self._format(day, "d MMM").rstrip(".")

    def at(self, day: str, clock: str | None) -> str:
        """A day, as it is written already, with its time of day if it has one: 5 november 2026 kl. 12:00"""
        return self(N_("{day} at {clock}"), day=day, clock=clock) if clock else day

    def number(self, n: int) -> str:
        """1 284"""
        return f"{n:,}".replace(",", "\u00a0" if self.language == "sv" else ",")

    def clock(self, moment: dt.datetime) -> str:
        """kl. 7.30. `moment` must be local time; it is not converted."""
        if self.language == "sv":
            return f"kl. {moment.hour}.{moment.minute:02}"
        return f"{moment.hour:02}:{moment.minute:02}"

    def _format(self, day: dt.date, pattern: str) -> str:
        return _formatted(day, pattern, _BABEL[self.language])

    def _readable(self, facts: dict[str, object]) -> dict[str, object]:
        return {name: self._say(value) for name, value in facts.items()}

    def _say(self, value: object) -> object:
        if isinstance(value, str | int):  # a fast path for nearly all facts: the isinstance below on a protocol is slow
            return value
        if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
            return self.date(value)
        if isinstance(value, list | tuple):
            return ", ".join(str(self._say(item)) for item in value)
        return value.to(self.language) if isinstance(value, InBothLanguages) else value


@lru_cache(maxsize=1_000)  # all mails of a round have the same few dates
def _formatted(day: dt.date, pattern: str, locale: str) -> str:
    from babel.dates import format_date  # takes 40 ms, so only commands that write a date pay for it

    return format_date(day, pattern, locale=locale)


@cache
def _catalog(language: str) -> gettext.GNUTranslations:
    """Raises FileNotFoundError if the compiled catalog is missing, which means a broken installation."""
    with (LOCALE / language / "LC_MESSAGES" / "arshjul.mo").open("rb") as file:
        return gettext.GNUTranslations(file)
