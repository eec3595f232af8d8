"""All deadlines of a wheel: the same facts as the drawing, a row for each arc."""

from datetime import date

from config.text.texts import Texts
from wheel.documents.base import Day, Document, Flag
from wheel.drawing.picture import Arc, WheelPicture
from wheel.engine.plan import Status
from workflows.messages import N_


class DeadlineRow(Document):
    """One state of one plan. `period`: its days in words; `word`: its status in words; `who`: the bodies that owe the
    step out of it, by their short names; `remark`: what else there is to say, such as how late it is.

    `moved_from`: the last day before its latest move; `boards_done`, `boards`: of how many, where the state waits for
    them; `decision`: the one that ended it; `open_ended`: nobody has said a last day.
    """

    address: str
    state: str
    cycle: str
    title: str
    state_label: str
    first: Day
    last: Day
    period: str
    who: tuple[str, ...]
    status: Status
    word: str
    days_late: int
    moved_from: Day | None
    boards_done: int | None
    boards: int | None
    decision: str
    remark: str
    open_ended: Flag = False
    provisional: Flag = False
    held: Flag = False


class DeadlineTable(Document):
    """The rows by their last days."""

    year: int
    heading: str
    rows: tuple[DeadlineRow, ...]


def deadline_table(picture: WheelPicture) -> DeadlineTable:
    """The set of the rows is that of the arcs."""
    t = Texts(picture.language)
    titles = {arc: ring.title for ring in picture.rings for arc in ring.arcs}
    rows = tuple(_row(arc, titles[arc], picture.year, t) for arc in picture.arcs)
    return DeadlineTable(year=picture.year, heading=t(N_("All deadlines {year}"), year=picture.year), rows=rows)


def _row(arc: Arc, cycle: str, year: int, t: Texts) -> DeadlineRow:
    done, of = arc.boards or (None, None)
    return DeadlineRow(
        address=arc.plan,
        state=arc.state,
        cycle=cycle,
        title=arc.title,
        state_label=arc.state_label,
        first=arc.first,
        last=arc.last,
        period=_period(arc, year, t),
        who=arc.who,
        status=arc.status,
        word=arc.word,
        days_late=arc.days_late,
        moved_from=arc.moved_from,
        boards_done=done,
        boards=of,
        decision=arc.decision,
        remark=_remark(arc, t),
        open_ended=arc.open_ended,
        provisional=arc.provisional,
        held=arc.held,
    )


def _period(arc: Arc, year: int, t: Texts) -> str:
    """`2 jan–12 feb`; a day of another year has its year."""

    def said(day: date) -> str:
        return t.short_date(day) if day.year == year else f"{t.short_date(day)} {day.year}"

    if arc.open_ended:
        return t(N_("from {day}"), day=said(arc.first))
    return said(arc.last) if arc.first == arc.last else f"{said(arc.first)}–{said(arc.last)}"


def _remark(arc: Arc, t: Texts) -> str:
    said = []
    if arc.days_late:
        said.append(t.plural("{n} day overdue", "{n} days overdue", arc.days_late))
    if arc.boards:
        done, of = arc.boards
        said.append(t.plural("{done} of {n} board", "{done} of {n} boards", of, done=done))
    if arc.moved_from:
        said.append(t(N_("moved from {day}"), day=t.short_date(arc.moved_from)))
    if arc.provisional:
        said.append(t(N_("provisional date")))
    if arc.held:
        said.append(t(N_("paused")))
    if arc.decision:
        said.append(arc.decision)
    return ", ".join(said)
