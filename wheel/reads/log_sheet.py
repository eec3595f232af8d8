"""Writes the log as a sheet: what happened in words, and the facts that people sort and filter by in columns."""

from typing import Any, TextIO

from config.text.texts import Texts
from notifications.spreadsheet import Format, Sheet
from wheel.audit.chain import batches
from wheel.audit.journal import as_shown, head
from wheel.engine.unit_of_work import UnitOfWork
from wheel.reads.log_sentences import Told, tell

DECISION = ("body", "meeting", "paragraph", "point", "diary", "outcome", "text")
FACTS = ("step", "from", "to", "reason")
COLUMNS = ("seq", "at", "actor", "action", "subject", "about", "what", *FACTS, *DECISION)


def write_log_sheet(uow: UnitOfWork, texts: Texts, out: TextIO, format: Format) -> str:
    """Write every entry, oldest first. Returns the chain's head."""
    sheet = Sheet(out, format)
    sheet.row(COLUMNS)
    for rows in batches(uow.session):
        for told in tell(uow, [as_shown(row[3]) for row in rows], texts):
            sheet.row(_cells(told))
    return head(uow.session)


def _cells(told: Told) -> list[str]:
    entry, data = told.entry, told.entry["data"]
    decision: dict[str, Any] = data.get("decision") or {}
    cells = [entry["seq"], entry["at"], entry["actor"], entry["action"], entry["subject"], told.about, told.said]
    cells += [data.get(name) if isinstance(data.get(name), str) else "" for name in FACTS]
    return [str(cell or "") for cell in (*cells, *(decision.get(name) for name in DECISION))]
