"""Differences between a wheel's years, and minimum intervals between its dates."""

from typing import Any

from pydantic import Field

from workflows.definition.phase import CycleKind
from workflows.definition.workflow import Frozen


class Elections(Frozen):
    """The years of general elections: `first`, and `every` so many years before and after it."""

    first: int = 2022
    every: int = Field(ge=1, default=4)

    def in_year(self, year: int) -> bool:
        return (year - self.first) % self.every == 0


class Distance(Frozen):
    """A minimum interval between two dates of a cycle, such as two readings of a budget: "21 days", "1 month"."""

    earlier: str
    later: str
    at_least: str
    source: str = Field(min_length=1)
    omitted: bool = False  # set if a variant of the cycle removes it

    @property
    def statutory(self) -> bool:
        """Whether the law sets the interval: its source is "law" or begins with "law:"."""
        return self.source.partition(":")[0].strip().lower() == "law"


class Variant(Frozen):
    """How the wheel differs in some cycles: those after an election, or those of the given years.

    `phase` holds the differences, in the same form as in the wheel; `omit` lists the places that are removed
    ("phase.ramar", "phase.mrp.state.kf.target", "distance.1").
    """

    source: str = Field(min_length=1)
    after_election: bool = False
    years: tuple[int, ...] = ()
    cycle: CycleKind = "budget"
    omit: tuple[str, ...] = ()
    phase: dict[str, dict[str, Any]] = Field(default_factory=dict)

    def holds(self, elections: Elections, kind: CycleKind, year: int) -> bool:
        if kind != self.cycle:
            return False
        return year in self.years or (self.after_election and elections.in_year(year - 1))
