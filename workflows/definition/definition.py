"""The parts of a wheel: bodies, cycles, phases with their workflows, reminder ladders, variants of a year.

These are frozen types, into which the files of a municipality are read. People, mail addresses and meetings are not
among them: those are kept in the database. A cycle stores the definition that it was opened with, as canonical JSON.
"""

import hashlib
import re
from collections.abc import Mapping
from datetime import date
from functools import cached_property, partial
from typing import Any, Literal
from unicodedata import normalize

from pydantic import Field, model_validator

from workflows.dates.date_rules import Anchor, Bound
from workflows.dates.workdays import Calendar
from workflows.definition.canonical import canonical_json
from workflows.definition.expand import expand
from workflows.definition.labels import no_bodies, with_bodies
from workflows.definition.phase import (
    BOARD,
    BoardException,
    CycleKind,
    DateOf,
    Follows,
    Phase,
    PhaseStep,
    RuleUse,
    Series,
    StateDates,
    WorkflowBinding,
)  # fmt: skip
from workflows.definition.variant import Distance, Elections, Variant
from workflows.definition.workflow import Frozen, State, Step, Text, Workflow, in_a_sentence

__all__ = [
    "BOARD",
    "BoardException",
    "Body",
    "Bound",
    "CycleKind",
    "CycleRule",
    "DateOf",
    "Definition",
    "Distance",
    "Elections",
    "Follows",
    "Phase",
    "PhaseStep",
    "Recipient",
    "RuleUse",
    "Rung",
    "Series",
    "State",
    "StateDates",
    "Step",
    "Text",
    "Variant",
    "Wheel",
    "Workflow",
    "WorkflowBinding",
    "anchor",
    "canonical_json",
]  # fmt: skip


class Body(Frozen):
    """A body of the municipality.

    Only a body of kind `board`, or one with `is_board`, has plans of its own. A `committee` decides or proposes but has
    no plans; a `company` is a company or a joint authority, a `member` a member municipality of a joint
    authority. Offices, auditors and parties make no decisions. `outside` is somebody else, such as a ministry or a
    hearing body, who is never written to.

    `begins` and `ends`: first and last day on which the body exists; None if it has no such limit.
    """

    name: Text
    short: str | None = None
    kind: Literal[
        "council", "executive", "committee", "board", "company", "member", "auditors", "office", "party", "outside"
    ]
    is_board: bool = False
    begins: date | None = None
    ends: date | None = None

    @property
    def inside(self) -> Text:
        """The name as it is written inside a sentence. That of another municipality, of a company or of somebody from
        outside is a proper name, which keeps its capital: "Ekeby kommun"."""
        if self.kind in ("member", "company", "outside"):
            return Text(sv=self.name.sv, en=re.sub("^The ", "the ", self.name.en))
        return Text(sv=in_a_sentence(self.name.sv), en=in_a_sentence(self.name.en))

    @property
    def is_outside(self) -> bool:
        return self.kind == "outside"

    @property
    def has_plans(self) -> bool:
        return self.kind == "board" or self.is_board

    def exists_between(self, first: date, last: date) -> bool:
        """Whether the body exists on at least one day from `first` to `last`."""
        return (self.ends is None or first <= self.ends) and (self.begins is None or self.begins <= last)


def body_named(bodies: Mapping[str, Body], text: str) -> str | None:
    """The id of the body with that id, short name or name in either language, in capitals or not; None for no body.

    Macs write å as a and a ring: the text is composed first.
    """
    wanted = _comparable(text.strip())
    for id, body in bodies.items():
        if wanted in map(_comparable, (id, body.short or id, body.name.sv, body.name.en)):
            return id
    return None


def _comparable(name: str) -> str:
    return normalize("NFC", name).casefold()


Recipient = Literal["responsible", "chair", "head", "administrators"]


class Rung(Frozen):
    """One reminder, sent `days` working days before (negative) or after the last day, at `mail.send_hour`."""

    days: int
    to: tuple[Recipient, ...] = Field(min_length=1)
    only_if_longer_than: int | None = None  # calendar days from the opening to the last day


class CycleRule(Frozen):
    """A kind of cycle: its name, the day on which the daemon opens it, and the phase that is its timetable (R1)."""

    name: str  # contains {year}
    opens: DateOf
    every: int = 1  # years
    timetable: str | None = None

    def name_of(self, year: int) -> str:
        return self.name.format(year=year)


