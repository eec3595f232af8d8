"""A rehearsal's course: the clock jumps from alarm to alarm, from step to step and to each hour of mail.

What happens is the engine's doing: the tick wakes, the verb `advance` judges, the post room gathers. Here it is only
decided when, and noted what came of it.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from heapq import heappop, heappush
from itertools import count

from sqlalchemy import bindparam, func, or_, select
from sqlmodel import Session

from wheel.actions.advance import advance
from wheel.database.tables import MAX_TRIES
from wheel.engine.decisions import DecisionForm
from wheel.engine.desk import Desk, Request
from wheel.engine.plan import NO_RECORD, Cycle, Plan
from wheel.engine.unit_of_work import PLAN, UnitOfWork, unit_of_work
from wheel.errors import RefusedError
from wheel.rehearsal.planned_steps import Habits, Intention, deadline, owed
from wheel.rehearsal.policy import Policy
from wheel.rehearsal.recorder import Ledger
from wheel.rehearsal.replica import Replica
from wheel.rehearsal.simulated_mail import SOONEST, Postbag
from wheel.tick.tick import Ticker
from workflows.definition.definition import Definition
from workflows.messages import N_
from workflows.rules.rules import Reason

_NEXT = select(
    select(func.min(PLAN.c.wake_at)).where(PLAN.c.wake_at.is_not(None), PLAN.c.tries == 0).scalar_subquery(),
    select(func.min(PLAN.c.retry_at))
    .where(PLAN.c.wake_at <= bindparam("now"), PLAN.c.tries > 0, PLAN.c.tries < MAX_TRIES)
    .scalar_subquery(),
    SOONEST.scalar_subquery(),
)
_LOOK = (
    select(PLAN)
    .where(or_(PLAN.c.address.in_(bindparam("moved", expanding=True)), PLAN.c.id > bindparam("known")))
    .order_by(PLAN.c.id)
)
LONG_AGO = timedelta(days=900)  # longer than a cycle has run when a year begins
BEFORE = N_("it was known before the rehearsal began")


class Play:
    """One run on one replica under one policy. `plans`: as they stand, by address. `mails`: whether mail is made."""

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
        self.ledger = Ledger(replica.calendar, replica.calendar.local_date(replica.year_begins))
        self._tell = tell
        self._mails = mails
        self._by_id: dict[int, Plan] = {}
        self.postbag = Postbag(replica, self._by_id)
        self._habits = Habits(replica.calendar, replica.meetings())
        self._ticker = Ticker(replica.store, replica.mail, self._newest)
        self._actor = replica.actor()
        self._now = replica.begins
        self._since: datetime | None = None  # while it settles: steps may have been due before its cycles were opened
        self._cycles: dict[int, Cycle] = {}
        self._intended: dict[str, Intention] = {}
        self._queue: list[tuple[datetime, int, str]] = []
        self._stuck: dict[str, set[str]] = {}  # refused: the plans that it waits for
        self._number = count(1)
        self._alarm: datetime | None = None
        self._last_id = 0

    def run(self) -> None:
        """To the end of the years."""
        with self.replica.store.reading() as session:
            self._look(session, ())
        self._glance()
        while (at := self._next()) is not None and at < self.replica.year_ends:
            at = max(at, self._now)  # what was due before it began is caught up now
            self._step(at)
            self._tell(at)

    def settle(self) -> None:
        """Take, at the instant where the clock stands, what a punctual municipality would have done by now."""
        self._since = self._now - LONG_AGO
        with self.replica.store.reading() as session:
            self._look(session, ())
        self._wake(self._now)
        while past := [at for at, _, _ in self._queue if at < self.replica.year_begins]:
            self._act(self._now, self._due(max(past)))
            self._wake(self._now)
        with self.replica.store.writing() as session:
            self.postbag.drop(session, BEFORE)

    def meeting(self, address: str, state: str) -> date | None:
        """At which meeting the plan is meant to leave that state, if that lies after the years."""
        intention = self._intended.get(address)
        return intention.meeting if intention is not None and self.plans[address].state == state else None

    def _next(self) -> datetime | None:
        soonest = self._queue[0][0] if self._queue else None
        return min((at for at in (self._alarm, soonest, self.postbag.next_at) if at is not None), default=None)

    def _step(self, at: datetime) -> None:
        self._now = at
        if self._alarm is not None and self._alarm <= at:
            self._wake(at)
        if due := self._due(at):
            self._act(at, due)
            self._wake(at)
        if self.postbag.next_at is not None and self.postbag.next_at <= at:
            self.postbag.make(at)
        self._glance()

    # ---- what the calendar does

    def _newest(self) -> Definition:
        return self.replica.newest

    def _wake(self, at: datetime) -> None:
        ticked = self._ticker.process_due(at)
        with self.replica.store.reading() as session:
            moved = [(m["address"], m["from"], m["to"], m["due"]) for m in ticked.moved]
            self._look(session, {address for address, *_ in moved})
        for address, source, to, due in moved:
            plan = self.plans[address]
            step = next(s for s in plan.workflow.steps_from(source) if s.to == to and s.automatic)
            self.ledger.moved(plan, step, plan.stages.get(to, NO_RECORD).entered_at or due)
        self._stir({address for address, *_ in moved})

    def _glance(self) -> None:
        """When the next alarm rings, and the next mail leaves."""
        with self.replica.store.reading() as session:
            *alarms, mail = session.connection().execute(_NEXT, {"now": self._now}).one()
        self._alarm = min((at for at in alarms if at is not None), default=None)
        if self._mails:
            self.postbag.look(mail)

    def _look(self, session: Session, addresses: Iterable[str]) -> None:
        """Read the plans that moved, and those that are new."""
        rows = session.connection().execute(_LOOK, {"moved": list(addresses), "known": self._last_id}).all()
        for row in rows:
            if row.cycle_id not in self._cycles:
                uow = UnitOfWork(session, self._now, "", self.replica.mail, lock=False)
                self._cycles[row.cycle_id] = uow.cycle(row.cycle_id)
                self._opened(self._cycles[row.cycle_id])
            plan = Plan.of(row, self._cycles[row.cycle_id])
            before = self.plans.get(row.address)
            self.plans[row.address] = self._by_id[row.id] = plan
            if before is None or (before.state, before.visit) != (plan.state, plan.visit):
                self.ledger.stands(plan)
                self._stuck.pop(plan.address, None)
                self._intend(plan)
        self._last_id = max([self._last_id, *(row.id for row in rows)])

    def _opened(self, cycle: Cycle) -> None:
        if cycle.opened_at > self.replica.begins:
            self.ledger.opened(cycle.name, cycle.opened_at)

    # ---- what the bodies do

    def _intend(self, plan: Plan, since: datetime | None = None) -> None:
        """`since`: not before then."""
        self._intended.pop(plan.address, None)
        step = owed(plan)
        if step is None:
            return
        since = since or self._since or max(plan.stage.entered_at or self._now, self._now)
        if self._since and deadline(plan) is None:
            return
        intention = self._habits.intend(plan, step, 0, since)
        if self._is_meant(intention):
            delay = self.policy.delay(plan.address, plan.state, plan.visit)
            if delay != 0:
                self.ledger.own.add((plan.address, plan.state))
            if delay is None:
                return
            intention = self._habits.intend(plan, step, delay, since) if delay else intention
        self._intended[plan.address] = intention
        heappush(self._queue, (intention.at, next(self._number), plan.address))

    def _is_meant(self, intention: Intention) -> bool:
        """Whether the policy says how this is done: only from the beginning of the year, so that it begins well."""
        if self.policy.punctual or intention.at < self.replica.year_begins:
            return False
        body = self.replica.newest.wheel.bodies.get(intention.body)
        return self.policy.everybody or (body is not None and body.has_plans and body.kind != "executive")

    def _due(self, at: datetime) -> dict[str, Intention]:
        found: dict[str, Intention] = {}
        while self._queue and self._queue[0][0] <= at:
            due, _, address = heappop(self._queue)
            intention = self._intended.get(address)
            if intention is not None and intention.at == due:
                found[address] = intention
        return found

    def _act(self, at: datetime, due: dict[str, Intention]) -> None:
        """The steps of one instant: in one transaction, and if one of them is refused, each in its own."""
        refused: dict[str, list[Reason]] = {}
        try:
            with unit_of_work(self.replica.store, at, self._actor, self.replica.mail) as uow:
                for address, intention in due.items():
                    advance(uow, Request(self._actor, at), address, intention.step.verb, self._form(intention))
        except RefusedError:
            refused = self._act_each(at, due)
        for address, intention in due.items():
            del self._intended[address]
            plan = self.plans[address]
            if address in refused:
                self._stuck[address] = self.ledger.refused(plan, intention, at, refused[address])
                if least := [reason.facts["least"] for reason in refused[address] if reason.rule == "distance"]:
                    self._intend(plan, self.replica.calendar.start_of_day(max(least)))
            else:
                self.ledger.acted(plan, plan.state, intention, at)
        with self.replica.store.reading() as session:
            self._look(session, due.keys() - refused.keys())
        self._stir(due.keys() - refused.keys())

    def _act_each(self, at: datetime, due: dict[str, Intention]) -> dict[str, list[Reason]]:
        """As a door does. The refusals, which the desk has logged."""
        desk, refused = Desk(self.replica.store, self.replica.mail), {}
        for address, intention in due.items():
            try:
                verb, form = intention.step.verb, self._form(intention)
                desk.carry_out(Request(self._actor, at), address, verb, advance, address, verb, form)
            except RefusedError as error:
                refused[address] = error.reasons
        return refused

    def _form(self, intention: Intention) -> DecisionForm:
        if intention.meeting is None:
            return DecisionForm()
        paragraph = str(next(self._number))
        return DecisionForm(intention.body, intention.meeting, paragraph, "", "rehearsal", "adopted")

    def _stir(self, moved: Iterable[str]) -> None:
        """Who waited for one of these tries again."""
        for address in [address for address, missing in self._stuck.items() if missing & set(moved)]:
            del self._stuck[address]
            self._intend(self.plans[address])
