"""Sets up, in memory, a database with the recorded rows as they stood at a past instant, for the usual reads."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Insert, Integer, bindparam, cast, func, insert, literal_column, select, text
from sqlmodel import Session

from notifications.column_types import UtcDateTime
from wheel.audit.chain import BATCH
from wheel.audit.recorded_rows import RECORDED, table_of
from wheel.database.in_memory_store import store_in_memory
from wheel.database.store import Store
from wheel.database.tables import DefinitionRow, Home, LogEntry, Person
from wheel.errors import NotFound
from wheel.past.checkpoints import replay_from
from wheel.past.known import first_known_entry
from wheel.past.replay import Replay, instant_of, since
from wheel.plan_address import Address
from workflows.messages import N_

_ENTRY = LogEntry.__table__  # type: ignore[attr-defined]
_BETWEEN = (
    select(_ENTRY.c.seq, _ENTRY.c.payload)
    .where(_ENTRY.c.seq > bindparam("seq"), _ENTRY.c.seq <= bindparam("until"))
    .order_by(_ENTRY.c.seq)
)
_ABOUT = select(_ENTRY).where(_ENTRY.c.subject.in_(bindparam("of", expanding=True)), _ENTRY.c.seq <= bindparam("seq"))
_PERSON = Person.__table__  # type: ignore[attr-defined]
_PEOPLE = select(_PERSON)
_HOME = select(Home.__table__)  # type: ignore[attr-defined]
_DEFINITION = select(DefinitionRow.__table__)  # type: ignore[attr-defined]


@contextmanager
def as_of(home: Store, at: datetime, about: str = "") -> Iterator[Store]:
    """A store with the recorded rows as they stood at that instant (UTC), and the log's entries about that subject and
    its cycle.

    Names and addresses of people are those of today: the log has only ids. Nothing may be written to it.
    Raises NotFound for an instant before the log tells how things stood.
    """
    with home.reading() as now, store_in_memory(foreign_keys=False) as past:
        replay = replayed(now, at)
        with past.writing() as then:
            _fill(now, then, replay, at)
            _insert(
                then,
                _ENTRY,
                now.execute(_ABOUT, {"of": [about, Address.parse(about).cycle], "seq": replay.seq}).mappings().all(),
            )
        yield past


def replayed(session: Session, at: datetime) -> Replay:
    """The recorded rows after the last entry not after that instant. Raises NotFound."""
    replay, until = replay_from(session, at)
    between = session.connection().execute(_BETWEEN, {"seq": replay.seq, "until": until})
    found = [(seq, bytes(payload)) for seq, payload in between]
    replay.add(found[: _until(found, at)])
    known = first_known_entry(session)
    if known is None:
        raise NotFound(N_("The log does not show yet how things stood. It will from the next daily check on."))
    if replay.seq < known.seq:
        text = N_("The log shows how things stood from {day} on, and not before.")
        raise NotFound(text, day=_earliest(session, known.seq).date())
    return replay


def _earliest(session: Session, seq: int) -> datetime:
    """The earliest instant of that entry and those after it: a clock may have been set back, in practice by years."""
    return min(instant_of(payload) for entries in since(session, seq - 1, BATCH) for _, payload in entries)


def _until(entries: Sequence[tuple[int, bytes]], at: datetime) -> int:
    """How many of the entries are not after that instant, up to the last such: a clock may have been set back."""
    return max((n for n, (_, payload) in enumerate(entries, 1) if instant_of(payload) <= at), default=0)


def _fill(now: Session, then: Session, replay: Replay, at: datetime) -> None:
    _insert(then, Home.__table__, now.execute(_HOME).mappings().all())  # type: ignore[attr-defined]
    _insert(then, DefinitionRow.__table__, now.execute(_DEFINITION).mappings().all())  # type: ignore[attr-defined]
    known = {key for key, _ in replay.texts(_PERSON.name)}
    _insert(then, _PERSON, (row for row in now.execute(_PEOPLE).mappings() if row["id"] in known))
    connection = then.connection()
    # SQLite takes the rows apart itself, which takes a fifth of the time: there may be ten years of them.
    connection.exec_driver_sql("CREATE TEMPORARY TABLE stood (key TEXT, row TEXT)")
    for name in RECORDED:
        if name != _PERSON.name and (rows := replay.texts(name)):
            connection.exec_driver_sql("INSERT INTO stood VALUES (?, ?)", rows)
            connection.execute(_taken_apart(name), {"at": at})
            connection.exec_driver_sql("DELETE FROM stood")
    connection.exec_driver_sql("DROP TABLE stood")


@cache
def _taken_apart(name: str) -> Insert:
    """The statement that inserts the rows of `stood`, which are JSON, into their table."""
    table = table_of(name)
    taken: dict[str, Any] = {} if name == "meeting" else {"id": cast(literal_column("key"), Integer)}
    for column in RECORDED[name]:
        value: Any = func.json_extract(literal_column("row"), f"$.{column}")
        if isinstance(table.c[column].type, UtcDateTime):
            value = func.replace(func.replace(value, "T", " "), "Z", "")
        taken[column] = value
    taken |= {column: literal_column(sql) for column, sql in _BESIDE.get(name, {}).items()}
    if name == "plan":  # everything that was due by then was done
        taken["handled_until"] = bindparam("at", type_=UtcDateTime())
    return insert(table).from_select(list(taken), select(*taken.values()).select_from(text("stood")))


# The columns that the log does not state.
_BESIDE = {"plan": {"tries": "0", "trouble": "''"}, "state_change": {"version": "0", "before": "'{}'"}}


def _insert(session: Session, table: Any, rows: Iterable[Any]) -> None:
    if found := [dict(row) for row in rows]:
        session.connection().execute(insert(table), found)
