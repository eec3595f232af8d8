"""What the end of a delivery means for its message and for the route: a pure decision, all of its cases."""

from dataclasses import replace
from datetime import timedelta

import pytest

from notifications.delivery.claims import DOUBT, Claim
from notifications.delivery.decide_outcome import (
    BROKEN_TRIES,
    FIVE_DAYS,
    LOST_CONNECTIONS,
    MAIL_TRIES,
    Failed,
    PutBack,
    Retry,
    Route,
    Sent,
    decide_outcome,
)
from notifications.delivery.transport import LapsedError, TransportError
from tests.support.postroom import at

NOW = at(2)
MINUTE = timedelta(minutes=1)
MINE = Claim(1, "node:1", "1@example.se", "anna", "anna@example.se", b"", "", 1, NOW, False)

LATER = TransportError("451 later", "later", 451)
GOING_AWAY = TransportError("421 shutting down", "later", 421, transient=True)
CUT = TransportError("lost connection", "later", transient=True)
NO_SERVER = TransportError("refused", "route_closed", transient=True)
TOO_MANY = TransportError("421 too many", "route_closed", 421, transient=True)
NO_LOGIN = TransportError("535 wrong password", "route_closed", 535)
NO_SERVICE = TransportError("554 no service", "route_closed", 554)
REFUSAL = TransportError("550 no such person", "refused", 550)
DOUBTFUL = TransportError("554 5.7.1 relay denied", "doubtful", 554)
BUG = TransportError("ValueError: no", "broken")
LAPSED = LapsedError()

USUAL, PROBE, SERVED, STOPPING = Route(), Route(probing=True), Route(served=True), Route(stopping=True)
LAST = Route(lost=LOST_CONNECTIONS - 1)
OTHERS_REFUSED, ANOTHER_TAKEN = Route(others_refused=True), Route(another_taken=True)


def test_a_message_that_the_server_took_is_sent_and_the_route_is_open() -> None:
    assert decide_outcome(None, MINE, PROBE, now=NOW) == Sent()
    assert Sent().route == "open"


@pytest.mark.parametrize(
    ("error", "route", "outcome"),
    [
        (LATER, USUAL, Retry(LATER, "open", MINUTE)),
        (LATER, PROBE, Retry(LATER, "open", MINUTE)),
        (GOING_AWAY, USUAL, Retry(GOING_AWAY, "lost", MINUTE)),
        (GOING_AWAY, SERVED, Retry(GOING_AWAY, "crowded", MINUTE)),
        (GOING_AWAY, LAST, Retry(GOING_AWAY, "close", MINUTE)),
        (GOING_AWAY, PROBE, PutBack(GOING_AWAY, "close")),
        (CUT, SERVED, Retry(CUT, "lost", MINUTE)),  # it said nothing of too many connections
        (CUT, STOPPING, Retry(CUT, "unknown", MINUTE)),
        (NO_SERVER, USUAL, PutBack(NO_SERVER, "lost")),
        (NO_SERVER, LAST, PutBack(NO_SERVER, "close")),
        (NO_SERVER, SERVED, PutBack(NO_SERVER, "crowded")),
        (NO_SERVER, STOPPING, PutBack(NO_SERVER, "unknown")),
        (TOO_MANY, SERVED, PutBack(TOO_MANY, "crowded")),
        (NO_LOGIN, USUAL, PutBack(NO_LOGIN, "close")),
        (NO_SERVICE, SERVED, PutBack(NO_SERVICE, "close")),
        (REFUSAL, USUAL, Failed(REFUSAL, "open", "refused")),
        (REFUSAL, PROBE, Failed(REFUSAL, "open", "refused")),
        (DOUBTFUL, USUAL, PutBack(DOUBTFUL, "unknown", DOUBT)),  # the next recipient tells
        (DOUBTFUL, OTHERS_REFUSED, PutBack(DOUBTFUL, "close", DOUBT)),
        (DOUBTFUL, PROBE, PutBack(DOUBTFUL, "close", DOUBT)),
        (DOUBTFUL, ANOTHER_TAKEN, Failed(DOUBTFUL, "open", "refused")),
        (BUG, LAST, Retry(BUG, "unknown", MINUTE)),
        (LAPSED, LAST, PutBack(LAPSED, "unknown")),
    ],
)
def test_an_error_is_the_messages_or_the_routes(error: TransportError, route: Route, outcome: object) -> None:
    assert decide_outcome(error, MINE, route, now=NOW) == outcome


def test_a_lone_message_that_is_refused_twice_in_doubt_closes_the_route() -> None:
    again = replace(MINE, doubted_until=NOW)
    assert decide_outcome(DOUBTFUL, again, USUAL, now=NOW) == PutBack(DOUBTFUL, "close", DOUBT)


@pytest.mark.parametrize(
    ("error", "tries", "waited", "because"),
    [
        (LATER, MAIL_TRIES, FIVE_DAYS, "too_many_tries"),
        (LATER, MAIL_TRIES - 1, FIVE_DAYS, ""),
        (LATER, MAIL_TRIES, FIVE_DAYS - MINUTE, ""),  # a route that closes and opens again and again
        (BUG, BROKEN_TRIES, MINUTE, "broken"),
        (BUG, BROKEN_TRIES - 1, FIVE_DAYS, ""),
    ],
)
def test_it_is_given_up_after_many_tries(error: TransportError, tries: int, waited: timedelta, because: str) -> None:
    outcome = decide_outcome(error, replace(MINE, attempts=tries), USUAL, now=NOW + waited)
    assert (outcome.because if isinstance(outcome, Failed) else "") == because


def test_the_wait_doubles_to_an_hour_and_chance_makes_it_a_quarter_longer() -> None:
    def wait(attempts: int, jitter: float = 0.0) -> timedelta:
        outcome = decide_outcome(LATER, replace(MINE, attempts=attempts), USUAL, now=NOW, jitter=jitter)
        assert isinstance(outcome, Retry)
        return outcome.wait

    assert [wait(n) / MINUTE for n in (1, 2, 3, 6, 7, 100)] == [1, 2, 4, 32, 60, 60]
    assert wait(1, 1.0) == MINUTE * 1.25
