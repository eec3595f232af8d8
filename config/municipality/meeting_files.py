"""Reads meetings for `arshjul meetings import`: TOML like meetings.toml, CSV and iCalendar."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from unicodedata import normalize
from zoneinfo import ZoneInfo

from config.municipality.calendar_events import MOST_SERIES, CalendarEvent, UnreadableCalendarError, read_events
from config.municipality.csv_table import NoTableError, day_in, read_table
from config.municipality.faults import Fault, FaultyFilesError
from config.municipality.import_bounds import FEWER, MOST, MOST_FAULTS, TooMuchError, read_bounded, reading
from config.municipality.municipality import meetings_in
from config.municipality.people import OUTSIDE_KNOWN_YEARS
from workflows.dates.workdays import YEARS
from workflows.definition.definition import Body, body_named
from workflows.messages import N_

KINDS = (".toml", ".csv", ".ics")
HEADINGS = {  # the first of them that a row has; `Sammanträde;Datum` has the body in the first column
    "date": (
        "date", "day", "datum", "dag", "sammanträdesdatum", "sammanträdesdag", "sammantradesdag", "startdatum",
        "start date", "sammanträde", "sammantrade", "meeting",
    ),
    "body": (
        "body", "board", "organ", "nämnd", "namnd", "instans", "beslutsorgan", "sammanträde", "sammantrade", "meeting",
    ),
}  # fmt: skip
MAX_YEARS_AHEAD = 10  # years from now to which a series without an end is read; `check` looks no further


@dataclass
class ImportedMeetings:
    """`days`: the meetings of each body, sorted. Then line and title of the events that name no body, and of those
    that are cancelled. `off`: the days that are cancelled or moved, as far as the file still has them."""

    days: dict[str, tuple[date, ...]] = field(default_factory=dict)
    passed_over: list[tuple[int, str]] = field(default_factory=list)
    cancelled: list[tuple[int, str]] = field(default_factory=list)
    off: dict[str, set[date]] = field(default_factory=dict)


class _FileReader:
    """The meetings and faults of one file, collected while it is read."""

    def __init__(self, file: Path, bodies: Mapping[str, Body], zone: str, body: str | None, year: int) -> None:
        self.name, self.bodies, self.body, self.year = file.name, bodies, body, year
        self.zone = ZoneInfo(zone)
        self.faults: list[Fault] = []
        self.days: dict[str, dict[date, int]] = {}
        self.passed_over: list[tuple[int, str]] = []
        self.cancelled: list[tuple[int, str]] = []
        self.off: dict[str, set[date]] = {}

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
        if found := body_named(self.bodies, name):
            return found
        message, cure = N_("The body {name} does not exist."), N_("These exist: {known}.")
        self.fault("unknown_body", line, message, cure, name=name.strip(), known=", ".join(self.bodies))
        return None


def read(file: Path, bodies: Mapping[str, Body], zone: str, body: str | None, year: int) -> ImportedMeetings:
    """Read the meetings of a file; with `body`, only those of that body.

    `zone`: the municipality's time zone, which decides the date of an event with a time. `year`: the current year.
    Raises FaultyFilesError with the first errors of the file.
    """
    reader = _FileReader(file, bodies, zone, body, year)
    with reading(file.name):
        _read(file, reader)
    if not reader.faults and not any(reader.days.values()):
        message, cure = N_("The file contains no meetings."), N_("Check that it is the right file.")
        reader.fault("empty", 1, message, cure)
    if reader.faults:
        raise FaultyFilesError(reader.faults, MOST_FAULTS)
    days = {id: tuple(sorted(days)) for id, days in reader.days.items() if days}
    off = {id: gone for id, each in reader.off.items() if (gone := each.difference(days.get(id, ())))}
    return ImportedMeetings(days, reader.passed_over, reader.cancelled, off)


def _read(file: Path, reader: _FileReader) -> None:
    text = read_bounded(file)
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


# ---- TOML ------------------------------------------------------------------------------------------------------


def _toml(text: str, reader: _FileReader) -> None:
    days, faults = meetings_in(reader.name, text, reader.bodies)
    reader.faults += faults
    if sum(map(len, days.values())) > MOST:
        raise TooMuchError(N_("The file has more than {most} meetings."), MOST)
    for body, each in days.items():
        if reader.body in (None, body) and not faults:
            for day in each:
                reader.add_meeting(body, day, 1)


# ---- CSV -------------------------------------------------------------------------------------------------------


def _csv(text: str, reader: _FileReader) -> None:
    try:
        table = read_table(text, _columns, MOST, FEWER)
    except NoTableError as error:
        reader.fault("syntax", error.line, error.sentence, N_("Correct the line."), **error.facts)
        return
    for line, _, row in table.rows:
        _row(row, table.columns or ({"date": 0} if len(row) == 1 else {"body": 0, "date": 1}), line, reader)


def _columns(row: list[str]) -> dict[str, int] | None:
    """The positions of the columns; None if the row is not a heading."""
    named = [cell.casefold() for cell in row]
    day = next((named.index(word) for word in HEADINGS["date"] if word in named), None)
    if day is None:
        return None
    body = next((at for word in HEADINGS["body"] if word in named and (at := named.index(word)) != day), None)
    return {"date": day} if body is None else {"body": body, "date": day}


def _row(row: list[str], columns: dict[str, int], line: int, reader: _FileReader) -> None:
    cells = {key: row[at] if at < len(row) else "" for key, at in columns.items()}
    body = reader.body
    if "body" in columns:
        body = reader.body_named(cells["body"], line)
    elif body is None:
        message, cure = N_("The file names no body."), N_("State whose meetings the file contains.")
        if not any(fault.code == "no_body" for fault in reader.faults):
            reader.fault("no_body", line, message, cure)
    if (day := _date(cells["date"], reader.zone)) is None:
        message, cure = N_("{name} is not a date."), N_("Write the date like this: 2027-02-24.")
        reader.fault("date", line, message, cure, name=repr(cells["date"]))
    elif body and reader.body in (None, body):
        reader.add_meeting(body, day, line, once=True)


def _date(cell: str, zone: ZoneInfo) -> date | None:
    """The date of a cell, also with a time. A time with an offset is a date in the municipality's time zone."""
    with suppress(ValueError):
        if "T" in cell and (moment := datetime.fromisoformat(cell)).tzinfo:
            return moment.astimezone(zone).date()
    return day_in(cell)


