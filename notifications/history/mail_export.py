"""The export for an auditor: who was told what about which deadline, when, at which address, in which bytes."""

import json
from collections.abc import Callable, Iterator
from typing import Any, Literal, TextIO

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from notifications.notices import address_in
from notifications.spreadsheet import Sheet
from notifications.tables import Message, Notice
from workflows.dates.instants import utc
from workflows.visible import escaped_in_json

Format = Literal["jsonl", "csv", "excel"]
_NOTICE = (
    Notice.key, Notice.state, Notice.entry, Notice.deadline_version, Notice.rule, Notice.offset, Notice.person_id,
    Notice.due, Notice.outcome, Notice.because, Notice.detail, Notice.facts, Notice.plan_id,
)  # fmt: skip
_MESSAGE = (
    Message.message_id, Message.to, Message.subject, Message.status, Message.attempts, Message.created_at,
    Message.sent_at, Message.sha256,
)  # fmt: skip
COLUMNS = (
    "notice", "plan", "state", "entry", "deadline_version", "rule", "offset", "person", "due", "outcome", "because",
    "message_id", "to", "subject", "status", "attempts", "created_at", "sent_at", "sha256",
)  # fmt: skip


# Why a notice was sent, and why it ended without, in the reader's language: of its plan, rule, offset and facts, the
# code of its ending and the detail.
Why = Callable[[int | None, str, int | None, dict[str, Any], str, str], str]


def export(session: Session, file: TextIO, format: Format, why: Why) -> int:
    """Write every notice, by due date, with its mail if it has one. Returns the number of notices."""
    count = 0
    sheet = None if format == "jsonl" else Sheet(file, format)
    if sheet:
        sheet.row(COLUMNS)
    for row in rows(session, why):
        count += 1
        if sheet:
            sheet.row(row[name] for name in COLUMNS)
        else:
            file.write(escaped_in_json(json.dumps(row, ensure_ascii=False)) + "\n")
    return count


def rows(session: Session, why: Why) -> Iterator[dict[str, Any]]:
    """`sha256` is that of the mail's bytes, as `outbox show --json` has them."""
    query = (
        select(*map(col, _NOTICE), *map(col, _MESSAGE))
        .outerjoin(Message, col(Message.id) == col(Notice.message_id))
        .order_by(col(Notice.due), col(Notice.id))
        .execution_options(yield_per=1000)
    )
    found: Any  # a row of twenty-one columns
    for found in session.execute(query):
        key, state, entry, version, rule, offset, person, due, outcome, ended, detail, facts, plan_id, *message = found
        message_id, to, subject, status, attempts, created_at, sent_at, sha256 = message
        values = (
            key, address_in(key), state, entry, version, rule, offset, person, utc(due), outcome,
            why(plan_id, rule, offset, facts, ended, detail), f"<{message_id}>" if message_id else None, to, subject,
            status, attempts, created_at and utc(created_at), sent_at and utc(sent_at), sha256,
        )  # fmt: skip
        yield dict(zip(COLUMNS, values, strict=True))
