"""Measures the cost of the log's hash chain, and of verifying it compared with only reading its rows."""

import hashlib
import sqlite3
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select
from sqlmodel import Session

from bench.databases import folder, new_urls, raw_connection
from bench.measure import Figure, Figures, Scale, at_least, at_most, peak_memory, ratio_of, seconds
from bench.world import ADMIN, DECIDED, begin
from wheel.audit.journal import Journal, verify
from wheel.database.store import Store
from wheel.database.tables import LogEntry

ENTRIES = 100_000
LOG = LogEntry.__table__  # type: ignore[attr-defined]
ROWS = "SELECT seq, action, subject, payload, hash FROM log_entry ORDER BY seq"


def measure(scale: Scale) -> Figures:
    """Measure on SQLite; the rows are the same on PostgreSQL."""
    most = scale.of(ENTRIES)
    with new_urls("sqlite") as new_url:
        store = begin(new_url())
        write(store, most // 10)
        few = _verifying_memory(store)
        write(store, most - most // 10)
        yield from _hashing(store)
        yield from _verifying(store, scale, most, few)
        store.close()


def write(store: Store, count: int) -> None:
    """Write the same entries as a step and its notices."""
    for start in range(0, count, 1_000):
        with store.writing() as session:
            journal = Journal(session, DECIDED + timedelta(seconds=start), ADMIN)
            for number in range(start, min(start + 1_000, count), 2):
                subject = f"2028/verksamhetsplan/socialnamnden-{number}"
                before = {"mark": None, "entry": 1, "left": {"opens": DECIDED.date(), "version": 1, "entries": 1}}
                journal.add(
                    "plan.advanced", subject,
                    {"from": "open", "to": "draft", "entry": 1, "before": before, "step": "draft", "reason": "I tid"},
                )  # fmt: skip
                people = ["socialnamnden-function", "socialnamnden-officer"]
                journal.add("notice.planned", subject, {"rule": "your_turn", "offset": None, "people": people})
            journal.close()


def _hashing(store: Store) -> Figures:
    with store.reading() as session:
        rows = session.connection().execute(select(LOG)).all()

    def chained() -> None:
        last = bytes(32)
        for row in rows:
            last = hashlib.sha256(last + row.payload).digest()

    def unchained() -> None:
        for row in rows:
            _ = row.payload

    cost = min(seconds(chained) - seconds(unchained) for _ in range(3)) / len(rows)
    yield at_most("log: hashing an entry", cost * 1e6, 3, "µs")
    with folder() as base:
        sizes = [_size(base / f"{bool(columns)}.db", [tuple(row)[: 4 + columns] for row in rows]) for columns in (0, 1)]
    yield at_most("log: bytes for an entry's hash", (sizes[1] - sizes[0]) / len(rows), 48, "bytes")


def _size(file: Path, rows: list[tuple[object, ...]]) -> int:
    """The size of a table with these rows, with or without the column of the hash."""
    columns = ("seq INTEGER PRIMARY KEY", "action", "subject", "payload", "hash")[: len(rows[0])]
    with sqlite3.connect(file) as connection:
        connection.execute(f"CREATE TABLE log_entry ({', '.join(columns)})")
        connection.executemany(f"INSERT INTO log_entry VALUES ({', '.join('?' * len(columns))})", rows)
    connection.close()
    return file.stat().st_size


def _verified(session: Session) -> None:
    assert verify(session).ok


def _verifying_memory(store: Store) -> float:
    with store.reading() as session:
        _verified(session)
        return peak_memory(lambda: _verified(session))


def _verifying(store: Store, scale: Scale, entries: int, few: float) -> Figures:
    connection = raw_connection(store)
    with store.reading() as session:
        ours, raw, ratio = ratio_of(
            scale.rounds, lambda: _verified(session), lambda: sum(1 for _ in connection.execute(ROWS))
        )
    connection.close()
    yield at_least(f"log: verifying {entries:,} entries", 1 / ratio, 0.35)
    yield Figure("  a thousand entries, ours and raw", f"{ours / entries * 1e6:.2f} / {raw / entries * 1e6:.2f} ms")
    many = _verifying_memory(store)
    yield at_most("log: memory to verify, ten times as many entries", many / few, 1.1, "x")
