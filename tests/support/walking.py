"""A municipality lived through day by day: real ticks on a real database, and people who act by a simple script.

What must come of it, expecting.py counts by hand; watching.py holds the one against the other.
"""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from email import message_from_bytes, policy
from functools import partial
from itertools import count
from typing import Any

from sqlalchemy import insert, select

from config.municipality.municipality import Municipality
from notifications.mail_settings import MailSettings
from tests.support import almanac
from tests.support.almanac import DAY, utc
from tests.support.expecting import SENDING, Expectation, Rung
from tests.support.watching import Received, Watch
from wheel.actions.advance import advance
from wheel.actions.hold import hold, release
from wheel.actions.move_deadline import move_deadline
from wheel.actions.send_back import send_back
from wheel.cycles.follow_steps import follow_steps
from wheel.cycles.open_cycle import open_cycle
from wheel.database.meeting_days import meeting_days
from wheel.database.store import Store
from wheel.database.tables import Home, Person, Role
from wheel.engine.decisions import DecisionForm
from wheel.engine.desk import Desk
from wheel.engine.plan import Plan
from wheel.engine.request_and_result import Request, Result
from wheel.engine.unit_of_work import PLAN, UnitOfWork
from wheel.errors import RefusedError
from wheel.home.folder import InitOptions, seed
from wheel.mail.deliver import Delivery, deliver
from wheel.rehearsal.planned_steps import PlannedStep, StepPlanner, owed
from wheel.rehearsal.policy import Policy
from wheel.tick.tick import Ticker
from workflows.dates.workdays import Calendar

ADMIN = "admin"
MIDNIGHT, ACTING, AFTERWARDS = time(0), time(10), time(10, 11)
ODD = (time(0, 5), time(1, 59), time(2), time(2, 30), time(3), time(23, 59))  # on the days that calendars get wrong
MAIL = MailSettings(sender="arshjul@example.se", domain="example.se")
# By chance, always the same: seven of ten are on time, the others days or months late.
WILL = Policy("random", seed="walk", everybody=True)
MOVED_EVERY, HELD_EVERY = 15, 25  # of so many reminded plans one gets another last day, or is held
SENT_BACK_EVERY = 15  # decisions, where there is a way back
FAR_AHEAD = 35  # working days to a new last day: its whole ladder is still to come
HELD_FOR = timedelta(days=20)
AGAIN_AFTER = timedelta(days=7)  # a step that was refused is tried again

Do = Callable[[UnitOfWork, Request], Result]


@dataclass
class Figures:
    days: int = 0
    ticks: int = 0
    acts: int = 0
    refused: int = 0
    sent_back: int = 0
    moved: int = 0
    held: int = 0
    mails: int = 0


