"""Where is measured: SQLite in a file, PostgreSQL with a server of its own. Both keep every commit (fsync)."""

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

# The test suite's server forgets what a crash would cost it. This one is as in production.
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
    """A maker of addresses of new, empty databases."""
    if kind == "sqlite":
        with folder() as base:
            numbers = count(1)
            yield lambda: f"sqlite:///{base / f'{next(numbers)}.db'}"
    else:
        with postgres.running(disk(), **DURABLE) as running:
            yield lambda: running.url(running.new_database())


def raw_connection(store: Store) -> Any:
    """The driver's own connection, with the same promises as ours. Transactions are begun and ended by hand."""
    if store.dialect == "postgresql":
        url = store.url.set(drivername="postgresql").render_as_string(hide_password=False)
        return psycopg.connect(url, autocommit=True)
    connection = sqlite3.connect(store.url.database or "", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    return connection
