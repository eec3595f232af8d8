"""A database in memory, which ends with this process: made at once, copied and put back."""

from collections.abc import Iterator
from contextlib import contextmanager
from sqlite3 import Connection, connect
from typing import Any

from sqlmodel import SQLModel

from wheel.models import ChainHead
from wheel.store import Store

# Those that nobody uses now: their databases are gone, but not the statements that they have compiled. With a new one
# for each of 290 municipalities these were compiled 290 times, and kept.
_idle: list[Store] = []


@contextmanager
def store_in_memory() -> Iterator[Store]:
    """All tables as the models describe them, without the history of their schema; and nothing in them."""
    store = _idle.pop() if _idle else Store("sqlite://")
    try:
        SQLModel.metadata.create_all(store.engine)
        with store.writing() as session:
            session.add(ChainHead(hash=bytes(32)))
        yield store
    finally:
        store.close()
        _idle.append(store)


def copied(store: Store) -> Connection:
    """What it holds now, to be put back later."""
    copy = connect(":memory:")
    with _raw(store) as raw:
        raw.backup(copy)
    return copy


def put_back(store: Store, copy: Connection) -> None:
    with _raw(store) as raw:
        copy.backup(raw)


@contextmanager
def _raw(store: Store) -> Iterator[Any]:
    held = store.engine.raw_connection()
    try:
        yield held.driver_connection
    finally:
        held.close()
