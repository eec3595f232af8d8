"""Decides what becomes of a message after a delivery (sent, tried again, put back, given up), and of the route to the
server that all messages share. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from notifications.delivery.claims import DOUBT, Claim
from notifications.delivery.transport import LapsedError, TransportError

LONGEST_WAIT = timedelta(minutes=60)
FIVE_DAYS = timedelta(days=5)
MAIL_TRIES = 126  # 1, 2, 4 … 32, then 60 minutes each: five days
BROKEN_TRIES = 5  # of a message that the program itself cannot hand over
LOST_CONNECTIONS = 3  # in a row: that is no chance, and the route is closed

# What a delivery shows of the route. "open": the server answered about this message. "lost": a connection was lost, and
# that alone closes nothing. "crowded": the server serves other connections and wants fewer. "close": no message can
# leave at present. "unknown": it shows nothing.
Effect = Literal["open", "lost", "crowded", "close", "unknown"]


@dataclass(frozen=True, slots=True)
class Route:
    """The state of the route when a delivery ends.

    `probing`: the route was closed, and this message tried it. `served`: other connections got answers just now.
    `lost`: so many connections in a row were lost before. `stopping`: this program was told to stop. `others_refused`:
    the server refused another recipient in doubt, and has taken nothing since. `another_taken`: it has taken a message
    to somebody else since it refused this one in doubt.
    """

    probing: bool = False
    served: bool = False
    lost: int = 0
    stopping: bool = False
    others_refused: bool = False
    another_taken: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """The server has the message."""

    route: Effect = "open"
    error: None = None


@dataclass(frozen=True, slots=True)
class Retry:
    """Try it again after `wait`. The try counts."""

    error: TransportError
    route: Effect
    wait: timedelta


@dataclass(frozen=True, slots=True)
class PutBack:
    """The message is in order and can be tried again at once, or after `wait`. The try counts only where the server may
    have it."""

    error: TransportError
    route: Effect
    wait: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Failed:
    """Give it up; `because` is a code of endings.py."""

    error: TransportError
    route: Effect
    because: str


Outcome = Sent | Retry | PutBack | Failed


def decide_outcome(
    error: TransportError | None, claim: Claim, route: Route, *, now: datetime, jitter: float = 0.0
) -> Outcome:
    """Decide what becomes of the message in `claim`, and what its delivery says of the route.

    `error` None: the server took it. `jitter`, from 0 to 1, makes the wait before the next try up to a quarter longer.
    """
    if error is None:
        return Sent()
    if error.kind == "doubtful":
        return _in_doubt(error, claim, route)
    effect = _effect(error, route)
    if error.kind == "route_closed" or (route.probing and error.transient):
        return PutBack(error, effect)
    if error.kind == "refused":
        return Failed(error, effect, "refused")
    if error.kind == "broken":
        given_up = claim.attempts >= BROKEN_TRIES
    else:
        # Not by its tries alone: where the route closes and opens again and again, they come much faster.
        given_up = claim.attempts >= MAIL_TRIES and now - claim.created_at >= FIVE_DAYS
    if given_up:
        return Failed(error, effect, "broken" if error.kind == "broken" else "too_many_tries")
    return Retry(error, effect, back_off(claim.attempts, jitter))


def _in_doubt(error: TransportError, claim: Claim, route: Route) -> Outcome:
    """A refusal that concerns the recipient ends the message; one that concerns us must end none. If somebody else's
    message was taken since this one was refused, it is the recipient. If everybody is refused, it is us."""
    if route.another_taken:
        return Failed(error, "open", "refused")
    if route.probing or route.others_refused or claim.doubted_until is not None:
        return PutBack(error, "close", DOUBT)
    return PutBack(error, "unknown", DOUBT)


def back_off(attempts: int, jitter: float) -> timedelta:
    """1, 2, 4 … 60 minutes, and up to a quarter more."""
    wait = min(timedelta(minutes=2 ** min(attempts - 1, 10)), LONGEST_WAIT)
    return wait * (1 + jitter / 4)


def _effect(error: TransportError, route: Route) -> Effect:
    closed = error.kind == "route_closed"
    if error.kind == "broken" or isinstance(error, LapsedError):
        return "unknown"  # the server was never asked
    if not closed and not error.transient:
        return "open"
    if route.stopping:
        return "unknown"  # our own stop cut the dialogue short
    if route.served and (closed or error.code) and (error.code or 0) < 500:
        # Wherever the server says so, at the login too: it wants fewer connections at once.
        return "crowded"
    if not error.transient or route.probing or route.lost + 1 >= LOST_CONNECTIONS:
        return "close"
    return "lost"
