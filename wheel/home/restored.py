"""Marks a database that has come back: what it promised to others since then must be checked by somebody first."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, update
from sqlmodel import Session

from wheel.audit.journal import Journal
from wheel.database.tables import Home, Invitation, WebSession

_HOME = Home.__table__  # type: ignore[attr-defined]


def mark_restored(session: Session, now: datetime, actor: str, data: Mapping[str, str | None]) -> int:
    """Hold all mail, end all sessions and invitations, which may have been ended since, and log it. Returns the entry's
    number."""
    journal = Journal(session, now, actor)
    journal.add("home.restored", "home", data)
    connection = session.connection()
    connection.execute(update(_HOME).values(mail_hold="restored"))
    for table in (WebSession, Invitation):
        connection.execute(delete(table))
    return journal.close()[0]
