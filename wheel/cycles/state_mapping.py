"""Where each plan goes when its cycle is taken over to another wheel, and what stands against it."""

from dataclasses import dataclass
from typing import Any, Literal

from wheel.engine.plan import Mark, Matter, Turn
from workflows.definition.definition import BoardException, Definition, Phase
from workflows.messages import N_
from workflows.rules.rules import Reason


@dataclass(frozen=True)
class Wanted:
    """How to go over. `states`: OLD to NEW, or WORKFLOW.OLD to NEW where workflows differ in it."""

    states: dict[str, str]
    dates: Literal["keep", "recompute"] = "keep"


@dataclass(frozen=True)
class Way:
    """Where one plan goes. `to` is None where nobody has said it; `gone`: the new wheel has no such plan.

    `mark`: also `not_concerned` where the new wheel leaves the board out, and no longer where it takes it in.
    """

    matter: Matter
    to: str | None
    gone: bool = False
    mark: Mark | None = None

    @property
    def what(self) -> str:
        if self.gone:
            return "withdrawn"
        if self.mark != self.matter.mark:
            return "left_out" if self.mark else "taken_in"
        return "stays" if self.to == self.matter.state else "goes"

    def json(self) -> dict[str, Any]:
        return {"address": self.matter.address, "what": self.what, "from": self.matter.state, "to": self.to}


def way_of(matter: Matter, turn: Turn, new: Definition, states: dict[str, str]) -> Way:
    phases = new.phases(turn.kind, turn.year)
    here = phases.get(matter.phase)
    if here is None or (matter.board and (here.board is None or matter.board not in new.wheel.boards)):
        return Way(matter, None, gone=True, mark="withdrawn")
    to = named(matter, matter.state, states)
    if to is None and new.workflow(matter.phase, matter.board).has(matter.state):
        to = matter.state
    return Way(matter, to, mark=_mark(matter, here))


def _mark(matter: Matter, new: Phase) -> Mark | None:
    """Only a board that one of the two wheels leaves out is marked otherwise."""
    before = matter.turn.definition.wheel.phases[matter.phase].exceptions.get(matter.board or "", BoardException())
    after = new.exceptions.get(matter.board or "", BoardException())
    if before.concerned == after.concerned:
        return matter.mark
    if after.concerned:
        return None if matter.mark == "not_concerned" else matter.mark
    return "not_concerned" if matter.in_play else matter.mark


def named(matter: Matter, state: str, states: dict[str, str]) -> str | None:
    return states.get(f"{matter.workflow.id}.{state}", states.get(state))


def unmapped(ways: list[Way], new: Definition) -> list[Reason]:
    """One reason for each state of a workflow in which plans stand, and of which nobody has said what becomes."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for way in ways:
        if not way.gone and way.to is None:
            flow = new.workflow(way.matter.phase, way.matter.board)
            known = ", ".join(state.id for state in flow.states)
            found.setdefault((way.matter.workflow.id, way.matter.state, known), []).append(way.matter.address)
    text = N_("The state {name} is not among the new ones ({known}); say `--map {name}=STATE`. There stand: {plans}.")
    return [
        Reason("unmapped", text, {"name": f"{flow}.{state}", "known": known, "plans": tuple(plans)})
        for (flow, state, known), plans in found.items()
    ]


def odd(ways: list[Way], new: Definition, states: dict[str, str]) -> list[Reason]:
    """What was mapped to a state that the plan's new workflow has not, and what no plan's workflow had."""
    reasons = {}
    for way in ways:
        if way.gone or way.to is None:
            continue
        flow = new.workflow(way.matter.phase, way.matter.board)
        if not flow.has(way.to):
            facts = {"to": way.to, "flow": flow.id, "known": ", ".join(state.id for state in flow.states)}
            text = N_("The workflow {flow} has no state {to}; it has: {known}.")
            reasons[flow.id, way.to] = Reason("unmapped", text, facts)
    for name in states:
        flow_id, _, state = name.rpartition(".")
        flows = {way.matter.workflow.id: way.matter.workflow for way in ways}
        if not any(flow.has(state) and flow_id in ("", flow.id) for flow in flows.values()):
            text = N_("No plan of the cycle has a state {name}; leave it out of --map.")
            reasons["", name] = Reason("unmapped", text, {"name": name})
    return list(reasons.values())
