"""Delivers mail: claims a message, checks that it is still valid, sends it and records the outcome. Others are
told of a failed message. Several connections work at once, each in a thread of its own.
"""

import logging
import random
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from hashlib import sha256

from config.municipality.roles import DAEMON
from notifications.compose.sort_notices import cannot_be_mailed
from notifications.content.content import NoticeContent
from notifications.delivery.circuit_breaker import close, may_try, reopen
from notifications.delivery.claims import Claim, another_was_taken, claim
from notifications.delivery.decide_outcome import Failed, Outcome
from notifications.delivery.rate_limit import RateLimit
from notifications.delivery.record_outcome import Settled, settle
from notifications.delivery.revalidate import Ended, is_fresh, notices_in, revalidate
from notifications.delivery.transport import Transport, TransportError
from notifications.mail_addresses import mailable
from notifications.mail_settings import MailSettings
from notifications.tables import Notice
from wheel.clocks import Clock
from wheel.database.store import Store
from wheel.engine.plan import Plan
from wheel.engine.unit_of_work import UnitOfWork, unit_of_work
from wheel.mail.addressees import addressees, with_reply_address
from wheel.mail.calendar_of_mail import calendar_of_mail
from wheel.mail.contents import ContentBuilder
from wheel.mail.escalate_stale_reminders import escalate
from wheel.mail.hold_all_mail import is_held
from wheel.mail.leases import Leases
from wheel.mail.reassign_notices import tell_holders, why_not_theirs
from wheel.mail.route_watch import SLOW_SECONDS, RouteWatch
from wheel.mail.tell_of_failed_mail import tell_of_message

logger = logging.getLogger(__name__)

SETTLE_PAUSES = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6)  # seconds: a database that restarts is back by then
REVALIDATED = 50  # messages that need not be sent any more, per transaction
LOOK_SECONDS = 1.0
TOLD_TO_STOP = TransportError("the program was told to stop", "route_closed")


@dataclass(frozen=True)
class Delivery:
    """The settings and connections that deliver the mail of one home.

    `connect` makes a transport for one connection; at most `connections` are used at once. `node` names this process
    alone, so that its claims can be told from those of others. `jitter` gives a number from 0 to 1.
    """

    store: Store
    mail: MailSettings
    clock: Clock
    connect: Callable[[], Transport]
    node: str
    connections: int = 1
    pace: RateLimit = field(default_factory=RateLimit)
    jitter: Callable[[], float] = random.random


@dataclass
class DeliveryResult:
    """The result of one round. `queue_stopped`: why no mail can leave at present; empty if it can."""

    sent: int = 0
    failed: int = 0
    retried: int = 0
    lost: int = 0  # somebody else had taken the message over meanwhile
    queue_stopped: str = ""


def deliver(delivery: Delivery, stop: threading.Event) -> DeliveryResult:
    """Send what is due until nothing is, the route is closed, or `stop` is set; then the mails in hand are finished.

    A message is sent twice only if the program dies between the server's yes and the commit that records it. The
    second copy has the same Message-ID and the same bytes.
    """
    if not delivery.mail.on:
        return DeliveryResult()  # mail that was made before mail was turned off waits
    return _Round(delivery, stop).run()


