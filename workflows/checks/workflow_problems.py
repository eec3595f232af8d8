"""Finds errors in a workflow by itself, independent of any wheel."""

from collections.abc import Iterator
from itertools import chain

from workflows.checks.problem import SLUG, WORD, Problem, bad_names, unknown
from workflows.definition.definition import Workflow
from workflows.definition.labels import KINDS, misused_braces
from workflows.messages import N_


def workflow_problems(workflow: Workflow) -> list[Problem]:
    """All errors of one workflow.

    Reachability is only checked if all names are valid: a misspelled target would make a state look unreachable too.
    """
    found = [*_names(workflow), *_unknown(workflow), *_twice(workflow)]
    if not found:
        found += [*_ways(workflow), *_returns(workflow)]
    return [*found, *_takers(workflow), *_labels(workflow)]


def _names(workflow: Workflow) -> Iterator[Problem]:
    words = chain(
        ((state.id, ("state", i, "id")) for i, state in enumerate(workflow.states)),
        ((step.verb, ("step", i, "verb")) for i, step in enumerate(workflow.steps)),
        ((step.by, ("step", i, "by")) for i, step in enumerate(workflow.steps) if step.by is not None),
    )
    yield from bad_names([(workflow.id, ("id",))], SLUG, workflow.id)
    yield from bad_names(words, WORD, workflow.id)


def _unknown(workflow: Workflow) -> Iterator[Problem]:
    known = [state.id for state in workflow.states]
    names = chain(
        ((state.returns_to, ("state", i, "returns_to")) for i, state in enumerate(workflow.states)),
        ((name, ("step", i, "from")) for i, step in enumerate(workflow.steps) for name in step.from_),
        ((step.to, ("step", i, "to")) for i, step in enumerate(workflow.steps)),
    )
    for name, place in names:
        if name is not None and name not in known:
            yield unknown("state", N_("The state {name} does not exist."), name, known, workflow.id, place)


def _twice(workflow: Workflow) -> Iterator[Problem]:
    seen: set[str] = set()
    for i, state in enumerate(workflow.states):
        if state.id in seen:
            message, cure = N_("The state {name} occurs twice."), N_("Give each state an id of its own.")
            yield Problem("duplicate", workflow.id, ("state", i, "id"), message, cure, {"name": state.id})
        seen.add(state.id)
    moves: set[tuple[str, str]] = set()
    for i, step in enumerate(workflow.steps):
        for source in step.from_:
            if (source, step.verb) in moves:
                message = N_("Two steps {name} lead out of {state}.")
                facts = {"name": step.verb, "state": source}
                cure = N_("Give one of them another verb.")
                yield Problem("duplicate", workflow.id, ("step", i, "verb"), message, cure, facts)
            moves.add((source, step.verb))


def _ways(workflow: Workflow) -> Iterator[Problem]:
    reachable = _reachable(workflow)
    for i, state in enumerate(workflow.states):
        facts = {"name": state.id}
        if state.id not in reachable:
            message = N_("No plan can reach the state {name}.")
            cure = N_("Add a step that leads to the state, or remove the state.")
            yield Problem("unreachable", workflow.id, ("state", i, "id"), message, cure, facts)
        elif not state.done and not workflow.steps_from(state.id):
            message = N_("A plan cannot leave the state {name}, which lacks done = true.")
            cure = N_("Add a step out of the state, or write done = true.")
            yield Problem("dead_end", workflow.id, ("state", i, "id"), message, cure, facts)
    if all(workflow.steps_from(id) and not workflow.state(id).done for id in reachable):
        message = N_("The workflow {name} has no end that a plan can reach.")
        cure = N_("Write done = true at the state in which nobody has anything left to do.")
        yield Problem("endless", workflow.id, ("id",), message, cure, {"name": workflow.id})


def _reachable(workflow: Workflow) -> set[str]:
    reachable, ahead = set[str](), [workflow.initial]
    while ahead:
        state = ahead.pop()
        if state not in reachable:
            reachable.add(state)
            ahead += [step.to for step in workflow.steps_from(state)]
    return reachable


def _returns(workflow: Workflow) -> Iterator[Problem]:
    """A plan may be sent back to an earlier state or to the beginning of its own, but never forward."""
    for i, state in enumerate(workflow.states):
        if state.returns_to and not workflow.reached(state.id, state.returns_to):
            message = N_("The step {name} leads back to {to}, which comes later.")
            cure = N_("Name the state itself or an earlier one.")
            facts = {"name": state.id, "to": state.returns_to}
            yield Problem("returns_forward", workflow.id, ("state", i, "returns_to"), message, cure, facts)


def _labels(workflow: Workflow) -> Iterator[Problem]:
    """Braces in a label that name neither a party of the workflow nor a kind of body: people would read them."""
    parties = {*(step.by for step in workflow.steps), *(state.prepared_by for state in workflow.states), "receives"}
    named = sorted(party for party in parties if party)
    labels = chain(
        [(workflow.label, ("label",))],
        ((state.label, ("state", i, "label")) for i, state in enumerate(workflow.states)),
        ((step.label, ("step", i, "label")) for i, step in enumerate(workflow.steps)),
    )
    message = N_("{name} in the label stands for no body.")
    for label, place in labels:
        for language, text in (("sv", label.sv), ("en", label.en)):
            for braces in misused_braces(text, named):
                known = [f"{{{each}}}" for each in (*named, *KINDS)]
                yield unknown("in_label", message, braces, known, workflow.id, (*place, language))


def _takers(workflow: Workflow) -> Iterator[Problem]:
    for i, step in enumerate(workflow.steps):
        facts = {"name": step.verb}
        if step.by is None and (step.automatic is None or step.decision):
            message = N_("Nobody may take the step {name}.")
            cure = N_("Name the party in by, or state in automatic how the step happens by itself.")
            yield Problem("nobody", workflow.id, ("step", i), message, cure, facts)
        if step.outcomes and not (step.decision and step.taken_by):
            message = N_("The step {name} has outcomes that no decision of it can have.")
            cure = N_("Write decision = true, and in outcomes.adopts or outcomes.moves which outcomes take the step.")
            yield Problem("outcomes", workflow.id, ("step", i, "outcomes"), message, cure, facts)
        if both := sorted({o for o in step.taken_by if step.taken_by.count(o) > 1}):
            message = N_("The outcome {outcome} of the step {name} is named twice.")
            cure = N_("An outcome either adopts the matter or only moves the plan on.")
            place = ("step", i, "outcomes")
            yield Problem("outcomes", workflow.id, place, message, cure, {**facts, "outcome": both[0]})
        if step.automatic == "children" and step.reached is None:
            message = N_("The step {name} waits for the boards but does not state which state they must reach.")
            cure = N_("Name in reached the state that every board's plan must reach.")
            yield Problem("no_reached", workflow.id, ("step", i), message, cure, facts)
