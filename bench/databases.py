"""The databases to measure on: SQLite in a file, and a PostgreSQL server of our own. Both sync each commit to disk."""

import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Literal

import psycopg

from tests.support import postgres
from wheel.database.store import Store

Kind = Literal["sqlite", "postgresql"]
KINDS: tuple[Kind, ...] = ("sqlite", "postgresql")

# The server of the test suite does not sync to disk. This one does, as in production.
DURABLE = {"fsync": "on", "full_page_writes": "on", "autovacuum": "on", "shared_buffers": "256MB"}


def disk() -> Path:
    """The folder for databases, ARSHJUL_BENCH_DIR: on a disk, because commits in memory cost nothing."""
    return Path(os.environ.get("ARSHJUL_BENCH_DIR", tempfile.gettempdir()))


@contextmanager
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="arshjul-bench-", dir=disk(), ignore_cleanup_errors=True) as made:
        yield Path(made)


@contextmanager
def new_urls(kind: Kind) -> Iterator[Callable[[], str]]:
    """Yields a function that creates an empty database and returns its URL."""
    if kind == "sqlite":
        with folder() as base:
            numbers = count(1)
            yield lambda: f"sqlite:///{base / f'{next(numbers)}.db'}"
    else:
        with postgres.running(disk(), **DURABLE) as running:
            yield lambda: running.url(running.new_database())


def raw_connection(store: Store) -> Any:
    """A connection of the driver with the same durability as ours. The caller begins and ends transactions."""
    if store.dialect == "postgresql":
        url = store.url.set(drivername="postgresql").render_as_string(hide_password=False)
        return psycopg.connect(url, autocommit=True)
    connection = sqlite3.connect(store.url.database or "", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    return connection
