"""Fresh databases. What many tests begin with is made once in a process and copied: a copy costs a tenth of it."""

import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Protocol, Self, TypeVar

from sqlalchemy import URL, make_url

from tests.support.postgres import Postgres
from wheel.database.store import Store
from wheel.past.proof import prove

T = TypeVar("T")


def tables(store: Store) -> None:
    """All tables, as `arshjul init` makes them."""
    store.create()


_changed_by_hand: set[URL] = set()


def changed_by_hand(store: Store) -> None:
    """Note that the test writes recorded rows past the engine, so that log and tables differ when it ends."""
    _changed_by_hand.add(store.url)


def log_and_tables_agree(store: Store) -> None:
    """After whatever a test has done. People, roles and meetings are left out: tests put them in without acts."""
    if store.url in _changed_by_hand:
        _changed_by_hand.remove(store.url)
        return
    with store.reading() as session:
        found = [each for each in prove(session).differences if each.table not in ("person", "role", "meeting")]
    assert found == [], [(each.table, each.key, each.columns) for each in found]


class Databases(ABC):
    """Of one kind."""

    def __init__(self) -> None:
        self._begun: dict[Callable[[Store], Any], tuple[URL, Any]] = {}
        self._idle: list[Store] = []

    @contextmanager
    def empty(self) -> Iterator[str]:
        """The URL of a database without tables."""
        url = self.new_url()
        self.create(url)
        yield url.render_as_string(hide_password=False)
        self.drop(url)

    @contextmanager
    def copy(self, begin: Callable[[Store], T]) -> Iterator[tuple[Store, T]]:
        """A copy of the database that the function has filled (once in this process, with all tables before it), and
        what the function returned."""
        template, made = self._once(begin)
        # One test after the other has the same store, for its engine has compiled their statements already. Whoever
        # listens to the engine stops it again.
        store = self._idle.pop() if self._idle else Store(self.new_url())
        self.create(store.url, template)
        yield store, made
        log_and_tables_agree(store)
        store.close()
        self.drop(store.url)
        self._idle.append(store)

    def _once(self, begin: Callable[[Store], Any]) -> tuple[URL, Any]:
        if begin not in self._begun:
            with closing(Store(self.new_url())) as store:
                self.create(store.url, None if begin is tables else self._once(tables)[0])
                self._begun[begin] = store.url, begin(store)
        return self._begun[begin]

    @abstractmethod
    def new_url(self) -> URL: ...

    @abstractmethod
    def create(self, url: URL, template: URL | None = None) -> None:
        """Empty, or as a copy of one that nobody is connected to."""

    @abstractmethod
    def drop(self, url: URL) -> None: ...


class SqliteDatabases(Databases):
    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._numbers = count(1)

    def new_url(self) -> URL:
        return URL.create("sqlite", database=str(self._folder / f"{next(self._numbers)}.db"))

    def create(self, url: URL, template: URL | None = None) -> None:
        if template:
            shutil.copyfile(str(template.database), str(url.database))

    def drop(self, url: URL) -> None:
        for end in ("", "-wal", "-shm"):
            Path(f"{url.database}{end}").unlink(missing_ok=True)


class PostgresDatabases(Databases):
    def __init__(self, server: Postgres) -> None:
        super().__init__()
        self._server = server

    def new_url(self) -> URL:
        return make_url(self._server.url(self._server.new_name()))

    def create(self, url: URL, template: URL | None = None) -> None:
        self._server.create(str(url.database), str(template.database) if template else "template0")

    def drop(self, url: URL) -> None:
        self._server.drop(str(url.database))


class Movable(Protocol):
    """Anything through which a test reaches its database."""

    def in_store(self, store: Store) -> Self:
        """The same on a copy of its database."""


M = TypeVar("M", bound=Movable)


class CopyOf(Protocol):
    """The fixture `copy_of`: what a function of the test file makes in a fresh store, made once and copied."""

    def __call__(self, begin: Callable[[Store], M]) -> M: ...
