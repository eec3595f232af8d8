"""Alternating rounds, medians, and the table that compares figures with goals."""

import gc
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median

WIDTHS = (62, 20, 12)


@dataclass(frozen=True)
class Figure:
    """One line of the table. `reached`: None if there is no goal."""

    name: str
    value: str
    goal: str = ""
    reached: bool | None = None

    def line(self) -> str:
        mark = {True: "reached", False: "not reached", None: ""}[self.reached]
        cells = [cell.ljust(width) for cell, width in zip((self.name, self.value, self.goal), WIDTHS, strict=True)]
        return "  ".join([*cells, mark]).rstrip()


@dataclass(frozen=True)
class Scale:
    """How much to measure. `quick`: a tenth of the plans, mails and entries. `million`: with a million plans."""

    rounds: int = 5
    quick: bool = False
    million: bool = False

    def of(self, full: int) -> int:
        return max(full // 10, 10) if self.quick else full


Figures = Iterator[Figure]


def at_least(name: str, value: float, goal: float) -> Figure:
    return Figure(name, f"{value:.2f} of raw", f">= {goal:g}", value >= goal)


def at_most(name: str, value: float, goal: float, unit: str) -> Figure:
    return Figure(name, f"{value:.2f} {unit}", f"<= {goal:g} {unit}", value <= goal)


def seconds(do: Callable[[], object]) -> float:
    gc.collect()
    start = time.perf_counter()
    do()
    return time.perf_counter() - start


def ratio_of(rounds: int, ours: Callable[[], object], raw: Callable[[], object]) -> tuple[float, float, float]:
    """Median seconds of both, measured in alternating rounds, and the median of the rounds' ratios."""
    pairs = [(seconds(ours), seconds(raw)) for _ in range(rounds)]
    return median(a for a, _ in pairs), median(b for _, b in pairs), median(a / b for a, b in pairs)


def peak_memory(do: Callable[[], object]) -> float:
    """The peak of memory allocated by Python during the call, in MB."""
    gc.collect()
    tracemalloc.start()
    try:
        do()
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()
