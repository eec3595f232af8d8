"""Days as angles, parts of rings, and beads that keep their distance."""

import re
from datetime import date
from itertools import pairwise
from math import hypot

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wheel.drawing.geometry import Circle, angle, end_angle, free_stretches, lanes, number, spread
from wheel.drawing.glyphs import cut, on_circle, width, wrapped

CIRCLE = Circle(420, 420)


@pytest.mark.parametrize(
    ("day", "begins", "ends"),
    [
        (date(2027, 1, 1), 0, 360 / 365),
        (date(2027, 12, 31), 360 * 364 / 365, 360),
        (date(2028, 2, 29), 360 * 59 / 366, 360 * 60 / 366),
        (date(2028, 7, 2), 360 * 183 / 366, 360 * 184 / 366),  # half of a leap year
    ],
)
def test_a_day_has_its_angle_by_the_days_of_its_year(day: date, begins: float, ends: float) -> None:
    assert (angle(day, day.year), end_angle(day, day.year)) == pytest.approx((begins, ends))


def test_a_day_of_another_year_lies_at_the_years_beginning_or_end() -> None:
    assert angle(date(2026, 9, 1), 2027) == 0
    assert end_angle(date(2028, 1, 15), 2027) == 360


@given(
    st.floats(40, 300), st.floats(2, 60), st.floats(0, 359), st.floats(0.5, 359), st.floats(0, 9), st.booleans(),
    st.booleans(),
)  # fmt: skip
def test_a_part_of_a_ring_never_leaves_the_ring(
    inner: float, band: float, first: float, length: float, corner: float, cut_first: bool, cut_last: bool
) -> None:
    outer = inner + band
    path = CIRCLE.sector(inner, outer, first, min(first + length, 360), corner, cut=(cut_first, cut_last))
    assert path.startswith("M")
    assert path.endswith("Z")
    assert path.count("M") == 1
    points = re.findall(r"(?:[ML]|A\S+ 0 [01] [01] )(-?[\d.]+),(-?[\d.]+)", path)
    assert len(points) >= 5
    for x, y in points:
        assert inner - 0.02 <= hypot(float(x) - 420, float(y) - 420) <= outer + 0.02


@given(st.lists(st.floats(0, 360), max_size=60).map(sorted), st.floats(0.1, 9))
def test_beads_keep_their_order_and_their_distance(wanted: list[float], apart: float) -> None:
    first, last = apart / 2, 360 - apart / 2
    places = spread(wanted, apart, first, last)
    assert len(places) == len(wanted)
    room = min(apart, (last - first) / max(1, len(wanted) - 1))
    assert all(b - a >= room - 1e-6 for a, b in pairwise(places))
    assert all(first - 1e-6 <= place <= last + 1e-6 for place in places)


def test_beads_that_do_not_touch_stay_where_they_are() -> None:
    assert spread([10, 50, 200], 5, 0, 360) == [10, 50, 200]


def test_two_beads_of_one_day_part_to_both_sides() -> None:
    assert spread([100, 100], 6, 0, 360) == [97, 103]


def _days(first: int, last: int) -> tuple[date, date]:
    return date.fromordinal(date(2027, 1, 1).toordinal() + first), date.fromordinal(date(2027, 1, 1).toordinal() + last)


@given(st.lists(st.tuples(st.integers(0, 360), st.integers(0, 120), st.sampled_from("abcd")), max_size=40))
def test_spans_share_no_lane_while_they_overlap(given: list[tuple[int, int, str]]) -> None:
    spans = [(*_days(first, first + length), plan) for first, length, plan in given]
    found = lanes(spans)
    for n, (first, last, _) in enumerate(spans):
        lane, of = found[n]
        assert 0 <= lane < of
        for m, (other_first, other_last, _) in enumerate(spans):
            if n != m and first <= other_last and other_first <= last:
                assert found[m][0] != lane
                assert found[m][1] == of


def test_a_span_without_others_beside_it_has_the_whole_width() -> None:
    spans = [(*_days(0, 30), "a"), (*_days(10, 40), "b"), (*_days(41, 60), "a")]
    assert lanes(spans) == [(0, 2), (1, 2), (0, 1)]


def test_what_is_taken_leaves_free_stretches() -> None:
    assert free_stretches(10, 100, [(20, 30), (5, 12), (95, 130), (200, 300)]) == [(12, 20), (30, 95)]
    assert free_stretches(10, 20, [(0, 90)]) == []


def test_a_number_is_written_the_same_way_wherever_it_comes_from() -> None:
    assert [number(value) for value in (1, 1.5, 0.125, -0.001, 2.999, 100)] == ["1", "1.5", "0.12", "0", "3", "100"]


def test_text_on_a_circle_has_a_place_for_each_sign_and_never_stands_on_its_head() -> None:
    for middle in range(0, 360, 15):
        places = on_circle(CIRCLE, "Delårsrapport", 200, middle, 14, 600)
        turns = [float(turn) for turn in places["rotate"].split()]
        assert len(places["x"].split()) == len(places["y"].split()) == len(turns) == len("Delårsrapport")
        upright = turns[len(turns) // 2]
        assert upright <= 100 or upright >= 260


def test_a_sign_beyond_the_basic_plane_has_two_places() -> None:
    assert len(on_circle(CIRCLE, "a🙂b", 200, 0, 14, 600)["x"].split()) == 4


def test_text_that_is_too_wide_is_cut_and_wrapped() -> None:
    assert cut("Verksamhetsplan", 60, 14, 400).endswith("…")
    assert width(cut("Verksamhetsplan", 60, 14, 400), 14, 400) <= 60
    lines = wrapped("Nämndernas förslag till förväntade resultat", 120, 14, 400, 2)
    assert len(lines) == 2
    assert all(width(line, 14, 400) <= 120 for line in lines)
