"""What is to become of one person's notices: judged and gathered, nothing kept yet. Touches no database."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from notifications.addresses import AddressError, mailable
from notifications.compose.lateness import TIGHTER, TOO_LATE, is_too_late, policy_of
from notifications.content.content import Addressee, NoticeContent
from notifications.content.render import Rendered, render
from notifications.mail_settings import MailSettings
from notifications.models import Notice
from notifications.schedule import is_sending_time, next_sending
from workflows.dates.workdays import Calendar
from workflows.messages import N_

NO_ADDRESS = N_("the person has no e-mail address")
NO_PERSON = N_("the person is not known")

Brief = Callable[[Sequence[Notice], Addressee], Mapping[int, NoticeContent | str]]
Write = Callable[
    [Addressee, Sequence[NoticeContent], str, datetime], Rendered
]  # for whom, what, Message-ID, local time


@dataclass(frozen=True, slots=True)
class ComposeRound:
    """What all persons of one round have in common. `served`: the keys of the days' mails that are made already."""

    now: datetime
    calendar: Calendar
    settings: MailSettings
    brief: Brief
    served: set[str]

    def day_key(self, person: str) -> str:
        return f"day:{person}:{self.calendar.local_date(self.now)}"


@dataclass(frozen=True, slots=True)
class Letter:
    """`key`: what makes it the same mail, person and day, or person and first notice."""

    key: str
    reader: Addressee
    notices: list[Notice]
    told: list[NoticeContent]


@dataclass(slots=True)
class Verdict:
    """`waiting`: until when they are put off."""

    superseded: list[tuple[Notice, str]] = field(default_factory=list)
    expired: list[tuple[Notice, str]] = field(default_factory=list)
    waiting: list[tuple[Notice, datetime]] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)


def as_mail(settings: MailSettings) -> Write:
    return lambda reader, told, id, local: render(reader, told, settings, message_id=id, local_now=local)


def cannot_be_mailed(reader: Addressee | None) -> str | None:
    """Why this person can get no mail."""
    if reader is None:
        return NO_PERSON
    if not reader.email.strip():
        return NO_ADDRESS
    try:
        mailable(reader.email)
    except AddressError as error:
        return str(error)
    return None


def sort_notices(round: ComposeRound, reader: Addressee, notices: Sequence[Notice]) -> Verdict:
    """What is too late ends; of several reminders of one deadline the tightest stays; then the scheduled ones leave in
    one message a day, on a working day from the sending hour on, with the at-once ones; otherwise these leave by
    themselves."""
    verdict = Verdict()
    timely = _timely(verdict, round, notices)
    briefs = round.brief(timely, reader)
    told: list[tuple[Notice, NoticeContent]] = []
    for notice in timely:
        said = briefs[notice.id or 0]
        if isinstance(said, str):
            verdict.superseded.append((notice, said))
        else:
            told.append((notice, said))
    scheduled = [notice for notice, _ in told if not notice.at_once]
    calendar, hour, key = round.calendar, round.settings.send_hour, round.day_key(reader.id)
    if scheduled and is_sending_time(calendar, hour, round.now) and key not in round.served:
        verdict.letters.append(_letter(key, reader, told))
        return verdict
    verdict.waiting = [(notice, next_sending(calendar, hour, round.now)) for notice in scheduled]
    if at_once := [(notice, said) for notice, said in told if notice.at_once]:
        verdict.letters.append(_letter(f"once:{at_once[0][0].key}", reader, at_once))
    return verdict


def _letter(key: str, reader: Addressee, told: list[tuple[Notice, NoticeContent]]) -> Letter:
    return Letter(key, reader, [notice for notice, _ in told], [said for _, said in told])


def _timely(verdict: Verdict, round: ComposeRound, notices: Sequence[Notice]) -> list[Notice]:
    """Without those that are too late, and without the reminders that a later one of the same deadline says better."""
    kept: dict[object, Notice] = {}
    for notice in reversed(notices):  # by due date
        newest = policy_of(notice).do == "newest"
        plan = (notice.plan_id, notice.state, notice.entry) if newest else notice.key
        if plan in kept:
            verdict.superseded.append((notice, TIGHTER))
        elif is_too_late(round.calendar, notice, round.now):
            verdict.expired.append((notice, TOO_LATE))
        else:
            kept[plan] = notice
    verdict.superseded.reverse()
    ids = {notice.id for notice in kept.values()}
    return [notice for notice in notices if notice.id in ids]
