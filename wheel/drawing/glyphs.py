"""Text of known width, straight or along a circle, glyph by glyph: not every renderer can set text on a path."""

import json
from functools import cache
from math import degrees
from pathlib import Path
from unicodedata import combining, normalize

from wheel.drawing.geometry import Circle, number

FONTS = Path(__file__).parent / "fonts"
FAMILY = "'Source Sans 3','Source Sans Pro','Segoe UI',Arial,sans-serif"
_UNKNOWN = 600  # the width of a sign that the font does not have, in thousandths


@cache
def _advances(weight: int) -> dict[str, int]:
    found: dict[str, int] = json.loads((FONTS / "advances.json").read_text(encoding="utf-8"))[str(weight)]
    return found


def width(text: str, size: float, weight: int = 400) -> float:
    return sum(_advance(sign, weight) for sign in text) * size / 1000


def _advance(sign: str, weight: int) -> int:
    return 0 if combining(sign) else _advances(weight).get(sign, _UNKNOWN)


def in_the_font(text: str) -> str:
    """The text without the signs that the font does not have: PDF/UA allows none without a glyph. Such a letter loses
    its mark, anything else becomes `?`, in as many places for SVG as before."""
    return "".join(sign if sign in _advances(400) or sign == "\n" else _like(sign) for sign in text)


def _like(sign: str) -> str:
    letter = normalize("NFKD", sign)[0]
    return letter if letter in _advances(400) else "??" if ord(sign) > 0xFFFF else "?"


def is_upside_down(degree: float) -> bool:
    """Whether text that runs clockwise would stand on its head there."""
    return 90 < degree % 360 < 270


def on_circle(circle: Circle, text: str, radius: float, middle: float, size: float, weight: int) -> dict[str, str]:
    """The lists x, y and rotate of a text whose middle lies on the radius, at the angle `middle`.

    A sign beyond the basic plane counts as two for SVG.
    """
    turned = is_upside_down(middle)
    base = radius + (0.3 if turned else -0.3) * size
    way = -1 if turned else 1
    along = -width(text, size, weight) / 2
    xs, ys, turns = [], [], []
    for sign in text:
        advance = _advance(sign, weight) * size / 1000
        degree = middle + way * degrees((along + advance / 2) / base)
        at, ahead = circle.at(base, degree), Circle(0, 0).at(1, degree + 90)
        lists = number(at.x - way * advance / 2 * ahead.x), number(at.y - way * advance / 2 * ahead.y)
        turn = number((degree + (180 if turned else 0)) % 360)
        for _ in range(2 if ord(sign) > 0xFFFF else 1):
            xs.append(lists[0])
            ys.append(lists[1])
            turns.append(turn)
        along += advance
    return {"x": " ".join(xs), "y": " ".join(ys), "rotate": " ".join(turns)}


def cut(text: str, room: float, size: float, weight: int) -> str:
    """The text, with … at its end if it is too wide."""
    if width(text, size, weight) <= room:
        return text
    while text and width(f"{text}…", size, weight) > room:
        text = text[:-1]
    return f"{text.rstrip()}…"


def wrapped(text: str, room: float, size: float, weight: int, most: int) -> list[str]:
    """The text on at most so many lines; the last one is cut if there is more."""
    lines: list[str] = []
    for word in text.split():
        if lines and width(f"{lines[-1]} {word}", size, weight) <= room:
            lines[-1] = f"{lines[-1]} {word}"
        else:
            lines.append(word)
    kept = lines[:most]
    if len(lines) > most:
        kept[-1] = " ".join(lines[most - 1 :])
    return [cut(line, room, size, weight) for line in kept]
