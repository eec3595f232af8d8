"""What delivery asks the year: whether an old mail still says something, and who is told that one was lost."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from config.roles import DAEMON
from notifications.briefing import Journal
from notifications.claims import Claim
from notifications.letters import as_mail
from notifications.mail_settings import MailSettings
from notifications.review import is_fresh, review
from wheel.briefing import Briefer
from wheel.mailing import calendar_of_mail, readers_of
from wheel.undelivered import tell_of_message
from wheel.work import Work


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
