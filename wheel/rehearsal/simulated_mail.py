"""Simulates mail: the real digest decides who gets a mail when, but no mail is written or sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, select, text, update
from sqlmodel import Session, col

from config.municipality.roles import DAEMON
from notifications.compose.sort_notices import MailDay, MailDraft, sort_notices
from notifications.compose.write_messages import notices_due
from notifications.content.content import Addressee, NoticeContent
from notifications.schedule import next_week
from notifications.tables import Message, Notice
from wheel.engine.notice_validity import why_invalid
from wheel.engine.plan import Plan
from wheel.engine.unit_of_work import unit_of_work
from wheel.mail.make_mail import plan_week
from wheel.mail.reassign_notices import reassign_notices
from wheel.rehearsal.replica import Replica

_NOTICE = Notice.__table__  # type: ignore[attr-defined]
_WAITING = text("notice.outcome = 'planned'"), _NOTICE.c.message_id.is_(None)  # literally, for the partial index
SOONEST = select(func.min(_NOTICE.c.send_after)).where(*_WAITING)
_OF_NOTICE = update(_NOTICE).where(_NOTICE.c.id == bindparam("of"))
_END = _OF_NOTICE.values(outcome=bindparam("ends"))
_PUT_OFF = _OF_NOTICE.values(send_after=bindparam("until"))
_DROP = update(_NOTICE).where(*_WAITING).values(outcome="superseded", because=bindparam("why"))
_SAID = NoticeContent(address="", title="", task="", rule="", why_you="")  # the text of a mail is not needed
MINUTE = timedelta(minutes=1)  # how often a daemon looks


@dataclass
class SimulatedMail:
    """Makes mail when it is due. `plans`: the current plans by id. `mails`: person and day of each mail made."""

    replica: Replica
    plans: Mapping[int, Plan]
    next_at: datetime | None = None
    mails: list[tuple[str, date]] = field(default_factory=list)
    _people: dict[str, Addressee] = field(init=False)
    _served: set[str] = field(init=False)
    _last: datetime = field(init=False)
    _weekly: datetime = field(init=False)

    def __post_init__(self) -> None:
        self._people = self.replica.people()
        with self.replica.store.reading() as session:
            self._served = set(session.execute(select(col(Message.key))).scalars())
        self._last = self.replica.begins
        self._weekly = self._week_after(self._last)

    def schedule(self, soonest: datetime | None) -> None:
        """Set `next_at` anew. The first planned notice leaves at `soonest`; notices that had to wait are tried again
        every minute, as by the daemon."""
        self.next_at = max(min(soonest or self._weekly, self._weekly), self._last + MINUTE)

    def make(self, now: datetime) -> None:
        """Make mail as a tick does. It counts as sent, because nothing is delivered here."""
        with unit_of_work(self.replica.store, now, DAEMON, self.replica.mail) as uow:
            if now >= self._weekly:
                plan_week(uow, self.replica.calendar, self._last)
                self._weekly = self._week_after(now)
            reassign_notices(uow, lambda _: self.plans)
            day = MailDay(now, self.replica.calendar, self.replica.mail, self._served)
            notices, _ = notices_due(uow.session, now)
            ready = sort_notices(
                day, notices, self._people, {notice.id or 0: self._content(notice) for notice in notices}
            )
            ended: list[dict[str, Any]] = [{"of": each.notice.id, "ends": each.outcome} for each in ready.ended]
            for letter in ready.letters:
                self._send(letter, now)
                ended += [{"of": notice.id, "ends": "sent"} for notice in letter.notices]
            waiting = [{"of": notice.id, "until": until} for notice, until in ready.waiting]
            for statement, rows in ((_END, ended), (_PUT_OFF, waiting)):
                if rows:
                    uow.connection.execute(statement, rows)
        self._last = now

    def _send(self, letter: MailDraft, now: datetime) -> None:
        self._served.add(letter.key)
        self.mails.append((letter.reader.id, self.replica.calendar.local_date(now)))

    def drop(self, session: Session, why: str) -> None:
        """End all waiting notices: they were known before the rehearsal began."""
        session.execute(_DROP, {"why": why})

    def _content(self, notice: Notice) -> NoticeContent | str:
        """The content, or the reason that a real mail would leave the notice out."""
        plan = self.plans.get(notice.plan_id or 0)
        return (plan is not None and why_invalid(notice, plan)) or _SAID

    def _week_after(self, now: datetime) -> datetime:
        """When the next weekly mail to the administrators is due."""
        return next_week(self.replica.calendar, self.replica.mail.send_hour, now)

    def days(self, first: date, after: date) -> dict[str, list[date]]:
        """The days of the mails made, one for each mail, by person."""
        found: dict[str, list[date]] = {}
        for person, day in self.mails:
            if first <= day < after:
                found.setdefault(person, []).append(day)
        return found
