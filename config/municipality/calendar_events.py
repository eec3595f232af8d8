"""The events of an iCalendar file (RFC 5545) and the dates on which they begin, as Exchange, Outlook and others write
them.

The standard wants UNTIL, EXDATE, RDATE and RECURRENCE-ID of a series in the type of its DTSTART. Many programs write
them in UTC beside a whole-day series, where midnight in Sweden is 22 or 23 o'clock of the day before. The library that
expands series only finds values of the same type, so each gets it here first.
"""

import re
import warnings
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, tzinfo
from typing import Any

from icalendar import Calendar, Component, Event, vDDDLists, vDDDTypes, vRecur, vText

from config.municipality.import_bounds import MOST, TooMuchError
from workflows.dates.workdays import YEARS
from workflows.messages import N_

Moment = date | datetime

MOST_SERIES = 200  # a rule that never comes true costs half a second to expand
MOST_LEVELS = 10
OLDEST_SERIES = 1970
_AGAIN = N_("Export the calendar again, as .ics.")
_CANCELLED = re.compile(r"\b(inställ(d|t|da)|avlyst|aflyst|cancell?ed)\b", re.IGNORECASE)
_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")  # a rule by the second would take for ever to expand
_TIMES = ("BYHOUR", "BYMINUTE", "BYSECOND")
_OF_WEEKS = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTH", *_TIMES}  # BYWEEKNO=60 never comes true


class UnreadableCalendarError(Exception):
    """The file or an event's dates cannot be read. `message` and `cure` are translatable, with `facts` to fill in."""

    def __init__(self, message: str, cure: str, **facts: object) -> None:
        super().__init__(message)
        self.message, self.cure, self.facts = message, cure, facts


@dataclass(frozen=True)
class CalendarEvent:
    """An event, or a series with its changed members. `line`: where it begins in the file."""

    line: int
    component: Component
    cancelled: bool
    changed: tuple["CalendarEvent", ...] = ()

    @property
    def title(self) -> str:
        return str(self.component.get("SUMMARY", ""))

    @property
    def uid(self) -> str:
        return str(self.component.get("UID", ""))

    @property
    def changes_a_member(self) -> bool:
        return "RECURRENCE-ID" in self.component

    @property
    def repeats(self) -> bool:
        return "RRULE" in self.component or "RDATE" in self.component or self._is_misread("RRULE", "RDATE", "EXDATE")

    @property
    def sequence(self) -> int:
        found = self.component.get("SEQUENCE")
        return int(found) if isinstance(found, int) else 0

    def days(self, zone: tzinfo, last: date) -> set[date]:
        """The dates on which it begins, in the municipality's time zone. An endless series is read until `last`.

        Raises UnreadableCalendarError.
        """
        start = self._start()
        if not self.repeats:
            return {_day(start, zone)}
        if not OLDEST_SERIES <= _day(start, zone).year <= YEARS[-1]:
            return {_day(start, zone)}  # a mistake, and slow to expand
        return {_day(each, zone) for each in self._expanded(start, zone, last)}

    def days_off(self, zone: tzinfo, last: date) -> set[date]:
        """The dates that it had, and that are cancelled or moved. Raises UnreadableCalendarError."""
        if self.cancelled:
            return replace(self, cancelled=False).days(zone, last)
        start = self._start()
        off: list[Any] = [self._plain(start, zone).get("EXDATE")] if self.repeats else []
        off += [each._plain(each._start(), zone, of=start)["RECURRENCE-ID"] for each in self.changed]
        return {_day(value.dt, zone) for each in off if each for value in getattr(each, "dts", [each])}

    def _expanded(self, start: Moment, zone: tzinfo, last: date) -> Iterator[Moment]:
        from recurring_ical_events import of  # slow to import, and few calendars have a series

        begins: Any = self.component["DTSTART"]
        if not isinstance(start, datetime) and isinstance(begins.dt, datetime) and begins.dt.tzinfo:
            zone = begins.dt.tzinfo  # its other values are days of its own zone too
        series = Calendar()
        found: Sequence[Any]
        try:
            series.subcomponents = [
                self._plain(start, zone),
                *(each._plain(each._start(), zone, of=start) for each in self.changed),
            ]
            found = of(series).between(date(YEARS[0], 1, 1), last)
        except (
            ValueError,
            TypeError,
            ArithmeticError,
            LookupError,
        ):  # of the libraries, about parts that contradict each other
            raise self._unreadable_rule() from None
        for member in found:
            if member.get("STATUS") != "CANCELLED":
                yield member["DTSTART"].dt

    def _plain(self, start: Moment, zone: tzinfo, of: Moment | None = None) -> Event:
        """The event with nothing but its dates, all in the type of DTSTART. `of`: the start of the series that it
        changes."""
        plain = Event()
        plain["UID"] = vText("series")
        plain["DTSTART"] = vDDDTypes(start)
        if self.cancelled:
            plain["STATUS"] = vText("CANCELLED")
        if of is not None:
            member = self.component["RECURRENCE-ID"]
            if not isinstance(member, vDDDTypes):
                raise self._unreadable_rule()
            own = vDDDTypes(_like(of, self._moment(member.dt, member.params), zone))
            own.params["RANGE"] = str(member.params.get("RANGE", ""))
            plain["RECURRENCE-ID"] = own
            return plain
        if self._is_misread("RRULE", "RDATE", "EXDATE") or not all(map(_is_of_days, self._all("RRULE"))):
            raise self._unreadable_rule()
        plain["RRULE"] = [_until_like(start, rule, zone) for rule in self._all("RRULE")]
        for name in ("RDATE", "EXDATE"):
            values = [self._moment(each.dt, found.params) for found in self._all(name) for each in found.dts]
            if len(values) > MOST:
                raise TooMuchError(N_("A recurring event has more than {most} dates."), MOST)
            if values:
                plain[name] = vDDDLists([_like(start, value, zone) for value in values])
        return plain

    def member_of(self, series: "CalendarEvent | None", zone: tzinfo) -> object:
        """The member of the series that it changes; something of its own where that cannot be read."""
        try:
            start = (series or self)._start()
            plain: Any = self._plain(start, zone, of=start)
            return plain["RECURRENCE-ID"].dt
        except UnreadableCalendarError:
            return id(self)  # said when the event is read

    def _start(self) -> Moment:
        found = self.component.get("DTSTART")
        if not isinstance(found, vDDDTypes) or not isinstance(found.dt, date):
            raise UnreadableCalendarError(N_("The event has no start day."), N_("Give the event a day."))
        start: Moment = self._moment(found.dt, found.params)
        whole_day = str(self.component.get("X-MICROSOFT-CDO-ALLDAYEVENT", "")).upper() == "TRUE"
        if whole_day and isinstance(start, datetime) and not _is_utc(start):
            return start.date()  # in the zone of the one who entered it
        return start

    def _moment(self, value: Any, params: Any) -> Any:
        """The value. Raises UnreadableCalendarError if its time zone is not known."""
        if isinstance(value, datetime) and not value.tzinfo and (zone := params.get("TZID")):
            cure = N_("Export the calendar with your own time zone.")
            raise UnreadableCalendarError(N_("The time zone {zone} is not known."), cure, zone=zone)
        return value

    def _all(self, name: str) -> list[Any]:
        found = self.component.get(name, [])
        return found if isinstance(found, list) else [found]

    def _is_misread(self, *names: str) -> bool:
        return not {name for name, _ in self.component.errors}.isdisjoint(names)

    def _unreadable_rule(self) -> UnreadableCalendarError:
        cure = N_("Export the meetings as single events.")
        return UnreadableCalendarError(N_("The event's recurrence cannot be read."), cure)


