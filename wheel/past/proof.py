"""Proves that log and tables agree: what the log states of the rows is what the tables have."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Column, ColumnElement, Text, and_, select, type_coerce
from sqlmodel import Session

from wheel.audit.chain import as_json_types, batches
from wheel.audit.recorded_rows import BY_STATE, RECORDED, Values, key_of, recorded, table_of
from wheel.database.tables import DefinitionRow
from wheel.past.checkpoints import kept_at, numbers
from wheel.past.replay import Replay
from workflows.messages import N_

DIFFER = N_(
    "The tables do not agree with the log. Rows: {count} ({rows}). Somebody has changed the database by hand, or the "
    "program has a fault."
)
NAMED = 5  # rows in the sentence

_DEFINITION = DefinitionRow.__table__  # type: ignore[attr-defined]


class Unreadable(str):
    """A cell that is not of its column's type, as the text that stands there: no date, no JSON."""


@dataclass(frozen=True)
class Difference:
    """A row that is another in its table than in the log. None: there is none."""

    table: str
    key: str
    logged: Values | None
    stored: Values | None

    @property
    def name(self) -> str:
        """The row, as people find it: a plan by its address."""
        named = self.logged or self.stored or {}
        return str(named.get("address") or f"{self.table} {self.key}")

    @property
    def columns(self) -> dict[str, tuple[Any, Any]]:
        """The columns that differ, of the stages each state: as logged, as stored."""
        logged, stored = self.logged or {}, self.stored or {}
        if all(isinstance(row.get(BY_STATE, {}), Mapping) for row in (logged, stored)):
            logged, stored = _flat(logged), _flat(stored)
        names = dict.fromkeys((*logged, *stored))
        return {
            name: (logged.get(name), stored.get(name))
            for name in names
            if (name in logged, logged.get(name)) != (name in stored, stored.get(name))
        }


def _flat(row: Values) -> dict[str, Any]:
    flat = dict(row)
    stages = flat.pop(BY_STATE, {})
    return flat | {f"{BY_STATE}.{state}": record for state, record in stages.items()}


@dataclass(frozen=True)
class Proof:
    """The result of a replay of the whole log. `replay`: how the rows stand by the log. `differences`: the rows whose
    values the log states. `definitions`: the definitions that are not those whose hash the log has.
    `wrong_checkpoints`: the entries whose checkpoints are not what the log says."""

    replay: Replay
    differences: tuple[Difference, ...]
    definitions: tuple[Difference, ...]
    wrong_checkpoints: tuple[int, ...]

    @property
    def wrong(self) -> tuple[Difference, ...]:
        """Every row that is not as the log says."""
        return self.differences + self.definitions

    @property
    def facts(self) -> dict[str, Any]:
        """Those of DIFFER: how many rows differ, and the first of them."""
        rows = [each.name for each in self.wrong]
        return {"count": len(rows), "rows": [*rows[:NAMED], *(["…"] if rows[NAMED:] else [])]}


class LastCheck(NamedTuple):
    """What the daily check found. `at`: when (UTC), None if nobody has checked yet or an older version has; `entries`:
    how many were whole then; `fault`: a message and its facts, empty if nothing was wrong."""

    at: datetime | None
    entries: int
    fault: dict[str, Any]


def last_check(kept: Mapping[str, Any] | None) -> LastCheck:
    """`kept`: the home's `log_fault`."""
    kept = kept or {}
    fault = {name: value for name, value in kept.items() if name in ("message", "facts")}
    return LastCheck(datetime.fromisoformat(kept["at"]) if "at" in kept else None, kept.get("entries", 0), fault)


def prove(session: Session) -> Proof:
    """Compute every recorded row from the whole log, and compare each checkpoint and all tables with it."""
    replay, kept, wrong = Replay(), numbers(session), []
    for rows in batches(session):
        entries = [(row[0], bytes(row[3])) for row in rows]
        while kept and kept[0] <= entries[-1][0]:
            at = kept.pop(0)
            replay.add(entry for entry in entries if entry[0] <= at)
            entries = [entry for entry in entries if entry[0] > at]
            if kept_at(session, at) != replay.take_changes():
                wrong.append(at)
            if not entries:
                break
        replay.add(entries)
    definitions = tuple(_changed_definitions(session, replay))
    return Proof(replay, tuple(_differences(session, replay)), definitions, (*wrong, *kept))


def _differences(session: Session, replay: Replay) -> list[Difference]:
    found = []
    for table in RECORDED:
        stored = _rows_of(session, table)
        for key in {**replay.rows.get(table, {}), **stored}:
            logged = replay.row(table, key)
            if logged != stored.get(key):
                found.append(Difference(table, key, logged, stored.get(key)))
    return found


def _rows_of(session: Session, name: str) -> dict[str, Values]:
    """The rows of the table as the log would state them."""
    table = table_of(name)
    query = select(table).order_by(*table.primary_key)
    try:
        return _stated(name, map(dict, session.connection().execute(query).mappings()), as_json_types)
    except (ValueError, TypeError):  # a cell that was changed by hand, and SQLite takes any text
        keys = session.connection().execute(select(*table.primary_key).order_by(*table.primary_key)).all()
        return _stated(name, (_row(session, name, key) for key in keys), dict)


def _stated(
    name: str, rows: Iterable[dict[str, Any]], as_json: Callable[[dict[str, Any]], dict[str, Any]]
) -> dict[str, Values]:
    # Of the changes of state the log states those that a decision has made.
    return {
        key_of(name, row): as_json(recorded(name, row)) for row in rows if name != "state_change" or row["decision"]
    }


def _row(session: Session, name: str, key: Sequence[Any]) -> dict[str, Any]:
    """The row with that primary key as JSON types, cell by cell."""
    table = table_of(name)
    where = and_(*(column == value for column, value in zip(table.primary_key, key, strict=True)))
    columns = {*RECORDED[name], *(column.name for column in table.primary_key)}
    return {column: _cell(session, table.c[column], where) for column in columns}


def _cell(session: Session, column: "Column[Any]", where: ColumnElement[bool]) -> Any:
    try:
        return as_json_types(session.connection().execute(select(column).where(where)).scalar_one())
    except (ValueError, TypeError):
        return Unreadable(session.connection().execute(select(type_coerce(column, Text)).where(where)).scalar_one())


def _changed_definitions(session: Session, replay: Replay) -> Iterator[Difference]:
    """The definitions of cycles, whose name in the log is the hash of their content."""
    rows = session.connection().execute(select(_DEFINITION.c.sha256, _DEFINITION.c.body))
    found = {row.sha256: hashlib.sha256(_bytes(row.body)).hexdigest() for row in rows}
    for sha256 in dict.fromkeys(row["definition"] for row in replay.all_rows("cycle")):
        if found.get(sha256) != sha256:
            stored = {"sha256": found[sha256]} if sha256 in found else None
            yield Difference(DefinitionRow.__tablename__, sha256[:12], {"sha256": sha256}, stored)


def _bytes(body: bytes | str) -> bytes:
    """SQLite keeps a text where somebody has written one."""
    return body.encode() if isinstance(body, str) else bytes(body)
