"""The database: connections, reading and writing transactions, and the schema version."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, StaticPool, create_engine, event, inspect, text
from sqlmodel import Session

from config.settings.database_url import DatabaseUrlError, parse, sqlite_file
from wheel.errors import ArshjulError
from workflows.messages import N_

REVISIONS = (
    "0001",
    "0002",
    "0003",
    "0004",
    "0005",
    "0006",
)  # oldest first, as in wheel/database/migrations/versions
HEAD = REVISIONS[-1]

BUSY_SECONDS = 10  # how long a writer waits on SQLite; longer than the longest transaction of a tick
FROZEN_SECONDS = 30  # PostgreSQL aborts a transaction that is idle for so long, because others wait for its locks
CONNECT_SECONDS = 10  # how long to wait for a PostgreSQL server that does not answer

# One that reads first and writes later would fail if another one wrote in between.
BEGIN_TO_WRITE = "BEGIN IMMEDIATE"

# A reader blocks nobody, and may be slow because a person pages through its output.
_PATIENTLY = text("SET LOCAL idle_in_transaction_session_timeout = 0")

_SQLITE_BUSY = {5, 6}  # BUSY (BUSY_SNAPSHOT too: the low byte), LOCKED
_SQLITE_DISK = {
    3,
    7,
    8,
    9,
    10,
    13,
    14,
    15,
    23,
}  # PERM, NOMEM, READONLY, INTERRUPT, IOERR, FULL, CANTOPEN, PROTOCOL, AUTH
_SQLITE_DAMAGED = {11, 26}  # CORRUPT, NOTADB
_POSTGRESQL_DEADLOCK = "40P01"
_POSTGRESQL_BUSY = {"40001", "40P01", "55P03", "57014"}  # serialization, deadlock, lock not available, canceled
_LOST_BEFORE = "8s2b"  # SQLAlchemy's code for using a connection after it was lost
# By class of SQLSTATE, the database's own trouble: connection, transaction state (read-only), password, no such
# database, rollback, privilege, resources, limits, prerequisites, intervention, system, configuration, internal.
# The other classes are about the data or the statement.
_POSTGRESQL_LOST = ("08", "25", "28", "3D", "40", "42501", "53", "54", "55", "57", "58", "F0", "XX")


class Busy(ArshjulError):
    """Another process held a lock for too long, so this transaction was given up."""

    kind = "conflict"


class Deadlock(Busy):
    """The database has aborted this transaction in a deadlock. It can be repeated immediately."""


class Unavailable(ArshjulError):
    """The database does not answer or cannot be written. Whether the last commit was kept is unknown."""

    kind = "not_well"


class SchemaError(ArshjulError):
    """The schema is not the one of this program, or there is no Årshjul database."""

    kind = "faulty"


class Store:
    """One database. SQLite: one writer at a time. PostgreSQL: any number of processes."""

    def __init__(self, url: str | URL, busy_seconds: float = BUSY_SECONDS) -> None:
        self.url = _parsed(url)
        self.busy_seconds = busy_seconds
        self.dialect = self.url.get_backend_name()
        self.engine = _sqlite(self.url, busy_seconds) if self.dialect == "sqlite" else _postgresql(self.url)
        self._reader = self.engine
        if self.dialect == "postgresql":
            self._reader = self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    @property
    def place(self) -> str:
        """The URL of the database without its password."""
        return str(self.file) if self.file else self.url.set(drivername=self.dialect).render_as_string()

    @property
    def file(self) -> Path | None:
        """The SQLite file; None in memory and on PostgreSQL."""
        return sqlite_file(self.url)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A transaction with one consistent snapshot. It is always rolled back; PostgreSQL refuses writes in it."""
        with self._translated(), Session(self._reader, expire_on_commit=False) as session:
            if self.dialect == "postgresql":
                session.execute(_PATIENTLY)
            else:
                _begin_on_sqlite(session.connection(), "BEGIN")
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction that is committed at the end, or rolled back if anything is raised.

        Nothing is written after a rollback inside it, because that ends the transaction.
        """
        with self._translated(), Session(self.engine, expire_on_commit=False) as session:
            if self.dialect == "sqlite":
                _begin_on_sqlite(session.connection(), BEGIN_TO_WRITE)
            yield session
            session.commit()

    def version(self) -> str | None:
        """The revision of the schema; None if there is no Årshjul database."""
        if self.file is not None and not self.file.exists():
            return None  # connecting would create an empty file
        with self.reading() as session:
            if not inspect(session.connection()).has_table("alembic_version"):
                return None
            version: str | None = session.scalar(text("SELECT version_num FROM alembic_version"))
            return version

    def check_schema(self) -> None:
        """Raises SchemaError unless the database is exactly of the revision that this program works with."""
        if (found := self._known_version()) != HEAD:
            text = N_("The database has revision {found}, but this program requires {head}.")
            raise SchemaError(text, found=found, head=HEAD)

    def create(self, fill: Callable[[Connection], None] | None = None) -> None:
        """Create all tables in an empty database, and have `fill` write into them in the same transaction. If anything
        fails, nothing is left."""
        found = self.version()
        if found is not None:
            raise SchemaError(
                N_("There is already an Årshjul database, at revision {found}: {place}."),
                found=found,
                place=self.place,
            )
        self._check_encoding()
        new_file = self.file is not None and not self.file.exists()
        try:
            self._migrate(fill)
        except BaseException:
            if new_file and self.file is not None:
                self.close()
                for ending in ("", "-wal", "-shm"):
                    self.file.with_name(self.file.name + ending).unlink(missing_ok=True)
            raise

    def upgrade(self) -> str:
        """Upgrade the schema to this program's revision in one transaction. Returns the old revision."""
        found = self._known_version()
        if found != HEAD:
            self._migrate()
        return found

    def close(self) -> None:
        self.engine.dispose()

    def _known_version(self) -> str:
        found = self.version()
        if found is None:
            raise SchemaError(
                N_("The Årshjul database is missing in {place} (revision {head} is required)."),
                place=self.place,
                head=HEAD,
            )
        if found not in REVISIONS:
            raise SchemaError(
                N_(
                    "The database has revision {found}, which this program does not know (it requires {head}). "
                    "Install the newer program."
                ),
                found=found,
                head=HEAD,
            )
        return found

    def _check_encoding(self) -> None:
        """Raises SchemaError for a PostgreSQL database that cannot hold every character. A tick would end at one."""
        if self.dialect != "postgresql":
            return
        with self.reading() as session:
            encoding = session.scalar(text("SHOW server_encoding"))
        if encoding != "UTF8":
            cure = N_(
                "The database {place} has the encoding {encoding}, in which not every text can be written. Create a "
                "database with {command}."
            )
            command = "`createdb --encoding UTF8 --template template0`"
            raise SchemaError(cure, place=self.place, encoding=encoding, command=command)

    def _migrate(self, fill: Callable[[Connection], None] | None = None) -> None:
        # Imported here, because Alembic is a third of a cold start and nothing else needs it.
        from wheel.database.migrations import migrate

        with self._translated(), self.engine.connect() as connection:
            if self.dialect == "sqlite":
                _foreign_keys(connection, on=False)
            try:
                with connection.begin():
                    if self.dialect == "sqlite":
                        _begin_on_sqlite(connection, BEGIN_TO_WRITE)
                    migrate(connection)
                    if fill is not None:
                        fill(connection)
            finally:
                if self.dialect == "sqlite":
                    _foreign_keys(connection, on=True)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            raise self._meaning(error) or error from error

    def _meaning(self, error: Exception) -> ArshjulError | None:
        """The error to show for a database error; None if it is another error or a bug."""
        cause, kind = _trouble(error)
        facts = {"place": self.place, "what": " ".join(str(cause).split()), "head": HEAD}
        if kind is Unavailable:
            return Unavailable(N_("The database {place} does not work: {what}"), **facts)
        if kind is SchemaError:
            text = N_("{place} is damaged or not an Årshjul database ({what}). Revision {head} is required.")
            return SchemaError(text, **facts)
        if kind is None:
            return None
        return kind(N_("Somebody else was using the database, so nothing was done. Try again."))


