"""The calendar: deadlines and meetings of a year, by month."""

from typing import Literal

from wheel.documents.base import Day, Document, Flag
from wheel.engine.plan import Status


class CalendarEntry(Document):
    """A deadline, or the bodies that meet on that day.

    `address` of several boards' plans is that of their phase; `boards`: how many these are, and `done` how many of them
    have come further. `step`: the step that is to be taken by then; `who` takes it. `moved_from`: the last day before
    its latest move. `clock`: `12:00`.
    """

    kind: Literal["deadline", "meeting"]
    title: str
    step: str = ""
    who: tuple[str, ...] = ()
    address: str = ""
    state: str = ""
    status: Status | None = None
    days_late: int = 0
    boards: int = 0
    done: int = 0
    moved_from: Day | None = None
    clock: str | None = None
    provisional: Flag = False


class CalendarDay(Document):
    """`off`: no working day, on which nobody is reminded."""

    day: Day
    off: bool
    entries: tuple[CalendarEntry, ...]


class CalendarMonth(Document):
    first: Day
    days: tuple[CalendarDay, ...]


class YearCalendar(Document):
    """The months in which something is. `cycles` and `bodies` (id and name): those that one can choose."""

    year: int
    today: Day
    cycles: tuple[str, ...]
    bodies: tuple[tuple[str, str], ...]
    months: tuple[CalendarMonth, ...]
