"""The colours of the drawings. Hue is only for status, ink only for now; a test holds their contrast."""

from typing import NamedTuple

from wheel.engine.plan import Status

INK = "#16202C"
SECONDARY = "#4A5563"
WEEKS = "#5B6675"
WHITE = "#FFFFFF"
TICKS = "#7D8896"
ELAPSED, COMING = "#E9EDF1", "#F3F5F8"  # of a ring
MONTH_ELAPSED, MONTH_COMING = "#DDE3E9", "#EDF0F4"
HAIRLINE, LEADER = "#DDE3E9", "#9AA5B1"
RULE = "#C9D1DA"


class Look(NamedTuple):
    """How a status looks. `symbol`: the name of its sign; `dash`: of its outline."""

    fill: str
    outline: str
    stroke: float
    text: str
    symbol: str
    dash: str = ""


LOOKS: dict[Status, Look] = {
    "done": Look("#A9D3BF", "#2F6B57", 1.25, "#123D30", "tick"),
    "in_progress": Look("#2A6DB8", "#1B4F8A", 1, WHITE, "play"),
    "upcoming": Look(WHITE, "#7D8896", 1.5, INK, "ring"),
    "sent_back": Look("#F2B33D", "#7A4B00", 1.5, "#3D2600", "return"),
    "overdue": Look("#A31D17", "#5E0C08", 2.5, WHITE, "mark"),
    "postponed": Look("#2A6DB8", "#1B4F8A", 1, WHITE, "pause"),
    "draft": Look(WHITE, "#7D8896", 1.25, SECONDARY, "ring", "3 4"),
    "before_introduction": Look("#F3F5F8", "#5B6675", 1.2, SECONDARY, "line", "1.5 4"),
}


def look_of(status: Status) -> Look:
    return LOOKS.get(status, LOOKS["before_introduction"])


class BeadLook(NamedTuple):
    fill: str
    edge: str
    text: str
    stroke: float = 1.8


def bead_look(status: Status, *, next: bool) -> BeadLook:
    if status == "done":
        return BeadLook("#2F6B57", "#2F6B57", WHITE)
    if status == "overdue":
        return BeadLook("#A31D17", "#5E0C08", WHITE)
    if status == "sent_back":
        return BeadLook("#F2B33D", "#7A4B00", "#3D2600")
    return BeadLook(WHITE, INK, INK, 3.2) if next else BeadLook(WHITE, WEEKS, INK)
