"""The claims that one round of delivery has in hand, held for as long as it goes on."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from notifications.delivery import claims
from notifications.delivery.claims import Claim
from notifications.delivery.transport import TransportError

logger = logging.getLogger(__name__)

RENEW = timedelta(seconds=20)  # so old a claim is held anew
SURE = claims.LEASE / 2  # so young a claim is ours, also by a clock elsewhere that is a minute ahead


class LapsedError(TransportError):
    """The claim is no longer ours, or nobody can say so: the message is not handed over."""

    def __init__(self, text: str = "somebody else has taken it over") -> None:
        super().__init__(text, "stopped")


@dataclass(frozen=True)
class Moment:
    """A clock on the wall can be set, and the other one stands still while the machine sleeps: the one that says more
    is believed."""

    wall: datetime
    ticks: float

    def until(self, now: "Moment") -> timedelta:
        return max(abs(now.wall - self.wall), timedelta(seconds=now.ticks - self.ticks))


class InHand:
    """Used by all threads of a round. `clock` gives the instant (UTC)."""

    def __init__(self, writing: Callable[[], AbstractContextManager[Session]], clock: Callable[[], datetime]) -> None:
        self._writing = writing
        self._clock = clock
        self._lock = threading.Lock()
        self._held: dict[int, tuple[Claim, Moment]] = {}  # when each was made or last renewed

    def now(self) -> Moment:
        return Moment(self._clock(), time.monotonic())

    def others(self, mine: Claim | None) -> list[int]:
        with self._lock:
            return [id for id in self._held if mine is None or id != mine.id]

    def cycle(self, ended: Claim | None, taken: Claim | None, at: Moment) -> None:
        with self._lock:
            if ended:
                self._held.pop(ended.id, None)
            if taken:
                self._held[taken.id] = (taken, at)

    def keep(self) -> None:
        """What its owner lets lapse is a dead one's, and others take it over."""
        now = self.now()
        with self._lock:
            old = [mine for mine, since in self._held.values() if since.until(now) >= RENEW]
        try:
            self._renew(old)
        except Exception as error:  # the database has gone for a moment: there are more renewals before they lapse
            logger.warning("%d claims could not be renewed: %s", len(old), error)

    def before_data(self, mine: Claim) -> None:
        """A process that was frozen while somebody else took over learns it before it sends. Raises LapsedError."""
        if self._held[mine.id][1].until(self.now()) < SURE:
            return
        try:
            ours = self._renew([mine])
        except Exception as error:  # whatever it is, nobody can say that the claim is still ours
            raise LapsedError(f"{type(error).__name__}: {error}") from error
        if not ours:
            raise LapsedError

    def _renew(self, old: Sequence[Claim]) -> bool:
        """Whether all of them were still ours."""
        if not old:
            return True
        now = self.now()
        with self._writing() as session:
            ours = claims.renew(session, now.wall, {mine.id: mine.lease for mine in old})
        with self._lock:
            for mine in old:
                if mine.lease in ours and self._held.get(mine.id, (None,))[0] is mine:
                    self._held[mine.id] = (mine, now)
        return len(ours) == len(old)
