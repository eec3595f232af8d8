"""The verb `remind`: mail those who owe a plan's next step, or all the boards that a phase waits for."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import func, select
from sqlmodel import col

from notifications.tables import Message, Notice
from wheel.engine.boards_progress import children_of
from wheel.engine.desk import refuse_or_warn
from wheel.engine.plan import OVER, Plan
from wheel.engine.request_and_result import Effects, MailRow, Request, Result, result_of
from wheel.engine.unit_of_work import UnitOfWork
from wheel.engine.verb_preconditions import HELD, load_current, plan_objections
from wheel.errors import Usage
from wheel.mail.make_mail import make_now
from workflows.messages import N_
from workflows.rules.named_rules import Reason

REMIND_AGAIN_AFTER = timedelta(hours=20)  # nobody is reminded of the same thing twice in a day
NOTHING_OWED = (*OVER, "draft", "upcoming")
PASSED_OVER = {
    "reminded": N_("Already reminded within the last 20 hours: {missing}. They are not reminded again."),
    "held": N_("These plans are paused and nobody is reminded: {missing}."),
    "snoozed": N_("Reminders are withheld for: {missing}. Nobody is reminded."),
    "state": N_("Nothing is to be done here now: {missing}."),
}


def remind(uow: UnitOfWork, request: Request, address: str, *, sure: bool = False) -> Result:
    """Remind those who owe the next step. A dry run answers who would get which mail.

    `sure`: the actor confirms that many are reminded. Within 20 hours of the last reminder this is refused, but can be
    overridden.
    """
    plan = load_current(uow, request, address)
    boards = _waited_for(uow, plan)
    reasons = plan_objections(uow, request, plan, "remind")
    if not boards:
        warnings = refuse_or_warn(request, reasons + _against(uow, plan), plan)
        return _answer(uow, request, plan, [plan], warnings)
    against = {board.address: _against(uow, board) for board in boards}
    left_out = {a: r for a, r in against.items() if any(not (request.anyway and each.overridable) for each in r)}
    to_remind = [board for board in boards if board.address not in left_out]
    said = _passed_over(left_out)
    if not to_remind:
        reasons += [replace(reason, severity="refuse") for reason in said]
    warnings = refuse_or_warn(request, reasons + said, plan)
    people = {who for board in to_remind for who in _people(uow, board)}
    if not sure and not request.dry_run:
        text = N_("This reminds {people} people of {plans} plans.")
        raise Usage(text, people=len(people), plans=len(to_remind))
    return _answer(uow, request, plan, to_remind, warnings)


def _answer(uow: UnitOfWork, request: Request, plan: Plan, to_remind: list[Plan], warnings: list[Reason]) -> Result:
    for each in to_remind:
        _tell(uow, request, each)
    more: Effects = {"reminded": [each.address for each in to_remind]}
    if request.dry_run:
        more["mails"] = _mails(uow, to_remind)
    return replace(result_of(uow, plan, warnings), more=more)


def _waited_for(uow: UnitOfWork, plan: Plan) -> list[Plan]:
    """The boards that the whole phase waits for. Empty where it waits for something else."""
    step = plan.workflow.next_step(plan.state)
    if step is None or step.automatic != "children" or not plan.is_active:
        return []
    children = children_of(uow, plan)
    return list(children.missing) if children else []


def _against(uow: UnitOfWork, plan: Plan) -> list[Reason]:
    reasons = []
    today = uow.today(plan.cycle)
    if plan.held:
        reasons.append(Reason("held", HELD))
    status = plan.status(today)
    if status in NOTHING_OWED or not plan.requires_action(plan.state):
        reasons.append(
            Reason("state", N_("Nobody has anything to do in this plan now ({status})."), {"status": status})
        )
    latest = uow.session.execute(
        select(func.max(col(Notice.due))).where(
            col(Notice.plan_id) == plan.id,
            col(Notice.rule).in_(("ladder", "manual")),
            col(Notice.due) <= uow.now,
        )
    ).scalar_one()
    if plan.is_snoozed(today):
        facts = {"day": plan.snoozed_until, "reason": plan.snooze_reason}
        text = N_("The plan's reminders are withheld until {day}: {reason}")
        reasons.append(Reason("snoozed", text, facts, overridable=True))
    elif latest is not None and uow.now - latest < REMIND_AGAIN_AFTER:
        text = N_("Those responsible were already reminded at {at}.")
        reasons.append(Reason("reminded", text, {"at": latest}, overridable=True))
    return reasons


def _passed_over(left_out: dict[str, list[Reason]]) -> list[Reason]:
    """One warning for each reason, with the plans that are left out because of it."""
    found: dict[str, list[str]] = {}
    for address, reasons in left_out.items():
        found.setdefault(reasons[0].rule, []).append(address)
    return [
        Reason(rule, PASSED_OVER[rule], {"missing": tuple(plans)}, severity="warn") for rule, plans in found.items()
    ]


def _people(uow: UnitOfWork, plan: Plan) -> list[str]:
    return uow.directory.told(plan.bodies_to_remind, uow.today(plan.cycle))


def _tell(uow: UnitOfWork, request: Request, plan: Plan) -> None:
    people = _people(uow, plan)
    earlier = select(func.count(func.distinct(col(Notice.due)))).where(
        col(Notice.plan_id) == plan.id, col(Notice.rule) == "manual"
    )
    number = 1 + uow.session.execute(earlier).scalar_one()
    uow.notify(uow.news(plan, "manual", people, due=uow.now, offset=number, facts={"reason": request.reason}))
    uow.log("plan.reminded", plan, state=plan.state, people=people, reason=request.reason)


def _mails(uow: UnitOfWork, reminded: list[Plan]) -> list[MailRow]:
    """The mails that would be made of it in ten minutes. The dry run rolls all of it back."""
    make_now(uow, uow.calendar(reminded[0].cycle), uow.now + uow.mail.at_once_wait)
    query = (
        select(col(Message.person_id), col(Message.to), col(Message.subject))
        .join(Notice, col(Notice.message_id) == col(Message.id))
        .where(
            col(Notice.plan_id).in_([each.id for each in reminded]),
            col(Notice.rule) == "manual",
            col(Notice.due) == uow.now,
        )
        .distinct()
        .order_by(col(Message.person_id), col(Message.subject))
    )
    return [{"person": person, "to": to, "subject": subject} for person, to, subject in uow.session.execute(query)]
