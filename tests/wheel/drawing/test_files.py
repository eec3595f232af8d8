"""The picture in a mail and on paper."""

import re
from datetime import date
from struct import unpack

import pytest

from tests.support.pictures import a_picture, a_year
from wheel.drawing.files import Paper, pdf, png

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
