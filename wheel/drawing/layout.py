"""Where everything of a wheel stands: bezel, rings, arcs with their labels, beads, hand and centre, in three sizes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from math import degrees, radians
from typing import Literal, NamedTuple

from wheel.drawing import shapes
from wheel.drawing.colours import (
    COMING,
    ELAPSED,
    HAIRLINE,
    INK,
    MONTH_COMING,
    MONTH_ELAPSED,
    RULE,
    SECONDARY,
    TICKS,
    WEEKS,
    WHITE,
    bead_look,
    look_of,
)
from wheel.drawing.geometry import Circle, Point, angle, days_in, end_angle, free_stretches, lanes, spread
from wheel.drawing.glyphs import on_circle, width, wrapped
from wheel.drawing.picture import Arc, Bead, Ring, WheelPicture, in_date_order
from wheel.drawing.shapes import Shape

Size = Literal["page", "poster", "mini"]
SIZES: tuple[Size, ...] = ("page", "poster", "mini")

SHRINK = 0.94  # of each ring against the one outside it
FULL = 1 + SHRINK + SHRINK**2  # three rings fill the wheel; fewer are no wider
BESIDE = 0.7  # of a ring's width, for each further lane
GAP = 1.6  # between neighbours
CROWDED, MOST_CROWDED = 5, 12  # lanes from which on the hub gives room, until it has given all
SMALLEST = 8.5  # of a label
LABEL = (15.5, 14.25, 13.25)
LANE_LABEL = (12, 11, 10, 9.25, SMALLEST)


@dataclass(frozen=True)
class Frame:
    """The fixed measures of one size, in units of its view box. `groove`: above each ring, for title and beads."""

    width: float
    height: float
    centre: Circle
    rim: float  # the outer end of the outermost ring's groove
    hub: float
    groove: float
    inset: float
    corner: float
    bead: float
    month_size: float


FRAMES: dict[Size, Frame] = {
    "page": Frame(840, 840, Circle(420, 420), 350, 122, 21, 4, 7, 13.5, 17),
    "poster": Frame(1600, 1131, Circle(800, 578), 397, 142, 23, 4, 7, 14.5, 17.5),
    "mini": Frame(240, 240, Circle(120, 120), 106, 40, 2, 2, 3.5, 0, 12),
}


class Lane(NamedTuple):
    """An arc with its room: radii, angles, and which of its ends are cut by the year's."""

    arc: Arc
    inner: float
    outer: float
    first: float
    last: float
    cut: tuple[bool, bool]

    @property
    def middle(self) -> float:
        return (self.inner + self.outer) / 2


class Place(NamedTuple):
    """A ring with its radii."""

    ring: Ring
    inner: float
    outer: float


class PlacedBead(NamedTuple):
    bead: Bead
    at: Point
    degree: float
    true_degree: float
    radius: float
    rim: float


