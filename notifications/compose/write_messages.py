"""Reads the notices that are due, and writes the messages that sort_notices.py has made of them. Their bytes are final.

Nothing is sent from here.
"""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any, cast

from sqlalchemy import bindparam, func, insert, select, text, update
from sqlalchemy.orm import Session

from notifications.audit_log import AuditLog
from notifications.compose.sort_notices import EndedNotice, MailDay, MailDraft, SortedNotices
from notifications.content.content import NoticeContent
from notifications.content.render import render
from notifications.mail_settings import MailSettings
from notifications.notices import NOTICE, address_in
from notifications.tables import Message, Notice
from workflows.dates.workdays import Calendar

logger = logging.getLogger(__name__)

COMPOSING = 7_310_264  # an arbitrary number for PostgreSQL's advisory lock, used for nothing else

Row = dict[str, Any]

# Rows, and each statement once a round: to make an object of a row costs more than to write it.
_MESSAGE = Message.__table__  # type: ignore[attr-defined]
_DUE = (
    select(NOTICE)
    .where(
        text("notice.outcome = 'planned'"),  # literally, or the partial index is not used
        NOTICE.c.send_after <= bindparam("now"),
        NOTICE.c.message_id.is_(None),
    )
    .order_by(NOTICE.c.person_id, NOTICE.c.due, NOTICE.c.id)
    .with_for_update(skip_locked=True)
)
_SERVED = select(_MESSAGE.c.key).where(_MESSAGE.c.key.in_(bindparam("keys", expanding=True)))
_NEW = timedelta(days=7)  # a subject like one of these days would be taken for the same mail
# Only the latest mails are looked through: the table grows for years.
_SUBJECTS = select(_MESSAGE.c.id, _MESSAGE.c.person_id, _MESSAGE.c.subject).where(
    _MESSAGE.c.id > select(func.max(_MESSAGE.c.id)).scalar_subquery() - 2_000,
    _MESSAGE.c.day.between(bindparam("since"), bindparam("until")),
    _MESSAGE.c.person_id.in_(bindparam("people", expanding=True)),
)
_MAKE = insert(_MESSAGE).returning(_MESSAGE.c.key, _MESSAGE.c.id)
_OF_NOTICE = update(NOTICE).where(NOTICE.c.id == bindparam("of"))
_END = _OF_NOTICE.values(outcome=bindparam("ends"), because=bindparam("why"), detail=bindparam("more"))
_PUT_OFF = _OF_NOTICE.values(send_after=bindparam("until"))
_TAKE_UP = _OF_NOTICE.values(message_id=bindparam("made"), facts=bindparam("tells", type_=NOTICE.c.facts.type))


@dataclass
class ComposeResult:
    """The outcome of composing the notices that were due. `held_back`: persons with due notices beyond the limit."""

    messages: int = 0
    withheld: int = 0  # of those messages, made while mail is off
    superseded: int = 0
    expired: int = 0  # notices that were too late
    failed: int = 0
    waiting: int = 0  # put off to the next day on which this person may get scheduled mail
    held_back: int = 0
    more: bool = False  # others are due, for another transaction
    made: list[str] = field(default_factory=list)  # Message-IDs, without brackets
    unwritten: list[Notice] = field(default_factory=list)  # those that failed


def notices_due(session: Session, now: datetime, some: int | None = None) -> tuple[list[Notice], bool]:
    """The notices that may leave by `now` (UTC), person by person and by due date; and whether there are more.

    With `some`, about so many, but of each person all: one mail a day is made of them. None while another node
    composes, and none of those that an action is changing at this moment.
    """
    if not _is_only_composer(session):
        return [], False
    due = cast(
        "list[Notice]", session.connection().execute(_DUE if some is None else _DUE.limit(some), {"now": now}).all()
    )
    if some is None or len(due) < some:
        return due, False
    whole = [notice for notice in due if notice.person_id != due[-1].person_id]
    return (whole, True) if whole else notices_due(session, now, 2 * some)


def mail_day(
    session: Session, now: datetime, calendar: Calendar, settings: MailSettings, notices: Sequence[Notice]
) -> MailDay:
    """The day of that instant (UTC), with what has been mailed on it already to the persons of the notices."""
    day = MailDay(now, calendar, settings, set())
    keys = {day.key_of(notice.person_id) for notice in notices if not notice.at_once}
    day.served.update(session.connection().execute(_SERVED, {"keys": list(keys)}).scalars())
    return day


