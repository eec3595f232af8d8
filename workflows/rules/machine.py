"""The only file that knows `transitions`: may a plan in this state take this step, and where does it lead?

One machine per workflow, kept, to which no model is ever added; it is fired on a small cell. A machine that a
model is added to overwrites the loaded state and keeps the model for ever, and a refused guard of its own would
answer a bare False: here every reason is collected.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from transitions import EventData, Machine

from workflows.definition.definition import Step, Workflow
from workflows.rules.rules import Reason

logging.getLogger("transitions").setLevel(logging.WARNING)  # it tells of every callback at INFO

Judge = Callable[[Step], list[Reason]]


@dataclass(frozen=True)
class Moved:
    step: Step
    to: str


@dataclass(frozen=True)
class Refused:
    reasons: list[Reason]


class _Cell:
    """What the machine is fired on: a state, and who judges."""

    __slots__ = ("judge", "reasons", "state", "step")

    def __init__(self, state: str, judge: Judge) -> None:
        self.state = state
        self.judge = judge
        self.step: Step | None = None
        self.reasons: list[Reason] = []


def _guard(step: Step) -> Callable[[EventData], bool]:
    def judged(event: EventData) -> bool:
        cell = cast(_Cell, event.model)
        cell.step = step
        cell.reasons = cell.judge(step)
        return not cell.reasons  # a real bool: transitions compares with ==, a truthy list would refuse

    return judged


@lru_cache(maxsize=256)
def _machine(workflow: Workflow) -> Machine:
    moves: list[dict[str, Any]] = [
        {"trigger": step.verb, "source": source, "dest": step.to, "conditions": [_guard(step)]}
        for step in workflow.steps
        for source in step.from_
    ]
    return Machine(
        model=None,
        states=[state.id for state in workflow.states],
        transitions=moves,
        initial=workflow.initial,
        auto_transitions=False,  # or every state could be jumped to
        send_event=True,
    )


def decide(workflow: Workflow, state: str, verb: str, judge: Judge) -> Moved | Refused | None:
    """Judge the step `verb` from `state`. Pure: nothing is moved but a cell of our own.

    `judge` gives every reason that refuses the step. None: there is no such step from that state.
    """
    event = _machine(workflow).events.get(verb)
    if event is None or state not in event.transitions:
        return None
    cell = _Cell(state, judge)
    event.trigger(cell)
    if cell.reasons:
        return Refused(cell.reasons)
    if cell.step is None:
        raise RuntimeError(f"{workflow.id}: {verb} from {state} was judged by no guard")
    return Moved(cell.step, cell.state)
