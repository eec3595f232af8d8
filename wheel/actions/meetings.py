"""The verbs about the days on which bodies meet. Dates that wait for a meeting follow it."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import delete, insert, select
from sqlmodel import col

from wheel.audit.recorded_rows import key_of
from wheel.cycles.judge_dates import JudgedDates, judge_every_cycle
from wheel.cycles.meeting_changes import follow_meetings
from wheel.database.tables import Meeting
from wheel.engine.desk import refuse_or_warn
from wheel.engine.request_and_result import Effects, MeetingRow, Request, Result
from wheel.engine.unit_of_work import PLAN, UnitOfWork
from wheel.engine.verb_preconditions import right_objections
from wheel.errors import NotFound, Usage
from workflows.definition.definition import Definition
from workflows.messages import N_
from workflows.rules.named_rules import Reason

_MEETING = Meeting.__table__  # type: ignore[attr-defined]

MOST_LISTED = 20  # events that are left out


@dataclass(frozen=True)
class Calendars:
    """Meeting days to take over, as a file names them. `replace`: the year whose days they replace, body by body.

    `passed_over`: what else stood there, with its line, and belongs to no body. `cancelled`: what is cancelled there.
    `off`: the days of what is cancelled or moved.
    """

    days: dict[str, tuple[date, ...]]
    file: str = ""
    replace: int | None = None
    passed_over: tuple[tuple[int, str], ...] = ()
    cancelled: tuple[tuple[int, str], ...] = ()
    off: Mapping[str, Collection[date]] = field(default_factory=dict)


def add(uow: UnitOfWork, request: Request, definition: Definition, body: str, day: date) -> Result:
    """Raises Usage for a body or a meeting that is none or is there already, RefusedError for the wrong role."""
    check_body(definition, body)
    if _exists(uow, body, day):
        raise Usage(N_("The meeting of {body} on {day} already exists."), body=body, day=day)
    warnings = refuse_or_warn(request, _right_objections(uow, request, definition, [body]) + _day_off(definition, day))
    before = judge_every_cycle(uow)
    _store(uow, body, [day], [])
    uow.log("meeting.added", body, day=day)
    return _followed(uow, request, definition, body, f"{_short(definition, body)} + {day}", before, warnings)


def remove(uow: UnitOfWork, request: Request, definition: Definition, body: str, day: date) -> Result:
    _must_exist(uow, definition, body, day)
    warnings = refuse_or_warn(request, _right_objections(uow, request, definition, [body]))
    before = judge_every_cycle(uow)
    _store(uow, body, [], [day])
    uow.log("meeting.removed", body, day=day, reason=request.reason)
    return _followed(uow, request, definition, body, f"{_short(definition, body)} − {day}", before, warnings, day)


def move(uow: UnitOfWork, request: Request, definition: Definition, body: str, old: date, new: date) -> Result:
    """Move a meeting. Dates that wait for it follow. Other plans whose last day was that day are named, not moved."""
    _must_exist(uow, definition, body, old)
    if _exists(uow, body, new):
        raise Usage(N_("The meeting of {body} on {day} already exists."), body=body, day=new)
    warnings = refuse_or_warn(request, _right_objections(uow, request, definition, [body]) + _day_off(definition, new))
    before = judge_every_cycle(uow)
    _store(uow, body, [new], [old])
    uow.log("meeting.moved", body, old=old, new=new, reason=request.reason)
    return _followed(uow, request, definition, body, f"{_short(definition, body)} {old} → {new}", before, warnings, old)


def import_meetings(uow: UnitOfWork, request: Request, definition: Definition, calendars: Calendars) -> Result:
    """Add the days that are new. With `replace` the bodies' other days of that year are taken away.

    Raises NotFound for a body that is none, Usage where nothing would be left of a year that is to be replaced.
    """
    for body in calendars.days:
        check_body(definition, body)
    year = calendars.replace
    replaced = [body for body, days in calendars.days.items() if year and any(day.year == year for day in days)]
    if year and not replaced:
        raise Usage(N_("The file contains no meetings of {year}. Nothing was replaced."), year=year)
    reasons = _right_objections(uow, request, definition, calendars.days)
    warnings = refuse_or_warn(request, reasons + list(_left_out(calendars)))
    before = judge_every_cycle(uow)
    added: list[MeetingRow] = []
    there: list[MeetingRow] = []
    removed: list[MeetingRow] = []
    for body, days in calendars.days.items():
        known = _days_of(uow, body)
        gone = [day for day in known if body in replaced and day.year == year and day not in days]
        new = [day for day in days if day not in known]
        _store(uow, body, new, gone)
        warnings += [off for day in new for off in _day_off(definition, day)]
        if new or gone:
            uow.log("meetings.imported", body, file=calendars.file, added=new, removed=gone, reason=request.reason)
        for rows, which in ((added, new), (there, [day for day in days if day in known]), (removed, gone)):
            rows += [{"body": body, "date": day.isoformat()} for day in which]
    warnings += _still_there(uow, definition, calendars)
    bodies = ", ".join(_short(definition, body) for body in calendars.days)
    followed = follow_meetings(uow, calendars.days, _why(request, f"{bodies}: {calendars.file}"))
    more: Effects = {"moved": followed.moved, "added": added, "there": there, "removed": removed}
    warnings += followed.warnings + [remark for cycle in before for remark in cycle.remarks(uow, cycle.name)]
    return Result(", ".join(calendars.days), warnings=warnings, more=more, definition=definition)


def _left_out(calendars: Calendars) -> Iterator[Reason]:
    for text, found in (
        (N_("Left out, because no body is named: {events}."), calendars.passed_over),
        (N_("Left out, because they are cancelled: {events}."), calendars.cancelled),
    ):
        events = [f"{summary or '–'} ({line})" for line, summary in found[:MOST_LISTED]]
        if more := len(found) - len(events):
            events.append(f"… (+{more})")
        if events:
            yield Reason("import", text, {"events": tuple(events)}, severity="warn")


def _still_there(uow: UnitOfWork, definition: Definition, calendars: Calendars) -> list[Reason]:
    """A warning about meetings that the file cancels or moves, and that an earlier import has added."""
    found = [
        f"{_short(definition, body)} {day}"
        for body, off in calendars.off.items()
        for day in _days_of(uow, body)
        if day in off
    ]
    if not found:
        return []
    text = N_("Cancelled or moved in the file, but still registered: {events}.")
    return [Reason("import", text, {"events": tuple(found)}, severity="warn")]


def _store(uow: UnitOfWork, body: str, new: Sequence[date], gone: Sequence[date]) -> None:
    for days, is_held in ((new, True), (gone, False)):
        for day in days:
            meeting = {"body": body, "day": day}
            uow.wrote(_MEETING, key_of(_MEETING.name, meeting), meeting if is_held else None)
    if new:
        uow.session.execute(insert(Meeting), [{"body": body, "day": day} for day in new])
    if gone:
        uow.session.execute(delete(Meeting).where(col(Meeting.body) == body, col(Meeting.day).in_(gone)))


def _followed(
    uow: UnitOfWork, request: Request, definition: Definition, body: str, what: str, before: list[JudgedDates],
    warnings: list[Reason], old: date | None = None,
) -> Result:  # fmt: skip
    """The result with the dates that followed. `before`: the dates as they stood. `old`: the day on which the body no
    longer meets."""
    followed = follow_meetings(uow, [body], _why(request, what))
    warnings = warnings + (_due_then(uow, body, old) if old else []) + followed.warnings
    warnings += [remark for cycle in before for remark in cycle.remarks(uow, cycle.name)]
    return Result(body, warnings=warnings, more={"moved": followed.moved}, definition=definition)


def _why(request: Request, what: str) -> str:
    """The reason that stands beside each date: the meeting, and why it is another one."""
    return ": ".join(filter(None, (what, request.reason)))


def _short(definition: Definition, body: str) -> str:
    return definition.wheel.bodies[body].short or body


def check_body(definition: Definition, body: str | None) -> None:
    """Raises NotFound for a body that is none."""
    if body is not None and body not in definition.wheel.bodies:
        bodies = ", ".join(definition.wheel.bodies)
        raise NotFound(N_("The body {name} does not exist. These exist: {names}."), name=body, names=bodies)


def _must_exist(uow: UnitOfWork, definition: Definition, body: str, day: date) -> None:
    check_body(definition, body)
    if not _exists(uow, body, day):
        raise NotFound(N_("The meeting of {body} on {day} does not exist."), body=body, day=day)


def _exists(uow: UnitOfWork, body: str, day: date) -> bool:
    return day in _days_of(uow, body)


def _days_of(uow: UnitOfWork, body: str) -> list[date]:
    query = select(col(Meeting.day)).where(col(Meeting.body) == body).order_by(col(Meeting.day))
    return list(uow.session.execute(query).scalars())


def _right_objections(uow: UnitOfWork, request: Request, definition: Definition, bodies: Iterable[str]) -> list[Reason]:
    """The first objection to the actor's right in one of these bodies."""
    today = definition.wheel.calendar.local_date(uow.now)
    return [objection for body in bodies for objection in right_objections(uow, request, "meetings", today, [body])][:1]


def _day_off(definition: Definition, day: date) -> list[Reason]:
    if definition.wheel.calendar.is_working_day(day):
        return []
    return [Reason("date", N_("{date} is a day off."), {"date": day}, severity="warn")]


def _due_then(uow: UnitOfWork, body: str, day: date) -> list[Reason]:
    """The body's open plans with that last day still: an administrator moves them with `move-deadline`."""
    plans = [m for m in uow.plans(select(PLAN).order_by(PLAN.c.id)) if m.is_active and m.stage.last == day]
    due = tuple(m.address for m in plans if body in m.owing)
    if not due:
        return []
    text = N_("These plans have their deadline on that day: {missing}. Move the deadlines if they follow the meeting.")
    return [Reason("meeting", text, {"missing": due}, (body,), severity="warn")]
