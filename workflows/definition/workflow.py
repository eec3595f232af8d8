"""A state machine as a file says it: its states in the order of the way, and the steps between them."""

from functools import cached_property
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def in_a_sentence(name: str) -> str:
    """With a small letter, if it is no abbreviation."""
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


class Text(Frozen):
    """A text that people read, in both languages."""

    sv: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def to(self, language: str) -> str:
        return self.en if language == "en" else self.sv


class State(Frozen):
    """A stage that a plan can be in.

    `done`: nobody owes anything here. `returns_to`: where a send-back from here leads; none if nothing can be
    sent back from here. `prepared_by`: the party that prepares the matter meanwhile, where another one takes the next
    step: it is reminded too.
    """

    id: str
    label: Text
    done: bool = False
    returns_to: str | None = None
    prepared_by: str | None = Field(default=None, alias="works")


class Step(Frozen):
    """A transition, named by a verb.

    `by` names a party of the phase (`prepares`, `decides`, …), which the wheel maps to a body. `decision`: a
    political decision of that body, with its record. `automatic`: the daemon takes it by itself: on the `date`
    its target state opens; when all `children` have reached `reached`; when another `phase` has got as far as the
    wheel's `follows` says. An automatic step with `by` can also be taken by hand. `off_path`: it leaves the plan's
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
    off_path: bool = Field(default=False, alias="aside")


class Workflow(Frozen):
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

    @cached_property
    def received_in(self) -> str | None:
        """Where the party that `receives` the matter for information has it: handed over to it, otherwise finished."""
        way = self.way_ahead(self.initial)
        handed_over = [step.to for step in way if step.by == "hands_over"]
        return handed_over[-1] if handed_over else next((step.to for step in way if self.state(step.to).done), None)

    def reached(self, current: str, goal: str) -> bool:
        """Whether a plan in `current` has come as far as `goal` on its way."""
        return self._ranks[current] >= self._ranks[goal]

    @cached_property
    def _steps_from(self) -> dict[str, tuple[Step, ...]]:
        return {state.id: tuple(s for s in self.steps if state.id in s.from_) for state in self.states}

    def steps_from(self, state: str) -> tuple[Step, ...]:
        return self._steps_from.get(state, ())

    def steps_named(self, verb: str) -> list[Step]:
        return [step for step in self.steps if step.verb == verb]

    def next_step(self, state: str) -> Step | None:
        """The step of the ordinary way out of `state`; none at the end of the way."""
        return next((step for step in self.steps_from(state) if not step.off_path), None)

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
