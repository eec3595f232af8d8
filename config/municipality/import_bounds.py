"""How much is read from a file that somebody imports. Without bounds a mistaken or hostile file takes all memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from unicodedata import normalize

from config.municipality.faults import Fault, FaultyFilesError
from workflows.messages import N_

MOST_BYTES = 5_000_000
MOST = 10_000  # rows, events, or meetings of recurring events; a large municipality has a thousand a year
MOST_FAULTS = 20

FEWER = N_("Export fewer years or fewer calendars at a time.")

NOT_UTF8 = N_("The file is not in UTF-8."), N_("Save the file as UTF-8. In Excel: CSV UTF-8.")


class TooMuchError(Exception):
    """The file holds too much. `message` and `cure` are translatable, with `facts` to fill in."""

    def __init__(self, message: str, most: int, cure: str = FEWER) -> None:
        super().__init__(message)
        self.message, self.cure, self.facts = message, cure, {"most": most}


@contextmanager
def reading(name: str) -> Iterator[None]:
    """Raises FaultyFilesError for a file of that name that cannot be read in this block."""
    code, facts = "unreadable", dict[str, object]()
    try:
        yield
        return
    except TooMuchError as error:
        code, message, cure, facts = "too_much", error.message, error.cure, dict(error.facts)
    except UnicodeDecodeError:
        code, (message, cure) = "encoding", NOT_UTF8
    except OSError as error:
        message, cure = N_("The file cannot be read: {why}."), N_("Check that the file exists and may be read.")
        facts = {"why": error.strerror or str(error)}
    raise FaultyFilesError([Fault(code, name, 1, "", message, cure, facts)])


def read_bounded(file: Path) -> str:
    """The file's text, in NFC: macOS and PDF write å as two characters. Raises TooMuchError, OSError, UnicodeError."""
    with file.open("rb") as opened:
        return bounded_text(opened)


def bounded_text(opened: BinaryIO) -> str:
    """The bytes that can be read from there, bounded as in `read_bounded`."""
    found = opened.read(MOST_BYTES + 1)  # a device such as /dev/zero has no end and no size
    if len(found) > MOST_BYTES:
        raise TooMuchError(N_("The file is larger than {most} MB."), MOST_BYTES // 1_000_000)
    return normalize("NFC", found.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n"))
