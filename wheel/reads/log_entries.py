"""The query for entries of the log: about something, or done by a person or a body."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby, islice
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, bindparam, func, select

from config.municipality.roles import DAEMON
from wheel.audit.chain import START, next_hash
from wheel.audit.journal import LogRecord, as_shown
from wheel.database.tables import LogEntry
from wheel.documents.registers import LogDocument
from wheel.engine.unit_of_work import UnitOfWork
from wheel.errors import NotFound
from wheel.plan_address import Address
from wheel.reads.filters import body_named, person_named, responsible_named
from wheel.reads.log_sentences import Told
from wheel.reads.registers import definitions_of, zone_of
from workflows.definition.definition import Definition
from workflows.messages import N_

_ENTRY = LogEntry.__table__  # type: ignore[attr-defined]
_FROM = select(_ENTRY.c.payload).where(_ENTRY.c.seq >= bindparam("seq")).order_by(_ENTRY.c.seq)
_ABOUT = select(_ENTRY.c.seq).where(_ENTRY.c.subject == bindparam("of")).limit(1)
_NEWEST = select(_ENTRY.c.payload).order_by(_ENTRY.c.seq.desc())
_ROWS = select(_ENTRY.c.seq, _ENTRY.c.action, _ENTRY.c.subject, _ENTRY.c.payload)
LAST_POSSIBLE = 2**63 - 1
_PAIR = select(_ENTRY.c.seq, _ENTRY.c.payload, _ENTRY.c.hash).where(
    _ENTRY.c.seq.between(bindparam("seq") - 1, bindparam("seq"))
)
_SIZE = select(func.max(_ENTRY.c.seq))

ROWS = 50  # of a page
EXAMINED = 3_000  # entries that one page looks through at most: it is as quick for what is rare


@dataclass(frozen=True)
class Sought:
    """Which entries are wanted. `subject`: what they are about; of a person or a body also what it did. `person`,
    `body`: only what it did. A body did what it decided, the steps that are its own, and what was done to its meetings.
    `action`: their kind. `since`, `until`: their first and last day, in the municipality's time."""

    subject: str | None = None
    person: str | None = None
    body: str | None = None
    action: str | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class LogPage:
    """Rows of the log, newest first: an entry, or several that follow each other and are counted together.

    `newer`, `older`: the entries after and before which the neighbouring pages begin. `unfinished`: the page ends here
    because it has looked through so many entries, and not because it is full.
    """

    rows: tuple[tuple[LogRecord, ...], ...]
    newer: int | None
    older: int | None
    unfinished: bool


@dataclass(frozen=True)
class StoredEntry:
    """An entry as it stands in the chain. `hash`, `before`: its checksum, and that of the entry before it. `fits`: its
    checksum is that of these bytes after that entry. `record`: None if the bytes are no entry."""

    seq: int
    payload: str
    hash: str
    before: str
    fits: bool
    size: int
    record: LogRecord | None


def log_entries(
    uow: UnitOfWork,
    subject: str | None = None,
    since: int | None = None,
    limit: int | None = None,
    *,
    person: str | None = None,
    body: str | None = None,
) -> LogDocument:
    """The newest entries that match, as in `Sought`, or those from `since` on; oldest first.

    Raises NotFound for a person or a body that does not exist, and for a subject that no entry is about.
    """
    query, wanted = _matching(uow, _NEWEST if since is None else _FROM, Sought(subject, person, body))
    payloads = uow.connection.execute(query, {} if since is None else {"seq": since}).scalars().yield_per(500)
    found = list(islice(filter(wanted, map(as_shown, payloads)), limit))
    return LogDocument(entries=tuple(found if since is not None else reversed(found)))


