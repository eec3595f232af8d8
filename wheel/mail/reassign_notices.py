"""Reassigns planned notices: a notice belongs to a role, so the person who holds it when the mail is made is told."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from sqlalchemy import Row, bindparam, select, text, update

from notifications.notices import NOTICE, notice_key, plan_notices
from notifications.tables import Notice
from wheel.engine.for_information import RECEIVED, readers
from wheel.engine.notice_validity import why_invalid
from wheel.engine.plan import Plan
from wheel.engine.unit_of_work import UnitOfWork
from wheel.mail.calendar_of_mail import municipal_day
from wheel.mail.contents import WEEKLY
from wheel.mail.tell_of_failed_mail import UNDELIVERED, told_instead
from workflows.messages import N_

# By their ids, at least those asked for. A plan that cannot be read is missing.
Plans = Callable[[set[int]], Mapping[int, Plan]]

FOLLOWS = N_("the person has the role no longer, or a substitute has it; told instead")
NOT_ANY_MORE = N_("the person is no administrator any more")

_WAITING = (
    select(NOTICE)
    .where(
        text("notice.outcome = 'planned'"),  # literally, or the partial index is not used
        NOTICE.c.send_after <= bindparam("now"),
        NOTICE.c.message_id.is_(None),
    )
    .order_by(NOTICE.c.send_after, NOTICE.c.id)  # as its index has them: by their ids, every notice would be read
)
_END = (
    update(NOTICE)
    .where(NOTICE.c.id == bindparam("of"), NOTICE.c.outcome == "planned", NOTICE.c.message_id.is_(None))
    .values(outcome="superseded", because=bindparam("why"))
)


def reassign_notices(uow: UnitOfWork, plans: Plans) -> None:
    """End the notices of people who no longer have the role, or have a substitute, and plan them for those who have it
    now."""
    waiting = uow.connection.execute(_WAITING, {"now": uow.now}).all()
    known = plans({notice.plan_id for notice in waiting if notice.plan_id})
    for notice in waiting:
        plan = known.get(notice.plan_id or 0)
        if plan is not None:
            if not why_invalid(cast("Notice", notice), plan):
                _follow(uow, plan, notice)
        elif notice.rule == WEEKLY and notice.person_id not in uow.directory.administrators(municipal_day(uow)):
            _end(uow, "log", notice, NOT_ANY_MORE)


def _follow(uow: UnitOfWork, plan: Plan, notice: Row[Any]) -> None:
    people = recipients(uow, plan, notice.rule, notice.offset)
    if not people or notice.person_id in people:
        return
    if not _end(uow, plan.address, notice, f"{FOLLOWS}: {', '.join(people)}"):
        return
    same = {name: value for name, value in notice._mapping.items() if name not in ("id", "key", "person_id")}
    rule, offset = notice.rule, notice.offset
    place = plan.address, notice.state, notice.entry, notice.deadline_version, rule, offset
    rows = [{**same, "person_id": who, "key": notice_key(*place, who)} for who in people]
    if plan_notices(uow.session, rows):
        uow.log("notice.planned", plan, rule=rule, offset=offset, people=people, instead_of=notice.person_id)


def _end(uow: UnitOfWork, subject: str, notice: Row[Any], because: str) -> bool:
    """False if another process has ended the notice, or made a mail of it."""
    if not uow.connection.execute(_END, {"of": notice.id, "why": because}).rowcount:
        return False
    uow.log("notice.superseded", subject, notice=notice.key, because=because.partition(": ")[0])
    return True


def recipients(uow: UnitOfWork, plan: Plan, rule: str, offset: int | None) -> list[str]:
    """The people to be told of that today: those of the ladder's rung, otherwise those responsible for the plan."""
    day = uow.today(plan.cycle)
    if rule == "ladder":
        rungs = plan.cycle.definition.wheel.ladders[plan.binding.ladder]
        rung = next((rung for rung in rungs if rung.days == offset), None)
        return uow.directory.recipients(rung.to, plan.bodies_to_remind, day) if rung else []
    if rule == RECEIVED:
        return readers(uow, plan)
    return told_instead(uow, plan) if rule == UNDELIVERED else uow.directory.responsible(plan.bodies_to_remind, day)
