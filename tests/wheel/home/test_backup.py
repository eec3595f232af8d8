"""Backups are whole; what is restored is checked, sends no mail, and loses nothing of what it replaces."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import select

from tests.support import postgres
from wheel.audit.journal import Journal, head, history, verify
from wheel.database.store import HEAD, SchemaError, Store
from wheel.database.tables import Home, Person
from wheel.errors import Usage
from wheel.home.backup import BackupError, backup, restore
from wheel.home.last_backup import LastBackup, last_backup

NOW = datetime(2027, 2, 24, 8, tzinfo=UTC)
LATER = datetime(2027, 3, 1, 8, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "år & hjul"
    folder.mkdir()
    return folder


@pytest.fixture
def live(home: Path) -> Iterator[Store]:
    """The database of a home that was set up, with one act in its log."""
    with closing(Store(f"sqlite:///{home / 'arshjul.db'}", busy_seconds=0.05)) as store:
        store.create()
        with store.writing() as session:
            session.add(Home(created_at=NOW))
        act(store, "first")
        yield store


def act(store: Store, person: str) -> None:
    with store.writing() as session:
        session.add(Person(id=person, name=person))
        journal = Journal(session, NOW, person)
        journal.add("person.added", person, {})
        journal.close()


def persons(store: Store) -> list[str]:
    with store.reading() as session:
        return sorted(session.exec(select(Person.id)))


def hold(store: Store) -> str:
    with store.reading() as session:
        return session.exec(select(Home.mail_hold)).one()


def kept_head(store: Store) -> str:
    with store.reading() as session:
        return head(session)


def change(file: Path, statement: str) -> None:
    with closing(sqlite3.connect(file)) as raw:
        raw.executescript(statement)


def test_a_backup_is_one_whole_file_named_by_its_instant(live: Store, home: Path) -> None:
    file = backup(live, home, NOW)
    assert file == home / "backups" / "arshjul-20270224T080000Z.db"
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    with closing(Store(f"sqlite:///{file}")) as copy:
        copy.check_schema()
        assert persons(copy) == ["first"]
        assert kept_head(copy) == kept_head(live)


def test_a_backup_can_be_made_while_somebody_writes(live: Store, home: Path) -> None:
    with live.writing() as session:
        session.add(Person(id="second", name="second"))
        session.flush()
        file = backup(live, home, NOW)
    with closing(Store(f"sqlite:///{file}")) as copy:
        assert persons(copy) == ["first"]


def test_two_backups_of_one_second_are_two_files(live: Store, home: Path) -> None:
    assert backup(live, home, NOW) != backup(live, home, NOW)


def test_of_many_backups_in_one_second_each_is_whole_and_none_replaces_another(live: Store, home: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        files = list(threads.map(lambda _: backup(live, home, NOW), range(16)))
    assert len(set(files)) == 16
    assert {*files} == {*(home / "backups").iterdir()}
    for file in files:
        with closing(sqlite3.connect(file)) as copy:
            assert copy.execute("SELECT id FROM person").fetchall() == [("first",)]


def test_the_last_backup_is_noted_and_so_is_a_failure_until_the_next_one(live: Store, home: Path) -> None:
    assert last_backup(home) == LastBackup()
    backup(live, home, NOW)
    assert last_backup(home) == LastBackup(made=NOW)
    shutil.rmtree(home / "backups")
    (home / "backups").write_text("no folder", encoding="utf-8")
    with pytest.raises(OSError, match="backups"):
        backup(live, home, LATER)
    found = last_backup(home)
    assert (found.made, found.failed, found.facts["file"]) == (NOW, LATER, str(home / "backups"))
    (home / "backups").unlink()
    backup(live, home, LATER)
    assert last_backup(home) == LastBackup(made=LATER)


def test_root_makes_no_backup_in_another_users_home(live: Store, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.geteuid() == 0:
        os.chown(home, 65534, 65534)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: 0)  # only root can give the home to somebody else
    for act in (lambda: backup(live, home, NOW), lambda: restore(live, home / "x.db", home, NOW, "first")):
        with pytest.raises(Usage, match="belongs to"):
            act()
    assert not (home / "backups").exists()


def test_a_damaged_database_makes_no_backup_that_looks_good(live: Store, home: Path) -> None:
    live.close()
    file = home / "arshjul.db"
    with closing(sqlite3.connect(file)) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        raw.execute("PRAGMA journal_mode = DELETE")
        root = raw.execute("SELECT rootpage FROM sqlite_master WHERE name = 'log_entry'").fetchone()[0]
        size = raw.execute("PRAGMA page_size").fetchone()[0]
    with file.open("r+b") as pages:
        pages.seek((root - 1) * size)
        pages.write(b"\xff" * size)
    with pytest.raises(BackupError, match="The backup of"):
        backup(live, home, NOW)
    assert list((home / "backups").iterdir()) == []


def test_a_database_in_memory_has_no_backup(home: Path) -> None:
    with closing(Store("sqlite://")) as store:
        store.create()
        with pytest.raises(BackupError, match="memory"):
            backup(store, home, NOW)


def test_what_is_restored_is_what_was_backed_up_and_no_mail_leaves(live: Store, home: Path) -> None:
    file = backup(live, home, NOW)
    act(live, "second")
    before = kept_head(live)
    done = restore(live, file, home, LATER, "first")
    assert persons(live) == ["first"]  # seen by a program that had the database open all the time
    assert hold(live) == "restored"
    with live.reading() as session:
        assert verify(session).ok
        (said,) = history(session, "home")
    assert said == {
        "seq": done.seq,
        "at": "2027-03-01T08:00:00Z",
        "actor": "first",
        "action": "home.restored",
        "subject": "home",
        "data": {"file": file.name, "replaced": before},
    }


def test_what_was_replaced_is_kept(live: Store, home: Path) -> None:
    file = backup(live, home, NOW)
    act(live, "second")
    done = restore(live, file, home, LATER, "first")
    assert done.replaced == home / "backups" / "arshjul-20270301T080000Z-replaced.db"
    assert sorted(path.name for path in file.parent.iterdir()) == sorted([file.name, done.replaced.name])
    restore(live, done.replaced, home, LATER, "first")
    assert persons(live) == ["first", "second"]


def test_a_reader_in_the_middle_of_a_restore_goes_on_seeing_the_old_database(live: Store, home: Path) -> None:
    file = backup(live, home, NOW)
    act(live, "second")
    with live.reading() as session:
        assert len(session.exec(select(Person)).all()) == 2
        restore(live, file, home, LATER, "first")
        assert len(session.exec(select(Person.id)).all()) == 2
    assert persons(live) == ["first"]


def test_a_database_in_use_for_writing_is_not_replaced(live: Store, home: Path) -> None:
    file = backup(live, home, NOW)
    with live.writing() as session:
        session.add(Person(id="second", name="second"))
        session.flush()
        with pytest.raises(BackupError, match="Stop the service"):
            restore(live, file, home, LATER, "first")
    assert persons(live) == ["first", "second"]
    assert hold(live) == ""


def test_a_lost_database_is_restored(live: Store, home: Path) -> None:
    file = backup(live, home, NOW)
    live.close()
    (home / "arshjul.db").unlink()
    assert restore(live, file, home, LATER, "first").replaced is None
    assert persons(live) == ["first"]


def test_a_destroyed_database_is_put_aside_as_it_is(live: Store, home: Path) -> None:
    file = backup(live, home, NOW)
    live.close()
    (home / "arshjul.db").write_bytes(b"destroyed")
    done = restore(live, file, home, LATER, "first")
    assert done.replaced is not None
    assert done.replaced.read_bytes() == b"destroyed"
    assert persons(live) == ["first"]


def test_a_backup_of_an_older_program_is_upgraded(live: Store, home: Path) -> None:
    file = backup(live, home, NOW)
    older = [
        "DELETE FROM chain_head",
        "DELETE FROM way_out",
        "UPDATE alembic_version SET version_num = '0001'",
        "DROP TABLE state_change",
        "ALTER TABLE notice DROP COLUMN detail",
        "ALTER TABLE home DROP COLUMN mail_hold_reason",
        "ALTER TABLE home DROP COLUMN log_fault",
        "DROP TABLE checkpoint_row",
        "DROP TABLE checkpoint",
        *("DROP TABLE account", "DROP TABLE web_session", "DROP TABLE invitation"),
        "ALTER TABLE message ADD COLUMN as_written BOOLEAN NOT NULL DEFAULT 0",
    ]
    older += [f"DROP TRIGGER log_entry_no_{event}" for event in ("update", "delete", "replace")]
    change(file, ";".join([*older, "DELETE FROM log_entry"]))
    restore(live, file, home, LATER, "first")
    assert live.version() == HEAD


def empty(file: Path) -> None:
    file.write_bytes(b"")


def cut_short(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def no_database(file: Path) -> None:
    file.write_text("a letter" * 1000)


def of_somebody_else(file: Path) -> None:
    file.unlink()
    change(file, "CREATE TABLE letter (id INTEGER)")


def from_the_future(file: Path) -> None:
    change(file, "UPDATE alembic_version SET version_num = '9999'")


def never_set_up(file: Path) -> None:
    change(file, "DELETE FROM home")


def with_a_broken_log(file: Path) -> None:
    change(file, "DROP TRIGGER log_entry_no_update; UPDATE log_entry SET subject = 'other'")


def with_a_reference_to_nothing(file: Path) -> None:
    change(file, "INSERT INTO role (person_id, role, body) VALUES ('nobody', 'reader', '')")


def missing(file: Path) -> None:
    file.unlink()


@pytest.mark.parametrize(
    "spoil",
    [
        empty,
        cut_short,
        no_database,
        of_somebody_else,
        from_the_future,
        never_set_up,
        with_a_broken_log,
        with_a_reference_to_nothing,
        missing,
    ],
)
def test_what_is_no_whole_backup_is_refused_and_changes_nothing(
    live: Store, home: Path, spoil: Callable[[Path], None]
) -> None:
    file = backup(live, home, NOW)
    act(live, "second")
    before = kept_head(live)
    spoil(file)
    with pytest.raises((BackupError, SchemaError)) as refused:
        restore(live, file, home, LATER, "first")
    assert "\n" not in str(refused.value)
    assert (kept_head(live), hold(live)) == (before, "")
    assert {path.name for path in (home / "backups").iterdir()} <= {file.name}


@pytest.mark.postgresql
def test_postgresql_is_backed_up_by_its_own_program(
    postgres_server: postgres.Postgres, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(postgres.binaries()), prepend=os.pathsep)
    name = postgres_server.new_database()
    with closing(Store(postgres_server.url(name))) as store:
        store.create()
        file = backup(store, home, NOW)
        assert file == home / "backups" / "arshjul-20270224T080000Z.dump"
        assert file.read_bytes().startswith(b"PGDMP")
        with pytest.raises(BackupError, match="pg_restore"):
            restore(store, file, home, LATER, "first")
    postgres_server.drop(name)
    with closing(Store(postgres_server.url(name))) as gone, pytest.raises(BackupError, match="does not exist"):
        backup(gone, home, LATER)
    assert list((home / "backups").iterdir()) == [file]


def test_without_postgresqls_program_the_cure_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(home))
    with closing(Store("postgresql://db.example/arshjul")) as store, pytest.raises(BackupError, match="Install"):
        backup(store, home, NOW)
