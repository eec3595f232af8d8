"""The chain of the log as it is written down: what bytes an entry is, and whether a whole chain is unbroken.

docs/log-format.md is normative for it, docs/verify_log.py checks the same offline.
"""

import hashlib
import json
import sqlite3
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from wheel.database.tables import ChainHead
from workflows.dates.instants import utc
from workflows.messages import N_

START = bytes(32)  # the hash that the first entry is bound to
MEMBERS = ("seq", "at", "actor", "action", "subject", "data")
BATCH = 200  # entries read at a time: memory stays flat, and parsing so many at once costs least

Row = Sequence[Any]  # seq, action, subject, payload, hash

_HEAD = ChainHead.__table__  # type: ignore[attr-defined]
_ROWS = "SELECT seq, action, subject, payload, hash FROM log_entry ORDER BY seq"

# One encoder for good: json.dumps would make a new one at every call. What `plain` or the parser made is no circle.
encode = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False, check_circular=False
).encode
_quoted = lru_cache(maxsize=4096)(encode)  # actions and subjects come again and again

MISSING = N_("Entry {seq} is missing.")
EXTRA = N_("Entry {seq} has no place in the chain.")
UNREADABLE = N_("Entry {seq} cannot be read.")
CHANGED = N_("Entry {seq} has been changed, or stands after another entry than it was written after.")
COLUMNS = N_("Entry {seq}: the columns beside it say something else than the entry itself.")
MALFORMED = N_("Entry {seq} is not written as an entry must be.")
END = N_("Entry {seq}: the chain's head does not fit it.")
CUT = N_("Entry {seq} is missing: the log is shorter than when its head was kept.")
REWRITTEN = N_("Entry {seq} is not the one whose hash was kept: it, or one before it, has been rewritten.")


@dataclass(frozen=True)
class Verdict:
    """How far the log is whole: `size` entries, ending in `head`. `broken`: the first entry that is not."""

    size: int
    head: str
    broken: int | None = None
    fault: str = ""  # a message key that names {seq}

    @property
    def ok(self) -> bool:
        return not self.fault

    @property
    def sentence(self) -> str:
        return self.fault.format(seq=self.broken)


def verify(session: Session, against: str | None = None, *, canonical: bool = True) -> Verdict:
    """Check every entry and the chain's head.

    `against`: a head that was kept elsewhere ("size:hash"). `canonical`: also that each payload's bytes are the
    only ones that say it, which is three quarters of the time and finds our own mistakes rather than tampering.
    """
    kept_size, kept_hash = parse_head(against) if against else (0, START)
    size, last = 0, START

    def verdict(broken: int | None = None, fault: str = "") -> Verdict:
        return Verdict(size, format_head(size, last), broken, fault)

    try:
        for rows in batches(session):
            good, fault = _whole(rows, size, last, canonical)
            if size < kept_size <= size + good and rows[kept_size - size - 1][4] != kept_hash:
                return verdict(kept_size, REWRITTEN)
            size, last = size + good, rows[good - 1][4] if good else last
            if fault:
                return verdict(*fault)
    except sqlite3.OperationalError as error:
        if "UTF-8" not in str(error):  # somebody put bytes where text belongs
            raise
        return verdict(size + 1, UNREADABLE)
    if fault := _end_fault(session, size, last):
        return verdict(*fault)
    return verdict(size + 1, CUT) if kept_size > size else verdict()


def batches(session: Session) -> Iterator[Sequence[Row]]:
    """All entries in order, some at a time, as one statement sees them.

    Straight from the driver: SQLAlchemy's rows would double the time, and PostgreSQL's driver would hold them all.
    """
    connection = session.connection()
    named = ("log",) if connection.dialect.name == "postgresql" else ()
    with closing(connection.connection.cursor(*named)) as cursor:
        cursor.execute(_ROWS)
        while rows := cursor.fetchmany(BATCH):
            yield rows


