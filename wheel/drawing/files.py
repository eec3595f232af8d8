"""The drawing as a file for mail and paper: PNG by resvg, PDF by typst."""

import json
from functools import cache
from typing import Literal

from config.text.texts import Texts
from wheel.drawing.glyphs import FONTS, in_the_font
from wheel.drawing.layout import Size
from wheel.drawing.picture import WheelPicture
from wheel.drawing.svg import TEMPLATES, svg
from wheel.drawing.table import deadline_table
from workflows.messages import N_

Paper = Literal["a3", "a4"]
PAPERS: tuple[Paper, ...] = ("a3", "a4")
MAIL_WIDTH = 480


def png(picture: WheelPicture, size: Size = "page", width: int = MAIL_WIDTH) -> bytes:
    """`width`: in pixels. The same picture gives the same bytes."""
    from resvg_py import svg_to_bytes  # used by few commands

    return bytes(
        svg_to_bytes(
            svg_string=svg(picture, size),
            width=width,
            background="#FFFFFF",
            skip_system_fonts=True,
            font_files=_fonts(),
            sans_serif_family="Source Sans 3",
        )
    )


def pdf(picture: WheelPicture, paper: Paper = "a3") -> bytes:
    """The poster, and after it the table with the same facts; as PDF/UA, for those who hear it. The same picture gives
    the same bytes."""
    import typst  # takes 100 ms

    t = Texts(picture.language)
    table = deadline_table(picture)
    data = {
        "title": picture.title,
        "author": picture.municipality,
        "language": picture.language,
        "paper": paper,
        "svg": svg(picture, "poster"),
        "alt": picture.description,
        "heading": table.heading,
        "footer": f"{picture.municipality} · {picture.as_of}",
        "columns": [t(N_("Period")), t(N_("Process")), t(N_("What")), t(N_("Stage")), t(N_("Status")), t(N_("Remark"))],
        "rows": [[row.period, row.cycle, row.title, row.state_label, row.word, row.remark] for row in table.rows],
    }
    found = typst.compile(
        TEMPLATES / "poster.typ",
        root=TEMPLATES,
        font_paths=[FONTS],
        ignore_system_fonts=True,
        sys_inputs={"data": in_the_font(json.dumps(data, ensure_ascii=False))},
        format="pdf",
        pdf_standards=["ua-1"],
        timestamp=0,
    )
    assert isinstance(found, bytes)  # one file, because no path was given
    return found


@cache
def _fonts() -> list[str]:
    return [str(file) for file in sorted(FONTS.glob("*.ttf"))]
