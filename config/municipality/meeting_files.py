"""Reads meetings for `arshjul meetings import`: TOML like meetings.toml, CSV and iCalendar."""

import csv
import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from io import StringIO
from pathlib import Path
from zoneinfo import ZoneInfo

from icalendar import Calendar, Component, vDDDTypes, vRecur

from config.municipality.faults import Fault, FaultyFilesError
from config.municipality.municipality import meetings_in
from config.municipality.people import OUTSIDE_KNOWN_YEARS
from workflows.dates.workdays import YEARS
from workflows.definition.definition import Body
from workflows.messages import N_

KINDS = (".toml", ".csv", ".ics")
HEADINGS = {
    "body": ("body", "board", "organ", "nämnd", "namnd", "instans", "beslutsorgan"),
    "date": ("date", "day", "datum", "dag", "sammanträde", "sammantrade", "sammanträdesdag", "meeting"),
}
MAX_YEARS_AHEAD = 10  # years from now to which a series without an end is read; `check` looks no further
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[ T]\d{1,2}[:.]\d{2}.*)?")


@dataclass
class ImportedMeetings:
    """`days`: the meetings of each body, sorted. `passed_over`: line and title of the events that name no body."""

    days: dict[str, tuple[date, ...]] = field(default_factory=dict)
    passed_over: list[tuple[int, str]] = field(default_factory=list)


class _FileReader:
    """The meetings and faults of one file, collected while it is read."""

    def __init__(self, file: Path, bodies: Mapping[str, Body], zone: str, body: str | None, year: int) -> None:
        self.name, self.bodies, self.zone, self.body, self.year = file.name, bodies, zone, body, year
        self.faults: list[Fault] = []
        self.days: dict[str, dict[date, int]] = {}
        self.passed_over: list[tuple[int, str]] = []

    def fault(self, code: str, line: int, message: str, cure: str, **facts: object) -> None:
        self.faults.append(Fault(code, self.name, line, "", message, cure, facts))

    def add_meeting(self, body: str, day: date, line: int, *, once: bool = False) -> None:
        """Add a meeting. `once`: the same meeting twice is a fault."""
        if day.year not in YEARS:
            self.fault("wrong_year", line, *OUTSIDE_KNOWN_YEARS, name=day.isoformat(), first=YEARS[0], last=YEARS[-1])
        known = self.days.setdefault(body, {})
        if day in known and once:
            message, cure = N_("The meeting {name} occurs twice."), N_("Remove one of them.")
            self.fault("duplicate", line, message, cure, name=day.isoformat())
        known.setdefault(day, line)

    def body_named(self, name: str, line: int) -> str | None:
        """The id of the body with this id, short name or name in either language; if none has, None and a fault."""
        wanted = name.strip().casefold()
        for id, body in self.bodies.items():
            if wanted in {each.casefold() for each in (id, body.short or id, body.name.sv, body.name.en)}:
                return id
        message, cure = N_("The body {name} does not exist."), N_("These exist: {known}.")
        self.fault("unknown_body", line, message, cure, name=name.strip(), known=", ".join(self.bodies))
        return None


def read(file: Path, bodies: Mapping[str, Body], zone: str, body: str | None, year: int) -> ImportedMeetings:
    """Read the meetings of a file; with `body`, only those of that body.

    `zone`: the municipality's time zone, which decides the date of an event with a time. `year`: the current year.
    Raises FaultyFilesError with all errors of the file.
    """
    reader = _FileReader(file, bodies, zone, body, year)
    if (text := _text(file, reader)) is not None:
        kind = file.suffix.lower()
        if kind == ".toml":
            _toml(text, reader)
        elif kind == ".csv":
            _csv(text, reader)
        elif kind == ".ics":
            _ics(text, reader)
        else:
            message, cure = N_("The file type is unknown."), N_("The file name must be one of: {known}.")
            reader.fault("kind", 1, message, cure, known=", ".join(f"*{each}" for each in KINDS))
    if not reader.faults and not any(reader.days.values()):
        message, cure = N_("The file contains no meetings."), N_("Check that it is the right file.")
        reader.fault("empty", 1, message, cure)
    if reader.faults:
        raise FaultyFilesError(reader.faults)
    return ImportedMeetings({id: tuple(sorted(days)) for id, days in reader.days.items() if days}, reader.passed_over)


