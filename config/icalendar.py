"""The events of an iCalendar file (RFC 5545), as far as meetings need them: when each begins, and its name."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from workflows.messages import N_

# What Outlook calls the zone of Sweden.
WINDOWS = {
    "w. europe standard time": "Europe/Berlin",
    "central europe standard time": "Europe/Budapest",
    "central european standard time": "Europe/Warsaw",
    "romance standard time": "Europe/Paris",
    "fle standard time": "Europe/Helsinki",
    "gmt standard time": "Europe/London",
}
_NAME = re.compile(r"[A-Za-z0-9-]+")
_PARAMETER = re.compile(r';([A-Za-z0-9-]+)=((?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)')
_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")
_TIME = re.compile(r"(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})(Z?)")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


class NotSo(ValueError):
    """A sentence with its cure, and the facts of both."""

    def __init__(self, message: str, cure: str, **facts: object) -> None:
        super().__init__(message.format_map(facts))
        self.message, self.cure, self.facts = message, cure, facts


@dataclass(frozen=True)
class Property:
    line: int
    name: str
    parameters: dict[str, str]
    value: str


@dataclass
class Event:
    """`line`: where it begins."""

    line: int
    properties: dict[str, Property] = field(default_factory=dict)

    @property
    def summary(self) -> str:
        found = self.properties.get("SUMMARY")
        return _ESCAPED.sub(lambda m: "\n" if m[1] in "nN" else m[1], found.value) if found else ""

    @property
    def is_cancelled(self) -> bool:
        found = self.properties.get("STATUS")
        return found is not None and found.value.strip().upper() == "CANCELLED"

    def day(self, zone: str) -> date:
        """The day on which it begins, in the municipality's zone. Raises NotSo."""
        if "RRULE" in self.properties or "RDATE" in self.properties:
            cure = N_("Export the meetings as single events.")
            raise NotSo(N_("The event repeats itself, which is not read."), cure)
        if (start := self.properties.get("DTSTART")) is None:
            raise NotSo(N_("The event has no DTSTART."), N_("Give it a day."))
        return _day(start, zone)


def unfolded(text: str) -> Iterator[tuple[int, str]]:
    """The content lines, each with the number of its first line: one that begins with a space continues the last."""
    number, line = 0, ""
    for at, part in enumerate(re.split(r"\r\n|\n|\r", text), 1):
        if part[:1] in (" ", "\t") and number:
            line += part[1:]
            continue
        if line.strip():
            yield number, line
        number, line = at, part
    if line.strip():
        yield number, line


def events(text: str) -> Iterator[Event]:
    """Those of the file. Raises NotSo where it is none."""
    lines = list(unfolded(text.removeprefix("\ufeff")))
    if not lines or lines[0][1].strip().upper() != "BEGIN:VCALENDAR":
        raise NotSo(N_("This is not iCalendar: it does not begin with BEGIN:VCALENDAR."), N_("Export it as .ics."))
    within: list[str] = []
    event: Event | None = None
    for number, line in lines:
        found = _property(number, line)
        if found.name == "BEGIN":
            within.append(found.value.strip().upper())
            event = Event(number) if within[-1] == "VEVENT" else event
        elif found.name == "END":
            if not within or within.pop() != found.value.strip().upper():
                message, cure = N_("Line {number} ends what has not begun."), N_("Export the calendar again.")
                raise NotSo(message, cure, number=number)
            if event is not None and "VEVENT" not in within and found.value.strip().upper() == "VEVENT":
                yield event
                event = None
        elif event is not None and within[-1:] == ["VEVENT"]:  # an alarm inside it has times of its own
            event.properties.setdefault(found.name, found)
    if within:
        message, cure = N_("The file ends inside {what}."), N_("Export the calendar again.")
        raise NotSo(message, cure, what=within[-1])


def _property(number: int, line: str) -> Property:
    name = _NAME.match(line)
    end = name.end() if name else 0
    parameters = {}
    while name and (found := _PARAMETER.match(line, end)):
        parameters[found[1].upper()] = found[2].strip('"')
        end = found.end()
    if not name or line[end : end + 1] != ":":
        message, cure = N_("Line {number} is no line of iCalendar."), N_("Export the calendar again.")
        raise NotSo(message, cure, number=number)
    return Property(number, name[0].upper(), parameters, line[end + 1 :])


def _day(start: Property, zone: str) -> date:
    value = start.value.strip()
    facts = {"value": value}
    message, cure = N_("{value} is no day of iCalendar."), N_("It is written as 20270224 or 20270224T130000.")
    try:
        if found := _DAY.fullmatch(value):
            return date(*map(int, found.groups()))
        if found := _TIME.fullmatch(value):
            year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
            at = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
        else:
            raise NotSo(message, cure, **facts)
    except ValueError as error:
        raise error if isinstance(error, NotSo) else NotSo(message, cure, **facts) from None
    if found[7]:
        return at.astimezone(ZoneInfo(zone)).date()
    if "TZID" not in start.parameters:
        return at.date()  # by the clock on the wall, wherever that hangs
    return at.replace(tzinfo=_zone(start.parameters["TZID"])).astimezone(ZoneInfo(zone)).date()


def _zone(name: str) -> ZoneInfo:
    """By its own name, by Outlook's, or by the end of a longer one (/mozilla.org/2027/Europe/Stockholm)."""
    parts = name.strip("/").split("/")
    for each in (WINDOWS.get(name.casefold(), ""), "/".join(parts[-2:]), parts[-1], "/".join(parts[-3:])):
        try:
            return ZoneInfo(each)
        except (ValueError, OSError, KeyError):
            continue
    raise NotSo(N_("The zone {zone} is not known."), N_("Export the calendar in your own zone."), zone=name)
