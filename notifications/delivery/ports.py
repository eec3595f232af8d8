"""What a round of delivery is given, and what it answers."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from notifications.content.content import Journal
from notifications.delivery.claims import Claim
from notifications.delivery.rate_limit import Pace
from notifications.delivery.transport import Transport


class Stop(Protocol):
    """As threading.Event."""

    def is_set(self) -> bool: ...

    def wait(self, timeout: float | None = None) -> bool: ...


@dataclass
class Delivered:
    """What one round did. `queue_stopped`: why no mail can leave at present; empty if it can."""

    sent: int = 0
    failed: int = 0
    retried: int = 0
    lost: int = 0  # somebody else had taken the message over meanwhile
    queue_stopped: str = ""


def as_it_is(_session: Session, _journal: Journal, mine: Claim, _now: datetime) -> Claim | None:
    return mine


def nobody_is_told(_session: Session, _journal: Journal, _mine: Claim, _now: datetime) -> None:
    pass


def nothing_is_held(_session: Session) -> bool:
    return False


@dataclass(frozen=True)
class Postman:
    """What delivery needs. `writing` opens a transaction that commits at its end; `journal` is its log.

    `transport` makes one, for one connection; at most `connections` at once. `clock` gives the instant (UTC);
    `jitter` a number from 0 to 1; `node` names this process alone; `mail_from` the envelope's sender. `review` judges
    a claimed message once more: as it is to be sent, or None, and it has been ended. `undelivered` is told of one that
    has failed. `held`: whether all mail is held back; then no other is claimed.
    """

    writing: Callable[[], AbstractContextManager[Session]]
    journal: Callable[[Session, datetime], Journal]
    transport: Callable[[], Transport]
    clock: Callable[[], datetime]
    jitter: Callable[[], float]
    mail_from: Callable[[Claim], str]
    node: str
    connections: int = 1
    pace: Pace = field(default_factory=Pace)
    review: Callable[[Session, Journal, Claim, datetime], Claim | None] = as_it_is
    undelivered: Callable[[Session, Journal, Claim, datetime], None] = nobody_is_told
    held: Callable[[Session], bool] = nothing_is_held