def _text(file: Path, reader: _FileReader) -> str | None:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        reader.fault("encoding", 1, N_("The file is not in UTF-8."), N_("Save the file as UTF-8."))
    except OSError as error:
        message, cure = N_("The file cannot be read: {why}."), N_("Check that the file exists and may be read.")
        reader.fault("unreadable", 1, message, cure, why=error.strerror or str(error))
    return None


# ---- TOML ------------------------------------------------------------------------------------------------------


def _toml(text: str, reader: _FileReader) -> None:
    days, faults = meetings_in(reader.name, text, reader.bodies)
    reader.faults += faults
    for body, each in days.items():
        if reader.body in (None, body) and not faults:
            for day in each:
                reader.add_meeting(body, day, 1)


# ---- CSV -------------------------------------------------------------------------------------------------------


def _csv(text: str, reader: _FileReader) -> None:
    separator = ";" if text.partition("\n")[0].count(";") else ","
    lines = csv.reader(StringIO(text, newline=""), delimiter=separator)
    columns: dict[str, int] | None = None
    try:
        for cells in lines:
            row = [cell.strip() for cell in cells]
            if not any(row):
                continue
            if columns is None:
                columns = _columns(row)
                if columns is not None:
                    continue
                columns = {"date": 0} if len(row) == 1 else {"body": 0, "date": 1}
            _row(row, columns, lines.line_num, reader)
    except csv.Error as error:
        message, cure = N_("The file is not CSV: {why}."), N_("Correct the line.")
        reader.fault("syntax", lines.line_num, message, cure, why=error)


def _columns(row: Iterable[str]) -> dict[str, int] | None:
    """The positions of the columns; None if the row is not a header."""
    named = [cell.casefold() for cell in row]
    found = {key: named.index(word) for key, words in HEADINGS.items() for word in words if word in named}
    return found if "date" in found else None


def _row(row: list[str], columns: dict[str, int], line: int, reader: _FileReader) -> None:
    cells = {key: row[at] if at < len(row) else "" for key, at in columns.items()}
    body = reader.body
    if "body" in columns:
        body = reader.body_named(cells["body"], line)
    elif body is None:
        message, cure = N_("The file names no body."), N_("State whose meetings the file contains.")
        if not any(fault.code == "no_body" for fault in reader.faults):
            reader.fault("no_body", line, message, cure)
    found = _DAY.fullmatch(cells["date"])
    try:
        day = date.fromisoformat(found[1] if found else "")
    except ValueError:
        message, cure = N_("{name} is not a date."), N_("Write the date like this: 2027-02-24.")
        reader.fault("date", line, message, cure, name=repr(cells["date"]))
        return
    if body and reader.body in (None, body):
        reader.add_meeting(body, day, line, once=True)


# ---- iCalendar -------------------------------------------------------------------------------------------------


def _ics(text: str, reader: _FileReader) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the library guesses zones; good enough for a date
            calendar = Calendar.from_ical(text)
    except ValueError as error:
        message, cure = N_("The file is not iCalendar: {why}."), N_("Export the calendar again, as .ics.")
        reader.fault("syntax", 1, message, cure, why=str(error).partition(":")[0])
        return
    begins = (number for number, line in enumerate(text.splitlines(), 1) if line.strip().upper() == "BEGIN:VEVENT")
    events = list(zip(begins, calendar.walk("VEVENT"), strict=True))
    series = {_uid(event) for _, event in events if _repeats(event)}
    for line, event in events:
        if "RECURRENCE-ID" in event and _uid(event) in series:
            continue  # a changed member of a series is read together with the series
        if not _is_cancelled(event):
            others = [other for _, other in events if "RECURRENCE-ID" in other and _uid(other) == _uid(event)]
            _event(event, others, line, reader)


def _is_cancelled(event: Component) -> bool:
    return str(event.get("STATUS", "")).upper() == "CANCELLED"


