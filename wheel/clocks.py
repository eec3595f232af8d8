"""Clocks: the system clock, a given time, and a watch that notices when the system clock was set."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]

STEP = timedelta(seconds=5)  # a clock that is slewed moves far less between two calls
UNSURE = timedelta(seconds=0.5)  # a longer time between the two readings means a busy machine, so they are repeated


def wall_clock() -> datetime:
    return datetime.now(UTC)


def fixed_clock(now: datetime) -> Clock:
    """A clock that stands still, for a command with --now."""
    return lambda: now


def running_clock(start: datetime) -> Clock:
    """A clock that runs from the given time, for a practice daemon with --now."""
    began = time.monotonic()
    return lambda: start + timedelta(seconds=time.monotonic() - began)


class ClockWatch:
    """Compares the system clock with the monotonic clock. A machine that was asleep looks like a set clock."""

    def __init__(self, wall: Clock, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._apart = self._measured()

    def look(self) -> timedelta:
        """How far the clock was set since the last call; zero if it was not."""
        before, self._apart = self._apart, self._measured()
        step = self._apart - before
        return step if abs(step) >= STEP else timedelta(0)

    def _measured(self) -> datetime:
        """The wall-clock time at which the monotonic clock was zero."""
        while True:
            before = self._monotonic()
            wall = self._wall()
            if timedelta(seconds=self._monotonic() - before) < UNSURE:
                return wall - timedelta(seconds=before)
