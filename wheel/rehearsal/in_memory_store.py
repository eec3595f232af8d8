"""A database in memory, which ends with this process: made at once, copied and put back."""

from collections.abc import Iterator
from contextlib import contextmanager
from sqlite3 import Connection, connect
from typing import Any

from sqlalchemy import Engine, StaticPool, create_engine, event
from sqlmodel import Session, SQLModel

from wheel.audit.journal import Unkept
from wheel.database.store import Store
from wheel.database.tables import ChainHead


class Memory(Store):
    """Nobody else reads it or writes in it: one session all along, and an act is a savepoint in it."""

    def __init__(self) -> None:
        super().__init__("sqlite://")

    def _new_engine(self) -> Engine:
        """Without the listener of other stores, which every statement would pay for: a savepoint begins by itself."""
        engine = create_engine(self.url, poolclass=StaticPool, connect_args={"isolation_level": None})
        event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA foreign_keys = ON"))
        return engine

    def open(self) -> None:
        """All tables as the models describe them, without the history of their schema; and nothing in them."""
        self._session = Session(self.engine, expire_on_commit=False, info={"journal": Unkept})
        SQLModel.metadata.create_all(self._session.connection())
        self._session.add(ChainHead(hash=bytes(32)))
        self._session.flush()

    def close(self) -> None:
        self._session.close()
        super().close()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with self._translated():
            yield self._session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        with self._translated():
            raw = self._raw()
            raw.execute("SAVEPOINT act")
            try:
                yield self._session
                self._session.flush()
            except BaseException:
                self._session.expunge_all()
                raw.execute("ROLLBACK TO SAVEPOINT act")
                self._forget()
                raise
            finally:
                raw.execute("RELEASE SAVEPOINT act")

    def copied(self) -> Connection:
        """What it holds now, to be put back later."""
        copy = connect(":memory:")
        self._raw().backup(copy)
        return copy

    def put_back(self, copy: Connection) -> None:
        copy.backup(self._raw())
        self._forget()

    def _raw(self) -> Any:
        return self._session.connection().connection.driver_connection

    def _forget(self) -> None:
        """What was known of the cycles and the people may not be so."""
        for known in ("turns", "directory"):
            self._session.info.pop(known, None)


# Those that nobody uses now: their databases are gone, but not the statements that they have compiled. With a new one
# for each of 290 municipalities these were compiled 290 times, and kept.
_idle: list[Memory] = []


@contextmanager
def store_in_memory() -> Iterator[Memory]:
    store = _idle.pop() if _idle else Memory()
    store.open()
    try:
        yield store
    finally:
        store.close()
        _idle.append(store)
