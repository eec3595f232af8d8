"""A phase of a cycle: its dates, its rules, the bodies in it, and how one board or one month differs."""

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticKnownError

from workflows.dates.date_rules import BOUNDS, Bound, DateRule
from workflows.dates.parse_date import parse
from workflows.definition.law import LegalKind
from workflows.definition.workflow import Frozen, Text

CycleKind = Literal["budget", "mandate"]
DayOff = Literal["keep", "previous", "next"]

BOARD = "board"  # in `parties`: the board that owns the plan


class DateOf(Frozen):
    """A date rule (docs/dates.md) with its source: a § of the rules, "letter", "law", "local choice".

    `day_off`: keep a date that is a day off, or move it to the previous or next working day. `note`: an uncertainty
    about the date, which `check` repeats.
    """

    date: str
    source: str = Field(min_length=1)
    day_off: DayOff = "keep"
    note: Text | str = ""

    @cached_property
    def rule(self) -> DateRule:
        return parse(self.date)


class StateDates(Frozen):
    """The dates of a state: opening, target, last day, and the last day that the law sets."""

    opens: DateOf | None = None
    target: DateOf | None = None
    last: DateOf | None = None
    statutory: DateOf | None = None

    def items(self) -> Iterator[tuple[Bound, DateOf]]:
        for bound in BOUNDS:
            if (of := getattr(self, bound)) is not None:
                yield bound, of


_AWAY = re.compile(r"[YE]([+-][0-9]{1,2})")


class _Other(Frozen):
    """A step that looks at another phase. `year`: in the cycle of another year, `Y+1`; None for its own cycle."""

    year: str | None = None

    @property
    def away(self) -> int:
        """The years from the own cycle to that of the other phase; 0 also for a text that is no year."""
        found = _AWAY.fullmatch(self.year or "")
        return int(found[1]) if found else 0


class RuleUse(_Other):
    """A rule of workflows/rules/named_rules.py, as one step uses it.

    `phase` and `reached`: the other phase and the state that it must have reached; with `boards`, every board's plan
    of that phase must have. `date`: the rule's own date, if it is not the state's last day. `reason`: the step must
    state a reason. `source`: the place in the municipality's own rules; without it, the phase's
    source is cited.
    """

    rule: str
    phase: str | None = None
    reached: str | None = None
    boards: bool = False
    date: str | None = None
    reason: bool = False
    source: str | None = None


class Follows(_Other):
    """The phase that triggers an automatic step when it has reached a state.

    The phase belongs to the same kind of cycle and, if it has boards, to the same board. A step with
    `automatic = "date"` can follow a phase too, if its target state has no opening date: the order is then fixed but
    not the day.
    """

    phase: str
    reached: str


class PhaseStep(Frozen):
    """The rules and the trigger that a wheel adds to a step of a workflow."""

    rules: tuple[RuleUse, ...] = ()
    follows: Follows | None = None


def _texts(given: Any) -> Any:
    """One fault and not one of each kind of value that it might have been."""
    if not all(isinstance(body, str) for body in (given if isinstance(given, list | tuple) else [given])):
        raise PydanticKnownError("string_type")
    return given


Bodies = Annotated[str | tuple[str, ...], BeforeValidator(_texts)]


class WorkflowBinding(Frozen):
    """A workflow as a phase uses it: the body of each party, the dates of its states, the rules of its steps.

    A party can be several bodies: any of them takes its step, and all of them are reminded.

    `title`: the name of one board's plan, written after the board's name; the phase's label if not given.
    `covers`: the number of years that the plan is about, starting with `covers_from` ("E+2"): without it the budget
    year, in a mandate cycle the year after the election. None: a budget year, or a whole mandate period.
    """

    workflow: str
    title: Text | None = None
    covers: int | None = Field(default=None, ge=1, le=10)
    covers_from: str | None = None
    parties: dict[str, Bodies]
    ladder: str = "standard"
    states: dict[str, StateDates] = Field(alias="state", default_factory=dict)
    steps: dict[str, PhaseStep] = Field(alias="step", default_factory=dict)

    def rules(self, verb: str) -> tuple[RuleUse, ...]:
        return self.steps[verb].rules if verb in self.steps else ()

    def follows(self, verb: str) -> bool:
        return verb in self.steps and self.steps[verb].follows is not None

    def bodies(self, party: str, board: str | None) -> tuple[str, ...]:
        """The ids of the bodies that act as `party` in the plan of `board` (None: the plan of the whole phase)."""
        given = self.parties.get(party, ())
        bodies = (given,) if isinstance(given, str) else given
        return tuple(board if body == BOARD and board else body for body in bodies)

    def body(self, party: str, board: str | None) -> str:
        """The first of those bodies. Raises KeyError for a party without one."""
        if found := self.bodies(party, board):
            return found[0]
        raise KeyError(party)


class BoardBinding(WorkflowBinding):
    """The binding of each board's own plan. `boards`: only these take part; all of them without it."""

    boards: tuple[str, ...] | None = Field(default=None, min_length=1)


class BoardException(Frozen):
    """How one board differs from the others in a phase: own dates, another workflow, or no plan at all."""

    concerned: bool = True
    workflow: str | None = None
    states: dict[str, StateDates] = Field(alias="state", default_factory=dict)

    def dates(self, binding: WorkflowBinding) -> dict[str, StateDates]:
        """All dates of the states in which the board has a date of its own; the others are those of all boards."""
        return {
            state: StateDates(**{**dict(binding.states.get(state, StateDates()).items()), **dict(own.items())})
            for state, own in self.states.items()
        }


class Series(Frozen):
    """A phase that recurs every month, quarter or tertial: in those of `only`, or in all but those of `except`.

    Each member is a phase of its own (`manadsrapport-02`). In its dates, `M` is the last month of the member's period
    and `M+1` the month after it. `member` holds the differences of single members, by number; its `omit` lists the
    places of the phase that the member does not have ("state.open").
    """

    every: Literal["month", "quarter", "tertial"]
    only: tuple[int, ...] = Field(default=(), min_length=1)
    except_: tuple[int, ...] = Field(alias="except", default=())
    year: str = "Y"
    member: dict[str, dict[str, Any]] = Field(default_factory=dict)


class Phase(WorkflowBinding):
    """A phase of a cycle.

    `is_`: what the phase is to the law, by which its dates are checked; None if the law does not speak of it.
    `board`: the binding of each board's own plan; None if the boards have no plans here. `optional`: the phase
    requires nothing until somebody starts it (`arshjul reopen`), under the `condition` that the source states.
    `revises`: the phase whose decision this one replaces; if this one is decided with changes, the plans that depend
    on that phase are flagged.
    """

    label: Text
    cycle: CycleKind = "budget"
    source: str = Field(min_length=1)
    is_: LegalKind | None = Field(alias="is", default=None)
    delegable: bool = False  # decisions on goals, frames, MRP and verksamhetsplan cannot be delegated
    only_after_election: bool = False  # only if general elections are held in Y-1
    revises: str | None = None
    optional: bool = False
    condition: Text | None = None
    series: Series | None = None
    board: BoardBinding | None = None
    exceptions: dict[str, BoardException] = Field(alias="exception", default_factory=dict)

    def concerns(self, board: str) -> bool:
        """Whether the board takes part, as long as it exists."""
        if self.board is None or (self.board.boards and board not in self.board.boards):
            return False
        return board not in self.exceptions or self.exceptions[board].concerned
