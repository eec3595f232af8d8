"""Deadlines as whole-day events that a calendar program takes in (RFC 5545; in a mail RFC 6047)."""

import unicodedata
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from config.texts import Texts
from notifications.briefing import Briefing, CalendarEntry
from notifications.wording import one_line

LINE = 75  # octets


def calendar_of(t: Texts, told: Sequence[Briefing], organizer: str, domain: str, now: datetime) -> str:
    """The deadlines of a mail as one calendar; empty where there is none.

    METHOD is PUBLISH: it is told, nobody is invited. `organizer`: the address that answers for it; `now`: when the
    mail is made, by which of two with the same SEQUENCE the newer one counts.
    """
    found = {(item.address, entry): item for item in told for entry in item.calendar}
    if not found:
        return ""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Arshjul//notice//EN", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"]
    for (_, entry), item in found.items():
        lines += _event(t, item, entry, organizer, domain, now)
    return "".join(folded(line) for line in [*lines, "END:VCALENDAR"])


def _event(t: Texts, item: Briefing, entry: CalendarEntry, organizer: str, domain: str, now: datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{sha256(one_line(entry.about).encode()).hexdigest()[:32]}@{domain}"
    yield f"DTSTAMP:{stamp(now)}"
    yield f"SEQUENCE:{entry.sequence}"
    yield f"STATUS:{entry.status.upper()}"
    yield f"ORGANIZER:mailto:{organizer}"
    yield f"DTSTART;VALUE=DATE:{entry.day:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{entry.day + timedelta(days=1):%Y%m%d}"
    summary = t("Deadline: {title}", title=one_line(item.title))
    yield f"SUMMARY:{escaped(summary)}"
    if entry.status != "cancelled":
        told = [one_line(item.task), one_line(item.then), one_line(item.url or ""), one_line(item.address)]
        yield f"DESCRIPTION:{escaped(chr(10).join(filter(None, told)))}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def stamp(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def escaped(text: str) -> str:
    """A text value (RFC 5545, 3.3.11), without the control characters that it may not hold."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(c if c == "\n" or unicodedata.category(c) not in ("Cc", "Cs") else " " for c in text)
    for plain, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        text = text.replace(plain, written)
    return text


def folded(line: str) -> str:
    """A content line of at most 75 octets each, no character cut in two (RFC 5545, 3.1)."""
    return "\r\n ".join(_pieces(line)) + "\r\n"


def _pieces(line: str) -> Iterator[str]:
    piece, size = "", 0
    for character in line:
        octets = len(character.encode())
        if size + octets > LINE:
            yield piece
            piece, size = "", 1  # the blank that the next line begins with
        piece, size = piece + character, size + octets
    yield piece
