"""A small municipality for the tests of the post room: three persons, a cycle, two plans, a diary."""

import json
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from sqlmodel import Session, col, select

from config.municipality.roles import DAEMON
from notifications.compose.sort_notices import sort_notices
from notifications.compose.write_messages import ComposeResult, mail_day, notices_due, write_messages
from notifications.content.content import Addressee, NoticeContent
from notifications.mail_settings import MailSettings
from notifications.notices import notice_key, plan_notices
from notifications.tables import Message, Notice
from tests.support.databases import changed_by_hand
from wheel.database.store import Store
from wheel.database.tables import ChainHead, CycleRow, DefinitionRow, Home, LogEntry, Person, PlanRow
from wheel.engine.unit_of_work import UnitOfWork, unit_of_work
from workflows.dates.workdays import Calendar

CALENDAR = Calendar("SE", "Europe/Stockholm")
SETTINGS = MailSettings(
    sender="arshjul@sjovik.example",
    sender_name="Årshjul, Sjöviks kommun",
    reply_to="ekonomikontoret@sjovik.example",
    domain="sjovik.example",
)
MRP, PLAN = 1, 2  # plan ids
ADDRESSES = {MRP: "2028/mrp", PLAN: "2028/verksamhetsplan/socialnamnden"}
BRIEFING = NoticeContent(
    address=ADDRESSES[PLAN],
    title="Socialnämndens verksamhetsplan 2028",
    task="Förslag till verksamhetsplan med detaljbudget 2028",
    rule="ladder",
    deadline=date(2026, 11, 5),
    days=3,
    then="Nämnden beslutar senast 31 december 2027",
    standing="7 av 9 nämnder har lämnat in",
    why_you="Du får mejlet som handläggare i socialnämnden.",
)


def at(day: int, hour: int = 8, minute: int = 0) -> datetime:
    """A moment of November 2026 by the municipality's clock; the 2nd is a Monday, the 5th a Thursday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=CALENDAR.local(datetime(2026, 11, 2, tzinfo=UTC)).tzinfo)


class Diary:
    """The audit log of a store, from where it was cleared last."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._after = 0

    @property
    def entries(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Action, subject and data of each."""
        with self._store.reading() as session:
            rows = session.exec(select(LogEntry).where(col(LogEntry.seq) > self._after).order_by(col(LogEntry.seq)))
            return [(row.action, row.subject, json.loads(row.payload)["data"]) for row in rows]

    @property
    def actions(self) -> list[str]:
        return [action for action, _, _ in self.entries]

    def clear(self) -> None:
        with self._store.reading() as session:
            self._after = session.get_one(ChainHead, 1).seq


class PostRoom:
    """A database with the municipality in it, and the verbs of the post room in short."""

    def __init__(self, store: Store, *, seed: bool = True) -> None:
        self.store = store
        changed_by_hand(store)  # its plans are rows that no act has made
        self.diary = Diary(store)
        self.settings = SETTINGS
        self.briefing = BRIEFING
        # By notice key: what to say of it, why it no longer holds, or what goes wrong. The rest is `briefing`.
        self.said: dict[str, NoticeContent | str | Exception] = {}
        if seed:
            with store.writing() as session:
                _municipality(session)

    def in_store(self, store: Store) -> "PostRoom":
        """The same municipality in a copy of its database."""
        return PostRoom(store, seed=False)

    def notice(self, rule: str = "ladder", person: str = "anna", **more: Any) -> str:
        """Plan one notice and return its key. `due` at eight on Monday unless told."""
        values: dict[str, Any] = {"plan_id": PLAN, "state": "utkast", "entry": 1, "deadline_version": 1, "offset": None}
        values |= {"at_once": False, "due": at(2, 7, 30), **more}
        values.setdefault("send_after", values["due"])
        key = notice_key(
            ADDRESSES[values["plan_id"]], values["state"], values["entry"], values["deadline_version"], rule,
            values["offset"], person,
        )  # fmt: skip
        with self.store.writing() as session:
            assert len(plan_notices(session, [{"key": key, "rule": rule, "person_id": person, **values}])) == 1
        return key

    def at_work(self, now: datetime) -> AbstractContextManager[UnitOfWork]:
        return unit_of_work(self.store, now, DAEMON, self.settings)

    def compose(self, now: datetime, limit: int | None = None) -> ComposeResult:
        with self.at_work(now.astimezone(UTC)) as uow:
            due, _ = notices_due(uow.session, uow.now)
            day = mail_day(uow.session, uow.now, CALENDAR, self.settings, due)
            people = readers(uow.session, {notice.person_id for notice in due})
            return write_messages(
                uow.session, uow.journal, day, sort_notices(day, due, people, self.contents(due), limit)
            )

    def contents(self, notices: Sequence[Notice]) -> dict[int, NoticeContent | str | Exception]:
        return {notice.id or 0: self.said.get(notice.key, self._usual(notice)) for notice in notices}

    def _usual(self, notice: Notice) -> NoticeContent:
        return replace(self.briefing, rule=notice.rule, address=ADDRESSES[notice.plan_id or 0])

    def notices(self) -> dict[str, Notice]:
        with self.store.reading() as session:
            return {notice.key: notice for notice in session.exec(select(Notice))}

    def outcomes(self) -> dict[str, str]:
        return {key: notice.outcome for key, notice in self.notices().items()}

    def messages(self) -> list[Message]:
        with self.store.reading() as session:
            return list(session.exec(select(Message).order_by("id")))

    def email(self, person: str, address: str) -> None:
        with self.store.writing() as session:
            session.get_one(Person, person).email = address


def readers(session: Session, ids: Collection[str]) -> dict[str, Addressee]:
    found = session.exec(select(Person).where(Person.id.in_(ids)))  # type: ignore[attr-defined]
    return {p.id: Addressee(p.id, p.name, p.email, p.language) for p in found}


def _municipality(session: Session) -> None:
    start = datetime(2026, 11, 1, tzinfo=UTC)
    session.add(Home(practice=True, created_at=start))
    session.add(DefinitionRow(sha256="0" * 64, version="1", body=b"{}"))
    for name in ("anna", "bo", "carin"):
        session.add(Person(id=name, name=f"{name.title()} Öberg", email=f"{name}@sjovik.example"))
    session.flush()
    session.add(CycleRow(id=1, name="2028", kind="budget", year=2028, definition="0" * 64, opened_at=start))
    session.flush()
    for id, address in ADDRESSES.items():
        phase = address.split("/")[1]
        session.add(PlanRow(id=id, address=address, cycle_id=1, phase=phase, state="utkast", handled_until=start))
