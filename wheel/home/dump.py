"""Dumps a database to a text file and loads it into an empty one of either kind: the way to PostgreSQL, and back.

A dump has one JSON document per line: a header; for each table its columns and then its rows, in batches; the number of
rows of each table with the SHA-256 of all the lines before.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, TextIO

from sqlalchemy import Connection, Table, delete, func, insert, select, text
from sqlmodel import Session, SQLModel

from notifications import tables as _of_mail  # noqa: F401  # its tables belong to the metadata
from wheel.audit.chain import verify
from wheel.database.store import HEAD, Store
from wheel.errors import ArshjulError
from wheel.home.restored import mark_restored
from wheel.private_files import private_files
from workflows.messages import N_

FORMAT = 1
BATCH = 500  # rows per line


class DumpError(ArshjulError):
    """Nothing was dumped or loaded: everything is as it was."""

    kind = "faulty"


@dataclass(frozen=True)
class Dumped:
    """What a dump contains, or what was loaded from one. `head`: the end of its log (size:hash)."""

    rows: int
    head: str


def dump(session: Session, file: TextIO) -> Dumped:
    """Write every row of the database, as it was at one moment. Raises DumpError for a broken log."""
    verdict = verify(session)
    if not verdict.ok:
        raise DumpError(N_("The log is broken, first at entry {seq}. Nothing was dumped."), seq=verdict.broken)
    digest, counts = sha256(), {}

    def write(document: dict[str, Any]) -> None:
        line = json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n"
        digest.update(line.encode())
        file.write(line)

    write({"arshjul_dump": FORMAT, "schema": HEAD, "head": verdict.head})
    for table in SQLModel.metadata.sorted_tables:
        counts[table.name] = 0
        write({"table": table.name, "columns": [column.name for column in table.columns]})
        query = select(table).order_by(*table.primary_key).execution_options(yield_per=BATCH)
        for rows in session.connection().execute(query).partitions():
            write({"rows": [[_plain(value) for value in row] for row in rows]})
            counts[table.name] += len(rows)
    end = {"end": counts, "sha256": digest.hexdigest()}
    file.write(json.dumps(end, separators=(",", ":")) + "\n")
    return Dumped(sum(counts.values()), verdict.head)


def load(store: Store, path: Path, now: datetime, actor: str, permit: Callable[[Session], None]) -> Dumped:
    """Make the tables in an empty database and fill them, in one transaction. No mail leaves afterwards until somebody
    has looked, as after a restore.

    `permit` raises if the actor may not do this, judged by the people in the dump. Raises DumpError for a file that is
    no whole dump of this program's revision, and if the database is not empty.
    """
    if path.is_dir():
        raise DumpError(N_("{path} is a folder. Give the file of the dump."), path=path)
    if not path.is_file():
        raise DumpError(N_("The file {path} does not exist."), path=path)
    if store.version() is not None:
        text = N_("{place} is not empty: it is an Årshjul database already. Move it away, or choose an empty one.")
        raise DumpError(text, place=store.place)
    loaded = []

    def fill(connection: Connection) -> None:
        with path.open(encoding="utf-8", newline="\n") as file, closing(Session(connection)) as session:
            loaded.append(_fill(connection, session, file, path))
            permit(session)
            mark_restored(session, now, actor, {"file": path.name, "replaced": None})

    with private_files():
        store.create(fill)
    return loaded[0]


def _fill(connection: Connection, session: Session, file: TextIO, path: Path) -> Dumped:
    """Insert what the lines say, after they have been verified, and verify that all of it came. Raises DumpError."""
    tables = {table.name: table for table in SQLModel.metadata.sorted_tables}
    counts: dict[str, int] = {}
    table: Table | None = None
    head: str | None = None
    try:
        for _ in _documents(file, path):
            pass
        file.seek(0)
        for document in _documents(file, path):
            if "schema" in document:
                head = _known(document, path)
            elif "table" in document:
                table, columns = tables[document["table"]], document["columns"]
                counts[table.name] = 0
                if connection.execute(select(table).limit(1)).first():  # made with the schema: an empty log's head
                    connection.execute(delete(table))
            elif "rows" in document and table is not None:
                rows = [_row(table, columns, values) for values in document["rows"]]
                connection.execute(insert(table), rows)
                counts[table.name] += len(rows)
            elif counts != document["end"] or counts.keys() != tables.keys():
                raise _not_whole(path)
    except (KeyError, ValueError, TypeError) as error:
        raise _not_whole(path) from error
    if connection.dialect.name == "postgresql":
        _set_sequences(connection)
    verdict = verify(session)
    if not verdict.ok or verdict.head != head:
        raise DumpError(N_("The log in {path} is broken, first at entry {seq}."), path=path, seq=verdict.broken or "–")
    return Dumped(sum(counts.values()), verdict.head)


def _documents(file: TextIO, path: Path) -> Iterator[dict[str, Any]]:
    """The documents of a dump that is whole. Raises DumpError where its end is missing or its lines were changed."""
    digest = sha256()
    for line in file:
        document: dict[str, Any] = json.loads(line)
        if "end" in document:
            if document["sha256"] != digest.hexdigest() or file.read():
                break
            yield document
            return
        digest.update(line.encode())
        yield document
    raise _not_whole(path)


def _known(header: dict[str, Any], path: Path) -> str:
    if (header["arshjul_dump"], header["schema"]) != (FORMAT, HEAD):
        text = N_(
            "{path} was dumped at revision {found}, but this program requires {head}. Dump it with a program of this "
            "version."
        )
        raise DumpError(text, path=path, found=header["schema"], head=HEAD)
    return str(header["head"])


def _not_whole(path: Path) -> DumpError:
    return DumpError(N_("{path} is not a whole dump. Nothing was loaded."), path=path)


def _plain(value: Any) -> Any:
    """The value as JSON can say it; the column's type tells how it is read back."""
    if isinstance(value, bytes):
        return b64encode(value).decode()
    return value.isoformat() if isinstance(value, date) else value


def _row(table: Table, columns: list[str], values: list[Any]) -> dict[str, Any]:
    return {name: _typed(table, name, value) for name, value in zip(columns, values, strict=True)}


def _typed(table: Table, column: str, value: Any) -> Any:
    type_ = table.columns[column].type
    kind = getattr(type_, "impl", type_).python_type  # our own types wrap one of SQLAlchemy's
    if value is None or kind not in (bytes, datetime, date):
        return value
    if kind is bytes:
        return b64decode(value)
    return datetime.fromisoformat(value) if kind is datetime else date.fromisoformat(value)


def _set_sequences(connection: Connection) -> None:
    """PostgreSQL counts on after the greatest id of each table: rows that come with their ids move no sequence."""
    for table in SQLModel.metadata.sorted_tables:
        sequence = connection.scalar(
            text("SELECT pg_get_serial_sequence(:table, 'id')"), {"table": table.name}
        ) if "id" in table.columns else None  # fmt: skip
        greatest = connection.scalar(select(func.max(table.c.id))) if sequence else None
        if greatest is not None:
            connection.execute(
                text("SELECT setval(:sequence, :greatest)"), {"sequence": sequence, "greatest": greatest}
            )
