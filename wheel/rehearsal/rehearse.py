"""Rehearses years: the real engine on a copy in memory, under a policy for how the bodies behave."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from wheel.database.definitions import forget_definitions
from wheel.rehearsal.policy import ON_TIME, Policy
from wheel.rehearsal.recorder import Recorder
from wheel.rehearsal.replica import Replica
from wheel.rehearsal.result import RehearsalResult, rehearsal_result
from wheel.rehearsal.simulation import Simulation

Source = AbstractContextManager[Replica]
Progress = Callable[[float], None]  # takes the part that is done, from 0 to 1


def rehearse(source: Source, *policies: Policy, progress: Progress = lambda _: None) -> list[RehearsalResult]:
    """Rehearse the years under each policy, and compare each with the same years when everybody is on time."""
    with source as replica:
        if replica.fresh:
            Simulation(replica, ON_TIME).settle()
        begins = replica.store.copied()
        runs = list(dict.fromkeys((ON_TIME, *policies)))
        punctual: Recorder | None = None
        found: dict[Policy, RehearsalResult] = {}
        for number, policy in enumerate(runs):
            replica.store.put_back(begins)
            clock = _Clock(replica, progress, number, len(runs))
            simulation = Simulation(replica, policy, clock, mails=policy in policies)
            simulation.run()
            punctual = punctual or simulation.recorder
            if policy in policies:
                found[policy] = rehearsal_result(simulation, punctual)
        begins.close()
    forget_definitions()
    progress(1)
    return [found[policy] for policy in policies]


@dataclass(frozen=True)
class _Clock:
    """Reports the progress of run `number` `of` so many."""

    replica: Replica
    progress: Progress
    number: int
    of: int

    def __call__(self, at: datetime) -> None:
        whole = (self.replica.year_ends - self.replica.begins).total_seconds()
        self.progress((self.number + (at - self.replica.begins).total_seconds() / whole) / self.of)
