"""The database: what is kept, what is seen, what is refused."""

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import event, text

from tests.support import postgres
from tests.support.installed import Arshjul, at
from wheel.database.store import HEAD, Busy, SchemaError, Store, Unavailable

ADD = text("INSERT INTO meeting (body, day) VALUES (:body, '2027-03-01')")
BODIES = text("SELECT body FROM meeting ORDER BY id")


def bodies(store: Store) -> list[str]:
    with store.reading() as session:
        return list(session.scalars(BODIES))


def set_version(store: Store, version: str) -> None:
    with store.writing() as session:
        session.connection().execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})


def test_what_is_written_is_kept(store: Store) -> None:
    with store.writing() as session:
        session.connection().execute(ADD, {"body": "ks"})
    assert bodies(store) == ["ks"]


def test_an_act_that_fails_leaves_nothing(store: Store) -> None:
    def fail() -> None:
        with store.writing() as session:
            session.connection().execute(ADD, {"body": "ks"})
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert bodies(store) == []


def test_nothing_done_while_reading_is_kept(store: Store) -> None:
    with store.reading() as session:
        if store.dialect == "sqlite":
            session.connection().execute(ADD, {"body": "ks"})
        else:
            with pytest.raises(Exception, match="read-only transaction"):
                session.connection().execute(ADD, {"body": "ks"})
    assert bodies(store) == []


def test_a_reader_sees_one_moment_while_others_write(store: Store) -> None:
    with store.reading() as session:
        assert list(session.scalars(BODIES)) == []
        with store.writing() as other:
            other.connection().execute(ADD, {"body": "ks"})
        assert list(session.scalars(BODIES)) == []
    assert bodies(store) == ["ks"]


def test_a_second_sqlite_writer_is_told_that_somebody_else_is_at_work(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'arshjul.db'}"
    with closing(Store(url)) as first, closing(Store(url, busy_seconds=0.05)) as second:
        first.create()
        with first.writing() as session:
            session.connection().execute(ADD, {"body": "ks"})
            with pytest.raises(Busy, match="Try again"), second.writing() as late:
                late.connection().execute(ADD, {"body": "kf"})
        assert bodies(second) == ["ks"]


def test_a_reader_that_begins_to_write_after_somebody_else_did_is_told_to_try_again(tmp_path: Path) -> None:
    def write_late(store: Store) -> None:
        with store.reading() as session:
            list(session.scalars(BODIES))
            with store.writing() as other:
                other.connection().execute(ADD, {"body": "ks"})
            session.connection().execute(ADD, {"body": "kf"})

    with closing(Store(f"sqlite:///{tmp_path / 'arshjul.db'}")) as store:
        store.create()
        with pytest.raises(Busy, match="Try again"):
            write_late(store)


@pytest.mark.postgresql
def test_of_two_that_wait_for_each_other_one_is_told_to_try_again(postgres_url: str) -> None:
    lock = text("SELECT id FROM meeting WHERE body = :body FOR UPDATE")
    both_hold = threading.Barrier(2)
    ended: list[str] = []

    def take(store: Store, first: str, second: str) -> None:
        try:
            with store.writing() as session:
                session.connection().execute(lock, {"body": first})
                both_hold.wait(timeout=30)
                session.connection().execute(lock, {"body": second})
            ended.append("done")
        except Busy:
            ended.append("busy")

    with closing(Store(postgres_url)) as store:
        store.create()
        with store.writing() as session:
            session.connection().execute(ADD, [{"body": "ks"}, {"body": "kf"}])
        threads = [threading.Thread(target=take, args=(store, *pair)) for pair in (("ks", "kf"), ("kf", "ks"))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=30)
    assert sorted(ended) == ["busy", "done"]


