"""The checkpoints of the log: the recorded rows as they stood after an entry, so that the past need not be computed
from the first entry on. Each keeps only the rows that have changed since the one before."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Row, Text, bindparam, cast, func, insert, select
from sqlmodel import Session

from wheel.database.store import Store
from wheel.database.tables import ChainHead, Checkpoint, CheckpointRow
from wheel.past.known import first_known_entry
from wheel.past.replay import Changes, Replay, instant_of, since

EVERY = 2000  # entries: so many are read at most to compute a day

_HEAD = ChainHead.__table__  # type: ignore[attr-defined]
_CHECKPOINT = Checkpoint.__table__  # type: ignore[attr-defined]
_ROW = CheckpointRow.__table__  # type: ignore[attr-defined]
_LAST = select(_CHECKPOINT).where(_CHECKPOINT.c.at <= bindparam("at")).order_by(_CHECKPOINT.c.seq.desc()).limit(1)
_NEXT = select(
    func.coalesce(
        select(func.min(_CHECKPOINT.c.seq)).where(_CHECKPOINT.c.seq > bindparam("seq")).scalar_subquery(),
        func.max(_HEAD.c.seq),
    )
)
_ALL = select(_CHECKPOINT.c.seq).order_by(_CHECKPOINT.c.seq)
_NEWEST = (
    select(_ROW.c.table, _ROW.c.key, func.max(_ROW.c.seq).label("seq"))
    .where(_ROW.c.seq <= bindparam("seq"))
    .group_by(_ROW.c.table, _ROW.c.key)
    .subquery()
)
_STOOD = (
    select(_ROW.c.table, _ROW.c.key, cast(_ROW.c.row, Text))
    .where(_ROW.c.row.is_not(None))
    .join(_NEWEST, (_ROW.c.table == _NEWEST.c.table) & (_ROW.c.key == _NEWEST.c.key) & (_ROW.c.seq == _NEWEST.c.seq))
)
_MAX = select(func.max(_CHECKPOINT.c.seq))
_LOCK_HEAD = select(_HEAD.c.seq).with_for_update()
_BEHIND = select(func.max(_HEAD.c.seq) - func.coalesce(_MAX.scalar_subquery(), 0))
_OF = select(_ROW.c.table, _ROW.c.key, _ROW.c.row).where(_ROW.c.seq == bindparam("seq"))


def numbers(session: Session) -> list[int]:
    """The entries after which there is a checkpoint."""
    return list(session.connection().execute(_ALL).scalars())


def replay_from(session: Session, at: datetime) -> tuple[Replay, int]:
    """A replay that stands at the last checkpoint not after `at` (UTC), and the entry of the next one, or the last."""
    connection = session.connection()
    found = connection.execute(_LAST, {"at": at}).one_or_none()
    replay = Replay()
    if found is not None:
        replay = Replay(found.seq, _stood(session, found.seq))
    until: int = connection.execute(_NEXT, {"seq": replay.seq}).scalar_one()
    return replay, until


def _stood(session: Session, seq: int) -> Iterator[Row[str, str, str]]:
    return iter(session.connection().execute(_STOOD, {"seq": seq}))


def kept_at(session: Session, seq: int) -> Changes:
    """The rows of the checkpoint after that entry."""
    return {(table, key): row for table, key, row in session.connection().execute(_OF, {"seq": seq}).all()}


def keep(session: Session, seq: int, at: datetime, changes: Changes) -> None:
    """Make a checkpoint after that entry, which was made at that instant (UTC)."""
    session.connection().execute(insert(_CHECKPOINT), {"seq": seq, "at": at})
    rows = [{"seq": seq, "table": table, "key": key, "row": row} for (table, key), row in changes.items()]
    if rows:
        session.connection().execute(insert(_ROW), rows)


def forget(session: Session) -> None:
    """Remove every checkpoint. The next tick makes new ones."""
    session.connection().execute(_ROW.delete())
    session.connection().execute(_CHECKPOINT.delete())


def newest(session: Session) -> Replay:
    """A replay that stands at the last checkpoint."""
    at = session.connection().execute(_MAX).scalar() or 0
    return Replay(at, _stood(session, at))


def are_due(session: Session) -> bool:
    """Whether there are enough entries after the last checkpoint for another one."""
    behind: int = session.connection().execute(_BEHIND).scalar_one()
    return behind >= EVERY and first_known_entry(session) is not None


def keep_due(store: Store) -> None:
    """Make the checkpoints that are due, one after every so many entries. Other processes may do it too."""
    with store.reading() as session:
        if not are_due(session):
            return
        replay = newest(session)
        begun, made = replay.seq, []
        for entries in since(session, replay.seq, EVERY):
            replay.add(entries)
            if len(entries) == EVERY:
                made.append((replay.seq, instant_of(entries[-1][1]), replay.take_changes()))
    with store.writing() as session:
        session.connection().execute(_LOCK_HEAD)
        if (session.connection().execute(_MAX).scalar() or 0) == begun:
            for seq, at, rows in made:
                keep(session, seq, at, rows)
