"""Adds entries to the log, reads and exports them. chain.py defines and verifies the entries."""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple, TextIO

from sqlalchemy import insert, select, update
from sqlmodel import Session
from typing_extensions import TypedDict  # Python's own is no type for Pydantic before 3.12

from config.municipality.roles import DAEMON
from wheel.audit.chain import (
    Row,
    Verdict,
    as_json_types,
    batches,
    columns_agree,
    encode,
    format_head,
    next_hash,
    parse_head,
    verify,
)  # fmt: skip
from wheel.audit.personal_numbers import has_personal_number
from wheel.audit.recorded_rows import STORED, Stored, Values, merge
from wheel.database.tables import ChainHead, LogEntry
from wheel.errors import Usage
from workflows.messages import N_
from workflows.visible import escaped_in_json

__all__ = ["Journal", "Verdict", "as_shown", "entry", "export", "head", "history", "parse_head", "verify"]

_ENTRY = LogEntry.__table__  # type: ignore[attr-defined]
_HEAD = ChainHead.__table__  # type: ignore[attr-defined]
_LOCK_HEAD = select(_HEAD.c.seq, _HEAD.c.hash).with_for_update()
_INSERT = insert(_ENTRY)
_MOVE_HEAD = update(_HEAD)


class LogRecord(TypedDict):
    """An entry as it stands in the log (docs/log-format.md)."""

    seq: int
    at: str
    actor: str
    action: str
    subject: str
    data: dict[str, Any]


class _Entry(NamedTuple):
    action: str
    subject: str
    who: str
    data: dict[str, Any]


class _Written(NamedTuple):
    """A row that the transaction has written."""

    table: str
    key: str
    values: Values | None


class Journal:
    """The log entries of one transaction. Nothing is locked or written before `close`."""

    def __init__(self, session: Session, now: datetime, actor: str) -> None:
        self._session = session
        self._at = encode(as_json_types(now))
        self._today = now.date()
        self.actor = actor
        self.text = ""  # what a person has had logged
        self._noted: list[_Entry | _Written] = []

    def add(self, action: str, subject: str, data: Mapping[str, Any], actor: str | None = None) -> None:
        """Add an entry. `data`: JSON, dates and aware datetimes; anything else raises TypeError or ValueError.

        Raises Usage if a person's text holds a personal number.
        """
        who = self.actor if actor is None else actor
        entry = _Entry(as_json_types(action), as_json_types(subject), as_json_types(who), as_json_types(data))
        said = f"{entry.subject} {encode(entry.data)}"
        f"{said} {entry.action} {entry.who}".encode()  # a lone surrogate must fail here, not at the end
        if entry.who != DAEMON:
            self.check(re.sub(r"\\.", " ", said))  # without what JSON escapes, such as line ends
        self._noted.append(entry)

    def wrote(self, table: str, key: int | str, values: Mapping[str, Any] | None) -> None:
        """Have the transaction's next entry (or its last one) state what the act has stored: the columns of the row
        that have changed, None for a row that was removed. `key` and columns are those of `recorded_rows.RECORDED`."""
        self._noted.append(_Written(table, str(key), None if values is None else as_json_types(values)))

    def check(self, text: str) -> None:
        """Raises Usage if a person's text holds a personal number."""
        if has_personal_number(text, self._today):
            raise Usage(N_("There is a personal number in the text. The log can never forget it: leave it out."))
        self.text += f"{text} "

    def mark(self) -> int:
        """The current position in the journal, to be stored with a savepoint."""
        return len(self._noted)

    def rewind(self, mark: int) -> None:
        """Drop what was noted since `mark`, after a rollback to the savepoint."""
        del self._noted[mark:]

    def close(self) -> list[int]:
        """Write the entries and return their numbers. Call it last before the commit, because it locks the chain."""
        if not self._noted:
            return []
        entries = self._with_rows()
        self._session.flush()  # every process locks plans before the chain
        connection = self._session.connection()
        seq, last = connection.execute(_LOCK_HEAD).one()
        rows = []
        for action, subject, who, data in entries:
            seq += 1
            before = f'{{"action":{encode(action)},"actor":{encode(who)},"at":{self._at},"data":{encode(data)}'
            payload = f'{before},"seq":{seq},"subject":{encode(subject)}}}'.encode()
            last = next_hash(last, payload)
            rows.append({"seq": seq, "action": action, "subject": subject, "payload": payload, "hash": last})
        connection.execute(_INSERT, rows)
        connection.execute(_MOVE_HEAD, {"seq": seq, "hash": last})
        self._noted = []
        return [row["seq"] for row in rows]

    def _with_rows(self) -> list[_Entry]:
        """The entries, each with the rows that were written before it; the last one also with those after it."""
        entries: list[_Entry] = []
        stored: Stored = {}
        for noted in self._noted:
            if isinstance(noted, _Written):
                merge(stored, noted.table, noted.key, noted.values)
            else:
                entries.append(_stating(noted, stored))
                stored = {}
        if stored:
            entries[-1] = _stating(entries[-1], stored)
        return entries


