"""A new wheel that still knows what it needs of an old one: plans that are gone stay to be read."""

from collections.abc import Iterable

from wheel.engine.plan import Matter
from workflows.definition.definition import BoardException, Definition, Phase, Track, Workflow


def with_what_is_gone(old: Definition, new: Definition, gone: Iterable[Matter]) -> Definition:
    """The new definition, with the phases, bodies and workflows of the plans that it has no place for."""
    phases, bodies = dict(new.wheel.phases), dict(new.wheel.bodies)
    workflows, ladders = dict(new.workflows), {**old.wheel.ladders, **new.wheel.ladders}
    plans = list(gone)
    if not plans:
        return new
    theirs = new.phases(plans[0].turn.kind, plans[0].turn.year)
    for matter in plans:
        if matter.phase not in theirs:
            phases[matter.phase] = _kept(old, old.wheel.phases[matter.phase], workflows)
        elif theirs[matter.phase].board is None:
            board = old.wheel.phases[matter.phase].board
            assert board is not None
            own = {"board": _track(old, board, workflows)}
            phases[matter.phase] = phases[matter.phase].model_copy(update=own)
        elif new.workflow(matter.phase, matter.board) != matter.workflow:
            phases[matter.phase] = _excepted(old, phases[matter.phase], matter, workflows)
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


def _excepted(old: Definition, phase: Phase, matter: Matter, workflows: dict[str, Workflow]) -> Phase:
    """The phase in which a board that is gone keeps the workflow that it had."""
    assert matter.board is not None
    before = phase.exceptions.get(matter.board, BoardException())
    own = before.model_copy(update={"workflow": _named(old, matter.workflow.id, workflows)})
    return phase.model_copy(update={"exceptions": {**phase.exceptions, matter.board: own}})


def _track(old: Definition, track: Track, workflows: dict[str, Workflow]) -> Track:
    return track.model_copy(update={"workflow": _named(old, track.workflow, workflows)})


def _named(old: Definition, id: str, workflows: dict[str, Workflow]) -> str:
    """The workflow as it was, under a name of its own where the new wheel has another one by that name."""
    workflow = old.workflows[id]
    if workflows.get(id, workflow) != workflow:
        id = f"{id}-{old.sha256[:8]}"
        workflow = workflow.model_copy(update={"id": id})
    workflows[id] = workflow
    return id
