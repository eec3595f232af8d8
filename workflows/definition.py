"""What a wheel is made of: workflows, phases, dates, bodies, reminder ladders.

Frozen types that the files of a municipality are read into. They hold no person, no address and no meeting:
those live in the database. A cycle keeps the definition it was opened with, as canonical JSON.
"""

import hashlib
import json
import unicodedata
from collections.abc import Iterator
from functools import cached_property
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from workflows.dates import Anchor, DateRule, is_election_year, parse

Bound = Literal["opens", "target", "last", "statutory"]
CycleKind = Literal["budget", "mandate"]

BOARD = "board"  # in `parties`: the board whose plan it is


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Text(_Frozen):
    """A text that people read, in both languages."""

    sv: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def to(self, language: str) -> str:
        return self.en if language == "en" else self.sv


class State(_Frozen):
    """A stage that a plan can be in.

    `done`: nobody owes anything here. `returns_to`: where a send-back from here leads; none if nothing can be
    sent back from here.
    """

    id: str
    label: Text
    done: bool = False
    returns_to: str | None = None


class Step(_Frozen):
    """A transition, named by a verb.

    `by` names a party of the phase (`prepares`, `decides`, …), which the wheel maps to a body. `decision`: a
    political decision of that body, with its record. `automatic`: the daemon takes it by itself: on the `date`
    its target state opens; when all `children` have reached `reached`; when another `phase` has got as far as the
    wheel's `follows` says. An automatic step with `by` can also be taken by hand. `aside`: it leaves the plan's
    ordinary way (a revision), so what it needs is no blocker of the way ahead.
    """

    verb: str
    label: Text
    from_: tuple[str, ...] = Field(alias="from", min_length=1)
    to: str
    by: str | None = None
    decision: bool = False
    automatic: Literal["date", "children", "phase"] | None = None
    reached: str | None = None
    aside: bool = False


class Workflow(_Frozen):
    """A state machine. States stand in the order of the plan's way; the first is the waiting one."""

    id: str
    label: Text
    states: tuple[State, ...] = Field(alias="state", min_length=1)
    steps: tuple[Step, ...] = Field(alias="step", min_length=1)

    @cached_property
    def _hash(self) -> int:
        return hash((self.id, self.states, self.steps))

    def __hash__(self) -> int:
        return self._hash  # once: every step looks its machine up by its workflow

    @property
    def initial(self) -> str:
        return self.states[0].id

    @cached_property
    def _ranks(self) -> dict[str, int]:
        return {state.id: rank for rank, state in enumerate(self.states)}

    def has(self, state: str) -> bool:
        return state in self._ranks

    def state(self, state: str) -> State:
        return self.states[self._ranks[state]]

    def reached(self, current: str, goal: str) -> bool:
        """Whether a plan in `current` has come as far as `goal` on its way."""
        return self._ranks[current] >= self._ranks[goal]

    def steps_from(self, state: str) -> list[Step]:
        return [step for step in self.steps if state in step.from_]

    def steps_named(self, verb: str) -> list[Step]:
        return [step for step in self.steps if step.verb == verb]

    def next_step(self, state: str) -> Step | None:
        """The step of the ordinary way out of `state`; none at the end of the way."""
        return next((step for step in self.steps_from(state) if not step.aside), None)

    def way_ahead(self, state: str) -> list[Step]:
        """The steps still ahead on the plan's ordinary way, nearest first."""
        way: list[Step] = []
        seen = {state}
        while (step := self.next_step(state)) is not None:
            way.append(step)
            state = step.to
            if state in seen:
                break
            seen.add(state)
        return way


class DateOf(_Frozen):
    """A date rule (workflows/dates.py) and where it stands: a § of the rules, "letter", "law", "local choice"."""

    date: str
    source: str = Field(min_length=1)

    @cached_property
    def rule(self) -> DateRule:
        return parse(self.date)


