"""Decides the outcome of a delivery for its message (sent, tried again, put back, given up), and for the route to the
mail server, which all messages share. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from notifications.delivery.claims import DOUBT, Claim
from notifications.delivery.transport import LapsedError, TransportError

LONGEST_WAIT = timedelta(minutes=60)
FIVE_DAYS = timedelta(days=5)
MAIL_TRIES = 126  # they take five days, with waits of 1, 2, 4 … 32, and then 60 minutes
BROKEN_TRIES = 5  # for a message that the program cannot hand over because of an error of its own
LOST_CONNECTIONS = 3  # after so many in a row the route is closed: it is no coincidence

# The effect of a delivery on the route. "open": the server gave an answer about this message. "lost": the connection
# was lost; several in a row close the route. "crowded": the server accepts mail, but over fewer connections.
# "close": no message can be sent at present. "unknown": the delivery tells nothing about the route.
Effect = Literal["open", "lost", "crowded", "close", "unknown"]


@dataclass(frozen=True, slots=True)
class Route:
    """The state of the route when a delivery ends.

    `probing`: the route was closed, and this message was sent to test it. `served`: the server answered other
    connections a moment ago. `lost`: the number of connections in a row that were lost before. `stopping`: this program
    was told to stop. `others_refused`: the server gave another recipient an unclear refusal, and has accepted no
    message since. `another_taken`: after an unclear refusal of this message, it accepted one to another recipient.
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
    """The message is tried again after `wait`. This attempt counts towards the maximum."""

    error: TransportError
    route: Effect
    wait: timedelta


@dataclass(frozen=True, slots=True)
class PutBack:
    """The message waits until the route is open, and at least for `wait`. This attempt counts towards the maximum only
    if the server may have received the message."""

    error: TransportError
    route: Effect
    wait: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Failed:
    """The message is given up. `because` is a code of endings.py."""

    error: TransportError
    route: Effect
    because: str


Outcome = Sent | Retry | PutBack | Failed


def decide_outcome(
    error: TransportError | None, claim: Claim, route: Route, *, now: datetime, jitter: float = 0.0
) -> Outcome:
    """Decide the outcome for the message in `claim`, and for the route.

    `error`: None if the server accepted the message. `jitter`: from 0 to 1; 1 makes the wait before the next attempt a
    quarter longer.
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
        # The number of attempts is not enough: they follow each other faster if the route closes and opens repeatedly.
        given_up = claim.attempts >= MAIL_TRIES and now - claim.created_at >= FIVE_DAYS
    if given_up:
        return Failed(error, effect, "broken" if error.kind == "broken" else "too_many_tries")
    return Retry(error, effect, back_off(claim.attempts, jitter))


def _in_doubt(error: TransportError, claim: Claim, route: Route) -> Outcome:
    """The outcome of a refusal that may concern the recipient or us.

    It concerns the recipient if the server has accepted a message to another recipient since: then this message fails.
    It concerns us if the server refuses everybody: then the route is closed and no message fails.
    """
    if route.another_taken:
        return Failed(error, "open", "refused")
    if route.probing or route.others_refused or claim.doubted_until is not None:
        return PutBack(error, "close", DOUBT)
    return PutBack(error, "unknown", DOUBT)


def back_off(attempts: int, jitter: float) -> timedelta:
    """The wait after that number of attempts: 1, 2, 4 … 60 minutes, and up to a quarter more."""
    wait = min(timedelta(minutes=2 ** min(attempts - 1, 10)), LONGEST_WAIT)
    return wait * (1 + jitter / 4)


def _effect(error: TransportError, route: Route) -> Effect:
    closed = error.kind == "route_closed"
    if error.kind == "broken" or isinstance(error, LapsedError):
        return "unknown"  # the message was not offered to the server
    if not closed and not error.transient:
        return "open"
    if route.stopping:
        return "unknown"  # the dialogue was ended by this program, not by the server
    if route.served and (closed or error.code) and (error.code or 0) < 500:
        # The server answers others, so it limits the number of connections. It can say so at any point of the dialogue.
        return "crowded"
    if not error.transient or route.probing or route.lost + 1 >= LOST_CONNECTIONS:
        return "close"
    return "lost"
