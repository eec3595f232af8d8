"""Applies the variants of a cycle to a wheel, and replaces each series by its members.

It works on plain TOML tables, so that a file can be checked before it is parsed into a Wheel.
"""

import re
from collections.abc import Iterable
from copy import deepcopy
from typing import Any

from workflows.dates.months import MONTHS

Table = dict[str, Any]

SIZES = {"month": 1, "quarter": 3, "tertial": 4}
SLUGS = {"month": "{:02}", "quarter": "q{}", "tertial": "t{}"}
NAMES = {
    "quarter": ("kvartal {}", "quarter {}"),
    "tertial": ("tertial {}", "tertial {}"),
}
MONTHS_SV = ("januari", "februari", "mars", "april", "maj", "juni", "juli",
             "augusti", "september", "oktober", "november", "december")  # fmt: skip
PERIOD = "{period}"  # in a name: the month, the quarter or the tertial of the series' member
_YEAR = re.compile(r"[YE](?:[+-]?[0-9]+)?|[0-9]{4}")
_M = re.compile(r"\bM(?:\s*\+\s*([0-9]{1,2}))?\b")


def expand(wheel: Table, variants: Iterable[str]) -> Table:
    """The wheel's table with these variants applied in turn, and each series replaced by its members."""
    found = {key: value for key, value in wheel.items() if key != "variant"}
    for name in variants:
        variant = wheel["variant"][name]
        found = _omitted(found, variant.get("omit"))
        found["phase"] = merged(_table(found.get("phase")), _table(variant.get("phase")))
    phases = found.get("phase", {})
    if isinstance(phases, dict):
        found["phase"] = {slug: member for id, phase in phases.items() for slug, member in _members(id, phase)}
    return found


def merged(base: Table, over: Table) -> Table:
    """`base` overridden by `over`, table by table. A date is replaced together with its source."""
    return {**base, **{key: _laid(base[key], value) if key in base else value for key, value in over.items()}}


def _laid(base: Any, over: Any) -> Any:
    both = isinstance(base, dict) and isinstance(over, dict)
    return merged(base, over) if both and "date" not in over else over


def members(series: Table) -> list[int]:
    """The numbers of the series' members: months, quarters or tertials of the year."""
    size = SIZES.get(str(series.get("every")), 12)
    all = range(1, 12 // size + 1)
    gone = _list(series.get("except"))
    return [number for number in _list(series.get("only")) or all if number in all and number not in gone]


def member_slug(id: str, every: str, number: int) -> str:
    return f"{id}-{SLUGS[every].format(number)}"


def _members(id: str, phase: Any) -> list[tuple[str, Any]]:
    series = phase.get("series") if isinstance(phase, dict) else None
    if not isinstance(series, dict) or series.get("every") not in SIZES:
        return [(id, phase)]
    return [(member_slug(id, series["every"], number), _member(phase, series, number)) for number in members(series)]


def _member(phase: Table, series: Table, number: int) -> Table:
    month = number * SIZES[series["every"]]
    own = dict(_table(_table(series.get("member")).get(str(number))))
    found: Table = _in_month({key: value for key, value in phase.items() if key != "series"}, month, series)
    found = _omitted(found, own.pop("omit", None))
    found["label"] = _named(found.get("label"), series["every"], number)
    if isinstance(board := found.get("board"), dict) and "title" in board:
        found["board"] = {**board, "title": _named(board["title"], series["every"], number)}
    found = merged(found, _in_month(own, month, series))
    return found | {
        key: _with_period(found[key], series["every"], number) for key in ("label", "board") if key in found
    }


def _in_month(value: Any, month: int, series: Table) -> Any:
    """The value, with `M` in its dates replaced by the month."""
    if isinstance(value, dict):
        return {key: _date(each, month, series) if key == "date" else _in_month(each, month, series)
                for key, each in value.items()}  # fmt: skip
    return [_in_month(each, month, series) for each in value] if isinstance(value, list | tuple) else deepcopy(value)


def _date(text: Any, month: int, series: Table) -> Any:
    said = str(series.get("year"))
    year = said if _YEAR.fullmatch(said) else "Y"  # where there is none; a wrong one is reported elsewhere

    def written(found: re.Match[str]) -> str:
        later = month - 1 + int(found[1] or 0)
        return f"{MONTHS[later % 12]} {_later(year, later // 12)}"

    return _M.sub(written, text) if isinstance(text, str) else text


def _later(year: str, years: int) -> str:
    if not years:
        return year
    letter, number = (year[0], int(year[1:] or 0)) if year[:1] in ("Y", "E") else ("", int(year))
    number += years
    return f"{letter}{number:+d}" if letter and number else letter or str(number)


def _named(label: Any, every: str, number: int) -> Any:
    """The label with the period in place of `{period}`, or after the label."""
    if not isinstance(label, dict):
        return label
    after = {
        language: text if PERIOD in text else f"{text} {PERIOD}"
        for language, text in label.items()
        if language in ("sv", "en") and isinstance(text, str)
    }
    return _with_period(after, every, number)


def _with_period(value: Any, every: str, number: int) -> Any:
    """The label, or the table with its title, with the period in place of `{period}`."""
    if not isinstance(value, dict):
        return value
    if "title" in value:
        return {**value, "title": _with_period(value["title"], every, number)}
    sv, en = (MONTHS_SV[number - 1], MONTHS[number - 1]) if every == "month" else (
        name.format(number) for name in NAMES[every]
    )  # fmt: skip
    names = {"sv": sv, "en": en}
    return {
        key: text.replace(PERIOD, names[key]) if key in names and isinstance(text, str) else text
        for key, text in value.items()
    }


def _omitted(table: Table, places: Any) -> Table:
    for place in _list(places):
        table = _without(table, str(place).split("."))
    return table


def _table(value: Any) -> Table:
    """The value if it is a table, otherwise an empty one: a wrong type is reported elsewhere."""
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


def _without(table: Table, place: list[str]) -> Table:
    head, *rest = place
    if head not in table:
        return table
    if not rest:
        return {key: value for key, value in table.items() if key != head}
    inner = table[head]
    if head == "distance" and isinstance(inner, list | tuple):
        # Marked and not removed, so that the other distances keep their numbers.
        fallen = [{**each, "omitted": True} if isinstance(each, dict) else each for each in inner]
        numbers = enumerate(zip(inner, fallen, strict=True), 1)
        return {**table, head: [gone if rest == [str(number)] else each for number, (each, gone) in numbers]}
    return {**table, head: _without(inner, rest)} if isinstance(inner, dict) else table