@pytest.mark.postgresql
def test_a_frozen_writer_holds_the_others_up_for_seconds_and_then_learns_it(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wheel.database.store.FROZEN_SECONDS", 1)  # 29 seconds sooner
    lock = text("SELECT id FROM meeting FOR UPDATE")
    with closing(Store(postgres_url)) as frozen, closing(Store(postgres_url)) as other:
        frozen.create()
        with frozen.writing() as session:
            session.connection().execute(ADD, {"body": "ks"})

        def freeze() -> None:
            with frozen.writing() as session:
                session.connection().execute(lock)
                with other.writing() as beside:
                    beside.connection().execute(lock)  # waits until the silent one has lost its own
                session.connection().execute(ADD, {"body": "kf"})

        with pytest.raises(Unavailable):
            freeze()
        assert bodies(frozen) == ["ks"]  # over a new connection
        with frozen.reading() as session:
            assert session.scalar(text("SHOW idle_in_transaction_session_timeout")) == "0"


@pytest.mark.postgresql
def test_who_goes_on_after_the_connection_was_lost_is_told_what_was_lost(postgres_url: str) -> None:
    def go_on(store: Store) -> None:
        with store.writing() as session:
            try:
                session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
            except Exception:  # as an engine that isolates one plan's trouble
                session.execute(text("SELECT 1"))

    with closing(Store(postgres_url)) as store, pytest.raises(Unavailable, match="terminating connection"):
        go_on(store)


@pytest.fixture
def postgres_url(request: pytest.FixtureRequest) -> Iterator[str]:
    server = request.getfixturevalue("postgres_server")
    name = server.new_database()
    yield server.url(name)
    server.drop(name)


def test_sqlite_forgets_no_commit_and_holds_references(tmp_path: Path) -> None:
    with closing(Store(f"sqlite:///{tmp_path / 'arshjul.db'}")) as store:
        store.create()
        with store.reading() as session:
            answers = {
                name: session.scalar(text(f"PRAGMA {name}"))
                for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            }
    assert answers == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000}


def test_a_database_in_memory_is_one_database() -> None:
    with closing(Store("sqlite://")) as store:
        store.create()
        with store.writing() as session:
            session.connection().execute(ADD, {"body": "ks"})
        assert bodies(store) == ["ks"]
        assert store.file is None


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_each_common_spelling_of_a_postgresql_address_is_taken(scheme: str) -> None:
    with closing(Store(f"{scheme}://someone:secret@db.example/arshjul")) as store:
        assert store.dialect == "postgresql"
        assert store.place == "postgresql://someone:***@db.example/arshjul"


@pytest.mark.parametrize("url", ["mysql://db.example/arshjul", "arshjul.db", ""])
def test_another_address_is_refused(url: str) -> None:
    with pytest.raises(SchemaError, match="sqlite"):
        Store(url)


def test_a_server_that_does_not_answer_is_said_so_without_the_password() -> None:
    with (
        closing(Store("postgresql://someone:secret@127.0.0.1:1/arshjul")) as store,
        pytest.raises(Unavailable, match=r"someone:\*\*\*@127\.0\.0\.1") as refused,
    ):
        store.check_schema()
    assert "secret" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_new_database_is_what_this_program_works_with(store: Store) -> None:
    store.check_schema()
    assert store.version() == HEAD
    assert store.upgrade() == HEAD


def test_an_empty_database_is_refused_with_the_cure(database_url: str) -> None:
    with closing(Store(database_url)) as store:
        for act in (store.check_schema, store.upgrade):
            with pytest.raises(SchemaError, match=rf"revision {HEAD}"):
                act()


def test_looking_for_a_database_does_not_make_one(tmp_path: Path) -> None:
    with closing(Store(f"sqlite:///{tmp_path / 'arshjul.db'}")) as store, pytest.raises(SchemaError):
        store.check_schema()
    assert list(tmp_path.iterdir()) == []


def test_an_older_database_is_refused_with_both_revisions(store: Store) -> None:
    set_version(store, "0001")
    with pytest.raises(SchemaError, match=rf"revision 0001.*{HEAD}"):
        store.check_schema()


