"""Reassigns planned notices: a notice belongs to a role, so the person who holds it when the mail leaves is told."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from sqlalchemy import Row, bindparam, select, text, update

from notifications.notices import NOTICE, notice_key, plan_notices, rule_in_key
from notifications.tables import Notice
from wheel.engine.for_information import FLAGGED, RECEIVED, WITHDRAWN, readers
from wheel.engine.notice_validity import why_invalid
from wheel.engine.plan import Plan
from wheel.engine.unit_of_work import UnitOfWork
from wheel.mail.calendar_of_mail import municipal_day
from wheel.mail.contents import WEEKLY
from wheel.mail.tell_of_failed_mail import UNDELIVERED, told_instead

# By their ids, at least those asked for. A plan that cannot be read is missing.
Plans = Callable[[set[int]], Mapping[int, Plan]]

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
    .values(outcome="superseded", because=bindparam("why"), detail=bindparam("more"))
)


def reassign_notices(uow: UnitOfWork, plans: Plans) -> None:
    """End the notices, in no mail yet, of people who no longer have the role or have a substitute. Plan them for those
    who have it now."""
    waiting = uow.connection.execute(_WAITING, {"now": uow.now}).all()
    known = plans({notice.plan_id for notice in waiting if notice.plan_id})
    for notice in waiting:
        plan = known.get(notice.plan_id or 0)
        because, people = why_not_theirs(uow, cast("Notice", notice), plan)
        if because and _end(uow, plan.address if plan else "log", notice, because, people) and plan:
            tell_holders(uow, plan, notice._mapping, people)


def why_not_theirs(uow: UnitOfWork, notice: Notice, plan: Plan | None) -> tuple[str, list[str]]:
    """Why the notice no longer concerns its person, as a code of endings.py, and who is told instead. Empty while it
    does, or where it holds for nobody."""
    if plan is None:
        gone = notice.rule == WEEKLY and notice.person_id not in uow.directory.administrators(municipal_day(uow))
        return "no_administrator" if gone else "", []
    if why_invalid(notice, plan):
        return "", []
    people = [who for who in recipients(uow, plan, notice.rule, notice.offset) if who != notice.facts.get("by")]
    if notice.person_id in people:
        return "", []
    if people:
        return "role_passed_on", people
    return "" if uow.directory.has_a_role(notice.person_id, uow.today(plan.cycle)) else "no_role", []


def tell_holders(uow: UnitOfWork, plan: Plan, notice: Mapping[Any, Any], people: list[str]) -> None:
    """Plan the notice, by the columns of its row, for those who have the role now."""
    if not people:
        return
    same = {name: value for name, value in notice.items() if name not in ("id", "key", "person_id")}
    same |= {"outcome": "planned", "because": "", "detail": "", "message_id": None}
    rule, offset, named = notice["rule"], notice["offset"], rule_in_key(notice["rule"], notice["facts"])
    place = plan.address, notice["state"], notice["entry"], notice["deadline_version"], named, offset
    rows = [{**same, "person_id": who, "key": notice_key(*place, who)} for who in people]
    if plan_notices(uow.session, rows):
        uow.log("notice.planned", plan, rule=rule, offset=offset, people=people, instead_of=notice["person_id"])


def _end(uow: UnitOfWork, subject: str, notice: Row[Any], because: str, people: list[str]) -> bool:
    """False if another process has ended the notice, or made a mail of it."""
    if not uow.connection.execute(_END, {"of": notice.id, "why": because, "more": ", ".join(people)}).rowcount:
        return False
    uow.log("notice.superseded", subject, notice=notice.key, because=because)
    return True


def recipients(uow: UnitOfWork, plan: Plan, rule: str, offset: int | None) -> list[str]:
    """The people to be told of that today: those of the ladder's rung, otherwise those responsible for the plan."""
    day = uow.today(plan.cycle)
    if rule == "ladder":
        rungs = plan.cycle.definition.wheel.ladders[plan.binding.ladder]
        rung = next((rung for rung in rungs if rung.days == offset), None)
        return uow.directory.recipients(rung.to, plan.bodies_to_remind, day) if rung else []
    if rule == WITHDRAWN:
        return []  # it concerns those who were told, and nobody in their place
    if rule == FLAGGED:
        return uow.directory.told(plan.bodies_of_the_matter, day)
    if rule == RECEIVED:
        return list(dict.fromkeys(who for body in plan.receivers for who in readers(uow, plan, body)))
    return told_instead(uow, plan) if rule == UNDELIVERED else uow.directory.told(plan.bodies_to_remind, day)
