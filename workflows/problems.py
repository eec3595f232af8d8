"""Every fault of a definition at once, each with its place and its cure."""

from collections.abc import Collection

from workflows.date_problems import date_problems
from workflows.definition import Definition
from workflows.machine_problems import machine_problems
from workflows.problem import WHEEL, Problem
from workflows.track_problems import track_problems
from workflows.wheel_problems import wheel_problems

__all__ = ["WHEEL", "Problem", "problems"]


def problems(definition: Definition, known_rules: Collection[str]) -> list[Problem]:
    """What is wrong with the workflows, then with the wheel; empty if all is well. It raises for no definition."""
    found = [problem for workflow in definition.workflows.values() for problem in machine_problems(workflow)]
    return [
        *found,
        *wheel_problems(definition),
        *track_problems(definition, known_rules),
        *date_problems(definition.wheel),
    ]
