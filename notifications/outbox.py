"""Notices become messages: judged once more, gathered per person, written, frozen.

Nothing is sent from here (claims.py, delivery.py).
"""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from hashlib import sha256
from itertools import groupby

from sqlalchemy import select, text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session
from sqlmodel import col

from notifications.addresses import AddressError, mailable
from notifications.briefing import Briefing, Journal, Reader
from notifications.mail_settings import MailSettings
from notifications.models import Message, Notice
from notifications.notices import address_in
from notifications.render import render
from notifications.schedule import is_sending_time, next_sending
from workflows.messages import N_
from workflows.workdays import Calendar

logger = logging.getLogger(__name__)

LADDER = frozenset({"ladder", "late", "your_turn"})  # reminders of one deadline: the tightest says all
COMPOSING = 7_310_264  # an arbitrary number for PostgreSQL's advisory lock, ours alone
MAIL_OFF = N_("mail_off")
TIGHTER = N_("a later reminder of the same deadline took its place")
NO_ADDRESS = N_("the person has no e-mail address")
NO_PERSON = N_("the person is not known")
NOT_WRITTEN = N_("the message could not be written")

Brief = Callable[[Sequence[Notice], Reader], Mapping[int, Briefing | str]]
Readers = Callable[[Collection[str]], Mapping[str, Reader]]


@dataclass
class Composed:
    """What became of the notices that were due. `held_back`: persons with due notices beyond the limit."""

    messages: int = 0
    withheld: int = 0  # of those messages, made while mail is off
    superseded: int = 0
    failed: int = 0
    waiting: int = 0  # put off to the next day on which this person may get scheduled mail
    held_back: int = 0
    made: list[str] = field(default_factory=list)  # Message-IDs, without brackets

    def add(self, other: "Composed") -> None:
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))


@dataclass(frozen=True)
class _Work:
    """What every step of one round needs."""

    session: Session
    journal: Journal
    now: datetime
    calendar: Calendar
    settings: MailSettings
    brief: Brief
    done: Composed

    def end(self, notice: Notice, outcome: str, because: str) -> None:
        notice.outcome, notice.because = outcome, because
        setattr(self.done, outcome, getattr(self.done, outcome) + 1)
        # Details can hold an address; the log keeps none.
        data = {"notice": notice.key, "because": because.partition(": ")[0]}
        self.journal.add(f"notice.{outcome}", address_in(notice.key), data)


def compose(
    session: Session,
    journal: Journal,
    now: datetime,
    *,
    readers: Readers,
    brief: Brief,
    calendar: Calendar,
    settings: MailSettings,
    limit: int | None = None,
) -> Composed:
    """Make messages of the notices that may leave by `now` (UTC), in the transaction of `session`.

    `readers` gives the persons by id; `brief` says per notice id what to tell, or as a message key why the notice
    no longer holds. Per person: of several reminders of one deadline the tightest stays; then scheduled ones leave
    in one message a day, on a working day from the sending hour on, with the at-once ones; otherwise these leave by
    themselves. At most `limit` messages. Errors of the database go up; any other ends that person's notices alone.
    """
    done = Composed()
    if not _alone(session):
        return done
    due = _due_notices(session, now)
    work, known = _Work(session, journal, now, calendar, settings, brief, done), readers({n.person_id for n in due})
    for person, theirs in groupby(due, key=lambda notice: notice.person_id):
        if limit is not None and done.messages >= limit:
            done.held_back += 1
        else:
            done.add(_for_person(work, known.get(person), list(theirs)))
    session.flush()
    return done


def _alone(session: Session) -> bool:
    """Two nodes that gather one person's notices at once would make two mails of them."""
    if session.get_bind().dialect.name != "postgresql":
        return True  # SQLite has one writer
    taken = session.execute(select(text(f"pg_try_advisory_xact_lock({COMPOSING})")))
    return bool(taken.scalar_one())


def _due_notices(session: Session, now: datetime) -> list[Notice]:
    """Those that the engine is changing at this very moment are left to the next round."""
    waiting = text("notice.outcome = 'planned'")  # literally, or the partial index is not used
    query = (
        select(Notice)
        .where(waiting, col(Notice.send_after) <= now, col(Notice.message_id).is_(None))
        .order_by(col(Notice.person_id), col(Notice.due), col(Notice.id))
        .with_for_update(skip_locked=True)
    )
    return list(session.execute(query).scalars())


