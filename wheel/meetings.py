"""The verbs about meetings: the days on which bodies meet."""

from datetime import date

from sqlalchemy import delete, insert, select, update
from sqlmodel import col

from wheel.acts import Act, Done, settle
from wheel.errors import NotFound, Usage
from wheel.models import Meeting
from wheel.work import PLAN, Work
from workflows.definition import Definition
from workflows.messages import N_
from workflows.rules import Reason
from workflows.workdays import Calendar


def add(work: Work, act: Act, definition: Definition, body: str, day: date) -> Done:
    """Raises Usage for a body or a meeting that is none or is there already, RefusedError for the wrong role."""
    _check_body(definition, body)
    if _exists(work, body, day):
        raise Usage(N_("{body} has a meeting on {day} already."), body=body, day=day)
    warnings = settle(act, _permitted(work, definition) + _day_off(definition, day))
    work.session.execute(insert(Meeting).values(body=body, day=day))
    work.log("meeting.added", body, day=day)
    return Done(body, warnings=warnings)


def remove(work: Work, act: Act, definition: Definition, body: str, day: date) -> Done:
    _must_exist(work, definition, body, day)
    warnings = settle(act, _permitted(work, definition) + _due_then(work, body, day))
    work.session.execute(delete(Meeting).where(col(Meeting.body) == body, col(Meeting.day) == day))
    work.log("meeting.removed", body, day=day, reason=act.reason)
    return Done(body, warnings=warnings)


def move(work: Work, act: Act, definition: Definition, body: str, old: date, new: date) -> Done:
    """The plans whose last day is the old meeting are named; none of them is moved unasked."""
    _must_exist(work, definition, body, old)
    if _exists(work, body, new):
        raise Usage(N_("{body} has a meeting on {day} already."), body=body, day=new)
    reasons = _permitted(work, definition) + _day_off(definition, new) + _due_then(work, body, old)
    warnings = settle(act, reasons)
    work.session.execute(update(Meeting).where(col(Meeting.body) == body, col(Meeting.day) == old).values(day=new))
    work.log("meeting.moved", body, old=old, new=new, reason=act.reason)
    return Done(body, warnings=warnings)


def _check_body(definition: Definition, body: str) -> None:
    if body not in definition.wheel.bodies:
        bodies = ", ".join(definition.wheel.bodies)
        raise NotFound(N_("There is no body {body}. There are: {bodies}."), body=body, bodies=bodies)


def _must_exist(work: Work, definition: Definition, body: str, day: date) -> None:
    _check_body(definition, body)
    if not _exists(work, body, day):
        raise NotFound(N_("{body} has no meeting on {day}."), body=body, day=day)


def _exists(work: Work, body: str, day: date) -> bool:
    query = select(col(Meeting.id)).where(col(Meeting.body) == body, col(Meeting.day) == day)
    return work.session.execute(query).first() is not None


def _permitted(work: Work, definition: Definition) -> list[Reason]:
    today = Calendar(definition.wheel.country, definition.wheel.zone).local_date(work.now)
    objection = work.directory.objection(work.actor, "meetings", (), today)
    return [objection] if objection else []


def _day_off(definition: Definition, day: date) -> list[Reason]:
    if Calendar(definition.wheel.country, definition.wheel.zone).is_working_day(day):
        return []
    return [Reason("date", N_("{date} is a day off."), {"date": day}, severity="warn")]


def _due_then(work: Work, body: str, day: date) -> list[Reason]:
    """The body's open plans with that last day: an administrator moves them with `move-deadline`."""
    plans = [m for m in work.matters(select(PLAN).order_by(PLAN.c.id)) if m.in_play and m.stage.last == day]
    due = tuple(m.address for m in plans if m.owed_by() == body)
    if not due:
        return []
    text = N_("These plans have that day as their last: {missing}. Move them, if they follow the meeting.")
    return [Reason("meeting", text, {"missing": due}, (body,), severity="warn")]
