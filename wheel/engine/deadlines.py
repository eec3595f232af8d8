"""Moves the last day of a state, and knows which last day people have been told."""

from datetime import date
from typing import Any

from sqlalchemy import bindparam, select

from notifications.notices import NOTICE
from wheel.engine.plan import NO_RECORD, Plan, StateRecord
from wheel.engine.unit_of_work import UnitOfWork
from workflows.definition.definition import Step
from workflows.messages import N_
from workflows.rules.named_rules import Reason

# Notices that end when the deadline changes; other news is told all the same.
ABOUT_THE_DEADLINE = ("ladder", "overview", "moved", "postponed")

_UNTOLD = (
    select(NOTICE.c.facts)
    .where(
        NOTICE.c.plan_id == bindparam("of"), NOTICE.c.state == bindparam("at"), NOTICE.c.outcome == "planned",
        NOTICE.c.message_id.is_(None), NOTICE.c.rule.in_(("moved", "postponed")),
    )
    .order_by(NOTICE.c.id)
    .limit(1)
)  # fmt: skip


def save_dates(uow: UnitOfWork, plan: Plan, stages: dict[str, StateRecord], known: date | None, **values: Any) -> Plan:
    """Save the plan with other dates. `known`: the last day of the present state that people have been told.

    If the day changes, people are told. Reminders that the new date would have put in the past are dropped; reminders
    already due under the old date are still sent.
    """
    due = any(alarm.at <= uow.now for alarm in uow.agenda(plan))
    if not due and stages.get(plan.state, NO_RECORD).last != known:
        values["handled_until"] = uow.now
    return uow.save(plan, stages=stages, **values)


def known_day(uow: UnitOfWork, plan: Plan) -> date | None:
    """The last day of the present state that people have been told: a move that waits to be mailed does not count."""
    facts = uow.connection.execute(_UNTOLD, {"of": plan.id, "at": plan.state}).scalar()
    if facts is None:
        return plan.stage.last
    return date.fromisoformat(facts["old"]) if facts["old"] else None


def is_told(plan: Plan) -> bool:
    """Whether anybody is told that the deadline of the plan's present state has moved.

    Not in a draft cycle, where dates are only drafted (R1), and not where nothing is owed.
    """
    draft = plan.cycle.draft and not plan.is_timetable
    return plan.is_active and not draft and plan.requires_action(plan.state)


def day_off_warning(uow: UnitOfWork, plan: Plan, day: date | None) -> list[Reason]:
    if day is None or uow.calendar(plan.cycle).is_working_day(day):
        return []
    return [Reason("date", N_("{date} is a day off."), {"date": day}, severity="warn")]


def new_date_objections(step: Step, new_date: date | None, today: date, *, needed: bool) -> list[Reason]:
    if new_date is None:
        text = N_("Give a new deadline, because the old one has passed or no longer applies.")
        return [Reason("date", text, step=step.verb)] if needed else []
    if new_date < today:
        text = N_("The new deadline {date} has already passed.")
        return [Reason("date", text, {"date": new_date}, step=step.verb)]
    return []
