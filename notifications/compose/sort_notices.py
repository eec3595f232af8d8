"""Sorts the due notices of each person: into a mail, put off to another day, or ended. Pure."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Literal, NamedTuple

from notifications.compose.too_late import is_too_late, policy_of
from notifications.content.content import Addressee, NoticeContent
from notifications.mail_addresses import AddressError, mailable
from notifications.mail_settings import MailSettings
from notifications.schedule import is_sending_time, next_sending
from notifications.tables import Notice
from workflows.dates.workdays import Calendar

logger = logging.getLogger(__name__)

# By notice id: its content, or why it no longer holds (a code of endings.py), or the error of building its content.
Contents = Mapping[int, NoticeContent | str | Exception]


@dataclass(frozen=True, slots=True)
class MailDay:
    """The facts that are the same for all persons. `now` in UTC; `served`: the keys of the day's mails already made."""

    now: datetime
    calendar: Calendar
    settings: MailSettings
    served: set[str]

    def key_of(self, person: str) -> str:
        return f"day:{person}:{self.calendar.local_date(self.now)}"


@dataclass(frozen=True, slots=True)
class MailDraft:
    """A mail to be written. `key` identifies it: person and day, or person and first notice."""

    key: str
    reader: Addressee
    notices: list[Notice]
    told: list[NoticeContent]


class EndedNotice(NamedTuple):
    """A notice that goes into no letter. `because`: a code of endings.py."""

    notice: Notice
    outcome: Literal["superseded", "expired", "failed"]
    because: str
    detail: str = ""


@dataclass(slots=True)
class SortedNotices:
    """`waiting`: notices that are put off, and until when. `put_off`: persons for whom everything waits so.
    `held_back`: persons beyond the limit."""

    letters: list[MailDraft] = field(default_factory=list)
    ended: list[EndedNotice] = field(default_factory=list)
    waiting: list[tuple[Notice, datetime]] = field(default_factory=list)
    put_off: int = 0
    held_back: int = 0


def sort_notices(
    day: MailDay,
    notices: Sequence[Notice],
    people: Mapping[str, Addressee],
    contents: Contents,
    limit: int | None = None,
) -> SortedNotices:
    """Sort the notices, which come person by person and by due date. For each person:

    1. Drop notices that are too late, and keep only the newest reminder of each deadline.
    2. Drop notices that no longer hold.
    3. If the day's mail may go now, put everything into it. Otherwise send only the immediate ones, and put off the
       others to the next sending hour.

    What could not be looked up, or has nobody to go to, fails, and the other persons' notices do not. At most `limit`
    persons get a letter or are put off; the others are held back.
    """
    ready = SortedNotices()
    for person, group in groupby(notices, key=attrgetter("person_id")):
        theirs = list(group)
        if limit is not None and len(ready.letters) + ready.put_off >= limit:
            ready.held_back += 1
            continue
        reader = people.get(person)
        if reader is None:
            ready.ended += [EndedNotice(notice, "failed", "unknown_person") for notice in theirs]
            continue
        try:
            _sort_for(day, reader, theirs, contents, ready)
        except Exception as error:
            logger.exception("no message for %s", person)
            detail = f"{type(error).__name__}: {error}"
            ready.ended += [EndedNotice(notice, "failed", "not_written", detail) for notice in theirs]
    return ready


def timely(notices: Sequence[Notice], calendar: Calendar, now: datetime) -> list[Notice]:
    """The notices without those that are too late, and without reminders that a later one of the same deadline says
    better."""
    dropped = {ended.notice.id for ended in outdated(notices, calendar, now)}
    return [notice for notice in notices if notice.id not in dropped]


def cannot_be_mailed(reader: Addressee) -> str | None:
    """Why this person can get no mail, as a code of endings.py."""
    if not reader.email.strip():
        return "no_address"
    try:
        mailable(reader.email)
    except AddressError as error:
        return error.code
    return None


def _sort_for(day: MailDay, reader: Addressee, notices: list[Notice], contents: Contents, ready: SortedNotices) -> None:
    late = outdated(notices, day.calendar, day.now)
    dropped = {ended.notice.id for ended in late}
    told: list[tuple[Notice, NoticeContent]] = []
    superseded = []
    for notice in notices:
        if notice.id in dropped:
            continue
        said = contents[notice.id or 0]
        if isinstance(said, Exception):
            raise said
        if isinstance(said, str):
            superseded.append(EndedNotice(notice, "superseded", said))
        else:
            told.append((notice, said))
    calendar, hour, key = day.calendar, day.settings.send_hour, day.key_of(reader.id)
    # A notice that could not leave on its day is immediate no more: it must not come on a Sunday, or in the night.
    today = calendar.local_date(day.now)
    late_ones = {notice.id for notice, _ in told if calendar.local_date(notice.send_after) < today}
    scheduled = [notice for notice, _ in told if not notice.at_once or notice.id in late_ones]
    at_once = [(notice, said) for notice, said in told if notice.at_once and notice.id not in late_ones]
    letters: list[MailDraft] = []
    waiting: list[tuple[Notice, datetime]] = []
    if scheduled and is_sending_time(calendar, hour, day.now) and key not in day.served:
        letters.append(_draft(key, reader, told))
    else:
        waiting = [(notice, next_sending(calendar, hour, day.now)) for notice in scheduled]
        if at_once:
            letters.append(_draft(f"once:{at_once[0][0].key}", reader, at_once))
    ready.ended += [each for each in late if each.outcome == "superseded"]
    ready.ended += superseded
    ready.ended += [each for each in reversed(late) if each.outcome == "expired"]
    ready.waiting += waiting
    ready.put_off += bool(waiting and not letters)
    if problem := cannot_be_mailed(reader) if letters else None:
        ready.ended += [EndedNotice(notice, "failed", problem) for letter in letters for notice in letter.notices]
    else:
        ready.letters += letters


def _draft(key: str, reader: Addressee, told: list[tuple[Notice, NoticeContent]]) -> MailDraft:
    return MailDraft(key, reader, [notice for notice, _ in told], [said for _, said in told])


def outdated(notices: Sequence[Notice], calendar: Calendar, now: datetime) -> list[EndedNotice]:
    """Of one person's notices, by due date, those that are too late or that a later one says better."""
    kept: set[object] = set()
    late: list[EndedNotice] = []
    for notice in reversed(notices):  # by due date
        newest = policy_of(notice).do == "newest"
        about = (notice.person_id, notice.plan_id, notice.state, notice.entry) if newest else notice.key
        if about in kept:
            late.append(EndedNotice(notice, "superseded", "newer_reminder"))
        elif is_too_late(calendar, notice, now):
            late.append(EndedNotice(notice, "expired", "too_late"))
        else:
            kept.add(about)
    return late[::-1]
