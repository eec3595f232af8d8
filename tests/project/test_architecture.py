"""The picture, the map and the glossary are those of the code."""

import ast
import runpy
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.project.test_docs import ROOT, coded, prose, tables

DRAWING = runpy.run_path(str(ROOT / "docs" / "draw_rooms.py"))
PAGE: Path = DRAWING["PAGE"]
GLOSSARY = ROOT / "docs" / "glossary.md"
arrows: Callable[[dict[str, set[str]]], Any] = DRAWING["arrows"]

# The rooms whose every class and verb is a word of the glossary.
SPOKEN = [
    *(
        file
        for room in ("engine", "actions", "cycles", "tick")
        for file in sorted((ROOT / "wheel" / room).glob("*.py"))
    ),
    ROOT / "workflows" / "rules" / "machine.py",
]


def test_picture_and_table_of_the_rooms_are_those_of_the_code() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert DRAWING["redrawn"](page) == page, "run `.venv/bin/python docs/draw_rooms.py`"


def test_every_room_says_what_it_is() -> None:
    rooms = [room for package in DRAWING["PACKAGES"] for room in DRAWING["rooms"](package)]
    assert len(rooms) > 30
    assert [room.name for room in rooms if not DRAWING["says"](room).endswith((".", "?"))] == []


@pytest.mark.parametrize(
    ("imports", "drawn"),
    [
        ({"a": {"b", "c"}, "b": {"c"}, "c": set()}, [("a", "b"), ("b", "c")]),  # a to c follows from the others
        ({"a": {"b"}, "b": {"a"}}, [("a", "b"), ("b", "a")]),
        ({"a": {"b", "c"}, "b": {"a", "c"}, "c": set()}, [("a", "b"), ("a", "c"), ("b", "a"), ("b", "c")]),
    ],
)
def test_an_arrow_that_follows_from_others_is_left_out_and_a_circle_is_seen(
    imports: dict[str, set[str]], drawn: list[tuple[str, str]]
) -> None:
    assert list(arrows(imports)) == drawn


def test_the_map_of_contributing_names_every_room() -> None:
    named = coded(prose(ROOT / "CONTRIBUTING.md"))
    folders = [
        room.relative_to(ROOT).as_posix()
        for package in DRAWING["PACKAGES"]
        for room in DRAWING["rooms"](package)
        if room.is_dir()
    ]
    assert [room for room in folders if not any(name.startswith(f"{room}/") for name in named)] == []


def spoken() -> dict[str, str]:
    """Each public class and verb of those rooms, with its module: as `people.add` where two modules have it."""
    found = [
        (node.name, file.stem)
        for file in SPOKEN
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_")
    ]
    often = Counter(name for name, _ in found)
    return {f"{module}.{name}" if often[name] > 1 else name: module for name, module in found}


def test_the_glossary_names_every_class_and_verb_of_the_engine_with_one_meaning() -> None:
    in_code = spoken()
    modules = set(in_code.values())
    rows = [row for table in tables(GLOSSARY) for row in table if len(row) == 3 and row[1] in modules]
    told = {coded(row[0])[0]: row[1] for row in rows}
    classes = [name for name in told if name.rpartition(".")[2][0].isupper() and "." in name]
    assert not classes, f"two classes have one name: {classes}"
    assert len(told) == len(rows), "a name stands twice in docs/glossary.md, The code's words"
    missing = {name: module for name, module in in_code.items() if told.get(name) != module}
    assert not missing, f"docs/glossary.md, The code's words, has no row for: {missing}"
    gone = {name: module for name, module in told.items() if in_code.get(name) != module}
    assert not gone, f"docs/glossary.md, The code's words, has rows for what is not there any more: {gone}"
    assert all(row[2] for row in rows)


def test_no_room_has_more_than_twenty_modules() -> None:
    rooms = Counter(file.parent for package in DRAWING["PACKAGES"] for file in (ROOT / package).rglob("*.py"))
    assert {room.relative_to(ROOT).as_posix(): count for room, count in rooms.items() if count > 20} == {}
