"""Any verbs by any actors at any times, over a few cycles: what always holds of plans, log, notices and alarms."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select
from sqlmodel import col

from tests.support.databases import Databases
from tests.support.wheelhouse import BOARDS, Wheelhouse, instant
from wheel.database.store import Store
from wheel.database.tables import LogEntry
from wheel.engine.agenda import agenda
from wheel.engine.plan import Plan
from wheel.engine.transition import finished_join
from wheel.engine.unit_of_work import PLAN, UnitOfWork
from wheel.errors import Conflict, NotFound, RefusedError, Usage
from workflows.definition.definition import Definition, Step

START = datetime.fromisoformat("2027-03-01T09:00")  # the wall clock, as everywhere in these tests
TAKING_PART = ("ks", "socialnamnden", "valnamnden")  # the other boards are withdrawn: a join is in reach
PHASES = ("namndforslag", "uppdragsdialog", "verksamhetsplan", "delarsrapport-april", "arsberattelse")
PLANS = [
    "2028/tidsplan", "2028/budgetberedning", "2028/ramar", "2028/mrp", "mandat-2026/inriktningsmal", "2029/tidsplan",
    "2029/mrp", *(f"2028/{phase}" for phase in PHASES),
    *(f"2028/{phase}/{board}" for phase in PHASES for board in TAKING_PART),
]  # fmt: skip
ACTORS = ["admin"] * 6 + ["reader", "ks-secretary", "kf-secretary", "socialnamnden-secretary", "nobody"]
OUTCOMES = ["adopted"] * 4 + ["adopted_with_changes", "noted", "dropped", "rejected", "sent_back", "postponed", ""]
ENDED = {"planned", "sent", "superseded", "expired", "withheld"}
MOVES = ("plan.advanced", "plan.sent_back", "plan.reopened", "plan.undone")

plans = st.sampled_from(PLANS)
actors = st.sampled_from(ACTORS)
reasons = st.sampled_from(["so be it", ""])
new_dates = st.sampled_from([None, -1, 0, 1, 14, 60])


@dataclass
class Told:
    """A plan as the log alone tells of it."""

    address: str
    state: str
    mark: str | None
    held: bool = False
    moves: dict[int, dict[str, Any]] = field(default_factory=dict)


class Story:
    """Reads the log entry by entry and complains of what must not happen."""

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.seq = 0
        self.told: dict[str, Told] = {}
        self.moves: list[int] = []

    def read(self, entry: dict[str, Any]) -> None:
        assert entry["seq"] == self.seq + 1
        self.seq += 1
        subject, action, data = entry["subject"], entry["action"], entry["data"]
        if action == "plan.opened":
            self.told[subject] = Told(subject, data["state"], data["mark"])
        plan = self.told.get(subject)
        if plan is None:
            return
        if action in MOVES:
            assert plan.state == data["from"], f"{subject}: moved from where it did not stand"
            assert not plan.held, f"{subject}: moved while held"
            if action == "plan.advanced":
                self._may_move(plan, data)
                self._decided(plan, data)
                self._joins(plan, data)
            before = plan.moves[data["undoes"]]["before"]["mark"] if action == "plan.undone" else None
            plan.state, plan.mark = data["to"], before
            plan.moves[entry["seq"]] = data
            self.moves.append(entry["seq"])
        elif action == "plan.withdrawn":
            plan.mark = "withdrawn"
        elif action in ("plan.held", "plan.released"):
            plan.held = action == "plan.held"

    def _may_move(self, plan: Told, data: dict[str, Any]) -> None:
        assert plan.mark not in ("withdrawn", "not_concerned")
        cycle, phase = plan.address.split("/")[:2]
        timetable = self.told.get(f"{cycle}/tidsplan")
        if timetable is not None and phase != "tidsplan":
            assert timetable.mark == "before_introduction" or (
                timetable.mark != "withdrawn" and timetable.state not in ("upcoming", "draft")
            ), f"{plan.address}: moved in a draft cycle"

    def _decided(self, plan: Told, data: dict[str, Any]) -> None:
        """A decision takes the step only with an outcome that the workflow names."""
        if "decision" in data:
            _, phase, *board = plan.address.split("/")
            steps = self.definition.workflow(phase, board[0] if board else None).steps_named(data["step"])
            assert data["decision"]["outcome"] in steps[0].taken_by, f"{plan.address}: taken by no such outcome"

    def _joins(self, plan: Told, data: dict[str, Any]) -> None:
        """A parent passes a join only when every board that takes part has come so far, or somebody said why not."""
        _, phase, *board = plan.address.split("/")
        if board or plan.mark == "before_introduction":
            return
        workflow = self.definition.workflow(phase, None)
        over = {
            address
            for told in data.get("passed_over", ())
            if told["rule"] == "join" and told["overridden"]
            for address in told["facts"]["missing"]
        }
        for step in workflow.steps:
            passes = not workflow.reached(data["from"], step.to) and workflow.reached(data["to"], step.to)
            if step.automatic == "children" and passes:
                assert self._missing(plan, step) <= over, f"{plan.address}: passed its join"

    def _missing(self, plan: Told, step: Step) -> set[str]:
        phase = plan.address.split("/")[1]
        return {
            child.address
            for child in self.told.values()
            if child.address.startswith(f"{plan.address}/")
            and child.mark not in ("withdrawn", "not_concerned", "before_introduction")
            and not self.definition.workflow(phase, child.address.split("/")[2]).reached(
                child.state, step.reached or ""
            )
        }


class Turning(RuleBasedStateMachine):
    """The wheel of the template, turned by anybody."""

    def __init__(self, new_store: Callable[[], Store]) -> None:
        super().__init__()
        self.store = new_store()
        self.house = Wheelhouse(self.store, seed=False)
        self.now = START
        self.story = Story(self.house.definition)
        self.versions: dict[str, tuple[int, str]] = {}
        self.ticked = False

    def teardown(self) -> None:
        try:
            assert self.house.verified()
        finally:
            self.store.close()

    @property
    def at(self) -> str:
        return f"{self.now:%Y-%m-%dT%H:%M}"

    def day(self, offset: int | None) -> str | None:
        return None if offset is None else (self.now + timedelta(days=offset)).date().isoformat()

    def attempt(self, act: Callable[..., Any], *args: Any, **terms: Any) -> None:
        """Whatever is asked, it is done or answered: never anything else."""
        self.ticked = False
        with suppress(RefusedError, Usage, NotFound, Conflict):
            act(*args, **terms)

    # --- time

    @rule(days=st.sampled_from([0, 1, 3, 10, 31, 120]), hour=st.integers(0, 23))
    def wait(self, days: int, hour: int) -> None:
        later = self.now.replace(hour=hour, minute=0) + timedelta(days=days)
        self.now = max(later, self.now + timedelta(minutes=1))
        self.ticked = False

    @rule(confirmed=st.booleans())
    def tick(self, confirmed: bool) -> None:
        self.house.tick(self.at, confirmed_by="admin" if confirmed else None)
        self.ticked = True

    @rule()
    def preview(self) -> None:
        with self.house.unchanged():
            self.house.preview(self.at)

    # --- the way

    @rule(address=plans, days=st.integers(0, 30), steps=st.integers(1, 4))
    def go_on(self, address: str, days: int, steps: int) -> None:
        """The next steps by the right body: without it no example would ever get far."""
        self.wait(days, 9)
        for _ in range(steps):
            self._next_step(address)

    @rule(phase=st.sampled_from(PHASES), days=st.integers(0, 30), steps=st.integers(1, 5))
    def all_boards_go_on(self, phase: str, days: int, steps: int) -> None:
        self.wait(days, 9)
        for board in TAKING_PART:
            for _ in range(steps):
                self._next_step(f"2028/{phase}/{board}")

    def _next_step(self, address: str) -> None:
        with self.house.unit_of_work(self.at) as uow:
            try:
                plan = uow.plan(address)
            except NotFound:
                return
            step = next((step for step in plan.workflow.way_ahead(plan.state) if step.by), None)
            body = plan.body(step.by) if step and step.by and step.decision else None
        if step:
            self.attempt(self.house.advance, address, step.verb, self.at, body=body, reason="as usual", anyway=True)

    @rule(address=plans, data=st.data(), actor=actors, outcome=st.sampled_from(OUTCOMES), reason=reasons,
          anyway=st.booleans(), new=new_dates, met=st.sampled_from([0, 0, -7, 1]), stale=st.booleans())  # fmt: skip
    def advance(
        self, address: str, data: st.DataObject, actor: str, outcome: str, reason: str, anyway: bool,
        new: int | None, met: int, stale: bool,
    ) -> None:  # fmt: skip
        phase, *board = address.split("/")[1:]
        definition = self.house.definition
        binding = definition.binding(phase, board[0] if board else None)
        verbs = sorted({step.verb for step in definition.workflows[binding.workflow].steps})
        body = data.draw(
            st.sampled_from([None, *(binding.body(p, board[0] if board else None) for p in binding.parties)])
        )
        self.attempt(
            self.house.advance, address, data.draw(st.sampled_from(verbs)), self.at, body=body, actor=actor,
            reason=reason, anyway=anyway and bool(reason), new_date=self.day(new), if_version=1 if stale else None,
            **({"outcome": outcome, "date": self.day(met)} if body else {}),
        )  # fmt: skip

    @rule(address=plans, actor=actors, reason=reasons, new=new_dates, body=st.sampled_from([None, "ks", "kf"]))
    def send_back(self, address: str, actor: str, reason: str, new: int | None, body: str | None) -> None:
        self.attempt(
            self.house.send_back, address, self.at, body=body, actor=actor, reason=reason, new_date=self.day(new)
        )

    @rule(address=plans, actor=actors, new=new_dates, body=st.sampled_from([None, "ks", "kf"]))
    def postpone(self, address: str, actor: str, new: int | None, body: str | None) -> None:
        self.attempt(self.house.postpone, address, self.at, body=body, actor=actor, new_date=self.day(new))

    # --- beside the way

    @rule(address=plans, actor=actors, reason=reasons, boards=st.booleans())
    def hold(self, address: str, actor: str, reason: str, boards: bool) -> None:
        self.attempt(self.house.hold, address, self.at, actor=actor, reason=reason, with_boards=boards)

    @rule(address=plans, actor=actors, boards=st.booleans())
    def release(self, address: str, actor: str, boards: bool) -> None:
        self.attempt(self.house.release, address, self.at, actor=actor, with_boards=boards)

    @rule(address=plans, reason=reasons, boards=st.booleans())
    def withdraw(self, address: str, reason: str, boards: bool) -> None:
        self.attempt(self.house.withdraw, address, self.at, reason=reason, with_boards=boards)

    @rule(address=plans, reason=reasons, new=new_dates, boards=st.booleans())
    def reopen(self, address: str, reason: str, new: int | None, boards: bool) -> None:
        self.attempt(self.house.reopen, address, self.at, reason=reason, new_date=self.day(new), with_boards=boards)

    @rule(address=plans, actor=actors, reason=reasons)
    def unflag(self, address: str, actor: str, reason: str) -> None:
        self.attempt(self.house.unflag, address, self.at, actor=actor, reason=reason)

    @rule(address=plans, reason=reasons, new=st.sampled_from([-1, 0, 5, 90]))
    def move_deadline(self, address: str, reason: str, new: int) -> None:
        self.attempt(self.house.move_deadline, address, self.day(new), self.at, reason=reason)

    @rule(address=plans, actor=actors, anyway=st.booleans())
    def remind(self, address: str, actor: str, anyway: bool) -> None:
        self.attempt(self.house.remind, address, self.at, actor=actor, anyway=anyway, reason="so be it")

    @rule(back=st.integers(1, 4), actor=actors)
    def undo(self, back: int, actor: str) -> None:
        self.attempt(self.house.undo, self.story.moves[-back:][0], self.at, actor=actor)

    @rule(back=st.integers(1, 4), actor=actors, reason=reasons)
    def correct(self, back: int, actor: str, reason: str) -> None:
        seq = self.story.moves[-back:][0]
        self.attempt(self.house.correct, seq, self.at, actor=actor, reason=reason, paragraph="9")

    @rule(name=st.sampled_from(["2028", "2029", "2031", "mandat-2030", "mandat-2027"]), actor=actors)
    def open(self, name: str, actor: str) -> None:
        self.attempt(self.house.open, name, self.at, actor=actor)

    # --- what always holds

    @invariant()
    def holds(self) -> None:
        with self.store.reading() as session:
            uow = UnitOfWork(session, instant(self.at), "admin", self.house.mail, lock=False)
            entries = session.execute(
                select(col(LogEntry.payload)).where(col(LogEntry.seq) > self.story.seq).order_by(col(LogEntry.seq))
            ).scalars()
            for payload in entries:
                self.story.read(json.loads(payload))
            plans = uow.plans(select(PLAN))
            for plan in plans:
                self._plan_holds(uow, plan)
        self._notices_hold({plan.id: plan for plan in plans})

    def _plan_holds(self, uow: UnitOfWork, plan: Plan) -> None:
        assert plan.workflow.has(plan.state)
        assert 1 <= plan.visit <= max(plan.stage.entries, 1)
        told = self.story.told[plan.address]
        assert (plan.state, plan.held) == (told.state, told.held)
        version, state = self.versions.get(plan.address, (0, ""))
        assert plan.version >= version
        assert plan.version > version or plan.state == state
        self.versions[plan.address] = (plan.version, plan.state)
        assert plan.tries == 0
        alarms = agenda(plan, uow.calendar(plan.cycle), self.house.mail.send_hour)
        if alarms:
            assert plan.wake_at is not None, f"{plan.address} would sleep through {alarms[0]}"
            assert plan.wake_at <= max(alarms[0].at, uow.now)
        if self.ticked:
            assert plan.wake_at is None or plan.wake_at > uow.now
            assert not [alarm for alarm in alarms if alarm.at <= uow.now]
            assert finished_join(uow, plan) is None

    def _notices_hold(self, plans: dict[int, Plan]) -> None:
        notices = self.house.notices()
        assert len({notice.key for notice in notices}) == len(notices)
        assert {notice.outcome for notice in notices} <= ENDED  # and none has failed: all have an address
        for notice in notices:
            if notice.outcome == "planned" and notice.message_id is None:
                plan = plans[notice.plan_id or 0]
                stays = notice.rule == "flagged"  # wherever the plan has moved to
                assert stays or (plan.state, plan.visit) == (notice.state, notice.entry), notice.key
                assert plan.is_active or notice.rule == "withdrawn", notice.key


def fill(store: Store) -> None:
    """The template: 2028 with its timetable decided, the mandate cycle, most boards withdrawn."""
    house = Wheelhouse(store, roles=("secretary",))
    house.start()
    house.open("mandat-2026", "2026-11-04T09:00")
    for phase in PHASES:
        for board in sorted(set(BOARDS) - set(TAKING_PART)):
            house.withdraw(f"2028/{phase}/{board}", "2026-11-04T10:00", reason="not in this test")


@pytest.fixture
def new_store(databases: Databases) -> Iterator[Callable[[], Store]]:
    """Makes a fresh copy of the template for each example."""
    with ExitStack() as until_the_end:
        yield lambda: until_the_end.enter_context(databases.copy(fill))[0]


def cycle(new_store: Callable[[], Store], examples: int, steps: int, *, derandomize: bool) -> None:
    class Turned(Turning):
        def __init__(self) -> None:
            super().__init__(new_store)

    how = settings(
        max_examples=examples,
        stateful_step_count=steps,
        derandomize=derandomize,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Turned, settings=how)


def test_whatever_is_asked_in_whatever_order_these_hold(new_store: Callable[[], Store], database_kind: str) -> None:
    cycle(new_store, 10 if database_kind == "sqlite" else 2, 40, derandomize=True)


@pytest.mark.slow
def test_they_hold_for_a_long_time_too(new_store: Callable[[], Store], database_kind: str) -> None:
    cycle(new_store, 400 if database_kind == "sqlite" else 60, 60, derandomize=False)
