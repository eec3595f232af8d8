"""Slows down whoever guesses passwords, and nobody else: attempts count by where they come from, so a stranger locks
no account."""

from collections import OrderedDict, deque
from collections.abc import Iterable
from datetime import datetime, timedelta
from threading import Lock

WINDOW = timedelta(minutes=15)
BY_NAME = 10  # attempts from one address at one name in the window
BY_ADDRESS = 60  # attempts from one address, at any names
MOST_KEPT = 10_000  # addresses and names that are remembered

LONGEST_NAME = 200  # characters that tell names apart; more would only fill the memory

Key = tuple[str, str]


class Throttle:
    """The failed attempts that this process has seen."""

    def __init__(self) -> None:
        self._failed: OrderedDict[Key, deque[datetime]] = OrderedDict()
        self._lock = Lock()

    def attempt(self, address: str, name: str, now: datetime) -> timedelta:
        """How long the next attempt has to wait; zero if it may be made, and then it is counted as failed until it has
        succeeded: many at the same time are no more than many in a row."""
        keys = _keys(address, name)
        with self._lock:
            wait = max(self._wait(key, most, now) for key, most in keys.items())
            if not wait:
                self._count(keys, now)
        return wait

    def succeeded(self, address: str, name: str, now: datetime) -> None:
        """The attempt of that moment was none of a guesser's."""
        with self._lock:
            for key in _keys(address, name):
                if now in self._failed.get(key, ()):
                    self._failed[key].remove(now)

    def _count(self, keys: Iterable[Key], now: datetime) -> None:
        for key in keys:
            self._failed.setdefault(key, deque(maxlen=BY_ADDRESS)).append(now)
            self._failed.move_to_end(key)
        while len(self._failed) > MOST_KEPT:
            self._failed.popitem(last=False)

    def _wait(self, key: Key, most: int, now: datetime) -> timedelta:
        recent = [at for at in self._failed.get(key, ()) if now - at < WINDOW]
        return WINDOW - (now - recent[-most]) if len(recent) >= most else timedelta(0)


def _keys(address: str, name: str) -> dict[Key, int]:
    """The keys under which the attempt is counted, with the most of each."""
    return {(address, name.strip().casefold()[:LONGEST_NAME]): BY_NAME, (address, ""): BY_ADDRESS}
