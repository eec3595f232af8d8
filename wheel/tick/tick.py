"""The tick: does everything that has become due, in the order in which it became due, then makes its messages."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from importlib.metadata import version
from typing import Any

from sqlalchemy import Row, or_, select, update
from sqlmodel import col

from config.municipality.roles import DAEMON
from notifications.compose.write_messages import ComposeResult
from notifications.mail_settings import MailSettings
from wheel.cycles.follow_steps import follow_steps
from wheel.database.store import Store, is_database_trouble
from wheel.database.tables import PLAN_TRIES, Message
from wheel.engine.unit_of_work import PLAN, UnitOfWork, unit_of_work
from wheel.mail.calendar_of_mail import calendar_of_mail
from wheel.mail.make_mail import check_may_confirm, make_messages, make_more
from wheel.past.checkpoints import are_due, keep_due
from wheel.tick.due import due_plans
from wheel.tick.open_due_cycles import open_overdue
from wheel.tick.outages import note_delays
from wheel.tick.process_due import DueBatch
from workflows.dates.workdays import Calendar, zone_rules
from workflows.definition.definition import Definition

logger = logging.getLogger(__name__)

BACK_OFF = timedelta(minutes=1)  # doubled with every try


@dataclass
class TickResult:
    """What a tick did: the contract's `tick` object."""

    now: datetime
    moved: list[dict[str, Any]] = field(default_factory=list)
    notices: int = 0
    messages: int = 0
    superseded: int = 0
    put_aside: list[str] = field(default_factory=list)
    held_back: int = 0
    hold: str = ""  # why it is held back: "long_stop", "restored", "by_hand"
    hold_reason: str = ""
    made: list[str] = field(default_factory=list)  # Message-IDs
    mails: list[dict[str, str]] = field(default_factory=list)  # in a preview: to whom, and the subject

    def mailed(self, composed: ComposeResult) -> None:
        self.made += composed.made
        self.messages += composed.messages
        self.superseded += composed.superseded
        self.held_back += composed.held_back


