"""One plan, and the list of plans."""

from operator import not_

from pydantic import Field, SkipValidation

from wheel.audit.journal import LogRecord
from wheel.documents.base import Day, Document, Flag, Instant, is_empty, is_none
from wheel.documents.reasons import ReasonDocument
from wheel.engine.agenda import Kind
from wheel.engine.plan import FlagKind, Status


class PlanRow(Document):
    """A plan in a list. `last` is the day by which it should have left its state, `clock` its time of day (`12:00`);
    `responsible` owes the next step."""

    address: str
    phase: str
    board: str | None
    state: str
    status: Status
    last: Day | None
    provisional: Flag = False
    undecided: Flag = False
    held: Flag = False
    returned: Flag = False  # by an official, for completion
    clock: str | None = Field(default=None, exclude_if=is_none)
    flagged: Flag = False
    responsible: tuple[str, ...]
    version: int


class PlansDocument(Document):
    plans: tuple[PlanRow, ...]


class FlagDocument(Document):
    """Why the plan has to be looked at again. `because`: the plan that was reopened or changed."""

    kind: FlagKind
    because: str
    at: Instant
    reason: str


class SourcedDate(Document):
    """A date of a state, and where it comes from: a paragraph, `law`, `local choice`, or a reason given by hand.

    `provisional`: a best guess until a meeting is known; `undecided`: nobody has said when; `clock`: `12:00`.
    `waits_for`: the plans and states whose real day will set the date, which is undecided until then.
    """

    date: Day | None
    source: str
    provisional: Flag = False
    undecided: Flag = False
    clock: str | None = Field(default=None, exclude_if=is_none)
    waits_for: tuple[str, ...] = Field(default=(), exclude_if=is_empty)


class StateDocument(Document):
    """One state of a plan. `entered_at` and `left_at` are of the latest visit.

    `entered_on`: the day on which the step into it was really taken, if that was said; otherwise that of `entered_at`.
    """

    state: str
    label: str
    opens: SourcedDate | None
    target: SourcedDate | None
    last: SourcedDate | None
    statutory: SourcedDate | None
    entered_at: Instant | None
    entered_on: Day | None
    left_at: Instant | None


class StepDocument(Document):
    """A step that is possible now, and the bodies that may take it."""

    step: str
    to: str
    by: tuple[str, ...]
    decision: bool


class DefinitionDocument(Document):
    version: str
    sha256: str


class SnoozeDocument(Document):
    """The day from which on reminders come again, and why not before."""

    until: Day
    reason: str


class ChildrenDocument(Document):
    """How many boards have done their part, and the addresses of those that have not.

    `reopened`: those of them that had, when the phase counted them. `waited_for`: whether the phase goes on only when
    they have; it stands there where it is not so.
    """

    done: int
    of: int
    missing: tuple[str, ...]
    reopened: tuple[str, ...] = Field(default=(), exclude_if=not_)
    waited_for: bool = Field(default=True, exclude_if=bool)


class AlarmDocument(Document):
    """What comes next by itself, and the people who will be told."""

    at: Instant
    what: Kind
    rule: str
    to: tuple[str, ...]


class PlanDocument(Document):
    """Everything about one plan. `steps` are possible now; `blockers` belong to all steps still ahead."""

    address: str
    title: str
    cycle: str
    phase: str
    board: str | None
    workflow: str
    definition: DefinitionDocument
    state: str
    entry: int
    status: Status
    held: bool
    returned: Flag = False  # by an official, for completion
    snoozed: SnoozeDocument | None
    flags: tuple[FlagDocument, ...] = Field(default=(), exclude_if=not_)
    version: int
    states: tuple[StateDocument, ...]
    steps: tuple[StepDocument, ...]
    warnings: tuple[ReasonDocument, ...]
    blockers: tuple[ReasonDocument, ...]
    children: ChildrenDocument | None
    agenda: tuple[AlarmDocument, ...]
    history: tuple[SkipValidation[LogRecord], ...]  # what the log says is shown as it stands