class Wheel:
    """A wheel laid out in one size. The methods give the shapes of its parts, from the bottom to the top."""

    def __init__(self, picture: WheelPicture, size: Size) -> None:
        self.picture, self.size, self.frame = picture, size, FRAMES[size]
        self.c, self.year = self.frame.centre, picture.year
        self.hand = angle(picture.today, self.year) + 180 / days_in(self.year) if picture.today else None
        self._lanes = [self._lanes_of(ring) for ring in picture.rings]
        most = [
            max((of for arc, (_, of) in zip(ring.arcs, each, strict=True) if not arc.open_ended), default=1)
            for ring, each in zip(picture.rings, self._lanes, strict=True)
        ]
        self.crowd = min(max(sum(most) - CROWDED, 0), MOST_CROWDED - CROWDED)
        shrink = 1 - 0.15 * self.crowd / (MOST_CROWDED - CROWDED)
        self.hub = self.frame.hub * shrink
        many = len(picture.rings) > 4 or self.crowd > 4
        self.groove = self.frame.groove * (0.8 if many and size != "mini" else 1)
        self.bead = self.frame.bead * (0.82 if many else 1)
        self.places = self._places(most)
        self.arcs = [lane for n in range(len(self.places)) for lane in self._ring_arcs(n)]
        self.beads = [bead for place in self.places for bead in self._ring_beads(place)] if self.bead else []

    # --- places

    def _lanes_of(self, ring: Ring) -> list[tuple[int, int]]:
        """The lane of each arc, and how many lie beside each other there. An arc without a last day takes none from the
        others: it is a mark on its first day, across the ring."""
        found: dict[int, tuple[int, int]] = {}
        for mark in (False, True):
            here = [n for n, arc in enumerate(ring.arcs) if arc.open_ended == mark]
            first, last = date(self.year, 1, 1), date(self.year, 12, 31)
            spans = [(max(a.first, first), min(a.last, last), a.plan) for a in (ring.arcs[n] for n in here)]
            found |= dict(zip(here, lanes(spans), strict=True))
        return [found[n] for n in range(len(ring.arcs))]

    def _places(self, most: list[int]) -> list[Place]:
        """From the bezel inwards each ring is a groove and a band; a band with lanes is wider."""
        rings = self.picture.rings[::-1]
        shares = [SHRINK**n * (1 + BESIDE * (of - 1)) for n, of in enumerate(most[::-1])]
        hub = self.hub + (6 if self.size != "mini" else 4)
        room = self.frame.rim - hub - self.groove * len(rings)
        places, outer = [], self.frame.rim
        for ring, share in zip(rings, shares, strict=True):
            outer -= self.groove
            inner = outer - room * share / max(sum(shares), FULL)
            places.append(Place(ring, inner, outer))
            outer = inner
        return places[::-1]

    def _ring_arcs(self, n: int) -> Iterator[Lane]:
        place, inset = self.places[n], self.frame.inset
        for arc, (lane, of) in zip(place.ring.arcs, self._lanes[n], strict=True):
            room = place.outer - place.inner - 2 * min(inset, (place.outer - place.inner) / 8)
            gap = min(GAP + 0.4, room / of / 4) if of > 1 else 0
            height = (room - gap * (of - 1)) / of
            outer = (place.outer + place.inner + room) / 2 - lane * (height + gap)
            inner = outer - height
            first, last = angle(arc.first, self.year), end_angle(arc.last, self.year)
            cut = arc.first.year < self.year, arc.last.year > self.year
            trim = min(degrees(GAP / 2 / outer), (last - first) / 6)
            yield Lane(arc, inner, outer, first + trim, last - trim, cut)

    def _ring_beads(self, place: Place) -> list[PlacedBead]:
        beads = place.ring.beads
        radius = place.outer + 3
        true = [angle(bead.day, self.year) + 180 / days_in(self.year) for bead in beads]
        # A chord is shorter than its arc, so the distance is a little more than two radii.
        apart = degrees(2 * (self.bead + 1.5) / radius)
        size = self.bead
        if len(beads) * apart > 350:
            apart = 350 / len(beads)
            size = max(radians(apart) * radius / 2 - 1.5, 2)
        where = spread(true, apart, apart / 2, 360 - apart / 2)
        return [
            PlacedBead(bead, self.c.at(radius, at), at, really, size, place.outer)
            for bead, at, really in zip(beads, where, true, strict=True)
        ]

    # --- shapes

    def shapes(self, leaders: Iterable[Shape] = ()) -> Iterator[Shape]:
        """`leaders`: lines to what stands outside, which lie over the arcs and under beads and hand."""
        yield from self._bezel() if self.size != "mini" else self._initials()
        for place in self.places:
            yield from self._track(place)
        if self.places and self.size != "mini":
            yield shapes.path(
                self.c.line(self.hub, self.places[-1].outer + self.groove, 0), stroke=SECONDARY, width=1.5
            )
        if self.size != "mini":
            for place in self.places:
                yield from self._ring_title(place)
        for lane in sorted(self.arcs, key=lambda lane: in_date_order(lane.arc)):
            yield from self._arc(lane)
        yield from leaders
        yield from self._centre() if self.size != "mini" else self._small_centre()
        yield from self._hand()
        for bead in self.beads:
            yield from self._bead_stem(bead)
        for bead in self.beads:
            yield from self._bead(bead)

    def _bezel(self) -> Iterator[Shape]:
        picture, first = self.picture, date(self.year, 1, 1)
        ticks = self.frame.rim + (32 if self.size == "page" else 35)
        meetings = {meeting.day for meeting in picture.meetings}
        monday = first - timedelta(days=first.weekday())
        while monday.year <= self.year:
            sunday = monday + timedelta(days=6)
            if monday.year == self.year and monday not in meetings:
                yield shapes.path(self.c.line(ticks, ticks + 5, angle(monday, self.year)), stroke=TICKS, width=1)
            at = self.c.at(ticks + 12.5, (angle(monday, self.year) + end_angle(sunday, self.year)) / 2)
            now = picture.today is not None and monday <= picture.today <= sunday
            if now:
                yield shapes.circle(at, 9.5, INK)
            week = str(monday.isocalendar().week)
            place = Point(at.x, at.y + 3.63)
            yield shapes.text(week, place, 11, 700 if now else 400, WHITE if now else WEEKS)
            monday += timedelta(days=7)
        low, high = self.frame.rim, self.frame.rim + (29 if self.size == "page" else 32)
        for month, name in enumerate(picture.months, 1):
            begins = date(self.year, month, 1)
            ends = date(self.year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
            a, b = angle(begins, self.year) + 0.3, end_angle(ends, self.year) - 0.3
            now = picture.today is not None and picture.today.month == month
            past = begins <= picture.today if picture.today else picture.is_past
            fill = INK if now else MONTH_ELAPSED if past else MONTH_COMING
            yield shapes.path(self.c.sector(low, high, a, b, 6), fill=fill)
            places = on_circle(self.c, name, (low + high) / 2, (a + b) / 2, self.frame.month_size, 600)
            yield shapes.text_in_places(name, places, self.frame.month_size, 600, WHITE if now else INK)
        for meeting in picture.meetings:
            at = self.c.at(ticks + 1, angle(meeting.day, self.year) + 180 / days_in(self.year))
            yield meeting_dot(at, council=meeting.council)

    def _initials(self) -> Iterator[Shape]:
        for month, name in enumerate(self.picture.months, 1):
            now = self.picture.today is not None and self.picture.today.month == month
            middle = angle(date(self.year, month, 15), self.year) + 0.5
            letter, size = name[:1].upper(), self.frame.month_size
            places = on_circle(self.c, letter, 112, middle, size, 600)
            yield shapes.text_in_places(letter, places, size, 700 if now else 600, INK if now else SECONDARY)

    def _track(self, place: Place) -> Iterator[Shape]:
        """The part of the year that has elapsed is darker."""
        hand = 360.0 if self.picture.is_past or self.size == "mini" else self.hand or 0.0
        for first, last, fill in ((0.0, hand, ELAPSED), (hand, 360.0, COMING)):
            for a, b in _halves(first, last):
                yield shapes.path(self.c.sector(place.inner, place.outer, a, b), fill=fill)
        if self.size != "mini":
            starts = (angle(date(self.year, month, 1), self.year) for month in range(1, 13))
            lines = "".join(self.c.line(place.inner, place.outer, start) for start in starts)
            yield shapes.path(lines, stroke=WHITE, width=1.5)

    def _ring_title(self, place: Place) -> Iterator[Shape]:
        """In the groove, as near to new year as the hand and the beads that stand there let it."""
        title, size = place.ring.title, min(14, self.groove * 0.72)
        radius = place.outer + self.groove * 0.42
        length = degrees(width(title, size, 700) / (radius - 0.3 * size))
        taken = [
            (bead.degree - reach, bead.degree + reach)
            for bead in self.beads
            if bead.rim == place.outer and (reach := degrees((bead.radius + 4) / radius))
        ]
        if self.hand is not None:
            taken.append((self.hand - degrees(5 / radius), self.hand + degrees(7 / radius)))
        free = free_stretches(degrees(6.4 / radius), 360, taken)
        # The first place at which it need not be turned over in its middle; otherwise the first one.
        fits = [a for a, b in free if b - a >= length]
        start = next((a for a in fits if a + length < 110), fits[0] if fits else None)
        if start is not None:
            places = on_circle(self.c, title, radius, start + length / 2, size, 700)
            yield shapes.text_in_places(title, places, size, 700, INK)

    # --- arcs

    def _arc(self, lane: Lane) -> Iterator[Shape]:
        arc, look = lane.arc, look_of(lane.arc.status)
        height = lane.outer - lane.inner
        thin = min(1.0, height / 24, radians(lane.last - lane.first) * lane.middle / 12)
        if self.size == "mini":
            thin = min(thin, 0.8)
        corner = min(self.frame.corner, height / 3)
        yield shapes.path(
            self.c.sector(lane.inner, lane.outer, lane.first, lane.last, corner, cut=lane.cut),
            fill=look.fill,
            stroke=look.outline,
            width=max(look.stroke * thin, 0.6),
            dash=look.dash,
            plan=arc.plan,
            state=arc.state,
            status=arc.status,
        )
        label = self._label(lane)
        if arc.status == "sent_back":
            edge = degrees((corner + 2) / lane.inner)
            covered = [(label.first, label.last)] if label else []
            free = free_stretches(lane.first + edge / 2, lane.last - edge / 2, covered)
            margin = min(1.5, height / 8)
            yield from shapes.hatch(
                self.c, lane.inner + margin, lane.outer - margin, free, look, max(4, min(8, height / 4))
            )
        if label:
            yield from label.shapes

    def _label(self, lane: Lane) -> "Label | None":
        """Symbol and text in the longest stretch that is free; the symbol alone, or nothing, where there is no room."""
        height = lane.outer - lane.inner
        free = free_stretches(lane.first, lane.last, self._taken(lane))
        if not free:
            return None
        first, last = max(free, key=lambda each: each[1] - each[0])
        room = radians(last - first) * lane.middle - min(8, height / 3)
        if self.size != "mini":
            sizes = [size for size in LABEL if size <= height * 0.62][:3]
            sizes = sizes or [size for size in LANE_LABEL if size <= height * 0.86][:3]
            for said in dict.fromkeys((lane.arc.label, lane.arc.short)):
                for size in sizes:
                    if width(said, size, 600) + size * 0.95 <= room:
                        return self._with_text(lane, said, size, (first + last) / 2)
        largest, smallest, share = (13.0, 4.0, 0.9) if self.size == "mini" else (15.5, 6.0, 0.8)
        size = min(largest, height * share, room * 1.1)
        if size < smallest:
            return None
        look, middle = look_of(lane.arc.status), (first + last) / 2
        reach = degrees(size * 0.45 / lane.middle)
        at = self.c.at(lane.middle, middle)
        return Label(middle - reach, middle + reach, shapes.symbol(look.symbol, at, size, look.text))

    def _with_text(self, lane: Lane, said: str, size: float, middle: float) -> "Label":
        look = look_of(lane.arc.status)
        sign, words = size * 0.95, width(said, size, 600)
        half = degrees((sign + words) / 2 / lane.middle)
        way = -1 if 90 < middle % 360 < 270 else 1
        at = self.c.at(lane.middle, middle - way * half + way * degrees(size * 0.33 / lane.middle))
        found = shapes.symbol(look.symbol, at, size, look.text)
        places = on_circle(self.c, said, lane.middle, middle + way * degrees(sign / 2 / lane.middle), size, 600)
        found.append(shapes.text_in_places(said, places, size, 600, look.text))
        return Label(middle - half, middle + half, found)

    def _taken(self, lane: Lane) -> Iterator[tuple[float, float]]:
        """The shapes that may cover no label: the hand, and beads that reach down to its height."""
        if self.hand is not None:
            reach = degrees(8 / lane.inner) if self.size != "mini" else degrees(4.5 / lane.inner)
            yield self.hand - reach, self.hand + reach
        top = lane.middle + min(15.5, (lane.outer - lane.inner) * 0.62) * 0.5
        for bead in self.beads:
            if bead.rim > lane.inner and bead.rim + 3 - bead.radius - 2 < top and lane.outer <= bead.rim:
                reach = degrees((bead.radius + 3) / lane.middle)
                yield bead.degree - reach, bead.degree + reach

    # --- beads, hand, centre

    def _bead_stem(self, bead: PlacedBead) -> Iterator[Shape]:
        if abs(bead.degree - bead.true_degree) > 1:
            foot = self.c.at(bead.rim - 6, bead.true_degree)
            yield shapes.path(f"M{bead.at}L{foot}", stroke=WEEKS, width=1.2)

    def _bead(self, bead: PlacedBead) -> Iterator[Shape]:
        look = bead_look(bead.bead.status, next=bead.bead.next)
        yield shapes.circle(bead.at, bead.radius + 2, WHITE)
        yield shapes.circle(bead.at, bead.radius - (0.6 if bead.bead.next else 0), look.fill, look.edge, look.stroke)
        letters = bead.bead.letters
        size = min(bead.radius * 0.9, bead.radius * 1.55 / max(width(letters, 1, 700), 0.1))
        yield shapes.text(letters, Point(bead.at.x, bead.at.y + size * 0.33), size, 700, look.text)

    def _hand(self) -> Iterator[Shape]:
        if self.hand is None:
            return
        tip = {"page": 347, "poster": 394, "mini": 105}[self.size]
        line = self.c.line(self.hub, tip, self.hand)
        yield shapes.path(line, stroke=WHITE, width=6.5 if self.size != "mini" else 5.6)
        yield shapes.path(line, stroke=INK, width=3 if self.size != "mini" else 2.6)
        yield shapes.circle(self.c.at(self.hub, self.hand), 5.1 if self.size != "mini" else 3.6, INK, WHITE, 2)

    def _centre(self) -> Iterator[Shape]:
        c, picture = self.c, self.picture
        k = self.hub / 122
        yield shapes.circle(Point(c.x, c.y), self.hub, WHITE, HAIRLINE, 1.5)
        coming = picture.next
        lines = wrapped(coming.title, 1.62 * self.hub, 14.5 * k, 400, 2) if coming else []
        # The block stands in the middle, however many lines it has.
        down = -8 * (len(lines) - 1) if coming else 34 if picture.today_line else 56
        base = c.y + down * k
        yield shapes.text(str(picture.year), Point(c.x, base - 34 * k), 66 * k, 700, INK, spacing="-1")
        if picture.today_line:
            yield shapes.text(picture.today_line, Point(c.x, base - 8 * k), 15 * k, 400, SECONDARY)
        if coming is None:
            return
        half = 34 * k
        yield shapes.path(
            f"M{Point(c.x - half, base + 8 * k)}L{Point(c.x + half, base + 8 * k)}", stroke=RULE, width=1.5
        )
        yield shapes.text(coming.heading, Point(c.x, base + 31 * k), 13.5 * k, 400, SECONDARY)
        yield shapes.text(coming.date, Point(c.x, base + 54 * k), 21 * k, 700, INK)
        for n, line in enumerate(lines):
            yield shapes.text(line, Point(c.x, base + (74 + 17 * n) * k), 14.5 * k, 400, INK)
        below = base + (76 + 17 * len(lines)) * k
        yield shapes.text(coming.distance, Point(c.x, below), 13.5 * k, 600, INK)

    def _small_centre(self) -> Iterator[Shape]:
        c, picture = self.c, self.picture
        yield shapes.circle(Point(c.x, c.y), self.hub, WHITE, HAIRLINE, 1.2)
        down = 0 if picture.today_short else 9
        size = 25 * self.hub / self.frame.hub
        yield shapes.text(str(picture.year), Point(c.x, c.y - 1 + down), size, 700, INK, spacing="-0.4")
        if picture.today_short:
            yield shapes.text(picture.today_short, Point(c.x, c.y + 0.6 * size), 0.52 * size, 600, INK)


class Label(NamedTuple):
    """The text in an arc, and its first and last angle."""

    first: float
    last: float
    shapes: list[Shape]


def meeting_dot(at: Point, *, council: bool) -> Shape:
    """Of the council filled, of the executive board open."""
    return shapes.circle(at, 2.7, WEEKS if council else WHITE, WEEKS, 1.2)


def _halves(first: float, last: float) -> Iterator[tuple[float, float]]:
    """A whole turn cannot be one arc."""
    if last - first > 0.01:
        middle = (first + last) / 2
        yield from ((first, middle), (middle, last)) if last - first > 180 else ((first, last),)
