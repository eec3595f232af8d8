"""How the bodies behave in a rehearsal: on time, late, silent or at random. Pure."""

from dataclasses import dataclass
from random import Random
from typing import Literal

from wheel.errors import Usage
from workflows.messages import N_

FORMS = "on-time, late:14, silent, random:1"
MOST_DAYS = 366

# At random: seven in ten are on time, one in ten is months late.
_CHANCE = ((0.70, (0, 0)), (0.90, (1, 21)), (1.00, (30, 90)))

Kind = Literal["on-time", "late", "silent", "random"]


@dataclass(frozen=True)
class Policy:
    """`everybody`: the policy also applies to council, executive and offices; otherwise these are on time."""

    kind: Kind = "on-time"
    days: int = 0
    seed: str = ""
    everybody: bool = False

    @property
    def name(self) -> str:
        return {"late": f"late:{self.days}", "random": f"random:{self.seed}"}.get(self.kind, self.kind)

    @property
    def punctual(self) -> bool:
        return self.kind == "on-time"

    def delay(self, address: str, state: str, entry: int) -> int | None:
        """How many days a body is late with its step; None means never. Equal arguments give equal answers."""
        if self.kind == "silent":
            return None
        if self.kind == "random":
            # Seeded with the plan's own name, so that other plans do not change the draw.
            chance = Random(f"{self.seed}:{address}:{state}:{entry}")
            drawn = chance.random()
            return next(chance.randint(*days) for share, days in _CHANCE if drawn < share)
        return self.days


ON_TIME = Policy()


def policy(text: str) -> Policy:
    """Parse a policy. Raises Usage for any other text."""
    kind, colon, value = text.partition(":")
    if kind == "on-time" and not colon:
        return ON_TIME
    if kind == "silent" and not colon:
        return Policy("silent")
    if kind == "late" and value.isascii() and value.isdigit() and len(value) < 5 and 0 < int(value) <= MOST_DAYS:
        return Policy("late", days=int(value))
    if kind == "random" and value.isascii() and value.isalnum():
        return Policy("random", seed=value)
    text_ = N_("{value} is not a scenario. Choose one of: {forms}. Late is 1 to {most} days. A seed is any number.")
    raise Usage(text_, value=repr(text), forms=FORMS, most=MOST_DAYS)
