"""A wheel in a database, and few words to turn it: what every test of the engine is written in.

Times are the municipality's wall clock, "2027-02-24T09:00". Unless a test says otherwise the administrator acts,
and a decision was made on that day, under the next §.
"""

import tomllib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from copy import copy
from datetime import UTC, date, datetime
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlmodel import SQLModel, col

import wheel.cycles.open_cycle
import workflows.definition.definition
from config.municipality.roles import DAEMON
from config.text.texts import Texts
from notifications.mail_settings import MailSettings
from notifications.tables import Message, Notice
from tests.support.databases import changed_by_hand
from wheel.actions.advance import advance
from wheel.actions.correct import correct
from wheel.actions.hold import hold, release
from wheel.actions.move_deadline import move_deadline
from wheel.actions.postpone import postpone
from wheel.actions.remind import remind
from wheel.actions.reopen import reopen
from wheel.actions.send_back import send_back
from wheel.actions.undo import undo
from wheel.actions.unflag import unflag
from wheel.actions.withdraw import withdraw, withdraw_board
from wheel.audit import journal
from wheel.audit.journal import LogRecord, as_shown
from wheel.cycles.follow_steps import follow_steps
from wheel.database.store import Store
from wheel.database.tables import Home, LogEntry, Person, PlanRow, Role
from wheel.documents.base import as_json
from wheel.documents.reasons import ReasonDocument
from wheel.engine.decisions import DecisionForm
from wheel.engine.desk import Desk
from wheel.engine.plan import Plan
from wheel.engine.request_and_result import Request, Result
from wheel.engine.unit_of_work import PLAN, UnitOfWork
from wheel.errors import RefusedError
from wheel.reads import plans
from wheel.reads.result_documents import refused_document, write_document
from wheel.tick.tick import Ticker, TickResult
from workflows.definition.definition import Definition, Wheel, Workflow
from workflows.rules.named_rules import Reason

ZONE = ZoneInfo("Europe/Stockholm")
ENGLISH = Texts("en")
ROLES_OF_A_BODY = ("function", "officer", "secretary", "chair", "head")
SAMPLE = Path(wheel.cycles.open_cycle.__file__).parents[2] / "config" / "samples" / "vanersborg"
CATALOG = Path(workflows.definition.definition.__file__).parents[1] / "catalog"

BOARDS = (
    "ks", "barn-och-utbildningsnamnden", "byggnadsnamnden", "kultur-och-fritidsnamnden",
    "miljo-och-halsoskyddsnamnden", "samhallsbyggnadsnamnden", "socialnamnden", "valnamnden",
    "overformyndarnamnden",
)  # fmt: skip
DIALOGUES = tuple(board for board in BOARDS if board != "valnamnden")


def instant(at: str) -> datetime:
    """The wall clock in Stockholm, as UTC."""
    return datetime.fromisoformat(at).replace(tzinfo=ZONE).astimezone(UTC)


def day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


@cache
def vanersborg() -> Definition:
    """The sample wheel, straight from its files; that they are checked is the loader's own test."""

    def read(file: Path) -> dict[str, Any]:
        return tomllib.loads(file.read_text(encoding="utf-8"))

    all_flows = [Workflow.model_validate(read(file)) for file in sorted(CATALOG.glob("*.toml"))]
    wheel = Wheel.model_validate(read(SAMPLE / "wheel.toml"))
    used = {binding.workflow for phase in wheel.phases.values() for binding in (phase, phase.board) if binding}
    used |= {e.workflow for phase in wheel.phases.values() for e in phase.exceptions.values() if e.workflow}
    return Definition(wheel=wheel, workflows={flow.id: flow for flow in all_flows if flow.id in used})


