"""The postman: claims a message, hands it to the transport, settles; one after the other."""

import logging
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from notifications.briefing import Journal
from notifications.claims import Claim, Settled, claim, settle
from notifications.transport import Transport, TransportError

logger = logging.getLogger(__name__)

SETTLE_TRIES = 3  # each waits for the database as long as the store's settings say


class Stop(Protocol):
    """As threading.Event."""

    def is_set(self) -> bool: ...


@dataclass
class Delivered:
    """What one round did. `queue_stopped`: why no mail can leave at present; empty if it can."""

    sent: int = 0
    failed: int = 0
    retried: int = 0
    lost: int = 0  # somebody else had taken the message over meanwhile
    queue_stopped: str = ""


@dataclass(frozen=True)
class Postman:
    """What delivery needs. `writing` opens a transaction that commits at its end; `journal` is its log.

    `clock` gives the instant (UTC); `jitter` a number from 0 to 1; `node` names this process alone.
    """

    writing: Callable[[], AbstractContextManager[Session]]
    journal: Callable[[Session, datetime], Journal]
    transport: Transport
    clock: Callable[[], datetime]
    jitter: Callable[[], float]
    mail_from: str
    node: str


def deliver(postman: Postman, stop: Stop, limit: int | None = None) -> Delivered:
    """Send what is due until nothing is, the way out is closed, or `stop` is set; then the mail in hand is
    finished.

    Between the transport's yes and the commit that says so lies the one moment in which a crash sends a
    message twice; the second one has the same Message-ID and the same bytes.
    """
    done = Delivered()
    count = 0
    try:
        while not stop.is_set() and not done.queue_stopped and (limit is None or count < limit):
            if not _deliver_one(postman, stop, done):
                break
            count += 1
    finally:
        postman.transport.close()
    return done


def _deliver_one(postman: Postman, stop: Stop, done: Delivered) -> bool:
    """False when nothing is due."""
    with postman.writing() as session:
        taken = claim(session, postman.clock(), f"{postman.node}:{uuid.uuid4().hex}")
    if not taken:
        return False
    error = _hand_over(postman, taken[0])
    settled = _settle(postman, taken[0], error)
    done.sent += settled == "sent"
    done.failed += settled == "failed"
    done.retried += settled == "retry"
    done.lost += settled == "lost"
    # A dialogue that our own stop cut short is no trouble of the queue.
    if error is not None and error.kind == "stopped" and not stop.is_set():
        done.queue_stopped = error.text
    return True


def _settle(postman: Postman, mine: Claim, error: TransportError | None) -> Settled:
    """Tried again when the database is busy or has gone for a moment: unwritten, the mail would go out twice."""
    now, jitter = postman.clock(), postman.jitter()
    for tries_left in reversed(range(SETTLE_TRIES)):
        try:
            with postman.writing() as session:
                journal = postman.journal(session, now)
                settled = settle(session, journal, mine, now, error, jitter=jitter)
                journal.close()
            return settled
        except Exception:
            if not tries_left:
                raise
            logger.exception("%s could not be settled; once more", mine.message_id)
    raise AssertionError("unreachable")


def _hand_over(postman: Postman, mine: Claim) -> TransportError | None:
    try:
        postman.transport.send(mine.body, postman.mail_from, mine.to)
    except TransportError as error:
        return error
    except Exception as error:  # a bug in the transport: this message waits, the others must not
        return TransportError(f"{type(error).__name__}: {error}")
    return None