def _whole(rows: Sequence[Row], size: int, last: bytes, canonical: bool) -> tuple[int, tuple[int, str] | None]:
    """How many of the rows go on with a chain of `size` entries, and what is wrong with the next one."""
    good, fault = 0, None
    for row in rows:
        if fault := _fault(size + good + 1, last, *row):
            break
        good, last = good + 1, row[4]
    first_odd = _first_odd(rows[:good]) if canonical else None
    return (good, fault) if first_odd is None else (first_odd, (size + first_odd + 1, MALFORMED))


def _fault(
    expected: int, last: bytes, seq: int, action: Any, subject: Any, payload: Any, digest: Any
) -> tuple[int, str] | None:
    if seq != expected:
        return (expected, MISSING) if seq > expected else (seq, EXTRA)
    if type(payload) is not bytes or hashlib.sha256(last + payload).digest() != digest:
        return seq, CHANGED
    return None if agrees(seq, action, subject, payload) else (seq, COLUMNS)


def agrees(seq: int, action: Any, subject: Any, payload: bytes) -> bool:
    """Whether the columns say what the payload says: its members are sorted, so these are its two ends."""
    return (
        type(action) is str
        and type(subject) is str
        and payload.startswith(_opening(action))
        and payload.endswith(f',"seq":{seq},"subject":{_quoted(subject)}}}'.encode())
    )


@lru_cache(maxsize=256)
def _opening(action: str) -> bytes:
    return f'{{"action":{encode(action)},"actor":"'.encode()


def _first_odd(rows: Sequence[Row]) -> int | None:
    """Which row's payload is the first that is not canonical. All at once first: that costs half."""
    try:
        finished_join = b"[%b]" % b",".join([row[3] for row in rows])
        written = finished_join.decode()
        entries = json.loads(written)
        # With its own seq in its own place no entry can hide in, or reach into, its neighbours' bytes.
        if (
            (written.isascii() or unicodedata.is_normalized("NFC", written))
            and encode(entries) == written
            and [entry["seq"] for entry in entries] == [row[0] for row in rows]
            and all(entry.keys() == _MEMBERS for entry in entries)
        ):
            return None
    except (ValueError, TypeError, KeyError, RecursionError):
        pass
    return next((index for index, row in enumerate(rows) if parse(row[3]) is None), None)


_MEMBERS = set(MEMBERS)


def parse(payload: bytes) -> dict[str, Any] | None:
    """The entry that the payload says; None if its bytes are not exactly the canonical ones."""
    try:
        entry = json.loads(payload.decode())
        same = encode(plain(entry)).encode() == payload
    except (ValueError, TypeError, RecursionError):
        return None
    return entry if same and isinstance(entry, dict) and entry.keys() == _MEMBERS else None


def plain(value: Any) -> Any:
    """The value as JSON has it: text in NFC, days in ISO, instants in ISO and UTC with a Z."""
    if isinstance(value, str):
        return value if value.isascii() else unicodedata.normalize("NFC", value)
    if value is None or isinstance(value, (int, float)):
        return value
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise TypeError(f"the log takes only text as a key: {list(value)}")
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        return utc(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"the log cannot keep a {type(value).__name__}: {value!r}")


def _end_fault(session: Session, size: int, last: bytes) -> tuple[int, str] | None:
    found = session.connection().execute(select(_HEAD.c.seq, _HEAD.c.hash)).one_or_none()
    if found is None or found.seq == size:
        return None if found and found.hash == last else (size, END)
    return (size + 1, MISSING) if found.seq > size else (found.seq + 1, EXTRA)


def format_head(size: int, last: bytes) -> str:
    return f"{size}:{last.hex()}"


def parse_head(kept: str) -> tuple[int, bytes]:
    """Raises ValueError if it is no "size:hash"."""
    size, _, digits = kept.strip().partition(":")
    if not (size.isascii() and size.isdigit() and len(digits) == 64):
        raise ValueError(f"{kept!r} is not a head: a number, a colon and 64 hexadecimal digits")
    digest = bytes.fromhex(digits)
    if int(size) == 0 and digest != START:
        raise ValueError(f"{kept!r} is not a head: an empty log ends in zeros")
    return int(size), digest
