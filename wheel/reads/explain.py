"""Explains why a person was or will be told, for every past and coming notice."""

from datetime import date, datetime

from sqlalchemy import select

from config.text.texts import Texts
from notifications.history import mail_log
from notifications.notices import address_in, notice_key
from wheel.documents.mail import NoticeDocument, NoticesDocument
from wheel.engine.for_information import RECEIVED, WITHDRAWN, receiver
from wheel.engine.plan import NO_RECORD, Plan
from wheel.engine.unit_of_work import PLAN, UnitOfWork
from wheel.engine.withheld_reminders import REMINDERS, snooze_ends
from wheel.errors import NotFound
from wheel.mail.weekly_overview import OVERVIEW, coming
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
    RECEIVED: N_("The matter goes to {body} for information."),
    "undelivered": N_("A mail about the plan did not arrive, so others are told instead."),
}
STILL_OWED = N_("Weekly overview: {body} has an overdue task.")
YIELDS = N_("A reminder on the same day replaces this notice.")
ON_THE_DAY = N_("Reminder on the deadline, {last}.")
SNOOZED = N_("The notice is withheld until {day}: {reason}")
PROVISIONAL = N_("The day is provisional and may change.")


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
    return NoticesDocument(notices=tuple(sorted(found, key=lambda notice: (notice.due, notice.person))))


def _told(uow: UnitOfWork, plan: Plan, texts: Texts) -> list[NoticeDocument]:
    found = mail_log.explain(uow.session, texts, plan_id=plan.id)
    return [NoticeDocument(**{**vars(each), "because": _why(uow, plan, each, texts)}) for each in found]


def _why(uow: UnitOfWork, plan: Plan, notice: mail_log.ExplainedNotice, texts: Texts) -> str:
    record = plan.stages.get(notice.state, NO_RECORD)
    why = _because(plan, notice.rule, notice.offset, record.last, texts)
    if record.last and record.is_provisional("last"):
        why = f"{why} {texts(PROVISIONAL)}"
    waits = notice.outcome == "planned" and not notice.message
    if waits and notice.rule in REMINDERS and snooze_ends(uow, plan):
        why = f"{why} {texts(SNOOZED, day=plan.snoozed_until, reason=plan.snooze_reason)}"
    return f"{why} ({notice.because})" if notice.because else why


def _coming(uow: UnitOfWork, plan: Plan, texts: Texts) -> list[NoticeDocument]:
    """The coming reminders and weekly overviews, with the people who would get them if they were sent now."""
    calendar, stage = uow.calendar(plan.cycle), plan.stage
    found = []
    reminded = set()  # pairs of person and day
    for alarm in uow.agenda(plan):
        if alarm.rung is None:
            continue
        day = calendar.local_date(alarm.at)
        because = _because(plan, "ladder", alarm.rung.days, stage.last, texts)
        leaves = alarm.at
        if snoozed := plan.snoozed_until if plan.is_snoozed(day) else None:
            because = f"{because} {texts(SNOOZED, day=snoozed, reason=plan.snooze_reason)}"
            leaves = max(alarm.at, uow.next_send(plan, calendar.start_of_day(snoozed)))
        for person in uow.directory.recipients(alarm.rung.to, plan.bodies_to_remind, day):
            reminded.add((person, day))
            found.append(_planned(plan, "ladder", alarm.rung.days, person, alarm.at, leaves, because, texts))
    for begins, offset in coming(uow, plan):
        day = calendar.local_date(begins)
        for person in uow.directory.responsible(plan.bodies_to_remind, day):
            because = _because(plan, OVERVIEW, offset, stage.last, texts)
            if (person, day) in reminded:
                because = f"{because} {texts(YIELDS)}"
            due = calendar.start_of_day(day)
            found.append(_planned(plan, OVERVIEW, offset, person, due, begins, because, texts))
    return found


def _planned(
    plan: Plan, rule: str, offset: int, person: str, due: datetime, leaves: datetime, because: str, texts: Texts
) -> NoticeDocument:
    version = plan.stage.version
    if plan.stage.is_provisional("last"):
        because = f"{because} {texts(PROVISIONAL)}"
    return NoticeDocument(
        key=notice_key(plan.address, plan.state, plan.visit, version, rule, offset, person),
        plan=plan.address,
        state=plan.state,
        entry=plan.visit,
        deadline_version=version,
        rule=rule,
        offset=offset,
        person=person,
        due=due,
        send_after=leaves,
        outcome="planned",
        message=None,
        because=because,
    )


def _because(plan: Plan, rule: str, offset: int | None, last: date | None, texts: Texts) -> str:
    if rule != "ladder" or offset is None or last is None:
        owed_by = receiver(plan) if rule == RECEIVED else plan.owed_by()
        body = plan.cycle.definition.wheel.bodies[owed_by].inside if owed_by else "–"
        why = STILL_OWED if rule == OVERVIEW and (offset or 0) > 0 else WHY.get(rule, rule)
        return texts(why, body=body)
    if offset == 0:
        return texts(ON_THE_DAY, last=last)
    if offset < 0:
        return texts.plural(
            "Reminder {n} working day before {last}.", "Reminder {n} working days before {last}.", -offset, last=last
        )
    return texts.plural(
        "Reminder {n} working day after {last}.", "Reminder {n} working days after {last}.", offset, last=last
    )
