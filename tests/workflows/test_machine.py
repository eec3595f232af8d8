"""The machine agrees with the workflow's steps for every state, verb and answer of the guards."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.wheelhouse import vanersborg
from workflows.definition.definition import Step, Workflow
from workflows.rules.machine import Moved, Refused, decide
from workflows.rules.rules import Reason

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
            judged: list[Step] = []
            answer = decide(workflow, state, verb, lambda step, judged=judged: judged.append(step) or reasons)  # type: ignore[misc]
            step = table(workflow, state, verb)
            if step is None:
                assert (answer, judged) == (None, [])
            elif reasons:
                assert (answer, judged) == (Refused(reasons), [step])
            else:
                assert (answer, judged) == (Moved(step, step.to), [step])


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
        answer = decide(workflow, state, verb, lambda _, refused=refused: NO if refused else [])  # type: ignore[misc]
        step = table(workflow, state, verb)
        if isinstance(answer, Moved):
            assert step is not None
            assert not refused
            state = answer.to
        else:
            assert step is None or refused
    assert workflow.has(state)


def test_an_error_in_a_guard_is_raised() -> None:
    def broken(step: Step) -> list[Reason]:
        raise ZeroDivisionError(step.verb)

    mrp = vanersborg().workflows["mrp"]
    with pytest.raises(ZeroDivisionError):
        decide(mrp, "kf", "decide", broken)
    assert decide(mrp, "kf", "decide", lambda _: []) == Moved(mrp.steps_named("decide")[0], "adopted")
