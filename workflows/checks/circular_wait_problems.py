"""Finds phases that wait for each other, so that none of them can continue."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from workflows.checks.problem import WHEEL, Place, Problem
from workflows.dates.date_rules import DateRuleError
from workflows.definition.definition import (
    DateOf,
    Definition,
    Phase,
    PhaseStep,
    StateDates,
    Step,
    Workflow,
    WorkflowBinding,
)
from workflows.messages import N_


@dataclass
class _Progress:
    """A binding and the states that a plan of it can reach."""

    phase: Phase
    binding: WorkflowBinding
    workflow: Workflow
    place: Place
    reached: set[str] = field(default_factory=set)

    def needs(self, step: Step) -> list[tuple[str, str]]:
        """The phases of the cycle that the step waits for, each with the state that it must have reached."""
        here = self.binding.steps.get(step.verb, PhaseStep())
        # A rule that can be overridden would break the circle, but nobody designs a wheel for that.
        found = [(use.phase, use.reached) for use in here.rules if use.phase and use.reached and not use.away]
        if here.follows and not here.follows.away:
            found.append((here.follows.phase, here.follows.reached))
        opens = self.binding.states.get(step.to, StateDates()).opens
        return found + (_counted(opens) if opens and step.automatic == "date" else [])


def _counted(opens: DateOf) -> list[tuple[str, str]]:
    """The states whose real day an opening counts from."""
    with suppress(DateRuleError):  # reported elsewhere
        references = [each for each in opens.rule.references if each.bound == "actual" and each.year is None]
        return [(each.phase, each.state) for each in references if each.state]
    return []


def circular_wait_problems(definition: Definition) -> Iterator[Problem]:
    """Take every possible step until no plan moves any more: each step that still waits is part of a circle."""
    runs: dict[tuple[str, bool], _Progress] = {}
    for id, phase in definition.wheel.phases.items():
        for binding, place in ((phase, ("phase", id)), (phase.board, ("phase", id, "board"))):
            workflow = definition.workflows.get(binding.workflow) if binding else None
            if binding and workflow:
                run = _Progress(phase, binding, workflow, place, {workflow.initial})
                runs[id, binding is phase.board] = run
    while any(_move(id, run, runs) for (id, _), run in runs.items()):
        pass
    for (id, _), run in runs.items():
        for verb in dict.fromkeys(_stuck(id, run, runs)):
            waits = [f"{phase}.{state}" for step in run.workflow.steps_named(verb) for phase, state in run.needs(step)]
            message = N_("The step {name} waits for {waits}, which in turn waits for this step.")
            cure = N_("Let one of the steps stop waiting.")
            facts = {"name": verb, "waits": ", ".join(dict.fromkeys(waits))}
            yield Problem("circle", WHEEL, (*run.place, "step", verb), message, cure, facts)


def _move(id: str, run: _Progress, runs: dict[tuple[str, bool], _Progress]) -> bool:
    new = {
        step.to
        for state in run.reached
        for step in run.workflow.steps_from(state)
        if step.to not in run.reached and _can(id, run, step, runs)
    }
    run.reached |= new
    return bool(new)


def _stuck(id: str, run: _Progress, runs: dict[tuple[str, bool], _Progress]) -> Iterator[str]:
    for state in run.reached:
        for step in run.workflow.steps_from(state):
            if not step.off_path and run.needs(step) and not _can(id, run, step, runs):
                yield step.verb


def _can(id: str, run: _Progress, step: Step, runs: dict[tuple[str, bool], _Progress]) -> bool:
    waits = run.needs(step)
    if step.automatic == "children" and step.reached:
        waits.append((id, step.reached))
    return all(_has_come(phase, state, runs) for phase, state in waits)


def _has_come(phase: str, state: str, runs: dict[tuple[str, bool], _Progress]) -> bool:
    """Whether the phase or its boards' plans can reach the state. An unknown state is reported elsewhere."""
    found = [run for boards in (False, True) if (run := runs.get((phase, boards))) and run.workflow.has(state)]
    return not found or any(run.workflow.reached(each, state) for run in found for each in run.reached)
