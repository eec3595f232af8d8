"""The history of the schema: it leads to the tables that the code describes, on both databases."""

import threading
from collections.abc import Iterator
from contextlib import closing

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

import wheel.database.tables  # noqa: F401  (the tables)
from config.text.texts import Texts
from notifications.endings import in_words
from wheel.database.migrations import migrate, revisions
from wheel.database.store import REVISIONS, Store

KEPT = {
    "sqlite": text("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"),
    "postgresql": text("SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"),
}
CHANGES = [
    "UPDATE log_entry SET action = 'nothing.happened' WHERE seq = 1",
    "UPDATE log_entry SET seq = 7 WHERE seq = 1",
    "DELETE FROM log_entry WHERE seq = 1",
    "DELETE FROM log_entry",
    "INSERT INTO log_entry SELECT seq, 'again', subject, payload, hash FROM log_entry",
]
CHANGES_BY = {
    "sqlite": [
        "INSERT OR REPLACE INTO log_entry SELECT seq, 'again', subject, payload, hash FROM log_entry",
        "REPLACE INTO log_entry SELECT seq, 'again', subject, payload, hash FROM log_entry",
        "UPDATE OR REPLACE log_entry SET seq = 1 WHERE seq = 2",
        "UPDATE OR IGNORE log_entry SET action = 'x'",
        "INSERT INTO log_entry SELECT seq, 'again', subject, payload, hash FROM log_entry WHERE true "
        "ON CONFLICT (seq) DO UPDATE SET action = 'again'",
    ],
    "postgresql": [
        "TRUNCATE log_entry",
        "INSERT INTO log_entry SELECT seq, 'again', subject, payload, hash FROM log_entry "
        "ON CONFLICT (seq) DO UPDATE SET action = 'again'",
        "SET LOCAL session_replication_role = replica; DELETE FROM log_entry",
    ],
}


@pytest.fixture
def empty(database_url: str) -> Iterator[Store]:
    with closing(Store(database_url)) as opened:
        yield opened


def schema(store: Store) -> dict[str, object]:
    with store.reading() as session:
        found = inspect(session.connection())
        tables = sorted(set(found.get_table_names()) - {"alembic_version"})
        indexes = {name: " ".join(sql.split()) for name, sql in session.connection().execute(KEPT[store.dialect])}
        return {"tables": tables} | {name: sql for name, sql in indexes.items() if "alembic" not in name}


def test_the_program_knows_the_revisions_that_there_are() -> None:
    assert revisions() == list(REVISIONS)


def test_migrations_and_models_describe_the_same_tables(store: Store) -> None:
    with store.reading() as session:
        context = MigrationContext.configure(
            session.connection(), opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, SQLModel.metadata) == []


def test_migrations_and_models_make_the_same_indexes(empty: Store) -> None:
    """Alembic's comparison does not look at the WHERE of an index."""
    engine = create_engine(empty.url)
    with engine.begin() as connection:
        SQLModel.metadata.create_all(connection)
    by_models = schema(empty)
    with engine.begin() as connection:
        SQLModel.metadata.drop_all(connection)
    engine.dispose()
    empty.create()
    assert schema(empty) == by_models


def test_a_database_of_the_first_revision_is_upgraded(empty: Store) -> None:
    with empty.engine.begin() as connection:
        migrate(connection, REVISIONS[0])
    assert empty.upgrade() == REVISIONS[0]
    empty.check_schema()
    with empty.reading() as session:
        head = session.connection().execute(text("SELECT id, seq, hash FROM chain_head")).one()
    assert tuple(head) == (1, 0, bytes(32))


def test_two_programs_that_upgrade_at_once_do_it_once(database_url: str) -> None:
    failures: list[Exception] = []

    def upgrade() -> None:
        try:
            with closing(Store(database_url)) as store:
                store.upgrade()
        except Exception as error:
            failures.append(error)

    with closing(Store(database_url)) as store:
        with store.engine.begin() as connection:
            migrate(connection, REVISIONS[0])
        threads = [threading.Thread(target=upgrade) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        store.check_schema()
    assert failures == []


def test_a_migration_that_fails_leaves_the_database_as_it_was(empty: Store) -> None:
    with empty.engine.begin() as connection:
        migrate(connection, REVISIONS[0])
    with empty.writing() as session:  # the second revision will stumble over this
        session.connection().execute(text("INSERT INTO chain_head (id, seq, hash) VALUES (1, 0, '')"))
    with pytest.raises(DBAPIError):
        empty.upgrade()
    assert empty.version() == REVISIONS[0]


def test_a_migration_may_rebuild_a_table_that_others_refer_to(store: Store) -> None:
    with store.writing() as session:
        session.connection().execute(text("INSERT INTO person VALUES ('a', 'A', '', 'sv')"))
        role = "INSERT INTO role (person_id, role, body) VALUES ('a', 'reader', '')"
        session.connection().execute(text(role))
    store.upgrade()
    with pytest.raises(DBAPIError), store.writing() as session:  # references are held again
        session.connection().execute(text("DELETE FROM person"))


def act(store: Store, change: str) -> None:
    with store.writing() as session:
        for statement in change.split("; "):
            session.connection().execute(text(statement))


def changes() -> list[tuple[str, str]]:
    both = [(dialect, change) for dialect in ("sqlite", "postgresql") for change in CHANGES]
    return both + [(dialect, change) for dialect, own in CHANGES_BY.items() for change in own]


def test_the_database_refuses_every_change_of_the_log(store: Store) -> None:
    with store.writing() as session:
        add = "INSERT INTO log_entry VALUES (:seq, 'cycle.opened', '2028', :payload, :payload)"
        session.connection().execute(text(add), [{"seq": seq, "payload": b"{}"} for seq in (1, 2)])
    for change in (change for dialect, change in changes() if dialect == store.dialect):
        with pytest.raises(DBAPIError, match=r"append-only|UNIQUE|duplicate"):
            act(store, change)
    with store.reading() as session:
        rows = session.connection().execute(text("SELECT seq, action FROM log_entry ORDER BY seq")).all()
    assert [tuple(row) for row in rows] == [(1, "cycle.opened"), (2, "cycle.opened")]


@pytest.mark.parametrize(
    ("text_so_far", "code", "detail", "said"),
    [
        ("The plan has moved on.", "moved_on", "", "Planen har gått vidare."),
        ("the mail server refused it: 550 5.1.1: nobody", "refused", "550 5.1.1: nobody", None),
        ("a text of long ago", "a text of long ago", "", "a text of long ago"),
        ("", "", "", None),
    ],
)
def test_the_texts_of_ended_notices_become_codes(
    empty: Store, text_so_far: str, code: str, detail: str, said: str | None
) -> None:
    with empty.engine.begin() as connection:
        migrate(connection, "0003")
        connection.execute(text("INSERT INTO person VALUES ('a', 'A', '', 'sv')"))
        connection.execute(
            text(
                "INSERT INTO notice (key, state, entry, deadline_version, rule, person_id, at_once, facts, due, "
                "send_after, outcome, because) VALUES ('k', 'kf', 1, 1, 'ladder', 'a', :no, '{}', "
                "'2027-01-01 08:00:00', '2027-01-01 08:00:00', 'superseded', :because)"
            ),
            {"no": False, "because": text_so_far},
        )
    empty.upgrade()
    with empty.reading() as session:
        found = session.connection().execute(text("SELECT because, detail FROM notice")).one()
    assert tuple(found) == (code, detail)
    if said is not None:
        assert in_words(code, detail, Texts("sv")) == said
