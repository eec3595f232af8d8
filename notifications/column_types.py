"""Column types and indexes that all tables share, on SQLite and PostgreSQL."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, DateTime, Dialect, Index, MetaData, TypeDecorator, event, text
from sqlmodel import SQLModel


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime in UTC. A naive value raises ValueError instead of being guessed at.

    SQLite stores no time zone and would return naive datetimes.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the type's names
        return None if value is None else _in_utc(value)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the type's names
        return None if value is None else value.astimezone(UTC)

    # For speed: a plan has several instants, and a tick reads thousands of plans.

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        return _to_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        return _from_text if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


def partial_index(name: str, *columns: str, where: str) -> Index:
    """An index of only the rows that meet `where`, which is SQL that both databases know."""
    return Index(name, *columns, sqlite_where=text(where))


@event.listens_for(SQLModel.metadata, "before_create")
def _on_postgresql_too(metadata: MetaData, connection: Connection, **_: object) -> None:
    """Set the condition for PostgreSQL only when its tables are made: to name it where an index is described would load
    PostgreSQL's dialect, which is a fourteenth of every cold start."""
    if connection.dialect.name == "postgresql":
        for index in [index for table in metadata.tables.values() for index in table.indexes]:
            index.dialect_options["postgresql"]["where"] = index.dialect_options["sqlite"]["where"]


def _in_utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone")
    return value.astimezone(UTC)


def _to_text(value: datetime | None) -> str | None:
    return None if value is None else _in_utc(value).replace(tzinfo=None).isoformat(" ", "microseconds")


def _from_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(f"{value}+00:00")
