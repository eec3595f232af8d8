"""A plan as it was read from its row, and its status. These are tuples because a tick reads thousands."""

from datetime import date, datetime
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from sqlalchemy import Row

from workflows.dates.instants import utc
from workflows.dates.workdays import Calendar
from workflows.definition.definition import Bound, Definition, Step, Workflow, WorkflowBinding

SpecialStatus = Literal["sent_back", "postponed", "withdrawn", "not_concerned", "before_introduction"]
Status = Literal[
    "upcoming", "in_progress", "done", "sent_back", "overdue", "postponed", "withdrawn", "not_concerned",
    "before_introduction", "draft",
]  # fmt: skip

OUT_OF_PLAY: tuple[SpecialStatus, ...] = (
    "withdrawn",
    "not_concerned",
    "before_introduction",
)  # such a plan requires nothing
OVER: tuple[Status, ...] = ("done", *OUT_OF_PLAY)  # states in which nothing more is to be done


class StateRecord(NamedTuple):
    """One state of one plan: its civil dates, and when the plan was in it.

    `version` counts the deadline's changes; `entries` the visits; `source` is where a moved last day comes from.
    `entered_on` is the day on which the step into it was really taken, where somebody said it: the meeting, or the day
    of an office's step; None means the day of `entered_at`. `provisional` and `undecided` name the dates that are a
    best guess until a meeting is known, and those that nobody has decided ("opens last"). `clock` is the time of day of
    the last day (12:00, 19:00-21:00), `clocks` those of the other dates ("opens 08:00 target 12:00"), for `clock_of`.
    """

    opens: date | None = None
    target: date | None = None
    last: date | None = None
    statutory: date | None = None
    version: int = 1
    entries: int = 0
    entered_at: datetime | None = None
    left_at: datetime | None = None
    entered_on: date | None = None
    source: str | None = None
    provisional: str | None = None
    undecided: str | None = None
    clock: str | None = None
    clocks: str | None = None

    def moved_to(self, last: date, source: str | None) -> "StateRecord":
        """The record with another last day, which somebody has set and which is certain."""
        flags: dict[str, Any] = {
            name: " ".join(bound for bound in (getattr(self, name) or "").split() if bound != "last") or None
            for name in ("provisional", "undecided")
        }
        return self._replace(last=last, version=self.version + 1, source=source, **flags)

    def day_of_entry(self, calendar: Calendar) -> date | None:
        """The municipality's day on which the plan came into the state; None if it never did."""
        return self.entered_on or (calendar.local_date(self.entered_at) if self.entered_at else None)

    def day(self, bound: Bound) -> date | None:
        value: date | None = getattr(self, bound)
        return value

    def clock_of(self, bound: Bound) -> str | None:
        """The time of day of a date that has one."""
        if self.day(bound) is None:
            return None
        words = (self.clocks or "").split()
        return self.clock if bound == "last" else dict(zip(words[::2], words[1::2], strict=True)).get(bound)

    def is_provisional(self, bound: Bound) -> bool:
        return bound in (self.provisional or "").split()

    def is_undecided(self, bound: Bound) -> bool:
        return bound in (self.undecided or "").split()

    def to_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in zip(self._fields, self, strict=True):
            if value is not None:
                found[name] = value if isinstance(value, (int, str)) else _written(value)
        return found

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> "StateRecord":
        return _stage(tuple(found.items()))


NO_RECORD = StateRecord()

FlagKind = Literal["reopened", "changed", "part"]
FLAGS = ":flags"  # beside a plan's states in their column; no state's name has a colon


class PlanFlag(NamedTuple):
    """Why a plan has to be looked at again, until somebody says that they have done so.

    `kind`: what it builds on was reopened, or decided otherwise; or a board's plan (`part`) is open although the phase
    had counted it. `because`: that plan; `state` and `visit`: what its change of state led to. `at` is an
    instant, written as in JSON.
    """

    kind: FlagKind
    because: str
    state: str
    visit: int
    at: str
    reason: str


def _written(value: date) -> str:
    return utc(value) if isinstance(value, datetime) else value.isoformat()


@lru_cache(maxsize=1 << 12)  # the plans of a phase share their dates
def _stage(found: tuple[tuple[str, Any], ...]) -> StateRecord:
    values = dict(found)
    for name in ("opens", "target", "last", "statutory", "entered_on"):
        if name in values:
            values[name] = date.fromisoformat(values[name])
    for name in ("entered_at", "left_at"):
        if name in values:
            values[name] = datetime.fromisoformat(values[name])
    return StateRecord(**values)