# ---- iCalendar -------------------------------------------------------------------------------------------------


def _ics(text: str, reader: _FileReader) -> None:
    try:
        events = read_events(text, reader.zone)
    except UnreadableCalendarError as error:
        reader.fault("syntax", 1, error.message, error.cure, **error.facts)
        return
    series = meetings = 0
    for event in events:
        body = _body_of(event, reader)
        if body is None:
            continue
        if event.cancelled:
            reader.cancelled.append((event.line, event.title))
        series += event.repeats
        if series > MOST_SERIES:
            raise TooMuchError(N_("The file has more than {most} recurring events."), MOST_SERIES)
        meetings += _event(event, body, reader)
        if meetings > MOST:
            raise TooMuchError(N_("The recurring events give more than {most} meetings."), MOST)
    if reader.cancelled and not reader.faults and not any(reader.days.values()):
        message = N_("All meetings in the file are cancelled.")
        cure = N_("Remove the meetings if they are registered.")
        reader.fault("cancelled", reader.cancelled[0][0], message, cure)


def _body_of(event: CalendarEvent, reader: _FileReader) -> str | None:
    """The body that the title names, or that of `--body`. None if there is no such body, or a fault."""
    if reader.body:
        return reader.body
    named = [id for id, body in reader.bodies.items() if _is_of(event.title, body)]
    if not named:
        reader.passed_over.append((event.line, event.title))
    elif len(named) > 1:
        message, cure = N_("{name} may be a meeting of {bodies}."), N_("State whose meetings the file contains.")
        reader.fault("body", event.line, message, cure, name=repr(event.title), bodies=", ".join(named))
    return named[0] if len(named) == 1 else None


def _event(event: CalendarEvent, body: str, reader: _FileReader) -> int:
    """Add the event's meetings; an endless series ends MAX_YEARS_AHEAD from now. Returns their number."""
    end = date(min(reader.year + MAX_YEARS_AHEAD, YEARS[-1]) + 1, 1, 1)
    try:
        days = set() if event.cancelled else event.days(reader.zone, end)
        off = event.days_off(reader.zone, end)
    except UnreadableCalendarError as error:
        reader.fault("date", event.line, error.message, error.cure, **error.facts)
        return 0
    for day in sorted(days):
        reader.add_meeting(body, day, event.line)
    reader.off.setdefault(body, set()).update(off)
    return len(days) + len(off)


def _is_of(summary: str, body: Body) -> bool:
    """Whether the title contains the body's name or short name as whole words, possibly as "NAMEs sammanträde".

    "Kommunstyrelsens arbetsutskott" is another body than "Kommunstyrelsen".
    """
    for name in filter(None, (body.short, body.name.sv, body.name.en)):
        form = rf"(?<!\w){re.escape(normalize('NFC', name))}(?:'?s(?=\s+(?:sammanträd|möte|meeting)))?(?!\w)"
        if re.search(form, summary, re.IGNORECASE):
            return True
    return False
