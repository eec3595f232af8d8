"""Checks a message once more before it is sent, if it has waited: its notices may no longer hold, or no longer concern
its reader, who may have another address."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from notifications.audit_log import AuditLog
from notifications.compose.too_late import is_too_late
from notifications.compose.write_messages import facts_told, subjects_before
from notifications.content.content import Addressee, NoticeContent
from notifications.content.render import Rendered, render
from notifications.delivery.claims import Claim
from notifications.mail_settings import MailSettings
from notifications.notices import address_in
from notifications.tables import Message, Notice
from workflows.dates.workdays import Calendar

# Why a notice no longer holds: a code of endings.py, and its detail.
Ended = tuple[str, str]

FRESH = timedelta(minutes=10)  # a message younger than this is sent unchecked


def is_fresh(mine: Claim, now: datetime) -> bool:
    """Whether the message is so new that it is sent unchecked."""
    return now - mine.created_at < FRESH


def notices_in(session: Session, mine: Claim) -> list[Notice]:
    """The notices that the message is to tell, by due date."""
    theirs = select(Notice).where(col(Notice.message_id) == mine.id, col(Notice.outcome) == "planned")
    return list(session.execute(theirs.order_by(col(Notice.due), col(Notice.id))).scalars())


def revalidate(
    session: Session,
    log: AuditLog,
    mine: Claim,
    now: datetime,
    notices: Sequence[Notice],
    contents: Mapping[int, NoticeContent | Ended],
    reader: Addressee,
    calendar: Calendar,
    settings: MailSettings,
) -> Claim | None:
    """The message as it is to leave now; None if none of its `notices` holds any more, and it was withheld.

    `contents` says by notice id what to tell, or why the notice no longer holds (an `Ended`). The message is
    written anew, under its Message-ID, unless a server may have it for that address: then it leaves in the same bytes.
    """
    told: list[tuple[Notice, NoticeContent]] = []
    for notice in notices:
        said = contents[notice.id or 0]
        if isinstance(said, NoticeContent):
            if is_too_late(calendar, notice, now):
                _end(log, notice, "expired", "too_late")
            else:
                told.append((notice, said))
        else:
            _end(log, notice, "superseded", *said)
    session.flush()
    if not told:
        withhold(session, log, mine.id, mine.message_id, notices[0].because, notices[0].detail)
        return None
    local = calendar.local(now)
    rendered = render(
        reader,
        [said for _, said in told],
        settings,
        message_id=mine.message_id,
        local_now=local,
        earlier=subjects_before(session, local.date(), {reader.id}, besides=mine.id).get(reader.id, ()),
    )
    if mine.maybe_delivered and rendered.to == mine.to:
        return mine
    for notice, said in told:
        notice.facts = facts_told(notice, said)
    return _written_anew(session, log, mine, rendered)


def _end(log: AuditLog, notice: Notice, outcome: str, because: str, detail: str = "") -> None:
    notice.outcome, notice.because, notice.detail = outcome, because, detail
    log.add(f"notice.{outcome}", address_in(notice.key), {"notice": notice.key, "because": because})


def withhold(session: Session, log: AuditLog, id: int, message_id: str, because: str, detail: str = "") -> None:
    """Withhold a message because nothing in it holds any more: a code of endings.py, and its detail."""
    error = f"{because}: {detail}" if detail else because
    values = {"status": "withheld", "lease": None, "lease_until": None, "error": error}
    session.execute(update(Message).where(col(Message.id) == id).values(**values))
    log.add("message.withheld", f"message/{message_id}", {"message_id": message_id, "because": because})


def _written_anew(session: Session, log: AuditLog, mine: Claim, rendered: Rendered) -> Claim:
    mine = replace(mine, to=rendered.to, body=rendered.body, sha256=sha256(rendered.body).hexdigest())
    values = {"to": mine.to, "subject": rendered.subject, "body": mine.body, "sha256": mine.sha256}
    session.execute(update(Message).where(col(Message.id) == mine.id).values(**values))
    data = {"message_id": mine.message_id, "sha256": mine.sha256}
    log.add("message.rewritten", f"message/{mine.message_id}", data)
    return mine
