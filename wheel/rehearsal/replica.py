"""Sets up the in-memory database of a rehearsal: a municipality as it is when the simulation begins."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Table, insert, select
from sqlmodel import SQLModel

from config.municipality.municipality import Municipality
from notifications.content.content import Addressee
from notifications.mail_settings import MailSettings
from notifications.tables import Message, Notice
from wheel.audit.journal import NullJournal
from wheel.cycles.open_cycle import begin_cycle, stages_of
from wheel.database.in_memory_store import InMemoryStore, store_in_memory
from wheel.database.meeting_days import meeting_days
from wheel.database.store import Store
from wheel.database.tables import ChainHead, Home, LogEntry, Person, Role
from wheel.engine.people_and_roles import Directory
from wheel.engine.plan import Plan
from wheel.engine.unit_of_work import PLAN, UnitOfWork, unit_of_work
from wheel.errors import Usage
from wheel.home.folder import InitOptions, seed
from wheel.rehearsal.planned_steps import Meetings
from workflows.dates.workdays import Calendar
from workflows.definition.definition import CycleKind, Definition, anchor
from workflows.messages import N_
from workflows.rules.timetable import Timetable

ADMIN = "admin"
_REACH: dict[CycleKind, int] = {"budget": 2, "mandate": 8}  # a cycle's dates may lie so many years after its own
EVE = timedelta(minutes=1)  # fresh cycles are opened so long before the year begins
_KEPT_WHOLE = ("person", "role", "meeting")  # these are copied even if the cycles are not
_LEFT = (Message.__tablename__, Notice.__tablename__, LogEntry.__tablename__)


@dataclass(frozen=True)
class Replica:
    """`begins`: the simulation's first instant. `year_begins`, `year_ends`: the period that is reported. `fresh`: its
    cycles were opened for the rehearsal; otherwise they are copies of the home's."""

    store: InMemoryStore
    newest: Definition
    mail: MailSettings
    begins: datetime
    year_begins: datetime
    year_ends: datetime
    fresh: bool

    @property
    def calendar(self) -> Calendar:
        return self.newest.wheel.calendar

    def meetings(self) -> Meetings:
        with self.store.reading() as session:
            return meeting_days(session)

    def people(self) -> dict[str, Addressee]:
        with self.store.reading() as session:
            return {
                p.id: Addressee(p.id, p.name, p.email, p.language) for p in session.execute(select(Person)).scalars()
            }

    def actor(self) -> str:
        """The person who records what the bodies do: an administrator, because these may record everything."""
        with self.store.reading() as session:
            return Directory(session).may_administer(self.calendar.local_date(self.begins))[0]


@dataclass(frozen=True)
class Span:
    """The calendar years that are rehearsed."""

    year: int
    years: int = 1

    def instants(self, calendar: Calendar) -> tuple[datetime, datetime]:
        first, after = date(self.year, 1, 1), date(self.year + self.years, 1, 1)
        return calendar.start_of_day(first), calendar.start_of_day(after)


@contextmanager
def of_files(municipality: Municipality, span: Span, mail: MailSettings) -> Iterator[Replica]:
    """A replica with the people and meetings of the files, and with fresh cycles."""
    people = municipality.people
    admin = next((id for id, person in people.items() if "administrator" in {r.role for r in person.roles}), ADMIN)

    now = datetime(span.year, 1, 1, tzinfo=UTC)
    with store_in_memory(journal=NullJournal) as store:
        with store.writing() as session:
            session.add(Home(practice=True, created_at=now))
            seed(session, InitOptions(admin, now), municipality)
        yield _with_fresh_cycles(store, municipality.definition, span, mail)


@contextmanager
def of_home(home: Store, definition: Definition, span: Span, mail: MailSettings, now: datetime) -> Iterator[Replica]:
    """A replica with the home's people and meetings. Its cycles are the home's if one has a date in those years;
    otherwise they are fresh. Raises Usage if the years are over.
    """
    with home.reading() as session:
        uow = UnitOfWork(session, now, "", mail, lock=False)
        goes_on = any(_reaches_into(plan, span) for plan in uow.plans(select(PLAN)))
    with store_in_memory(journal=NullJournal) as store:
        _copy(home, store, now, whole=goes_on)
        if not goes_on:
            yield _with_fresh_cycles(store, definition, span, mail)
            return
        calendar = definition.wheel.calendar
        begins, ends = span.instants(calendar)
        if now >= ends:
            text = N_("{year} is past in this home. Name a folder to rehearse it with new cycles.")
            raise Usage(text, year=span.year + span.years - 1)
        yield Replica(store, definition, mail, now, max(begins, now), ends, fresh=False)


