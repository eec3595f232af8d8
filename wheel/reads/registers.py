"""Queries for people, meetings, mails and the log."""

from collections.abc import Collection
from contextlib import suppress
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session, col

from notifications.history.mail_log import list_messages
from notifications.tables import Message
from wheel.audit.journal import LogRecord, history
from wheel.database.tables import Meeting, Person, Role
from wheel.documents.mail import MailDocument, MailsDocument, WholeMail
from wheel.documents.meetings import MeetingDocument, MeetingsDocument
from wheel.documents.registers import PeopleDocument, PersonDocument, RoleDocument
from wheel.engine.plan import Plan
from wheel.engine.unit_of_work import CYCLE, UnitOfWork
from workflows.definition.definition import Definition

_PERSON = Person.__table__  # type: ignore[attr-defined]
_NAMES = select(_PERSON.c.id, _PERSON.c.name)
SWEDEN = "Europe/Stockholm"  # the zone until a wheel names its own
HALF_A_YEAR = timedelta(days=182)
_NEWEST_CYCLE = select(CYCLE.c.id).order_by(CYCLE.c.id.desc()).limit(1)


def people(session: Session, role: str | None = None, body: str | None = None) -> PeopleDocument:
    """People with their roles, sorted by id. `role` and `body` select those who hold or held such a role."""
    held: dict[str, list[RoleDocument]] = {}
    for row in session.execute(select(Role).order_by(col(Role.id))).scalars():
        held.setdefault(row.person_id, []).append(
            RoleDocument(
                role=row.role,
                body=row.body or None,
                from_=row.valid_from,
                to=row.valid_to,
                instead_of=row.instead_of or None,
            )
        )
    found = []
    for person in session.execute(select(Person).order_by(col(Person.id))).scalars():
        roles = held.get(person.id, [])
        if any((role in (None, each.role)) and (body in (None, each.body)) for each in roles) or not (role or body):
            found.append(
                PersonDocument(
                    person=person.id,
                    name=person.name,
                    email=person.email,
                    language=person.language,
                    roles=tuple(roles),
                )
            )
    return PeopleDocument(people=tuple(found))


def meetings(session: Session, body: str | None = None, year: int | None = None) -> MeetingsDocument:
    """The meeting days, in their order."""
    query = select(col(Meeting.body), col(Meeting.day)).order_by(col(Meeting.day), col(Meeting.body))
    if body:
        query = query.where(col(Meeting.body) == body)
    rows = [(b, day) for b, day in session.execute(query) if year in (None, day.year)]
    return MeetingsDocument(meetings=tuple(MeetingDocument(body=b, date=day) for b, day in rows))


def mails(
    session: Session, *, status: str | None = None, person: str | None = None, limit: int | None = None
) -> MailsDocument:
    """The mails that were made, newest first."""
    found = list_messages(session, status=status, person=person, limit=limit)
    return MailsDocument(messages=tuple(MailDocument(**vars(mail)) for mail in found))


def whole_mail(session: Session, mail: Message) -> WholeMail:
    """A mail as its reader sees it."""
    from email import message_from_bytes, policy  # every reader of a register would load it

    [listed] = list_messages(session, message_ids=[mail.message_id])
    parsed = message_from_bytes(mail.body, policy=policy.default)
    text = parsed.get_body(("plain",))
    headers = {name: str(parsed[name]) for name in ("From", "To", "Subject", "Date", "Message-ID") if parsed[name]}
    return WholeMail(**vars(listed), headers=headers, text=text.get_content() if text else "")


def definitions_of(uow: UnitOfWork, cycles: Collection[str]) -> dict[str, Definition]:
    """The definitions that those cycles keep, by the cycles' names. One that cannot be read is left out."""
    found = {}
    for id, name in uow.connection.execute(select(CYCLE.c.id, CYCLE.c.name).where(CYCLE.c.name.in_(cycles))):
        with suppress(ValueError):
            found[name] = uow.cycle(id).definition
    return found


def last_meetings(uow: UnitOfWork, bodies: Collection[str], until: date, most: int = 6) -> list[date]:
    """The latest days on which one of the bodies met, newest first; none that is older than half a year."""
    met = col(Meeting.body).in_(list(bodies)) & col(Meeting.day).between(until - HALF_A_YEAR, until)
    query = select(col(Meeting.day)).distinct().where(met).order_by(col(Meeting.day).desc()).limit(most)
    return list(uow.connection.execute(query).scalars())


def decisions_of(uow: UnitOfWork, plan: Plan) -> list[LogRecord]:
    """The entries of the log that register a decision about the plan, newest first."""
    return [entry for entry in reversed(history(uow.session, plan.address)) if entry["data"].get("decision")]


def person_names(session: Session) -> dict[str, str]:
    """The persons' names, by their ids."""
    return {row.id: row.name for row in session.connection().execute(_NAMES)}


def today_of(uow: UnitOfWork) -> date:
    """The municipality's day at `uow.now`."""
    return uow.now.astimezone(ZoneInfo(zone_of(uow))).date()


def body_names(uow: UnitOfWork, language: str) -> dict[str, str]:
    """The names of the bodies of the newest cycle, by their ids; none before there is one."""
    found = uow.connection.execute(_NEWEST_CYCLE).scalar()
    bodies = uow.cycle(found).definition.wheel.bodies if found else {}
    return {id: body.name.to(language) for id, body in bodies.items()}


def zone_of(uow: UnitOfWork) -> str:
    """The zone of the newest cycle; Sweden's before there is one. The wheel's files are not read for it."""
    found = uow.connection.execute(_NEWEST_CYCLE).scalar()
    return uow.cycle(found).definition.wheel.zone if found else SWEDEN
