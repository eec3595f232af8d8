"""Reads the version of a plan at the moment a command starts.

If two commands start at once, one is done and the other is told that somebody was faster, even if neither names a
version. That works only if the version is read before the engine's libraries are loaded, which takes half a second. So
it is read with the database's own driver, in one statement.
"""

import os
import tomllib
from pathlib import Path

_OF_PLAN = "SELECT version FROM plan WHERE address = {}"
_OF_ENTRY = "SELECT plan.version FROM plan JOIN log_entry ON log_entry.subject = plan.address WHERE log_entry.seq = {}"


def version_seen(home: Path, database: str | None, subject: str | int) -> int | None:
    """The version of the plan at that address, or that the log entry is about; None if it cannot be read."""
    query = _OF_ENTRY if isinstance(subject, int) else _OF_PLAN
    try:
        url = database or _address_in(home / "arshjul.toml") or f"sqlite:///{home / 'arshjul.db'}"
        if url.startswith("sqlite:///"):
            return _on_sqlite(url.removeprefix("sqlite:///"), query, subject)
        return _on_postgresql(url.replace("+psycopg", "", 1), query, subject)
    except Exception:  # whatever it is, the engine meets the same error and reports it properly
        return None


def _address_in(settings: Path) -> str:
    if from_environment := os.environ.get("ARSHJUL_DATABASE"):
        return from_environment
    return str(tomllib.loads(settings.read_text(encoding="utf-8-sig")).get("database", ""))


def _on_sqlite(path: str, query: str, subject: str | int) -> int | None:
    import sqlite3

    connection = sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro", uri=True)
    try:
        row = connection.execute(query.format("?"), (subject,)).fetchone()
    finally:
        connection.close()
    return row[0] if row else None


def _on_postgresql(url: str, query: str, subject: str | int) -> int | None:
    import psycopg

    with psycopg.connect(url, connect_timeout=10) as connection:
        row = connection.execute(query.format("%s"), (subject,)).fetchone()
    return row[0] if row else None