def _reaches_into(plan: Plan, span: Span) -> bool:
    days = [day for stage in plan.stages.values() for day in (stage.opens, stage.last) if day is not None]
    first, last = date(span.year, 1, 1), date(span.year + span.years - 1, 12, 31)
    return plan.is_active and any(first <= day <= last for day in days)


# ---- a copy of a home ------------------------------------------------------------------------------------------


def _copy(home: Store, store: Store, now: datetime, *, whole: bool) -> None:
    """Copy the rows. Log entries are left out, but the chain goes on; of the mail only what still matters is copied."""
    with home.reading() as old, store.writing() as new:
        for table in SQLModel.metadata.sorted_tables:
            if table.name in _LEFT or not (whole or table.name in _KEPT_WHOLE):
                continue
            if table.name == ChainHead.__tablename__:
                new.execute(table.delete())
            _insert(new, table, old.execute(select(table).order_by(*table.primary_key)).mappings().all())
        if not whole:
            new.add(Home(practice=True, created_at=now))
            return
        messages, notices = Message.__table__, Notice.__table__  # type: ignore[attr-defined]
        today = old.execute(select(messages).where(messages.c.day >= (now - timedelta(days=1)).date())).mappings()
        _insert(new, messages, [{**row, "body": b""} for row in today])  # so that nobody gets a second mail that day
        waiting = notices.c.outcome == "planned", notices.c.message_id.is_(None)
        _insert(new, notices, old.execute(select(notices).where(*waiting)).mappings().all())


def _insert(session: Any, table: Table, rows: Any) -> None:
    if rows:
        session.execute(insert(table), [dict(row) for row in rows])


# ---- fresh cycles ----------------------------------------------------------------------------------------------


def _with_fresh_cycles(store: InMemoryStore, definition: Definition, span: Span, mail: MailSettings) -> Replica:
    """Open the cycles that are under way when the year begins. Earlier phases count as done (before_introduction)."""
    begins, ends = span.instants(definition.wheel.calendar)
    replica = Replica(store, definition, mail, begins - EVE, begins, ends, fresh=True)
    actor = _administrator(replica)
    for kind in definition.wheel.cycles:
        for year in range(span.year - _REACH[kind], span.year + 3):
            if _under_way(definition, kind, year, span):
                with unit_of_work(store, replica.begins, actor, mail) as uow:
                    begin_cycle(uow, definition, definition.wheel.cycles[kind].name_of(year), uow.now)
    return replica


def _administrator(replica: Replica) -> str:
    """An administrator. A home without one gets one for the rehearsal, who has no mail address."""
    day = replica.calendar.local_date(replica.begins)
    with replica.store.writing() as session:
        if not Directory(session).administrators(day):
            session.add(Person(id="rehearsal", name="rehearsal"))
            session.flush()
            session.add(Role(person_id="rehearsal", role="administrator"))
    return replica.actor()


def _under_way(definition: Definition, kind: CycleKind, year: int, span: Span) -> bool:
    """Whether the cycle is open when the years begin, and either has dates in them or opens the next cycle."""
    if kind == "mandate" and not definition.wheel.elections.in_year(year):
        return False
    calendar = definition.wheel.calendar
    rule, first, after = definition.wheel.cycles[kind], date(span.year, 1, 1), date(span.year + span.years, 1, 1)
    if rule.opens.rule.first(anchor(kind, year, calendar)) >= first:
        return False
    if first <= rule.opens.rule.first(anchor(kind, year + rule.every, calendar)) < after:
        return True
    own = definition.for_cycle(kind, year)
    dates = Timetable(own, kind, year)
    # The last phases first. Of the boards one is enough, besides those with exceptions: all others have its dates.
    for id, phase in reversed(own.phases(kind, year).items()):
        for board in (None, *(dict.fromkeys([*own.wheel.boards[:1], *phase.exceptions]) if phase.board else ())):
            if any(stage.last and stage.last >= first for stage in stages_of(dates, id, board).values()):
                return True
    return False
