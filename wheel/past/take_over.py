"""Takes the tables over into the log as they stand: for a log that was begun before its entries stated the rows, and
where an administrator says that the tables are right and not the log."""

from sqlalchemy import select
from sqlmodel import Session

from wheel.audit.journal import Journal
from wheel.audit.recorded_rows import BY_STATE, changed_states
from wheel.database.tables import ChainHead
from wheel.errors import Usage
from wheel.past.known import TAKEN_OVER
from wheel.past.proof import Difference, Unreadable, prove
from workflows.messages import N_

_LOCK_HEAD = select(ChainHead.__table__.c.seq).with_for_update()  # type: ignore[attr-defined]
BATCH = 500  # rows in an entry


def take_over(session: Session, journal: Journal, reason: str) -> int:
    """Have the log state the rows that differ as their tables have them; everything is computed from there on. Returns
    how many they are. An entry is made even if there are none.

    The chain is locked first: what others have written and not committed is logged after this.
    Raises Usage for rows that cannot be read: the log could not state them.
    """
    session.connection().execute(_LOCK_HEAD)
    differences = prove(session).differences
    if unreadable := [each.name for each in differences if _has_unreadable(each)]:
        raise Usage(N_("These rows cannot be read: {rows}. Correct them in the database first."), rows=unreadable)
    last = max(0, (len(differences) - 1) // BATCH)
    for part in range(last + 1):
        for each in differences[part * BATCH : (part + 1) * BATCH]:
            values = each.stored
            if values is not None and each.logged is not None and BY_STATE in values:
                values = {**values, BY_STATE: changed_states(each.logged.get(BY_STATE, {}), values[BY_STATE])}
            journal.wrote(each.table, each.key, values)
        journal.add(TAKEN_OVER, "home", {"reason": reason, "rows": len(differences), "complete": part == last})
    return len(differences)


def _has_unreadable(found: Difference) -> bool:
    return any(isinstance(value, Unreadable) for value in (found.stored or {}).values())
