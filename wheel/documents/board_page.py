"""One board: what it hands in, its coming deadlines and meetings, and its contacts."""

from wheel.documents.base import Day, Document
from wheel.documents.calendar import CalendarDay
from wheel.documents.where_we_are import HandIn


class Contact(Document):
    """A person who answers for the board today, with the labels of the roles."""

    name: str
    role: str
    email: str


class BoardPage(Document):
    """`hand_ins` of the year, each with the day by which all of it is to be done; `coming`: the next days with a
    deadline of the board; `meetings`: its next ones."""

    board: str
    name: str
    year: int
    today: Day
    hand_ins: tuple[tuple[HandIn, Day | None], ...]
    coming: tuple[CalendarDay, ...]
    meetings: tuple[Day, ...]
    contacts: tuple[Contact, ...]
