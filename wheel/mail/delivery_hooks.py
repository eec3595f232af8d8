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
from wheel.engine.unit_of_work import Work
from wheel.mail.contents import Briefer
from wheel.mail.delivery_failures import tell_of_message
from wheel.mail.make_mail import calendar_of_mail, readers_of


def reviewing(mail: MailSettings) -> Callable[[Session, Journal, Claim, datetime], Claim | None]:
    def again(session: Session, journal: Journal, mine: Claim, now: datetime) -> Claim | None:
        if is_fresh(mine, now):
            return mine
        work = _work(session, journal, now, mail)
        calendar = calendar_of_mail(work)
        if calendar is None:
            return mine
        return review(
            session,
            journal,
            mine,
            now,
            readers=lambda ids: readers_of(work, ids),
            brief=Briefer(work).brief,
            calendar=calendar,
            write=as_mail(mail),
        )

    return again


def telling(mail: MailSettings) -> Callable[[Session, Journal, Claim, datetime], None]:
    def tell(session: Session, journal: Journal, mine: Claim, now: datetime) -> None:
        tell_of_message(_work(session, journal, now, mail), mine.id, mine.person_id)

    return tell


def _work(session: Session, journal: Journal, now: datetime, mail: MailSettings) -> Work:
    work = Work(session, now, DAEMON, mail)  # type: ignore[arg-type]
    work.journal = journal  # type: ignore[assignment]
    return work
