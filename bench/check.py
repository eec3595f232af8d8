"""Measures `check` for each sample wheel: reading its files, finding errors and warnings; without imports."""

from statistics import median

from bench.measure import Figures, Scale, at_most, seconds
from config.municipality.check_folder import check
from config.municipality.municipality import VANERSBORG
from workflows.checks.all_problems import CycleYear

YEAR: CycleYear = ("budget", 2028)
GOAL = 0.1


def measure(scale: Scale) -> Figures:
    for file in sorted(VANERSBORG.parent.glob("*/wheel.toml")):
        check(file.parent, [YEAR])  # warm
        took = median(seconds(lambda: check(file.parent, [YEAR])) for _ in range(scale.rounds))  # noqa: B023 - called at once
        yield at_most(f"a check of {file.parent.name}", took, GOAL, "s")
