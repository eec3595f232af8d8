"""The files that the program itself works with: nothing else may be written over them, nobody else may read them."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from config.municipality.faults import Fault
from config.settings.settings import Settings, setting_fault
from wheel.home.folder import HomeFolder
from wheel.private_files import OTHERS

BESIDE_A_DATABASE = ("", "-wal", "-shm", "-journal", ".lock")


@dataclass(frozen=True)
class OwnFiles:
    """Those in a home, and those elsewhere that its settings name. `database`: the SQLite file; None on PostgreSQL."""

    home: HomeFolder
    settings: Settings
    database: Path | None

    def contain(self, path: Path) -> bool:
        """Whether writing to `path` would change one of them, through links too."""
        folders = [folder for folder in self._folders if folder.is_dir()]
        if any(parent.samefile(folder) for parent in real(path).parents if parent.is_dir() for folder in folders):
            return True
        files = [*self._files, *self._named]
        if path.is_file() and path.stat().st_nlink > 1:
            files += [file for folder in folders for file in folder.rglob("*") if file.is_file()]
        return any(_same(path, file) for file in files)

    def open_to_others(self) -> list[Path]:
        """Those that others than the owner may read or change. The certificates in `ca_file` are no secret."""
        found = [self.home.root, *self._folders, *self._files, *self.home.backups.glob("*"), *self._named[:1]]
        return [path for path in found if _mode(path) & OTHERS]

    def health_faults(self) -> list[Fault]:
        """Why the health file cannot be written. Only the daemon writes it; its folder may be missing without one."""
        if not self.settings.health.file:
            return []
        path, place = self.home.root / self.settings.health.file, ("health", "file")
        if self.contain(path):
            return [setting_fault(self.home.root, place, "own_file", path=path)]
        if not path.parent.is_dir():
            return [setting_fault(self.home.root, place, "no_folder", path=path.parent)]
        if not _may_be_health(path):
            return [setting_fault(self.home.root, place, "other_file", path=path)]
        return []

    @property
    def _folders(self) -> tuple[Path, ...]:
        return self.home.backups, self.home.mailbox, self.home.municipality

    @property
    def _files(self) -> Iterator[Path]:
        yield from (self.home.settings, self.home.lock, self.home.last_backup)
        for database in {self.home.database, self.database or self.home.database}:
            yield from (database.with_name(database.name + ending) for ending in BESIDE_A_DATABASE)

    @property
    def _named(self) -> list[Path]:
        """The password file first."""
        smtp = self.settings.smtp
        return [self.home.root / name if name else self.home.settings for name in (smtp.password_file, smtp.ca_file)]


def real(path: Path) -> Path:
    """What the path stands for. A circle of links, at which `Path.resolve` fails in Python 3.11, stays as it is."""
    return Path(os.path.realpath(path))


def has_other_names(database: Path) -> bool:
    """Whether the file has hard links."""
    return database.exists() and database.stat().st_nlink > 1


def _mode(path: Path) -> int:
    """0 for a file that is not there, or no more, such as SQLite's."""
    try:
        return path.stat().st_mode
    except OSError:
        return 0


def _may_be_health(path: Path) -> bool:
    """Whether the daemon may replace the file: there is none, or it is empty or a former one."""
    try:
        text = path.read_text(encoding="utf-8")
        return not text or "well" in json.loads(text)
    except FileNotFoundError:
        return True
    except (OSError, ValueError, TypeError):
        return False


def _same(one: Path, other: Path) -> bool:
    """Whether they are one file, or would be if they existed."""
    one, other = real(one), real(other)
    return one == other or (one.exists() and other.exists() and one.samefile(other))
