"""The machine agrees with the workflow's steps for every state, verb and answer of the guards."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.wheelhouse import vanersborg
from workflows.definition.definition import Step, Workflow
from workflows.rules.machine import (
    OPENING,
    OUTSIDE,
    Moved,
    Refused,
    decide,
    migrating,
    recording,
    reopening,
    sending_back,
    skipping,
    undoing,
)
from workflows.rules.named_rules import Reason

WORKFLOWS = list(vanersborg().workflows.values())
NO = [Reason("R2", "first"), Reason("R4", "second")]


def table(workflow: Workflow, state: str, verb: str) -> Step | None:
    """Read off the file, without the machine."""
    found = [step for step in workflow.steps if step.verb == verb and state in step.from_]
    assert len(found) < 2, f"{workflow.id}: {verb} from {state} leads to two states"
    return found[0] if found else None


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda workflow: workflow.id)
@pytest.mark.parametrize("reasons", [[], NO[:1], NO], ids=["free", "one reason", "two reasons"])
def test_the_machine_agrees_with_the_table(workflow: Workflow, reasons: list[Reason]) -> None:
    for state in (each.id for each in workflow.states):
        for verb in {step.verb for step in workflow.steps} | {"fly", "to_decided", "trigger"}:
            answer = decide(workflow, state, verb, reasons)
            step = table(workflow, state, verb)
            if reasons:
                assert answer == Refused(tuple(reasons))
            elif step is None:
                assert isinstance(answer, Refused)
                [reason] = answer.reasons
                assert reason.rule == "state"
                said = reason.message.format_map(reason.facts)
                assert said == f"The workflow {workflow.id} has no transition {verb} from the state {state}."
            else:
                assert (moved(answer).source, moved(answer).to) == (state, step.to)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda workflow: workflow.id)
def test_every_state_is_reached_and_every_way_ends_in_a_done_state(workflow: Workflow) -> None:
    reached = {workflow.initial}
    while more := {s.to for s in workflow.steps if reached & set(s.from_)} - reached:
        reached |= more
    assert reached == {state.id for state in workflow.states}
    for state in workflow.states:
        way = workflow.way_ahead(state.id)
        assert workflow.state(way[-1].to if way else state.id).done


@given(st.data())
def test_after_any_walk_the_state_is_the_target_of_the_last_allowed_step(data: st.DataObject) -> None:
    workflow = data.draw(st.sampled_from(WORKFLOWS))
    state = workflow.initial
    for _ in range(12):
        verb = data.draw(st.sampled_from(sorted({step.verb for step in workflow.steps})))
        refused = data.draw(st.booleans())
        answer = decide(workflow, state, verb, NO if refused else [])
        step = table(workflow, state, verb)
        if isinstance(answer, Moved):
            assert step is not None
            assert not refused
            state = answer.to
        else:
            assert step is None or refused
    assert workflow.has(state)


def moved(answer: Moved | Refused) -> Moved:
    assert isinstance(answer, Moved)
    return answer


def test_only_the_machine_makes_a_moved() -> None:
    with pytest.raises(TypeError):
        Moved("kf", "adopted", object())


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda workflow: workflow.id)
def test_deviations_lead_from_where_they_may_and_nowhere_else(workflow: Workflow) -> None:
    states = [state.id for state in workflow.states]
    for step in workflow.steps:
        for state in states:
            earlier = not any(workflow.reached(state, source) for source in step.from_)
            assert isinstance(decide(workflow, state, skipping(step)), Moved) == earlier
            assert moved(decide(workflow, state, recording(step))).to == step.to


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda workflow: workflow.id)
def test_ways_back_lead_back_and_ways_in_lead_in(workflow: Workflow) -> None:
    states = [state.id for state in workflow.states]
    for at, state in enumerate(states):
        back = workflow.state(state).returns_to
        for rank, to in enumerate(states):
            assert isinstance(decide(workflow, state, sending_back(to)), Moved) == (to == back)
            assert isinstance(decide(workflow, state, reopening(to)), Moved) == (rank <= at)
            assert moved(decide(workflow, state, undoing(to))).to == to
            assert isinstance(decide(workflow, state, migrating(to)), Refused)
        assert moved(decide(workflow, OUTSIDE, migrating(state))).to == state
        assert isinstance(decide(workflow, state, OPENING), Refused)
    assert moved(decide(workflow, OUTSIDE, OPENING)).to == workflow.initial
