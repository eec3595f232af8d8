"""Draws the rooms of the code and lists them, from the imports and the docstrings, into docs/architecture.md.

`python docs/draw_rooms.py` after a change of the imports between rooms; a test holds what is written there. A room is a
folder with code, or a module that lies beside such folders. An arrow leads from a room to one that it imports; what
follows from two other arrows has none of its own.
"""

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import grimp

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "architecture.md"
PACKAGES = ("wheel", "notifications", "config", "workflows")  # each imports those after it

Imports = dict[str, set[str]]


def rooms(package: str) -> list[Path]:
    found = (path for path in sorted((ROOT / package).iterdir()) if path.name != "__init__.py")
    return [path for path in found if path.suffix == ".py" or (path / "__init__.py").exists()]


def says(room: Path) -> str:
    """The room's docstring; of a module its first sentence."""
    source = room / "__init__.py" if room.is_dir() else room
    text = " ".join((ast.get_docstring(ast.parse(source.read_text(encoding="utf-8"))) or "").split())
    return text if room.is_dir() else re.split(r"(?<=[.?])\s", text)[0]


def imports(package: str) -> Imports:
    """Each room of the package with those of its other rooms that it imports."""
    graph = grimp.build_graph(*PACKAGES)
    found: Imports = {room.stem: set() for room in rooms(package)}
    for module in graph.modules:
        for imported in graph.find_modules_directly_imported_by(module):
            (here, *mine), (there, *other) = module.split("."), imported.split(".")
            if here == there == package and mine and other and mine[0] != other[0]:
                found[mine[0]].add(other[0])
    return found


def reached(found: Imports, start: str) -> set[str]:
    """Every room that can be come to from there, by one arrow or more."""
    seen: set[str] = set()
    ahead = list(found[start])
    while ahead:
        room = ahead.pop()
        if room not in seen:
            seen.add(room)
            ahead += found[room]
    return seen


def arrows(found: Imports) -> Iterator[tuple[str, str]]:
    """A circle keeps all its arrows: it is to be seen."""
    for room, imported in sorted(found.items()):
        circle = {other for other in reached(found, room) if room in reached(found, other)}
        implied = {other for each in imported - circle for other in reached(found, each)}
        yield from ((room, other) for other in sorted(imported - (implied - circle)))


def picture() -> str:
    lines = ["```mermaid", "flowchart TD"]
    for package in PACKAGES:
        lines.append(f"    subgraph {package}")
        lines += [f"        {package}.{room.stem}[{room.stem}]" for room in rooms(package)]
        lines += [f"        {package}.{room} --> {package}.{other}" for room, other in arrows(imports(package))]
        lines.append("    end")
    lines += [f"    {upper} --> {lower}" for upper, lower in pairwise(PACKAGES)]
    return "\n".join([*lines, "```"])


def table() -> str:
    lines = ["| room | |", "|---|---|"]
    for package in PACKAGES:
        lines.append(f"| **`{package}/`** | {says(ROOT / package)} |")
        for room in rooms(package):
            lines.append(f"| `{room.relative_to(ROOT).as_posix()}{'/' if room.is_dir() else ''}` | {says(room)} |")
    return "\n".join(lines)


def redrawn(page: str) -> str:
    for name, content in (("picture", picture()), ("table", table())):
        begin, end = f"<!-- {name}: made by docs/draw_rooms.py -->", f"<!-- end of {name} -->"
        before, _, rest = page.partition(begin)
        page = f"{before}{begin}\n{content}\n{end}{rest.partition(end)[2]}"
    return page


if __name__ == "__main__":
    PAGE.write_text(redrawn(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
