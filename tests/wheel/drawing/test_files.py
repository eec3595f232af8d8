"""The picture in a mail and on paper."""

import re
from dataclasses import replace
from datetime import date
from struct import unpack

import pytest

from tests.support.pictures import a_picture, a_year, an_arc
from wheel.drawing.files import Paper, pdf, png
from wheel.drawing.glyphs import in_the_font
from wheel.drawing.picture import Ring

PICTURE = a_picture(*a_year(2026, 20, 3), today=date(2026, 10, 12))


def test_the_picture_for_mail_is_480_pixels_wide() -> None:
    drawn = png(PICTURE)
    assert drawn.startswith(b"\x89PNG")
    assert unpack(">II", drawn[16:24]) == (480, 480)
    assert len(drawn) < 200_000


@pytest.mark.parametrize(("paper", "wide"), [("a3", 1190.55), ("a4", 841.89)])
def test_the_poster_is_tagged_has_its_fonts_and_is_the_same_each_time(paper: Paper, wide: float) -> None:
    made = pdf(PICTURE, paper)
    assert made.startswith(b"%PDF-")
    assert b"pdfuaid" in made
    assert b"/Lang" in made
    boxes = re.findall(rb"/MediaBox\s*\[\s*0\s+0\s+([\d.]+)", made)
    assert len(boxes) >= 2
    assert [float(box) for box in boxes] == pytest.approx([wide] * len(boxes), abs=0.1)
    assert b"SourceSans3" in made
    assert pdf(PICTURE, paper) == made


@pytest.mark.parametrize(
    "label",
    [
        '#panic("x") *b* $x$ `c` @ref <l> // c \\',
        "Budget 🙂 2028",
        "日本語",
        "Łódź, čáhci",
        "العربية",
        "b\u0301",
        "</svg>&",
    ],
)
def test_whatever_a_plan_is_called_it_is_printed(label: str) -> None:
    ring = Ring("2028", label, (an_arc("2028/p", date(2026, 2, 1), date(2026, 9, 1), label=label),), ())
    picture = replace(a_picture(ring, today=None), municipality=label, title=label, description=label)
    assert pdf(picture).startswith(b"%PDF-")
    assert png(picture).startswith(b"\x89PNG")


def test_a_letter_that_the_font_does_not_have_loses_its_mark() -> None:
    assert in_the_font("Åäö § 3–4: čáhci ŋ 🙂") == "Åäö § 3–4: cáhci ? ??"