class Wheel(Frozen):
    """A municipality's wheel, as wheel.toml describes it.

    `uncertain`: points that the source leaves open or contradicts itself on; `check` repeats them, in the reader's
    language where they are given in both. `not_enforced`: rules of the source to which the program holds nobody.
    """

    name: Text
    version: str
    country: str
    zone: str
    rules_source: str = Field(min_length=1)
    cycles: dict[CycleKind, CycleRule] = Field(alias="cycle")
    bodies: dict[str, Body] = Field(alias="body")
    ladders: dict[str, tuple[Rung, ...]] = Field(alias="ladder")
    phases: dict[str, Phase] = Field(alias="phase")
    elections: Elections = Elections()
    uncertain: tuple[Text | str, ...] = ()
    not_enforced: tuple[str, ...] = ()
    distances: tuple[Distance, ...] = Field(alias="distance", default=())
    variants: dict[str, Variant] = Field(alias="variant", default_factory=dict)

    @cached_property
    def calendar(self) -> Calendar:
        """Raises ValueError for an unknown zone."""
        return Calendar(self.country, self.zone)

    def body_named(self, text: str) -> str:
        """The id of the body with that id, short name or name; the text itself if there is none."""
        return body_named(self.bodies, text) or text

    def variants_of(self, kind: CycleKind, year: int) -> dict[str, Variant]:
        return {name: v for name, v in self.variants.items() if v.holds(self.elections, kind, year)}

    @property
    def boards(self) -> list[str]:
        return [id for id, body in self.bodies.items() if body.has_plans]


