"""The query for a board's page."""

from config.municipality.roles import roles
from wheel.database.meeting_days import meeting_days
from wheel.documents.board_page import BoardPage, Contact
from wheel.engine.unit_of_work import UnitOfWork
from wheel.errors import NotFound
from wheel.reads.filters import body_named
from wheel.reads.overviews.where_we_are import where_we_are
from wheel.reads.overviews.year_calendar import year_calendar
from wheel.reads.registers import people, today_of
from workflows.messages import N_

SHOWN = 5  # of the coming deadlines and meetings
ANSWER = ("officer", "secretary", "chair", "head", "function")


def board_page(uow: UnitOfWork, board: str, year: int, language: str, *, drafts: bool, with_people: bool) -> BoardPage:
    """`board`: its id, short name or name. `with_people`: also its contacts. `drafts`: also the plans of cycles whose
    timetable is not decided. Raises NotFound for a body that has no plans of its own in that year."""
    id = body_named(uow, board)
    today = today_of(uow)
    found = where_we_are(uow, year, language, drafts=drafts)
    line = next((line for line in found.lines if line.board == id), None)
    calendar = year_calendar(uow, year, language, drafts=drafts, body=id)
    name = line.name if line else dict(calendar.bodies).get(id)
    if name is None:
        raise NotFound(N_("{body} has no part in the wheel of {year}."), body=id, year=year)
    columns = zip(line.parts, found.columns, strict=True) if line else ()
    days = (day for month in calendar.months for day in month.days if day.day >= today)
    return BoardPage(
        board=id,
        name=name,
        year=year,
        today=today,
        hand_ins=tuple((part, column.last) for part, column in columns if part),
        coming=tuple(day for day in days if any(each.kind == "deadline" for each in day.entries))[:SHOWN],
        meetings=tuple(day for day in meeting_days(uow.session).get(id, ()) if day >= today)[:SHOWN],
        contacts=_contacts(uow, id, language) if with_people else (),
    )


def _contacts(uow: UnitOfWork, board: str, language: str) -> tuple[Contact, ...]:
    today = today_of(uow)
    known = {person.person: person for person in people(uow.session, body=board).people}
    held: dict[str, list[str]] = {}
    for role in ANSWER:
        for id in uow.directory.holding((role,), board, today):
            held.setdefault(id, []).append(roles()[role].label.to(language))
    return tuple(
        Contact(name=known[id].name or id, role=", ".join(labels), email=known[id].email)
        for id, labels in held.items()
        if id in known
    )
