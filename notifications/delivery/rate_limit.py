"""Limits how fast mail leaves: so many messages a minute, evenly, whatever the number of connections."""

import threading
import time
from collections.abc import Callable
from typing import Protocol


class Waiting(Protocol):
    """The part of threading.Event that is used."""

    def wait(self, timeout: float | None = None) -> bool: ...


class RateLimit:
    """A limit of messages per minute; 0: no limit. Used by all threads, and kept from round to round."""

    def __init__(self, per_minute: int = 0, clock: Callable[[], float] = time.monotonic) -> None:
        self.per_minute = per_minute
        self._clock = clock
        self._lock = threading.Lock()
        self._next = clock()

    def connections(self, most: int) -> int:
        """How many connections the limit can keep busy: a message that waits for its turn is claimed already."""
        return min(most, max(1, self.per_minute // 10)) if self.per_minute else most

    def wait(self, stop: Waiting) -> bool:
        """Wait until the next mail may leave. False if `stop` was set meanwhile."""
        if not self.per_minute:
            return True
        with self._lock:
            now = self._clock()
            at = max(self._next, now)
            self._next = at + 60 / self.per_minute
        return at <= now or not stop.wait(at - now)
