"""What the pages of the mails show: those that were made, the notices that have none yet, and one mail whole."""

import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

from sqlalchemy import bindparam, select
from sqlmodel import col

from config.text.texts import Texts
from notifications.endings import error_in_words
from notifications.history.mail_log import ListedMail, list_messages
from notifications.notices import NOTICE
from notifications.tables import Message
from wheel.documents.mail import NoticeDocument
from wheel.engine.titles import title_of
from wheel.engine.unit_of_work import PLAN, UnitOfWork
from wheel.reads.explain import coming_notices, notices_of_mail
from wheel.reads.registers import person_names

MAILS = 50  # of a page
PLANNED = 100  # notices of the page
AHEAD = timedelta(days=7)

_WITHOUT_MAIL = (
    select(NOTICE.c.key)
    .where(NOTICE.c.outcome == "planned", NOTICE.c.message_id.is_(None))
    .order_by(NOTICE.c.send_after, NOTICE.c.id)
    .limit(PLANNED + 1)
)
_READERS = select(col(Message.id), col(Message.person_id)).where(col(Message.id).in_(bindparam("ids", expanding=True)))
_AT = select(PLAN).where(PLAN.c.address.in_(bindparam("addresses", expanding=True)))


@dataclass(frozen=True)
class MailRow:
    """`reader`: the person's name. `error`: why it was not sent, in words."""

    mail: ListedMail
    reader: str
    error: str


@dataclass(frozen=True)
class PlannedNotice:
    """`title`: of the plan; empty if it is about none."""

    notice: NoticeDocument
    reader: str
    title: str

    @property
    def leaves(self) -> datetime:
        return max(self.notice.send_after, self.notice.due)


@dataclass(frozen=True)
class ShownMail:
    """One mail as it looked. `html`: with its pictures inside; empty if it has none. `headers`: all of them, in order.
    `told`: what it tells, and why."""

    row: MailRow
    message: Message
    headers: tuple[tuple[str, str], ...]
    text: str
    html: str
    calendar: bytes
    told: tuple[PlannedNotice, ...]


def mail_rows(
    uow: UnitOfWork, texts: Texts, status: str | None, person: str | None, before: int | None
) -> tuple[list[MailRow], int | None]:
    """A page of mails, newest first, and the number before which the next page begins."""
    found = list_messages(uow.session, status=status, person=person, before=before, limit=MAILS + 1)
    older = found[MAILS - 1].id if len(found) > MAILS else None
    return _rows(uow, found[:MAILS], texts), older


def planned_notices(uow: UnitOfWork, texts: Texts) -> list[PlannedNotice]:
    """The notices that wait for their mail, and the reminders of the next seven days, in the order in which they leave;
    at most `PLANNED` and one more, which says that there are others."""
    keys = list(uow.connection.execute(_WITHOUT_MAIL).scalars())
    notices = [*notices_of_mail(uow, keys, texts), *coming_notices(uow, uow.now + AHEAD, texts)]
    known = {notice.key: notice for notice in reversed(notices)}  # what is planned already comes first
    found = sorted(known.values(), key=lambda each: (max(each.send_after, each.due), each.person, each.key))
    return _named(uow, found[: PLANNED + 1], texts)


def shown_mail(uow: UnitOfWork, message: Message, texts: Texts) -> ShownMail:
    [listed] = list_messages(uow.session, message_ids=[message.message_id])
    parsed = message_from_bytes(message.body, policy=policy.default)
    text, html = parsed.get_body(("plain",)), parsed.get_body(("html",))
    calendars = [part for part in parsed.walk() if part.get_content_type() == "text/calendar"]
    return ShownMail(
        row=_rows(uow, [listed], texts)[0],
        message=message,
        headers=tuple((name, str(value)) for name, value in parsed.items()),
        text=text.get_content() if text else "",
        html=_with_pictures(html.get_content(), parsed) if html else "",
        calendar=_bytes(calendars[0]) if calendars else b"",
        told=tuple(_named(uow, notices_of_mail(uow, listed.notices, texts), texts)),
    )


def _rows(uow: UnitOfWork, mails: Sequence[ListedMail], texts: Texts) -> list[MailRow]:
    names = person_names(uow.session)
    readers = {row.id: row.person_id for row in uow.connection.execute(_READERS, {"ids": [mail.id for mail in mails]})}
    return [
        MailRow(mail, names.get(readers[mail.id], readers[mail.id]), error_in_words(mail.error, texts))
        for mail in mails
    ]


def _named(uow: UnitOfWork, notices: Sequence[NoticeDocument], texts: Texts) -> list[PlannedNotice]:
    names = person_names(uow.session)
    plans = uow.readable(_AT, addresses=[notice.plan for notice in notices])
    titles = {plan.address: title_of(plan, texts.language) for plan in plans}
    return [PlannedNotice(each, names.get(each.person, each.person), titles.get(each.plan, "")) for each in notices]


def _with_pictures(html: str, mail: EmailMessage) -> str:
    """The HTML with the pictures that it names by their Content-ID, so that nothing has to be fetched."""
    pictures = {
        part["Content-ID"].strip("<> "): f"data:{part.get_content_type()};base64,{b64encode(_bytes(part)).decode()}"
        for part in mail.walk()
        if part["Content-ID"] and part.get_content_maintype() == "image"
    }
    return re.sub(r"cid:([^\"'\s>]+)", lambda found: pictures.get(found[1], found[0]), html)


def _bytes(part: EmailMessage) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""
