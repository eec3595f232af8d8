"""Status is never told by colour alone, and what is told by colour can be told apart."""

import pytest

from wheel.drawing.colours import (
    COMING,
    ELAPSED,
    INK,
    LOOKS,
    MONTH_COMING,
    MONTH_ELAPSED,
    SECONDARY,
    WEEKS,
    WHITE,
    bead_look,
)
from wheel.engine.plan import Status


def luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    r, g, b = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    """As WCAG 2.2 computes it."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("status", LOOKS)
def test_text_on_an_arc_can_be_read(status: Status) -> None:
    assert contrast(LOOKS[status].text, LOOKS[status].fill) >= 4.5


@pytest.mark.parametrize("status", LOOKS)
@pytest.mark.parametrize("track", [ELAPSED, COMING])
def test_an_arc_stands_out_from_its_ring(status: Status, track: str) -> None:
    look = LOOKS[status]
    assert max(contrast(look.outline, track), contrast(look.fill, track)) >= 3


@pytest.mark.parametrize("next", [False, True])
@pytest.mark.parametrize("status", LOOKS)
def test_letters_on_a_bead_can_be_read(status: Status, next: bool) -> None:
    look = bead_look(status, next=next)
    assert contrast(look.text, look.fill) >= 4.5
    assert max(contrast(look.edge, WHITE), contrast(look.fill, WHITE)) >= 3


def test_the_bezel_can_be_read() -> None:
    assert all(contrast(INK, band) >= 4.5 for band in (MONTH_ELAPSED, MONTH_COMING, WHITE))
    assert contrast(WHITE, INK) >= 4.5
    assert all(contrast(grey, WHITE) >= 4.5 for grey in (SECONDARY, WEEKS))


def test_no_two_statuses_look_alike_without_colour() -> None:
    found = {(look.symbol, look.dash, luminance(look.fill) > 0.9) for look in LOOKS.values()}
    assert len(found) == len(LOOKS)
