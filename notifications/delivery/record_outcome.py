"""Records how the delivery of a message ended, as decide_outcome.py has decided."""

from datetime import datetime
from typing import Literal

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from notifications.audit_log import AuditLog
from notifications.delivery.claims import Claim
from notifications.delivery.decide_outcome import Failed, Outcome, PutBack
from notifications.tables import Message, Notice

DELAYED = 5  # by this try a message has waited for a quarter of an hour
ERROR_LENGTH = 500

_M = Message.__table__  # type: ignore[attr-defined]
_N = Notice.__table__  # type: ignore[attr-defined]
_SETTLE = update(_M).where(_M.c.id == bindparam("of"), _M.c.lease == bindparam("held"), _M.c.status == "sending")
_END = (
    update(_N)
    .where(_N.c.message_id == bindparam("of"), _N.c.outcome == "planned")
    .values(outcome=bindparam("ends"), because=bindparam("why"), detail=bindparam("more"))
)

Settled = Literal["sent", "retried", "put_back", "failed", "lost"]


def settle(session: Session, log: AuditLog, mine: Claim, now: datetime, outcome: Outcome) -> Settled:
    """Record the outcome of the delivery, if the claim is still ours.

    "lost": somebody else has the message. Then nothing is changed; the log still says that we delivered it, if we did.
    """
    if outcome.error is None:
        return _sent(session, log, mine, now)
    error = outcome.error
    waits: dict[str, object] = {"status": "pending", "error": error.text[:ERROR_LENGTH]}
    if error.maybe_delivered:
        waits["perhaps"] = True
    match outcome:
        case Failed():
            return _failed(session, log, mine, now, outcome)
        case PutBack():
            # Due at once, but behind the others in case the message is not in order after all.
            attempts = mine.attempts - (not error.maybe_delivered)
            waits |= {"attempts": attempts, "next_attempt": now + outcome.wait}
            return "put_back" if _write(session, mine, waits) else "lost"
    if not _write(session, mine, waits | {"next_attempt": now + outcome.wait}):
        return "lost"
    if mine.attempts == DELAYED:
        _log(log, "message.delayed", mine, code=error.code)
    return "retried"


def _sent(session: Session, log: AuditLog, mine: Claim, now: datetime) -> Settled:
    written = _write(session, mine, {"status": "sent", "sent_at": now, "error": ""})
    if written:
        _end_notices(session, mine, "sent")
    elif _is_settled(session, mine, now):
        return "sent"
    # Without the claim the message may go out once more. The log says both times what was done.
    _log(log, "message.sent" if written else "message.sent_late", mine)
    return "sent" if written else "lost"


def _is_settled(session: Session, mine: Claim, now: datetime) -> bool:
    """Whether the outcome was recorded before: the first commit succeeded, although its answer was lost."""
    same = select(col(Message.id)).where(
        col(Message.id) == mine.id, col(Message.status) == "sent", col(Message.sent_at) == now
    )
    return session.execute(same).first() is not None


def _failed(session: Session, log: AuditLog, mine: Claim, now: datetime, outcome: Failed) -> Settled:
    said = outcome.error.text[:ERROR_LENGTH]
    # The instant is what `status` goes by: a mail that has waited for weeks fails today all the same.
    if not _write(session, mine, {"status": "failed", "error": said, "next_attempt": now}):
        return "lost"
    _end_notices(session, mine, "failed", outcome.because, "" if said == outcome.because else said)
    # Not the server's answer: it often repeats the address, and the log cannot be erased.
    _log(log, "message.failed", mine, because=outcome.because, code=outcome.error.code)
    return "failed"


def _write(session: Session, mine: Claim, values: dict[str, object]) -> bool:
    """Update the row. False if the claim is no longer ours: then nothing is changed."""
    values = {"lease": None, "lease_until": None, **values}
    changed = session.connection().execute(_SETTLE, {"of": mine.id, "held": mine.lease, **values})
    return changed.rowcount == 1


def _end_notices(session: Session, mine: Claim, outcome: str, because: str = "", detail: str = "") -> None:
    ends = {"of": mine.id, "ends": outcome, "why": because, "more": detail}
    session.connection().execute(_END, ends)


def _log(log: AuditLog, action: str, mine: Claim, **more: object) -> None:
    data = {"message_id": mine.message_id, "person": mine.person_id, "attempts": mine.attempts, **more}
    log.add(action, f"message/{mine.message_id}", data)