def _uid(event: Component) -> str:
    return str(event.get("UID", ""))


def _repeats(event: Component) -> bool:
    return "RRULE" in event or "RDATE" in event or _is_misread(event)


def _is_misread(event: Component) -> bool:
    return not {name for name, _ in event.errors}.isdisjoint(("RRULE", "RDATE", "EXDATE"))


def _members(event: Component, others: Iterable[Component], line: int, reader: _FileReader) -> Sequence[Component]:
    """The events of a series, with the changed members `others`; an endless one ends MAX_YEARS_AHEAD from now."""
    from recurring_ical_events import of  # slow to import, and few calendars have a series

    if _is_misread(event) or not _is_of_days(event):
        cure = N_("Export the meetings as single events.")
        reader.fault("date", line, N_("The event's recurrence cannot be read."), cure)
        return ()
    if (begins := _day_of(event, line, reader)) is None:
        return ()
    if begins.year > YEARS[-1]:
        return [event]
    series = Calendar()
    series.subcomponents = [event, *others]
    last = min(reader.year + MAX_YEARS_AHEAD, YEARS[-1])
    found: Sequence[Component] = of(series).between(date(YEARS[0], 1, 1), date(last + 1, 1, 1))
    return found


def _is_of_days(event: Component) -> bool:
    """Whether the series recurs at most daily. A rule by the second would take for ever to expand."""
    rules = event.get("RRULE", [])
    for rule in rules if isinstance(rules, list) else [rules]:
        if not isinstance(rule, vRecur) or rule.get("FREQ", [""])[0] not in ("DAILY", "WEEKLY", "MONTHLY", "YEARLY"):
            return False
        if any(len(rule.get(part, ())) > 1 for part in ("BYHOUR", "BYMINUTE", "BYSECOND")):
            return False
    return True


def _event(event: Component, others: Iterable[Component], line: int, reader: _FileReader) -> None:
    """Read an event. `others`: the changed members of its series."""
    summary = str(event.get("SUMMARY", ""))
    named = [reader.body] if reader.body else [id for id, body in reader.bodies.items() if _is_of(summary, body)]
    if not named:
        reader.passed_over.append((line, summary))
        return
    if len(named) > 1:
        message, cure = (
            N_("{name} may be a meeting of {bodies}."),
            N_("State whose meetings the file contains."),
        )
        reader.fault("body", line, message, cure, name=repr(summary), bodies=", ".join(map(str, named)))
    for each in _members(event, others, line, reader) if _repeats(event) else [event]:
        day = None if _is_cancelled(each) else _day_of(each, line, reader)
        if day is not None and len(named) == 1:
            reader.add_meeting(str(named[0]), day, line)


def _day_of(event: Component, line: int, reader: _FileReader) -> date | None:
    """The date on which the event begins, in the municipality's time zone."""
    start = event.get("DTSTART")
    if not isinstance(start, vDDDTypes):
        reader.fault("date", line, N_("The event has no start day."), N_("Give the event a day."))
    elif not isinstance(start.dt, datetime):
        return start.dt if isinstance(start.dt, date) else None
    elif start.dt.year not in YEARS:
        return start.dt.date()  # no time zone can move it into YEARS
    elif start.dt.tzinfo:
        return start.dt.astimezone(ZoneInfo(reader.zone)).date()
    elif zone := start.params.get("TZID"):
        cure = N_("Export the calendar with your own time zone.")
        reader.fault("date", line, N_("The time zone {zone} is not known."), cure, zone=zone)
    else:
        return start.dt.date()  # floating time: the date is the same in every zone
    return None


def _is_of(summary: str, body: Body) -> bool:
    """Whether the title contains the body's name or short name as whole words, possibly as "NAMEs sammanträde".

    "Kommunstyrelsens arbetsutskott" is another body than "Kommunstyrelsen".
    """
    for name in filter(None, (body.short, body.name.sv, body.name.en)):
        form = rf"(?<!\w){re.escape(name)}(?:'?s(?=\s+(?:sammanträd|möte|meeting)))?(?!\w)"
        if re.search(form, summary, re.IGNORECASE):
            return True
    return False
