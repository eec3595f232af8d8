"""Draws a wheel as SVG: the same picture gives the same bytes."""

from base64 import b64encode
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from wheel.drawing.glyphs import FAMILY, FONTS
from wheel.drawing.layout import Size, Wheel
from wheel.drawing.picture import WheelPicture
from wheel.drawing.poster import on_paper

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"
PREFIXES: dict[Size, str] = {"page": "w", "poster": "wp", "mini": "wm"}  # two sizes may be on one page


def svg(picture: WheelPicture, size: Size = "page", *, with_font: bool = False) -> str:
    """The drawing, for a page that has Source Sans 3. `with_font`: with the font inside, for a file by itself.

    For a page nothing in it needs a style sheet or a script. Each arc is one path with `data-plan`, `data-state` and
    `data-status`, and they come in the order of their days.
    """
    wheel = Wheel(picture, size)
    drawn = list(on_paper(wheel) if size == "poster" else wheel.shapes())
    return _templates().get_template("wheel.svg.j2").render(
        width=int(wheel.frame.width),
        height=int(wheel.frame.height),
        language=picture.language,
        prefix=PREFIXES[size],
        family=FAMILY,
        title=picture.title,
        description=picture.description,
        font=_font() if with_font else "",
        shapes=drawn,
    )  # fmt: skip


@cache
def _font() -> str:
    return b64encode((FONTS / "source-sans-3-latin-wght-normal.woff2").read_bytes()).decode("ascii")


@cache
def _templates() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # takes 60 ms

    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
