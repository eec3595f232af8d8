"""A TOML file with the line numbers of its keys, which tomllib does not provide."""

import re
import tomllib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from workflows.definition.expand import SIZES, expand, member_slug, members

Place = tuple[str | int, ...]

UTF8 = "utf-8-sig"  # with or without the byte order mark that editors on Windows write
MOST_LEVELS = 20  # tables and lists inside each other

_KEY = r"""(?:"(?:\\.|[^"\\])*"|'[^']*'|[A-Za-z0-9_-]+)"""
_KEYS = rf"{_KEY}(?:\s*\.\s*{_KEY})*"
_HEADER = re.compile(rf"\s*(\[\[?)\s*({_KEYS})\s*\]")
_ENTRY = re.compile(rf"\s*({_KEYS})\s*=")
_QUOTED = re.compile(r""""(?:\\.|[^"\\])*"|'[^']*'|#.*""")
_TEXTS = re.compile(r""""(?:\\.|[^"\\])*"|'[^']*'""")
_LONG_KEY = re.compile(r"""(?<![\w-])(?:(?:[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*){100}""")
_LONG = re.compile(r'"""|' + "'''")


@dataclass(frozen=True)
class TomlFile:
    """A parsed file, which finds the line of each place.

    `name`: the path inside the municipality's folder, for messages. `data`: its tables, possibly with `variants`
    applied; `written` then has the tables as they are in the file. `fold`: the key that `folded` has added.
    """

    name: str
    text: str
    data: dict[str, Any] = field(default_factory=dict)
    fold: str = ""
    written: dict[str, Any] | None = None
    variants: tuple[str, ...] = ()

    def resolved(self, variants: Collection[str]) -> "TomlFile":
        """The wheel with these variants applied. Lines and places still refer to the file."""
        return replace(self, data=expand(self.data, variants), written=self.data, variants=tuple(variants))

    def folded(self, key: str, apart: Collection[str]) -> "TomlFile":
        """Move all tables but those of `apart` under one key, as pydantic needs it. Places still refer to the file."""
        tables = {name: value for name, value in self.data.items() if name not in apart}
        rest = {name: value for name, value in self.data.items() if name in apart}
        return replace(self, data={**rest, key: tables}, fold=key)

    def line(self, place: Place) -> int:
        """The line of the key, or of the nearest enclosing key that begins a line; from 1."""
        place = self._own(place)
        for end in range(len(place), 0, -1):
            if (line := self._lines.get(place[:end])) is not None:
                return line
        return 1

    def shown(self, place: Place) -> str:
        """The place for people, `step.decide.to`: list entries by their name if they have one, otherwise by number."""
        words, here = [], self.data if self.written is None else self.written
        for part in self._own(place):
            here = _inside(here, part)
            names = (here.get(key) for key in ("id", "verb", "rule", "role")) if isinstance(here, dict) else ()
            name = next((name for name in names if isinstance(name, str)), None)
            words.append(part if isinstance(part, str) else name or str(part + 1))
        return ".".join(words)

    def _own(self, place: Place) -> Place:
        place = place[1:] if self.fold and place[:1] == (self.fold,) else place
        if self.written is None:
            return place
        members = list(self._members(place))
        over = [("variant", name, *each) for name in reversed(self.variants) for each in members]
        return min([*over, *members], key=lambda each: len(each) - self._depth(each))  # the most of it is written there

    def _members(self, place: Place) -> Iterator[Place]:
        """The possible places of a series' member in the file: its own table first, then the phase with the series."""
        phases = self.written.get("phase", {}) if self.written else {}
        for id, phase in phases.items() if place[:1] == ("phase",) and isinstance(phases, dict) else ():
            series = phase.get("series") if isinstance(phase, dict) else None
            if isinstance(series, dict) and series.get("every") in SIZES:
                for number in members(series):
                    if place[1:2] == (member_slug(id, series["every"], number),):
                        yield ("phase", id, "series", "member", str(number), *place[2:])
                        yield ("phase", id, *place[2:])
        yield place

    def _depth(self, place: Place) -> int:
        return next((end for end in range(len(place), 0, -1) if place[:end] in self._lines), 0)

    @cached_property
    def _lines(self) -> dict[Place, int]:
        return _scan(self.text)


def read_toml(text: str) -> dict[str, Any]:
    """Parse TOML. Raises ValueError for invalid TOML and for nesting that is too deep for what reads it."""
    too_deep = ValueError("It is nested too deeply")
    if _LONG_KEY.search(text):  # tomllib needs half a minute for a key of 50,000 parts
        raise too_deep
    try:
        found = tomllib.loads(text)
    except RecursionError:
        raise too_deep from None
    level: list[Any] = [found]
    for _ in range(MOST_LEVELS):
        inner = (value for each in level for value in (each.values() if isinstance(each, dict) else each))
        level = [value for value in inner if isinstance(value, dict | list)]
        if not level:
            return found
    raise too_deep


def _inside(here: Any, part: str | int) -> Any:
    try:
        return here[part]
    except (KeyError, IndexError, TypeError):
        return None


def _scan(text: str) -> dict[Place, int]:
    """The lines, from 1, of tables, of keys that begin a line, and of the entries of lists over several lines."""
    lines: dict[Place, int] = {}
    counts: dict[Place, int] = {}
    table: Place = ()
    key: Place = ()
    depth, long = 0, False
    for number, line in enumerate(text.split("\n"), 1):
        if not long and depth == 0:
            if header := _HEADER.match(line):
                table = _table(_split(header[2]), header[1] == "[[", counts)
                lines.setdefault(table, number)
                continue
            if entry := _ENTRY.match(line):
                key = (*table, *_split(entry[1]))
                for end in range(len(table) + 1, len(key) + 1):
                    lines.setdefault(key[:end], number)
        elif not long and depth == 1:
            begins = line.lstrip()[:1]
            for _ in range(1 if begins == "{" else len(_TEXTS.findall(line)) if begins in "\"'" else 0):
                counts[key] = counts.get(key, -1) + 1
                lines[*key, counts[key]] = number
        if len(_LONG.findall(line)) % 2:
            long = not long
        elif not long:
            bare = _QUOTED.sub("", line)
            depth = max(0, depth + sum(map(bare.count, "[{")) - sum(map(bare.count, "]}")))
    return lines


def _split(keys: str) -> list[str]:
    return [key[1:-1] if key[0] in "\"'" else key for key in re.findall(_KEY, keys)]


def _table(keys: list[str], of_list: bool, counts: dict[Place, int]) -> Place:
    """The place of a table header. Each `[[state]]` adds an entry, to which the following keys belong."""
    place: Place = ()
    for i, key in enumerate(keys):
        place = (*place, key)
        if of_list and i == len(keys) - 1:
            counts[place] = counts.get(place, -1) + 1
        if place in counts:
            place = (*place, counts[place])
    return place
