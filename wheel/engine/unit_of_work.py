"""A unit of work: one database transaction, its audit entries, and who acts at what time. Every action runs in one."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, Table, bindparam, case, func, select, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from config.municipality.roles import DAEMON
from notifications.mail_settings import MailSettings
from notifications.notices import NOTICE, notice_key, plan_notices, rule_in_key
from wheel.audit.journal import Journal, LogRecord, entry
from wheel.audit.recorded_rows import changed_states, recorded
from wheel.database.definitions import definition_of
from wheel.database.meeting_days import meeting_days
from wheel.database.store import Store
from wheel.database.tables import CycleRow, Home, PlanRow
from wheel.engine.agenda import Alarm, agenda
from wheel.engine.people_and_roles import Directory
from wheel.engine.plan import OUT_OF_PLAY, Cycle, Plan, has_reached
from wheel.errors import Conflict, NotFound
from workflows.dates.known_meetings import known_last
from workflows.dates.workdays import Calendar
from workflows.definition.definition import CycleKind, Definition
from workflows.messages import N_
from workflows.rules.machine import Moved
from workflows.rules.named_rules import MissingPlans

PLAN = PlanRow.__table__  # type: ignore[attr-defined]
CYCLE = CycleRow.__table__  # type: ignore[attr-defined]

# The plans of cycles that can still run, and not those of all years that there have been.
RUNS = timedelta(days=6 * 366)  # longer than any cycle
IN_RUNNING_CYCLES = PLAN.c.cycle_id.in_(select(CYCLE.c.id).where(CYCLE.c.opened_at > bindparam("since")))

# The statements of every action, built once: building one costs more than running it.
_HOME = select(Home.__table__)  # type: ignore[attr-defined]
_SET_HOME = update(Home.__table__)  # type: ignore[attr-defined]
_LATER = CYCLE.alias("later")
_NEXT_YEAR = (
    select(func.min(_LATER.c.year))
    .where(_LATER.c.kind == CYCLE.c.kind, _LATER.c.year > CYCLE.c.year)
    .scalar_subquery()
    .label("next_year")
)
_DEFINITIONS = select(CYCLE.c.definition).where(CYCLE.c.opened_at > bindparam("since")).distinct()
_ALL_CYCLES = select(CYCLE, _NEXT_YEAR).order_by(CYCLE.c.id)
_CYCLE = select(CYCLE, _NEXT_YEAR).where(CYCLE.c.id == bindparam("of"))
_CYCLE_IN = select(CYCLE.c.id).where(CYCLE.c.kind == bindparam("of"), CYCLE.c.year == bindparam("in"))
# A plan and its cycle: the two share no column's name but the id.
_CYCLES: list[Any] = [*(column for column in CYCLE.c if column.name != "id"), _NEXT_YEAR]
_WITH_CYCLE = select(PLAN, *_CYCLES).join(CYCLE)
_PLAN = _WITH_CYCLE.where(PLAN.c.address == bindparam("at"))
_PLAN_LOCKED = _PLAN.with_for_update(of=PLAN)
_PLAN_BY_ID = _WITH_CYCLE.where(PLAN.c.id == bindparam("of"))
_PLANS_BY_ID = _WITH_CYCLE.where(PLAN.c.id.in_(bindparam("ids", expanding=True)))
_CHILDREN = select(PLAN).where(PLAN.c.parent_id == bindparam("of")).order_by(PLAN.c.id)
_PHASE = select(PLAN).where(PLAN.c.cycle_id == bindparam("of"), PLAN.c.phase == bindparam("named")).order_by(PLAN.c.id)
_WHOLE = _PHASE.where(PLAN.c.board.is_(None))
_WHOLE_STANDS = _WHOLE.with_only_columns(PLAN.c.state, PLAN.c.mark)
_WHOLES_STAND = select(PLAN.c.phase, PLAN.c.state, PLAN.c.mark).where(
    PLAN.c.cycle_id == bindparam("of"), PLAN.c.phase.in_(bindparam("named", expanding=True)), PLAN.c.board.is_(None)
)
_BOARDS = _PHASE.where(PLAN.c.board.is_not(None))
_SAVE = update(PLAN).where(PLAN.c.id == bindparam("of"), PLAN.c.version == bindparam("seen"))
# The plan's fields whose columns have other names.
_COLUMNS = {"special_status": "mark", "visit": "entry"}
_WELL: dict[str, Any] = {"tries": 0, "retry_at": None, "trouble": ""}
# Notices that waited while the cycle stood still leave when it goes on, if they still hold then.
_TOLD_AFTER_ALL = (
    update(NOTICE)
    .where(
        NOTICE.c.plan_id.in_(select(PLAN.c.id).where(PLAN.c.cycle_id == bindparam("of"))),
        NOTICE.c.outcome == "superseded", NOTICE.c.because == "cycle_stopped", NOTICE.c.message_id.is_(None),
    )
    .values(outcome="planned", because="")
)  # fmt: skip
# A plan that is due already keeps its place in the order. Its row is updated all the same, so that the update waits for
# a tick that holds the plan and has not seen the change yet.
_WOKEN = bindparam("woken", type_=PLAN.c.wake_at.type)
CHECK_AGAIN = update(PLAN).values(wake_at=case((PLAN.c.wake_at < _WOKEN, PLAN.c.wake_at), else_=_WOKEN))


def _cycle_of(row: Row[Any], definition: Definition, cycle_id: int | None = None) -> Cycle:
    """The cycle of the row, of which nobody has asked yet whether it is a draft."""
    followed = row.next_year == row.year + definition.wheel.cycles[row.kind].every
    id = row.id if cycle_id is None else cycle_id
    return Cycle(id, row.name, row.kind, row.year, definition, False, row.opened_at, followed)


def _came(plan: Plan) -> tuple[object, ...]:
    """Where the plan is, and when it came to its states: what dates can count from."""
    return plan.state, plan.is_active, [(stage.entered_at, stage.entered_on) for stage in plan.stages.values()]


class NoticeBatch(NamedTuple):
    """Notices of one plan that say the same, each to another person."""

    plan: Plan
    rule: str
    offset: int | None
    rows: list[dict[str, Any]]


class UnitOfWork:
    """Reads and saves plans, plans notices and appends to the log, in one transaction.

    `now` is the present instant (UTC) for everything in it. `lock` is False if nothing will be written.
    The session caches the people and cycles that were read, for as long as it lives.
    """

    def __init__(self, session: Session, now: datetime, actor: str, mail: MailSettings, *, lock: bool = True) -> None:
        self.session = session
        self.now = now
        self.actor = actor
        self.mail = mail
        self.lock = lock
        self.journal: Journal = session.info.get("journal", Journal)(session, now, actor)  # a rehearsal keeps none
        self.notices = 0
        self.first_leaves: datetime | None = None  # of those notices
        self.told: dict[str, None] = {}  # the persons of those notices
        self.log_seqs: list[int] = []
        self.moved: dict[tuple[int, str], str] = {}  # cycles and phases with a step; the address of the plan
        self._cycles: dict[int, Cycle] = session.info.setdefault("cycles", {})
        # Statements go through the connection, because the session's own overhead is as large as a small statement.
        # It is taken here and not in a cached property: a cached property's lock is shared by all threads, and on
        # SQLite this line may wait for another writer.
        self.connection: Connection = session.connection()

    @cached_property
    def home(self) -> Row[Any]:
        """The row of the home, as it was when it was first read."""
        return self.connection.execute(_HOME).one()

    def set_home(self, **values: Any) -> None:
        self.connection.execute(_SET_HOME, values)

    @property
    def directory(self) -> Directory:
        if "directory" not in self.session.info:
            self.session.info["directory"] = Directory(self.session, self._ends_of_bodies())
        known: Directory = self.session.info["directory"]
        return known

    def _ends_of_bodies(self) -> dict[str, date]:
        """The last day of each body that ends by any cycle's wheel, although others have not been migrated yet; of
        several days the latest."""
        found: dict[str, date] = {}
        for definition in self.connection.execute(_DEFINITIONS, {"since": self.now - RUNS}).scalars():
            with suppress(ValueError):  # it cannot be read; the tick reports it
                bodies = definition_of(self.session, definition).wheel.bodies
                found |= {id: max(body.ends, found.get(id, body.ends)) for id, body in bodies.items() if body.ends}
        return found

    # --- reading

    def cycle(self, cycle_id: int, row: Row[Any] | None = None) -> Cycle:
        """The cycle with that id. `row`: its row, if it has been read already."""
        if cycle_id not in self._cycles:
            row = row or self.connection.execute(_CYCLE, {"of": cycle_id}).one()
            cycle = _cycle_of(row, definition_of(self.session, row.definition), cycle_id)
            self._cycles[cycle_id] = cycle._replace(draft=self._is_draft(cycle), closed=self._closed(cycle))
        return self._cycles[cycle_id]

    def cycle_in(self, kind: CycleKind, year: int) -> Cycle | None:
        """The open cycle of that kind and year."""
        found = self.connection.execute(_CYCLE_IN, {"of": kind, "in": year}).scalar()
        return None if found is None else self.cycle(found)

    def cycles_without_next(self) -> list[Cycle]:
        """The cycles whose next one is not open, as far as their definitions can be read.

        They are not asked whether they are drafts: that costs a query each.
        """
        found = []
        for row in self.connection.execute(_ALL_CYCLES).all():
            with suppress(ValueError):
                found.append(_cycle_of(row, definition_of(self.session, row.definition)))
        return [cycle for cycle in found if not cycle.followed]

    def _is_draft(self, cycle: Cycle) -> bool:
        """A cycle is a draft until its timetable has been decided (R1, § 1.2). A proposal of it decides nothing."""
        phase = cycle.definition.wheel.cycles[cycle.kind].timetable
        if phase is None:
            return False
        row = self.connection.execute(_WHOLE_STANDS, {"of": cycle.id, "named": phase}).one_or_none()
        if row is None:
            return False
        workflow = cycle.definition.workflow(phase, None)
        step = workflow.deciding_step
        return step is not None and not has_reached(workflow, row.state, row.mark, step.to)

    def _closed(self, cycle: Cycle) -> frozenset[str]:
        """The phases with boards that have ended and do not wait for them."""
        definition = cycle.definition
        if not definition.windows:
            return frozenset()
        rows = self.connection.execute(_WHOLES_STAND, {"of": cycle.id, "named": list(definition.windows)}).all()
        ended = [row for row in rows if definition.workflow(row.phase, None).state(row.state).done]
        return frozenset(row.phase for row in ended if row.mark not in OUT_OF_PLAY)

    def forget_cycles(self) -> None:
        """Read the cycles again: a timetable was decided and a cycle may be no draft now, a phase has ended without its
        boards, or a cycle was opened."""
        self._cycles.clear()

    def plans(self, query: Select[Any], **values: Any) -> list[Plan]:
        return [Plan.of(row, self.cycle(row.cycle_id)) for row in self.connection.execute(query, values).all()]

    def readable(self, query: Select[Any], **values: Any) -> Iterator[Plan]:
        """The plans of the query, without those whose definition cannot be read; the tick reports these."""
        for row in self.connection.execute(query, values).all():
            plan = None
            with suppress(ValueError):
                plan = Plan.of(row, self.cycle(row.cycle_id))
            if plan is not None:  # outside the block above, so that an error of the caller is not suppressed
                yield plan

    def plan(self, address: str) -> Plan:
        """The plan at that address, locked for this transaction. Raises NotFound."""
        row = self.connection.execute(_PLAN_LOCKED if self.lock else _PLAN, {"at": address}).one_or_none()
        if row is None:
            raise NotFound.plan(address)
        return Plan.of(row, self.cycle(row.cycle_id, row))

    def plans_with_ids(self, ids: Collection[int]) -> dict[int, Plan]:
        """The plans with those ids, which are locked already."""
        rows = self.connection.execute(_PLANS_BY_ID, {"ids": list(ids)}).all()
        return {row.id: Plan.of(row, self.cycle(row.cycle_id, row)) for row in rows}

    def plan_with_id(self, id: int) -> Plan:
        """The plan with that id, which is locked already."""
        row = self.connection.execute(_PLAN_BY_ID, {"of": id}).one()
        return Plan.of(row, self.cycle(row.cycle_id, row))

    def plans_of(self, cycle: Cycle, phase: str, *, boards: bool) -> list[Plan]:
        """The whole plan of a phase, or its boards' plans."""
        return self.plans(_BOARDS if boards else _WHOLE, of=cycle.id, named=phase)

    def children(self, plan: Plan) -> list[Plan]:
        return self.plans(_CHILDREN, of=plan.id)

    def missing_plans(self, plans: list[Plan], reached: str, later: Collection[int] = ()) -> MissingPlans:
        """The plans that have not reached that state, and the bodies whose step takes them there.

        Nobody waits for a board's plan that was withdrawn; a whole phase that was withdrawn counts as missing.
        `later`: the ids of plans that reached the state too late to count.
        """
        late = [
            m
            for m in plans
            if m.id in later or (not m.reached(reached) and not (m.board and m.special_status == "withdrawn"))
        ]
        taking = [body for m in late for step in m.workflow.steps if step.to == reached for body in m.bodies(step.by)]
        came = tuple(m.address for m in late if m.id in later)
        return MissingPlans(tuple(m.address for m in late), tuple(dict.fromkeys(taking)), came)

    def calendar(self, cycle: Cycle) -> Calendar:
        return cycle.definition.wheel.calendar

    def today(self, cycle: Cycle) -> date:
        return self.calendar(cycle).local_date(self.now)

    def log_entry(self, seq: int) -> LogRecord:
        """The entry of the log with that number. Raises NotFound."""
        found = entry(self.session, seq)
        if found is None:
            raise NotFound(N_("The log has no entry {seq}."), seq=seq)
        return found

    # --- writing

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """A savepoint: an error inside rolls back everything done in it, log entries too.

        It is set by the driver, because the session's own savepoint is compiled anew each time. So no object of the
        session may change inside.
        """
        mark, notices, leaves = self.journal.mark(), self.notices, self.first_leaves
        moved = dict(self.moved)
        self.connection.exec_driver_sql("SAVEPOINT attempt")
        try:
            yield
        except Exception as error:
            try:
                self.connection.exec_driver_sql("ROLLBACK TO SAVEPOINT attempt")
            except DBAPIError:  # the connection is lost, or the database has ended the whole transaction (a full disk)
                raise error from None
            self.journal.rewind(mark)
            self.notices, self.first_leaves, self.moved = notices, leaves, moved
            self.forget_cycles()
            raise
        self.connection.exec_driver_sql("RELEASE SAVEPOINT attempt")

    def save(self, plan: Plan, moved: Moved | None = None, **changes: Any) -> Plan:
        """Write what was decided about the plan, and its next alarm. Only a `moved` of the machine changes the state.

        Raises Conflict if somebody was faster.
        """
        if "state" in changes:
            raise TypeError("a plan's state changes by a Moved alone")
        if moved is not None:
            changes["state"] = moved.to
        after = plan.changed(version=plan.version + 1, **changes)
        after = after.changed(wake_at=self.next_alarm(after))
        values: dict[str, Any] = {_COLUMNS.get(name, name): value for name, value in changes.items()}
        if values.pop("flags", None) is not None or "stages" in values:
            values["stages"] = after.stages_column
        self._update(plan, version=after.version, wake_at=after.wake_at, **values)
        if "stages" in values:
            values["stages"] = changed_states(plan.stages_column, values["stages"])
        self.wrote(PLAN, plan.id, {"version": after.version, **values})
        if _came(after) != _came(plan):
            self.moved[after.cycle.id, after.phase] = after.address
        stands = (after.state, after.special_status) != (plan.state, plan.special_status)
        if stands and after.board is None and after.phase in after.cycle.definition.windows:
            self.forget_cycles()
            self.wake(PLAN.c.parent_id == after.id)  # their reminders end or begin with the window
        if stands and after.is_timetable:
            self.forget_cycles()
            self.wake(PLAN.c.cycle_id == after.cycle.id)
            if plan.cycle.draft and not self.cycle(after.cycle.id).draft:
                self.connection.execute(_TOLD_AFTER_ALL, {"of": after.cycle.id})
        return after

    def reschedule(self, rung: Collection[Plan]) -> None:
        """Store that the plans were handled up to `handled_until` and are due again at `wake_at`. Their version stays,
        because nothing that people see has changed."""
        rows = [
            {"of": m.id, "seen": m.version, "handled_until": m.handled_until, "wake_at": m.wake_at, **_WELL}
            for m in rung
        ]
        if not rows:
            return
        changed = self.connection.execute(_SAVE, rows, execution_options={"preserve_rowcount": True}).rowcount
        if changed != len(rows):
            raise Conflict.on(", ".join(plan.address for plan in rung))

    def _update(self, plan: Plan, **values: Any) -> None:
        changed = self.connection.execute(_SAVE, {"of": plan.id, "seen": plan.version, **values})
        if changed.rowcount != 1:
            raise Conflict.on(plan.address)

    def next_alarm(self, plan: Plan) -> datetime | None:
        """When the plan is due next; now if one of its steps waits for other plans.

        Never later than an alarm that is due already: after an outage each plan keeps its place in the order.
        """
        steps = plan.workflow.steps_from(plan.state) if plan.is_active and not plan.held else []
        at = [self.now] if any(plan.waits_for_others(step) for step in steps) else []
        at += [alarm.at for alarm in self.agenda(plan)[:1]]
        return min(at, default=None)

    def agenda(self, plan: Plan) -> list[Alarm]:
        """The plan's alarms, without the weekly overview if the settings turn it off. See wheel.engine.agenda."""
        found = agenda(plan, self.calendar(plan.cycle), self.mail.send_hour, self.last_meeting(plan))
        return [alarm for alarm in found if alarm.kind != "overview" or self.mail.overview]

    def last_meeting(self, plan: Plan) -> date | None:
        """The last meeting before the deadline at which the body can decide the plan's next step, if it is known to be
        the last. None where the deadline itself is a meeting, where somebody has set it by hand, who knows of another
        meeting, or where none is possible."""
        step, stage = plan.workflow.next_step(plan.state), plan.stage
        if stage.last is None or stage.source or step is None or not step.decision or step.by is None:
            return None
        days = sorted({day for body in plan.bodies(step.by) for day in self._meetings.get(body, ())})
        found = known_last(days, stage.last)
        calendar = self.calendar(plan.cycle)
        opened = calendar.local_date(plan.cycle.opened_at)  # of a meeting before nobody was told anything
        first = max(opened, stage.opens or date.min, stage.day_of_entry(calendar) or date.min)
        return found if found and first <= found < stage.last else None

    def forget_meetings(self) -> None:
        """Read the meetings again: they have changed, and with them the reminders of plans that are decided there."""
        self.session.info.pop("meetings", None)
        self.wake(PLAN.c.wake_at.is_not(None))

    @property
    def _meetings(self) -> dict[str, list[date]]:
        if "meetings" not in self.session.info:
            self.session.info["meetings"] = meeting_days(self.session)
        known: dict[str, list[date]] = self.session.info["meetings"]
        return known

    def facts(self, plan: Plan) -> dict[str, Any]:
        """The facts that a notice about the plan tells now."""
        meeting = self.last_meeting(plan)
        return {**plan.facts, "meeting": meeting and meeting.isoformat()}

    def wake(self, *where: Any) -> None:
        """Let the next tick check the plans again. Call it after every change that may change an agenda."""
        self.connection.execute(CHECK_AGAIN.where(*where), {"woken": self.now})

    def wrote(self, table: Table, key: int | str, values: Mapping[str, Any] | None) -> None:
        """Have the log state the columns of a row that were written; None for a row that was removed."""
        self.journal.wrote(table.name, key, values and recorded(table.name, values))

    def log(self, action: str, plan: Plan | str, **data: Any) -> None:
        subject = plan if isinstance(plan, str) else plan.address
        self.journal.add(action, subject, data)

    @contextmanager
    def by_the_daemon(self) -> Iterator[None]:
        """Log entries made inside have the daemon as their actor: the calendar acts, in whosever transaction it is."""
        self.journal.actor, before = DAEMON, self.journal.actor
        try:
            yield
        finally:
            self.journal.actor = before

    def news(
        self,
        plan: Plan,
        rule: str,
        people: Iterable[str],
        *,
        due: datetime,
        offset: int | None = None,
        at_once: bool = True,
        facts: dict[str, Any] | None = None,
        not_before: datetime | None = None,
        actor_too: bool = False,
    ) -> NoticeBatch:
        """One notice per person, for `notify`; none for who acts, who knows it (with `actor_too` also for that person).

        `facts`: more than, or other than, those of the plan as it is now. `not_before`: none is sent before, even if it
        is due earlier.
        """
        version, by = plan.stage.version, "" if actor_too else self.journal.actor
        tells = {**self.facts(plan), "by": by, **(facts or {})}
        named = rule_in_key(rule, tells)
        same = {
            "plan_id": plan.id, "state": plan.state, "entry": plan.visit, "deadline_version": version,
            "rule": rule, "offset": offset, "at_once": at_once, "due": due,
            "facts": tells,
            "send_after": max(due + self.mail.at_once_wait if at_once else due, not_before or due),
        }  # fmt: skip
        rows = [
            {
                **same,
                "person_id": who,
                "key": notice_key(plan.address, plan.state, plan.visit, version, named, offset, who),
            }
            for who in people
            if who != by
        ]
        return NoticeBatch(plan, rule, offset, rows)

    def notify(self, *told: NoticeBatch) -> int:
        """Plan the notices; those that exist already are not planned again. Returns how many are new."""
        new = plan_notices(self.session, [row for news in told for row in news.rows])
        for plan, rule, offset, rows in told:
            if any(row["key"] in new for row in rows):
                people = [row["person_id"] for row in rows]
                self.log("notice.planned", plan, rule=rule, offset=offset, people=people)
                self.told |= dict.fromkeys(people)
        self.notices += len(new)
        leave = [row["send_after"] for news in told for row in news.rows if row["key"] in new]
        self.first_leaves = min((at for at in (self.first_leaves, *leave) if at), default=None)
        return len(new)

    def next_send(self, plan: Plan, after: datetime) -> datetime:
        """The first sending hour of a working day at or after that instant."""
        calendar = self.calendar(plan.cycle)
        day = calendar.on_or_after(calendar.local_date(after))
        at = calendar.instant(day, self.mail.send_hour)
        return (
            at if at >= after else calendar.instant(calendar.on_or_after(day + timedelta(days=1)), self.mail.send_hour)
        )


@contextmanager
def unit_of_work(
    store: Store, now: datetime, actor: str, mail: MailSettings, *, dry_run: bool = False
) -> Iterator[UnitOfWork]:
    """Open a unit of work in a transaction of its own. An error rolls it back, log entries included.

    `dry_run`: it is always rolled back, and has no log entries.
    """
    with store.writing() as session:
        uow = UnitOfWork(session, now, actor, mail)
        yield uow
        if dry_run:
            session.rollback()
        else:
            uow.log_seqs = uow.journal.close()
