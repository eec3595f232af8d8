"""Observes the route to the mail server during one round of delivery."""

import threading
import time
from datetime import datetime

from notifications.delivery.claims import Claim
from notifications.delivery.decide_outcome import Outcome, PutBack, Route, decide_outcome
from notifications.delivery.transport import TransportError

SLOW_SECONDS = 20.0  # an answer that took longer does not show how the server is now
CROWDED_SECONDS = 10.0  # for so long no connection joins those that a crowded server serves
AGAIN_SECONDS = 10.0  # while one delivery hangs, a closed route is tried as often as a round would try it


class RouteWatch:
    """Used by all threads of a round. `probing`: the route was closed and one message tries it. `let_in`: the server
    has answered about a message in this round. `closed_because`: why the route was closed, empty while it is open."""

    def __init__(self, stop: threading.Event) -> None:
        self.probing = False
        self.let_in = False
        self.closed_because = ""
        self._stop = stop
        self._lock = threading.Lock()
        self._closed_at: float | None = None
        self._lost = 0  # connections in a row
        self._refused: set[str] = set()  # addresses refused in doubt since a message was taken
        self._served: dict[int, float] = {}  # threads whose last message got an answer, and when
        self._crowded_at = -CROWDED_SECONDS

    def begin(self, *, probing: bool) -> None:
        """The route may be tried, by one message alone if `probing`."""
        with self._lock:
            self.probing, self.let_in = probing, False
            self._closed_at, self._lost, self.closed_because = None, 0, ""

    def after(
        self, error: TransportError | None, mine: Claim, now: datetime, jitter: float, *, another_taken: bool = False
    ) -> Outcome:
        """Decide what becomes of the message, and remember what its delivery said of the route."""
        me, at = threading.get_ident(), time.monotonic()
        with self._lock:
            served = any(at - since < SLOW_SECONDS for thread, since in self._served.items() if thread != me)
            others_refused = bool(self._refused - {mine.to})
            route = Route(self.probing, served, self._lost, self._stop.is_set(), others_refused, another_taken)
            outcome = decide_outcome(error, mine, route, now=now, jitter=jitter)
            if error is None:
                self._refused.clear()
            elif isinstance(outcome, PutBack) and error.kind == "doubtful":
                self._refused.add(mine.to)
            if outcome.route == "open":
                self._lost, self._served[me] = 0, at
            elif outcome.route != "unknown":
                self._served.pop(me, None)
            if outcome.route == "lost":
                self._lost += 1
            elif outcome.route == "crowded":
                self._crowded_at = at
            elif outcome.route == "close" and error is not None:
                self._closed_at, self.closed_because = at, error.text
            return outcome

    def opened(self) -> bool:
        """Note that a message's outcome has been recorded. Returns whether it was the round's first."""
        self.probing = False
        first, self.let_in = not self.let_in, True
        return first

    def leave(self) -> None:
        """Note that this thread has ended."""
        with self._lock:
            self._served.pop(threading.get_ident(), None)

    @property
    def is_open(self) -> bool:
        return self._closed_at is None

    def may_join(self, now: float) -> bool:
        """Whether the server may be offered more connections at `now` (monotonic seconds)."""
        return self.is_open and now - self._crowded_at >= CROWDED_SECONDS

    def may_be_tried_again(self, now: float) -> bool:
        return self._closed_at is not None and now - self._closed_at >= AGAIN_SECONDS
