"""A plan's address, as console, pages, API, mail and log write it."""

from typing import NamedTuple, Self


class Address(NamedTuple):
    """`2028/mrp`, with a board's own plan `2028/verksamhetsplan/socialnamnden`; of a whole cycle `2028` alone."""

    cycle: str
    phase: str | None = None
    board: str | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """The parts of an address that exists. Nothing is checked."""
        cycle, phase, board = [*text.split("/", 2), "", ""][:3]
        return cls(cycle, phase or None, board or None)

    @property
    def of_the_phase(self) -> "Address":
        """The phase's own plan, which the boards' plans are part of."""
        return Address(self.cycle, self.phase)

    def __str__(self) -> str:
        return "/".join(filter(None, self))