@dataclass
class Walk:
    store: Store
    municipality: Municipality
    ladder: tuple[Rung, ...]
    figures: Figures = field(default_factory=Figures)

    def __post_init__(self) -> None:
        definition = self.municipality.definition
        self.watch = Watch(self.store, Expectation(self.ladder))
        self.plans: dict[int, Plan] = {}
        self._desk = Desk(self.store, MAIL, follow_steps)
        self._ticker = Ticker(self.store, MAIL, lambda: definition)
        self._delivery = Delivery(self.store, MAIL, lambda: self._now, lambda: self, node="walk", jitter=lambda: 0.0)
        self._now = datetime(2000, 1, 1, tzinfo=UTC)
        self._today: list[Received] = []
        self._planner = StepPlanner(Calendar(definition.wheel.country, definition.wheel.zone), {})
        self._planned: dict[int, tuple[datetime, PlannedStep]] = {}
        self._held: dict[int, datetime] = {}  # until when
        self._versions: dict[int, int] = {}
        self._paragraphs = count(1)
        self._reminded = self._decided = 0

    def begin(self, day: date, cycles: Iterable[str], roles: Iterable[dict[str, Any]]) -> None:
        """On the last working day before. `roles`: held for a time, besides those of the municipality's files."""
        self._now = utc(almanac.shifted(day - DAY, 0), ACTING)
        with self.store.writing() as session:
            session.add(Home(practice=True, created_at=self._now))
            seed(session, InitOptions(ADMIN, self._now, email="admin@example.se"), self.municipality)
            for role in roles:
                id = role["person_id"]
                session.add(Person(id=id, name=id, email=f"{id}@example.se"))
                session.flush()
                session.execute(insert(Role), role)
        with self.store.reading() as session:
            self.watch.expect.roles += session.execute(select(Role)).scalars().all()
            self.watch.expect.meetings = meeting_days(session)
            self._planner = StepPlanner(self._planner.calendar, self.watch.expect.meetings)
        self._ticker.tick(self._now)  # the first one looks at every plan there is
        for cycle in cycles:
            self._do(cycle, "open", partial(_open, definition=self.municipality.definition))
        self._look()
        self._tick(self._now + timedelta(minutes=11))
        self._today.clear()

    def live(self, day: date) -> None:
        """One day, from midnight to midnight."""
        self.figures.days += 1
        bad_mappings = almanac.changes_clocks(day) or (day.month, day.day) == (2, 29)
        for at in sorted({MIDNIGHT, SENDING, *(ODD if bad_mappings else ())}):
            if at == SENDING:
                self.watch.before_sending(self.plans, day)
            self._tick(utc(day, at))
            if at == MIDNIGHT:
                self.watch.after_midnight(self.plans, day)
            elif at == SENDING:
                self.watch.after_sending(self.plans, day, self._today)
                if not almanac.is_day_off(day):
                    self._act(day)
            elif bad_mappings and at.hour == 2:
                self._tick(utc(day, at, again=True))
        self.watch.after_the_day(day, self._today)
        self.figures.mails += len(self._today)
        self._today.clear()

    def _tick(self, now: datetime) -> None:
        self._now = max(now, self._now)  # the hour that March leaves out is the instant of its change
        ticked = self._ticker.tick(self._now)
        self.figures.ticks += 1
        if ticked.put_aside or ticked.held_back:
            self.watch.findings.append(f"{now}: put aside {ticked.put_aside}, held back {ticked.held_back}")
        if ticked.moved or ticked.notices:  # a cycle that opens moves no plan, but tells whose turn it is
            self._look()
        entries = {plan.address: plan.visit for plan in self.plans.values()} if ticked.moved else {}
        for moved in ticked.moved:
            self.watch.moved(moved, entries[moved["address"]], self._now)
        if ticked.messages:
            deliver(self._delivery, threading.Event())

    def send(self, message: bytes, mail_from: str, rcpt: str, before_data: Callable[[], None]) -> None:
        """The far end takes a mail."""
        before_data()
        headers = message_from_bytes(message, policy=policy.default)
        self._today.append(Received(rcpt, self._now, str(headers["Message-ID"]).strip("<>")))

    def close(self) -> None:
        pass

    # ---- what people do

    def _look(self) -> None:
        """Read the plans that have changed, and what their bodies mean to do next."""
        with self.store.reading() as session:
            versions = {row.id: row.version for row in session.execute(select(PLAN.c.id, PLAN.c.version))}
            changed = [id for id, version in versions.items() if self._versions.get(id) != version]
            self._versions = versions
            drafts = {plan.cycle.id for plan in self.plans.values() if plan.cycle.draft}
            where = PLAN.c.id.in_(changed) | PLAN.c.cycle_id.in_(drafts)  # a timetable's decision changes them all
            uow = UnitOfWork(session, self._now, ADMIN, MAIL, lock=False)
            for plan in uow.plans(select(PLAN).where(where).order_by(PLAN.c.id)):
                self.plans[plan.id] = plan
                self._plan_step(plan)

    def _plan_step(self, plan: Plan) -> None:
        self._planned.pop(plan.id, None)
        step = owed(plan)
        if step is None or (plan.cycle.draft and not plan.is_timetable):
            return
        delay = WILL.delay(plan.address, plan.state, plan.visit) or 0
        since = max(plan.stage.entered_at or self._now, self._now)
        planned = self._planner.plan_step(plan, step, delay, since)
        self._planned[plan.id] = (planned.at, planned)

    def _act(self, day: date) -> None:
        """Take the steps that people intended to take by now; sometimes hold or move a plan that was reminded today."""
        self._now = utc(day, ACTING)
        before = self.figures.acts
        for id in [id for id, until in self._held.items() if until <= self._now]:
            del self._held[id]
            self._do(self.plans[id].address, "release", partial(release, with_boards=False))
        for id, (at, planned) in sorted(self._planned.items()):
            if at <= self._now:
                self._step(self.plans[id], planned)
        for id, plan in sorted(self.plans.items()):
            if any(rung.days == self.ladder[1].days for rung in self.watch.expect.rungs(plan, day)):
                self._interfere(id, plan, day)
        if self.figures.acts > before:
            self._look()
            self._tick(utc(day, AFTERWARDS))

    def _step(self, plan: Plan, planned: PlannedStep) -> None:
        form = DecisionForm()
        if planned.meeting is not None:
            self._decided += 1
            paragraph = str(next(self._paragraphs))
            form = DecisionForm(planned.body, planned.meeting, paragraph, "", "walk", "adopted")
        back = plan.workflow.state(plan.state).returns_to if form.body else None
        if back is not None and self._decided % SENT_BACK_EVERY == 0:
            new = almanac.shifted(self._now.date(), FAR_AHEAD)
            done = self._do(plan.address, "send-back", partial(send_back, form=form, new_date=new))
            self.figures.sent_back += done
        else:
            done = self._do(plan.address, planned.step.verb, partial(advance, verb=planned.step.verb, form=form))
        if not done:
            self.figures.refused += 1
            self._planned[plan.id] = (self._now + AGAIN_AFTER, planned)

    def _interfere(self, id: int, plan: Plan, day: date) -> None:
        self._reminded += 1
        if self._reminded % HELD_EVERY == 0 and self._do(plan.address, "hold", partial(hold, with_boards=False)):
            self._held[id] = self._now + HELD_FOR
            self.figures.held += 1
        elif self._reminded % MOVED_EVERY == 0:
            new = almanac.shifted(day, FAR_AHEAD)
            self.figures.moved += self._do(plan.address, "move-deadline", partial(move_deadline, new=new))

    def _do(self, address: str, verb: str, do: Callable[..., Result]) -> bool:
        request = Request(ADMIN, self._now, reason="walk")
        try:
            self._desk.carry_out(request, address, verb, do, address)
        except RefusedError:
            return False
        self.figures.acts += 1
        return True

    def end(self) -> None:
        self.watch.at_the_end(self._now)


def _open(uow: UnitOfWork, request: Request, cycle: str, *, definition: Any) -> Result:
    return open_cycle(uow, request, definition, cycle)
