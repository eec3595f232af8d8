"""A rehearsed year: its calendar, its mail, what was late, what that cost, and what could not be finished."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from wheel.engine.objections import waiting_for
from wheel.engine.plan import Plan
from wheel.engine.unit_of_work import PLAN, UnitOfWork
from wheel.reads.plans import blockers
from wheel.rehearsal.policy import Policy
from wheel.rehearsal.recorder import Entry, Key, Ledger
from wheel.rehearsal.simulation import Play
from workflows.dates.dates import BOUNDS, Bound
from workflows.definition.definition import Definition, StateDates
from workflows.rules.rules import Reason

_TROUBLED = select(PLAN.c.address, PLAN.c.trouble).where(PLAN.c.tries > 0).order_by(PLAN.c.id)


@dataclass(frozen=True)
class Mailed:
    """The mails of one person, by their days."""

    person: str
    name: str
    days: tuple[date, ...]


@dataclass(frozen=True)
class Lateness:
    """A state that was left after its last day, or not at all (`done` None): `days` late. `because`: whose lateness
    it comes of; its own, where the plan itself is among them."""

    address: str
    state: str
    step: str
    body: str | None
    last: date
    done: date | None
    days: int
    because: tuple[str, ...]


@dataclass(frozen=True)
class Missed:
    """A decision that was not made at the meeting where it is made when everybody is on time. `next`: where then; None
    where it waits for what has not come when the years end."""

    address: str
    step: str
    body: str
    meeting: date
    next: date | None
    because: tuple[str, ...]


@dataclass(frozen=True)
class Unfinished:
    """A plan that stands beyond its last day when the years end, and what refuses the steps ahead of it."""

    address: str
    state: str
    last: date
    body: str | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Undated:
    """A date that nobody has decided, or whose meeting is not to be found: no calendar has it, nobody is reminded."""

    address: str
    state: str
    bound: Bound
    body: str | None
    source: str


@dataclass(frozen=True)
class NotWoken:
    """A plan that stands still, for the daemon met with an error: what it was."""

    address: str
    trouble: str


@dataclass(frozen=True)
class Rehearsed:
    """`first` to `last`: the days that are told. `fresh`: with cycles opened for it, not the home's own."""

    policy: Policy
    first: date
    last: date
    fresh: bool
    definition: Definition
    calendar: tuple[Entry, ...]
    mails: tuple[Mailed, ...]
    lateness: tuple[Lateness, ...]
    missed: tuple[Missed, ...]
    unfinished: tuple[Unfinished, ...]
    undecided: tuple[Undated, ...]
    not_woken: tuple[NotWoken, ...]

    @property
    def mail_count(self) -> int:
        return sum(len(mailed.days) for mailed in self.mails)


def rehearsed(play: Play, punctual: Ledger) -> Rehearsed:
    """What came of the play, while its replica still stands as it left it. `punctual`: the same years with everybody
    on time."""
    replica, calendar = play.replica, play.replica.calendar
    after = calendar.local_date(replica.year_ends)
    standing = _standing(play, after)
    blame = _Blame(play.ledger, punctual)
    lateness = [*_left_late(play.ledger, blame, after), *_still_late(standing, blame, after)]
    entries = [*play.ledger.entries, *(_late(plan) for plan in standing)]
    return Rehearsed(
        play.policy,
        play.ledger.first,
        after - timedelta(days=1),
        replica.fresh,
        replica.newest,
        tuple(sorted((e for e in entries if e.day < after), key=lambda e: (e.day, e.address, e.what))),
        _mails(play, after),
        tuple(sorted(lateness, key=lambda late: (late.last, late.address))),
        _missed(play, punctual, blame),
        _unfinished(play, standing),
        tuple(_undated(play, after)),
        _not_woken(play),
    )


def _standing(play: Play, after: date) -> list[Plan]:
    """The plans that stand beyond their last day when the years end."""
    found = [m for m in play.plans.values() if m.is_active and m.requires_action(m.state)]
    return [m for m in found if m.stage.last is not None and m.stage.last < after - timedelta(days=1)]


def _late(plan: Plan) -> Entry:
    assert plan.stage.last is not None
    step = plan.workflow.next_step(plan.state)
    verb = step.verb if step else None
    day = plan.stage.last + timedelta(days=1)
    return Entry(day, "late", plan.address, plan.state, verb, plan.owed_by(), plan.stage.last)


