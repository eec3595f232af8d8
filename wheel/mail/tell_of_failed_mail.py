"""Tells others of a mail that did not arrive: those who answer for the same plan, and the administrators."""

from collections.abc import Iterable

from sqlalchemy import bindparam, select, update
from sqlmodel import col

from notifications.notices import NOTICE, address_in, notice_key, plan_notices
from notifications.tables import Notice
from wheel.engine.plan import Plan
from wheel.engine.unit_of_work import UnitOfWork

UNDELIVERED = "undelivered"  # the notice that takes a lost one's place

_SUBSTITUTES = select(NOTICE).where(
    NOTICE.c.plan_id == bindparam("plan"), NOTICE.c.state == bindparam("at"), NOTICE.c.entry == bindparam("nth"),
    NOTICE.c.rule == UNDELIVERED, NOTICE.c.outcome == "planned", NOTICE.c.message_id.is_(None),
)  # fmt: skip
_WITHDRAW = update(NOTICE).where(NOTICE.c.id == bindparam("of")).values(outcome="superseded", because="sent_after_all")


def tell_of_message(uow: UnitOfWork, message_id: int, person: str) -> None:
    """Tell others of the notices in a message to that person that has failed."""
    notices = uow.session.execute(select(Notice).where(col(Notice.message_id) == message_id)).scalars().all()
    notify_others(uow, person, notices)


def notify_others(uow: UnitOfWork, person: str, notices: Iterable[Notice]) -> None:
    """Tell the others who answer for these plans, and the administrators, what that person was not told: a board must
    not miss a date because one address no longer works. A substitute notice that is lost itself is not replaced."""
    for notice in notices:
        if notice.plan_id is None or notice.rule == UNDELIVERED:
            continue
        try:
            plan = uow.plan_with_id(notice.plan_id)
        except ValueError:  # its definition cannot be read, and the plan has been put aside
            continue
        people = [who for who in told_instead(uow, plan, person) if who != person]
        tell_others(uow, plan, notice, people, instead_of=person)


def withdraw_substitutes(uow: UnitOfWork, notices: Iterable[Notice]) -> None:
    """End what was planned to be told instead of these notices and is in no mail yet: they are sent after all."""
    for notice in notices:
        asked = {"plan": notice.plan_id, "at": notice.state, "nth": notice.entry}
        for substitute in uow.connection.execute(_SUBSTITUTES, asked):
            if substitute.facts.get("person") == notice.person_id:
                uow.connection.execute(_WITHDRAW, {"of": substitute.id})
                uow.log("notice.superseded", address_in(notice.key), notice=substitute.key, because="sent_after_all")


def tell_others(uow: UnitOfWork, plan: Plan, notice: Notice, people: list[str], *, instead_of: str = "") -> None:
    """Plan one substitute notice per person for a lost notice, once.

    With `instead_of` (the person missed) it is sent immediately. Without, nobody got the notice for weeks, and the
    substitute waits for a working day.
    """
    rule = f"{UNDELIVERED}/{instead_of}/{notice.rule}"
    rows = [
        {
            "plan_id": plan.id, "state": notice.state, "entry": notice.entry,
            "deadline_version": notice.deadline_version, "rule": UNDELIVERED, "offset": notice.offset,
            "at_once": bool(instead_of), "facts": uow.facts(plan) | {"person": instead_of}, "due": uow.now,
            "send_after": uow.now, "person_id": who,
            "key": notice_key(
                plan.address, notice.state, notice.entry, notice.deadline_version, rule, notice.offset, who
            ),
        }
        for who in people
    ]  # fmt: skip
    if plan_notices(uow.session, rows):
        uow.log("notice.planned", plan, rule=UNDELIVERED, instead_of=instead_of, people=people)


def told_instead(uow: UnitOfWork, plan: Plan, person: str = "") -> list[str]:
    """Those who answer for the plan today, and the administrators. Only the administrators if the `person` was told as
    one of them: the others had a mail of their own."""
    day = uow.today(plan.cycle)
    responsible, administrators = (
        uow.directory.responsible(plan.bodies_to_remind, day),
        uow.directory.administrators(day),
    )
    if person in administrators and person not in responsible:
        return administrators
    return list(dict.fromkeys([*responsible, *administrators]))
