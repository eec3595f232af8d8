"""The result of a rehearsal: the calendar, the mail, overdue steps and their cost, and unfinished plans."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from wheel.engine.objections import waiting_for
from wheel.engine.plan import Plan
from wheel.engine.unit_of_work import PLAN, UnitOfWork
from wheel.reads.plans import blockers
from wheel.rehearsal.policy import Policy
from wheel.rehearsal.recorder import ORDER, Departure, Entry, Key, Recorder, timetable_of
from wheel.rehearsal.simulation import Simulation
from workflows.dates.date_rules import BOUNDS, Bound
from workflows.definition.definition import Definition, StateDates, Step
from workflows.rules.named_rules import Reason

_TROUBLED = select(PLAN.c.address, PLAN.c.trouble).where(PLAN.c.tries > 0).order_by(PLAN.c.id)


@dataclass(frozen=True)
class MailedPerson:
    """The days on which one person gets mail, one for each mail."""

    person: str
    name: str
    days: tuple[date, ...]


@dataclass(frozen=True)
class Lateness:
    """A state that was left `days` after its last day, or not at all (`done` is None).

    `because`: the plans whose own lateness caused it; the plan itself may be among them. Where nobody is late but the
    dates leave no time: the other plans that it waited for.
    """

    address: str
    state: str
    step: str
    body: str | None
    last: date
    done: date | None
    days: int
    because: tuple[str, ...]


@dataclass(frozen=True)
class MissedMeeting:
    """A decision that was not made at its meeting: the last one in time, or the one when everybody is on time.

    `next`: the later meeting; None if the decision still waits when the years end. `because`: as in `Lateness`.
    """

    address: str
    step: str
    body: str
    meeting: date
    next: date | None
    because: tuple[str, ...]


@dataclass(frozen=True)
class UnfinishedPlan:
    """A plan that is overdue when the years end, and the reasons that refuse the steps ahead."""

    address: str
    state: str
    last: date
    body: str | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class UndecidedDate:
    """A date that is undecided or whose meeting is unknown: it is in no calendar and nobody is reminded of it."""

    address: str
    state: str
    bound: Bound
    body: str | None
    source: str


@dataclass(frozen=True)
class FailedPlan:
    """A plan that stood still because of an error in the tick, and the error."""

    address: str
    trouble: str


@dataclass(frozen=True)
class RehearsalResult:
    """`first` to `last`: the reported days. `fresh`: its cycles were opened for the rehearsal.

    `definition`: the newest; `of_cycles`: that which each cycle keeps, in which a series is expanded into its phases.
    """

    policy: Policy
    first: date
    last: date
    fresh: bool
    definition: Definition
    of_cycles: Mapping[str, Definition]
    calendar: tuple[Entry, ...]
    mails: tuple[MailedPerson, ...]
    lateness: tuple[Lateness, ...]
    missed: tuple[MissedMeeting, ...]
    unfinished: tuple[UnfinishedPlan, ...]
    undecided: tuple[UndecidedDate, ...]
    not_woken: tuple[FailedPlan, ...]

    @property
    def mail_count(self) -> int:
        return sum(len(mailed.days) for mailed in self.mails)

    def without_kept_dates(self) -> list[Entry]:
        """The calendar without the last days of decisions that were made in time: it has the decisions."""
        kept = {(e.address, e.state) for e in self.calendar if e.what == "decided" and e.last and e.day <= e.last}
        return [e for e in self.calendar if e.what != "decision_due" or (e.address, e.state) not in kept]


def rehearsal_result(simulation: Simulation, punctual: Recorder) -> RehearsalResult:
    """The result of a simulation whose replica is still open. `punctual`: the same years with everybody on time."""
    replica, calendar = simulation.replica, simulation.replica.calendar
    after = calendar.local_date(replica.year_ends)
    standing = _standing(simulation, after)
    blame = _Blame(simulation, punctual)
    lateness = [*_left_late(simulation.recorder, blame, after), *_still_late(standing, blame, after)]
    entries = [*simulation.recorder.entries, *(_late(plan) for plan in standing)]
    return RehearsalResult(
        simulation.policy,
        simulation.recorder.first,
        after - timedelta(days=1),
        replica.fresh,
        replica.newest,
        {plan.cycle.name: plan.cycle.definition for plan in simulation.plans.values()},
        tuple(sorted((e for e in entries if e.day < after), key=lambda e: (e.day, e.address, ORDER.index(e.what)))),
        _mails(simulation, after),
        tuple(sorted(lateness, key=lambda late: (late.last, late.address))),
        _missed(simulation, punctual, blame, after),
        _unfinished(simulation, standing),
        tuple(_undecided(simulation, after)),
        _not_woken(simulation),
    )


def _standing(simulation: Simulation, after: date) -> list[Plan]:
    """The plans that are overdue when the years end."""
    replica = simulation.replica
    with replica.store.reading() as session:  # a phase that has ended without its boards is owed nothing
        uow = UnitOfWork(session, replica.year_ends, "", replica.mail, lock=False)
        plans = [m._replace(cycle=uow.cycle(m.cycle.id)) for m in simulation.plans.values()]
    found = [m for m in plans if m.is_active and m.requires_action(m.state)]
    return [m for m in found if m.stage.last is not None and m.stage.last < after - timedelta(days=1)]


def _late(plan: Plan) -> Entry:
    assert plan.stage.last is not None
    step = plan.workflow.next_step(plan.state)
    verb = step.verb if step else None
    day = plan.stage.last + timedelta(days=1)
    return Entry(day, "late", plan.address, plan.state, verb, plan.owed_by(), plan.stage.last)


def _left_late(recorder: Recorder, blame: "_Blame", after: date) -> Iterable[Lateness]:
    for (address, state), left in recorder.left.items():
        if left.last is not None and left.last < left.day and recorder.first <= left.day < after:
            because = blame.of((address, state))
            days = (left.day - left.last).days
            yield Lateness(address, state, left.step, left.body, left.last, left.day, days, because)


def _still_late(standing: list[Plan], blame: "_Blame", after: date) -> Iterable[Lateness]:
    for plan in standing:
        assert plan.stage.last is not None
        step = plan.workflow.next_step(plan.state)
        days = (after - timedelta(days=1) - plan.stage.last).days
        because = blame.of((plan.address, plan.state))
        verb = step.verb if step else ""
        yield Lateness(plan.address, plan.state, verb, plan.owed_by(), plan.stage.last, None, days, because)


def _missed(simulation: Simulation, punctual: Recorder, blame: "_Blame", after: date) -> tuple[MissedMeeting, ...]:
    found, recorder = [], simulation.recorder
    for plan in simulation.plans.values():
        for state, step in _decisions(plan):
            key, left = (plan.address, state), punctual.left.get((plan.address, state))
            real = recorder.left.get(key)
            known = left.day if left is not None and left.decision and left.known else None
            in_time = simulation.meeting_in_time(key) if _is_owed_or_late(plan, state, real) else None
            meeting = in_time or known
            if meeting is None or not recorder.first <= meeting < after or (real is not None and real.day <= meeting):
                continue
            next_ = real.day if real else simulation.meeting(*key)
            found.append(MissedMeeting(*key[:1], step.verb, plan.body(step.by or ""), meeting, next_, blame.of(key)))
    return tuple(sorted(found, key=lambda missed: (missed.meeting, missed.address)))


def _decisions(plan: Plan) -> Iterable[tuple[str, Step]]:
    """The states on the plan's ordinary way that a decision ends, with its step."""
    for step in plan.workflow.way_ahead(plan.workflow.initial):
        decision = plan.workflow.next_step(step.to)
        if decision is not None and decision.decision and decision.by is not None:
            yield step.to, decision


