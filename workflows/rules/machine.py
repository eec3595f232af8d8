"""The gate: decides whether a plan may change its state. No other file uses the library `transitions`.

There is one cached machine per workflow. It is triggered on a temporary cell, because a machine overwrites the state of
a model that is added to it, and keeps the model for ever.

Each possible change of state is a transition with its own trigger: the steps of the workflow, the deviations
(`skipping`, `recording`), the ways back (`sending_back`, `reopening`, `undoing`) and the entries (`OPENING`,
`migrating`).
"""

import logging
from collections.abc import Sequence
from dataclasses import InitVar, dataclass
from functools import lru_cache
from typing import Any, cast

from transitions import EventData, Machine

from workflows.definition.definition import Step, Workflow
from workflows.messages import N_
from workflows.rules.named_rules import Reason

logging.getLogger("transitions").setLevel(logging.WARNING)  # it logs every callback at INFO

OUTSIDE = ""  # the source of a plan that has no state of this workflow yet; no state has an empty id
OPENING = "open:"
_SEAL = object()


def skipping(step: Step) -> str:
    """The trigger for a step that the plan has not reached yet. No verb contains a colon, so triggers are unique."""
    return f"skip:{step.verb}:{step.to}"


def recording(step: Step) -> str:
    """The trigger to add a past step to a plan that ended before the introduction, in any order."""
    return f"record:{step.verb}:{step.to}"


def sending_back(to: str) -> str:
    return f"send_back:{to}"


def reopening(to: str) -> str:
    return f"reopen:{to}"


def undoing(to: str) -> str:
    return f"undo:{to}"


def migrating(to: str) -> str:
    """The trigger to take a plan over from another definition, in which its state may have another name."""
    return f"migrate:{to}"


@dataclass(frozen=True)
class Moved:
    """A permitted change of state. Only this module can create one."""

    source: str
    to: str
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("only the machine makes a Moved")


@dataclass(frozen=True)
class Refused:
    """A refused change of state, with all reasons; there is at least one."""

    reasons: tuple[Reason, ...]


class _Cell:
    """The model on which the machine is triggered: a state, and the reasons against leaving it."""

    __slots__ = ("reasons", "state")

    def __init__(self, state: str, reasons: Sequence[Reason]) -> None:
        self.state = state
        self.reasons = reasons


def _is_free(event: EventData) -> bool:
    return not cast(_Cell, event.model).reasons  # must be a bool, because transitions compares it with ==


@lru_cache(maxsize=256)
def _machine(workflow: Workflow) -> Machine:
    states = [state.id for state in workflow.states]
    ways = [(step.verb, source, step.to) for step in workflow.steps for source in step.from_]
    for step in workflow.steps:
        earlier = [s for s in states if not any(workflow.reached(s, source) for source in step.from_)]
        ways += [(skipping(step), source, step.to) for source in earlier]
        ways += [(recording(step), source, step.to) for source in states]
    ways += [(sending_back(s.returns_to), s.id, s.returns_to) for s in workflow.states if s.returns_to]
    for at, state in enumerate(states):
        # Reopening in the same state continues a withdrawn plan.
        ways += [(reopening(to), state, to) for to in states[: at + 1]]
        ways += [(undoing(to), state, to) for to in states]
        ways.append((migrating(state), OUTSIDE, state))
    ways.append((OPENING, OUTSIDE, workflow.initial))
    transitions: list[dict[str, Any]] = [
        {"trigger": trigger, "source": source, "dest": to, "conditions": [_is_free]}
        for trigger, source, to in dict.fromkeys(ways)
    ]
    return Machine(
        model=None,
        states=[OUTSIDE, *states],
        transitions=transitions,
        initial=OUTSIDE,
        auto_transitions=False,  # otherwise every state would be reachable from every other
        send_event=True,
    )


def decide(workflow: Workflow, state: str, trigger: str, reasons: Sequence[Reason] = ()) -> Moved | Refused:
    """Decide whether a plan in `state` may change it by `trigger`. Pure: the caller moves the plan.

    `reasons`: the objections to the change. Refused if there are any, or if the workflow has no such transition.
    """
    event = _machine(workflow).events.get(trigger)
    if event is None or state not in event.transitions:
        return Refused(tuple(reasons) or (_no_way(workflow, state, trigger),))
    cell = _Cell(state, reasons)
    if not event.trigger(cell):
        return Refused(tuple(reasons))
    return Moved(state, cell.state, _SEAL)


def _no_way(workflow: Workflow, state: str, trigger: str) -> Reason:
    text = N_("The workflow {flow} has no transition {trigger} from the state {at}.")
    return Reason("state", text, {"flow": workflow.id, "trigger": trigger, "at": state})
