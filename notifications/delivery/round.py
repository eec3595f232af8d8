"""A round of delivery: claim a message, hand it to a transport, settle; over several connections at once."""

import logging
import threading
import time
import uuid
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import Literal

from sqlalchemy.orm import Session

from notifications.addresses import mailable
from notifications.content.content import Journal
from notifications.delivery.circuit_breaker import close, may_try, reopen
from notifications.delivery.claims import Claim, Settled, claim, settle
from notifications.delivery.leases import InHand, LapsedError
from notifications.delivery.ports import Delivered, Postman, Stop
from notifications.delivery.transport import Transport, TransportError

__all__ = ["Delivered", "Postman", "deliver"]

logger = logging.getLogger(__name__)

SETTLE_PAUSES = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6)  # seconds: a database that restarts is back by then
REVIEWED = 50  # messages that need not be sent any more, per transaction
LOOK_SECONDS = 1.0
SLOW_SECONDS = 20.0  # a first message that takes so long waits for its own answer; the others need not
Way = Literal["open", "closed", "crowded", ""]
TOLD_TO_STOP = TransportError("the program was told to stop", kind="stopped")
CROWDED_SECONDS = 10.0  # so long no other connection joins those that the server serves
AGAIN_SECONDS = 10.0  # while one hangs, the closed way is tried as often as a round would
CUT_OFF = 3  # so many lost connections in a row are no chance: the way is closed


def deliver(postman: Postman, stop: Stop) -> Delivered:
    """Send what is due until nothing is, the way out is closed, or `stop` is set; then the mails in hand are finished.

    Between the transport's yes and the commit that says so lies the one moment in which a crash sends a
    message twice; the second one has the same Message-ID and the same bytes.
    """
    return _Round(postman, stop).run()