def _is_owed_or_late(plan: Plan, state: str, left: Departure | None) -> bool:
    """Whether the decision was made after its last day, or is still to be made."""
    if left is not None:
        return left.last is not None and left.day > left.last
    return plan.is_active and plan.is_ahead(state)


def _mails(simulation: Simulation, after: date) -> tuple[MailedPerson, ...]:
    people = simulation.replica.people()
    days = simulation.mailing.days(simulation.recorder.first, after)
    found = [MailedPerson(person, people[person].name, tuple(on)) for person, on in days.items()]
    return tuple(sorted(found, key=lambda mailed: (-len(mailed.days), mailed.person)))


def _unfinished(simulation: Simulation, standing: list[Plan]) -> tuple[UnfinishedPlan, ...]:
    with simulation.replica.store.reading() as session:
        uow = UnitOfWork(session, simulation.replica.year_ends, "", simulation.replica.mail, lock=False)
        found = []
        for plan in standing:
            assert plan.stage.last is not None
            reasons = tuple(_reasons(uow, uow.plan(plan.address)))
            found.append(UnfinishedPlan(plan.address, plan.state, plan.stage.last, plan.owed_by(), reasons))
    return tuple(sorted(found, key=lambda u: (u.last, u.address)))


def _reasons(uow: UnitOfWork, plan: Plan) -> list[Reason]:
    """The reasons that refuse the steps ahead, and those that an automatic next step waits for."""
    step = plan.workflow.next_step(plan.state)
    waits = waiting_for(uow, plan, step) if step is not None and step.automatic == "phase" else []
    return [*waits, *blockers(uow, plan)]


