"""Deadlines as events that a calendar program can import (RFC 5545; in a mail RFC 6047)."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

from icalendar import Calendar, Event, vText

from config.text.texts import Texts
from notifications.content.content import CalendarEntry, NoticeContent
from notifications.content.wording import one_line


class _Text(vText):
    r"""The library takes `\N` in a text for a line break; here it is a backslash and an N, as it was typed."""

    def to_ical(self) -> bytes:
        return rb"\\N".join(vText(part).to_ical() for part in self.split(r"\N"))


def calendar_of(t: Texts, told: Sequence[NoticeContent], organizer: str, domain: str, now: datetime) -> bytes:
    """The deadlines of a mail as one calendar; empty if there are none.

    METHOD is PUBLISH: nobody is invited. `organizer`: the mail address that is responsible for it. `now`: when the mail
    is made; of two entries with the same SEQUENCE a calendar program takes the newer one.
    """
    found = {(item.address, entry): item for item in told for entry in item.calendar}
    if not found:
        return b""
    calendar = new_calendar("notice")
    for (_, entry), item in found.items():
        calendar.add_component(_deadline(t, item, entry, organizer, domain, now))
    return written(calendar)


def _deadline(t: Texts, item: NoticeContent, entry: CalendarEntry, organizer: str, domain: str, now: datetime) -> Event:
    summary = t("Deadline: {title}", title=one_line(item.title))
    told = () if entry.status == "cancelled" else (item.task, item.then, item.url or "", item.address)
    uid = f"{digest(one_line(entry.about))}@{domain}"
    event = event_on(entry.day, entry.hours, uid=uid, made=now, summary=summary, told=told)
    event.add("sequence", entry.sequence)
    event.add("status", entry.status.upper())
    event.add("organizer", f"mailto:{organizer}")
    return event


def new_calendar(about: str) -> Calendar:
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", f"-//Arshjul//{about}//EN")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    return calendar


def event_on(
    day: date,
    hours: tuple[datetime, datetime | None] | None,
    *,
    uid: str,
    made: datetime,
    summary: str,
    told: Sequence[str],
) -> Event:
    """An event of the whole day, or of those hours, that does not block the reader's time.

    `hours`: when it begins and ends, in UTC; without an end it is a moment. `told`: the lines of its description.
    """
    begins, ends = hours or (day, day + timedelta(days=1))
    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", made.astimezone(UTC))
    event.add("dtstart", begins)
    if ends is not None:
        event.add("dtend", ends)
    event.add("summary", _Text(one_line(summary)))
    if lines := [line for line in map(one_line, told) if line]:
        event.add("description", _Text("\n".join(lines)))
    event.add("transp", "TRANSPARENT")
    return event


def written(calendar: Calendar) -> bytes:
    raw: bytes = calendar.to_ical(sorted=False)  # VERSION first, as the standard's examples have it
    return raw


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:32]
