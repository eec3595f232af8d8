"""An administrator's acts on single mails: send them after all, withhold them, note that they bounced."""

from collections.abc import Sequence

from sqlalchemy import bindparam, update

from notifications.delivery.revalidate import withhold
from notifications.history import mail_log
from notifications.notices import NOTICE
from notifications.tables import Message
from wheel.engine.request_and_result import Request, Result
from wheel.engine.unit_of_work import UnitOfWork
from wheel.engine.verb_preconditions import right_objections
from wheel.errors import NotFound, RefusedError
from wheel.mail.calendar_of_mail import municipal_day
from wheel.mail.judge_unsent import UnsentMail, judge
from wheel.mail.tell_of_failed_mail import tell_of_message, withdraw_substitutes
from workflows.messages import N_
from workflows.rules.named_rules import Reason

# Why a mail is not sent after all, by the code of its ending.
OVER = {
    "deadline_moved": N_("The deadline was moved since. Not sent: {mails}."),
    "held": N_("The plan is paused. Not sent: {mails}."),
    "looked_at": N_("Somebody has looked at the plan since. Not sent: {mails}."),
    "moved_on": N_("The plan has moved on since. Not sent: {mails}."),
    "newer_reminder": N_("A later reminder of the same deadline takes their place. Not sent: {mails}."),
    "out_of_play": N_("The plan is no longer active. Not sent: {mails}."),
    "too_late": N_("Too old to be sent: {mails}. Send a new reminder if one is needed."),
    "unreadable": N_("The plan cannot be read. Not sent: {mails}."),
}
_END = (
    update(NOTICE)
    .where(NOTICE.c.id == bindparam("of"))
    .values(outcome=bindparam("ends"), because=bindparam("why"), detail="")
)


def find_mail(uow: UnitOfWork, reference: str) -> Message:
    """A mail by its number or Message-ID. Raises NotFound."""
    message = mail_log.find_message(uow.session, reference)
    if message is None:
        raise NotFound(N_("The mail {mail} does not exist."), mail=reference)
    return message


def retry_mail(uow: UnitOfWork, request: Request, mails: Sequence[str]) -> Result:
    """Failed and withheld mails are sent, as far as what they tell still holds; the answer says what does not."""
    found = {_id(mail): mail.message_id for mail in _to_change(uow, request, mails)}
    unsent = judge(uow, found)
    for mail in unsent:
        _end_what_is_over(uow, mail, found[mail.id])
    over = {mail.id: mail.why_over for mail in unsent if mail.why_over}
    still = [id for id in found if id not in over]
    changed = mail_log.retry(uow.session, uow.journal, still, request.now)
    for mail in unsent:
        if not mail.why_over:
            withdraw_substitutes(uow, mail.notices)
    warnings = []
    for because in dict.fromkeys(over.values()):
        theirs = tuple(str(id) for id, why in over.items() if why == because)
        warnings.append(Reason("over", OVER[because], {"mails": theirs}, severity="warn"))
    return _changed(changed, warnings + _untouched(len(found) - changed - len(over)))


def _end_what_is_over(uow: UnitOfWork, mail: UnsentMail, message_id: str) -> None:
    """End those of its notices that say nothing any more, and withhold it if that is all of them."""
    for id, because in mail.over.items():
        ends = "expired" if because == "too_late" else "superseded"
        uow.connection.execute(_END, {"of": id, "ends": ends, "why": because})
    if mail.why_over:
        withhold(uow.session, uow.journal, mail.id, message_id, mail.why_over)


def withhold_mail(uow: UnitOfWork, request: Request, mails: Sequence[str]) -> Result:
    """Mails that have not been sent are not sent."""
    found = [_id(mail) for mail in _to_change(uow, request, mails)]
    changed = mail_log.withhold(uow.session, uow.journal, found)
    return _changed(changed, _untouched(len(found) - changed))


def mark_bounced(uow: UnitOfWork, request: Request, mails: Sequence[str], answer: str) -> Result:
    """Sent mails have failed, and others are told instead. `answer`: what the bounce said."""
    found = _to_change(uow, request, mails)
    if unsent := [str(mail.id) for mail in found if mail.status not in ("sent", "failed")]:
        text = N_("These mails have not been sent and cannot have bounced: {mails}.")
        raise RefusedError([Reason("unsent", text, {"mails": unsent})])
    people = {_id(mail): mail.person_id for mail in found}
    bounced = mail_log.mark_bounced(uow.session, uow.journal, list(people), request.now, answer)
    for id in bounced:
        tell_of_message(uow, id, people[id])
    return _changed(len(bounced))


def _to_change(uow: UnitOfWork, request: Request, mails: Sequence[str]) -> list[Message]:
    if reasons := right_objections(uow, request, "outbox", municipal_day(uow)):
        raise RefusedError(reasons)
    return list({mail.id: mail for mail in (find_mail(uow, reference) for reference in mails)}.values())


def _id(mail: Message) -> int:
    assert mail.id is not None  # it was read from the database
    return mail.id


def _untouched(count: int) -> list[Reason]:
    text = N_("Mails that have been sent, wait already or are withheld already are left as they are: {count}.")
    return [Reason("untouched", text, {"count": count}, severity="warn")] if count else []


def _changed(count: int, warnings: list[Reason] | None = None) -> Result:
    return Result("outbox", warnings=warnings or [], more={"changed": count})