def is_database_trouble(error: Exception) -> bool:
    """Whether the database itself, or the lack of memory, is to blame: no plan's data and no fault of the program."""
    return isinstance(error, (Busy, Unavailable, SchemaError, MemoryError)) or _trouble(error)[1] is not None


def _trouble(error: Exception) -> tuple[Exception, type[ArshjulError] | None]:
    """The driver's error, and what it means; None for an error of the data or of the program."""
    if getattr(error, "code", "") == _LOST_BEFORE and isinstance(error.__context__, Exception):
        return _trouble(error.__context__)
    cause = getattr(error, "orig", None) or error  # wrapped by SQLAlchemy, or raised by the driver
    code = (getattr(cause, "sqlite_errorcode", None) or 0) & 0xFF
    state = getattr(cause, "sqlstate", None) or ""
    if code in _SQLITE_BUSY or state in _POSTGRESQL_BUSY:
        return cause, Deadlock if state == _POSTGRESQL_DEADLOCK else Busy
    if code in _SQLITE_DAMAGED:
        return cause, SchemaError
    lost = state.startswith(_POSTGRESQL_LOST) if state else _has_lost_connection(cause)
    if lost or code in _SQLITE_DISK or getattr(error, "connection_invalidated", False):
        return cause, Unavailable
    return cause, None


