"""The hash chain of the log: the bytes of an entry, and the verification of a whole chain.

docs/log-format.md is its normative specification; docs/verify_log.py verifies an export offline.
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

from sqlalchemy import inspect, select
from sqlmodel import Session

from wheel.database.tables import ChainHead
from workflows.dates.instants import utc
from workflows.messages import N_

START = bytes(32)  # the hash before the first entry
MEMBERS = ("seq", "at", "actor", "action", "subject", "data")
BATCH = 200  # entries per batch: keeps memory constant, and is the fastest size to parse

Row = Sequence[Any]  # seq, action, subject, payload, hash

_HEAD = ChainHead.__table__  # type: ignore[attr-defined]
_ROWS = "SELECT seq, action, subject, payload, hash FROM log_entry ORDER BY seq"

# One encoder for all calls, because json.dumps creates one per call. `as_json_types` and the parser make no circles.
encode = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False, check_circular=False
).encode
_quoted = lru_cache(maxsize=4096)(encode)  # the same actions and subjects recur

MISSING = N_("Entry {seq} is missing.")
EXTRA = N_("Entry {seq} does not belong to the chain.")
UNREADABLE = N_("Entry {seq} cannot be read.")
CHANGED = N_("Entry {seq} has been changed, or no longer follows the entry that it was written after.")
COLUMNS = N_("Entry {seq} has other values in its columns than in the entry itself.")
MALFORMED = N_("Entry {seq} does not have the format of an entry.")
END = N_("Entry {seq} does not match the chain's checksum.")
CUT = N_("Entry {seq} is missing. The log is shorter than when the checksum was kept.")
REWRITTEN = N_("Entry {seq} does not match the checksum. That entry, or an earlier one, has been rewritten.")


@dataclass(frozen=True)
class Verdict:
    """The result: `size` valid entries, ending with `head`. `broken`: the number of the first invalid entry."""

    size: int
    head: str
    broken: int | None = None
    fault: str = ""  # a message with the fact {seq}

    @property
    def ok(self) -> bool:
        return not self.fault

    @property
    def sentence(self) -> str:
        return self.fault.format(seq=self.broken)


def next_hash(last: bytes, payload: bytes) -> bytes:
    """The hash of the entry with that payload, after the entry whose hash is `last`."""
    return hashlib.sha256(last + payload).digest()


def verify(session: Session, against: str | None = None, *, canonical: bool = True) -> Verdict:
    """Verify every entry and the chain's head.

    `against`: a kept head ("size:hash") to compare with. `canonical`: also check that each payload is canonical JSON,
    which takes three quarters of the time and finds mistakes of the program rather than tampering.
    """
    kept_size, kept_hash = parse_head(against) if against else (0, START)
    size, last = 0, START

    def verdict(broken: int | None = None, fault: str = "") -> Verdict:
        return Verdict(size, format_head(size, last), broken, fault)

    try:
        for rows in batches(session):
            good, fault = _valid_rows(rows, size, last, canonical)
            if size < kept_size <= size + good and rows[kept_size - size - 1][4] != kept_hash:
                return verdict(kept_size, REWRITTEN)
            size, last = size + good, rows[good - 1][4] if good else last
            if fault:
                return verdict(*fault)
    except sqlite3.OperationalError as error:
        if "UTF-8" not in str(error):  # somebody has stored bytes in a text column
            raise
        return verdict(size + 1, UNREADABLE)
    if fault := _end_fault(session, size, last):
        return verdict(*fault)
    return verdict(size + 1, CUT) if kept_size > size else verdict()


def batches(session: Session) -> Iterator[Sequence[Row]]:
    """All entries in order, in batches, from one statement.

    Uses the driver directly: SQLAlchemy's rows would double the time, and PostgreSQL's driver would load all rows.
    """
    connection = session.connection()
    named = ("log",) if connection.dialect.name == "postgresql" else ()
    with closing(connection.connection.cursor(*named)) as cursor:
        cursor.execute(_ROWS)
        while rows := cursor.fetchmany(BATCH):
            yield rows


def _valid_rows(rows: Sequence[Row], size: int, last: bytes, canonical: bool) -> tuple[int, tuple[int, str] | None]:
    """The number of rows that validly continue a chain of `size` entries, and the error of the next row."""
    good, fault = 0, None
    for row in rows:
        if fault := _fault(size + good + 1, last, *row):
            break
        good, last = good + 1, row[4]
    first_odd = _first_not_canonical(rows[:good]) if canonical else None
    return (good, fault) if first_odd is None else (first_odd, (size + first_odd + 1, MALFORMED))


def _fault(
    expected: int, last: bytes, seq: int, action: Any, subject: Any, payload: Any, digest: Any
) -> tuple[int, str] | None:
    if seq != expected:
        return (expected, MISSING) if seq > expected else (seq, EXTRA)
    if type(payload) is not bytes or next_hash(last, payload) != digest:
        return seq, CHANGED
    return None if columns_agree(seq, action, subject, payload) else (seq, COLUMNS)


def columns_agree(seq: int, action: Any, subject: Any, payload: bytes) -> bool:
    """Whether the columns agree with the payload; its members are sorted, so they are at its start and end."""
    return (
        type(action) is str
        and type(subject) is str
        and payload.startswith(_opening(action))
        and payload.endswith(f',"seq":{seq},"subject":{_quoted(subject)}}}'.encode())
    )


@lru_cache(maxsize=256)
def _opening(action: str) -> bytes:
    return f'{{"action":{encode(action)},"actor":"'.encode()


def _first_not_canonical(rows: Sequence[Row]) -> int | None:
    """The first row whose payload is not canonical. All rows are checked together first, which takes half the time."""
    try:
        joined = b"[%b]" % b",".join([row[3] for row in rows])
        written = joined.decode()
        entries = json.loads(written)
        # With its own seq in its own place no entry can hide in, or reach into, its neighbours' bytes.
        if (
            (written.isascii() or unicodedata.is_normalized("NFC", written))
            and encode(entries) == written
            and [entry["seq"] for entry in entries] == [row[0] for row in rows]
            and all(map(_has_all_members, entries))
        ):
            return None
    except (ValueError, TypeError, KeyError, RecursionError):
        pass
    return next((index for index, row in enumerate(rows) if parse(row[3]) is None), None)


_MEMBERS = set(MEMBERS)


def _has_all_members(entry: Any) -> bool:
    """Whether it is an entry as docs/log-format.md has it. How deep JSON may be nested depends on the Python."""
    return isinstance(entry, dict) and entry.keys() == _MEMBERS and isinstance(entry["data"], dict)


def parse(payload: bytes) -> dict[str, Any] | None:
    """The entry in the payload; None if the bytes are not canonical JSON."""
    try:
        entry = json.loads(payload.decode())
        same = encode(as_json_types(entry)).encode() == payload
    except (ValueError, TypeError, RecursionError):
        return None
    return entry if same and _has_all_members(entry) else None


def as_json_types(value: Any) -> Any:
    """The value as JSON types: text in NFC, dates as YYYY-MM-DD, instants in UTC ending in Z."""
    if isinstance(value, str):
        return value if value.isascii() else unicodedata.normalize("NFC", value)
    if value is None or isinstance(value, (int, float)):
        return value
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise TypeError(f"the log takes only text as a key: {list(value)}")
        return {as_json_types(key): as_json_types(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_json_types(item) for item in value]
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        return utc(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"the log cannot keep a {type(value).__name__}: {value!r}")


def _end_fault(session: Session, size: int, last: bytes) -> tuple[int, str] | None:
    if not inspect(session.connection()).has_table(_HEAD.name):
        return size, END
    rows = session.connection().execute(select(_HEAD.c.seq, _HEAD.c.hash)).all()
    if len(rows) != 1:
        return size, END
    [found] = rows
    if found.seq == size:
        return None if found.hash == last else (size, END)
    return (size + 1, MISSING) if found.seq > size else (found.seq + 1, EXTRA)


def format_head(size: int, last: bytes) -> str:
    return f"{size}:{last.hex()}"


def parse_head(kept: str) -> tuple[int, bytes]:
    """Parse "size:hash". Raises ValueError."""
    size, _, digits = kept.strip().partition(":")
    if not (size.isascii() and size.isdigit() and len(digits) == 64):
        raise ValueError(f"{kept!r} is not a head: a number, a colon and 64 hexadecimal digits")
    digest = bytes.fromhex(digits)
    if int(size) == 0 and digest != START:
        raise ValueError(f"{kept!r} is not a head: an empty log ends in zeros")
    return int(size), digest