def log_page(
    uow: UnitOfWork, sought: Sought, *, before: int | None = None, after: int | None = None, whole: bool = False
) -> LogPage:
    """The newest page of what is sought, or the page of the entries before or after the one with that number.

    `whole`: each entry is a row of its own. Raises NotFound for a person or a body that does not exist.
    """
    query, wanted = _matching(uow, _ROWS, sought)
    order = _ENTRY.c.seq.desc() if after is None else _ENTRY.c.seq
    query = query.where(*_within(uow, sought, before, after)).order_by(order).limit(EXAMINED)
    read = uow.connection.execute(query).all()
    rows = list(islice(_folded(filter(wanted, map(_record, read)), whole), ROWS + 1))
    full = len(rows) > ROWS
    rows = rows[:ROWS]
    # The last entry that this page has dealt with; None if nothing is left in the direction of reading.
    end = rows[-1][-1]["seq"] if full else read[-1].seq if len(read) == EXAMINED else None
    if after is not None:
        rows = [row[::-1] for row in reversed(rows)]
        return LogPage(tuple(rows), newer=end, older=after + 1, unfinished=bool(end) and not full)
    newer = None if before is None else before - 1
    return LogPage(tuple(rows), newer=newer, older=end, unfinished=bool(end) and not full)


def newest_with(uow: UnitOfWork, words: Sequence[str], most: int) -> list[LogRecord]:
    """Entries that have all the words (casefolded) in what they state, of the newest `EXAMINED` ones; none about
    notices and mails, which would hide the others."""
    read = uow.connection.execute(_ROWS.order_by(_ENTRY.c.seq.desc()).limit(EXAMINED)).all()
    said = ((row, _as_bytes(row.payload).decode(errors="replace").casefold()) for row in read)
    found = (_record(row) for row, text in said if all(word in text for word in words))
    return list(islice((entry for entry in found if counted_kind(entry) != "mail"), most))


def stored_entry(uow: UnitOfWork, seq: int) -> StoredEntry:
    """The entry with its bytes and checksums. Raises NotFound."""
    asked = min(seq, LAST_POSSIBLE)  # a larger number is none to a database
    found = {row.seq: row for row in uow.connection.execute(_PAIR, {"seq": asked})}
    if seq not in found:
        raise NotFound(N_("The log has no entry {seq}."), seq=seq)
    payload, digest = _as_bytes(found[seq].payload), _as_bytes(found[seq].hash)
    before = _as_bytes(found[seq - 1].hash) if seq - 1 in found else START
    record = _record((seq, "", "", payload))
    return StoredEntry(
        seq=seq,
        payload=payload.decode(errors="replace"),
        hash=digest.hex(),
        before=before.hex(),
        fits=next_hash(before, payload) == digest and payload == found[seq].payload and record["seq"] == seq,
        size=log_size(uow),
        record=record if record["at"] else None,
    )


def log_size(uow: UnitOfWork) -> int:
    """How many entries the log has."""
    return uow.connection.execute(_SIZE).scalar() or 0


def counted_kind(entry: LogRecord) -> str:
    """Of which there are so many that those in a row are counted; empty for an entry that is told by itself."""
    kind, _, _ = entry["action"].partition(".")
    if kind in ("notice", "message"):
        return "mail"
    return "opened" if entry["action"] == "plan.opened" else ""


def folded(told: Iterable[Told]) -> Iterator[tuple[Told, ...]]:
    """The entries about notices and mails that follow each other, together; each other entry by itself."""
    for kind, group in groupby(told, lambda each: counted_kind(each.entry) == "mail"):
        if kind:
            yield tuple(group)
        else:
            yield from ((each,) for each in group)


def _folded(entries: Iterable[LogRecord], whole: bool) -> Iterator[tuple[LogRecord, ...]]:
    for kind, group in groupby(entries, counted_kind):
        if kind and not whole:
            yield tuple(group)
        else:
            yield from ((each,) for each in group)


def _record(row: Sequence[Any]) -> LogRecord:
    """The entry of the row; of bytes that are no entry (somebody has changed them) only what its columns say."""
    seq, action, subject, payload = row
    with suppress(ValueError, KeyError, TypeError):
        shown = as_shown(payload)
        datetime.fromisoformat(shown["at"])
        parts: list[object] = [shown["data"], shown["actor"], shown["action"], shown["subject"]]
        if [type(part) for part in parts] == [dict, str, str, str]:
            return shown
    return LogRecord(seq=seq, at="", actor="", action=action, subject=subject, data={})


