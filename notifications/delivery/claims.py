"""Messages on their way: claimed for a while, sent by somebody else, settled.

A claim is a lease, renewed for as long as the delivery goes on. A dead process renews nothing, and another one takes
over; one that was only frozen finds another lease on the row, and can settle nothing any more.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, bindparam, or_, select, text, update
from sqlalchemy.orm import Session
from sqlmodel import col

from notifications.content.content import Journal
from notifications.delivery.transport import TransportError
from notifications.models import Message, Notice
from workflows.messages import N_

LEASE = timedelta(minutes=2)  # six renewals: a database that restarts, or clocks a minute apart, cost none
LONGEST_WAIT = timedelta(minutes=60)
FIVE_DAYS = timedelta(days=5)
MAX_TRIES = 126  # 1, 2, 4 … 32, then 60 minutes each: five days
BROKEN_TRIES = 5  # of a message that the program itself cannot hand over
DELAYED = 5  # by this try a message has waited for a quarter of an hour
WAITING = text("message.status IN ('pending', 'sending')")  # literally, or the partial index is not used
ERROR_LENGTH = 500
REFUSED = N_("the mail server refused it")
TOO_LONG = N_("it could not be sent in five days")
BROKEN = N_("it could not be handed over")

# Each statement once: to build one costs more than to run it.
_M = Message.__table__  # type: ignore[attr-defined]
_N = Notice.__table__  # type: ignore[attr-defined]
_FREE = and_(
    WAITING,
    or_(
        _M.c.status == "pending",
        _M.c.lease_until <= bindparam("now"),
        _M.c.lease_until.is_(None),  # a damaged row: nobody's claim, or it would be for ever
        _M.c.lease == bindparam("lease"),
    ),
)
_DUE = _M.c.next_attempt <= bindparam("now")


def _first(*where: ColumnElement[bool]) -> tuple[Select[Any], Select[Any]]:
    """On SQLite, and on PostgreSQL; not those in hand."""
    besides = _M.c.id.not_in(bindparam("besides", expanding=True))
    found = select(_M.c.id).where(_FREE, besides, *where).order_by(_M.c.next_attempt, _M.c.id).limit(bindparam("n"))
    return found, found.with_for_update(skip_locked=True)


_OLDEST = _first(_DUE)
_PROBE = _first(or_(_DUE, _M.c.perhaps.is_(False)))
_TAKE = (
    update(_M)
    .where(_M.c.id.in_(bindparam("ids", expanding=True)), _FREE)
    .values(status="sending", lease=bindparam("mine"), lease_until=bindparam("until"), attempts=_M.c.attempts + 1)
    .returning(
        _M.c.id, _M.c.message_id, _M.c.person_id, _M.c.to, _M.c.body, _M.c.sha256, _M.c.attempts, _M.c.created_at,
        _M.c.as_written,
    )
)  # fmt: skip
_RENEW = (
    update(_M)
    .where(_M.c.id.in_(bindparam("ids", expanding=True)), _M.c.lease.in_(bindparam("held", expanding=True)))
    .values(lease_until=bindparam("until"))
    .returning(_M.c.lease)
)
_SETTLE = update(_M).where(_M.c.id == bindparam("of"), _M.c.lease == bindparam("held"), _M.c.status == "sending")
_END = (
    update(_N)
    .where(_N.c.message_id == bindparam("of"), _N.c.outcome == "planned")
    .values(outcome=bindparam("ends"), because=bindparam("why"))
)

Settled = Literal["sent", "retry", "failed", "stopped", "lost"]


@dataclass(frozen=True, slots=True)
class Claim:
    """A message in hand. `attempts` counts this try, and every one after which the server may have the message."""

    id: int
    lease: str
    message_id: str
    person_id: str
    to: str
    body: bytes
    sha256: str
    attempts: int
    created_at: datetime
    as_written: bool

    @property
    def name(self) -> str:
        """The left side of the Message-ID."""
        return self.message_id.partition("@")[0]


def claim(
    session: Session, now: datetime, lease: str, n: int = 1, *, besides: Collection[int] = (), probe: bool = False
) -> list[Claim]:
    """Take up to `n` messages that are due at `now` (UTC), those with an expired claim too.

    `lease` must be new for every claim; asked with it once more, because nobody knows whether the first was kept, it
    takes the same. Two that claim at once never get the same message: PostgreSQL passes over locked rows, and the
    update asks once more whether the row is free, which decides it on SQLite. `besides`: what this process has in
    hand, whatever a clock that jumps says of the claim. `probe`: one that is not due yet will do, unless
    the server may have it.
    """
    connection = session.connection()
    asked = {"now": now, "lease": lease, "n": n, "besides": list(besides) or [0]}
    on_postgresql = connection.dialect.name == "postgresql"
    ids = list(connection.execute((_PROBE if probe else _OLDEST)[on_postgresql], asked).scalars())
    if not ids:
        return []
    asked = {"now": now, "lease": lease, "ids": ids, "mine": lease, "until": now + LEASE}
    taken = [Claim(row[0], lease, *row[1:]) for row in connection.execute(_TAKE, asked)]
    return sorted(taken, key=lambda claim: ids.index(claim.id))


def renew(session: Session, now: datetime, mine: Mapping[int, str]) -> set[str]:
    """Hold these claims, leases by message, from `now` on for as long again. Returns those that are still ours."""
    asked = {"ids": list(mine), "held": list(mine.values()), "until": now + LEASE}
    return set(session.connection().execute(_RENEW, asked).scalars())


def release(session: Session, now: datetime, node: str) -> int:
    """Give back what an earlier life of this node had claimed: leases of the form "node:…".

    Only where no other process bears that name. Returns how many messages are free again at once.
    """
    theirs = col(Message.lease).startswith(f"{node}:", autoescape=True)
    statement = (
        update(Message)
        .where(WAITING, col(Message.status) == "sending", theirs)
        .values(lease_until=now)
        .returning(col(Message.id))
        .execution_options(synchronize_session=False)
    )
    return len(session.execute(statement).all())


def settle(
    session: Session,
    journal: Journal,
    mine: Claim,
    now: datetime,
    error: TransportError | None,
    *,
    jitter: float,
    probe: bool = False,
) -> Settled:
    """Write down how the delivery ended, if the claim is still ours. `error` None: the server said yes. `probe`: the
    way was closed, and this message tried it.

    `jitter`, from 0 to 1, makes the wait before the next try up to a quarter longer. "lost": somebody else
    has the message; nothing was changed, and a delivery that went through all the same is in the log.
    """
    if error is None:
        return _sent(session, journal, mine, now)
    waits: dict[str, object] = {"status": "pending", "error": error.text[:ERROR_LENGTH]}
    if error.maybe_delivered:
        waits["perhaps"] = True
    if error.kind == "stopped" or (probe and error.passing):
        # Nothing is wrong with the message: it waits as it was, behind the others in case that is not true.
        waits |= {"attempts": mine.attempts - (not error.maybe_delivered), "next_attempt": now}
        return "stopped" if _write(session, mine, waits) else "lost"
    if error.kind == "refused" or _is_given_up(mine, now, error):
        return _failed(session, journal, mine, error)
    if not _write(session, mine, waits | {"next_attempt": now + back_off(mine.attempts, jitter)}):
        return "lost"
    if mine.attempts == DELAYED:
        _log(journal, "message.delayed", mine, code=error.code)
    return "retry"


def _is_given_up(mine: Claim, now: datetime, error: TransportError) -> bool:
    if error.kind == "broken":
        return mine.attempts >= BROKEN_TRIES
    # Not by its tries alone: where the way closes and opens again and again, they come much faster.
    return mine.attempts >= MAX_TRIES and now - mine.created_at >= FIVE_DAYS


def back_off(attempts: int, jitter: float) -> timedelta:
    """1, 2, 4 … 60 minutes, and up to a quarter more."""
    wait = min(timedelta(minutes=2 ** min(attempts - 1, 10)), LONGEST_WAIT)
    return wait * (1 + jitter / 4)


def _sent(session: Session, journal: Journal, mine: Claim, now: datetime) -> Settled:
    written = _write(session, mine, {"status": "sent", "sent_at": now, "error": ""})
    if written:
        _end_notices(session, mine, "sent", "")
    elif _is_settled(session, mine, now):
        return "sent"
    # Without the claim it may go out once more; the log says both times what was done.
    _log(journal, "message.sent" if written else "message.sent_late", mine)
    return "sent" if written else "lost"


def _is_settled(session: Session, mine: Claim, now: datetime) -> bool:
    """The same settling once more: the first commit went through, though its answer was lost."""
    same = select(col(Message.id)).where(
        col(Message.id) == mine.id, col(Message.status) == "sent", col(Message.sent_at) == now
    )
    return session.execute(same).first() is not None


def _failed(session: Session, journal: Journal, mine: Claim, error: TransportError) -> Settled:
    because = {"refused": REFUSED, "broken": BROKEN}.get(error.kind, TOO_LONG)
    if not _write(session, mine, {"status": "failed", "error": error.text[:ERROR_LENGTH]}):
        return "lost"
    _end_notices(session, mine, "failed", f"{because}: {error.text[:ERROR_LENGTH]}")
    # Not the server's words: they often repeat the address, and the log is for ever.
    _log(journal, "message.failed", mine, because=because, code=error.code)
    return "failed"


def _write(session: Session, mine: Claim, values: dict[str, object]) -> bool:
    """False when the claim is no longer ours: a frozen process that wakes up changes nothing."""
    values = {"lease": None, "lease_until": None, **values}
    changed = session.connection().execute(_SETTLE, {"of": mine.id, "held": mine.lease, **values})
    return changed.rowcount == 1


def _end_notices(session: Session, mine: Claim, outcome: str, because: str) -> None:
    session.connection().execute(_END, {"of": mine.id, "ends": outcome, "why": because})


def _log(journal: Journal, action: str, mine: Claim, **more: object) -> None:
    data = {"message_id": mine.message_id, "person": mine.person_id, "attempts": mine.attempts, **more}
    journal.add(action, f"message/{mine.message_id}", data)
