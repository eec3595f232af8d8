"""A rehearsed year's calendar as files: CSV for a spreadsheet, iCalendar (RFC 5545) for a calendar program."""

import io
from datetime import datetime

from icalendar import Event

from config.text.texts import Texts
from notifications.content.ics import digest, event_on, new_calendar, written
from notifications.spreadsheet import Format, Sheet
from wheel.plan_address import Address
from wheel.rehearsal.labels import WHAT
from wheel.rehearsal.recorder import Entry, What
from wheel.rehearsal.result import RehearsalResult
from workflows.definition.definition import Definition
from workflows.messages import N_

COLUMNS = (
    "date", "what", "address", "cycle", "phase", "board", "state", "step", "body", "last", "known_meeting", "rules",
    "bound", "clock",
)  # fmt: skip
DONE = {"moved": N_("happens by itself"), "done": N_("does")}


def as_csv(year: RehearsalResult, format: Format = "csv") -> str:
    """A row for each entry, with English column names and ISO days; then the undecided dates, without a day."""
    out = io.StringIO()
    sheet = Sheet(out, format)
    sheet.row(COLUMNS)
    for e in year.calendar:
        known = "" if e.meeting is None else "yes" if e.meeting else "no"
        rules = " ".join(dict.fromkeys(reason.rule for reason in e.reasons))
        days = e.day.isoformat(), e.last.isoformat() if e.last else ""
        cells = (days[0], e.what, e.address, e.cycle, e.phase, e.board, e.state, e.step, e.body, days[1], known, rules)
        sheet.row([*(cell or "" for cell in cells), "", e.clock or ""])
    for u in year.undecided:
        place = (part or "" for part in Address.parse(u.address))
        sheet.row(["", "undecided", u.address, *place, u.state, "", u.body or "", "", "", "", u.bound, ""])
    return out.getvalue()


def as_icalendar(year: RehearsalResult, made: datetime, texts: Texts) -> str:
    """An event for each entry, of the whole day or at its time of day. `made`: when the calendar was made."""
    calendar = new_calendar("rehearsal")
    calendar.add("x-wr-calname", f"{year.definition.wheel.name.to(texts.language)} {year.first:%Y}")
    missed = year.without_kept_dates()
    for entry in year.calendar:
        what = entry.what if entry in missed else "due"  # decided in time: it is a deadline like any other
        calendar.add_component(_event(entry, what, year.of_cycles[entry.cycle], made, texts))
    return written(calendar).decode()


def _event(entry: Entry, called: What, definition: Definition, made: datetime, t: Texts) -> Event:
    step = ""
    if entry.step and entry.phase:
        steps = definition.workflow(entry.phase, entry.board).steps_named(entry.step)
        step = steps[0].label.to(t.language)
    body = definition.wheel.bodies.get(entry.body or "")
    who = (body.short or body.name.to(t.language)) if body else ""
    what = t({**WHAT, **DONE}[called])
    told = [step]
    if entry.last and entry.last != entry.day:
        told.append(t("Deadline: {day}", day=entry.last.isoformat()))
    if entry.meeting is False:
        told.append(t("(assumed: no meeting is known)"))
    uid = digest(f"{entry.day}:{entry.what}:{entry.address}:{entry.state}:{entry.step}")
    summary = " ".join(filter(None, (who, what, entry.address)))
    hours = definition.wheel.calendar.hours(entry.day, entry.clock)
    event = event_on(entry.day, hours, uid=f"{uid}@rehearsal.arshjul", made=made, summary=summary, told=told)
    event.add("categories", entry.what)
    return event
