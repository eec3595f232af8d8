"""The rows whose changes the log states, so that how everything stood can be computed from the log alone.

An entry's data has `stored`: by table and key of a row, the columns that the act has written; null for a row that it
has removed. Of `stages`, by state, only the states that have changed; null for one that is gone.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Table
from sqlmodel import SQLModel

STORED = "stored"

Values = Mapping[str, Any]
Stored = dict[str, dict[str, Values | None]]

# Not recorded: names and addresses of people, which can be erased; when a plan is next looked at; what only `undo`
# needs; mail, which has tables of its own that say why each mail was sent.
RECORDED: dict[str, tuple[str, ...]] = {
    "person": ("id",),
    "role": ("person_id", "role", "body", "valid_from", "valid_to", "instead_of"),
    "meeting": ("body", "day"),
    "cycle": ("name", "kind", "year", "definition", "opened_at"),
    "plan": (
        "address", "cycle_id", "phase", "board", "parent_id", "state", "entry", "version", "mark", "held", "stages",
        "snoozed_until", "snooze_reason",
    ),
    "decision": (
        "plan_id", "step", "body", "meeting", "paragraph", "point", "diary", "outcome", "text", "link", "details",
        "reason", "registered_by", "registered_at", "corrects",
    ),
    "state_change": ("plan_id", "state", "visit", "from_state", "step", "decision", "undone"),
}  # fmt: skip
BY_STATE = "stages"


def table_of(name: str) -> Table:
    return SQLModel.metadata.tables[name]


def key_of(table: str, row: Mapping[str, Any]) -> str:
    """The row's key in the log. A meeting has no number there: its body and day are what it is."""
    return f"{row['body']} {row['day']}" if table == "meeting" else str(row["id"])


def recorded(table: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of the row that the log states, of those that are given."""
    return {name: row[name] for name in RECORDED[table] if name in row}


def changed_states(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """The states whose records differ; None for one that is gone."""
    return {state: after.get(state) for state in {**before, **after} if before.get(state) != after.get(state)}


def merge(stored: Stored, table: str, key: str, values: Values | None) -> None:
    """Add a later change of a row to what is stored of it."""
    rows = stored.setdefault(table, {})
    before = rows.get(key)
    if before is None or values is None:
        rows[key] = values
        return
    after = {**before, **values}
    if BY_STATE in before and BY_STATE in values:
        after[BY_STATE] = {**before[BY_STATE], **values[BY_STATE]}
    rows[key] = after