class _Round:
    """The threads of one round. It begins with one connection, which is enough to learn that the server is closed."""

    def __init__(self, delivery: Delivery, stop: threading.Event) -> None:
        self._delivery = delivery
        self._stop = stop
        self._done = DeliveryResult()
        self._connections = delivery.pace.connections(delivery.connections)
        self._lock = threading.Lock()
        self._news = threading.Event()  # a thread has ended, or the first message got an answer
        self._broken = False  # a thread has ended with an exception
        self._route = RouteWatch(stop)
        self._leases = Leases(delivery.store, delivery.clock)

    # ---- the threads

    def run(self) -> DeliveryResult:
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
                # A first message that takes long waits for its own answer; the others need not.
                slow = now - began > SLOW_SECONDS and not self._route.probing
                if working and (self._route.let_in or slow) and now - joined >= LOOK_SECONDS and self._may_join(now):
                    # A delivery that hangs must not stop the others. A thread that finds nothing due ends at once.
                    working |= {pool.submit(self._work) for _ in range(self._connections - len(working))}
                    joined = now
                self._leases.renew_old()
        for one in ended:
            one.result()
        self._done.queue_stopped = self._route.closed_because
        return self._done

    def _may_begin(self) -> bool:
        with self._unit_of_work(self._delivery.clock()) as uow:
            may = "none" if is_held(uow.session) else may_try(uow.session, uow.now)
        if may != "none":
            self._route.begin(probing=may == "one")
        return may != "none"

    def _may_begin_again(self, now: float) -> bool:
        """Whether the closed route may be tried again while one delivery hangs, perhaps for minutes."""
        if self._broken or self._stop.is_set() or not self._route.may_be_tried_again(now):
            return False
        try:
            return self._may_begin()
        except Exception as error:  # the database has gone for a moment: the next look asks again
            logger.warning("the route could not be looked at: %s", error)
            return False

    def _may_join(self, now: float) -> bool:
        return self._goes_on() and self._route.may_join(now)

    def _goes_on(self) -> bool:
        return not self._broken and self._route.is_open and not self._stop.is_set()

    def _unit_of_work(self, now: datetime) -> AbstractContextManager[UnitOfWork]:
        return unit_of_work(self._delivery.store, now, DAEMON, self._delivery.mail)

    # ---- one thread: message after message

    def _work(self) -> None:
        transport = self._delivery.connect()
        try:
            mine = self._next()
            while mine is not None:
                error = self._send(transport, mine)
                outcome = self._route.after(
                    error, mine, self._delivery.clock(), self._delivery.jitter(),
                    another_taken=error is not None and error.kind == "doubtful" and self._another_was_taken(mine),
                )  # fmt: skip
                mine = self._next(mine, outcome)
        except BaseException:
            self._broken = True
            raise
        finally:
            transport.close()
            self._route.leave()
            self._news.set()

    def _send(self, transport: Transport, mine: Claim) -> TransportError | None:
        if not self._delivery.pace.wait(self._stop):
            return TOLD_TO_STOP
        try:
            if sha256(mine.body).hexdigest() != mine.sha256:
                raise ValueError("its bytes are not those that were made")
            sender = self._delivery.mail.envelope_of(mine.name)
            transport.send(mine.body, sender, mailable(mine.to), partial(self._leases.before_data, mine))
        except TransportError as error:
            return error
        except Exception as error:  # a bug, or a damaged row: this message is put aside, the others must not wait
            first = mine.attempts == 1  # with its traceback the first time
            logger.warning("%s could not be handed over: %s", mine.message_id, error, exc_info=first)
            return TransportError(f"{type(error).__name__}: {error}", "broken")
        return None

    def _another_was_taken(self, mine: Claim) -> bool:
        with self._delivery.store.reading() as session:
            return another_was_taken(session, mine)

    def _next(self, mine: Claim | None = None, outcome: Outcome | None = None) -> Claim | None:
        """Settle the message in hand and claim the next one, in one commit."""
        following, more = self._commit(mine, outcome)
        while more:
            following, more = self._commit(None, None)
        return following

    def _commit(self, mine: Claim | None, outcome: Outcome | None) -> tuple[Claim | None, bool]:
        """The next message; and whether there may be more where none was found.

        Tried again when the database is busy or restarts: if the outcome is not recorded, the mail goes out twice.
        """
        at, lease = self._leases.now(), f"{self._delivery.node}:{uuid.uuid4().hex}"
        for pause in (*(SETTLE_PAUSES if mine else ()), None):
            try:
                with self._unit_of_work(at.wall) as uow:
                    settled = self._settle(uow, mine, outcome) if mine and outcome else None
                    following, more = self._claim(uow, lease, mine, outcome)
                break
            except Exception:
                if pause is None:
                    raise
                logger.exception("%s could not be settled; once more", mine.message_id if mine else "")
                self._stop.wait(pause)
        self._count(settled)
        if outcome and outcome.route == "open" and self._route.opened():
            self._news.set()
        self._leases.replace(mine, following, at)
        return following, more

    def _settle(self, uow: UnitOfWork, mine: Claim, outcome: Outcome) -> Settled:
        settled = settle(uow.session, uow.journal, mine, uow.now, outcome)
        if settled == "lost":
            logger.warning("%s: somebody else has taken it over", mine.message_id)
        if settled == "failed":
            tell_of_message(uow, mine.id, mine.person_id)
        if outcome.route == "close" and outcome.error is not None:
            close(uow.session, uow.journal, uow.now, outcome.error)
        if outcome.route == "open" and self._route.probing:
            reopen(uow.session, uow.journal, uow.now)
        return settled

    def _claim(
        self, uow: UnitOfWork, lease: str, mine: Claim | None, outcome: Outcome | None
    ) -> tuple[Claim | None, bool]:
        """The next message that still holds; and whether there may be more where none was found."""
        crowded = outcome is not None and outcome.route == "crowded"  # None ends this connection
        if crowded or not self._goes_on() or is_held(uow.session):
            return None, False
        besides = self._leases.other_ids(mine)
        for _ in range(REVALIDATED):
            taken = claim(uow.session, uow.now, lease, besides=besides, probe=self._route.probing)
            if not taken:
                return None, False
            if following := _revalidated(uow, taken[0]):
                return following, False
        return None, True

    def _count(self, settled: Settled | None) -> None:
        done = self._done
        with self._lock:
            done.sent += settled == "sent"
            done.failed += settled == "failed"
            done.retried += settled == "retried"
            done.lost += settled == "lost"


