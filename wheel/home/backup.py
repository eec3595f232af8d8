"""Backup and restore of the database."""

import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from tempfile import NamedTemporaryFile

from sqlalchemy import URL, select

from wheel.audit.journal import verify
from wheel.database.store import Store
from wheel.database.tables import Home
from wheel.errors import ArshjulError
from wheel.home.folder import HomeFolder
from wheel.home.last_backup import note_backup
from wheel.home.restored import mark_restored
from workflows.messages import N_

_HOME = Home.__table__  # type: ignore[attr-defined]


class BackupError(ArshjulError):
    """No backup was made, or nothing was restored: everything is as it was."""

    kind = "faulty"


@dataclass(frozen=True)
class RestoreResult:
    """A finished restore. `replaced`: the file of the previous database. `seq`: the number of its log entry."""

    replaced: Path | None
    seq: int


def backup(store: Store, home: Path, now: datetime) -> Path:
    """Write a consistent copy of the database to HOME/backups; others can write meanwhile. Returns its path.

    Whether it was made is noted in the home, for `status`.
    """
    HomeFolder(home).must_be_own()
    try:
        target = _backup(store, home, now)
    except Exception as error:
        note_backup(home, now, error)
        raise
    note_backup(home, now)
    return target


def _backup(store: Store, home: Path, now: datetime) -> Path:
    if store.dialect == "postgresql":
        return _dump(store, home, now)
    if store.file is None:
        raise BackupError(N_("A database in memory cannot be backed up to a file."))
    target = _free(home, now, ".db")
    try:
        _copy(store.file, target)
    except sqlite3.Error as error:
        raise BackupError(N_("The backup of {path} failed: {what}."), path=store.file, what=error) from error
    return target


def restore(store: Store, path: Path, home: Path, now: datetime, actor: str) -> RestoreResult:
    """Replace the database by a backup.

    1. A copy of the backup is verified and upgraded to this program's revision.
    2. The present database is kept beside the backups.
    3. The copy is marked so that no mail is sent, and the restore is logged in it.
    4. The copy replaces the database in one transaction: other connections see the old or the new one.
    """
    HomeFolder(home).must_be_own()
    if store.file is None:
        raise BackupError(
            N_("This command restores only an SQLite file. For {place} use `pg_restore` (docs/operations.md)."),
            place=store.place,
        )
    staged = _free(home, now, "-restoring.db")
    try:
        _stage(path, staged)
        copy = Store(URL.create("sqlite", database=str(staged)))
        try:
            _check(copy, path)
            replaced, its_head = _keep(store.file, home, now)
            seq = _mark(copy, {"file": path.name, "replaced": its_head}, now, actor)
        finally:
            copy.close()
        _overwrite(staged, store.file, store.busy_seconds)
    finally:
        for file in (staged, _partial(staged)):
            file.unlink(missing_ok=True)
    return RestoreResult(replaced, seq)


def _free(home: Path, now: datetime, ending: str) -> Path:
    """An unused file name in HOME/backups, which is ours: its partial file exists, and nobody else had made it."""
    folder = home / "backups"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    stem = f"arshjul-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    for number in count(1):
        path = folder / (stem + (f"-{number}" if number > 1 else "") + ending)
        try:
            _partial(path).touch(mode=0o600, exist_ok=False)
        except FileExistsError:
            continue
        if not path.exists():
            break
        _partial(path).unlink()
    return path


def _partial(path: Path) -> Path:
    return path.with_name(path.name + ".partial")


def _copy(source: Path, target: Path) -> None:
    """Copy into one file without a WAL. The file is verified and synced to disk before it gets its name."""
    partial = _partial(target)
    try:
        with (
            closing(sqlite3.connect(source.absolute().as_uri() + "?mode=rw", uri=True)) as old,
            closing(sqlite3.connect(partial)) as new,
        ):
            old.backup(new)
            new.execute("PRAGMA journal_mode = DELETE")
            wrong = [row[0] for row in new.execute("PRAGMA integrity_check") if row[0] != "ok"]
            wrong += [f"{row[0]} refers to a missing {row[2]}" for row in new.execute("PRAGMA foreign_key_check")]
        if wrong:
            raise sqlite3.DatabaseError(wrong[0])
        with partial.open("rb+") as file:
            os.fsync(file.fileno())
        partial.rename(target)
    finally:
        partial.unlink(missing_ok=True)


