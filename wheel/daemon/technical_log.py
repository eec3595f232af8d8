"""The technical log on stderr, which systemd keeps in the journal: an error that repeats itself is one line a try."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

from wheel.errors import ArshjulError

FORGOTTEN = 3600.0  # seconds without an error until its traceback is written again
LONGEST = 300  # characters of an error in one line

Kind = tuple[str, type[BaseException], object]


class TracebackOnce(logging.Filter):
    """Lets the traceback of an error through the first time. None is needed for what the program can put in words."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: dict[Kind, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if error is None:
            return True
        kind, now = (str(record.msg), type(error), _place(error)), time.monotonic()
        repeated = now - self._seen.get(kind, -FORGOTTEN) < FORGOTTEN
        self._seen[kind] = now
        if repeated or isinstance(error, ArshjulError):
            said = " ".join(f"{type(error).__name__}: {error}".split())[:LONGEST]
            record.msg, record.args = "%s: %s", (record.getMessage(), said)
            record.exc_info = record.exc_text = None
        return True


@contextmanager
def technical_log() -> Iterator[None]:
    """Write warnings and errors of all libraries to stderr meanwhile."""
    handler = logging.StreamHandler()
    handler.setLevel(logging.WARNING)
    handler.addFilter(TracebackOnce())
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)


def _place(error: BaseException) -> object:
    """The file and line at which it was raised."""
    found = error.__traceback__
    while found is not None and found.tb_next is not None:
        found = found.tb_next
    return found and (found.tb_frame.f_code.co_filename, found.tb_lineno)
