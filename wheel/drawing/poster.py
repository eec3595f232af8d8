"""The wheel on paper: with a heading, a call-out for each date and body, and the legend."""

from collections.abc import Iterator
from math import acos, atan2, degrees, hypot
from typing import NamedTuple

from config.text.texts import Texts
from wheel.drawing import shapes
from wheel.drawing.colours import INK, LEADER, LOOKS, SECONDARY, TICKS, look_of
from wheel.drawing.geometry import Point, number
from wheel.drawing.glyphs import cut, width, wrapped
from wheel.drawing.layout import PlacedBead, Wheel, meeting_dot
from wheel.drawing.picture import WheelPicture
from wheel.drawing.shapes import Shape

LEFT, RIGHT, COLUMN = 50.0, 1550.0, 262.0
TOP, BOTTOM = 168.0, 1046.0  # the highest hairline, and the end of the lowest text
ABOVE, BELOW = 23.0, 12.0  # what a call-out needs over its hairline, and after its text
OUTSIDE = 459.0  # the radius at which a leader leaves the wheel, outside the weeks
BEND = 14.0  # before a hairline
MORE = 14.0  # for the line that says how many were left out
FOOT = 1092.0
LATE = "#A31D17"


class Line(NamedTuple):
    text: str
    size: float
    weight: int
    colour: str
    height: float


class CallOut(NamedTuple):
    """What a body decides on one day. `beads`: in how many rings there are any."""

    beads: tuple[PlacedBead, ...]
    lines: tuple[Line, ...]

    @property
    def first(self) -> PlacedBead:
        return self.beads[0]

    @property
    def height(self) -> float:
        return ABOVE + sum(line.height for line in self.lines) + BELOW


def on_paper(wheel: Wheel) -> Iterator[Shape]:
    sides = {right: _column(wheel, right=right) for right in (True, False)}
    placed = sides[True].placed + sides[False].placed
    yield from _heading(wheel.picture)
    dots = "".join(_dotted(wheel, each.first) for each, _, _ in placed)
    yield from wheel.shapes([shapes.path(dots, stroke=TICKS, width=0.9, dash="0.1 3.2")] if dots else [])
    for call_out, y, right in placed:
        yield from _call_out(wheel, call_out, y, right)
    t = Texts(wheel.picture.language)
    for right, column in sides.items():
        if column.left_out:
            said = t.plural("and {n} more, in the table", "and {n} more, in the table", column.left_out)
            yield shapes.text(said, Point(RIGHT - COLUMN if right else LEFT, BOTTOM + 4), 13.5, 400, SECONDARY, "start")
    yield from _legend(wheel.picture)


def _heading(picture: WheelPicture) -> Iterator[Shape]:
    yield shapes.text(picture.heading, Point(LEFT - 2, 74), 44, 700, INK, "start", "-0.5")
    yield shapes.text(cut(picture.municipality, 420, 19, 400), Point(LEFT, 104), 19, 400, SECONDARY, "start")
    yield shapes.text(picture.as_of, Point(RIGHT, 74), 19, 600, INK, "end")


def _dotted(wheel: Wheel, bead: PlacedBead) -> str:
    return wheel.c.line(bead.rim, OUTSIDE - 4, bead.degree)


class Column(NamedTuple):
    """The call-outs of one half of the year with the places of their hairlines, and how many found no room."""

    placed: list[tuple[CallOut, float, bool]]
    left_out: int


def _column(wheel: Wheel, *, right: bool) -> Column:
    """The call-outs stand as near to their beads as the others let them. Where they do not fit they say less, and at
    last some are left out, those that are done before the others."""
    groups: dict[tuple[object, str], list[PlacedBead]] = {}
    for bead in wheel.beads:
        if (bead.degree < 180) == right:
            groups.setdefault((bead.bead.day, bead.bead.letters), []).append(bead)
    found = [tuple(group) for group in groups.values()]
    found.sort(key=lambda group: wheel.c.at(OUTSIDE, group[0].degree).y)
    room = BOTTOM - TOP + ABOVE - MORE
    for level in range(3):
        chosen = [CallOut(group, _lines(group, level)) for group in found]
        if sum(each.height for each in chosen) <= room:
            break
    while sum(each.height for each in chosen) > room:
        done = next((n for n, each in enumerate(chosen) if each.first.bead.status == "done"), len(chosen) - 1)
        del chosen[done]
    ys = [wheel.c.at(OUTSIDE, each.first.degree).y for each in chosen]
    lowest = TOP
    for n, each in enumerate(chosen):
        ys[n] = max(ys[n], lowest)
        lowest = ys[n] + each.height
    highest = BOTTOM - MORE
    for n in range(len(chosen) - 1, -1, -1):
        ys[n] = min(ys[n], highest - (chosen[n].height - ABOVE))
        highest = ys[n] - ABOVE
    placed = [(each, y, right) for each, y in zip(chosen, ys, strict=True)]
    return Column(placed, len(found) - len(placed))


