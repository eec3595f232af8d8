"""A file's data as our types: with faults in it, as much as can still be read, so that other faults are found too."""

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
ROUNDS = 20  # a cut can leave its table without something it must have, which is then cut as well


@dataclass
class Validated(Generic[M]):
    """`value`: what could be read, without the tables at `cut`; None if that is nothing."""

    value: M | None
    faults: list[Fault] = field(default_factory=list)
    cut: list[Place] = field(default_factory=list)

    @property
    def lost(self) -> set[object]:
        """Names that the file does give, though what it says of them could not be read."""
        return {name for place in self.cut for name in (*place[1:2], place[-1])}

    def is_consequence(self, problem: Problem) -> bool:
        """Whether `problem` only comes of a table that was cut away."""
        # The one that is missed may be there under a misspelled name.
        misspelled = problem.code == "unknown_cycle" and any(place[0] == "cycle" for place in self.cut)
        return (
            misspelled
            or any(_of_series(problem, str(cut[1])) for cut in self.cut if cut[2:] == ("series",))
            or problem.facts.get("name") in self.lost
            or any(_begins(problem.place, cut) or _begins(cut, problem.place) for cut in self.cut)
        )


def validate(model: type[M], source: TomlFile) -> Validated[M]:
    data, validated = deepcopy(source.data), Validated[M](None)
    for number in range(ROUNDS):
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
    """Without lists that are only called empty because of what is wrong with their entries."""
    within = {details["loc"][:-1] for details in errors} | {details["loc"][:-2] for details in errors}
    return [details for details in errors if details["type"] != "too_short" or details["loc"] not in within]


def _cut(loc: Place, kind: str) -> Place:
    """What must go for the rest to be readable; never one entry of a list, or the others would be counted wrongly."""
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
    """Whether it is in a phase whose members are not known, or of one that may be such a member."""
    named = str(problem.facts.get("name", problem.facts.get("rule")))
    return problem.place[:2] == ("phase", id) or re.search(rf"\b{re.escape(id)}-", named) is not None


def _begins(place: Place, start: Place) -> bool:
    return place[: len(start)] == start
