"""Maps each plan's state when its cycle is migrated, and collects the objections to the mapping."""

from dataclasses import dataclass
from typing import Literal

from wheel.cycles.open_cycle import takes_part
from wheel.engine.plan import Cycle, Plan, SpecialStatus
from wheel.engine.request_and_result import MappedRow
from workflows.definition.definition import BoardException, Definition
from workflows.messages import N_
from workflows.rules.named_rules import Reason


@dataclass(frozen=True)
class MigrationOptions:
    """How to migrate. `states`: OLD to NEW, or WORKFLOW.OLD or PHASE.OLD to NEW where they differ in it.

    It holds for the plans whose own workflow is another one in the new wheel; the others stay as they are.
    """

    states: dict[str, str]
    dates: Literal["keep", "recompute"] = "keep"


@dataclass(frozen=True)
class PlanMapping:
    """The target of one plan. `to` is None if the mapping does not say it; `gone`: the new wheel has no such plan.

    `special_status`: also `not_concerned` where the new wheel leaves the board out, and no longer where it takes it in.
    """

    plan: Plan
    to: str | None
    gone: bool = False
    special_status: SpecialStatus | None = None

    @property
    def what(self) -> str:
        if self.gone:
            return "withdrawn" if self.plan.is_under_way else "stays"
        if self.special_status != self.plan.special_status:
            return "left_out" if self.special_status else "taken_in"
        return "stays" if self.to == self.plan.state else "goes"

    def json(self) -> MappedRow:
        return {"address": self.plan.address, "what": self.what, "from": self.plan.state, "to": self.to}


def mapping_of(plan: Plan, cycle: Cycle, new: Definition, states: dict[str, str]) -> PlanMapping:
    phases = new.phases(cycle.kind, cycle.year)
    here = phases.get(plan.phase)
    if here is None or (plan.board and (here.board is None or plan.board not in new.wheel.boards)):
        return PlanMapping(plan, None if plan.is_under_way else plan.state, gone=True)
    to = mapped_state(plan, plan.state, new, states)
    if to is None and new.workflow(plan.phase, plan.board).has(plan.state):
        to = plan.state
    return PlanMapping(plan, to, special_status=_special_status(plan, new))


def _special_status(plan: Plan, new: Definition) -> SpecialStatus | None:
    """The plan's special status, which changes where the new wheel asks for it or leaves its board out.

    What a board has done before it ends has happened, and stays.
    """
    old = plan.cycle.definition
    if plan.special_status == "not_concerned":
        return None if _is_asked_for(plan, new) and not _is_asked_for(plan, old) else plan.special_status
    if _takes_part(plan, new) or not _takes_part(plan, old) or not plan.is_active:
        return plan.special_status
    excepted = new.wheel.phases[plan.phase].exceptions.get(plan.board or "", BoardException())
    return "not_concerned" if plan.is_under_way or not excepted.concerned else plan.special_status


def _is_asked_for(plan: Plan, definition: Definition) -> bool:
    return _takes_part(plan, definition) and not definition.wheel.phases[plan.phase].optional


def _takes_part(plan: Plan, definition: Definition) -> bool:
    return takes_part(definition, plan.phase, plan.board, plan.stages)


def mapped_state(plan: Plan, state: str, new: Definition, states: dict[str, str]) -> str | None:
    """The new name of a state of the plan: the mapping of its phase goes before that of its workflow, and that before
    one of all. None where the mapping says nothing, and where the plan's own workflow stays as it is."""
    if not _has_another_workflow(plan, new):
        return None
    names = (f"{plan.phase}.{state}", f"{plan.workflow.id}.{state}", state)
    return next((states[name] for name in names if name in states), None)


def _has_another_workflow(plan: Plan, new: Definition) -> bool:
    """Whether the plan's workflow is another one in the new wheel. Other bodies in its labels do not make it one."""
    old = plan.cycle.definition
    mine = new.workflows[new.binding(plan.phase, plan.board).workflow]
    return mine != old.workflows[old.binding(plan.phase, plan.board).workflow]


def unmapped(ways: list[PlanMapping], new: Definition) -> list[Reason]:
    """One objection for each state that plans are in and that the mapping does not mention."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for way in ways:
        if not way.gone and way.to is None:
            flow = new.workflow(way.plan.phase, way.plan.board)
            known = ", ".join(state.id for state in flow.states)
            found.setdefault((way.plan.workflow.id, way.plan.state, known), []).append(way.plan.address)
    text = N_("The state {name} is not among the new ones ({known}). Plans in the state: {plans}.")
    return [
        Reason("unmapped", text, {"name": f"{flow}.{state}", "known": known, "plans": tuple(plans)})
        for (flow, state, known), plans in found.items()
    ]


def bad_mappings(ways: list[PlanMapping], new: Definition, states: dict[str, str]) -> list[Reason]:
    """Objections to mappings from a state that no plan's workflow had, or to one that the new workflow lacks."""
    reasons = {}
    for way in ways:
        if way.gone or way.to is None:
            continue
        flow = new.workflow(way.plan.phase, way.plan.board)
        if not flow.has(way.to):
            facts = {"to": way.to, "flow": flow.id, "known": ", ".join(state.id for state in flow.states)}
            text = N_("The workflow {flow} has no state {to}. These exist: {known}.")
            reasons[flow.id, way.to] = Reason("unmapped", text, facts)
    for name in states:
        of, _, state = name.rpartition(".")
        named = [way for way in ways if of in ("", way.plan.phase, way.plan.workflow.id)]
        there = [way for way in named if way.plan.workflow.has(state)]
        if not there:
            text = N_("No plan in the cycle has the state {name}.")
            reasons["", name] = Reason("unmapped", text, {"name": name})
        elif not any(way.gone or _has_another_workflow(way.plan, new) for way in there):
            text = N_("The state {name} stays as it is: the new wheel has the same workflow.")
            reasons["", name] = Reason("unmapped", text, {"name": name})
    return list(reasons.values())
