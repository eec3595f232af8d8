"""What delivery asks the year: whether an old mail still says something, and who is told that one was lost."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from config.municipality.roles import DAEMON
from notifications.compose.digest import as_mail
from notifications.content.content import Journal
from notifications.delivery.claims import Claim
from notifications.delivery.revalidate import is_fresh, review
from notifications.mail_settings import MailSettings
from wheel.engine.unit_of_work import UnitOfWork
from wheel.mail.contents import ContentBuilder
from wheel.mail.delivery_failures import tell_of_message
from wheel.mail.make_mail import calendar_of_mail, readers_of


def reviewing(mail: MailSettings) -> Callable[[Session, Journal, Claim, datetime], Claim | None]:
    def again(session: Session, journal: Journal, mine: Claim, now: datetime) -> Claim | None:
        if is_fresh(mine, now):
            return mine
        uow = _work(session, journal, now, mail)
        calendar = calendar_of_mail(uow)
        if calendar is None:
            return mine
        return review(
            session,
            journal,
            mine,
            now,
            readers=lambda ids: readers_of(uow, ids),
            brief=ContentBuilder(uow).brief,
            calendar=calendar,
            write=as_mail(mail),
        )

    return again


def telling(mail: MailSettings) -> Callable[[Session, Journal, Claim, datetime], None]:
    def tell(session: Session, journal: Journal, mine: Claim, now: datetime) -> None:
        tell_of_message(_work(session, journal, now, mail), mine.id, mine.person_id)

    return tell


def _work(session: Session, journal: Journal, now: datetime, mail: MailSettings) -> UnitOfWork:
    uow = UnitOfWork(session, now, DAEMON, mail)  # type: ignore[arg-type]
    uow.journal = journal  # type: ignore[assignment]
    return uow