class _Round:
    """The threads of one round: one connection first, for where nobody is let in one is enough to learn it.

    Who runs the round keeps the claims of all threads meanwhile.
    """

    def __init__(self, postman: Postman, stop: Stop) -> None:
        self._postman = postman
        self._stop = stop
        self._done = Delivered()
        self._connections = postman.pace.connections(postman.connections)
        self._lock = threading.Lock()
        self._news = threading.Event()  # a thread has ended, or the first mail went through
        self._let_in = False
        self._probing = False  # the way is closed, and this round tries it with one message
        self._over = False
        self._closed: float | None = None  # when the way was closed, in this round
        self._cut_off = 0  # lost connections in a row
        self._through: dict[int, float] = {}  # threads whose last mail got an answer, and when
        self._crowded = -CROWDED_SECONDS  # when the server last took no more connections
        self._in_hand = InHand(postman.writing, postman.clock)

    def run(self) -> Delivered:
        if not self._may_begin():
            return self._done
        with ThreadPoolExecutor(self._connections, "delivery") as pool:
            working = {pool.submit(self._work)}
            ended: set[Future[None]] = set()
            began = time.monotonic()
            joined = began - LOOK_SECONDS
            while working:
                self._news.wait(LOOK_SECONDS)
                self._news.clear()
                ended |= {one for one in working if one.done()}
                working -= ended
                now = time.monotonic()
                if 0 < len(working) < self._connections and self._may_begin_again(now):
                    working.add(pool.submit(self._work))
                    began = joined = now
                slow = now - began > SLOW_SECONDS and not self._probing
                if working and (self._let_in or slow) and self._may_join(now - joined):
                    # One that hangs holds no other up; who finds nothing due ends at once, and the next looks later.
                    working |= {pool.submit(self._work) for _ in range(self._connections - len(working))}
                    joined = now
                self._in_hand.keep()
        for one in ended:
            one.result()
        return self._done

    def _may_begin(self) -> bool:
        with self._postman.writing() as session:
            may = may_try(session, self._postman.clock())
        if may == "none":
            return False
        with self._lock:
            self._probing, self._let_in = may == "one", False
            self._closed, self._cut_off, self._done.queue_stopped = None, 0, ""
        return True

    def _may_begin_again(self, now: float) -> bool:
        """The way was closed, and the round waits for one that hangs: for minutes, if it is at its final dot."""
        if self._closed is None or now - self._closed < AGAIN_SECONDS or self._over or self._stop.is_set():
            return False
        try:
            return self._may_begin()
        except Exception as error:  # the database has gone for a moment: the next look asks again
            logger.warning("the way out could not be looked at: %s", error)
            return False

    def _work(self) -> None:
        transport = self._postman.transport()
        try:
            error: TransportError | None
            mine = self._turn()
            while mine is not None:
                error = TOLD_TO_STOP
                if self._postman.pace.wait(self._stop):
                    error = self._hand_over(transport, mine)
                mine = self._turn(mine, error)
        except BaseException:
            self._over = True
            raise
        finally:
            transport.close()
            self._through.pop(threading.get_ident(), None)
            self._news.set()

    def _turn(self, mine: Claim | None = None, error: TransportError | None = None) -> Claim | None:
        """Settle the one in hand and claim the next, in one commit."""
        way: Way = self._way(error) if mine else ""
        following, again = self._commit(mine, error, way)
        while again:
            following, again = self._commit(None, None, "")
        return following

    def _way(self, error: TransportError | None) -> Way:
        """What the end of one delivery says of the way out."""
        me, at = threading.get_ident(), time.monotonic()
        if error is not None and (error.kind == "broken" or isinstance(error, LapsedError)):
            return ""  # it never came so far
        with self._lock:
            if error is None or (error.kind != "stopped" and not error.passing):
                self._cut_off = 0
                self._through[me] = at
                return "open"
            self._through.pop(me, None)
            if self._stop.is_set():
                return ""  # a dialogue that our own stop cut short is no trouble of the queue
            served = any(at - since < SLOW_SECONDS for since in self._through.values())
            if served and (error.kind == "stopped" or error.code) and (error.code or 0) < 500:
                # The server wants fewer connections at once, wherever it says so, at the login too: this one ends.
                self._crowded = at
                return "crowded"
            self._cut_off += 1
            if not error.passing or self._probing or self._cut_off >= CUT_OFF:
                self._done.queue_stopped = error.text
                self._closed = at
                return "closed"
            return ""

    def _commit(self, mine: Claim | None, error: TransportError | None, way: Way) -> tuple[Claim | None, bool]:
        """The next message; and whether to ask again where there is none.

        Tried again when the database is busy or restarts: unwritten, the mail would go out twice.
        """
        at, jitter = self._in_hand.now(), self._postman.jitter()
        now, lease = at.wall, f"{self._postman.node}:{uuid.uuid4().hex}"
        for pause in (*(SETTLE_PAUSES if mine else ()), None):
            try:
                with self._postman.writing() as session:
                    journal = self._postman.journal(session, now)
                    settled = self._settle(session, journal, mine, now, error, way, jitter) if mine else None
                    following, again = None, False
                    if way != "crowded" and self._goes_on() and not self._postman.held(session):
                        following, again = self._claim(session, journal, now, lease, mine)
                    journal.close()
                break
            except Exception:
                if pause is None:
                    raise
                logger.exception("%s could not be settled; once more", mine.message_id if mine else "")
                self._stop.wait(pause)
        self._count(settled, way)
        self._in_hand.cycle(mine, following, at)
        return following, again

    def _settle(
        self,
        session: Session,
        journal: Journal,
        mine: Claim,
        now: datetime,
        error: TransportError | None,
        way: Way,
        jitter: float,
    ) -> Settled:
        settled = settle(session, journal, mine, now, error, jitter=jitter, probe=self._probing)
        if settled == "lost":
            logger.warning("%s: somebody else has taken it over", mine.message_id)
        if settled == "failed":
            self._postman.undelivered(session, journal, mine, now)
        if way == "closed" and error is not None:
            close(session, journal, now, error)
        if way == "open" and self._probing:
            reopen(session, journal, now)
        return settled

    def _claim(
        self, session: Session, journal: Journal, now: datetime, lease: str, mine: Claim | None
    ) -> tuple[Claim | None, bool]:
        besides = self._in_hand.others(mine)
        for _ in range(REVIEWED):
            taken = claim(session, now, lease, besides=besides, probe=self._probing)
            if not taken:
                return None, False
            if reviewed := self._postman.review(session, journal, taken[0], now):
                return reviewed, False
        return None, True

    def _may_join(self, since: float) -> bool:
        return self._goes_on() and since >= LOOK_SECONDS and time.monotonic() - self._crowded >= CROWDED_SECONDS

    def _goes_on(self) -> bool:
        return not self._over and self._closed is None and not self._stop.is_set()

    def _count(self, settled: Settled | None, way: Way) -> None:
        done = self._done
        with self._lock:
            done.sent += settled == "sent"
            done.failed += settled == "failed"
            done.retried += settled == "retry"
            done.lost += settled == "lost"
        if way == "open":
            self._probing = False
            if not self._let_in:
                self._let_in = True
                self._news.set()

    def _hand_over(self, transport: Transport, mine: Claim) -> TransportError | None:
        look = partial(self._in_hand.before_data, mine)
        try:
            if sha256(mine.body).hexdigest() != mine.sha256:
                raise ValueError("its bytes are not those that were made")
            transport.send(mine.body, self._postman.mail_from(mine), mailable(mine.to), look)
        except TransportError as error:
            return error
        except Exception as error:  # a bug, or a row that is none: this message is put aside, the others must not wait
            logger.warning(  # with its trace the first time
                "%s could not be handed over: %s", mine.message_id, error, exc_info=mine.attempts == 1
            )
            return TransportError(f"{type(error).__name__}: {error}", "broken")
        return None
