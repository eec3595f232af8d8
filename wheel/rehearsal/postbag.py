"""The mail of a rehearsal: gathered per person and day by the post room itself, but not written and not sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import bindparam, func, select, update
from sqlmodel import Session, col

from config.roles import DAEMON
from notifications.briefing import Briefing, Reader
from notifications.models import Message, Notice
from notifications.outbox import compose
from notifications.render import Rendered
from wheel.briefing import passed
from wheel.mailing import plan_weekly
from wheel.matter import Matter
from wheel.overview import plan_overview, week_begins
from wheel.rehearsal.replica import Replica
from wheel.successors import follow_the_roles
from wheel.work import Work

_NOTICE = Notice.__table__  # type: ignore[attr-defined]
_WAITING = _NOTICE.c.outcome == "planned", _NOTICE.c.message_id.is_(None)
_SOONEST = select(func.min(_NOTICE.c.send_after)).where(*_WAITING)
_SENT = update(_NOTICE).where(_NOTICE.c.outcome == "planned", _NOTICE.c.message_id.is_not(None)).values(outcome="sent")
_DROP = update(_NOTICE).where(*_WAITING).values(outcome="superseded", because=bindparam("why"))
MINUTE = timedelta(minutes=1)  # how often a daemon looks


@dataclass
class Postbag:
    """When mail is next to be made, and the making. `plans`: as they stand, by their ids."""

    replica: Replica
    plans: Mapping[int, Matter]
    next_at: datetime | None = None
    _people: dict[str, Reader] = field(init=False)
    _last: datetime = field(init=False)
    _weekly: datetime = field(init=False)

    def __post_init__(self) -> None:
        self._people = self.replica.people()
        self._last = self.replica.begins
        self._weekly = self._week_after(self._last)

    def look(self, session: Session) -> None:
        """Notices may have been planned or ended."""
        soonest: datetime | None = session.connection().execute(_SOONEST).scalar_one()
        self.next_at = min(soonest, self._weekly) if soonest else self._weekly

    def make(self, now: datetime) -> None:
        """As a tick does. What is made counts as sent, for nothing here is delivered."""
        with self.replica.store.writing() as session:
            work = Work(session, now, DAEMON, self.replica.mail)
            if now >= self._weekly:
                plan_weekly(work, self.replica.calendar, self._last)
                plan_overview(work, self.replica.calendar, self._last)
                self._weekly = self._week_after(now)
            follow_the_roles(work, lambda _: self.plans)
            compose(
                session,
                work.journal,
                now,
                readers=lambda ids: {id: self._people[id] for id in ids if id in self._people},
                brief=lambda notices, _: {notice.id or 0: self._say(notice) for notice in notices},
                calendar=self.replica.calendar,
                settings=self.replica.mail,
                write=_unwritten,
            )
            work.connection.execute(_SENT)
            work.journal.close()
            self.look(session)
            self._last = now
        if self.next_at is not None and self.next_at <= now:
            self.next_at = now + MINUTE  # whatever could not leave is looked at again, as by the daemon

    def drop(self, session: Session, why: str) -> None:
        """What waits is not told: it was news before the rehearsal began."""
        session.execute(_DROP, {"why": why})

    def _say(self, notice: Notice) -> Briefing | str:
        """Judged as for a real mail; what it would say is not looked up."""
        matter = self.plans.get(notice.plan_id or 0)
        if matter is not None and (why := passed(notice, matter)):
            return why
        address = matter.address if matter else ""
        return Briefing(address=address, title=address, task="", rule=notice.rule, why_you="")

    def _week_after(self, now: datetime) -> datetime:
        """When the next weekly mail to the administrators is due."""
        calendar, hour = self.replica.calendar, self.replica.mail.send_hour
        this = week_begins(calendar, now, hour)
        return this if this > now else week_begins(calendar, now + timedelta(days=7), hour)

    def days(self, first: date, after: date) -> dict[str, list[date]]:
        """For each person the days of the mails that were made, one for each mail."""
        query = (
            select(col(Message.person_id), col(Message.day))
            .where(col(Message.day) >= first, col(Message.day) < after, col(Message.created_at) >= self.replica.begins)
            .order_by(col(Message.id))
        )
        found: dict[str, list[date]] = {}
        with self.replica.store.reading() as session:
            for person, day in session.execute(query):
                found.setdefault(person, []).append(day)
        return found


def _unwritten(reader: Reader, told: Sequence[Briefing], message_id: str, local: datetime) -> Rendered:  # noqa: ARG001
    return Rendered(reader.email, told[0].address, b"")
