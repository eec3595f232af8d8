"""Jinja2 for the pages: everything is escaped, and the texts are those of the visitor's language."""

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from wheel.drawing.glyphs import FONTS
from wheel.format import STATUS

if TYPE_CHECKING:
    from wheel.web.visit import Visit

STATIC = Path(__file__).parent / "static"
FONT = "source-sans-3-latin-wght-normal.woff2"  # the drawings have it too


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("wheel.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def static_file(name: str) -> Path:
    """The path of one of the pages' own files, which may be missing."""
    return (FONTS if name == FONT else STATIC) / name


@cache
def _version(name: str) -> str:
    return sha256(static_file(name).read_bytes()).hexdigest()[:12]


def render(template: str, visit: "Visit", **facts: Any) -> str:
    """The page. Every template knows `visit`, `t` (its texts), `plural`, `url`, `static` and `status_label`."""

    def static(name: str) -> str:
        """The address of a file that a browser may keep for ever: a changed one has another."""
        return visit.site.url(f"/static/{name}", v=_version(name))

    def status_label(status: str) -> str:
        return visit.texts(STATUS[status])

    return (
        _templates()
        .get_template(template)
        .render(
            visit=visit,
            t=visit.texts,
            plural=visit.texts.plural,
            url=visit.site.url,
            static=static,
            status_label=status_label,
            **facts,
        )
    )
