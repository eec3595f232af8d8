"""A database in memory that ends with this process. It is created in milliseconds, copied and restored."""

from collections.abc import Iterator
from contextlib import contextmanager
from sqlite3 import Connection, connect
from typing import Any

from sqlmodel import Session, SQLModel

from wheel.database.store import Store
from wheel.database.tables import ChainHead


class InMemoryStore(Store):
    """A store with a single user: one session for its whole life, and a savepoint for each unit of work."""

    def __init__(self) -> None:
        super().__init__("sqlite://")

    def open(self, info: dict[str, Any], foreign_keys: bool) -> None:
        """Create all tables, empty, straight from their classes and without migrations. `info`: of the session."""
        self._session = Session(self.engine, expire_on_commit=False, info=info)
        if not foreign_keys:
            self._raw().execute("PRAGMA foreign_keys = OFF")
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
        """A copy of the database, for `put_back`."""
        copy = connect(":memory:")
        self._raw().backup(copy)
        return copy

    def put_back(self, copy: Connection) -> None:
        copy.backup(self._raw())
        self._forget()

    def _raw(self) -> Any:
        return self._session.connection().connection.driver_connection

    def _forget(self) -> None:
        """Drop what the session knows of cycles and people: the rows may be others now."""
        for known in ("cycles", "directory"):
            self._session.info.pop(known, None)


# Stores that are free to be used again. Their databases are gone, but they keep their compiled statements: with a new
# store for each of 290 municipalities these would be compiled 290 times, and stay in memory.
_idle: list[InMemoryStore] = []


@contextmanager
def store_in_memory(*, foreign_keys: bool = True, **info: Any) -> Iterator[InMemoryStore]:
    """An empty database. `info`: of its session; `journal` is the class of the journal that writes its log.

    `foreign_keys`: whether they are enforced; they cannot be for rows whose database was changed by hand.
    """
    store = _idle.pop() if _idle else InMemoryStore()
    store.open(info, foreign_keys)
    try:
        yield store
    finally:
        store.close()
        _idle.append(store)
