"""Proves that log and tables agree: what the log states of the rows is what the tables have."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from wheel.audit.chain import as_json_types, batches
from wheel.audit.recorded_rows import BY_STATE, RECORDED, Values, key_of, recorded, table_of
from wheel.past.checkpoints import kept_at, numbers
from wheel.past.replay import Replay
from workflows.messages import N_

DIFFER = N_(
    "The tables do not agree with the log: {rows} ({count} rows). Somebody has changed the database by hand, or the "
    "program has a fault."
)
NAMED = 5  # rows in the sentence


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
        logged, stored = _flat(self.logged), _flat(self.stored)
        names = dict.fromkeys((*logged, *stored))
        return {
            name: (logged.get(name), stored.get(name))
            for name in names
            if (name in logged, logged.get(name)) != (name in stored, stored.get(name))
        }


def _flat(row: Values | None) -> dict[str, Any]:
    flat = dict(row or {})
    stages = flat.pop(BY_STATE, {})
    return flat | {f"{BY_STATE}.{state}": record for state, record in stages.items()}


@dataclass(frozen=True)
class Proof:
    """The result of a replay of the whole log. `replay`: how the rows stand by the log. `wrong_checkpoints`: the
    entries whose checkpoints are not what the log says."""

    replay: Replay
    differences: tuple[Difference, ...]
    wrong_checkpoints: tuple[int, ...]

    @property
    def facts(self) -> dict[str, Any]:
        """Those of DIFFER: how many rows differ, and the first of them."""
        rows = [each.name for each in self.differences]
        return {"count": len(rows), "rows": [*rows[:NAMED], *(["…"] if rows[NAMED:] else [])]}


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
    return Proof(replay, tuple(_differences(session, replay)), (*wrong, *kept))


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
    rows = map(dict, session.connection().execute(select(table).order_by(*table.primary_key)).mappings())
    # Of the changes of state the log states those that a decision has made.
    return {
        key_of(name, row): as_json_types(recorded(name, row))
        for row in rows
        if name != "state_change" or row["decision"]
    }