def read_events(text: str, zone: tzinfo) -> list[CalendarEvent]:
    """The events of all calendars in the text. A series has its changed members, and of two versions of an event only
    the newer is left.

    Raises UnreadableCalendarError if the text is not iCalendar, TooMuchError if there are too many events.
    """
    lines = _event_lines(text)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library guesses zones; good enough for a date
        try:
            calendars = Calendar.from_ical(text, multiple=True)
        except ValueError as error:
            why = str(error).partition(":")[0]
            raise UnreadableCalendarError(N_("The file is not iCalendar: {why}."), _AGAIN, why=why) from None
    if not calendars or any(calendar.name != "VCALENDAR" for calendar in calendars):
        raise UnreadableCalendarError(N_("The file is not iCalendar."), _AGAIN)
    found = [(calendar, event) for calendar in calendars for event in calendar.walk("VEVENT")]
    if len(lines) != len(found):  # the word BEGIN itself is folded
        lines = [1] * len(found)
    events = [
        CalendarEvent(line, event, _is_cancelled(calendar, event))
        for line, (calendar, event) in zip(lines, found, strict=True)
    ]
    return sorted(_joined(events, zone), key=lambda event: event.line)


def _event_lines(text: str) -> list[int]:
    """The lines, from 1, where events begin. The libraries would leave out what is not closed."""
    lines, depth = [], 0
    for number, line in enumerate(text.split("\n"), 1):
        word = line.rstrip().upper()
        depth += word.startswith("BEGIN:") - word.startswith("END:")
        if word == "BEGIN:VEVENT":
            lines.append(number)
        if depth > MOST_LEVELS:
            raise UnreadableCalendarError(N_("The file is nested too deeply."), _AGAIN)
    if depth:
        raise UnreadableCalendarError(N_("The file is incomplete."), _AGAIN)
    if len(lines) > MOST:
        raise TooMuchError(N_("The file has more than {most} events."), MOST)
    return lines


