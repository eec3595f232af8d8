"""A message that was written long ago, looked at once more before it leaves: it may say nothing any more."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from notifications.compose.digest import Brief, Write
from notifications.compose.lateness import TOO_LATE, is_too_late
from notifications.content.content import Addressee, Journal, NoticeContent
from notifications.content.render import Rendered
from notifications.delivery.claims import Claim
from notifications.models import Message, Notice
from notifications.notices import address_in
from workflows.dates.workdays import Calendar

FRESH = timedelta(hours=1)  # what was true so short a time ago may be said


def is_fresh(mine: Claim, now: datetime) -> bool:
    """Whether it leaves as it is: written a moment ago, or asked for by somebody."""
    return mine.as_written or now - mine.created_at < FRESH


def review(
    session: Session,
    journal: Journal,
    mine: Claim,
    now: datetime,
    *,
    readers: Callable[[Collection[str]], Mapping[str, Addressee]],
    brief: Brief,
    calendar: Calendar,
    write: Write,
) -> Claim | None:
    """The message as it is to leave now; None if nothing in it holds any more, and it was withheld.

    It is written anew, under its Message-ID, where its facts are stale and no server can have seen it; otherwise it
    leaves in the same bytes as before.
    """
    theirs = select(Notice).where(col(Notice.message_id) == mine.id, col(Notice.outcome) == "planned")
    notices = list(session.execute(theirs.order_by(col(Notice.due), col(Notice.id))).scalars())
    reader = readers([mine.person_id]).get(mine.person_id)
    if not notices or reader is None:
        return mine
    briefs = brief(notices, reader)
    told: list[NoticeContent] = []
    for notice in notices:
        said = briefs[notice.id or 0]
        if isinstance(said, str):
            _end(journal, notice, "superseded", said)
        elif is_too_late(calendar, notice, now):
            _end(journal, notice, "expired", TOO_LATE)
        else:
            told.append(said)
    session.flush()
    if not told:
        _withhold(session, journal, mine, notices[0].because)
        return None
    if mine.attempts > 1:
        return mine
    return _written_anew(session, journal, mine, write(reader, told, mine.message_id, calendar.local(now)))


def _end(journal: Journal, notice: Notice, outcome: str, because: str) -> None:
    notice.outcome, notice.because = outcome, because
    journal.add(f"notice.{outcome}", address_in(notice.key), {"notice": notice.key, "because": because})


def _withhold(session: Session, journal: Journal, mine: Claim, because: str) -> None:
    values = {"status": "withheld", "lease": None, "lease_until": None, "error": because}
    session.execute(update(Message).where(col(Message.id) == mine.id).values(**values))
    data = {"message_id": mine.message_id, "because": because}
    journal.add("message.withheld", f"message/{mine.message_id}", data)


def _written_anew(session: Session, journal: Journal, mine: Claim, rendered: Rendered) -> Claim:
    mine = replace(mine, to=rendered.to, body=rendered.body, sha256=sha256(rendered.body).hexdigest())
    values = {"to": mine.to, "subject": rendered.subject, "body": mine.body, "sha256": mine.sha256}
    session.execute(update(Message).where(col(Message.id) == mine.id).values(**values))
    data = {"message_id": mine.message_id, "sha256": mine.sha256}
    journal.add("message.rewritten", f"message/{mine.message_id}", data)
    return mine
