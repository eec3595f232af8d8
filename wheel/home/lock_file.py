"""Lock files: each is held by one process, and free again when that process ends in any way."""

import fcntl
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

from wheel.errors import ArshjulError, Conflict
from wheel.home.folder import owner
from workflows.messages import N_

logger = logging.getLogger(__name__)

LOOKED_AT = 0.5  # seconds to wait for a lock: who looks whether it is held holds it for a moment


class LockUnusable(ArshjulError):
    """Another user, such as root, has left the lock file. Trying again does not help."""

    kind = "faulty"


class LockFile:
    """A lock file that this process holds. Its content is read from the start; writes are appended."""

    def __init__(self, path: Path, refusal: Conflict) -> None:
        self._path = path
        self._refusal = refusal
        self.file = self._taken()

    def keep(self) -> bool:
        """Take the lock again if somebody has removed or replaced the file, so that no other process can have it too.

        Returns whether that was needed. Raises Conflict if another process has the new file.
        """
        try:
            if _is(self.file, self._path):
                return False
            taken = self._taken()
        except OSError as error:  # for example a full disk
            logger.warning("the lock file %s could not be looked at: %s", self._path, error)
            return False
        self.file.close()
        self.file = taken
        return True

    def close(self) -> None:
        self.file.close()

    def _taken(self) -> FileIO:
        while True:
            file = _opened(self._path)
            try:
                if not _lock(file):
                    raise self._refusal
                if _is(file, self._path):  # otherwise it was removed before it was locked
                    file.seek(0)
                    return file
            except BaseException:
                file.close()
                raise
            file.close()


@contextmanager
def locked(path: Path, refusal: Conflict) -> Iterator[LockFile]:
    """Hold the lock meanwhile. Raises the refusal if another process has it."""
    lock = LockFile(path, refusal)
    try:
        yield lock
    finally:
        lock.close()


def is_locked(path: Path) -> bool | None:
    """Whether some process holds the lock; None if this user cannot see it."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    except OSError:
        return None
    return False


def _opened(path: Path) -> FileIO:
    try:
        return path.open("a+b", buffering=0)
    except PermissionError:
        if not path.exists():
            raise
        text = N_("The lock file {file} belongs to {owner}. Remove the file when no service is running.")
        raise LockUnusable(text, file=path, owner=owner(path)) from None


def _lock(file: FileIO) -> bool:
    give_up = time.monotonic() + LOOKED_AT
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > give_up:
                return False
            time.sleep(LOOKED_AT / 10)  # flock knows no time limit
        else:
            return True


def _is(file: FileIO, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False
