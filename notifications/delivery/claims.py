"""Claims: a process takes a message for a while, so that no other sends it meanwhile.

A claim is a lease, renewed for as long as the delivery goes on. A dead process renews nothing, so another takes the
message over. A process that was only frozen then finds another lease on the row, and can no longer settle it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, or_, select, text, update
from sqlalchemy.orm import Session
from sqlmodel import col

from notifications.tables import Message

DOUBT = timedelta(minutes=1)  # a message that was refused in doubt waits exactly so long
LEASE = timedelta(minutes=2)  # six renewals: a database that restarts, or clocks a minute apart, cost none
WAITING = text("message.status IN ('pending', 'sending')")  # literally, or the partial index is not used

# Each statement once: to build one costs more than to run it.
_M = Message.__table__  # type: ignore[attr-defined]
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
    """The statement for SQLite, and the one for PostgreSQL. Neither finds messages that this process has in hand."""
    besides = _M.c.id.not_in(bindparam("besides", expanding=True))
    found = select(_M.c.id).where(_FREE, besides, *where).order_by(_M.c.next_attempt, _M.c.id).limit(bindparam("n"))
    return found, found.with_for_update(skip_locked=True)


_OLDEST = _first(_DUE)
_PROBE = _first(or_(_DUE, _M.c.perhaps.is_(False)))
_TAKE = (
    update(_M)
    .where(_M.c.id.in_(bindparam("ids", expanding=True)), _FREE)
    .values(
        status="sending", lease=bindparam("mine"), lease_until=bindparam("until"), attempts=_M.c.attempts + 1,
        # A process that died with the message in hand may have delivered it.
        perhaps=or_(_M.c.perhaps, and_(_M.c.status == "sending", _M.c.lease != bindparam("mine"))),
    )
    .returning(
        _M.c.id, _M.c.message_id, _M.c.person_id, _M.c.to, _M.c.body, _M.c.sha256, _M.c.attempts, _M.c.created_at,
        _M.c.perhaps, case((_M.c.error.like("5%"), _M.c.next_attempt)),
    )
)  # fmt: skip
_RENEW = (
    update(_M)
    .where(_M.c.id.in_(bindparam("ids", expanding=True)), _M.c.lease.in_(bindparam("held", expanding=True)))
    .values(lease_until=bindparam("until"))
    .returning(_M.c.lease)
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A message in hand. `attempts` counts this try, and each earlier one that was the message's own."""

    id: int
    lease: str
    message_id: str
    person_id: str
    to: str
    body: bytes
    sha256: str
    attempts: int
    created_at: datetime
    maybe_delivered: bool = False  # by an earlier try
    doubted_until: datetime | None = None  # refused in doubt before, it had to wait until then

    @property
    def name(self) -> str:
        """The left side of the Message-ID."""
        return self.message_id.partition("@")[0]


def claim(
    session: Session, now: datetime, lease: str, n: int = 1, *, besides: Collection[int] = (), probe: bool = False
) -> list[Claim]:
    """Take up to `n` messages that are due at `now` (UTC), among them those whose claim has expired.

    `lease` must be new for every claim. A second call with the same lease takes the same messages: so a caller can
    repeat a claim of which it does not know whether it was committed. Two processes that claim at once never get the
    same message: PostgreSQL passes over locked rows, and on SQLite the update asks once more whether the row is free.
    `besides`: messages that this process has in hand; a clock that jumps must not make it take them twice. `probe`:
    take one that is not due yet, unless the server may have it.
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


def another_was_taken(session: Session, mine: Claim) -> bool:
    """Whether the server has taken a message to another address since it refused this one in doubt."""
    if mine.doubted_until is None:
        return False
    another = (
        select(_M.c.id)
        .where(_M.c.status == "sent", _M.c.sent_at > mine.doubted_until - DOUBT, _M.c.to != mine.to)
        .limit(1)
    )
    return session.connection().execute(another).first() is not None


def renew(session: Session, now: datetime, mine: Mapping[int, str]) -> set[str]:
    """Prolong these claims (leases by message id) from `now` on. Returns the leases that are still ours."""
    asked = {"ids": list(mine), "held": list(mine.values()), "until": now + LEASE}
    return set(session.connection().execute(_RENEW, asked).scalars())


def release(session: Session, now: datetime, node: str) -> int:
    """Free the messages that an earlier process of this node had claimed: leases of the form "node:…".

    Call it only if no other running process has that name. Returns how many messages were freed.
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
