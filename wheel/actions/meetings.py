"""The verbs about meetings: the days on which bodies meet. What waits for a meeting follows it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlmodel import col

from wheel.cycles.meeting_changes import follow_meetings
from wheel.database.tables import Meeting
from wheel.engine.desk import Act, Done, permitted, settle
from wheel.engine.unit_of_work import PLAN, Work
from wheel.errors import NotFound, Usage
from workflows.definition.definition import Definition
from workflows.messages import N_
from workflows.rules.rules import Reason


@dataclass(frozen=True)
class Calendars:
    """Meeting days to take over, as a file names them. `replace`: the year whose days they replace, body by body.

    `passed_over`: what else stood there, with its line, and belongs to no body.
    """

    days: dict[str, tuple[date, ...]]
    file: str = ""
    replace: int | None = None
    passed_over: tuple[tuple[int, str], ...] = ()


def add(work: Work, act: Act, definition: Definition, body: str, day: date) -> Done:
    """Raises Usage for a body or a meeting that is none or is there already, RefusedError for the wrong role."""
    check_body(definition, body)
    if _exists(work, body, day):
        raise Usage(N_("{body} has a meeting on {day} already."), body=body, day=day)
    warnings = settle(act, _permitted(work, definition, [body]) + _day_off(definition, day))
    work.session.execute(insert(Meeting).values(body=body, day=day))
    work.log("meeting.added", body, day=day)
    return _followed(work, act, body, f"{_short(definition, body)} + {day}", warnings)


def remove(work: Work, act: Act, definition: Definition, body: str, day: date) -> Done:
    _must_exist(work, definition, body, day)
    warnings = settle(act, _permitted(work, definition, [body]))
    work.session.execute(delete(Meeting).where(col(Meeting.body) == body, col(Meeting.day) == day))
    work.log("meeting.removed", body, day=day, reason=act.reason)
    return _followed(work, act, body, f"{_short(definition, body)} − {day}", warnings, day)


def move(work: Work, act: Act, definition: Definition, body: str, old: date, new: date) -> Done:
    """What waits for the meeting follows; other plans whose last day is the old one are named, not moved."""
    _must_exist(work, definition, body, old)
    if _exists(work, body, new):
        raise Usage(N_("{body} has a meeting on {day} already."), body=body, day=new)
    warnings = settle(act, _permitted(work, definition, [body]) + _day_off(definition, new))
    work.session.execute(update(Meeting).where(col(Meeting.body) == body, col(Meeting.day) == old).values(day=new))
    work.log("meeting.moved", body, old=old, new=new, reason=act.reason)
    return _followed(work, act, body, f"{_short(definition, body)} {old} → {new}", warnings, old)


def take_in(work: Work, act: Act, definition: Definition, calendars: Calendars) -> Done:
    """Add the days that are new. With `replace` the bodies' other days of that year are taken away.

    Raises NotFound for a body that is none, Usage where nothing would be left of a year that is to be replaced.
    """
    for body in calendars.days:
        check_body(definition, body)
    year = calendars.replace
    replaced = [body for body, days in calendars.days.items() if year and any(day.year == year for day in days)]
    if year and not replaced:
        raise Usage(N_("There is no meeting of {year} in the file; nothing was replaced."), year=year)
    reasons = _permitted(work, definition, calendars.days)
    warnings = settle(act, reasons + _passed_over(calendars))
    told: dict[str, Any] = {"added": [], "there": [], "removed": []}
    for body, days in calendars.days.items():
        known = _days_of(work, body)
        gone = [day for day in known if body in replaced and day.year == year and day not in days]
        new = [day for day in days if day not in known]
        _store(work, body, new, gone)
        warnings += [off for day in new for off in _day_off(definition, day)]
        if new or gone:
            work.log("meetings.imported", body, file=calendars.file, added=new, removed=gone, reason=act.reason)
        for name, which in (("added", new), ("there", [d for d in days if d in known]), ("removed", gone)):
            told[name] += [{"body": body, "date": day.isoformat()} for day in which]
    bodies = ", ".join(_short(definition, body) for body in calendars.days)
    followed = follow_meetings(work, calendars.days, _why(act, f"{bodies}: {calendars.file}"))
    more = {"moved": followed.moved, **told}
    return Done(", ".join(calendars.days), warnings=warnings + followed.warnings, more=more)


def _passed_over(calendars: Calendars) -> list[Reason]:
    if not calendars.passed_over:
        return []
    text = N_("Left out, for no body is named there: {events}. With --body they belong to one.")
    events = tuple(f"{summary or '–'} ({line})" for line, summary in calendars.passed_over)
    return [Reason("import", text, {"events": events}, severity="warn")]


def _store(work: Work, body: str, new: Sequence[date], gone: Sequence[date]) -> None:
    if new:
        work.session.execute(insert(Meeting), [{"body": body, "day": day} for day in new])
    if gone:
        work.session.execute(delete(Meeting).where(col(Meeting.body) == body, col(Meeting.day).in_(gone)))


def _followed(
    work: Work, act: Act, body: str, what: str, warnings: list[Reason], old: date | None = None
) -> Done:  # fmt: skip
    """What the dates do now. `old`: the day on which it no longer meets."""
    followed = follow_meetings(work, [body], _why(act, what))
    due = _due_then(work, body, old) if old else []
    return Done(body, warnings=warnings + due + followed.warnings, more={"moved": followed.moved})


def _why(act: Act, what: str) -> str:
    """The reason that stands beside each date: the meeting, and why it is another one."""
    return ": ".join(filter(None, (what, act.reason)))


def _short(definition: Definition, body: str) -> str:
    return definition.wheel.bodies[body].short or body


def check_body(definition: Definition, body: str | None) -> None:
    """Raises NotFound for a body that is none."""
    if body is not None and body not in definition.wheel.bodies:
        bodies = ", ".join(definition.wheel.bodies)
        raise NotFound(N_("There is no body {body}. There are: {bodies}."), body=body, bodies=bodies)


def _must_exist(work: Work, definition: Definition, body: str, day: date) -> None:
    check_body(definition, body)
    if not _exists(work, body, day):
        raise NotFound(N_("{body} has no meeting on {day}."), body=body, day=day)


def _exists(work: Work, body: str, day: date) -> bool:
    return day in _days_of(work, body)


def _days_of(work: Work, body: str) -> list[date]:
    query = select(col(Meeting.day)).where(col(Meeting.body) == body).order_by(col(Meeting.day))
    return list(work.session.execute(query).scalars())


def _permitted(work: Work, definition: Definition, bodies: Iterable[str]) -> list[Reason]:
    """Whose role allows it in each of these bodies; one objection is enough."""
    today = definition.wheel.calendar.local_date(work.now)
    return [objection for body in bodies for objection in permitted(work, "meetings", today, body)][:1]


def _day_off(definition: Definition, day: date) -> list[Reason]:
    if definition.wheel.calendar.is_working_day(day):
        return []
    return [Reason("date", N_("{date} is a day off."), {"date": day}, severity="warn")]


def _due_then(work: Work, body: str, day: date) -> list[Reason]:
    """The body's open plans with that last day still: an administrator moves them with `move-deadline`."""
    plans = [m for m in work.matters(select(PLAN).order_by(PLAN.c.id)) if m.in_play and m.stage.last == day]
    due = tuple(m.address for m in plans if m.owed_by() == body)
    if not due:
        return []
    text = N_("These plans have that day as their last: {missing}. Move them, if they follow the meeting.")
    return [Reason("meeting", text, {"missing": due}, (body,), severity="warn")]
