"""Notices: planned once, whoever asks how often; ended when what they are about has passed."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert
from sqlmodel import col

from notifications.models import Notice

ID = col(Notice.id)
ROWS_PER_INSERT = 500  # a statement of SQLite holds 32,766 values


def notice_key(
    plan_address: str,
    state: str,
    entry: int,
    deadline_version: int,
    rule: str,
    offset: int | None,
    person: str,
) -> str:
    """All that makes it the same notice: `2028/mrp:underlag:1:1:ladder:-7:anna`."""
    days = "" if offset is None else str(offset)
    parts = (plan_address, state, str(entry), str(deadline_version), rule, days, person)
    return ":".join(part.replace("%", "%25").replace(":", "%3A") for part in parts)


def address_in(key: str) -> str:
    """The plan's address, from a notice's key."""
    return key.partition(":")[0].replace("%3A", ":").replace("%25", "%")


def plan_notices(session: Session, rows: Sequence[Notice]) -> int:
    """Insert those that are not there yet, by their unique key. Returns how many were new."""
    # In the order of their keys: two transactions that plan the same ones must not wait for each other.
    values = [row.model_dump(exclude={"id"}) for row in sorted(rows, key=lambda row: row.key)]
    new = 0
    for start in range(0, len(values), ROWS_PER_INSERT):
        statement = _insert_or_ignore(session, values[start : start + ROWS_PER_INSERT])
        new += len(session.execute(statement).all())
    return new


def _insert_or_ignore(session: Session, values: list[dict[str, Any]]) -> ReturningInsert[tuple[int]]:
    # The same words in both databases, but SQLAlchemy has no common insert for them.
    if session.get_bind().dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql  # a twentieth of a cold start: only for those who have one

        on_postgresql = postgresql.insert(Notice).values(values)
        return on_postgresql.on_conflict_do_nothing(index_elements=["key"]).returning(ID)
    from sqlalchemy.dialects import sqlite

    on_sqlite = sqlite.insert(Notice).values(values)
    return on_sqlite.on_conflict_do_nothing(index_elements=["key"]).returning(ID)


def supersede(
    session: Session,
    plan_id: int,
    because: str,
    *,
    state: str | None = None,
    entry: int | None = None,
    rules: Collection[str] | None = None,
    before_deadline_version: int | None = None,
) -> int:
    """End the plan's planned notices, or those of one state, entry, rule or of older deadlines.

    `because` is a message key. A notice that is in a message already stays: that mail is made. Returns how
    many were ended.
    """
    where = [col(Notice.plan_id) == plan_id, col(Notice.outcome) == "planned"]
    where.append(col(Notice.message_id).is_(None))
    if state is not None:
        where.append(col(Notice.state) == state)
    if entry is not None:
        where.append(col(Notice.entry) == entry)
    if rules is not None:
        where.append(col(Notice.rule).in_(rules))
    if before_deadline_version is not None:
        where.append(col(Notice.deadline_version) < before_deadline_version)
    statement = update(Notice).where(*where).values(outcome="superseded", because=because)
    return len(session.execute(statement.returning(ID)).all())