def _left_late(ledger: Ledger, blame: "_Blame", after: date) -> Iterable[Lateness]:
    for (address, state), left in ledger.left.items():
        if left.last is not None and left.last < left.day and ledger.first <= left.day < after:
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


def _missed(play: Play, punctual: Ledger, blame: "_Blame") -> tuple[Missed, ...]:
    found, ledger = [], play.ledger
    for key, planned in punctual.left.items():
        if not (planned.decision and planned.known) or planned.day < ledger.first:
            continue
        real = ledger.left.get(key)
        if real is None or real.day > planned.day:
            because = blame.of(key)
            next_ = real.day if real else play.meeting(*key)
            found.append(Missed(key[0], planned.step, planned.body or "", planned.day, next_, because))
    return tuple(sorted(found, key=lambda missed: (missed.meeting, missed.address)))


def _mails(play: Play, after: date) -> tuple[Mailed, ...]:
    people = play.replica.people()
    days = play.postbag.days(play.ledger.first, after)
    found = [Mailed(person, people[person].name, tuple(on)) for person, on in days.items()]
    return tuple(sorted(found, key=lambda mailed: (-len(mailed.days), mailed.person)))


def _unfinished(play: Play, standing: list[Plan]) -> tuple[Unfinished, ...]:
    with play.replica.store.reading() as session:
        uow = UnitOfWork(session, play.replica.year_ends, "", play.replica.mail, lock=False)
        found = []
        for plan in standing:
            assert plan.stage.last is not None
            reasons = tuple(_reasons(uow, uow.plan(plan.address)))
            found.append(Unfinished(plan.address, plan.state, plan.stage.last, plan.owed_by(), reasons))
    return tuple(sorted(found, key=lambda u: (u.last, u.address)))


def _reasons(uow: UnitOfWork, plan: Plan) -> list[Reason]:
    """What refuses the steps ahead; and what the next one waits for, where the daemon takes it."""
    step = plan.workflow.next_step(plan.state)
    waits = waiting_for(uow, plan, step) if step is not None and step.automatic == "phase" else []
    return [*waits, *blockers(uow, plan)]


def _undated(play: Play, after: date) -> Iterable[Undated]:
    """Of states that had not been left when the years begin; not of plans that lie wholly after them."""
    for plan in play.plans.values():
        days = [day for stage in plan.stages.values() for day in (stage.opens, stage.last) if day]
        if not plan.is_active or (days and min(days) >= after):
            continue
        for state, stage in plan.stages.items():
            left = stage.left_at is None or stage.left_at < play.replica.year_begins
            if not stage.undecided or (left and not plan.is_ahead(state)):
                continue
            step, dates = plan.workflow.next_step(state), plan.binding.states.get(state, StateDates())
            body = plan.body(step.by) if step and step.by else None
            for bound in BOUNDS:
                if stage.is_undecided(bound) and (of := getattr(dates, bound)) is not None:
                    yield Undated(plan.address, state, bound, body, of.source)


def _not_woken(play: Play) -> tuple[NotWoken, ...]:
    with play.replica.store.reading() as session:
        rows = session.execute(_TROUBLED).all()
    return tuple(NotWoken(row.address, row.trouble) for row in rows)


class _Blame:
    """Whose own lateness a late step comes of: followed through what it waited for."""

    def __init__(self, ledger: Ledger, punctual: Ledger) -> None:
        self._ledger = ledger
        self._punctual = punctual
        self._states: dict[str, list[Key]] = {}
        for key in {**punctual.left, **ledger.left}:
            self._states.setdefault(key[0], []).append(key)

    def of(self, key: Key) -> tuple[str, ...]:
        found: set[str] = set()
        seen: set[Key] = set()
        ahead = [key]
        while ahead:
            at = ahead.pop()
            if at in seen:
                continue
            seen.add(at)
            if at in self._ledger.own:
                found.add(at[0])
            waits = self._ledger.waits.get(at, set()) | self._punctual.waits.get(at, set())
            ahead += [k for address in waits for k in self._states.get(address, ()) if self._is_late(k)]
            ahead += [k for k in self._before(at) if self._is_late(k)]
        return tuple(sorted(found))

    def _before(self, key: Key) -> list[Key]:
        """The states that the plan went through before."""
        states = self._states.get(key[0], [])
        return states[: states.index(key)] if key in states else states

    def _is_late(self, key: Key) -> bool:
        planned, real = self._punctual.left.get(key), self._ledger.left.get(key)
        return planned is not None and (real is None or real.day > planned.day)