class Ticker:
    """Ticks on one database. `newest` gives the municipality's definition as its files say now, for the next cycle."""

    def __init__(self, store: Store, mail: MailSettings, newest: Callable[[], Definition]) -> None:
        self.store = store
        self.mail = mail
        self.newest = newest

    def tick(self, now: datetime, *, confirmed_by: str | None = None) -> TickResult:
        """Do all that is due at `now` (UTC), in short transactions.

        `confirmed_by`: the person who has looked at the mail that is held back after a long stop or a restore, and
        releases it. Raises RefusedError, and nothing is done, if that person may not.
        """
        self._check(now, confirmed_by)
        ticked, composed, more, due = TickResult(now), ComposeResult(), True, False
        while more:
            with unit_of_work(self.store, now, DAEMON, self.mail) as uow:
                more = self._process_some(uow, ticked)
                if not more:  # in the same transaction, so that a tick with nothing due needs only one
                    composed = self._mail(uow, confirmed_by)
                    ticked.mailed(composed)
                    due = are_due(uow.session)
                ticked.notices += uow.notices
        while composed.more:
            with unit_of_work(self.store, now, DAEMON, self.mail) as uow:
                composed = make_more(uow)
            ticked.mailed(composed)
        if due:
            keep_due(self.store)
        return self._with_hold(ticked)

    def _with_hold(self, ticked: TickResult) -> TickResult:
        if ticked.held_back:
            with self.store.reading() as session:
                home = UnitOfWork(session, ticked.now, DAEMON, self.mail, lock=False).home
            ticked.hold, ticked.hold_reason = home.mail_hold, home.mail_hold_reason
        return ticked

    def process_due(self, now: datetime) -> TickResult:
        """The first half of a tick: do what is due at `now` (UTC). The notices of it wait for their messages."""
        ticked, more = TickResult(now), True
        while more:
            with unit_of_work(self.store, now, DAEMON, self.mail) as uow:
                more = self._process_some(uow, ticked)
                ticked.notices += uow.notices
        return ticked

    def preview(self, now: datetime, *, confirmed_by: str | None = None) -> TickResult:
        """The answer that `tick` would give; nothing is changed."""
        self._check(now, confirmed_by)
        ticked = TickResult(now)
        with self.store.writing() as session:
            uow = UnitOfWork(session, now, DAEMON, self.mail)
            while self._process_some(uow, ticked):
                pass
            ticked.mailed(make_messages(uow, calendar_of_mail(uow), confirmed_by, preview=True))
            ticked.mails, ticked.notices = _mails(uow, ticked.made), uow.notices
            session.rollback()
        return self._with_hold(ticked)

    def _mail(self, uow: UnitOfWork, confirmed_by: str | None) -> ComposeResult:
        note_delays(uow, uow.home.last_tick)
        calendar = calendar_of_mail(uow)
        composed = make_messages(uow, calendar, confirmed_by)
        if calendar is not None:
            _look_again_if_changed(uow, calendar)
        return composed

    def _check(self, now: datetime, confirmed_by: str | None) -> None:
        if confirmed_by is not None:
            with self.store.reading() as session:
                check_may_confirm(UnitOfWork(session, now, confirmed_by, self.mail, lock=False))

    def _process_some(self, uow: UnitOfWork, ticked: TickResult) -> bool:
        """Process a batch of due plans, earliest first. Whether there may be more."""
        due = due_plans(uow)
        soonest: datetime | None = None  # when the first plan processed here is due again
        for of_one_instant in due:
            if soonest is not None and soonest < of_one_instant[0].wake_at:
                break  # that plan comes before the rest
            soonest = _first(soonest, self._process_safely(uow, of_one_instant, ticked))
        return bool(due) or self._open_overdue(uow)

    def _open_overdue(self, uow: UnitOfWork) -> bool:
        opened = open_overdue(uow, self.newest)
        follow_steps(uow)
        return opened

    def _process_safely(self, uow: UnitOfWork, rows: Sequence[Row[Any]], ticked: TickResult) -> datetime | None:
        """Process plans in one savepoint; if one of them fails, each in its own, so that it never stops the others.
        Returns when the first of them is due again."""
        try:
            with uow.attempt():
                batch = DueBatch(uow, self.newest)
                batch.process([row.id for row in rows])
                follow_steps(uow)
        except Exception as error:
            if is_database_trouble(error):
                raise  # no plan is to blame, and all of them wait for the database
            if len(rows) > 1:
                return _first(*(self._process_safely(uow, [row], ticked) for row in rows))
            # Whatever else the error is, it is noted on the plan's row, and the plan is tried again later.
            logger.exception("the plan %s could not be processed", rows[0].address)
            self._put_off(uow, rows[0], error, ticked)
            return None
        ticked.moved += batch.moved
        return batch.soonest

    def _put_off(self, uow: UnitOfWork, row: Row[Any], error: Exception, ticked: TickResult) -> None:
        tries = row.tries + 1
        trouble = f"{type(error).__name__}: {error}"[:500]
        retry_at = uow.now + BACK_OFF * 2 ** (tries - 1)
        uow.session.execute(
            update(PLAN).where(PLAN.c.id == row.id).values(tries=tries, retry_at=retry_at, trouble=trouble)
        )
        if tries == PLAN_TRIES:
            uow.log("plan.put_aside", row.address, trouble=trouble)
            ticked.put_aside.append(row.address)


def _mails(uow: UnitOfWork, made: list[str]) -> list[dict[str, str]]:
    query = select(col(Message.to), col(Message.subject)).where(col(Message.message_id).in_(made))
    return [{"to": to, "subject": subject} for to, subject in uow.session.execute(query.order_by(col(Message.id)))]


@cache
def _versions() -> str:
    return " ".join(f"{name}={version(name)}" for name in ("arshjul", "holidays"))


def _look_again_if_changed(uow: UnitOfWork, calendar: Calendar) -> None:
    """Have every alarm computed anew if they depend on something that changed: the program's version, the holiday
    calendar, the time zone data, or the mail settings."""
    before = uow.home.agenda_basis
    zone, mail = calendar.zone, uow.mail
    basis = f"{_versions()} {zone}={zone_rules(zone)} send_hour={mail.send_hour} overview={mail.overview}"
    if before == basis:
        return
    if before:
        uow.wake(or_(PLAN.c.wake_at.is_(None), PLAN.c.wake_at > uow.now))
        uow.log("agenda.recomputed", "home", before=before, after=basis)
    uow.set_home(agenda_basis=basis)


def _first(*instants: datetime | None) -> datetime | None:
    return min((at for at in instants if at is not None), default=None)
