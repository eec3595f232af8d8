"""The leases of the messages that one round of delivery has claimed. They are renewed while the round goes on."""

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from notifications.delivery import claims
from notifications.delivery.claims import Claim
from notifications.delivery.transport import LapsedError
from wheel.clocks import Clock
from wheel.database.store import Store

logger = logging.getLogger(__name__)

RENEW = timedelta(seconds=20)  # a claim of this age is renewed
SURE = claims.LEASE / 2  # a younger claim is ours even by another machine's clock that is a minute ahead


@dataclass(frozen=True)
class Moment:
    """An instant by two clocks: the wall's can be set, and the monotonic one stands still while the machine sleeps."""

    wall: datetime
    ticks: float

    def until(self, now: "Moment") -> timedelta:
        """The time between them, by the clock that shows the longer one."""
        return max(abs(now.wall - self.wall), timedelta(seconds=now.ticks - self.ticks))


class Leases:
    """The claimed messages of a round and their leases. Used by all its threads."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._held: dict[int, tuple[Claim, Moment]] = {}  # when each was made or last renewed

    def now(self) -> Moment:
        return Moment(self._clock(), time.monotonic())

    def other_ids(self, mine: Claim | None) -> list[int]:
        """The ids of all messages in hand but this one."""
        with self._lock:
            return [id for id in self._held if mine is None or id != mine.id]

    def replace(self, ended: Claim | None, taken: Claim | None, at: Moment) -> None:
        """A thread has settled the one message and claimed the other at that moment."""
        with self._lock:
            if ended:
                self._held.pop(ended.id, None)
            if taken:
                self._held[taken.id] = (taken, at)

    def renew_old(self) -> None:
        """Renew our leases: an expired lease is treated as abandoned, and another worker takes the message."""
        now = self.now()
        with self._lock:
            old = [mine for mine, since in self._held.values() if since.until(now) >= RENEW]
        try:
            self._renew(old)
        except Exception as error:  # the database has gone for a moment: there are more renewals before they lapse
            logger.warning("%d claims could not be renewed: %s", len(old), error)

    def before_data(self, mine: Claim) -> None:
        """Check the claim at the last moment before the message is sent: this process may have been frozen while
        another took the message over. Raises LapsedError if the claim is not ours, or if nobody can say."""
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
        with self._store.writing() as session:
            ours = claims.renew(session, now.wall, {mine.id: mine.lease for mine in old})
        with self._lock:
            for mine in old:
                if mine.lease in ours and self._held.get(mine.id, (None,))[0] is mine:
                    self._held[mine.id] = (mine, now)
        return len(ours) == len(old)