def _undecided(simulation: Simulation, after: date) -> Iterable[UndecidedDate]:
    """The undecided dates, without states left before the years and without plans that lie wholly after them."""
    for plan in simulation.plans.values():
        days = [day for stage in plan.stages.values() for day in (stage.opens, stage.last) if day]
        if not plan.is_active or (days and min(days) >= after):
            continue
        for state, stage in plan.stages.items():
            left = stage.left_at is None or stage.left_at < simulation.replica.year_begins
            if not stage.undecided or (left and not plan.is_ahead(state)):
                continue
            step, dates = plan.workflow.next_step(state), plan.binding.states.get(state, StateDates())
            body = plan.body(step.by) if step and step.by else None
            for bound in BOUNDS:
                if stage.is_undecided(bound) and (of := getattr(dates, bound)) is not None:
                    yield UndecidedDate(plan.address, state, bound, body, of.source)


def _not_woken(simulation: Simulation) -> tuple[FailedPlan, ...]:
    with simulation.replica.store.reading() as session:
        rows = session.execute(_TROUBLED).all()
    return tuple(FailedPlan(row.address, row.trouble) for row in rows)


class _Blame:
    """Finds the plans whose own lateness caused a late step, through all that it waited for.

    Where nobody is late by himself the dates leave no time. Then it finds the other plans that the step waited for.
    """

    def __init__(self, simulation: Simulation, punctual: Recorder) -> None:
        self._simulation = simulation
        self._recorder = simulation.recorder
        self._punctual = punctual
        self._states: dict[str, list[Key]] = {}
        for key in {**punctual.left, **self._recorder.left}:
            self._states.setdefault(key[0], []).append(key)

    def of(self, key: Key) -> tuple[str, ...]:
        found: set[str] = set()
        roots: set[str] = set()
        seen: set[Key] = set()
        ahead = [key]
        while ahead:
            at = ahead.pop()
            if at in seen:
                continue
            seen.add(at)
            if at in self._recorder.own:
                found.add(at[0])
            waited = [k for k in self._waited_for(at) if self._is_late(k) or self._leaves_no_time(k, at)]
            if not waited:
                roots.add(at[0])
            ahead += waited
        return tuple(sorted(found or roots - {key[0]}))

    def _waited_for(self, key: Key) -> list[Key]:
        """The states of the plans that it waited for, its cycle's timetable among them, and the plan's own before."""
        waits = self._recorder.waits.get(key, set()) | self._punctual.waits.get(key, set())
        states = self._states.get(key[0], [])
        before = states[: states.index(key)] if key in states else states
        plan = self._simulation.plans.get(key[0])
        timetable = timetable_of(plan.cycle) if plan is not None else None
        others = [k for address in {*waits, timetable or ""} for k in self._states.get(address, ())]
        return [*others, *before]

    def _is_late(self, key: Key) -> bool:
        planned, real = self._punctual.left.get(key), self._recorder.left.get(key)
        if real is not None and real.last is not None and real.day > real.last:
            return True
        return planned is not None and (real is None or real.day > planned.day)

    def _leaves_no_time(self, key: Key, after: Key) -> bool:
        """Whether the state was left after the day on which the later step was to be taken."""
        left, late = self._recorder.left.get(key), self._recorder.left.get(after)
        day = self._simulation.meeting_in_time(after) or (late.last if late is not None else None)
        return left is not None and day is not None and left.day > day