class Definition(Frozen):
    """A wheel with the workflows that it uses. Each cycle stores the definition that it was opened with."""

    wheel: Wheel
    workflows: dict[str, Workflow]

    @model_validator(mode="before")
    @classmethod
    def _in_order(cls, found: Any) -> Any:
        """Restore the order of phases and bodies, which canonical JSON has sorted by key."""
        if not (isinstance(found, dict) and "order" in found):
            return found
        tables = {name: {id: found["wheel"][name][id] for id in ids} for name, ids in found["order"].items()}
        return {"workflows": found["workflows"], "wheel": {**found["wheel"], **tables}}

    def for_cycle(self, kind: CycleKind, year: int) -> "Definition":
        """The definition of one cycle: variants applied, each series replaced by its members.

        Raises pydantic's ValidationError if a variant makes the wheel invalid; `check` reports that beforehand.
        """
        variants = self.wheel.variants_of(kind, year)
        whole = self.wheel.model_dump(by_alias=True, exclude_defaults=True)
        wheel = Wheel.model_validate(expand(whole, list(variants)))
        return Definition(wheel=wheel, workflows=self.workflows)

    def phases(self, kind: CycleKind, year: int) -> dict[str, Phase]:
        """The phases of that cycle, in the wheel's order."""
        return {
            id: phase
            for id, phase in self.wheel.phases.items()
            if phase.cycle == kind and (not phase.only_after_election or self.wheel.elections.in_year(year - 1))
        }

    def binding(self, phase: str, board: str | None) -> WorkflowBinding:
        whole = self.wheel.phases[phase]
        if board is None:
            return whole
        if whole.board is None:
            raise KeyError(f"{phase} has no plans of boards")
        return self._own_bindings.get((phase, board), whole.board)

    @cached_property
    def _own_bindings(self) -> dict[tuple[str, str], WorkflowBinding]:
        """By phase and board: bindings of the boards that have a workflow or dates of their own."""
        return {
            (id, board): phase.board.model_copy(
                update={
                    "workflow": other.workflow or phase.board.workflow,
                    "states": {**self._common_dates(phase.board, other.workflow), **other.dates(phase.board)},
                }
            )
            for id, phase in self.wheel.phases.items()
            for board, other in phase.exceptions.items()
            if phase.board and (other.workflow or other.states)
        }

    def _common_dates(self, boards: WorkflowBinding, workflow: str | None) -> dict[str, StateDates]:
        """The dates of all boards' plans, without those of states that a board's own `workflow` does not have."""
        own = self.workflows.get(workflow or "")
        return {state: dates for state, dates in boards.states.items() if own is None or own.has(state)}

    def dates_of(self, phase: str) -> tuple[StateDates, ...]:
        """The dates of all plans of the phase."""
        if phase not in self._dates:
            whole = self.wheel.phases[phase]
            own = [self.binding(phase, board) for board in (whole.exceptions if whole.board else ())]
            bindings = [binding for binding in (whole, whole.board, *own) if binding]
            self._dates[phase] = tuple(dates for binding in bindings for dates in binding.states.values())
        return self._dates[phase]

    @cached_property
    def _dates(self) -> dict[str, tuple[StateDates, ...]]:
        return {}

    def workflow(self, phase: str, board: str | None) -> Workflow:
        """The workflow of that plan, with labels that name its bodies."""
        key = phase, board
        if key not in self._of_plans:
            binding = self.binding(phase, board)
            self._of_plans[key] = with_bodies(self.workflows[binding.workflow], partial(self._names, binding, board))
        return self._of_plans[key]

    @cached_property
    def _of_plans(self) -> dict[tuple[str, str | None], Workflow]:
        return {}

    def workflow_named(self, id: str) -> Workflow:
        """The workflow with that id, with labels as the first plan that follows it has them."""
        for phase, whole in self.wheel.phases.items():
            for board in (None, *(self.wheel.boards if whole.board else ())):
                if self.binding(phase, board).workflow == id:
                    return self.workflow(phase, board)
        return with_bodies(self.workflows[id], no_bodies)

    def _names(self, binding: WorkflowBinding, board: str | None, who: str) -> list[Text]:
        """The names of the bodies of a party; of a kind of body the first one's."""
        bodies = self.wheel.bodies
        ids = binding.bodies(who, board) or [id for id, body in bodies.items() if body.kind == who][:1]
        return [bodies[id].inside for id in ids if id in bodies]

    @cached_property
    def windows(self) -> frozenset[str]:
        """The phases with boards that end without waiting for them, such as a public inspection."""
        wholes = {id: self.workflows[phase.workflow] for id, phase in self.wheel.phases.items() if phase.board}
        return frozenset(id for id, workflow in wholes.items() if not workflow.waits_for_boards)

    def dependents(self, phase: str) -> list[tuple[str, bool]]:
        """The phases with a step that follows `phase`, each with whether the step is one of its boards' plans.

        The step may follow that phase in the cycle of another year.
        """
        return self._dependents.get(phase, [])

    @cached_property
    def _dependents(self) -> dict[str, list[tuple[str, bool]]]:
        found: dict[str, list[tuple[str, bool]]] = {}
        for id, whole in self.wheel.phases.items():
            for binding, of_boards in ((whole, False), (whole.board, True)):
                steps = binding.steps.values() if binding else ()
                for followed in dict.fromkeys(step.follows.phase for step in steps if step.follows):
                    found.setdefault(followed, []).append((id, of_boards))
        return found

    @cached_property
    def years_looked_at(self) -> frozenset[int]:
        """The years from a cycle to those at whose plans its steps look; 0 is its own."""
        bindings = [binding for whole in self.wheel.phases.values() for binding in (whole, whole.board) if binding]
        steps = [step for binding in bindings for step in binding.steps.values()]
        others = [*(use for step in steps for use in step.rules), *(step.follows for step in steps if step.follows)]
        return frozenset(other.away for other in others)

    @cached_property
    def counted_steps(self) -> frozenset[tuple[str, int]]:
        """The phases from whose steps dates count, each with the years from the counting cycle to that of the step."""
        rules = [of.rule for id in self.wheel.phases for dates in self.dates_of(id) for _, of in dates.items()]
        references = [reference for rule in rules for reference in rule.references if reference.bound == "actual"]
        return frozenset((each.phase, each.year.number if each.year else 0) for each in references)

    @cached_property
    def canonical(self) -> bytes:
        """The definition as canonical JSON (keys sorted, no spaces, UTF-8, NFC)."""
        order = {"phase": list(self.wheel.phases), "body": list(self.wheel.bodies)}
        return canonical_json({**self.model_dump(mode="json", by_alias=True, exclude_defaults=True), "order": order})

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.canonical).hexdigest()


def anchor(kind: CycleKind, year: int, calendar: Calendar) -> Anchor:
    """The anchor for a single date rule in that cycle; for all dates of a cycle, see timetable.py."""
    budget, election = (year, None) if kind == "budget" else (None, year)
    return Anchor(budget, election, calendar=calendar)