def test_a_newer_database_is_refused_with_both_revisions_and_the_cure(store: Store) -> None:
    set_version(store, "9999")
    for act in (store.check_schema, store.upgrade):
        with pytest.raises(SchemaError, match=rf"revision 9999.*{HEAD}.*Install the newer program"):
            act()


def test_a_database_is_not_made_over_another(store: Store) -> None:
    with store.writing() as session:
        session.connection().execute(ADD, {"body": "ks"})
    with pytest.raises(SchemaError, match="already"):
        store.create()
    assert bodies(store) == ["ks"]


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "arshjul.db"
    file.write_text("not a database" * 100)
    with closing(Store(f"sqlite:///{file}")) as store, pytest.raises(SchemaError, match="damaged"):
        store.check_schema()


def test_a_file_that_may_not_be_written_is_said_so(tmp_path: Path) -> None:
    file = tmp_path / "arshjul.db"
    with closing(Store(f"sqlite:///{file}")) as store:
        store.create()
    with closing(Store(f"sqlite:///{file}")) as store:
        event.listen(store.engine, "connect", lambda raw, _: raw.execute("PRAGMA query_only = ON"))
        with pytest.raises(Unavailable, match="readonly"), store.writing() as session:
            session.connection().execute(ADD, {"body": "ks"})


def test_a_path_may_have_any_characters(tmp_path: Path) -> None:
    file = tmp_path / "år & hjul.db"
    with closing(Store(f"sqlite:///{file}")) as store:
        store.create()
    with closing(sqlite3.connect(file)) as raw:
        assert raw.execute("SELECT version_num FROM alembic_version").fetchone() == (HEAD,)


def test_looking_at_a_database_does_not_load_what_only_migrations_need(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'arshjul.db'}"
    with closing(Store(url)) as store:
        store.create()
    program = (
        "import sys; from wheel.database.store import Store\n"
        "store = Store(sys.argv[1]); store.check_schema(); store.close()\n"
        "print('alembic' in sys.modules, 'mako' in sys.modules, 'psycopg' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, url], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert done.stdout.split() == ["False", "False", "False"]


@pytest.mark.postgresql
@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_database_that_cannot_hold_every_character_is_refused(
    postgres_server: postgres.Postgres, tmp_path: Path, encoding: str
) -> None:
    url = postgres_server.url(postgres_server.new_database_in(encoding))
    home = Arshjul(tmp_path / "home", url)
    answer = home("init", "--practice")
    assert (answer.code, answer.document["error"]) == (6, "faulty")
    assert encoding in answer.document["message"]
    assert "createdb --encoding UTF8 --template template0" in answer.document["message"]
    assert "password" not in answer.document["message"]
    assert not home.home.exists()
    store = Store(url)
    assert store.version() is None
    store.close()


@pytest.mark.postgresql
@pytest.mark.parametrize("style", ["German", "SQL, DMY", "Postgres, MDY"])
def test_how_a_server_writes_dates_and_letters_does_no_harm(
    postgres_server: postgres.Postgres, tmp_path: Path, style: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGDATESTYLE", style)  # as the server's own setting below, and more difficult to overcome
    monkeypatch.setenv("PGCLIENTENCODING", "latin1")
    name = postgres_server.new_database()
    postgres_server.set_default(name, "datestyle", style)
    postgres_server.set_default(name, "client_encoding", "latin1")
    home = Arshjul(tmp_path / "home", postgres_server.url(name))
    home.done("init", "--practice", now=at("2026-11-02"))
    home.done("open", "2028", "--actor", "admin", now=at("2026-11-02"))
    home.done("hold", "2028/mrp", "--actor", "admin", "--reason", "vänta – …", now=at("2026-11-02"))
    shown = home.done("show", "2028/mrp", now=at("2026-11-03"))
    assert (shown["held"], {each["at"] for each in shown["history"]}) == (True, {"2026-11-02T09:00:00Z"})
    assert home.done("tick", now=at("2026-11-03"))["ok"]
    assert home.done("log", "verify")["ok"]
