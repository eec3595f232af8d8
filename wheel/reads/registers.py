"""Named reads that are no plan: people, meetings, the log."""

import json
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from wheel.database.tables import LogEntry, Meeting, Person, Role


def people(session: Session, role: str | None = None, body: str | None = None) -> list[dict[str, Any]]:
    """Everybody with their roles, by id; those alone who hold or held that role, in that body."""
    held: dict[str, list[dict[str, Any]]] = {}
    for row in session.execute(select(Role).order_by(col(Role.id))).scalars():
        days = {"from": _iso(row.valid_from), "to": _iso(row.valid_to)}
        if row.instead_of:
            days["instead_of"] = row.instead_of
        held.setdefault(row.person_id, []).append({"role": row.role, "body": row.body or None, **days})
    found = []
    for person in session.execute(select(Person).order_by(col(Person.id))).scalars():
        roles = held.get(person.id, [])
        if any((role in (None, r["role"])) and (body in (None, r["body"])) for r in roles) or not (role or body):
            about = {"name": person.name, "email": person.email, "language": person.language}
            found.append({"person": person.id, **about, "roles": roles})
    return found


def meetings(session: Session, body: str | None = None, year: int | None = None) -> list[dict[str, str]]:
    """The meeting days, in their order."""
    query = select(col(Meeting.body), col(Meeting.day)).order_by(col(Meeting.day), col(Meeting.body))
    if body:
        query = query.where(col(Meeting.body) == body)
    return [{"body": b, "date": day.isoformat()} for b, day in session.execute(query) if year in (None, day.year)]


def log_entries(
    session: Session, subject: str | None = None, since: int | None = None, limit: int | None = None
) -> list[dict[str, Any]]:
    """The newest entries, or from `since` on; oldest first."""
    query = select(col(LogEntry.payload))
    if subject:
        query = query.where(col(LogEntry.subject) == subject)
    if since is not None:
        query = query.where(col(LogEntry.seq) >= since).order_by(col(LogEntry.seq)).limit(limit)
        return [json.loads(payload) for payload in session.execute(query).scalars()]
    query = query.order_by(col(LogEntry.seq).desc()).limit(limit)
    return [json.loads(payload) for payload in session.execute(query).scalars()][::-1]


def _iso(day: Any) -> str | None:
    return day.isoformat() if day else None
