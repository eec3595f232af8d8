"""Merges a new definition with the parts of the old one that its remaining plans still need."""

from collections.abc import Iterable

from wheel.engine.plan import Plan
from workflows.definition.definition import BoardException, Definition, Phase, Workflow, WorkflowBinding


def merge_definitions(old: Definition, new: Definition, gone: Iterable[Plan]) -> Definition:
    """The new definition, with the old phases, bodies and workflows of plans that it no longer has."""
    phases, bodies = dict(new.wheel.phases), dict(new.wheel.bodies)
    workflows, ladders = dict(new.workflows), {**old.wheel.ladders, **new.wheel.ladders}
    plans = list(gone)
    if not plans:
        return new
    theirs = new.phases(plans[0].cycle.kind, plans[0].cycle.year)
    for plan in plans:
        if plan.phase not in theirs:
            phases[plan.phase] = _kept(old, old.wheel.phases[plan.phase], workflows)
        elif theirs[plan.phase].board is None:
            board = old.wheel.phases[plan.phase].board
            assert board is not None
            own = {"board": _track(old, board, workflows)}
            phases[plan.phase] = phases[plan.phase].model_copy(update=own)
        elif new.workflow(plan.phase, plan.board) != plan.workflow:
            phases[plan.phase] = _excepted(old, phases[plan.phase], plan, workflows)
    for id, body in old.wheel.bodies.items():
        bodies.setdefault(id, body)
    wheel = new.wheel.model_copy(update={"phases": phases, "bodies": bodies, "ladders": ladders})
    return Definition(wheel=wheel, workflows=workflows)


def _kept(old: Definition, phase: Phase, workflows: dict[str, Workflow]) -> Phase:
    whole = _track(old, phase, workflows)
    board = _track(old, phase.board, workflows) if phase.board else None
    exceptions = {
        id: other.model_copy(update={"workflow": _named(old, other.workflow, workflows) if other.workflow else None})
        for id, other in phase.exceptions.items()
    }
    return phase.model_copy(update={"workflow": whole.workflow, "board": board, "exceptions": exceptions})


def _excepted(old: Definition, phase: Phase, plan: Plan, workflows: dict[str, Workflow]) -> Phase:
    """The phase in which a board that is gone keeps the workflow that it had."""
    assert plan.board is not None
    before = phase.exceptions.get(plan.board, BoardException())
    own = before.model_copy(update={"workflow": _named(old, plan.workflow.id, workflows)})
    return phase.model_copy(update={"exceptions": {**phase.exceptions, plan.board: own}})


def _track(old: Definition, binding: WorkflowBinding, workflows: dict[str, Workflow]) -> WorkflowBinding:
    return binding.model_copy(update={"workflow": _named(old, binding.workflow, workflows)})


def _named(old: Definition, id: str, workflows: dict[str, Workflow]) -> str:
    """The workflow as it was, under a name of its own where the new wheel has another one by that name."""
    workflow = old.workflows[id]
    if workflows.get(id, workflow) != workflow:
        id = f"{id}-{old.sha256[:8]}"
        workflow = workflow.model_copy(update={"id": id})
    workflows[id] = workflow
    return id
