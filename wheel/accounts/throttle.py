"""Slows down whoever guesses passwords, and nobody else: attempts count by where they come from, so a stranger locks
no account."""

from collections import OrderedDict, deque
from datetime import datetime, timedelta
from threading import Lock

WINDOW = timedelta(minutes=15)
BY_NAME = 10  # attempts from one address at one name in the window
BY_ADDRESS = 60  # attempts from one address, at any names
MOST_KEPT = 10_000  # addresses and names that are remembered

Key = tuple[str, str]


class Throttle:
    """The failed attempts that this process has seen."""

    def __init__(self) -> None:
        self._failed: OrderedDict[Key, deque[datetime]] = OrderedDict()
        self._lock = Lock()

    def wait(self, address: str, name: str, now: datetime) -> timedelta:
        """How long the next attempt has to wait; zero if it may be made."""
        with self._lock:
            limits = {(address, name.strip().casefold()): BY_NAME, (address, ""): BY_ADDRESS}
            waits = [self._wait(key, most, now) for key, most in limits.items()]
        return max(waits)

    def failed(self, address: str, name: str, now: datetime) -> None:
        with self._lock:
            for key in ((address, name.strip().casefold()), (address, "")):
                self._failed.setdefault(key, deque(maxlen=BY_ADDRESS)).append(now)
                self._failed.move_to_end(key)
            while len(self._failed) > MOST_KEPT:
                self._failed.popitem(last=False)

    def _wait(self, key: Key, most: int, now: datetime) -> timedelta:
        recent = [at for at in self._failed.get(key, ()) if now - at < WINDOW]
        return WINDOW - (now - recent[-most]) if len(recent) >= most else timedelta(0)
