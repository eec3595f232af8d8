"""Records a simulation: the calendar, when each plan left each state, and which plans waited for which."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, get_args

from wheel.engine.plan import NO_RECORD, Cycle, Plan
from wheel.plan_address import Address
from wheel.rehearsal.planned_steps import PlannedStep, owed
from workflows.dates.workdays import DAY, Calendar
from workflows.definition.definition import Step
from workflows.rules.named_rules import Reason

What = Literal["cycle_opened", "opens", "due", "done", "decision_due", "decided", "refused", "moved", "late"]
ORDER: tuple[What, ...] = get_args(What)  # of one plan on one day
Key = tuple[str, str]  # a plan's address, and the state that it stands in


@dataclass(frozen=True, slots=True)
class Entry:
    """Something in the calendar of a rehearsed year.

    `state`: the plan's state before the event; after it, for `opens`. `body`: who owes or did it. `last`: the
    last day that it had. `meeting`: False for a decision without a known meeting. `reasons`: of a refused step.
    `clock`: the time of day of a deadline or an opening, if it has one.
    """

    day: date
    what: What
    address: str
    state: str = ""
    step: str | None = None
    body: str | None = None
    last: date | None = None
    meeting: bool | None = None
    at: datetime | None = None
    reasons: tuple[Reason, ...] = ()
    clock: str | None = None

    @property
    def cycle(self) -> str:
        return Address.parse(self.address).cycle

    @property
    def phase(self) -> str | None:
        return Address.parse(self.address).phase

    @property
    def board(self) -> str | None:
        return Address.parse(self.address).board


@dataclass(frozen=True, slots=True)
class Departure:
    """How a plan left a state. `known`: false for a decision without a known meeting."""

    step: str
    body: str | None
    day: date
    last: date | None
    decision: bool = False
    known: bool = True


@dataclass
class Recorder:
    """`first`: the first day of the calendar. Earlier events are recorded for the later ones, but not told."""

    calendar: Calendar
    first: date
    entries: list[Entry] = field(default_factory=list)
    left: dict[Key, Departure] = field(default_factory=dict)
    waits: dict[Key, set[str]] = field(default_factory=dict)  # for which plans
    own: set[Key] = field(default_factory=set)  # the body itself is late there

    def add(self, entry: Entry) -> None:
        if entry.day >= self.first:
            self.entries.append(entry)

    def opened(self, cycle: str, at: datetime) -> None:
        self.add(Entry(self.calendar.local_date(at), "cycle_opened", cycle, at=at))

    def entered_state(self, plan: Plan) -> None:
        """The plan has entered its state: record what is owed there and until when."""
        step, last = owed(plan), plan.stage.last
        if step is not None and last is not None:
            what: What = "decision_due" if step.decision else "due"
            body = plan.body(step.by or "")
            clock = plan.stage.clock_of("last")
            self.add(Entry(last, what, plan.address, plan.state, step.verb, body, last, clock=clock))

    def moved(self, plan: Plan, step: Step, at: datetime) -> None:
        """The calendar, the boards or another phase has moved the plan by `step`."""
        source = next((s for s in step.from_ if s in plan.stages), step.from_[0])
        day = self.calendar.local_date(at)
        opens = source == plan.workflow.initial
        then = owed(plan) if opens else None
        body = plan.body(then.by or "") if then else None
        what: What = "opens" if opens else "moved"
        state, opened = step.to if opens else source, plan.stages.get(step.to, NO_RECORD)
        clock = opened.clock_of("opens") if opens and opened.opens == day else None
        self.add(Entry(day, what, plan.address, state, step.verb, body, at=at, clock=clock))
        self._leave(plan, source, Departure(step.verb, None, day, _last(plan, source)))
        if waited := waited_for(plan, step):
            self.waits.setdefault((plan.address, source), set()).update(waited)

    def acted(self, plan: Plan, state: str, planned: PlannedStep, at: datetime) -> None:
        """A body has taken its planned step out of `state`."""
        step, last = planned.step, _last(plan, state)
        day = planned.meeting or self.calendar.local_date(at)
        known = not planned.unknown if step.decision else None
        what: What = "decided" if step.decision else "done"
        clock = plan.stages.get(state, NO_RECORD).clock_of("last") if day == last and step.decision else None
        self.add(Entry(day, what, plan.address, state, step.verb, planned.body, last, known, at, clock=clock))
        self._leave(plan, state, Departure(step.verb, planned.body, day, last, step.decision, not planned.unknown))

    def refused(self, plan: Plan, planned: PlannedStep, at: datetime, reasons: Iterable[Reason]) -> set[str]:
        """Record a refused step. Returns the addresses of the plans that it waits for."""
        reasons = tuple(reasons)
        day = self.calendar.local_date(at)
        step, last = planned.step, plan.stage.last
        self.add(Entry(day, "refused", plan.address, plan.state, step.verb, planned.body, last, at=at, reasons=reasons))
        missing = {address for reason in reasons for address in reason.facts.get("missing", ())}
        if any(reason.rule == "R1" for reason in reasons) and (timetable := timetable_of(plan.cycle)):
            missing.add(timetable)
        self.waits.setdefault((plan.address, plan.state), set()).update(missing)
        return missing

    def _leave(self, plan: Plan, state: str, left: Departure) -> None:
        self.left[plan.address, state] = left
        if left.last is not None and left.day > left.last:
            self.late(plan.address, state, left.step, left.body, left.last)

    def late(self, address: str, state: str, step: str, body: str | None, last: date) -> None:
        self.add(Entry(last + DAY, "late", address, state, step, body, last))


def _last(plan: Plan, state: str) -> date | None:
    stage = plan.stages.get(state)
    return stage.last if stage and plan.requires_action(state) else None


def timetable_of(cycle: Cycle) -> str | None:
    """The address of the cycle's timetable, for which all its plans wait (R1)."""
    phase = cycle.definition.wheel.cycles[cycle.kind].timetable
    return str(Address(cycle.name, phase)) if phase else None


def waited_for(plan: Plan, step: Step) -> set[str]:
    """The addresses of the plans that an automatic step waits for."""
    cycle, own = plan.cycle.name, plan.cycle.definition
    if step.automatic == "children":
        return {str(Address(cycle, plan.phase, board)) for board in own.wheel.boards}
    found = plan.binding.steps.get(step.verb)
    if found is not None and found.follows is not None:
        phase = found.follows.phase
        cycle = own.wheel.cycles[plan.cycle.kind].name_of(plan.cycle.year + found.follows.away)
        own_board = plan.board is not None and own.wheel.phases[phase].board is not None
        return {str(Address(cycle, phase, plan.board if own_board else None))}
    return set()
