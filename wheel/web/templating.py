"""Jinja2 for the pages: everything is escaped, and the texts are those of the visitor's language."""

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from wheel.drawing.glyphs import FONTS
from wheel.format import OUTCOMES, STATUS

if TYPE_CHECKING:
    from wheel.web.visit import Visit

STATIC = Path(__file__).parent / "static"
FONT = "source-sans-3-latin-wght-normal.woff2"  # the drawings have it too


@cache
def _templates() -> Environment:
    made = Environment(
        loader=PackageLoader("wheel.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["first_upper"] = lambda text: text[:1].upper() + text[1:]
    return made


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

    def outcome_label(outcome: str) -> str:
        return visit.texts(OUTCOMES[outcome])

    shared = {"url": visit.site.url, "static": static, "status_label": status_label, "outcome_label": outcome_label}
    shared["plural"] = visit.texts.plural  # under this name, because only calls of plain names are extracted
    return _templates().get_template(template).render(visit=visit, t=visit.texts, **shared, **facts)
