"""The elements that a drawing is made of. Each renderer draws these alike: no style, no pattern, no text on a path."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import degrees

from wheel.drawing.colours import INK, Look
from wheel.drawing.geometry import Circle, Point, number


@dataclass(frozen=True, slots=True)
class Shape:
    tag: str
    attributes: Mapping[str, str]
    text: str = field(default="")


def path(d: str, *, fill: str = "none", stroke: str = "", width: float = 0, dash: str = "", **data: str) -> Shape:
    """`data`: attributes `data-…` for scripts and tests."""
    attributes = {"d": d, "fill": fill}
    if stroke:
        attributes |= {"stroke": stroke, "stroke-width": number(width)}
    if dash:
        attributes["stroke-dasharray"] = dash
    return Shape("path", attributes | {f"data-{name}": value for name, value in data.items()})


def circle(at: Point, radius: float, fill: str, stroke: str = "", width: float = 0) -> Shape:
    attributes = {"cx": number(at.x), "cy": number(at.y), "r": number(radius), "fill": fill}
    return Shape("circle", attributes | ({"stroke": stroke, "stroke-width": number(width)} if stroke else {}))


def text(
    said: str, at: Point, size: float, weight: int = 400, fill: str = INK, anchor: str = "middle", spacing: str = ""
) -> Shape:
    attributes = {"x": number(at.x), "y": number(at.y), "font-size": number(size), "font-weight": str(weight)}
    attributes |= {"fill": fill} | ({"text-anchor": anchor} if anchor != "start" else {})
    return Shape("text", attributes | ({"letter-spacing": spacing} if spacing else {}), said)


def text_in_places(said: str, places: Mapping[str, str], size: float, weight: int, fill: str) -> Shape:
    """Text whose signs have their own places."""
    attributes = {"font-size": number(size), "font-weight": str(weight), "fill": fill}
    return Shape("text", {**places, **attributes}, said)


def symbol(name: str, at: Point, size: float, colour: str) -> list[Shape]:
    """A status's sign, drawn because the font has none. Upright wherever it stands."""
    x, y = at

    def to(across: float, down: float) -> Point:
        return Point(x + across * size, y + down * size)

    def stroke(d: str, width: float) -> Shape:
        return path(d, stroke=colour, width=width * size)

    if name == "tick":
        return [stroke(f"M{to(-0.265, 0.02)}L{to(-0.068, 0.209)}L{to(0.268, -0.21)}", 0.143)]
    if name == "play":
        return [path(f"M{to(-0.2, -0.252)}L{to(0.237, 0)}L{to(-0.2, 0.252)}Z", fill=colour)]
    if name == "ring":
        return [
            Shape("circle", {"cx": number(x), "cy": number(y), "r": number(0.231 * size), "fill": "none",
                             "stroke": colour, "stroke-width": number(0.109 * size)})
        ]  # fmt: skip
    if name == "mark":
        return [stroke(f"M{to(0, -0.3)}L{to(0, 0.1)}", 0.16), circle(to(0, 0.302), 0.093 * size, colour)]
    if name == "return":
        radius = number(0.17 * size)
        hook = f"M{to(-0.26, -0.1)}L{to(0.1, -0.1)}A{radius},{radius} 0 0 1 {to(0.1, 0.24)}L{to(-0.08, 0.24)}"
        return [stroke(f"{hook}M{to(-0.08, -0.28)}L{to(-0.26, -0.1)}L{to(-0.08, 0.08)}", 0.12)]
    if name == "pause":
        return [stroke(f"M{to(-0.11, -0.2)}L{to(-0.11, 0.2)}M{to(0.11, -0.2)}L{to(0.11, 0.2)}", 0.13)]
    return [stroke(f"M{to(-0.2, 0)}L{to(0.2, 0)}", 0.12)]


def hatch(
    of: Circle, inner: float, outer: float, free: list[tuple[float, float]], look: Look, step: float
) -> list[Shape]:
    """Slanted lines over those stretches of an arc."""
    lines = []
    middle, slant = (inner + outer) / 2, degrees((outer - inner) * 0.3 / outer)
    apart = degrees(step / middle)
    for first, last in free:
        turn = first
        while turn + slant <= last:
            lines.append(f"M{of.at(inner, turn)}L{of.at(outer, turn + slant)}")
            turn += apart
    return [path("".join(lines), stroke=look.outline, width=1.4)] if lines else []
