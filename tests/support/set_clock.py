"""A clock on the wall that a test can set while a program looks at it: libfaketime, in every process of the homes
over which it hangs. The clock that only goes on is left alone, as when an administrator sets the time.
"""

import platform
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

from tests.support import hurried
from tests.support.installed import Arshjul

PACKAGE_LIBRARY = "vendor/libfaketime/src/libfaketime.so.1"  # in the folder of the package libfaketime
DEBIAN_LIBRARY = "usr/lib/*/faketime/libfaketimeMT.so.1"


class FaketimeMissingError(Exception):
    """The package libfaketime has its library for x86-64 only. The tests of a set clock need another one here. Debian:
    apt-get install libfaketime"""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


def library() -> Path:
    if platform.machine() == "x86_64" and (package := find_spec("libfaketime")) and package.origin:
        return Path(package.origin).parent / PACKAGE_LIBRARY
    if debian := next(Path("/").glob(DEBIAN_LIBRARY), None):
        return debian
    raise FaketimeMissingError


class SetClock:
    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        self._ahead = timedelta(0)
        self._show()
        self._environment = {
            "LD_PRELOAD": str(library()),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def hangs_over(self, home: Arshjul) -> None:
        """All that is run in this home from now on goes by this clock."""
        home.environment |= self._environment
        home.in_process, home.command = False, hurried.COMMAND

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def set(self, now: datetime) -> None:
        self._ahead = now - datetime.now(UTC)
        self._show()

    def set_by(self, step: timedelta) -> None:
        self._ahead += step
        self._show()

    def _show(self) -> None:
        # In one go: a process that looks in between must not read half a number.
        new = self._file.with_suffix(".new")
        new.write_text(f"{self._ahead.total_seconds():+.3f}\n", encoding="ascii")
        new.replace(self._file)
