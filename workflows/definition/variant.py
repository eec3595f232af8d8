"""What is other in some of a wheel's years, and what must lie between two of its dates."""

from typing import Any

from pydantic import Field

from workflows.definition.phase import CycleKind
from workflows.definition.workflow import Frozen


class Elections(Frozen):
    """The years of general elections: `first`, and every so many years from there, backwards too."""

    first: int = 2022
    every: int = Field(ge=1, default=4)

    def in_year(self, year: int) -> bool:
        return (year - self.first) % self.every == 0


class Distance(Frozen):
    """The least time between two dates of a cycle, such as the two readings of a budget: "21 days", "1 month"."""

    earlier: str
    later: str
    at_least: str
    source: str = Field(min_length=1)
    omitted: bool = False  # where a variant lets it fall away

    @property
    def statutory(self) -> bool:
        """Whether the law sets it: its source is "law", or "law: …"."""
        return self.source.partition(":")[0].strip().lower() == "law"


class Variant(Frozen):
    """How the wheel differs in some cycles: those after an election, or of these years alone.

    `phase` holds what is other, in the same form as in the wheel; `omit` the places that fall away
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
