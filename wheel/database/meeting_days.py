"""The days on which bodies meet, as far as they are known."""

from datetime import date

from sqlalchemy import select
from sqlmodel import Session, col

from wheel.database.tables import Meeting


def meeting_days(session: Session) -> dict[str, list[date]]:
    """Each body's meeting days, in order."""
    found: dict[str, list[date]] = {}
    for body, day in session.execute(select(col(Meeting.body), col(Meeting.day)).order_by(col(Meeting.day))):
        found.setdefault(body, []).append(day)
    return found
