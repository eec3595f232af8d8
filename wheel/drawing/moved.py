"""From which day a deadline was moved, as the log tells."""

import json
from collections.abc import Collection
from datetime import date

from sqlalchemy import bindparam, select

from wheel.database.tables import LogEntry
from wheel.engine.unit_of_work import UnitOfWork

MovedDays = dict[tuple[str, str], date]  # by address and state

_ENTRY = LogEntry.__table__  # type: ignore[attr-defined]
_MOVED = (
    select(_ENTRY.c.subject, _ENTRY.c.payload)
    .where(_ENTRY.c.subject.in_(bindparam("plans", expanding=True)), _ENTRY.c.action == "deadline.moved")
    .order_by(_ENTRY.c.seq)
)


def moved_days(uow: UnitOfWork, plans: Collection[str]) -> MovedDays:
    """The last day of each state before its latest move. Of a past day nothing is found: it has no log."""
    found: MovedDays = {}
    for subject, payload in uow.connection.execute(_MOVED, {"plans": list(plans)}).all() if plans else ():
        data = json.loads(bytes(payload))["data"]
        if data.get("old"):
            found[subject, data["state"]] = date.fromisoformat(data["old"])
    return found
