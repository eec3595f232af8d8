"""Notices become messages: judged once more, gathered per person, written, frozen.

Nothing is sent from here (claims.py, delivery.py). What becomes of one person's notices: letters.py.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from itertools import groupby
from typing import Any, cast

from sqlalchemy import bindparam, insert, select, text, update
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from notifications.audit_log import AuditLog
from notifications.compose.digest import (
    NO_PERSON,
    Brief,
    ComposeRound,
    Letter,
    Verdict,
    as_mail,
    cannot_be_mailed,
    sort_notices,
)
from notifications.content.content import Addressee
from notifications.mail_settings import MailSettings
from notifications.models import Message, Notice
from notifications.notices import NOTICE, address_in
from workflows.dates.workdays import Calendar
from workflows.messages import N_

logger = logging.getLogger(__name__)

COMPOSING = 7_310_264  # an arbitrary number for PostgreSQL's advisory lock, ours alone
MAIL_OFF = N_("mail_off")
NOT_WRITTEN = N_("the message could not be written")

Readers = Callable[[Collection[str]], Mapping[str, Addressee]]
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
_KEPT = select(_MESSAGE.c.key).where(_MESSAGE.c.key.in_(bindparam("keys", expanding=True)))
_MAKE = insert(_MESSAGE).returning(_MESSAGE.c.key, _MESSAGE.c.id)
_OF_NOTICE = update(NOTICE).where(NOTICE.c.id == bindparam("of"))
_END = _OF_NOTICE.values(outcome=bindparam("ends"), because=bindparam("why"))
_PUT_OFF = _OF_NOTICE.values(send_after=bindparam("until"))
_TAKE_UP = _OF_NOTICE.values(message_id=bindparam("made"))


@dataclass
class Composed:
    """What became of the notices that were due. `held_back`: persons with due notices beyond the limit."""

    messages: int = 0
    withheld: int = 0  # of those messages, made while mail is off
    superseded: int = 0
    expired: int = 0  # too late to say anything
    failed: int = 0
    waiting: int = 0  # put off to the next day on which this person may get scheduled mail
    put_off: int = 0  # persons for whom all of it waits so
    held_back: int = 0
    more: bool = False  # others are due, for another transaction
    made: list[str] = field(default_factory=list)  # Message-IDs, without brackets
    unwritten: list[Notice] = field(default_factory=list)  # those that failed


def compose(
    session: Session,
    log: AuditLog,
    now: datetime,
    *,
    readers: Readers,
    brief: Brief,
    calendar: Calendar,
    settings: MailSettings,
    limit: int | None = None,
    some: int | None = None,
) -> Composed:
    """Make messages of the notices that may leave by `now` (UTC), in the transaction of `session`.

    `readers` gives the persons by id; `brief` says per notice id what to tell, or as a message key why the notice
    no longer holds. Per person: see letters.judged. At most `limit` messages, made now or put off to the sending hour,
    the others are held back; of about `some` notices, the others are left to another transaction.
    Errors of the database go up; any other ends that person's notices alone.
    """
    done = Composed()
    if not _alone(session):
        return done
    due, done.more = _some_due(session, now, some)
    if not due:
        return done
    known = readers({notice.person_id for notice in due})
    round = ComposeRound(now, calendar, settings, brief, set())
    keys = {round.day_key(notice.person_id) for notice in due if not notice.at_once}
    round.served.update(session.connection().execute(_KEPT, {"keys": list(keys)}).scalars())
    table = _Table(session, log, round, done)
    for person, theirs in groupby(due, key=lambda notice: notice.person_id):
        if limit is not None and done.messages + done.put_off >= limit:
            done.held_back += 1
        else:
            table.serve(known.get(person), list(theirs))
    table.keep()
    return done


def _alone(session: Session) -> bool:
    """Two nodes that gather one person's notices at once would make two mails of them."""
    if session.get_bind().dialect.name != "postgresql":
        return True  # SQLite has one writer
    taken = session.execute(select(text(f"pg_try_advisory_xact_lock({COMPOSING})")))
    return bool(taken.scalar_one())


def due_notices(session: Session, now: datetime, some: int | None = None) -> list[Notice]:
    """Those that may leave by `now` (UTC), person by person; at most `some`. Those that the engine is changing at this
    very moment are left to the next round."""
    due = _DUE if some is None else _DUE.limit(some)
    return cast("list[Notice]", session.connection().execute(due, {"now": now}).all())


def _some_due(session: Session, now: datetime, some: int | None) -> tuple[list[Notice], bool]:
    """Those of whole persons, for one mail a day is made of a person's. Whether there are others."""
    due = due_notices(session, now, some)
    if some is None or len(due) < some:
        return due, False
    whole = [notice for notice in due if notice.person_id != due[-1].person_id]
    return (whole, True) if whole else _some_due(session, now, 2 * some)