def _revalidated(uow: UnitOfWork, mine: Claim) -> Claim | None:
    """The message as it is to leave now; None if it is no longer valid and was withheld."""
    if is_fresh(mine, uow.now):
        return mine
    calendar, notices = calendar_of_mail(uow), notices_in(uow.session, mine)
    reader = addressees(uow, [mine.person_id]).get(mine.person_id)
    if calendar is None or reader is None or not notices:
        return mine
    if problem := cannot_be_mailed(reader):
        settle(uow.session, uow.journal, mine, uow.now, Failed(TransportError(problem), "unknown", problem))
        tell_of_message(uow, mine.id, mine.person_id)
        return None
    builder = ContentBuilder(uow)
    plans = builder.plans({notice.plan_id for notice in notices if notice.plan_id})
    contents = _not_theirs(uow, notices, plans)
    theirs = [notice for notice in notices if notice.id not in contents]
    for id, said in builder.build(theirs, {reader.id: reader}).items():
        if isinstance(said, Exception):
            return mine  # a message that cannot be checked is sent as it was written
        contents[id] = (said, "") if isinstance(said, str) else said
    settings = with_reply_address(uow)
    now = revalidate(uow.session, uow.journal, mine, uow.now, notices, contents, reader, calendar, settings)
    for notice in notices:
        if notice.outcome == "expired" and (plan := plans.get(notice.plan_id or 0)):
            escalate(uow, plan, notice)
    return now


def _not_theirs(
    uow: UnitOfWork, notices: Sequence[Notice], plans: Mapping[int, Plan]
) -> dict[int, NoticeContent | Ended]:
    """Why some notices of a message no longer concern its reader, by notice id. Those whom they concern are told."""
    found: dict[int, NoticeContent | Ended] = {}
    for notice in notices:
        plan = plans.get(notice.plan_id or 0)
        because, people = why_not_theirs(uow, notice, plan)
        if because:
            found[notice.id or 0] = because, ", ".join(people)
            if plan:
                tell_holders(uow, plan, notice.model_dump(), people)
    return found
