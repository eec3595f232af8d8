"""Calendar entries in a mail: the plan's deadline, and the cancellation of one that an earlier mail has put there."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import Row, Select, bindparam, select

from notifications.content.content import CalendarEntry
from notifications.notices import NOTICE
from notifications.tables import Notice
from wheel.engine.plan import NO_RECORD, Plan, StateRecord
from wheel.engine.unit_of_work import UnitOfWork

# The notices of these plans that this person has been mailed, newest first. A failed or withheld mail told nobody.
_TOLD: Select[Any] = (
    select(NOTICE.c.plan_id, NOTICE.c.person_id, NOTICE.c.state, NOTICE.c.entry, NOTICE.c.deadline_version)
    .where(
        NOTICE.c.plan_id.in_(bindparam("plans", expanding=True)),
        NOTICE.c.person_id == bindparam("person"),
        NOTICE.c.message_id.is_not(None),
        NOTICE.c.message_id.not_in(bindparam("but", expanding=True)),
        NOTICE.c.outcome.in_(("planned", "sent")),
    )
    .order_by(NOTICE.c.message_id.desc(), NOTICE.c.id.desc())
)

# The news of the first move since then: it says the day before.
_MOVED_SINCE = (
    select(NOTICE.c.facts)
    .where(
        NOTICE.c.plan_id == bindparam("of"), NOTICE.c.person_id == bindparam("person"),
        NOTICE.c.state == bindparam("at"), NOTICE.c.rule.in_(("moved", "postponed")),
        NOTICE.c.deadline_version > bindparam("since"),
    )
    .order_by(NOTICE.c.deadline_version)
    .limit(1)
)  # fmt: skip


def last_told(uow: UnitOfWork, notices: Sequence[Notice], person: str) -> dict[int, Row[Any]]:
    """For each plan the state, and which visit of it, that the last mail to that person was about. The mail that these
    notices are in already does not count: it is being written anew."""
    found: dict[int, Row[Any]] = {}
    plans = {notice.plan_id for notice in notices if notice.plan_id}
    if plans:
        but = {notice.message_id for notice in notices if notice.message_id}
        asked = {"plans": list(plans), "person": person, "but": list(but)}
        for row in uow.connection.execute(_TOLD, asked):
            found.setdefault(row.plan_id, row)
    return found


def entries(uow: UnitOfWork, plan: Plan, told: Row[Any] | None) -> tuple[CalendarEntry, ...]:
    """The entries for one reader. `told`: the state and visit that the last mail to this reader was about."""
    found = [entry] if (entry := _deadline(uow, plan)) else []
    if told is None:
        return tuple(found)
    if told.state == plan.state and (found or told.entry == plan.visit):
        gone = None if found else _gone(uow, plan, told)
        return (gone,) if gone else tuple(found)
    old = plan.stages.get(told.state, NO_RECORD)
    if old.last is None:
        return tuple(found)
    about = _about(plan, told.state)
    cancelled = CalendarEntry(about, old.last, old.version + told.entry, "cancelled", _hours(plan, old))
    return (*found, cancelled)


def _gone(uow: UnitOfWork, plan: Plan, told: Row[Any]) -> CalendarEntry | None:
    """The present state's entry is taken back: the plan was withdrawn, or its deadline was moved to no day, or to a day
    that has passed."""
    about, stage = _about(plan, plan.state), plan.stage
    if not plan.is_active:
        sequence = stage.version + plan.visit  # the deadline is still the same one
        return CalendarEntry(about, stage.last, sequence, "cancelled", _hours(plan, stage)) if stage.last else None
    asked = {"of": plan.id, "person": told.person_id, "at": plan.state, "since": told.deadline_version}
    facts = uow.connection.execute(_MOVED_SINCE, asked).scalar()
    if facts is None or not facts["old"]:
        return None
    return CalendarEntry(about, date.fromisoformat(facts["old"]), stage.version + plan.visit - 1, "cancelled")


def _deadline(uow: UnitOfWork, plan: Plan) -> CalendarEntry | None:
    stage = plan.stage
    if (
        not plan.is_active
        or stage.last is None
        or stage.last < uow.today(plan.cycle)
        or not plan.requires_action(plan.state)
    ):
        return None
    about, sequence = _about(plan, plan.state), stage.version + plan.visit - 1
    status: Literal["tentative", "confirmed"] = "tentative" if stage.is_provisional("last") else "confirmed"
    return CalendarEntry(about, stage.last, sequence, status, _hours(plan, stage))


def _hours(plan: Plan, stage: StateRecord) -> tuple[datetime, datetime | None] | None:
    return plan.cycle.definition.wheel.calendar.hours(stage.last, stage.clock_of("last")) if stage.last else None


def _about(plan: Plan, state: str) -> str:
    return f"{plan.address}:{state}"