class _Table:
    """Where one round is laid out before it is kept, all of it at once."""

    def __init__(self, session: Session, log: AuditLog, round: ComposeRound, done: Composed) -> None:
        self._session = session
        self._log = log
        self._round = round
        self._done = done
        self._messages: list[tuple[Row, Letter]] = []
        self._ended: list[Row] = []
        self._put_off: list[Row] = []

    def serve(self, reader: Addressee | None, notices: list[Notice]) -> None:
        """What would not have been told to anybody ends as that, and not as undelivered."""
        problem = cannot_be_mailed(reader)
        lost = notices
        if reader is not None:
            try:
                with self._shielded():
                    verdict = sort_notices(self._round, reader, notices)
                    messages = [] if problem else [(self._message(letter), letter) for letter in verdict.letters]
            except (OperationalError, InterfaceError):
                raise  # the database, not the message
            except Exception as error:
                logger.exception("no message for %s", reader.id)
                problem = f"{NOT_WRITTEN}: {type(error).__name__}: {error}"
            else:
                self._lay(verdict, messages)
                lost = [notice for letter in verdict.letters for notice in letter.notices] if problem else []
        for notice in lost:
            self._end(notice, "failed", problem or NO_PERSON)
        self._done.failed += len(lost)
        self._done.unwritten += lost

    def keep(self) -> None:
        connection = self._session.connection()
        for statement, rows in ((_END, self._ended), (_PUT_OFF, self._put_off)):
            if rows:
                connection.execute(statement, rows)
        if not self._messages:
            return
        made = connection.execute(_MAKE, [row for row, _ in self._messages])
        ids = {row.key: row.id for row in made}
        taken = [(ids[row["key"]], notice) for row, letter in self._messages for notice in letter.notices]
        connection.execute(_TAKE_UP, [{"of": notice.id, "made": id} for id, notice in taken])
        if not self._round.settings.on:
            withheld = [n for _, letter in self._messages for n in letter.notices]
            connection.execute(_END, [{"of": n.id, "ends": "withheld", "why": MAIL_OFF} for n in withheld])
        for row, letter in self._messages:
            said = {name: row[name] for name in ("message_id", "status", "sha256")}
            data = {**said, "person": letter.reader.id, "notices": [notice.key for notice in letter.notices]}
            self._log.add("message.made", f"message/{row['message_id']}", data)

    def _shielded(self) -> AbstractContextManager[object]:
        """An error inside must leave a transaction in which the others can be served: PostgreSQL's would be lost."""
        on_postgresql = self._session.get_bind().dialect.name == "postgresql"
        return self._session.begin_nested() if on_postgresql else nullcontext()

    def _message(self, letter: Letter) -> Row:
        round = self._round
        message_id = f"{sha256(letter.key.encode()).hexdigest()[:32]}@{round.settings.domain}"
        local = round.calendar.local(round.now)
        rendered = as_mail(round.settings)(letter.reader, letter.told, message_id, local)
        return {
            "key": letter.key,
            "message_id": message_id,
            "person_id": letter.reader.id,
            "day": local.date(),
            "to": rendered.to,
            "subject": rendered.subject,
            "body": rendered.body,
            "sha256": sha256(rendered.body).hexdigest(),
            "status": "pending" if round.settings.on else "withheld",
            "attempts": 0,
            "created_at": round.now,
            "next_attempt": round.now,
            "error": "",
            "perhaps": False,
            "as_written": False,
        }

    def _lay(self, verdict: Verdict, messages: Iterable[tuple[Row, Letter]]) -> None:
        for notice, because in verdict.superseded:
            self._end(notice, "superseded", because)
        for notice, because in verdict.expired:
            self._end(notice, "expired", because)
        self._done.superseded += len(verdict.superseded)
        self._done.expired += len(verdict.expired)
        self._put_off += [{"of": notice.id, "until": until} for notice, until in verdict.waiting]
        self._done.waiting += len(verdict.waiting)
        self._done.put_off += bool(verdict.waiting and not verdict.letters)
        for row, letter in messages:
            self._messages.append((row, letter))
            self._done.messages += 1
            self._done.withheld += not self._round.settings.on
            self._done.made.append(row["message_id"])

    def _end(self, notice: Notice, outcome: str, because: str) -> None:
        self._ended.append({"of": notice.id, "ends": outcome, "why": because})
        # Details can hold an address; the log keeps none.
        data = {"notice": notice.key, "because": because.partition(": ")[0]}
        self._log.add(f"notice.{outcome}", address_in(notice.key), data)
