"""A workflow: the state machine that a plan follows, as a TOML file describes it."""

from functools import cached_property
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticKnownError

from workflows.visible import is_blank


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, defer_build=True)


def _visible(text: str) -> str:
    if is_blank(text):
        raise PydanticKnownError("string_too_short", {"min_length": 1})
    return text


VisibleText = Annotated[str, AfterValidator(_visible)]


def in_a_sentence(name: str) -> str:
    """The name with a lower-case initial, unless it is an abbreviation."""
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


class Text(Frozen):
    """A text that people read, in both languages."""

    sv: VisibleText
    en: VisibleText

    def to(self, language: str) -> str:
        return self.en if language == "en" else self.sv

    def with_id(self, id: str) -> "Text":
        """`Antagen (adopted)`: the text with the id that one types."""
        return Text(sv=f"{self.sv} ({id})", en=f"{self.en} ({id})")


class State(Frozen):
    """A stage that a plan can be in.

    `done`: no action is required in this state. `returns_to`: the state that a send-back from here leads to; None if a
    plan cannot be sent back from here. `prepared_by`: the party that prepares the matter while another party takes the
    next step; both are reminded.
    """

    id: str
    label: Text
    done: bool = False
    returns_to: str | None = None
    prepared_by: str | None = Field(default=None, alias="works")


# Sending back and postponing have effects of their own, in every step.
Outcome = Literal["adopted", "adopted_with_changes", "rejected", "noted", "dropped"]
Adoption = Literal["adopted", "adopted_with_changes"]


class Outcomes(Frozen):
    """The outcomes of a decision that take the step. Any other outcome is recorded, and the plan stays where it is.

    `adopts`: the matter is decided. `moves`: the plan moves on and nothing is decided (a proposal is made, a report is
    noted).
    """

    adopts: tuple[Adoption, ...] = ()
    moves: tuple[Outcome, ...] = ()


_DECIDES = Outcomes(adopts=("adopted", "adopted_with_changes"))
_PROPOSES = Outcomes(moves=("adopted", "adopted_with_changes"))
_NO_DECISION = Outcomes()


class Step(Frozen):
    """A transition, named by a verb.

    `by`: the party of the phase that takes the step (`prepares`, `decides`, …); the wheel maps it to a body.
    `decision`: the step is a political decision of that body and has a record. `outcomes`: the outcomes that take it;
    without them the body's consent does, and decides the matter if the party is `decides`.
    `automatic`: the daemon takes the step:
    on the `date` on which its target state opens, when all `children` have come to the state `reached`, or when another
    `phase` has come as far as the wheel's `follows` says. An automatic step with `by` can be taken by hand too.
    `off_path`: the step leaves the plan's ordinary way (a revision), so its requirements do not block that way.
    """

    verb: str
    label: Text
    from_: tuple[str, ...] = Field(alias="from", min_length=1)
    to: str
    by: str | None = None
    decision: bool = False
    outcomes: Outcomes | None = None
    automatic: Literal["date", "children", "phase"] | None = None
    reached: str | None = None
    off_path: bool = Field(default=False, alias="aside")

    @property
    def taken_by(self) -> tuple[str, ...]:
        """The outcomes of the decision that take the step; none if it is no decision."""
        return (*self._effects.adopts, *self._effects.moves)

    @property
    def adopted_by(self) -> tuple[str, ...]:
        """The outcomes that decide the matter. The step is a deciding step if there are any."""
        return self._effects.adopts

    @property
    def _effects(self) -> Outcomes:
        if not self.decision:
            return _NO_DECISION
        return self.outcomes or (_DECIDES if self.by == "decides" else _PROPOSES)


class Workflow(Frozen):
    """A state machine. States are listed in the order of the plan's way; the first is the state before it starts."""

    id: str
    label: Text
    states: tuple[State, ...] = Field(alias="state", min_length=1)
    steps: tuple[Step, ...] = Field(alias="step", min_length=1)

    @cached_property
    def _hash(self) -> int:
        return hash((self.id, self.states, self.steps))

    def __hash__(self) -> int:
        return self._hash  # cached, because every step looks up its machine by workflow

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
        """The state in which the party `receives` is informed: after the hand-over, otherwise the first done state."""
        way = self.way_ahead(self.initial)
        handed_over = [step.to for step in way if step.by == "hands_over"]
        return handed_over[-1] if handed_over else next((step.to for step in way if self.state(step.to).done), None)

    @cached_property
    def first_done(self) -> str | None:
        """The first state of the ordinary way in which nothing more is to be done."""
        return next((step.to for step in self.way_ahead(self.initial) if self.state(step.to).done), None)

    def reached(self, current: str, goal: str) -> bool:
        """Whether the state `current` is `goal` or comes after it in the order of states."""
        return self._ranks[current] >= self._ranks[goal]

    @cached_property
    def _steps_from(self) -> dict[str, tuple[Step, ...]]:
        return {state.id: tuple(s for s in self.steps if state.id in s.from_) for state in self.states}

    def steps_from(self, state: str) -> tuple[Step, ...]:
        return self._steps_from.get(state, ())

    def steps_named(self, verb: str) -> list[Step]:
        return [step for step in self.steps if step.verb == verb]

    @cached_property
    def waits_for_boards(self) -> bool:
        """Whether a step of the whole waits for the boards' plans."""
        return any(step.automatic == "children" for step in self.steps)

    @cached_property
    def deciding_step(self) -> Step | None:
        """The first step that decides the matter; None if no body does (a proposal decides nothing)."""
        return next((step for step in self.steps if step.adopted_by and not step.off_path), None)

    def next_step(self, state: str) -> Step | None:
        """The step of the ordinary way out of `state`; None at the end of the way."""
        return next((step for step in self.steps_from(state) if not step.off_path), None)

    def way_ahead(self, state: str) -> list[Step]:
        """The steps that remain on the plan's ordinary way, nearest first."""
        way: list[Step] = []
        seen = {state}
        while (step := self.next_step(state)) is not None:
            way.append(step)
            state = step.to
            if state in seen:
                break
            seen.add(state)
        return way
