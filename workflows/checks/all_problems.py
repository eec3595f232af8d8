"""Runs all error checks of a definition."""

from collections.abc import Iterable

from workflows.checks.binding_problems import binding_problems
from workflows.checks.circular_wait_problems import circular_wait_problems
from workflows.checks.date_problems import CycleYear, cycles_to_try, date_problems
from workflows.checks.problem import WHEEL, Problem
from workflows.checks.wheel_problems import wheel_problems
from workflows.checks.workflow_problems import workflow_problems
from workflows.definition.definition import Definition

__all__ = ["WHEEL", "CycleYear", "Problem", "cycles_to_try", "problems"]


def problems(definition: Definition, cycles: Iterable[CycleYear] | None = None) -> list[Problem]:
    """All errors of a definition, those of the workflows first; empty if there are none. Never raises.

    `cycles`: the cycles in which the dates are resolved; None for many years.
    """
    found = [problem for workflow in definition.workflows.values() for problem in workflow_problems(workflow)]
    found += [*wheel_problems(definition), *binding_problems(definition), *circular_wait_problems(definition)]
    if not any(problem.code == "calendar" for problem in found):  # without a calendar no date can be resolved
        found += date_problems(definition, cycles_to_try(definition.wheel) if cycles is None else cycles)
    return found
