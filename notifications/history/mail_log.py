"""The outbox: reads of what was mailed, to whom and why, and an administrator's actions on a message."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from notifications.audit_log import AuditLog
from notifications.delivery.claims import WAITING
from notifications.delivery.record_outcome import DELAYED, ERROR_LENGTH
from notifications.endings import error_in_words, in_words
from notifications.notices import address_in
from notifications.tables import Message, Notice

BOUNCED, WITHHELD_BY_HAND = "bounced", "withheld_by_hand"
NEWS = timedelta(days=7)
PER_QUERY = 500  # ids in one IN; SQLite takes 32,766

_LISTED = (
    Message.id,
    Message.message_id,
    Message.to,
    Message.subject,
    Message.status,
    Message.attempts,
    Message.created_at,
    Message.sent_at,
    Message.sha256,
    Message.error,
)
_M = Message.__table__  # type: ignore[attr-defined]
_N = Notice.__table__  # type: ignore[attr-defined]
_WAITING = select(func.count(), func.min(_M.c.created_at)).where(WAITING)


@dataclass(frozen=True, slots=True)
class Figures:
    """`oldest_minutes`: how long the oldest waiting message has waited. `unwritten`: notices that failed before there
    was a message: no address, an address that cannot be mailed, an error in a text. `delayed`: messages that have been
    tried for a quarter of an hour."""

    pending: int
    oldest_minutes: int
    failed: int
    unwritten: int
    delayed: int = 0


@dataclass(frozen=True)
class ListedMail:
    """A mail as a list shows it. `message_id` in its brackets; `notices`: the keys of those that went in it."""

    id: int
    message_id: str
    to: str
    subject: str
    status: str
    attempts: int
    created_at: datetime
    sent_at: datetime | None
    sha256: str
    error: str
    notices: tuple[str, ...]


@dataclass(frozen=True)
class ExplainedNotice:
    """A notice with what became of it. `facts`: what it tells; `message`: the Message-ID of its mail, in brackets;
    `ended`: why it ended, in words."""

    key: str
    plan: str
    state: str
    entry: int
    deadline_version: int
    rule: str
    offset: int | None
    person: str
    facts: dict[str, Any]
    due: datetime
    send_after: datetime
    outcome: str
    message: str | None
    ended: str


def waiting(session: Session) -> tuple[int, datetime | None]:
    """How many mails wait, and since when the oldest does (UTC)."""
    pending, oldest = session.connection().execute(_WAITING).one()
    return pending, oldest


def pending_figures(session: Session, now: datetime) -> Figures:
    """The mails that wait at `now` (UTC), and those that failed in the week before it."""
    pending, oldest = waiting(session)
    waited = now - oldest if oldest else timedelta(0)
    # By its last try: one that was made long ago and sent after all fails today.
    failed = select(func.count(_M.c.id)).where(_M.c.status == "failed", _M.c.next_attempt > now - NEWS)
    unwritten = select(func.count(_N.c.id)).where(
        _N.c.outcome == "failed", _N.c.message_id.is_(None), _N.c.send_after > now - NEWS
    )
    delayed = select(func.count(_M.c.id)).where(WAITING, _M.c.attempts >= DELAYED)
    count = session.connection().scalar
    return Figures(
        pending=pending,
        oldest_minutes=max(int(waited / timedelta(minutes=1)), 0),
        failed=count(failed) or 0,
        unwritten=count(unwritten) or 0,
        delayed=count(delayed) or 0,
    )


def list_messages(
    session: Session,
    *,
    status: str | None = None,
    person: str | None = None,
    plan_id: int | None = None,
    message_ids: Collection[str] | None = None,
    before: int | None = None,
    limit: int | None = None,
) -> list[ListedMail]:
    """Newest first. `message_ids` without brackets; `before`: only those with lower numbers."""
    query = select(*map(col, _LISTED)).order_by(col(Message.id).desc()).limit(limit)
    if status is not None:
        query = query.where(col(Message.status) == status)
    if person is not None:
        query = query.where(col(Message.person_id) == person)
    if message_ids is not None:
        query = query.where(col(Message.message_id).in_(message_ids))
    if before is not None:
        query = query.where(col(Message.id) < before)
    if plan_id is not None:
        about = select(col(Notice.message_id)).where(col(Notice.plan_id) == plan_id)
        query = query.where(col(Message.id).in_(about))
    rows = session.execute(query).mappings().all()
    notices = _notices(session, [row["id"] for row in rows])
    return [_as_listed(dict(row), notices.get(row["id"], {})) for row in rows]


def _as_listed(row: dict[str, Any], notices: dict[str, str]) -> ListedMail:
    row["message_id"] = f"<{row['message_id']}>"
    if row["status"] == "withheld":  # there is no answer of a server
        row["error"] = row["error"] or next(filter(None, notices.values()), "")
    row["error"] = error_in_words(row["error"])
    return ListedMail(**row, notices=tuple(notices))


def _notices(session: Session, messages: Sequence[int]) -> dict[int, dict[str, str]]:
    """Of each message the keys of its notices, and why they ended."""
    found: dict[int, dict[str, str]] = {}
    for start in range(0, len(messages), PER_QUERY):
        some = messages[start : start + PER_QUERY]
        query = select(col(Notice.message_id), col(Notice.key), col(Notice.because))
        for message, key, because in session.execute(
            query.where(col(Notice.message_id).in_(some)).order_by(col(Notice.id))
        ):
            found.setdefault(message or 0, {})[key] = because
    return found


def find_message(session: Session, reference: str) -> Message | None:
    """A message by its number, its Message-ID, with or without brackets, or the address that it bounced to; with its
    body."""
    same = col(Message.message_id) == reference.strip().strip("<>")
    if named := re.search(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])", reference):
        same = or_(same, col(Message.message_id).startswith(f"{named[0]}@"))
    if reference.isascii() and reference.isdigit() and len(reference) < 19:
        same = or_(same, col(Message.id) == int(reference))
    return session.execute(select(Message).where(same)).scalars().first()


def retry(session: Session, log: AuditLog, ids: Sequence[int], now: datetime) -> int:
    """Have failed and withheld messages sent: what they tell is judged again when they leave. Returns how many."""
    values = {"status": "pending", "attempts": 0, "next_attempt": now, "error": ""}
    changed = _change(session, ids, ("failed", "withheld"), values)
    _follow(session, [id for id, _ in changed], ("failed", "withheld"), "planned", "")
    return _logged(log, "message.retried", changed)


def withhold(session: Session, log: AuditLog, ids: Sequence[int]) -> int:
    """Withhold messages that wait, have failed or were withheld for another reason, but not one that is being sent now.
    Returns how many."""
    same = select(_M.c.id).where(_M.c.id.in_(ids), _M.c.status == "withheld", _M.c.error == WITHHELD_BY_HAND)
    others = set(ids) - set(session.execute(same).scalars())
    values = {"status": "withheld", "error": WITHHELD_BY_HAND}
    changed = _change(session, sorted(others), ("pending", "failed", "withheld"), values)
    _follow(session, [id for id, _ in changed], ("planned", "failed", "withheld"), "withheld", WITHHELD_BY_HAND)
    return _logged(log, "message.withheld", changed, because=WITHHELD_BY_HAND)


def mark_bounced(session: Session, log: AuditLog, ids: Sequence[int], now: datetime, reason: str) -> list[int]:
    """Mark sent messages as failed, because they bounced. Returns their ids."""
    said = reason[: ERROR_LENGTH - len(BOUNCED) - 2]
    error = f"{BOUNCED}: {said}" if said else BOUNCED
    changed = _change(session, ids, ("sent",), {"status": "failed", "next_attempt": now, "error": error})
    _follow(session, [id for id, _ in changed], ("sent",), "failed", BOUNCED, said)
    _logged(log, "message.bounced", changed, because=BOUNCED)  # the rest may hold an address, the log none
    return [id for id, _ in changed]


def _change(
    session: Session, ids: Sequence[int], before: tuple[str, ...], values: dict[str, Any]
) -> list[tuple[int, str]]:
    statement = (
        update(Message)
        .where(col(Message.id).in_(ids), col(Message.status).in_(before))
        .values(**values)
        .returning(col(Message.id), col(Message.message_id))
    )
    return sorted((id or 0, message_id) for id, message_id in session.execute(statement).all())


def _follow(
    session: Session, messages: list[int], before: tuple[str, ...], outcome: str, because: str, detail: str = ""
) -> None:
    session.execute(
        update(Notice)
        .where(col(Notice.message_id).in_(messages), col(Notice.outcome).in_(before))
        .values(outcome=outcome, because=because, detail=detail)
    )


def _logged(log: AuditLog, action: str, changed: list[tuple[int, str]], **more: str) -> int:
    for _, message_id in changed:
        log.add(action, f"message/{message_id}", {"message_id": message_id, **more})
    return len(changed)


def explain(
    session: Session,
    say: Callable[[str], str],
    *,
    plan_id: int | None = None,
    person: str | None = None,
    keys: Collection[str] | None = None,
) -> list[ExplainedNotice]:
    """The notices that exist, by due date. `say` is the reader's Texts."""
    query = select(Notice, col(Message.message_id)).outerjoin(Message, col(Message.id) == col(Notice.message_id))
    if plan_id is not None:
        query = query.where(col(Notice.plan_id) == plan_id)
    if person is not None:
        query = query.where(col(Notice.person_id) == person)
    if keys is not None:
        query = query.where(col(Notice.key).in_(keys))
    rows = session.execute(query.order_by(col(Notice.due), col(Notice.id))).all()
    return [_as_explained(notice, message_id, say) for notice, message_id in rows]


def _as_explained(notice: Notice, message_id: str | None, say: Callable[[str], str]) -> ExplainedNotice:
    return ExplainedNotice(
        key=notice.key,
        plan=address_in(notice.key),
        state=notice.state,
        entry=notice.entry,
        deadline_version=notice.deadline_version,
        rule=notice.rule,
        offset=notice.offset,
        person=notice.person_id,
        facts=notice.facts,
        due=notice.due,
        send_after=notice.send_after,
        outcome=notice.outcome,
        message=f"<{message_id}>" if message_id else None,
        ended=in_words(notice.because, notice.detail, say),
    )