def _as_bytes(stored: bytes | str) -> bytes:
    """SQLite keeps text in the column of bytes if somebody writes it there."""
    return stored if isinstance(stored, bytes) else stored.encode()


def _within(uow: UnitOfWork, sought: Sought, before: int | None, after: int | None) -> Iterator[ColumnElement[bool]]:
    calendar = ZoneInfo(zone_of(uow))
    if before is not None:
        yield _ENTRY.c.seq < before
    if after is not None:
        yield _ENTRY.c.seq > after
    if sought.since:
        yield _ENTRY.c.seq >= _first_at(uow, datetime.combine(sought.since, time(), calendar))
    if sought.until:
        yield _ENTRY.c.seq < _first_at(uow, datetime.combine(sought.until + timedelta(days=1), time(), calendar))


def _first_at(uow: UnitOfWork, instant: datetime) -> int:
    """The number of the first entry at that instant or after it. Entries stand in the order of their time, so that
    seventeen of 100,000 have to be looked at."""
    low, high = 1, log_size(uow) + 1
    while low < high:
        middle = (low + high) // 2
        entry = uow.connection.execute(_ROWS.where(_ENTRY.c.seq == middle)).one_or_none()
        at = _record(entry)["at"] if entry else ""
        if at and datetime.fromisoformat(at) >= instant:
            high = middle
        else:
            low = middle + 1
    return low


def _matching(uow: UnitOfWork, query: Select[Any], sought: Sought) -> tuple[Select[Any], Callable[[LogRecord], bool]]:
    """The query with what the database can select by, and whether an entry that it found is wanted."""
    person = person_named(uow, sought.person) if sought.person else None
    body = body_named(uow, sought.body) if sought.body else None
    doer = _doer(uow, sought.subject) if sought.subject else None
    acts = _Acts(uow)

    def wanted(entry: LogRecord) -> bool:
        return (
            (doer is None or doer in (entry["subject"], entry["actor"]) or acts.are_of(doer, entry))
            and person in (None, entry["actor"])
            and (body is None or acts.are_of(body, entry))
        )

    if sought.subject and doer is None:
        if uow.connection.execute(_ABOUT, {"of": sought.subject}).first() is None:
            raise NotFound(N_("The log contains nothing about {subject}."), subject=sought.subject)
        query = query.where(_ENTRY.c.subject == sought.subject)
    if sought.action:
        query = query.where(_ENTRY.c.action == sought.action)
    return query, wanted


def _doer(uow: UnitOfWork, subject: str) -> str | None:
    """The id of the person or the body that the subject is; None for any other subject."""
    with suppress(NotFound):
        return responsible_named(uow, subject)
    return None


class _Acts:
    """Whose acts entries are. The definitions are read once."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._definitions: dict[str, Definition | None] = {}

    def are_of(self, body: str, entry: LogRecord) -> bool:
        decision = entry["data"].get("decision")
        if decision:
            return bool(decision["body"] == body)
        return entry["actor"] != DAEMON and (entry["subject"] == body or body in self._takers(entry))

    def _takers(self, entry: LogRecord) -> Iterator[str]:
        """The bodies whose step the entry tells of."""
        at = Address.parse(entry["subject"])
        definition = self._definition(at.cycle) if at.phase and entry["action"] == "plan.advanced" else None
        if definition is None or at.phase not in definition.wheel.phases:
            return
        steps = definition.workflow(at.phase, at.board).steps_named(entry["data"]["step"])
        binding = definition.binding(at.phase, at.board)
        yield from (binding.body(step.by, at.board) for step in steps if step.by)

    def _definition(self, cycle: str) -> Definition | None:
        if cycle not in self._definitions:
            self._definitions[cycle] = definitions_of(self._uow, [cycle]).get(cycle)
        return self._definitions[cycle]