def _stage(path: Path, staged: Path) -> None:
    if not path.is_file():
        raise BackupError(N_("The file {path} does not exist."), path=path)
    try:
        _copy(path, staged)
    except sqlite3.Error as error:
        raise BackupError(N_("{path} is not a complete database: {what}."), path=path, what=error) from error


def _check(copy: Store, path: Path) -> None:
    copy.upgrade()
    with copy.reading() as session:
        if session.connection().execute(select(_HOME.c.id)).first() is None:
            raise BackupError(N_("The database {path} belongs to no home. It was never set up."), path=path)
        verdict = verify(session)
    if not verdict.ok:
        text = N_("The log in {path} is broken, first at entry {seq}.")
        raise BackupError(text, path=path, seq=verdict.broken)


def _keep(live: Path, home: Path, now: datetime) -> tuple[Path | None, str | None]:
    """Keep the database that is replaced. Returns its new path, and the head of its log if it is readable."""
    if not live.exists():
        return None, None
    kept = _free(home, now, "-replaced.db")
    try:
        _copy(live, kept)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise BackupError(N_("{path} could not be saved: {what}."), path=live, what=error) from error
        # Damaged: move it as it is, with SQLite's files beside it, which must not mix with the new file.
        for ending in ("-wal", "-shm", ""):
            part = live.with_name(live.name + ending)
            if part.exists():
                moved = Path(shutil.move(part, kept.with_name(kept.name + ending)))
                moved.chmod(0o600)
        return kept, None
    with closing(sqlite3.connect(kept)) as old, suppress(sqlite3.Error, TypeError):
        return kept, "{}:{}".format(*old.execute("SELECT seq, lower(hex(hash)) FROM chain_head").fetchone())
    return kept, None  # a database, but not one of ours


def _overwrite(source: Path, target: Path, busy_seconds: float) -> None:
    """Overwrite through SQLite, not by renaming: a program with the old file open would corrupt the new WAL."""

    def give_up(status: int, _remaining: int, _pages: int) -> None:
        if status != sqlite3.SQLITE_DONE:
            raise BackupError(N_("{path} is in use. Nothing was restored. Stop the service first."), path=target)

    with closing(sqlite3.connect(source)) as new, closing(sqlite3.connect(target, timeout=busy_seconds)) as old:
        new.backup(old, progress=give_up)


def _mark(copy: Store, data: dict[str, str | None], now: datetime, actor: str) -> int:
    with copy.writing() as session:
        return mark_restored(session, now, actor, data)


def _dump(store: Store, home: Path, now: datetime) -> Path:
    program = shutil.which("pg_dump")
    if program is None:
        raise BackupError(N_("A backup of PostgreSQL needs pg_dump. Install PostgreSQL's client programs."))
    target = _free(home, now, ".dump")
    partial = _partial(target)
    try:
        with _connection(store) as (address, environ):
            done = subprocess.run(
                [program, "--format=custom", "--no-password", f"--file={partial}", f"--dbname={address}"],
                env=environ,
                capture_output=True,
                encoding="utf-8",
                errors="replace",  # the server's sentences come in its own encoding
            )
        if done.returncode != 0:
            raise BackupError(N_("`pg_dump` made no backup: {what}"), what=" ".join(done.stderr.split()))
        partial.rename(target)
    finally:
        partial.unlink(missing_ok=True)
    return target


@contextmanager
def _connection(store: Store) -> Iterator[tuple[str, dict[str, str]]]:
    """How PostgreSQL's own programs reach the database: what their command line names, and their environment.

    Everybody on the machine can read a command line. The password is in a file that only the owner can read.
    """
    from psycopg.conninfo import make_conninfo

    options = store.engine.dialect.create_connect_args(store.url)[1]
    password = options.pop("password", None)
    del options["context"]  # psycopg's own
    environ = dict(os.environ)
    with NamedTemporaryFile("w", encoding="utf-8", prefix="arshjul-") as file:  # made with mode 0600
        if password:
            # What would go before the file.
            options.pop("passfile", None)
            environ.pop("PGPASSWORD", None)
            file.write("*:*:*:*:" + re.sub(r"([\\:])", r"\\\1", password) + "\n")
            file.flush()
            environ["PGPASSFILE"] = file.name
        yield make_conninfo(**options), environ
