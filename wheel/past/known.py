"""From which entry on the log says how everything stood."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlmodel import Session

from wheel.audit.recorded_rows import STORED
from wheel.database.tables import LogEntry
from wheel.past.replay import instant_of

TAKEN_OVER = "tables.taken_over"

_ENTRY = LogEntry.__table__  # type: ignore[attr-defined]
_FIRST = select(_ENTRY.c.seq, _ENTRY.c.payload).where(_ENTRY.c.seq == 1, _ENTRY.c.action == "home.created")
_OF_HOME = (
    select(_ENTRY.c.seq, _ENTRY.c.payload)
    .where(_ENTRY.c.subject == "home", _ENTRY.c.action == TAKEN_OVER)
    .order_by(_ENTRY.c.seq)
)


class Known(NamedTuple):
    """The entry from which on the log says how everything stood, and its instant (UTC)."""

    seq: int
    at: datetime


def first_known_entry(session: Session) -> Known | None:
    """None if the log does not say yet how things stood."""
    first = session.connection().execute(_FIRST).one_or_none()
    if first is not None and f'"{STORED}":{{'.encode() in first.payload:
        return Known(first.seq, instant_of(first.payload))
    for seq, payload in session.connection().execute(_OF_HOME):
        if b'"complete":true' in payload:
            return Known(seq, instant_of(payload))
    return None
