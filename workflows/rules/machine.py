"""The gate: whether a plan in some state may go to another one. The only file that knows `transitions`.

One machine per workflow, cached. No model is ever added to it: a machine overwrites the loaded state of a model that is
added and keeps the model for ever. It is fired on a small cell instead.

Each way that a plan can go is a transition with a trigger of its own: the steps of the workflow, and beside them the
deviations (`skipping`, `recording`), the ways back (`sending_back`, `reopening`, `undoing`) and the ways in (`OPENING`,
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
from workflows.rules.rules import Reason

logging.getLogger("transitions").setLevel(logging.WARNING)  # it tells of every callback at INFO

OUTSIDE = ""  # where a plan is before it has a state of this workflow; no state's id is empty
OPENING = "open:"
_SEAL = object()


def skipping(step: Step) -> str:
    """The step, taken although the plan has not come to it. A colon stands in no step's verb."""
    return f"skip:{step.verb}:{step.to}"


def recording(step: Step) -> str:
    """A step of a plan that ended before the introduction: what really happened is added, in any order."""
    return f"record:{step.verb}:{step.to}"


def sending_back(to: str) -> str:
    return f"send_back:{to}"


def reopening(to: str) -> str:
    return f"reopen:{to}"


def undoing(to: str) -> str:
    return f"undo:{to}"


def migrating(to: str) -> str:
    """Into this workflow from another definition, in which the plan's state may have had another name."""
    return f"migrate:{to}"


@dataclass(frozen=True)
class Moved:
    """The machine's permission to go from one state to another. Only this module can make one."""

    source: str
    to: str
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("only the machine makes a Moved")


@dataclass(frozen=True)
class Refused:
    """Every reason, at least one."""

    reasons: tuple[Reason, ...]


class _Cell:
    """What the machine is fired on: a state, and the reasons that refuse to leave it."""

    __slots__ = ("reasons", "state")

    def __init__(self, state: str, reasons: Sequence[Reason]) -> None:
        self.state = state
        self.reasons = reasons


def _is_free(event: EventData) -> bool:
    return not cast(_Cell, event.model).reasons  # a real bool: transitions compares with ==


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
        # In its own state a plan that was withdrawn goes on.
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
        auto_transitions=False,  # or every state could be jumped to
        send_event=True,
    )


def decide(workflow: Workflow, state: str, trigger: str, reasons: Sequence[Reason] = ()) -> Moved | Refused:
    """Whether a plan in `state` may go by `trigger`, where `reasons` speak against it. Pure: no plan is moved."""
    event = _machine(workflow).events.get(trigger)
    if event is None or state not in event.transitions:
        return Refused(tuple(reasons) or (_no_way(workflow, state, trigger),))
    cell = _Cell(state, reasons)
    if not event.trigger(cell):
        return Refused(tuple(reasons))
    return Moved(state, cell.state, _SEAL)


def _no_way(workflow: Workflow, state: str, trigger: str) -> Reason:
    text = N_("The workflow {flow} has no way {trigger} from the state {at}.")
    return Reason("state", text, {"flow": workflow.id, "trigger": trigger, "at": state})