def _is_cancelled(calendar: Component, event: Component) -> bool:
    """Whether it is cancelled, by the file or by its title: Outlook writes "Inställt: …" and leaves it confirmed."""
    if "CANCEL" in (str(calendar.get("METHOD", "")).upper(), str(event.get("STATUS", "")).upper()[:6]):
        return True
    return bool(_CANCELLED.search(str(event.get("SUMMARY", ""))))


def _joined(events: Iterable[CalendarEvent], zone: tzinfo) -> Iterator[CalendarEvent]:
    groups: dict[str, list[CalendarEvent]] = defaultdict(list)
    for event in events:
        if event.uid:
            groups[event.uid].append(event)
        else:
            yield event
    for group in groups.values():
        wholes = _newest([event for event in group if not event.changes_a_member])
        members = [event for event in group if event.changes_a_member]
        series = [event for event in wholes if event.repeats]
        for event in wholes:
            changed = _newest_members(members, event, zone) if event.repeats else ()
            yield replace(event, changed=tuple(changed))
        if not series and not any(event.cancelled for event in wholes):
            yield from _newest_members(members, None, zone)


def _newest_members(
    members: Iterable[CalendarEvent], series: CalendarEvent | None, zone: tzinfo
) -> Iterator[CalendarEvent]:  # fmt: skip
    """The newest version of each changed member, by the day that it had in the series."""
    versions: dict[object, list[CalendarEvent]] = defaultdict(list)
    for member in members:
        versions[member.member_of(series, zone)].append(member)
    for each in versions.values():
        yield _newest(each)[-1]


def _newest(versions: Sequence[CalendarEvent]) -> list[CalendarEvent]:
    """Those of the highest SEQUENCE. Several of the same are one event each, because careless programs give many events
    one UID; but what is cancelled is not also held."""
    highest = max((event.sequence for event in versions), default=0)
    newest = [event for event in versions if event.sequence == highest]
    off = {_written_start(event) for event in newest if event.cancelled}
    return [event for event in newest if event.cancelled or _written_start(event) not in off]


def _written_start(event: CalendarEvent) -> bytes | None:
    found = event.component.get("DTSTART")
    return found.to_ical() if isinstance(found, vDDDTypes) else None


def _is_of_days(rule: object) -> bool:
    """Whether the series recurs at most daily, by parts that come true."""
    if not isinstance(rule, vRecur) or rule.get("FREQ", [""])[0] not in _FREQUENCIES:
        return False
    if any(len(rule.get(part, ())) > 1 for part in _TIMES):
        return False
    if rule["FREQ"][0] in ("DAILY", "WEEKLY") and not _OF_WEEKS.issuperset(rule):
        return False
    if any(int(month) not in range(1, 13) for month in rule.get("BYMONTH", ())):
        return False
    return all(number >= 1 for part in ("INTERVAL", "COUNT") for number in rule.get(part, (1,)))


def _until_like(start: Moment, rule: vRecur, zone: tzinfo) -> vRecur:
    """The rule with UNTIL in the type of DTSTART; a day alone is included."""
    until = rule.get("UNTIL")
    if not until:
        return rule
    last = _like(start, until[0], zone, time.max.replace(microsecond=0))
    if isinstance(last, datetime) and last.tzinfo:
        last = last.astimezone(UTC)
    return vRecur({**rule, "UNTIL": [last]})


def _like(start: Moment, value: Any, zone: tzinfo, hour: time | None = None) -> Moment:
    """The value in the type of DTSTART. `hour`: that of a day beside an event with a time; default: the event's."""
    moment: Moment = value[0] if isinstance(value, tuple) else value  # a PERIOD counts from its beginning
    moment = moment.replace(year=min(max(moment.year, 4), 9996))  # UNTIL=99991231: no zone can move it out of the years
    if not isinstance(start, datetime):
        return _day(moment, zone) if isinstance(moment, datetime) and _is_utc(moment) else date(*moment.timetuple()[:3])
    if not isinstance(moment, datetime):
        return datetime.combine(moment, start.time() if hour is None else hour, start.tzinfo)
    if start.tzinfo:
        return moment.astimezone(start.tzinfo) if moment.tzinfo else moment.replace(tzinfo=start.tzinfo)
    return moment.astimezone(zone).replace(tzinfo=None) if moment.tzinfo else moment


def _is_utc(moment: datetime) -> bool:
    return moment.tzname() == "UTC"


def _day(moment: Moment, zone: tzinfo) -> date:
    """The date in the municipality's time zone. A time without a zone has the same date in every zone."""
    if not isinstance(moment, datetime):
        return moment
    if moment.tzinfo and moment.year in YEARS:  # no zone can move another year into YEARS
        return moment.astimezone(zone).date()
    return moment.date()
