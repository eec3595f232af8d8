"""The verb `remind`: those who owe a plan's next step, or all the boards that a phase waits for."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from notifications.compose.compose import compose
from notifications.models import Message, Notice
from wheel.engine.desk import Act, Done, done, permit, settle, take_up
from wheel.engine.plan import Matter
from wheel.engine.unit_of_work import Work
from wheel.errors import Usage
from wheel.mail.contents import Briefer
from wheel.mail.make_mail import readers_of
from wheel.reads.plans import children_of
from workflows.messages import N_
from workflows.rules.rules import Reason

REMIND_AGAIN_AFTER = timedelta(hours=20)  # nobody is reminded of the same thing twice in a day
NOTHING_OWED = ("done", "withdrawn", "not_concerned", "before_introduction", "draft", "upcoming")
PASSED_OVER = {
    "reminded": N_("They were reminded within the last 20 hours, and are not again: {missing}."),
    "held": N_("These are held, and nobody is reminded of them: {missing}."),
    "snoozed": N_("Their reminders are withheld, and they get none: {missing}."),
    "state": N_("Nothing is owed in these now: {missing}."),
}


def remind(work: Work, act: Act, address: str, *, sure: bool = False) -> Done:
    """Refused within 20 hours of the last reminder, unless --anyway. A dry run says who would get which mail.

    `sure`: that many are reminded is meant.
    """
    matter = take_up(work, act, address)
    boards = _waited_for(work, matter)
    reasons = permit(work, matter, "remind", *(body for body in (matter.owed_by(),) if body))
    if not boards:
        warnings = settle(act, reasons + _against(work, matter))
        return _answer(work, act, matter, [matter], warnings)
    against = {board.address: _against(work, board) for board in boards}
    left_out = {a: r for a, r in against.items() if any(not (act.anyway and each.overridable) for each in r)}
    to_remind = [board for board in boards if board.address not in left_out]
    said = _passed_over(left_out)
    if not to_remind:
        reasons += [replace(reason, severity="refuse") for reason in said]
    warnings = settle(act, reasons + said)
    people = {who for board in to_remind for who in _people(work, board)}
    if not sure and not act.dry_run:
        text = N_(
            "This reminds {people} people of {plans} plans. Look with --dry-run who gets what, then say it again with "
            "--yes."
        )
        raise Usage(text, people=len(people), plans=len(to_remind))
    return _answer(work, act, matter, to_remind, warnings)


def _answer(work: Work, act: Act, matter: Matter, to_remind: list[Matter], warnings: list[Reason]) -> Done:
    for each in to_remind:
        _tell(work, act, each)
    more: dict[str, Any] = {"reminded": [each.address for each in to_remind]}
    if act.dry_run:
        more["mails"] = _mails(work, to_remind)
    return replace(done(work, matter, warnings), more=more)


def _waited_for(work: Work, matter: Matter) -> list[Matter]:
    """The boards that have not come so far, where that is what the whole waits for."""
    step = matter.workflow.next_step(matter.state)
    if step is None or step.automatic != "children" or not matter.in_play:
        return []
    children = children_of(work, matter)
    return list(children.missing) if children else []


def _against(work: Work, matter: Matter) -> list[Reason]:
    reasons = []
    today = work.today(matter.turn)
    if matter.held:
        reasons.append(Reason("held", N_("The plan is held; release it first: `arshjul release`.")))
    status = matter.status(today)
    if status in NOTHING_OWED or not matter.is_owed(matter.state):
        reasons.append(Reason("state", N_("Nothing is owed in this plan now ({status})."), {"status": status}))
    latest = work.session.execute(
        select(func.max(col(Notice.due))).where(
            col(Notice.plan_id) == matter.id,
            col(Notice.rule).in_(("ladder", "manual")),
            col(Notice.due) <= work.now,
        )
    ).scalar_one()
    if matter.is_snoozed(today):
        facts = {"day": matter.snoozed_until, "reason": matter.snooze_reason}
        text = N_("Its reminders are withheld until {day}: {reason}")
        reasons.append(Reason("snoozed", text, facts, overridable=True))
    elif latest is not None and work.now - latest < REMIND_AGAIN_AFTER:
        text = N_("They were reminded at {at} already.")
        reasons.append(Reason("reminded", text, {"at": latest}, overridable=True))
    return reasons


def _passed_over(left_out: dict[str, list[Reason]]) -> list[Reason]:
    """One remark for each reason, with the plans that it keeps out."""
    found: dict[str, list[str]] = {}
    for address, reasons in left_out.items():
        found.setdefault(reasons[0].rule, []).append(address)
    return [
        Reason(rule, PASSED_OVER[rule], {"missing": tuple(plans)}, severity="warn") for rule, plans in found.items()
    ]


def _people(work: Work, matter: Matter) -> list[str]:
    return work.directory.responsible(matter.owing, work.today(matter.turn))


def _tell(work: Work, act: Act, matter: Matter) -> None:
    people = _people(work, matter)
    earlier = select(func.count(func.distinct(col(Notice.due)))).where(
        col(Notice.plan_id) == matter.id, col(Notice.rule) == "manual"
    )
    number = 1 + work.session.execute(earlier).scalar_one()
    work.notify(work.news(matter, "manual", people, due=work.now, offset=number, facts={"reason": act.reason}))
    work.log("plan.reminded", matter, state=matter.state, people=people, reason=act.reason)


def _mails(work: Work, reminded: list[Matter]) -> list[dict[str, Any]]:
    """The mails that would be made of it in ten minutes, as the post room would make them; all is rolled back."""
    compose(
        work.session,
        work.journal,
        work.now + work.mail.at_once_wait,
        readers=lambda ids: readers_of(work, ids),
        brief=Briefer(work).brief,
        calendar=work.calendar(reminded[0].turn),
        settings=work.mail,
    )
    query = (
        select(col(Message.person_id), col(Message.to), col(Message.subject))
        .join(Notice, col(Notice.message_id) == col(Message.id))
        .where(
            col(Notice.plan_id).in_([each.id for each in reminded]),
            col(Notice.rule) == "manual",
            col(Notice.due) == work.now,
        )
        .distinct()
        .order_by(col(Message.person_id), col(Message.subject))
    )
    return [{"person": person, "to": to, "subject": subject} for person, to, subject in work.session.execute(query)]