class Wheelhouse:
    """The sample municipality in a database: `admin`, `daemon`, and in each body BODY-officer, BODY-secretary,
    BODY-chair, BODY-head and its address BODY-function."""

    def __init__(
        self, store: Store, mail: MailSettings | None = None, *, roles: tuple[str, ...] = ROLES_OF_A_BODY,
        seed: bool = True, definition: Definition | None = None,
    ) -> None:  # fmt: skip
        self.mail = mail or MailSettings()
        self.definition = definition or vanersborg()
        self._paragraph = 0
        self._connect(store)
        if seed:
            self._seed(roles)

    def in_store(self, store: Store) -> Self:
        """The same municipality in a copy of its database."""
        other = copy(self)
        other._connect(store)
        return other

    def _connect(self, store: Store) -> None:
        self.store = store
        self.desk = Desk(store, self.mail, follow_steps)
        self.ticker = Ticker(store, self.mail, lambda: self.definition)

    def _seed(self, of_a_body: tuple[str, ...]) -> None:
        roles = [("admin", "administrator", ""), (DAEMON, "daemon", ""), ("reader", "reader", "")]
        roles += [(f"{b}-{r}", r, b) for b in self.definition.wheel.bodies for r in of_a_body]
        with self.store.writing() as session:
            session.add(Home(practice=True, created_at=instant("2026-01-01T00:00")))
            session.add_all(Person(id=id, name=id, email=f"{id}@example.se") for id, _, _ in roles)
            session.flush()
            session.add_all(Role(person_id=id, role=role, body=body) for id, role, body in roles)
        self.tick("2026-01-01T00:00")  # the first one looks at every plan there is

    # --- acting

    def open(self, cycle: str, at: str, *, actor: str = "admin", dry_run: bool = False) -> Result:
        request = Request(actor, instant(at), dry_run=dry_run)
        return self.desk.carry_out(request, cycle, "open", wheel.cycles.open_cycle.open_cycle, self.definition, cycle)

    def advance(
        self, address: str, verb: str, at: str, *, body: str | None = None, new_date: str | None = None, **more: Any
    ) -> Result:  # fmt: skip
        """Take a step. With `body` it is a decision; `more`: its fields (`date` of the meeting, `paragraph`, …)
        and the terms of the act (`actor`, `reason`, `anyway`, `dry_run`, `if_version`)."""
        form, on = self.form(at, body, more), day(more.pop("on", None))
        return self._do(address, verb, at, more, advance, address, verb, form, day(new_date), on)

    def send_back(
        self, address: str, at: str, *, body: str | None = None, new_date: str | None = None, **more: Any
    ) -> Result:  # fmt: skip
        form = self.form(at, body, more)
        return self._do(address, "send-back", at, more, send_back, address, form, day(new_date))

    def postpone(
        self, address: str, at: str, *, body: str | None = None, new_date: str | None = None, **more: Any
    ) -> Result:  # fmt: skip
        form = self.form(at, body, more)
        return self._do(address, "postpone", at, more, postpone, address, form, day(new_date))

    def move_deadline(self, address: str, new: str, at: str, *, state: str | None = None, **more: Any) -> Result:
        to = date.fromisoformat(new)
        return self._do(address, "move-deadline", at, more, move_deadline, address, to, state)

    def hold(self, address: str, at: str, *, with_boards: bool | None = None, **more: Any) -> Result:
        return self._do(address, "hold", at, more, hold, address, with_boards)

    def release(self, address: str, at: str, *, with_boards: bool | None = None, **more: Any) -> Result:
        return self._do(address, "release", at, more, release, address, with_boards)

    def withdraw(
        self, address: str, at: str, *, with_boards: bool | None = None, not_concerned: bool = False, **more: Any
    ) -> Result:
        return self._do(address, "withdraw", at, more, withdraw, address, with_boards, not_concerned)

    def withdraw_board(self, cycle: str, board: str, at: str, *, not_concerned: bool = False, **more: Any) -> Result:
        return self._do(cycle, "withdraw", at, more, withdraw_board, cycle, board, not_concerned)

    def reopen(
        self, address: str, at: str, *, to: str | None = None, new_date: str | None = None,
        with_boards: bool | None = None, boards: tuple[str, ...] = (), **more: Any,
    ) -> Result:  # fmt: skip
        return self._do(address, "reopen", at, more, reopen, address, to, day(new_date), with_boards, boards)

    def unflag(self, address: str, at: str, **more: Any) -> Result:
        return self._do(address, "unflag", at, more, unflag, address)

    def remind(self, address: str, at: str, *, sure: bool = False, **more: Any) -> Result:
        return self._do(address, "remind", at, more, remind, address, sure=sure)

    def undo(self, seq: int, at: str, **more: Any) -> Result:
        return self._do(self._subject(seq), "undo", at, more, undo, seq)

    def correct(self, seq: int, at: str, **more: Any) -> Result:
        """`more` holds only the fields that were registered wrong."""
        names = ("actor", "reason", "if_version", "dry_run")
        terms: dict[str, Any] = {name: more.pop(name) for name in names if name in more}
        on = day(more.pop("on", None))
        form = DecisionForm(**_fields(more))
        return self._do(self._subject(seq), "correct", at, terms, correct, seq, form, on)

    def _do(
        self, address: str, verb: str, at: str, terms: dict[str, Any], action: Any, *args: Any, **more: Any
    ) -> Result:
        request = Request(terms.pop("actor", "admin"), instant(at), **terms)
        result: Result = self.desk.carry_out(request, address, verb, action, *args, **more)
        sayable(write_document(result, ENGLISH).warnings)
        return result

    def _subject(self, seq: int) -> str:
        found = [entry["subject"] for entry in self.log() if entry["seq"] == seq]
        return str(found[0]) if found else str(seq)

    def form(self, at: str, body: str | None, more: dict[str, Any]) -> DecisionForm:
        """Takes the decision's fields out of `more`; a complete decision of `body` where they say nothing."""
        names = ("date", "paragraph", "point", "diary", "outcome", "text", "link")
        given = {name: more.pop(name) for name in names if name in more}
        if body is None:
            return DecisionForm(**_fields(given))
        self._paragraph += 1
        usual = {"paragraph": str(self._paragraph), "diary": "KS 2026/300", "outcome": "adopted"}
        return DecisionForm(body=body, **_fields({"date": at[:10], **usual, **given}))

    def tick(self, at: str, *, confirmed_by: str | None = None) -> TickResult:
        return self.ticker.tick(instant(at), confirmed_by=confirmed_by)

    def preview(self, at: str, *, confirmed_by: str | None = None) -> TickResult:
        return self.ticker.preview(instant(at), confirmed_by=confirmed_by)

    # --- getting somewhere

    def start(self, cycle: str = "2028") -> None:
        """Open a budget cycle on 2 November, its timetable decided by KS on 4 November."""
        year = int(cycle) - 2
        self.open(cycle, f"{year}-11-02T09:00")
        self.walk(f"{cycle}/tidsplan", "decided", f"{year}-11-04T09:00")

    def walk(self, address: str, to: str, at: str) -> None:
        """Go the ordinary way to a state on one day, every step by the right body."""
        while (plan := self.plan(address)).state != to:
            way = plan.workflow.way_ahead(plan.state)
            # An act takes the steps of the calendar before it by itself, which is faster than a tick.
            due = takewhile(lambda step: step.automatic == "date" and step.to != to, way)
            step = way[len(list(due))]
            if step.by is None:
                self.tick(at)
                assert self.row(address).state != plan.state, f"{address}: {step.verb} is not due"
                continue
            body = plan.body(step.by) if step.decision else None
            self.advance(address, step.verb, at, body=body, reason="as usual")

    def hold_dialogues(self, cycle: str, at: str, *, but: tuple[str, ...] = ()) -> None:
        for board in DIALOGUES:
            if board not in but:
                self.walk(f"{cycle}/uppdragsdialog/{board}", "held", at)

    def adopt_mrp(self, cycle: str = "2028") -> None:
        """From a running cycle to KF's decision on 16 June, nothing left out."""
        year = int(cycle) - 1
        self.walk(f"{cycle}/ramar", "sent_out", f"{year}-02-24T09:00")
        self.hold_dialogues(cycle, f"{year}-05-03T09:00")
        self.walk(f"{cycle}/mrp", "adopted", f"{year}-06-16T19:00")

    # --- looking

    @contextmanager
    def unit_of_work(self, at: str) -> Iterator[UnitOfWork]:
        with self.store.reading() as session:
            yield UnitOfWork(session, instant(at), "admin", self.mail, lock=False)

    def plan(self, address: str, at: str = "2026-01-01T00:00") -> Plan:
        with self.unit_of_work(at) as uow:
            return uow.plan(address)

    def row(self, address: str) -> PlanRow:
        with self.store.reading() as session:
            found: PlanRow = session.execute(select(PlanRow).where(col(PlanRow.address) == address)).scalar_one()
            return found

    def addresses(self) -> list[str]:
        with self.store.reading() as session:
            return list(session.execute(select(PLAN.c.address).order_by(PLAN.c.id)).scalars())

    def show(self, address: str, at: str) -> dict[str, Any]:
        with self.unit_of_work(at) as uow:
            return as_json(plans.show(uow, address, ENGLISH))

    def status(self, address: str, at: str) -> str:
        with self.unit_of_work(at) as uow:
            return uow.plan(address).status(date.fromisoformat(at[:10]))

    def blockers(self, address: str, at: str) -> list[Reason]:
        with self.unit_of_work(at) as uow:
            return plans.blockers(uow, uow.plan(address))

    def log(self, subject: str | None = None, action: str | None = None) -> list[LogRecord]:
        with self.store.reading() as session:
            payloads = session.execute(select(col(LogEntry.payload)).order_by(col(LogEntry.seq))).scalars()
            entries = [as_shown(payload) for payload in payloads]
        return [e for e in entries if subject in (None, e["subject"]) and action in (None, e["action"])]

    def actions(self, subject: str) -> list[str]:
        return [entry["action"] for entry in self.log(subject)]

    def notices(self, address: str | None = None, **columns: Any) -> list[Notice]:
        """Those about plans (the weekly mail about the log is another matter)."""
        query = select(Notice).where(col(Notice.rule) != "weekly").order_by(col(Notice.due), col(Notice.id))
        if address:
            query = query.where(col(Notice.plan_id) == self.row(address).id)
        with self.store.reading() as session:
            found = list(session.execute(query).scalars())
        return [n for n in found if all(getattr(n, name) == value for name, value in columns.items())]

    def told(self, address: str, rule: str) -> set[str]:
        """Who has, or had, a notice of that rule about the plan."""
        return {notice.person_id for notice in self.notices(address, rule=rule)}

    def messages(self) -> list[Message]:
        with self.store.reading() as session:
            return list(session.execute(select(Message).order_by(col(Message.id))).scalars())

    def verified(self) -> bool:
        with self.store.reading() as session:
            return journal.verify(session).ok

    def rows(self, *, but: tuple[str, ...] = ()) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table."""
        with self.store.reading() as session:
            return {
                name: [tuple(row) for row in session.execute(select(table).order_by(*table.primary_key))]
                for name, table in SQLModel.metadata.tables.items()
                if name not in but
            }

    # --- expecting

    @contextmanager
    def refused(self, *rules: str) -> Iterator[list[Reason]]:
        """Assert that the block is refused for exactly these rules, each of which can be said in a sentence, and that
        only a log entry was written.

        Yields the list of reasons, which is filled after the block.
        """
        before = self.rows(but=("log_entry", "chain_head"))
        seq = len(self.log())
        reasons: list[Reason] = []
        try:
            yield reasons
        except RefusedError as error:
            reasons += error.reasons
            sayable(refused_document(error, ENGLISH).refusals)
        else:
            raise AssertionError(f"not refused; expected: {rules}")
        assert sorted(reason.rule for reason in reasons) == sorted(rules)
        assert self.rows(but=("log_entry", "chain_head")) == before
        assert [entry["action"] for entry in self.log()[seq:]] == ["plan.refused"]

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """Not one row has changed, not even in the log."""
        before = self.rows()
        yield
        assert self.rows() == before

    def set_plan(self, address: str, **columns: Any) -> None:
        """Past the engine, for what only an accident brings about."""
        changed_by_hand(self.store)
        with self.store.writing() as session:
            session.execute(update(PLAN).where(PLAN.c.address == address).values(**columns))


def started(store: Store) -> Wheelhouse:
    """A running cycle of 2028."""
    house = Wheelhouse(store)
    house.start()
    return house


def _fields(given: dict[str, Any]) -> dict[str, Any]:
    fields = {name: value for name, value in given.items() if name != "date"}
    return {**fields, "meeting": day(given["date"])} if "date" in given else fields


def sayable(reasons: Iterable[ReasonDocument]) -> None:
    """Assert that each of these reasons has all the facts that its sentence names."""
    for reason in reasons:
        assert "{" not in reason.message
        assert "None" not in reason.message


def rules_of(done: Result) -> list[str]:
    return [reason.rule for reason in done.warnings]


def utc_text(at: str) -> str:
    """As the contract writes an instant."""
    return instant(at).isoformat().replace("+00:00", "Z")


__all__ = [
    "BOARDS", "DIALOGUES", "ZONE", "Wheelhouse", "day", "instant", "rules_of", "started",
    "utc_text", "vanersborg",
]  # fmt: skip