def _has_lost_connection(error: Exception) -> bool:
    """Whether it is an operational error of psycopg, checked without importing psycopg for homes on SQLite."""
    kinds = type(error).__mro__
    return any(kind.__module__.startswith("psycopg") and kind.__name__ == "OperationalError" for kind in kinds)


def _parsed(url: str | URL) -> URL:
    try:
        return parse(url)
    except DatabaseUrlError as error:
        raise SchemaError(error.message, **error.facts) from None


def _sqlite(url: URL, busy_seconds: float) -> Engine:
    more: dict[str, Any] = {"connect_args": {"isolation_level": None, "timeout": busy_seconds}}
    if url.database in (None, "", ":memory:"):
        # One connection; otherwise every transaction would have an empty database of its own.
        more["poolclass"] = StaticPool
        more["connect_args"]["check_same_thread"] = False
    engine = create_engine(url, **more)

    @event.listens_for(engine, "connect")
    def connect(raw: Any, _: object) -> None:
        raw.execute("PRAGMA journal_mode = WAL")
        raw.execute("PRAGMA synchronous = FULL")  # NORMAL can lose a commit whose mail has been sent
        raw.execute("PRAGMA foreign_keys = ON")

    return engine


def _begin_on_sqlite(connection: Connection, how: str) -> None:
    """Begin a transaction: the driver does not, and a listener would make every statement slower by a twentieth."""
    raw: Any = connection.connection.driver_connection
    raw.execute(how)


def _postgresql(url: URL) -> Engine:
    silent = f"-c idle_in_transaction_session_timeout={FROZEN_SECONDS}s"
    options = f"{silent} {url.query.get('options', '')}".strip()  # options in the URL override ours
    connect_args = {"connect_timeout": CONNECT_SECONDS, "options": options, "client_encoding": "utf8"}
    engine = create_engine(url, isolation_level="READ COMMITTED", connect_args=connect_args)

    @event.listens_for(engine, "connect")
    def connect(raw: Any, _: object) -> None:
        # The driver reads no other style. Not among the options: PGDATESTYLE in the environment overrides them.
        raw.autocommit = True
        raw.execute("SET DateStyle TO ISO")
        raw.autocommit = False

    return engine


def _foreign_keys(connection: Connection, *, on: bool) -> None:
    """Switch foreign keys off during a migration: SQLite changes a table by replacing it."""
    raw: Any = connection.connection.driver_connection
    raw.execute(f"PRAGMA foreign_keys = {'ON' if on else 'OFF'}")
