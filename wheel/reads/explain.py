"""Explains why a person was or will be told, for every past and coming notice."""

from collections.abc import Collection
from contextlib import suppress
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, select

from config.text.texts import Texts
from notifications.endings import in_words
from notifications.history import mail_log
from notifications.history.mail_export import Why
from notifications.notices import address_in, notice_key, rule_in_key
from wheel.documents.mail import NoticeDocument, NoticesDocument
from wheel.documents.reasons import ReasonDocument
from wheel.engine.for_information import FLAGGED, RECEIVED, WITHDRAWN
from wheel.engine.objections import waiting_for
from wheel.engine.plan import Plan
from wheel.engine.unit_of_work import PLAN, UnitOfWork
from wheel.engine.withheld_reminders import REMINDERS, snooze_ends
from wheel.errors import NotFound
from wheel.mail.contents import WEEKLY
from wheel.mail.weekly_overview import OVERVIEW, coming
from wheel.reads.result_documents import reason_document
from workflows.definition.definition import Wheel
from workflows.messages import N_

# Why each kind of notice is sent; a reminder of the ladder names its days instead.
WHY = {
    "your_turn": N_("The step had opened for {body}."),
    "sent_back": N_("The matter was sent back to {body}."),
    "returned": N_("The matter was returned to {body} for completion."),
    "rejected": N_("The proposal was rejected."),
    "postponed": N_("The matter was postponed."),
    "moved": N_("The deadline was moved."),
    "overview": N_("Weekly overview: {body} has a deadline within two weeks."),
    "manual": N_("An administrator reminded {body}."),
    WITHDRAWN: N_("The plan was withdrawn."),
    FLAGGED: N_("What the plan builds on was reopened or changed."),
    RECEIVED: N_("The matter goes to {body} for information."),
    WEEKLY: N_("The week's mail to the administrators."),
    "undelivered": N_("A mail about the plan did not arrive, so others are told instead."),
}
STILL_OWED = N_("Weekly overview: {body} has an overdue task.")
MOVED = N_("The deadline was moved from {old} to {new}.")
NOT_STORED = N_("An earlier version planned this notice, and did not store the reason.")
YIELDS = N_("A reminder on the same day replaces this notice.")
ON_THE_DAY = N_("Reminder on the deadline, {last}.")
LAST_MEETING = N_("That is the last meeting before the deadline, {last}.")
SNOOZED = N_("The notice is withheld until {day}: {reason}")
PROVISIONAL = N_("The day is provisional and may change.")


Facts = dict[str, Any]
_AT = select(PLAN).where(PLAN.c.address.in_(bindparam("addresses", expanding=True)))
# A plan's next alarm is no later than its next reminder.
_SOON = select(PLAN).where(PLAN.c.wake_at <= bindparam("then")).order_by(PLAN.c.wake_at, PLAN.c.id)
_CYCLES = select(PLAN.c.id, PLAN.c.cycle_id)


def explain(uow: UnitOfWork, subject: str, texts: Texts) -> NoticesDocument:
    """The notices of a plan, given its address; or one notice, given its key. Raises NotFound."""
    address = address_in(subject)
    known = uow.session.execute(select(PLAN.c.id).where(PLAN.c.address == address)).scalar_one_or_none()
    if known is None:
        raise NotFound.plan(address)
    plan = uow.plan(address)
    found = _told(uow, plan, texts) + _coming(uow, plan, texts)
    if subject != address:
        found = [notice for notice in found if notice.key == subject]
        if not found:
            text = N_("The notice {key} does not exist.")
            raise NotFound(text, key=subject, address=address)
    notices = tuple(sorted(found, key=lambda notice: (notice.due, notice.person)))
    return NoticesDocument(notices=notices, waits=_waits(uow, plan, texts) if subject == address else ())


def notices_of_mail(uow: UnitOfWork, keys: Collection[str], texts: Texts) -> list[NoticeDocument]:
    """What one mail tells, and why; by the plans in the mail's order."""
    found = mail_log.explain(uow.session, texts, keys=keys)
    plans = {plan.address: plan for plan in uow.readable(_AT, addresses=[notice.plan for notice in found])}
    return [_document(notice, _why(uow, plans.get(notice.plan), notice, texts)) for notice in found]


def coming_notices(uow: UnitOfWork, until: datetime, texts: Texts) -> list[NoticeDocument]:
    """The reminders that are not planned yet and leave by `until` (UTC), with the people who would get them now."""
    found = [notice for plan in uow.readable(_SOON, then=until) for notice in _coming(uow, plan, texts)]
    return sorted((each for each in found if each.send_after <= until), key=lambda each: (each.send_after, each.person))


def _waits(uow: UnitOfWork, plan: Plan, texts: Texts) -> tuple[ReasonDocument, ...]:
    """The reasons why the next step waits, so that nobody is told of it yet."""
    if not plan.is_active:
        return ()
    waiting = [each for step in plan.workflow.steps_from(plan.state) for each in waiting_for(uow, plan, step)]
    return tuple(reason_document(reason, texts, plan.cycle.definition) for reason in waiting)


def reasons(uow: UnitOfWork, texts: Texts) -> Why:
    """For an export: why each notice was sent, as it was stored, and why it ended without a mail."""
    wheels: dict[int, Wheel] = {}
    for id, cycle in uow.connection.execute(_CYCLES):
        with suppress(ValueError):  # its definition cannot be read: the body is named by its id
            wheels[id] = uow.cycle(cycle).definition.wheel

    def why(plan: int | None, rule: str, offset: int | None, facts: Facts, ended: str, detail: str) -> str:
        said = _because(wheels.get(plan or 0), rule, offset, facts, texts)
        return f"{said} ({in_words(ended, detail, texts)})" if ended else said

    return why