def write_messages(session: Session, log: AuditLog, day: MailDay, ready: SortedNotices) -> ComposeResult:
    """Write the messages and what became of the other notices, in the transaction of `session`.

    Errors of the database are raised. A letter that cannot be written fails, and the others are written.
    """
    messages: list[tuple[Row, MailDraft]] = []
    ended = list(ready.ended)
    readers = {letter.reader.id for letter in ready.letters}
    earlier = subjects_before(session, day.calendar.local_date(day.now), readers)
    for letter in ready.letters:
        try:
            messages.append((_message(day, letter, earlier.get(letter.reader.id, ())), letter))
        except Exception as error:
            logger.exception("no message for %s", letter.reader.id)
            detail = f"{type(error).__name__}: {error}"
            ended += [EndedNotice(notice, "failed", "not_written", detail) for notice in letter.notices]
    connection = session.connection()
    rows = [
        {"of": notice.id, "ends": outcome, "why": because, "more": detail} for notice, outcome, because, detail in ended
    ]
    for statement, changes in (
        (_END, rows),
        (_PUT_OFF, [{"of": notice.id, "until": until} for notice, until in ready.waiting]),
    ):
        if changes:
            connection.execute(statement, changes)
    for notice, outcome, because, _ in ended:  # a detail can hold an address; the log keeps none
        data = {"notice": notice.key, "because": because}
        log.add(f"notice.{outcome}", address_in(notice.key), data)
    if messages:
        _keep(session, log, messages, withheld=not day.settings.on)
    return ComposeResult(
        messages=len(messages),
        withheld=0 if day.settings.on else len(messages),
        superseded=sum(each.outcome == "superseded" for each in ended),
        expired=sum(each.outcome == "expired" for each in ended),
        failed=sum(each.outcome == "failed" for each in ended),
        waiting=len(ready.waiting),
        held_back=ready.held_back,
        made=[row["message_id"] for row, _ in messages],
        unwritten=[each.notice for each in ended if each.outcome == "failed"],
    )


def _is_only_composer(session: Session) -> bool:
    """Whether no other node composes now: two at once would make two mails of one person's notices."""
    if session.get_bind().dialect.name != "postgresql":
        return True  # SQLite has one writer
    taken = session.execute(select(text(f"pg_try_advisory_xact_lock({COMPOSING})")))
    return bool(taken.scalar_one())


def _keep(session: Session, log: AuditLog, messages: list[tuple[Row, MailDraft]], *, withheld: bool) -> None:
    connection = session.connection()
    made = connection.execute(_MAKE, [row for row, _ in messages])
    ids = {row.key: row.id for row in made}
    taken = [
        {"of": notice.id, "made": ids[row["key"]], "tells": facts_told(notice, said)}
        for row, letter in messages
        for notice, said in zip(letter.notices, letter.told, strict=True)
    ]
    connection.execute(_TAKE_UP, taken)
    if withheld:
        ends = {"ends": "withheld", "why": "mail_off", "more": ""}
        connection.execute(_END, [{"of": each["of"], **ends} for each in taken])
    for row, letter in messages:
        said = {name: row[name] for name in ("message_id", "status", "sha256")}
        data = {**said, "person": letter.reader.id, "notices": [notice.key for notice in letter.notices]}
        log.add("message.made", f"message/{row['message_id']}", data)


def facts_told(notice: Notice, said: NoticeContent) -> dict[str, Any]:
    """The facts of a notice as its mail tells them: for whoever asks later why it was sent."""
    last = said.deadline and said.deadline.isoformat()
    meeting = said.meeting and said.meeting.isoformat()
    return {**notice.facts, "body": said.body, "last": last, "meeting": meeting, "provisional": said.provisional}


def subjects_before(
    session: Session, day: date, people: Collection[str], *, besides: int | None = None
) -> dict[str, set[str]]:
    """By person, the subjects of their mails of that day and the week before it, without the mail `besides`."""
    found: dict[str, set[str]] = {}
    asked = {"since": day - _NEW, "until": day, "people": list(people)}
    for id, person, said in session.connection().execute(_SUBJECTS, asked) if people else ():
        if id != besides:
            found.setdefault(person, set()).add(said)
    return found


def _message(day: MailDay, letter: MailDraft, earlier: Collection[str]) -> Row:
    settings, local = day.settings, day.calendar.local(day.now)
    message_id = f"{sha256(letter.key.encode()).hexdigest()[:32]}@{settings.domain}"
    rendered = render(letter.reader, letter.told, settings, message_id=message_id, local_now=local, earlier=earlier)
    return {
        "key": letter.key,
        "message_id": message_id,
        "person_id": letter.reader.id,
        "day": local.date(),
        "to": rendered.to,
        "subject": rendered.subject,
        "body": rendered.body,
        "sha256": sha256(rendered.body).hexdigest(),
        "status": "pending" if settings.on else "withheld",
        "attempts": 0,
        "created_at": day.now,
        "next_attempt": day.now,
        "error": "",
        "perhaps": False,
    }
