"""Computes how the recorded rows stood after an entry of the log: each entry states what its act has stored."""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlmodel import Session

from wheel.audit.recorded_rows import BY_STATE, STORED, Stored, Values, merge
from wheel.database.tables import LogEntry

# Entries that state no row need not be parsed. The mark cannot hide: members are sorted, and quotes in texts escaped.
_MARK = f'"{STORED}":{{'.encode()


Changes = dict[tuple[str, str], dict[str, Any] | None]  # rows by table and key; None for one that was removed

_ENTRY = LogEntry.__table__  # type: ignore[attr-defined]
_SINCE = select(_ENTRY.c.seq, _ENTRY.c.payload).where(_ENTRY.c.seq > bindparam("seq")).order_by(_ENTRY.c.seq)

# The first such member is the entry's own: its action and actor stand before it, and have no bare quotes.
_AT = re.compile(rb'"at":"([^"]+)"')


def instant_of(payload: bytes) -> datetime:
    """When the entry was made."""
    found = _AT.search(payload)
    assert found is not None  # each has one (docs/log-format.md)
    return datetime.fromisoformat(found[1].decode())


def since(session: Session, seq: int, size: int) -> Iterator[list[tuple[int, bytes]]]:
    """The entries after that one, number and payload, in lists of so many; the last list is shorter."""
    found = session.connection().execute(_SINCE, {"seq": seq})
    for rows in found.partitions(size):
        yield [(number, bytes(payload)) for number, payload in rows]


class Replay:
    """The recorded rows as they stood after the entry `seq`, as the log has them: JSON, days and instants as text.

    Rows of a checkpoint stay text until they change, for of ten thousands few do.
    """

    def __init__(self, seq: int = 0, kept: Iterable[tuple[str, str, str]] = ()) -> None:
        """`kept`: how the rows stood after that entry: table, key and JSON."""
        self.seq = seq
        self._kept: dict[str, dict[str, str]] = {}
        for table, key, text in kept:
            self._kept.setdefault(table, {})[key] = text
        self.rows: Stored = {}  # those that are no text; None for one that was removed
        self._changed: set[tuple[str, str]] = set()

    def add(self, entries: Iterable[tuple[int, bytes]]) -> None:
        """Go on with these entries: number and payload, in their order."""
        for seq, payload in entries:
            self.seq = seq
            if _MARK not in payload:
                continue
            stored: Stored = json.loads(payload)["data"].get(STORED, {})
            for table, rows in stored.items():
                for key, values in rows.items():
                    if (text := self._kept.get(table, {}).pop(key, None)) is not None:
                        self.rows.setdefault(table, {})[key] = json.loads(text)
                    merge(self.rows, table, key, values)
                    self._changed.add((table, key))

    def take_changes(self) -> Changes:
        """The rows that have changed since this was last asked, as they stand now."""
        changes = {(table, key): self.row(table, key) for table, key in sorted(self._changed)}
        self._changed.clear()
        return changes

    def row(self, table: str, key: str) -> dict[str, Any] | None:
        """A row that has changed, without states that are gone; None if it was removed."""
        return whole(self.rows.get(table, {}).get(key))

    def all_rows(self, table: str) -> list[dict[str, Any]]:
        """All rows of the table."""
        return [json.loads(text) for _, text in self.texts(table)]

    def texts(self, table: str) -> list[tuple[str, str]]:
        """All rows of the table: key and JSON."""
        changed = ((key, whole(row)) for key, row in self.rows.get(table, {}).items())
        return [
            *self._kept.get(table, {}).items(),
            *((key, json.dumps(row, ensure_ascii=False)) for key, row in changed if row is not None),
        ]


def whole(row: Values | None) -> dict[str, Any] | None:
    """The row without the states that are gone."""
    if row is None or BY_STATE not in row:
        return None if row is None else dict(row)
    return {**row, BY_STATE: {state: record for state, record in row[BY_STATE].items() if record is not None}}