def _told(uow: UnitOfWork, plan: Plan, texts: Texts) -> list[NoticeDocument]:
    notices = mail_log.explain(uow.session, texts, plan_id=plan.id)
    return [_document(notice, _why(uow, plan, notice, texts)) for notice in notices]


def _document(notice: mail_log.ExplainedNotice, why: str) -> NoticeDocument:
    facts = notice.facts
    values = {name: value for name, value in vars(notice).items() if name not in ("facts", "ended")}
    return NoticeDocument(
        **values, because=why, body=facts.get("body"), last=facts.get("last"), clock=facts.get("clock")
    )


def _why(uow: UnitOfWork, plan: Plan | None, notice: mail_log.ExplainedNotice, texts: Texts) -> str:
    """`plan`: None for a notice that is about no plan."""
    wheel = plan.cycle.definition.wheel if plan else None
    why = _because(wheel, notice.rule, notice.offset, notice.facts, texts)
    waits = notice.outcome == "planned" and not notice.message
    if plan and waits and notice.rule in REMINDERS and snooze_ends(uow, plan):
        why = f"{why} {texts(SNOOZED, day=plan.snoozed_until, reason=plan.snooze_reason)}"
    return f"{why} ({notice.ended})" if notice.ended else why


def _coming(uow: UnitOfWork, plan: Plan, texts: Texts) -> list[NoticeDocument]:
    """The coming reminders and weekly overviews, with the people who would get them if they were sent now."""
    calendar, wheel = uow.calendar(plan.cycle), plan.cycle.definition.wheel
    found = []
    reminded = set()  # pairs of person and day
    for alarm in uow.agenda(plan):
        if alarm.rung is None:
            continue
        day = calendar.local_date(alarm.at)
        because = _because(wheel, "ladder", alarm.rung.days, uow.facts(plan), texts)
        leaves = alarm.at
        if snoozed := plan.snoozed_until if plan.is_snoozed(day) else None:
            because = f"{because} {texts(SNOOZED, day=snoozed, reason=plan.snooze_reason)}"
            leaves = max(alarm.at, uow.next_send(plan, calendar.start_of_day(snoozed)))
        for person in uow.directory.recipients(alarm.rung.to, plan.bodies_to_remind, day):
            reminded.add((person, day))
            found.append(_planned(uow, plan, "ladder", alarm.rung.days, person, alarm.at, leaves, because))
    for begins, offset in coming(uow, plan):
        day = calendar.local_date(begins)
        for person in uow.directory.told(plan.bodies_to_remind, day):
            because = _because(wheel, OVERVIEW, offset, uow.facts(plan), texts)
            if (person, day) in reminded:
                because = f"{because} {texts(YIELDS)}"
            due = calendar.start_of_day(day)
            found.append(_planned(uow, plan, OVERVIEW, offset, person, due, begins, because))
    return found


def _planned(
    uow: UnitOfWork, plan: Plan, rule: str, offset: int, person: str, due: datetime, leaves: datetime, because: str
) -> NoticeDocument:
    version, named = plan.stage.version, rule_in_key(rule, uow.facts(plan))
    return NoticeDocument(
        key=notice_key(plan.address, plan.state, plan.visit, version, named, offset, person),
        plan=plan.address,
        state=plan.state,
        entry=plan.visit,
        deadline_version=version,
        rule=rule,
        offset=offset,
        person=person,
        body=plan.owed_by(),
        last=plan.stage.last,
        clock=plan.stage.clock_of("last"),
        due=due,
        send_after=leaves,
        outcome="planned",
        message=None,
        because=because,
    )


def _because(wheel: Wheel | None, rule: str, offset: int | None, facts: Facts, texts: Texts) -> str:
    """Why a notice is or was sent, by the facts that are stored with it alone."""
    if rule != WEEKLY and "body" not in facts:
        return texts(NOT_STORED)
    last = date.fromisoformat(facts["last"]) if facts.get("last") else None
    if rule == "ladder" and offset is not None and last is not None:
        said = texts.at(texts.date(last), facts.get("clock"))
        why = _rung(offset, said, texts)
        if facts.get("meeting"):
            meeting = texts.date(date.fromisoformat(facts["meeting"]))
            why = f"{_rung(offset, meeting, texts)} {texts(LAST_MEETING, last=said)}"
    elif rule == "moved" and facts.get("old") and facts.get("new"):
        why = texts(MOVED, old=date.fromisoformat(facts["old"]), new=date.fromisoformat(facts["new"]))
    else:
        owed_by = wheel.bodies.get(facts.get("body") or "") if wheel else None
        text = STILL_OWED if rule == OVERVIEW and (offset or 0) > 0 else WHY.get(rule, rule)
        why = texts(text, body=owed_by.inside if owed_by else facts.get("body") or "–")
    return f"{why} {texts(PROVISIONAL)}" if facts.get("provisional") else why


def _rung(offset: int, last: str, texts: Texts) -> str:
    if offset == 0:
        return texts(ON_THE_DAY, last=last)
    if offset < 0:
        return texts.plural(
            "Reminder {n} working day before {last}.", "Reminder {n} working days before {last}.", -offset, last=last
        )
    return texts.plural(
        "Reminder {n} working day after {last}.", "Reminder {n} working days after {last}.", offset, last=last
    )
