"""Makes lines for the terminal: at most 80 columns, local times, and dates marked as provisional or undecided."""

import textwrap
from collections.abc import Callable, Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from config.text.texts import Texts

WIDTH = 80
Local = Callable[[datetime | None], str]


def wrapped(text: str, first: str = "", then: str | None = None) -> list[str]:
    """The text in lines. The first begins with `first`, the others with `then` or else as many blanks."""
    then = " " * len(first) if then is None else then
    # A path or an address is not broken, so that it can be copied.
    lines = textwrap.wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=then,
        break_on_hyphens=False,
        break_long_words=False,
    )
    return lines or [first.rstrip()]


def section(title: str, rows: Iterable[str]) -> list[str]:
    """An empty line, the title and the rows; nothing if there are no rows."""
    lines = [line for row in rows for line in wrapped(row, "  ", "      ")]
    return ["", f"{title}:", *lines] if lines else []


def local_time(zone: str) -> Local:
    """Writes an instant by the clock of that zone, and an en dash for none."""
    clock = ZoneInfo(zone)

    def say(instant: datetime | None) -> str:
        return f"{instant.astimezone(clock):%Y-%m-%d %H:%M}" if instant else "–"

    return say


def dated(
    day: date | None, t: Texts, *, provisional: bool = False, undecided: bool = False, clock: str | None = None
) -> str:
    """`2027-06-16`, `2027-06-16 (provisional)`, `not decided yet`, `2027-06-16 at 12:00`; an en dash for none."""
    if day is None:
        return t("not decided yet") if undecided else "–"
    said = t.at(f"{day}", clock)
    return t("{day} (provisional)", day=said) if provisional else said