def _lines(group: tuple[PlacedBead, ...], level: int) -> tuple[Line, ...]:
    """`level`: 0 for whole titles with all that is said of them, 1 for titles of one line, 2 for one title alone."""
    found: list[Line] = []
    said = dict.fromkeys((title, remark, bead.bead.status) for bead in group for title, remark in bead.bead.lines)
    for title, remark, status in said:
        for line in wrapped(title, COLUMN, 15.5, 600, 2 if level == 0 else 1):
            found.append(Line(line, 15.5, 600, INK, 18))
        if remark and level < 2:
            colour = LATE if status == "overdue" else SECONDARY
            found.append(Line(cut(remark, COLUMN, 13.5, 400), 13.5, 400, colour, 16.5))
    if level == 2 and len(found) > 1:
        first = found[0]
        return (first._replace(text=f"{cut(first.text, COLUMN - 40, 15.5, 600)}  +{len(found) - 1}"),)
    return tuple(found)


def _call_out(wheel: Wheel, call_out: CallOut, y: float, right: bool) -> Iterator[Shape]:
    bead = call_out.first
    dot = wheel.c.at(OUTSIDE, bead.degree)
    x = RIGHT - COLUMN if right else LEFT
    near, far = (x - BEND, RIGHT) if right else (LEFT + COLUMN + BEND + 10, LEFT)
    yield shapes.path(_leader(wheel, bead.degree, Point(near, y)) + f"L{Point(far, y)}", stroke=LEADER, width=1)
    yield shapes.circle(dot, 2.4, SECONDARY)
    status, at = bead.bead.status, x
    colour = LATE if status == "overdue" else INK
    if status in ("done", "overdue", "sent_back"):
        outline = look_of(status).outline if status != "overdue" else LATE
        yield from shapes.symbol(look_of(status).symbol, Point(x + 7, y - 13), 15.5, outline)
        at += 22
    yield shapes.text(bead.bead.date, Point(at, y - 7), 18, 700, colour, "start")
    after = at + width(bead.bead.date, 18, 700) + 9
    yield shapes.text(bead.bead.letters, Point(after, y - 7), 16, 600, SECONDARY, "start")
    for line in call_out.lines:
        y += line.height
        yield shapes.text(line.text, Point(x, y + 1), line.size, line.weight, line.colour, "start")


def _leader(wheel: Wheel, degree: float, to: Point) -> str:
    """From the wheel's rim to the hairline: straight, or round the rim as far as the wheel is in the way."""
    across, down = to.x - wheel.c.x, to.y - wheel.c.y
    towards = degrees(atan2(across, -down)) % 360
    seen = degrees(acos(min(1.0, OUTSIDE / hypot(across, down))))
    off = (degree - towards + 180) % 360 - 180
    start = f"M{wheel.c.at(OUTSIDE, degree)}"
    if abs(off) <= seen:
        return f"{start}L{to}"
    leaves = wheel.c.at(OUTSIDE, towards + (seen if off > 0 else -seen))
    radius = number(OUTSIDE)
    return f"{start}A{radius},{radius} 0 0 {int(off < 0)} {leaves}L{to}"


def _legend(picture: WheelPicture) -> Iterator[Shape]:
    x = LEFT
    for status, word in picture.legend:
        look = LOOKS[status]
        box = f"M{Point(x + 5, FOOT - 15)}h24a5,5 0 0 1 5,5v10a5,5 0 0 1 -5,5h-24a5,5 0 0 1 -5,-5v-10a5,5 0 0 1 5,-5Z"
        yield shapes.path(box, fill=look.fill, stroke=look.outline, width=look.stroke, dash=look.dash)
        yield from shapes.symbol(look.symbol, Point(x + 17, FOOT - 5), 12, look.text)
        yield shapes.text(word, Point(x + 43, FOOT), 15.5, 400, INK, "start")
        x += 43 + width(word, 15.5) + 26
    x, y = RIGHT, FOOT + 12
    for council, word in reversed(list(zip((True, False), picture.meeting_words, strict=False))):
        x -= width(word, 15.5)
        yield shapes.text(word, Point(x, y), 15.5, 400, INK, "start")
        yield meeting_dot(Point(x - 10, y - 5), council=council)
        x -= 32
    x, y = RIGHT, FOOT - 12 if picture.meeting_words else FOOT
    for letters, name in reversed(picture.bodies):
        said = width(letters, 15.5, 700) + 6 + width(name, 15.5)
        if x - said < LEFT + 700:
            return
        yield shapes.text(letters, Point(x - said, y), 15.5, 700, INK, "start")
        yield shapes.text(name, Point(x - width(name, 15.5), y), 15.5, 400, INK, "start")
        x -= said + 22
