"""Validates a file's data against a type, and salvages the valid part, so that it can be checked further."""

import re
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from config.municipality.faults import Fault, validation_fault
from config.municipality.toml_lines import Place, TomlFile
from workflows.checks.problem import Problem

M = TypeVar("M", bound=BaseModel)
MAX_ROUNDS = 20  # a cut can leave a table without a required key; the table is cut in the next round


@dataclass
class Validated(Generic[M]):
    """The result. `value`: the valid part, without the tables at `cut`; None if nothing is left."""

    value: M | None
    faults: list[Fault] = field(default_factory=list)
    cut: list[Place] = field(default_factory=list)

    @property
    def lost(self) -> set[object]:
        """The names of cut tables: the file has them, so a reference to one is not an error."""
        return {name for place in self.cut for name in (*place[1:2], place[-1])}

    def is_consequence(self, problem: Problem) -> bool:
        """Whether `problem` is only caused by a table that was cut."""
        # The missing cycle may be in the file under a misspelled name.
        misspelled = problem.code == "unknown_cycle" and any(place[0] == "cycle" for place in self.cut)
        return (
            misspelled
            or any(_of_series(problem, str(cut[1])) for cut in self.cut if cut[2:] == ("series",))
            or problem.facts.get("name") in self.lost
            or any(_begins(problem.place, cut) or _begins(cut, problem.place) for cut in self.cut)
        )


def validate(model: type[M], source: TomlFile) -> Validated[M]:
    data, validated = deepcopy(source.data), Validated[M](None)
    for number in range(MAX_ROUNDS):
        try:
            validated.value = model.model_validate(data)
            break
        except ValidationError as error:
            errors = _first_causes(error.errors(include_url=False))
        if number == 0:
            validated.faults = [validation_fault(details, model, source) for details in errors]
        cuts = [_cut(details["loc"], details["type"]) for details in errors]
        if not all(cuts):
            break
        for cut in cuts:
            _take_out(data, cut)
        validated.cut += cuts
    return validated


def _first_causes(errors: list[ErrorDetails]) -> list[ErrorDetails]:
    """The errors without "too short" lists whose entries have errors of their own."""
    within = {details["loc"][:-1] for details in errors} | {details["loc"][:-2] for details in errors}
    return [details for details in errors if details["type"] != "too_short" or details["loc"] not in within]


def _cut(loc: Place, kind: str) -> Place:
    """The place to remove; a list is removed as a whole, because the numbers of its other entries would change."""
    path = loc[:-1] if kind == "missing" or (loc and loc[-1] == "[key]") else loc
    for i, part in enumerate(path):
        if isinstance(part, int):
            return path[:i]
    return path


def _take_out(data: dict[str, Any], path: Iterable[str | int]) -> None:
    *way, last = path
    here: Any = data
    for part in way:
        here = here.get(part) if isinstance(here, dict) else None
    if isinstance(here, dict):
        here.pop(last, None)


def _of_series(problem: Problem, id: str) -> bool:
    """Whether `problem` concerns the invalid series `id` or a phase that may be a member of it."""
    named = str(problem.facts.get("name", problem.facts.get("rule")))
    return problem.place[:2] == ("phase", id) or re.search(rf"\b{re.escape(id)}-", named) is not None


def _begins(place: Place, start: Place) -> bool:
    return place[: len(start)] == start