class StateDates(_Frozen):
    """When a state opens, when it should be over, when it must be, and when the law says so."""

    opens: DateOf | None = None
    target: DateOf | None = None
    last: DateOf | None = None
    statutory: DateOf | None = None

    def items(self) -> Iterator[tuple[Bound, DateOf]]:
        bounds: tuple[Bound, ...] = ("opens", "target", "last", "statutory")
        for bound in bounds:
            if (of := getattr(self, bound)) is not None:
                yield bound, of


class RuleUse(_Frozen):
    """A rule of workflows/rules.py as one step uses it.

    `phase` and `reached`: the other phase that must have come so far, each board's plan of it if `boards`.
    `date`: the rule's own date, where it is not the state's last day. `reason`: the step must state one.
    """

    rule: str
    phase: str | None = None
    reached: str | None = None
    boards: bool = False
    date: str | None = None
    reason: bool = False


class Follows(_Frozen):
    """The phase (of the same cycle, and of the same board where it has boards) that moves an automatic step."""

    phase: str
    reached: str


class PhaseStep(_Frozen):
    """What a wheel adds to a step of a workflow."""

    rules: tuple[RuleUse, ...] = ()
    follows: Follows | None = None


class Track(_Frozen):
    """One workflow as a phase runs it: which body each party is, the dates of its states, rules of its steps.

    `title`: what one board's plan is called after the board's name, where the phase's label does not fit there.
    """

    workflow: str
    title: Text | None = None
    parties: dict[str, str]
    ladder: str = "standard"
    states: dict[str, StateDates] = Field(alias="state", default_factory=dict)
    steps: dict[str, PhaseStep] = Field(alias="step", default_factory=dict)

    def rules(self, verb: str) -> tuple[RuleUse, ...]:
        return self.steps[verb].rules if verb in self.steps else ()

    def body(self, party: str, board: str | None) -> str:
        """The body that is `party` in the plan of `board` (None: the whole phase's plan)."""
        body = self.parties[party]
        return board if body == BOARD and board else body


class BoardException(_Frozen):
    """How one board differs from the others in a phase."""

    concerned: bool = True
    workflow: str | None = None


class Phase(Track):
    """A slot in the cycle. `board`: the track of each board's own plan; none if the phase has no boards."""

    label: Text
    cycle: CycleKind = "budget"
    source: str = Field(min_length=1)
    delegable: bool = False  # goals, frames, MRP and verksamhetsplan can't be decided by delegation
    only_after_election: bool = False  # only where Y-1 is a year of general elections
    board: Track | None = None
    exceptions: dict[str, BoardException] = Field(alias="exception", default_factory=dict)


class Body(_Frozen):
    """A body of the municipality. Only a `board` (the executive board too, by `is_board`) has plans of its own."""

    name: Text
    short: str | None = None
    kind: Literal["council", "executive", "board", "auditors", "office"]
    is_board: bool = False

    @property
    def inside(self) -> Text:
        """The name inside a sentence."""
        return Text(sv=self.name.sv[:1].lower() + self.name.sv[1:], en=self.name.en[:1].lower() + self.name.en[1:])

    @property
    def has_plans(self) -> bool:
        return self.kind == "board" or self.is_board


Recipient = Literal["responsible", "chair", "head", "administrators"]


class Rung(_Frozen):
    """One reminder: `days` working days before (negative) or after the last day, at the hour of the settings."""

    days: int
    to: tuple[Recipient, ...] = Field(min_length=1)
    only_if_longer_than: int | None = None  # calendar days from opening to last day


class CycleRule(_Frozen):
    """A kind of cycle: how it is named, when the daemon opens it, which phase is its timetable (R1)."""

    name: str  # with {year}
    opens: DateOf
    every: int = 1  # years
    timetable: str | None = None

    def name_of(self, year: int) -> str:
        return self.name.format(year=year)


