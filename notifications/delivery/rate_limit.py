"""How fast mail leaves: so many a minute, evenly, whatever the number of connections."""

import threading
import time
from collections.abc import Callable
from typing import Protocol


class Waiting(Protocol):
    """As threading.Event."""

    def wait(self, timeout: float | None = None) -> bool: ...


class Pace:
    """Kept from round to round. `per_minute` 0: as fast as it goes."""

    def __init__(self, per_minute: int = 0, clock: Callable[[], float] = time.monotonic) -> None:
        self.per_minute = per_minute
        self._clock = clock
        self._lock = threading.Lock()
        self._next = clock()

    def connections(self, most: int) -> int:
        """How many can be busy at that pace: what waits for its turn is in hand already."""
        return min(most, max(1, self.per_minute // 10)) if self.per_minute else most

    def wait(self, stop: Waiting) -> bool:
        """Until the next mail may leave. False when told to stop meanwhile."""
        if not self.per_minute:
            return True
        with self._lock:
            now = self._clock()
            at = max(self._next, now)
            self._next = at + 60 / self.per_minute
        return at <= now or not stop.wait(at - now)
