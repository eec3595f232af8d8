"""How the contract's keys and instants are written for people and programs."""

from datetime import datetime

from workflows.messages import N_

STATUS = {
    "upcoming": N_("upcoming"),
    "in_progress": N_("in progress"),
    "done": N_("done"),
    "sent_back": N_("sent back"),
    "overdue": N_("overdue"),
    "postponed": N_("postponed"),
    "withdrawn": N_("withdrawn"),
    "not_concerned": N_("not concerned"),
    "before_introduction": N_("before introduction"),
    "draft": N_("draft"),
}


def utc(instant: datetime | None) -> str | None:
    """An instant as the contract writes it: UTC, ending in Z."""
    return instant.isoformat().replace("+00:00", "Z") if instant else None