def _for_person(work: _Work, reader: Reader | None, notices: list[Notice]) -> Composed:
    problem = _cannot_be_mailed(reader)
    if reader is not None and problem is None:
        mark = work.journal.mark()
        attempt = replace(work, done=Composed())
        try:
            # A savepoint: an error inside must leave a transaction in which the others can be served.
            with work.session.begin_nested():
                _gather(attempt, reader, _tightest(attempt, notices))
            return attempt.done
        except (OperationalError, InterfaceError):
            raise  # the database, not the message
        except Exception as error:
            logger.exception("no message for %s", reader.id)
            work.journal.rewind(mark)
            problem = f"{NOT_WRITTEN}: {type(error).__name__}: {error}"
    failed = replace(work, done=Composed())
    for notice in notices:
        failed.end(notice, "failed", problem or NO_PERSON)
    return failed.done


def _cannot_be_mailed(reader: Reader | None) -> str | None:
    if reader is None:
        return NO_PERSON
    if not reader.email.strip():
        return NO_ADDRESS
    try:
        mailable(reader.email)
    except AddressError as error:
        return str(error)
    return None


def _tightest(work: _Work, notices: list[Notice]) -> list[Notice]:
    """Without the reminders that a later one of the same deadline says better."""
    last: dict[tuple[int | None, str, int], Notice] = {}
    for notice in notices:  # by due date
        if notice.rule in LADDER:
            matter = (notice.plan_id, notice.state, notice.entry)
            if matter in last:
                work.end(last[matter], "superseded", TIGHTER)
            last[matter] = notice
    return [notice for notice in notices if notice.outcome == "planned"]


def _gather(work: _Work, reader: Reader, notices: list[Notice]) -> None:
    told: list[tuple[Notice, Briefing]] = []
    briefs = work.brief(notices, reader)
    for notice in notices:
        said = briefs[notice.id or 0]
        if isinstance(said, str):
            work.end(notice, "superseded", said)
        else:
            told.append((notice, said))
    if not told:
        return
    scheduled = [notice for notice, _ in told if not notice.at_once]
    day_key = f"day:{reader.id}:{work.calendar.local_date(work.now)}"
    hour = work.settings.send_hour
    if scheduled and is_sending_time(work.calendar, hour, work.now) and not _is_made(work.session, day_key):
        _make(work, reader, told, day_key)
        return
    for notice in scheduled:
        notice.send_after = next_sending(work.calendar, hour, work.now)
        work.done.waiting += 1
    if at_once := [(notice, said) for notice, said in told if notice.at_once]:
        _make(work, reader, at_once, f"once:{at_once[0][0].key}")


def _is_made(session: Session, key: str) -> bool:
    return session.execute(select(col(Message.id)).where(col(Message.key) == key)).first() is not None


def _make(work: _Work, reader: Reader, told: list[tuple[Notice, Briefing]], key: str) -> None:
    message_id = f"{sha256(key.encode()).hexdigest()[:32]}@{work.settings.domain}"
    local = work.calendar.local(work.now)
    items = [said for _, said in told]
    rendered = render(reader, items, work.settings, message_id=message_id, local_now=local)
    message = Message(
        key=key,
        message_id=message_id,
        person_id=reader.id,
        day=local.date(),
        to=rendered.to,
        subject=rendered.subject,
        body=rendered.body,
        sha256=sha256(rendered.body).hexdigest(),
        status="pending" if work.settings.on else "withheld",
        created_at=work.now,
        next_attempt=work.now,
    )
    work.session.add(message)
    work.session.flush()
    for notice, _ in told:
        notice.message_id = message.id
        if not work.settings.on:
            notice.outcome, notice.because = "withheld", MAIL_OFF
    work.done.messages += 1
    work.done.withheld += not work.settings.on
    work.done.made.append(message_id)
    _log_made(work, message, [notice.key for notice, _ in told])


def _log_made(work: _Work, message: Message, notices: list[str]) -> None:
    data = {
        "message_id": message.message_id,
        "person": message.person_id,
        "status": message.status,
        "sha256": message.sha256,
        "notices": notices,
    }
    work.journal.add("message.made", f"message/{message.message_id}", data)
