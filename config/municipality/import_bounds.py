"""How much is read from a file that somebody imports. Without bounds a mistaken or hostile file takes all memory."""

from pathlib import Path
from unicodedata import normalize

from workflows.messages import N_

MOST_BYTES = 5_000_000
MOST = 10_000  # rows, events, or meetings of recurring events; a large municipality has a thousand a year
MOST_FAULTS = 20

_FEWER = N_("Export fewer years or fewer calendars at a time.")


class TooMuchError(Exception):
    """The file holds too much. `message` and `cure` are translatable, with `facts` to fill in."""

    def __init__(self, message: str, most: int) -> None:
        super().__init__(message)
        self.message, self.cure, self.facts = message, _FEWER, {"most": most}


def read_bounded(file: Path) -> str:
    """The file's text, in NFC: macOS and PDF write å as two characters. Raises TooMuchError, OSError, UnicodeError."""
    with file.open("rb") as opened:
        found = opened.read(MOST_BYTES + 1)  # a device such as /dev/zero has no end and no size
    if len(found) > MOST_BYTES:
        raise TooMuchError(N_("The file is larger than {most} MB."), MOST_BYTES // 1_000_000)
    return normalize("NFC", found.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n"))
