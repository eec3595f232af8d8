"""The drawing keeps inside its rings, says what the table says, and holds nothing that a page must forbid."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from itertools import pairwise
from math import hypot, radians
from xml.etree import ElementTree

import pytest

from tests.support.pictures import a_bead, a_picture, a_year, an_arc
from wheel.drawing.geometry import angle, days_in
from wheel.drawing.layout import SIZES, Size, Wheel
from wheel.drawing.picture import Ring
from wheel.drawing.svg import svg
from wheel.drawing.table import deadline_table

NS = "{http://www.w3.org/2000/svg}"


def elements(drawn: str) -> Iterator[ElementTree.Element]:
    return ElementTree.fromstring(drawn).iter()  # our own output


WHEELS = [(6, 2), (6, 6), (14, 3), (30, 4), (70, 3), (70, 6), (1, 1)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("plans", "rings"), WHEELS)
def test_arcs_never_leave_their_ring_nor_touch_each_other(size: Size, plans: int, rings: int) -> None:
    wheel = Wheel(a_picture(*a_year(2026, plans, rings), today=date(2026, 10, 12)), size)
    for outer, inner in pairwise(wheel.places[::-1]):
        assert inner.outer <= outer.inner
    assert wheel.places[0].inner >= wheel.hub
    for place in wheel.places:
        here = [lane for lane in wheel.arcs if lane.arc in place.ring.arcs]
        assert all(place.inner <= lane.inner < lane.outer <= place.outer for lane in here)
        for n, one in enumerate(here):
            for other in here[n + 1 :]:
                apart = one.last <= other.first or other.last <= one.first
                assert apart or one.inner >= other.outer or other.inner >= one.outer
    centre = wheel.c
    for element in elements(svg(wheel.picture, size)):
        if element.get("data-plan"):
            lane = next(lane for lane in wheel.arcs if lane.arc.plan == element.get("data-plan"))
            for x, y in re.findall(r"(?:[ML]|A\S+ 0 [01] [01] )(-?[\d.]+),(-?[\d.]+)", element.get("d", "")):
                radius = hypot(float(x) - centre.x, float(y) - centre.y)
                assert lane.inner - 0.02 <= radius <= lane.outer + 0.02


@pytest.mark.parametrize("size", ["page", "poster"])
@pytest.mark.parametrize("year", [2026, 2028])
def test_no_label_lies_under_the_hand_on_any_day_and_none_leaves_its_arc(size: Size, year: int) -> None:
    rings = a_year(year, 14, 3)
    labels = 0
    for n in range(days_in(year)):
        wheel = Wheel(a_picture(*rings, today=date(year, 1, 1) + timedelta(days=n), year=year), size)
        assert wheel.hand is not None
        for lane in wheel.arcs:
            label = wheel._label(lane)  # what is drawn of it
            if label is None:
                continue
            labels += 1
            assert lane.first <= label.first < label.last <= lane.last
            clear = min(abs(label.first - wheel.hand), abs(label.last - wheel.hand))
            assert not label.first <= wheel.hand <= label.last
            assert radians(clear) * lane.middle > 3.25, "it touches the hand's casing"
    assert labels > 365


@pytest.mark.parametrize(("plans", "rings"), WHEELS)
def test_no_two_beads_of_a_ring_touch(plans: int, rings: int) -> None:
    wheel = Wheel(a_picture(*a_year(2026, plans, rings), today=None), "page")
    for place in wheel.places:
        beads = [bead for bead in wheel.beads if bead.rim == place.outer]
        for one, other in pairwise([*beads, *beads[:1]] if len(beads) > 1 else []):
            assert hypot(one.at.x - other.at.x, one.at.y - other.at.y) >= 2 * one.radius - 0.01


def test_every_arc_is_a_row_and_the_other_way_round() -> None:
    picture = a_picture(*a_year(2026, 70, 4), today=date(2026, 10, 12))
    rows = [(row.address, row.state, row.status) for row in deadline_table(picture).rows]
    for size in SIZES:
        arcs = [
            (element.get("data-plan"), element.get("data-state"), element.get("data-status"))
            for element in elements(svg(picture, size))
            if element.get("data-plan")
        ]
        assert arcs == rows, "in the order of their days"
    assert len(set(rows)) == len(rows) > 50


HOSTILE = [
    '<script>alert("1")</script>', "Å & Ö < \"ä\" 'é'", "]]><svg/onload=x>", "{{ 7 * 7 }}{% raw %}",
    "Budget & plan 🙂 2028", "e\u0301\u0301n", "x" * 400, " ", "",
]  # fmt: skip


@pytest.mark.parametrize("label", HOSTILE)
@pytest.mark.parametrize("size", SIZES)
def test_what_people_have_written_is_text_and_nothing_else(label: str, size: Size) -> None:
    arc = an_arc(f'2028/"{label}"', date(2026, 2, 1), date(2026, 9, 1), label=label)
    ring = Ring("2028", label, (arc,), (replace(a_bead(date(2026, 9, 1)), letters=label[:3]),))
    picture = a_picture(ring, today=date(2026, 10, 12), label=label)
    drawn = svg(replace(picture, municipality=label, title=label, description=label), size)
    tags = {element.tag.removeprefix(NS) for element in elements(drawn)}
    assert tags <= {"svg", "title", "desc", "path", "circle", "line", "rect", "text"}
    [path] = [element for element in elements(drawn) if element.get("data-plan")]
    assert path.get("data-plan") == arc.plan


@pytest.mark.parametrize("size", SIZES)
def test_nothing_is_drawn_that_a_page_forbids_or_a_renderer_draws_otherwise(size: Size) -> None:
    drawn = svg(a_picture(*a_year(2026, 30, 4), today=date(2026, 10, 12)), size)
    for forbidden in ("style", "textPath", "pattern", "script", "paint-order", "href", "clip", "class="):
        assert forbidden not in drawn
    root = ElementTree.fromstring(drawn)
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert root.get("role") == "img"
    assert (root.get("aria-labelledby"), root.get("aria-describedby")) == tuple(ids)
    assert {id.partition("-")[0] for id in ids if id} <= {"w", "wp", "wm"}
    assert len(drawn) < 150_000


def test_a_file_by_itself_has_the_font_inside() -> None:
    drawn = svg(a_picture(today=None), with_font=True)
    assert "@font-face" in drawn
    assert len(drawn) > 38_000


def test_a_wheel_without_plans_is_a_calendar() -> None:
    for size in SIZES:
        texts = [element.text for element in elements(svg(a_picture(today=None, year=2028), size)) if element.text]
        assert "2028" in texts


def test_the_hand_points_at_the_middle_of_today() -> None:
    wheel = Wheel(a_picture(today=date(2026, 10, 12)), "page")
    assert wheel.hand == pytest.approx(angle(date(2026, 10, 12), 2026) + 180 / 365)
    assert Wheel(a_picture(today=None), "page").hand is None


DAYS = (date(2026, 1, 2), date(2028, 2, 29), date(2026, 10, 12), date(2026, 12, 31), None)


SNAPSHOTS: dict[str, str] = {
    "page 2026-01-02": "8fd5c79609d9f8ac",
    "page 2028-02-29": "05bdaad7a631ab72",
    "page 2026-10-12": "decea7699d72528b",
    "page 2026-12-31": "18f82bd10616fa67",
    "page None": "5ba965ac6f705fc5",
    "poster 2026-01-02": "cd63f05160e0c8d2",
    "poster 2028-02-29": "7799ee607aa79606",
    "poster 2026-10-12": "6148cba430d21d84",
    "poster 2026-12-31": "9500e4404df079fb",
    "poster None": "e0d8586517e49978",
    "mini 2026-01-02": "ce1ac1b2355b5269",
    "mini 2028-02-29": "33af76feba8c6a40",
    "mini 2026-10-12": "0a0d1e6239872f21",
    "mini 2026-12-31": "9cd0688336bab2b5",
    "mini None": "29c0e9369b1efeef",
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("today", DAYS)
def test_the_same_picture_gives_the_same_bytes(size: Size, today: date | None) -> None:
    """A change that is meant is written here after a look at the drawing."""
    year = today.year if today else 2025
    picture = a_picture(*a_year(year, 20, 3), today=today, year=year)
    drawn = svg(picture, size)
    assert svg(picture, size) == drawn
    assert sha256(drawn.encode()).hexdigest()[:16] == SNAPSHOTS[f"{size} {today}"]


def test_a_poster_names_every_date_or_says_how_many_are_left_out() -> None:
    for plans in (6, 30, 70, 140):
        wheel = Wheel(a_picture(*a_year(2026, plans, 4), today=date(2026, 10, 12)), "poster")
        dates = {(bead.bead.date, bead.bead.letters) for bead in wheel.beads}
        texts = [element.text or "" for element in elements(svg(wheel.picture, "poster"))]
        named = sum(texts.count(day) for day in {day for day, _ in dates})
        left_out = sum(int(text.split()[1]) for text in texts if text.startswith("och ") and text.endswith("tabellen"))
        assert named + left_out == len(dates)
        assert left_out == 0 or plans > 30


def test_call_outs_do_not_cover_each_other() -> None:
    for plans in (6, 30, 140):
        drawn = svg(a_picture(*a_year(2026, plans, 4), today=date(2026, 10, 12)), "poster")
        places: dict[str, list[float]] = {}
        for element in elements(drawn):
            x, y = element.get("x"), element.get("y")
            heavy = element.tag == f"{NS}text" and element.get("font-weight") in ("600", "700")
            if heavy and y and x in ("1288", "50"):
                places.setdefault(x, []).append(float(y))
        assert len(places) == 2
        for column in places.values():
            assert all(below - above >= 16 for above, below in pairwise(sorted(column)))
