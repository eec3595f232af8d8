"""Läget: the boards of a calendar year and what each has handed in."""

from wheel.documents.base import Day, Document, Flag
from wheel.engine.plan import Status


class HandIn(Document):
    """One board's part in one phase.

    `day`: the day on which the board did its part; the day on which a part opens that has not begun; otherwise the day
    by which it should leave its state. `days_late` counts from that day, and is 0 where the part is not overdue.
    """

    address: str
    board: str
    title: str
    status: Status
    returned: Flag = False  # by an official, for completion
    state: str
    state_label: str
    day: Day | None
    days_late: int
    ready: Flag = False


class HandInColumn(Document):
    """A phase in which boards take part. `last`: the day by which the last of them is to have done its part; `done` of
    `of` boards have."""

    cycle: str
    phase: str
    address: str
    label: str
    last: Day | None
    done: int
    of: int


class BoardLine(Document):
    """A board with its part in each column; None where it has none."""

    board: str
    name: str
    parts: tuple[HandIn | None, ...]


class WhereWeAre(Document):
    """`day`: the municipality's day that all of it is said of. `cycles`: those that one can choose. `overdue` and
    `sent_back`: how many parts are, of those that are shown; `next`: the column with the next deadline."""

    year: int
    day: Day
    cycles: tuple[str, ...]
    columns: tuple[HandInColumn, ...]
    lines: tuple[BoardLine, ...]
    overdue: int
    sent_back: int
    next: HandInColumn | None
