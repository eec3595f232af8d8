"""How the contract's keys and instants are written for people and programs."""

from datetime import datetime

from config.text.texts import Texts
from workflows.dates import instants
from workflows.messages import N_

STATUS = {
    "upcoming": N_("upcoming"),
    "in_progress": N_("in progress"),
    "done": N_("done"),
    "sent_back": N_("sent back"),
    "overdue": N_("overdue"),
    "postponed": N_("postponed"),
    "withdrawn": N_("withdrawn"),
    "not_concerned": N_("not concerned"),
    "before_introduction": N_("before introduction"),
    "draft": N_("draft"),
}

SOURCES = {"local choice": N_("set locally"), "law": N_("law")}  # the others are the municipality's own words

# What a stored text could do to a terminal: colours, another title, the order of the letters.
_COMMANDS = (*range(9), *range(11, 32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_SEEN = {each: f"\\x{each:02x}" if each < 256 else f"\\u{each:04x}" for each in _COMMANDS}


def harmless(line: str) -> str:
    """The line with its control characters to be read (`\\x1b`), not obeyed."""
    return line.translate(_SEEN)


def source_word(source: str, t: Texts) -> str:
    """Where a date comes from, as people read it."""
    return t(SOURCES[source]) if source in SOURCES else source


def utc(instant: datetime | None) -> str | None:
    """An instant as the contract writes it; None where there is none."""
    return instants.utc(instant) if instant else None