class Cycle(NamedTuple):
    """The cycle that a plan belongs to. `draft`: its timetable is not decided (R1). `followed`: the next is open.

    `closed`: the phases that have ended without waiting for their boards, such as a public inspection.
    """

    id: int
    name: str
    kind: Literal["budget", "mandate"]
    year: int
    definition: Definition
    draft: bool
    opened_at: datetime
    followed: bool = False
    closed: frozenset[str] = frozenset()


class Plan(NamedTuple):
    """One matter in one phase of one cycle, as read in this transaction."""

    id: int
    address: str
    cycle: Cycle
    phase: str
    board: str | None
    parent_id: int | None
    state: str
    visit: int
    version: int
    special_status: SpecialStatus | None
    held: bool
    stages: dict[str, StateRecord]
    wake_at: datetime | None
    handled_until: datetime
    tries: int
    snoozed_until: date | None = None
    snooze_reason: str = ""
    flags: tuple[PlanFlag, ...] = ()

    @classmethod
    def of(cls, row: Row[Any], cycle: Cycle) -> "Plan":
        return cls(
            row.id, row.address, cycle, row.phase, row.board, row.parent_id, row.state, row.entry, row.version,
            row.mark, row.held,
            {name: StateRecord.from_json(stage) for name, stage in row.stages.items() if name != FLAGS},
            row.wake_at, row.handled_until, row.tries, row.snoozed_until, row.snooze_reason,
            tuple(PlanFlag(**flag) for flag in row.stages.get(FLAGS, ())),
        )  # fmt: skip

    @property
    def stages_column(self) -> dict[str, Any]:
        """The states' records and the flags, as they are stored."""
        stored: dict[str, Any] = {name: stage.to_json() for name, stage in self.stages.items()}
        return {**stored, FLAGS: [flag._asdict() for flag in self.flags]} if self.flags else stored

    def changed(self, **values: Any) -> "Plan":
        return self._replace(**values)

    @property
    def binding(self) -> WorkflowBinding:
        return self.cycle.definition.binding(self.phase, self.board)

    @property
    def workflow(self) -> Workflow:
        return self.cycle.definition.workflow(self.phase, self.board)

    @property
    def stage(self) -> StateRecord:
        return self.stages.get(self.state, NO_RECORD)

    @property
    def due_state(self) -> str:
        """The state whose last day counts now: its own, or before opening the state it opens into."""
        step = self.workflow.next_step(self.state) if self.state == self.workflow.initial and self.is_active else None
        return step.to if step else self.state

    @property
    def due(self) -> StateRecord:
        """The record of the state whose last day counts now."""
        return self.stages.get(self.due_state, NO_RECORD)

    @property
    def last(self) -> date | None:
        """The day by which the plan should have left its state, or before it has opened the state it opens into."""
        return self.due.last

    def is_ahead(self, state: str) -> bool:
        """Whether the plan is in that state or has yet to come there, also once more after it was sent back."""
        return self.workflow.has(state) and (state == self.state or not self.workflow.reached(self.state, state))

    @property
    def is_timetable(self) -> bool:
        return self.phase == self.cycle.definition.wheel.cycles[self.cycle.kind].timetable

    @property
    def is_active(self) -> bool:
        return self.special_status not in OUT_OF_PLAY

    @property
    def is_under_way(self) -> bool:
        """Whether something is still to be done in the plan, now or later."""
        return self.is_active and not self.workflow.state(self.state).done

    def body(self, party: str) -> str:
        return self.binding.body(party, self.board)

    def bodies(self, party: str | None) -> tuple[str, ...]:
        """The bodies of the party, of which any takes its step; none without a party."""
        return self.binding.bodies(party, self.board) if party else ()

    @property
    def possible_steps(self) -> tuple[Step, ...]:
        """The steps that somebody may take now, if the rules let them."""
        if self.held or not self.is_active:
            return ()
        steps = self.workflow.steps_from(self.state)
        return tuple(step for step in steps if step.by and not self.replaces_the_timetable(step))

    def replaces_the_timetable(self, step: Step) -> bool:
        """Whether the step decides a new timetable, which is done together with its dates."""
        return self.is_timetable and step.off_path and bool(step.adopted_by)

    @property
    def owing(self) -> tuple[str, ...]:
        """The bodies of which one owes the next step; none where the calendar takes it or nothing is owed."""
        step = self.workflow.next_step(self.state)
        return self.bodies(step.by) if step and self.requires_action(self.state) else ()

    def owed_by(self) -> str | None:
        """The first of the bodies of which one owes the next step."""
        return next(iter(self.owing), None)

    def requires_action(self, state: str) -> bool:
        """Whether anything is owed in that state. Nothing is where it is done, where the calendar ends it by itself, or
        where the phase has ended without this board.

        A body that may take such a step early is not obliged to; a body that works in the state is.
        """
        here = self.workflow.state(state)
        return (
            not here.done
            and not self.is_past_its_window
            and (bool(here.prepared_by) or self.ends_by_itself(state) is None)
        )

    @property
    def is_past_its_window(self) -> bool:
        """Whether it is a board's plan of a phase that has ended without waiting for it. It can still be handed in, but
        nobody owes it, so it is not overdue."""
        return self.board is not None and self.phase in self.cycle.closed

    def ends_by_itself(self, state: str) -> date | None:
        """The day on which the calendar ends the state, if it does."""
        step = self.workflow.next_step(state)
        if step is None or step.automatic != "date" or self.binding.follows(step.verb):
            return None
        return self.stages.get(step.to, NO_RECORD).opens

    def waits_for_others(self, step: Step) -> bool:
        """Whether the step waits for other plans instead of a day: for its join, or for the phase that it follows."""
        return step.automatic in ("children", "phase") or (step.automatic == "date" and self.binding.follows(step.verb))

    @property
    def bodies_to_remind(self) -> list[str]:
        """The bodies to remind: those that owe the next step, and those that prepare it meanwhile."""
        owing = self.owing
        return self._written_to(*owing, *(self.bodies(self.workflow.state(self.state).prepared_by) if owing else ()))

    def _written_to(self, *ids: str) -> list[str]:
        """Those bodies that mail is written to: not to one from outside."""
        bodies = self.cycle.definition.wheel.bodies
        return [id for id in dict.fromkeys(ids) if not bodies[id].is_outside]

    @property
    def returned(self) -> bool:
        """Whether an official has sent it back for completion, and no political body (återremiss)."""
        if self.special_status != "sent_back":
            return False
        left = {
            stage.left_at: state.id
            for state in self.workflow.states
            if state.returns_to == self.state and (stage := self.stages.get(state.id)) and stage.left_at
        }
        step = self.workflow.next_step(left[max(left)]) if left else None
        return step is not None and not step.decision

    @property
    def facts(self) -> dict[str, Any]:
        """The facts that a notice about the plan tells now: the body that owes the next step, and its deadline."""
        stage = self.stage
        found: dict[str, Any] = {
            "body": self.owed_by(),
            "last": stage.last and stage.last.isoformat(),
            "provisional": stage.is_provisional("last"),
        }
        return {**found, "clock": clock} if (clock := stage.clock_of("last")) else found

    @property
    def bodies_of_the_matter(self) -> list[str]:
        """The bodies to remind, and those that prepared the matter: also where nothing is owed any more."""
        party = "prepares" if "prepares" in self.binding.parties else next(iter(self.binding.parties))
        return self._written_to(*self.bodies_to_remind, *self.bodies(party))

    @property
    def receivers(self) -> list[str]:
        """The bodies that are told of the matter, for information."""
        return self._written_to(*self.bodies("receives"))

    @property
    def was_late_at_opening(self) -> bool:
        """Whether the last day had passed when the cycle was opened. Nobody is told of it until somebody moves the day
        or sends a reminder."""
        opened = self.cycle.definition.wheel.calendar.local_date(self.cycle.opened_at)
        return self.stage.last is not None and self.stage.last < opened

    def is_snoozed(self, day: date) -> bool:
        """Whether reminders of it are withheld on that day."""
        return self.snoozed_until is not None and day < self.snoozed_until

    def reached(self, goal: str) -> bool:
        return has_reached(self.workflow, self.state, self.special_status, goal)

    def status(self, today: date) -> Status:
        """Computed, never stored. Overdue (the last day has passed) goes before sent_back and postponed."""
        if self.special_status in OUT_OF_PLAY:
            return self.special_status
        if self.cycle.draft and not self.is_timetable:
            return "draft"
        if self.workflow.state(self.state).done:
            return "done"
        last = self.stage.last
        if last is not None and today > last and self.requires_action(self.state):
            return "overdue"
        if self.special_status == "sent_back" or self.special_status == "postponed":
            return self.special_status
        return "upcoming" if self.state == self.workflow.initial else "in_progress"

    def status_in(self, state: str, today: date) -> Status:
        """Of the state that the plan is in: that of the plan. The others lie behind or ahead of it."""
        status = self.status(today)
        if state == self.state or status in OUT_OF_PLAY or status == "draft":
            return status
        return "done" if self.workflow.reached(self.state, state) else "upcoming"


def has_reached(workflow: Workflow, state: str, special_status: SpecialStatus | None, goal: str) -> bool:
    """Whether a plan counts as having reached `goal`. One that ended before the introduction has reached everything."""
    if special_status in ("before_introduction", "not_concerned"):
        return True
    return special_status != "withdrawn" and workflow.reached(state, goal)
