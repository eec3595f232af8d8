"""An administrator's acts on single mails: send them after all, withhold them, note that they bounced."""

from collections.abc import Sequence

from notifications.history import mail_log
from notifications.tables import Message
from wheel.engine.request_and_result import Request, Result
from wheel.engine.unit_of_work import UnitOfWork
from wheel.engine.verb_preconditions import right_objections
from wheel.errors import NotFound, RefusedError
from wheel.mail.calendar_of_mail import municipal_day
from wheel.mail.tell_of_failed_mail import tell_of_message
from workflows.messages import N_
from workflows.rules.named_rules import Reason


def find_mail(uow: UnitOfWork, reference: str) -> Message:
    """A mail by its number or Message-ID. Raises NotFound."""
    message = mail_log.find_message(uow.session, reference)
    if message is None:
        raise NotFound(N_("The mail {mail} does not exist."), mail=reference)
    return message


def retry_mail(uow: UnitOfWork, request: Request, mails: Sequence[str]) -> Result:
    """Failed and withheld mails are sent as they were written."""
    found = _to_change(uow, request, mails)
    return _changed(mail_log.retry(uow.session, uow.journal, [_id(mail) for mail in found], request.now))


def withhold_mail(uow: UnitOfWork, request: Request, mails: Sequence[str]) -> Result:
    """Mails that wait or have failed are not sent."""
    found = _to_change(uow, request, mails)
    return _changed(mail_log.withhold(uow.session, uow.journal, [_id(mail) for mail in found]))


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


def _changed(count: int) -> Result:
    return Result("outbox", more={"changed": count})
