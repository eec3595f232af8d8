"""Notices: each is planned only once, and ended when it no longer holds."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Insert, bindparam, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from notifications.tables import Notice

NOTICE = Notice.__table__  # type: ignore[attr-defined]
# The defaults of a new notice. Rows instead of `Notice` objects: to make an object costs more than to insert a row.
_NEW: dict[str, Any] = {
    "plan_id": None, "offset": None, "at_once": False, "facts": {}, "outcome": "planned", "because": "",
    "detail": "", "message_id": None,
}  # fmt: skip
# Built once: to build a statement costs more than to run it.
_OPEN = update(NOTICE).where(
    NOTICE.c.plan_id == bindparam("of"), NOTICE.c.outcome == "planned", NOTICE.c.message_id.is_(None),
    NOTICE.c.rule.not_in(bindparam("but", expanding=True)),
)  # fmt: skip


def notice_key(
    plan_address: str,
    state: str,
    entry: int,
    deadline_version: int,
    rule: str,
    offset: int | None,
    person: str,
) -> str:
    """The key of a notice, made of everything that identifies it: `2028/mrp:underlag:1:1:ladder:-7:anna`."""
    days = "" if offset is None else str(offset)
    parts = (plan_address, state, str(entry), str(deadline_version), rule, days, person)
    return ":".join(part.replace("%", "%25").replace(":", "%3A") for part in parts)


def rule_in_key(rule: str, facts: Mapping[str, Any]) -> str:
    """The rule as a key has it: reminders that count from another meeting are other reminders."""
    return f"{rule}/{facts['meeting']}" if rule == "ladder" and facts.get("meeting") else rule


def address_in(key: str) -> str:
    """The plan's address, from a notice's key."""
    return key.partition(":")[0].replace("%3A", ":").replace("%25", "%")


def plan_notices(session: Session, rows: Sequence[Mapping[str, Any]]) -> set[str]:
    """Insert the notices whose key is not in the table yet. Returns the keys of those that were new."""
    if not rows:
        return set()
    # In the order of their keys: two transactions that plan the same ones must not wait for each other.
    values = [{**_NEW, **row} for row in sorted(rows, key=itemgetter("key"))]
    insert = _insert_or_ignore(session.get_bind().dialect.name)
    return set(session.connection().execute(insert, values).scalars())


@cache
def _insert_or_ignore(dialect: str) -> Insert:
    # The same words in both databases, but SQLAlchemy has no common insert for them.
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql  # a twentieth of a cold start: only for those who have one

        return postgresql.insert(NOTICE).on_conflict_do_nothing(index_elements=["key"]).returning(NOTICE.c.key)
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(NOTICE).on_conflict_do_nothing(index_elements=["key"]).returning(NOTICE.c.key)


def supersede(
    session: Session,
    plan_id: int,
    because: str,
    *,
    state: str | None = None,
    entry: int | None = None,
    rules: Collection[str] | None = None,
    but: Collection[str] = (),
    before_deadline_version: int | None = None,
) -> int:
    """End the plan's planned notices, or only those of one state, entry, rules or older deadlines. Returns how many.

    Notices of the rules `but` stay, and so do notices that are in a message already. `because`: a code of endings.py.
    """
    where: list[ColumnElement[bool]] = []
    if state is not None:
        where.append(col(Notice.state) == state)
    if entry is not None:
        where.append(col(Notice.entry) == entry)
    if rules is not None:
        where.append(col(Notice.rule).in_(rules))
    if before_deadline_version is not None:
        where.append(col(Notice.deadline_version) < before_deadline_version)
    values = {"of": plan_id, "but": list(but), "outcome": "superseded", "because": because}
    return session.connection().execute(_OPEN.where(*where) if where else _OPEN, values).rowcount


def plan_again(session: Session, plan_id: int, because: str, holds: Callable[[Notice], bool]) -> int:
    """Plan the plan's superseded notices again that ended with this `because`, are in no message and still hold.
    Returns how many."""
    ended = select(Notice).where(
        col(Notice.plan_id) == plan_id, col(Notice.outcome) == "superseded", col(Notice.because) == because,
        col(Notice.message_id).is_(None),
    )  # fmt: skip
    again = [notice for notice in session.execute(ended).scalars() if holds(notice)]
    for notice in again:
        notice.outcome, notice.because = "planned", ""
    return len(again)