def _stating(entry: _Entry, stored: Stored) -> _Entry:
    if not stored:
        return entry
    whole = entry.data.get(STORED, {})
    for table, rows in stored.items():
        for key, values in rows.items():
            merge(whole, table, key, values)
    return entry._replace(data={**entry.data, STORED: whole})


class NullJournal(Journal):
    """A journal that stores nothing, for a rehearsal, whose log nobody reads."""

    def add(self, action: str, subject: str, data: Mapping[str, Any], actor: str | None = None) -> None:
        pass

    def wrote(self, table: str, key: int | str, values: Mapping[str, Any] | None) -> None:
        pass


def head(session: Session) -> str:
    """The head of the chain, "size:hash". A kept head reveals a log that was cut or rewritten."""
    seq, last = session.connection().execute(select(_HEAD.c.seq, _HEAD.c.hash)).one()
    return format_head(seq, last)


def history(session: Session, subject: str) -> list[LogRecord]:
    """The entries about one subject, oldest first."""
    query = select(_ENTRY.c.payload).where(_ENTRY.c.subject == subject).order_by(_ENTRY.c.seq)
    return [as_shown(payload) for payload in session.connection().execute(query).scalars()]


def entry(session: Session, seq: int) -> LogRecord | None:
    """One entry; None if the chain is shorter."""
    query = select(_ENTRY.c.payload).where(_ENTRY.c.seq == seq)
    payload = session.connection().execute(query).scalar_one_or_none()
    return None if payload is None else as_shown(payload)


def as_shown(payload: bytes) -> LogRecord:
    """An entry as people and documents see it: without the rows that it states, which are for the replay; the other
    facts say the same."""
    says = json.loads(payload)
    if isinstance(says["data"], dict):  # whatever a broken log has there
        says["data"].pop(STORED, None)
    return LogRecord(
        seq=says["seq"],
        at=says["at"],
        actor=says["actor"],
        action=says["action"],
        subject=says["subject"],
        data=says["data"],
    )


def export(session: Session, out: TextIO) -> str:
    """Write the whole log as JSON lines, which can be verified. Returns the chain's head."""
    for rows in batches(session):
        out.writelines(_line(row) for row in rows)
    return head(session)


def _line(row: Row) -> str:
    """The hash and the exact payload, and the columns if they contradict it, which is an error."""
    seq, action, subject, payload, digest = row
    line: dict[str, Any] = {"hash": digest.hex() if isinstance(digest, bytes) else None, "payload": None}
    with suppress(UnicodeDecodeError):
        line["payload"] = payload.decode() if isinstance(payload, bytes) else None
    if line["payload"] is None or not columns_agree(seq, action, subject, payload):
        line["columns"] = {"seq": seq, "action": action, "subject": subject, "payload": payload}
    return escaped_in_json(json.dumps(line, ensure_ascii=False, default=repr)) + "\n"
