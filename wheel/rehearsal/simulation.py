"""Runs a rehearsal: the clock jumps to the next alarm, planned step or mail.

The engine does the work: the tick processes what is due, the verb `advance` takes steps, the digest sorts notices. This
module only decides when each happens, and records the result.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from heapq import heappop, heappush
from itertools import count

from sqlalchemy import bindparam, func, or_, select
from sqlmodel import Session

from wheel.actions.advance import advance
from wheel.cycles.follow_steps import follow_steps, waiting_phases
from wheel.database.tables import PLAN_TRIES
from wheel.engine.decisions import DecisionForm
from wheel.engine.desk import Desk
from wheel.engine.plan import NO_RECORD, Cycle, Plan
from wheel.engine.request_and_result import Request
from wheel.engine.unit_of_work import PLAN, UnitOfWork, unit_of_work
from wheel.errors import RefusedError
from wheel.rehearsal.planned_steps import PlannedStep, StepPlanner, owed, undecided_opening
from wheel.rehearsal.policy import Policy
from wheel.rehearsal.recorder import Key, Recorder, waited_for
from wheel.rehearsal.replica import Replica
from wheel.rehearsal.simulated_mail import SOONEST, SimulatedMail
from wheel.tick.tick import Ticker
from workflows.definition.definition import Definition, anchor
from workflows.rules.named_rules import Reason

_NEXT = select(
    select(func.min(PLAN.c.wake_at)).where(PLAN.c.wake_at.is_not(None), PLAN.c.tries == 0).scalar_subquery(),
    select(func.min(PLAN.c.retry_at))
    .where(PLAN.c.wake_at <= bindparam("now"), PLAN.c.tries > 0, PLAN.c.tries < PLAN_TRIES)
    .scalar_subquery(),
    SOONEST.scalar_subquery(),
)
_LOOK = (
    select(PLAN)
    .where(or_(PLAN.c.address.in_(bindparam("moved", expanding=True)), PLAN.c.id > bindparam("known")))
    .order_by(PLAN.c.id)
)
LONG_AGO = timedelta(days=900)  # longer than any cycle has run when the year begins


class Simulation:
    """One run on one replica under one policy. `plans`: the current plans by address. `mails`: whether mail is made."""

    def __init__(
        self,
        replica: Replica,
        policy: Policy,
        tell: Callable[[datetime], None] = lambda _: None,
        *,
        mails: bool = True,
    ) -> None:
        self.replica = replica
        self.policy = policy
        self.plans: dict[str, Plan] = {}
        self.recorder = Recorder(replica.calendar, replica.calendar.local_date(replica.year_begins))
        self._progress = tell
        self._mails = mails
        self._by_id: dict[int, Plan] = {}
        self.mailing = SimulatedMail(replica, self._by_id)
        self._planner = StepPlanner(replica.calendar, replica.meetings())
        self._ticker = Ticker(replica.store, replica.mail, self._newest)
        self._actor = replica.actor()
        self._now = replica.begins
        self._since: datetime | None = (
            None  # set during `settle`: steps may have been due before the cycles were opened
        )
        self._came: dict[str, datetime] = {}  # during `settle`: when the plan came into its state in a punctual year
        self._cycles: dict[int, Cycle] = {}
        self._waiting: dict[int, set[str]] = {}  # by cycle: the phases whose dates the day of a step sets
        self._planned: dict[str, PlannedStep] = {}
        self._queue: list[tuple[datetime, int, str]] = []
        self._stuck: dict[str, set[str]] = {}  # refused steps, by address: the plans that they wait for
        self._number = count(1)
        self._alarm: datetime | None = None
        self._last_id = 0

    def run(self) -> None:
        """Run to the end of the years."""
        with self.replica.store.reading() as session:
            self._read_plans(session, ())
        self._read_next_alarm()
        while (at := self._next()) is not None and at < self.replica.year_ends:
            at = max(at, self._now)  # what was due earlier is caught up now
            self._step(at)
            self._progress(at)

    def settle(self) -> None:
        """Catch up, without moving the clock, on the steps that a punctual municipality would have taken by now."""
        self._since = self._now - LONG_AGO
        with self.replica.store.reading() as session:
            self._read_plans(session, ())
        self._process_due(self._now)
        while past := [at for at, _, _ in self._queue if at < self.replica.year_begins]:
            self._act(self._now, self._due(max(past)))
            self._process_due(self._now)
        with self.replica.store.writing() as session:
            self.mailing.drop(session, "known_before")

    def meeting_in_time(self, key: Key) -> date | None:
        """The last meeting at which the plan can leave that state in time; None if none is known."""
        return self._planner.meeting_in_time(self.plans[key[0]], key[1]) if key[0] in self.plans else None

    def meeting(self, address: str, state: str) -> date | None:
        """The meeting at which the plan would leave that state, if it lies after the years."""
        planned = self._planned.get(address)
        return planned.meeting if planned is not None and self.plans[address].state == state else None

    def _next(self) -> datetime | None:
        soonest = self._queue[0][0] if self._queue else None
        return min((at for at in (self._alarm, soonest, self.mailing.next_at) if at is not None), default=None)

    def _step(self, at: datetime) -> None:
        self._now = at
        if self._alarm is not None and self._alarm <= at:
            self._process_due(at)
        if due := self._due(at):
            self._act(at, due)
            self._process_due(at)
        if self.mailing.next_at is not None and self.mailing.next_at <= at:
            self.mailing.make(at)
        self._read_next_alarm()

    # ---- what the calendar does

    def _newest(self) -> Definition:
        return self.replica.newest

    def _process_due(self, at: datetime) -> None:
        ticked = self._ticker.process_due(at)
        with self.replica.store.reading() as session:
            moved = [(m["address"], m["from"], m["to"], m["due"]) for m in ticked.moved]
            if self._since:
                self._date_back(moved)
            self._read_plans(session, {address for address, *_ in moved})
        for address, source, to, due in moved:
            plan = self.plans[address]
            step = next(s for s in plan.workflow.steps_from(source) if s.to == to and s.automatic)
            self.recorder.moved(plan, step, plan.stages.get(to, NO_RECORD).entered_at or due)
        self._retry_waiting({address for address, *_ in moved})

    def _read_next_alarm(self) -> None:
        """Read when the next alarm is due and when the next mail leaves."""
        with self.replica.store.reading() as session:
            *alarms, mail = session.connection().execute(_NEXT, {"now": self._now}).one()
        self._alarm = min((at for at in alarms if at is not None), default=None)
        if self._mails:
            self.mailing.schedule(mail)

    def _read_plans(self, session: Session, addresses: Iterable[str]) -> None:
        """Read the moved plans at `addresses`, those whose dates may follow from a move, and new plans."""
        wanted = {*addresses, *(p.address for p in self.plans.values() if p.phase in self._waiting[p.cycle.id])}
        rows = session.connection().execute(_LOOK, {"moved": list(wanted), "known": self._last_id}).all()
        for row in rows:
            if row.cycle_id not in self._cycles:
                uow = UnitOfWork(session, self._now, "", self.replica.mail, lock=False)
                self._cycles[row.cycle_id] = uow.cycle(row.cycle_id)
                self._waiting[row.cycle_id] = waiting_phases(self._cycles[row.cycle_id].definition)
                self._opened(self._cycles[row.cycle_id])
            plan = Plan.of(row, self._cycles[row.cycle_id])
            before = self.plans.get(row.address)
            self.plans[row.address] = self._by_id[row.id] = plan
            if before is None and plan.cycle.opened_at > self.replica.begins:
                self._opened_with_its_cycle(plan)
            if before is None or (before.state, before.visit) != (plan.state, plan.visit):
                self.recorder.entered_state(plan)
                self._stuck.pop(plan.address, None)
                self._plan_step(plan)
            elif before.stages != plan.stages and plan.address not in self._stuck:
                self._plan_step(plan)
        self._last_id = max([self._last_id, *(row.id for row in rows)])

    def _came_since(self, plan: Plan) -> datetime:
        """When the plan came into its state in a punctual year, for a plan of a cycle that is opened in its middle."""
        if plan.address not in self._came:
            calendar, cycle = self.replica.calendar, plan.cycle
            opens = cycle.definition.wheel.cycles[cycle.kind].opens.rule.first(anchor(cycle.kind, cycle.year, calendar))
            self._came[plan.address] = calendar.start_of_day(plan.stage.opens or opens)
        return self._came[plan.address]

    def _date_back(self, moved: Iterable[tuple[str, str, str, datetime]]) -> None:
        """Note when automatic steps, which are taken now, would have been taken in a punctual year."""
        for address, source, to, _ in moved:
            plan = self.plans[address]
            step = next(s for s in plan.workflow.steps_from(source) if s.to == to and s.automatic)
            came = [self._came_since(self.plans[each]) for each in waited_for(plan, step) if each in self.plans]
            opens = plan.stages.get(to, NO_RECORD).opens
            self._came[address] = max(
                [*came, *([self.replica.calendar.start_of_day(opens)] if opens else [])], default=self._came_since(plan)
            )

    def _opened(self, cycle: Cycle) -> None:
        if cycle.opened_at > self.replica.begins:
            self.recorder.opened(cycle.name, cycle.opened_at)

    def _opened_with_its_cycle(self, plan: Plan) -> None:
        """Record the steps that the calendar had taken when the cycle was opened, on the first day of both."""
        for step in plan.workflow.way_ahead(plan.workflow.initial):
            if (at := plan.stages.get(step.to, NO_RECORD).entered_at) is None:
                return
            self.recorder.moved(plan, step, at)

    # ---- what the bodies do

    def _plan_step(self, plan: Plan, since: datetime | None = None) -> None:
        """Plan the step that a body owes, at the earliest at `since`."""
        self._planned.pop(plan.address, None)
        step = owed(plan) or undecided_opening(plan)
        if step is None or (step.by is None and self._planner.leave_by(plan, plan.state) is None):
            return
        since = since or self._since or max(plan.stage.entered_at or self._now, self._now)
        if self._since and self._planner.leave_by(plan, plan.state) is None:
            since = self._came_since(plan)
        planned = self._planner.plan_step(plan, step, 0, since)
        if self._is_meant(planned):
            delay = self.policy.delay(plan.address, plan.state, plan.visit)
            if delay != 0:
                self.recorder.own.add((plan.address, plan.state))
            if delay is None:
                return
            planned = self._planner.plan_step(plan, step, delay, since) if delay else planned
        self._planned[plan.address] = planned
        heappush(self._queue, (planned.at, next(self._number), plan.address))

    def _is_meant(self, planned: PlannedStep) -> bool:
        """Whether the policy applies to the step. Before the year begins everybody is on time."""
        if self.policy.punctual or planned.at < self.replica.year_begins or not planned.body:
            return False
        body = self.replica.newest.wheel.bodies.get(planned.body)
        return self.policy.everybody or (body is not None and body.has_plans and body.kind != "executive")

    def _due(self, at: datetime) -> dict[str, PlannedStep]:
        found: dict[str, PlannedStep] = {}
        while self._queue and self._queue[0][0] <= at:
            due, _, address = heappop(self._queue)
            planned = self._planned.get(address)
            if planned is not None and planned.at == due:
                found[address] = planned
        return found

    def _act(self, at: datetime, due: dict[str, PlannedStep]) -> None:
        """Take the steps of one instant in one transaction; if one is refused, each in its own."""
        refused: dict[str, list[Reason]] = {}
        try:
            with unit_of_work(self.replica.store, at, self._actor, self.replica.mail) as uow:
                for address, planned in due.items():
                    advance(uow, Request(self._actor, at), address, planned.step.verb, self._form(planned))
                follow_steps(uow)
        except RefusedError:
            refused = self._act_each(at, due)
        for address, planned in due.items():
            del self._planned[address]
            plan = self.plans[address]
            if self._since and address not in refused:
                self._came[address] = planned.at
            if address in refused:
                self._stuck[address] = self.recorder.refused(plan, planned, at, refused[address])
                if least := [reason.facts["least"] for reason in refused[address] if reason.rule == "distance"]:
                    self._plan_step(plan, self.replica.calendar.start_of_day(max(least)))
            elif planned.body:
                self.recorder.acted(plan, plan.state, planned, at)
        with self.replica.store.reading() as session:
            self._read_plans(session, due.keys() - refused.keys())
        for address, planned in due.items():
            if address not in refused and not planned.body:
                self.recorder.moved(self.plans[address], planned.step, at)
        self._retry_waiting(due.keys() - refused.keys())

    def _act_each(self, at: datetime, due: dict[str, PlannedStep]) -> dict[str, list[Reason]]:
        """Take each step as a door does. Returns the refusals by address."""
        desk, refused = Desk(self.replica.store, self.replica.mail, follow_steps), {}
        for address, planned in due.items():
            try:
                verb, form = planned.step.verb, self._form(planned)
                desk.carry_out(Request(self._actor, at), address, verb, advance, address, verb, form)
            except RefusedError as error:
                refused[address] = error.reasons
        return refused

    def _form(self, planned: PlannedStep) -> DecisionForm:
        if planned.meeting is None:
            return DecisionForm()
        paragraph = str(next(self._number))
        return DecisionForm(planned.body, planned.meeting, paragraph, "", "rehearsal", "adopted")

    def _retry_waiting(self, moved: Iterable[str]) -> None:
        """Plan the refused steps anew that waited for one of these plans."""
        for address in [address for address, missing in self._stuck.items() if missing & set(moved)]:
            del self._stuck[address]
            self._plan_step(self.plans[address])