class Wheel(_Frozen):
    """A municipality's wheel: everything of its year that a file can say."""

    name: Text
    version: str
    country: str
    zone: str
    rules_source: str = Field(min_length=1)
    cycles: dict[CycleKind, CycleRule] = Field(alias="cycle")
    bodies: dict[str, Body] = Field(alias="body")
    ladders: dict[str, tuple[Rung, ...]] = Field(alias="ladder")
    phases: dict[str, Phase] = Field(alias="phase")

    @property
    def boards(self) -> list[str]:
        return [id for id, body in self.bodies.items() if body.has_plans]


class Definition(_Frozen):
    """A wheel with the workflows that it uses: what a cycle is opened with and keeps."""

    wheel: Wheel
    workflows: dict[str, Workflow]

    @model_validator(mode="before")
    @classmethod
    def _in_order(cls, found: Any) -> Any:
        """Canonical JSON sorts the keys; phases and bodies stand in the wheel's order again."""
        if not (isinstance(found, dict) and "order" in found):
            return found
        tables = {name: {id: found["wheel"][name][id] for id in ids} for name, ids in found["order"].items()}
        return {"workflows": found["workflows"], "wheel": {**found["wheel"], **tables}}

    def phases(self, kind: CycleKind, year: int) -> dict[str, Phase]:
        """The phases of that cycle, in the wheel's order."""
        return {
            id: phase
            for id, phase in self.wheel.phases.items()
            if phase.cycle == kind and (not phase.only_after_election or is_election_year(year - 1))
        }

    def track(self, phase: str, board: str | None) -> Track:
        whole = self.wheel.phases[phase]
        if board is None:
            return whole
        if whole.board is None:
            raise KeyError(f"{phase} has no plans of boards")
        return self._own_tracks.get((phase, board), whole.board)

    @cached_property
    def _own_tracks(self) -> dict[tuple[str, str], Track]:
        """Of the boards that run another workflow than the others."""
        return {
            (id, board): phase.board.model_copy(update={"workflow": other.workflow})
            for id, phase in self.wheel.phases.items()
            for board, other in phase.exceptions.items()
            if phase.board and other.workflow
        }

    def workflow(self, phase: str, board: str | None) -> Workflow:
        return self.workflows[self.track(phase, board).workflow]

    def watchers(self, phase: str) -> list[tuple[str, bool]]:
        """The phases with a step that follows `phase`: (phase, whether it is its boards' plans that do)."""
        return self._watchers.get(phase, [])

    @cached_property
    def _watchers(self) -> dict[str, list[tuple[str, bool]]]:
        found: dict[str, list[tuple[str, bool]]] = {}
        for id, whole in self.wheel.phases.items():
            for track, of_boards in ((whole, False), (whole.board, True)):
                steps = track.steps.values() if track else ()
                for followed in dict.fromkeys(step.follows.phase for step in steps if step.follows):
                    found.setdefault(followed, []).append((id, of_boards))
        return found

    @cached_property
    def canonical(self) -> bytes:
        """The definition as canonical JSON (keys sorted, no spaces, UTF-8, NFC)."""
        order = {"phase": list(self.wheel.phases), "body": list(self.wheel.bodies)}
        return canonical_json({**self.model_dump(mode="json", by_alias=True, exclude_defaults=True), "order": order})

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.canonical).hexdigest()


def anchor(kind: CycleKind, year: int) -> Anchor:
    """What Y or E stands for in the date rules of that cycle."""
    return Anchor(budget_year=year) if kind == "budget" else Anchor(election_year=year)


def canonical_json(value: object) -> bytes:
    """Keys sorted, no spaces, UTF-8, strings in NFC: the same value is always the same bytes."""
    text = json.dumps(_nfc(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode()


def _nfc(value: object) -> object:
    """String by string: over the whole text an escape and a combining mark after it would melt into no JSON."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, dict):
        return {_nfc(key): _nfc(item) for key, item in value.items()}
    return [_nfc(item) for item in value] if isinstance(value, list | tuple) else value
