"""Notes when the last backup was made and whether it failed since: the backups themselves may be moved away."""

import json
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from wheel.errors import ArshjulError
from wheel.home.folder import HomeFolder
from wheel.private_files import whole_file
from workflows.dates.instants import utc


@dataclass(frozen=True)
class LastBackup:
    """`made`: the last one; None if there was none. `failed`: the last attempt, if it failed, with an untranslated
    message."""

    made: datetime | None = None
    failed: datetime | None = None
    message: str = ""
    facts: dict[str, str] = field(default_factory=dict)


def last_backup(home: Path) -> LastBackup:
    """Nothing where no backup was tried, or where the note cannot be read."""
    try:
        found = json.loads(HomeFolder(home).last_backup.read_text(encoding="utf-8"))
        made, failed = (datetime.fromisoformat(at) if at else None for at in (found["made"], found["failed"]))
        return LastBackup(made, failed, found["message"], found["facts"])
    except (OSError, ValueError, KeyError, TypeError):
        return LastBackup()


def note_backup(home: Path, now: datetime, error: Exception | None = None) -> None:
    """Where the note cannot be written, the last one grows old, and `status` reports that."""
    made = now if error is None else last_backup(home).made
    message, facts = _said(error) if error is not None else ("", {})
    note = {
        "made": utc(made) if made is not None else None,
        "failed": utc(now) if error is not None else None,
        "message": message,
        "facts": {name: str(value) for name, value in facts.items()},
    }
    with suppress(OSError), whole_file(HomeFolder(home).last_backup) as file:
        json.dump(note, file, ensure_ascii=False)


def _said(error: Exception) -> tuple[str, dict[str, object]]:
    if isinstance(error, ArshjulError):
        return error.message, error.facts
    if isinstance(error, OSError) and error.filename:
        return "{file}: {why}", {"file": error.filename, "why": error.strerror}
    return "{error}", {"error": f"{type(error).__name__}: {error}"}
