"""Clocks: the wall's, one that is given, and a watch that notices when the wall's was set."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]

STEP = timedelta(seconds=5)  # a clock that is slewed does far less between two looks
UNSURE = timedelta(seconds=0.5)  # so long between readings that belong together: the machine was busy


def wall_clock() -> datetime:
    return datetime.now(UTC)


def fixed_clock(now: datetime) -> Clock:
    """For a command that is asked with --now."""
    return lambda: now


def running_clock(start: datetime) -> Clock:
    """For a practice daemon that is started with --now: time goes on from there."""
    began = time.monotonic()
    return lambda: start + timedelta(seconds=time.monotonic() - began)


class ClockWatch:
    """Holds the wall's clock against the one that only goes on. A machine that was asleep looks like a set clock."""

    def __init__(self, wall: Clock, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._apart = self._measured()

    def look(self) -> timedelta:
        """By how much the clock was set since the last look; zero if it was not."""
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
