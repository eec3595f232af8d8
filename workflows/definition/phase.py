"""A slot in the cycle: its dates, its rules, who is what in it, and how one board or one month differs."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any, Literal

from pydantic import Field

from workflows.dates.date_parsing import parse
from workflows.dates.dates import BOUNDS, Bound, DateRule
from workflows.definition.workflow import Frozen, Text

CycleKind = Literal["budget", "mandate"]
DayOff = Literal["keep", "previous", "next"]

BOARD = "board"  # in `parties`: the board whose plan it is


class DateOf(Frozen):
    """A date rule (docs/dates.md) and where it stands: a § of the rules, "letter", "law", "local choice".

    `day_off`: what becomes of a Saturday or a holiday. `note`: what is uncertain about it, for `check` to repeat.
    """

    date: str
    source: str = Field(min_length=1)
    day_off: DayOff = "keep"
    note: str = ""

    @cached_property
    def rule(self) -> DateRule:
        return parse(self.date)


class StateDates(Frozen):
    """When a state opens, when it should be over, when it must be, and when the law says so."""

    opens: DateOf | None = None
    target: DateOf | None = None
    last: DateOf | None = None
    statutory: DateOf | None = None

    def items(self) -> Iterator[tuple[Bound, DateOf]]:
        for bound in BOUNDS:
            if (of := getattr(self, bound)) is not None:
                yield bound, of


class RuleUse(Frozen):
    """A rule of workflows/rules/rules.py as one step uses it.

    `phase` and `reached`: the other phase that must have come so far, each board's plan of it if `boards`.
    `date`: the rule's own date, where it is not the state's last day. `reason`: the step must state one. `source`:
    where the municipality's own rules say so; unless it is given, the rule is cited by its paragraph in Vänersborg's.
    """

    rule: str
    phase: str | None = None
    reached: str | None = None
    boards: bool = False
    date: str | None = None
    reason: bool = False
    source: str | None = None


class Follows(Frozen):
    """The phase (of the same cycle, and of the same board where it has boards) that moves an automatic step.

    A step of the calendar can follow a phase too, where its state has no date: order without time.
    """

    phase: str
    reached: str


class PhaseStep(Frozen):
    """What a wheel adds to a step of a workflow."""

    rules: tuple[RuleUse, ...] = ()
    follows: Follows | None = None


class WorkflowBinding(Frozen):
    """One workflow as a phase runs it: which body each party is, the dates of its states, rules of its steps.

    `title`: what one board's plan is called after the board's name, where the phase's label does not fit there.
    `covers`: how many budget years its plan is about, from its own on (a rolling horizon).
    """

    workflow: str
    title: Text | None = None
    covers: int = Field(default=1, ge=1, le=10)
    parties: dict[str, str]
    ladder: str = "standard"
    states: dict[str, StateDates] = Field(alias="state", default_factory=dict)
    steps: dict[str, PhaseStep] = Field(alias="step", default_factory=dict)

    def rules(self, verb: str) -> tuple[RuleUse, ...]:
        return self.steps[verb].rules if verb in self.steps else ()

    def follows(self, verb: str) -> bool:
        return verb in self.steps and self.steps[verb].follows is not None

    def body(self, party: str, board: str | None) -> str:
        """The body that is `party` in the plan of `board` (None: the whole phase's plan)."""
        body = self.parties[party]
        return board if body == BOARD and board else body


class BoardException(Frozen):
    """How one board differs from the others in a phase: dates of its own, another workflow, no part in it."""

    concerned: bool = True
    workflow: str | None = None
    states: dict[str, StateDates] = Field(alias="state", default_factory=dict)

    def dates(self, binding: WorkflowBinding) -> dict[str, StateDates]:
        """The states in which the board has a date of its own, each with its other dates as all boards have them."""
        return {
            state: StateDates(**{**dict(binding.states.get(state, StateDates()).items()), **dict(own.items())})
            for state, own in self.states.items()
        }


class Series(Frozen):
    """A phase that comes every month, quarter or tertial, but for those in `except`, or `only` then.

    Each member is a phase of its own (`manadsrapport-02`). In its dates `M` is the member's last month and `M+1`
    the one after it. `member` holds what is different in one of them, by its number, and in `omit` the places of the
    phase that it has not ("state.open").
    """

    every: Literal["month", "quarter", "tertial"]
    only: tuple[int, ...] = Field(default=(), min_length=1)
    except_: tuple[int, ...] = Field(alias="except", default=())
    year: str = "Y"
    member: dict[str, dict[str, Any]] = Field(default_factory=dict)


class Phase(WorkflowBinding):
    """A slot in the cycle. `board`: the track of each board's own plan; none if the phase has no boards.

    `optional`: nobody is asked for it until somebody takes it up (`arshjul reopen`), on the `condition` that the
    source states. `revises`: the phase whose decision this one replaces; where it is decided with changes, the
    plans that stand on that phase are flagged.
    """

    label: Text
    cycle: CycleKind = "budget"
    source: str = Field(min_length=1)
    delegable: bool = False  # goals, frames, MRP and verksamhetsplan can't be decided by delegation
    only_after_election: bool = False  # only where Y-1 is a year of general elections
    revises: str | None = None
    optional: bool = False
    condition: Text | None = None
    series: Series | None = None
    board: WorkflowBinding | None = None
    exceptions: dict[str, BoardException] = Field(alias="exception", default_factory=dict)
