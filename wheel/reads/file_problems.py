"""Checks the files of a home, for `status`: who can read them, and how old the last backup is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from config.text.texts import Texts
from wheel.daemon_intervals import BACKUP_OLD
from wheel.home.last_backup import last_backup
from wheel.home.own_files import OwnFiles, has_other_names
from workflows.dates.instants import utc
from workflows.definition.definition import Text
from workflows.messages import N_

NAMED = 5  # files in a problem's sentence


@dataclass(frozen=True)
class Problem:
    """A problem: a code that never changes, and a sentence that says what to do."""

    code: str
    message: str
    facts: dict[str, Any]


def file_problems(files: OwnFiles, home: Row[Any], now: datetime) -> list[Problem]:
    return [*_open_to_others(files), *_other_names(files), *(() if home.practice else _backup(files, home, now))]


def _open_to_others(files: OwnFiles) -> Iterator[Problem]:
    if found := files.open_to_others():
        text = N_("Others than the owner can read or change: {files}.")
        yield Problem("open_to_others", text, {"files": [*found[:NAMED], *(["…"] if found[NAMED:] else [])]})


def _other_names(files: OwnFiles) -> Iterator[Problem]:
    if files.database and has_other_names(files.database):
        text = N_(
            "The database {file} has another name too (a hard link). SQLite damages a database that is used under two "
            "names. Remove the other one, or replace it by a copy."
        )
        yield Problem("database_linked", text, {"file": files.database})


def _backup(files: OwnFiles, home: Row[Any], now: datetime) -> Iterator[Problem]:
    last = last_backup(files.home.root)
    if last.failed:
        why = Text(sv=Texts("sv")(last.message, **last.facts), en=Texts("en")(last.message, **last.facts))
        text = N_("The last backup failed at {at}: {why}")
        yield Problem("backup_failed", text, {"at": utc(last.failed), "why": why})
    elif last.made and now - last.made > BACKUP_OLD:
        yield Problem("backup_old", N_("The last backup was made at {at}."), {"at": utc(last.made)})
    # A server may have backups of its own, of which the program knows nothing.
    elif not last.made and files.database and now - home.created_at > BACKUP_OLD:
        yield Problem("backup_missing", N_("There is no backup of the database."), {})
