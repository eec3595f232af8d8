"""From the outbox to the transport: claimed for a while, settled by whoever holds the claim, nothing lost."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session

from config.text.texts import Texts
from notifications.delivery.circuit_breaker import PROBE
from notifications.delivery.claims import LEASE, Claim, claim, release, renew
from notifications.delivery.decide_outcome import (
    BROKEN_TRIES,
    LONGEST_WAIT,
    MAIL_TRIES,
    Route,
    back_off,
    decide_outcome,
)
from notifications.delivery.record_outcome import settle
from notifications.delivery.transport import TransportError, no_check
from notifications.history.mail_log import (
    ListedMail,
    explain,
    find_message,
    list_messages,
    pending_figures,
    retry,
    withhold,
)
from notifications.tables import Message
from tests.support.databases import CopyOf
from tests.support.installed import until
from tests.support.postroom import MRP, PLAN, PostRoom, at
from wheel.clocks import Clock, fixed_clock
from wheel.database.store import Store
from wheel.mail.deliver import Delivery, DeliveryResult, deliver
from wheel.mail.leases import RENEW, SURE
from workflows.dates.instants import utc

NOW = at(2).astimezone(UTC)
MINUTE = timedelta(minutes=1)


class Letterbox:
    """A transport that one can read. `answers` are raised one after the other, then all is well."""

    def __init__(self, *answers: Exception) -> None:
        self.answers = list(answers)
        self.taken: list[tuple[bytes, str, str]] = []
        self.closed = 0
        self.meanwhile: Callable[[], object] = lambda: None

    def send(self, message: bytes, mail_from: str, rcpt: str, before_data: Callable[[], None] = no_check) -> None:
        self.meanwhile()
        before_data()
        if self.answers:
            raise self.answers.pop(0)
        self.taken.append((message, mail_from, rcpt))

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def room(copy_of: CopyOf) -> PostRoom:
    return copy_of(PostRoom)


@pytest.fixture
def mailed(room: PostRoom) -> PostRoom:
    """Three messages that wait."""
    for person in ("anna", "bo", "carin"):
        room.notice(person=person)
    room.compose(NOW)
    room.diary.clear()
    return room


def take(room: PostRoom, now: datetime, lease: str = "a", n: int = 1) -> list[Claim]:
    with room.store.writing() as session:
        return claim(session, now, lease, n)


def end(room: PostRoom, mine: Claim, now: datetime, error: TransportError | None = None) -> str:
    with room.at_work(now) as uow:
        return settle(uow.session, uow.journal, mine, now, decide_outcome(error, mine, Route(), now=now))


def delivery(room: PostRoom, letterbox: Letterbox, clock: Clock = lambda: NOW) -> Delivery:
    return Delivery(room.store, room.settings, clock, lambda: letterbox, node="test", jitter=lambda: 0.0)


def run(room: PostRoom, letterbox: Letterbox, now: datetime = NOW) -> DeliveryResult:
    return deliver(delivery(room, letterbox, fixed_clock(now)), threading.Event())


class Shaky(Store):
    """A database that fails so often before it can be written again."""

    def __init__(self, store: Store) -> None:
        super().__init__(store.url)
        self.troubles: list[Exception] = []

    @contextmanager
    def writing(self) -> Iterator[Session]:
        if self.troubles:
            raise self.troubles.pop()
        with super().writing() as session:
            yield session


def test_the_oldest_is_claimed_first_and_by_one_alone(mailed: PostRoom) -> None:
    first = take(mailed, NOW, "a", 2)
    second = take(mailed, NOW, "b", 2)
    assert [c.id for c in first + second] == [m.id for m in mailed.messages()]
    assert take(mailed, NOW, "c") == []
    assert [(c.attempts, c.lease) for c in first] == [(1, "a"), (1, "a")]


def test_two_that_claim_at_once_never_get_the_same(mailed: PostRoom) -> None:
    got: list[Claim] = []
    start = threading.Barrier(2)

    def worker(name: str) -> None:
        start.wait()
        got.extend(take(mailed, NOW, name, 2))

    threads = [threading.Thread(target=worker, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({c.id for c in got}) == len(got) >= 2


def test_a_message_that_was_sent_is_sent_with_its_notices(mailed: PostRoom) -> None:
    [mine] = take(mailed, NOW)
    assert end(mailed, mine, NOW + MINUTE) == "sent"
    message = mailed.messages()[0]
    assert (message.status, message.sent_at, message.lease, message.attempts) == ("sent", NOW + MINUTE, None, 1)
    assert sorted(mailed.outcomes().values()) == ["planned", "planned", "sent"]
    action, subject, data = mailed.diary.entries[-1]
    assert (action, subject) == ("message.sent", f"message/{message.message_id}")
    assert data == {"message_id": message.message_id, "person": "anna", "attempts": 1}


def test_an_expired_claim_is_claimed_again_and_the_first_can_settle_nothing(mailed: PostRoom) -> None:
    [frozen] = take(mailed, NOW, "frozen")
    for other in mailed.messages()[1:]:
        assert take(mailed, NOW, f"other {other.id}")
    assert take(mailed, NOW + LEASE - MINUTE, "early") == []
    [awake] = take(mailed, NOW + LEASE, "awake")
    assert (awake.id, awake.attempts, awake.body) == (frozen.id, 2, frozen.body)
    for error in (TransportError("451"), TransportError("550", "refused"), TransportError("TLS", "route_closed")):
        assert end(mailed, frozen, NOW + LEASE, error) == "lost"
    assert mailed.messages()[0].lease == "awake"
    # It did go out: that is said, too.
    assert end(mailed, frozen, NOW + LEASE) == "lost"
    assert mailed.diary.actions == ["message.sent_late"]
    assert end(mailed, awake, NOW + LEASE + MINUTE) == "sent"


def test_a_claim_without_an_end_is_nobodys(mailed: PostRoom) -> None:
    [mine] = take(mailed, NOW)
    with mailed.store.writing() as session:
        session.get_one(Message, mine.id).lease_until = None  # a hand in the database
    assert mine.id in [c.id for c in take(mailed, NOW, "other", 9)]


def test_a_claim_that_is_renewed_lasts_and_one_that_was_taken_over_is_not_ours(mailed: PostRoom) -> None:
    [mine] = take(mailed, NOW, "mine")
    later = NOW + LEASE - MINUTE
    with mailed.store.writing() as session:
        assert renew(session, later, {mine.id: "mine"}) == {"mine"}
    assert mine.id not in [c.id for c in take(mailed, later + LEASE - MINUTE, "early", 9)]
    assert [c.id for c in take(mailed, later + LEASE, "other")] == [mine.id]
    with mailed.store.writing() as session:
        assert renew(session, later + LEASE, {mine.id: "mine"}) == set()
    assert mailed.messages()[0].lease == "other"


def test_the_claim_of_a_delivery_that_takes_long_is_renewed(mailed: PostRoom) -> None:
    clock = [NOW]
    letterbox = Letterbox()

    def slow() -> None:
        clock[0] += RENEW
        until(lambda: mailed.messages()[0].lease_until == clock[0] + LEASE, "a renewed claim")
        letterbox.meanwhile = lambda: None

    letterbox.meanwhile = slow
    assert deliver(delivery(mailed, letterbox, lambda: clock[0]), threading.Event()).sent == 3


def test_who_wakes_after_its_claim_was_taken_over_sends_nothing_and_writes_nothing(mailed: PostRoom) -> None:
    clock, asleep = [NOW], [True]
    letterbox, others = Letterbox(), Letterbox()

    def freeze() -> None:
        if asleep.pop():
            asleep.append(False)
            clock[0] += LEASE
            assert run(mailed, others, clock[0]).sent == 3

    letterbox.meanwhile = freeze
    assert deliver(delivery(mailed, letterbox, lambda: clock[0]), threading.Event()) == DeliveryResult(lost=1)
    assert (len(letterbox.taken), len(others.taken)) == (0, 3)
    assert mailed.diary.actions == ["message.sent"] * 3


def test_who_wakes_and_finds_its_claim_still_there_sends(mailed: PostRoom) -> None:
    clock, letterbox = [NOW], Letterbox()

    def freeze() -> None:
        clock[0] += SURE

    letterbox.meanwhile = freeze
    assert deliver(delivery(mailed, letterbox, lambda: clock[0]), threading.Event()) == DeliveryResult(sent=3)


def test_who_cannot_ask_whether_a_claim_still_stands_does_not_send(mailed: PostRoom) -> None:
    clock, letterbox, shaky = [NOW], Letterbox(), Shaky(mailed.store)

    def freeze() -> None:
        if clock[0] == NOW:
            clock[0] += SURE
            shaky.troubles.append(OSError("gone"))

    letterbox.meanwhile = freeze
    on_shaky = replace(delivery(mailed, letterbox, lambda: clock[0]), store=shaky)
    assert deliver(on_shaky, threading.Event()) == DeliveryResult(sent=3)  # the first one at its next turn
    shaky.close()
    assert len(letterbox.taken) == 3
    assert mailed.messages()[0].attempts == 1


def test_a_commit_whose_answer_was_lost_is_not_counted_twice(mailed: PostRoom) -> None:
    [mine] = take(mailed, NOW)
    assert end(mailed, mine, NOW) == "sent"
    assert end(mailed, mine, NOW) == "sent"
    assert mailed.diary.actions == ["message.sent"]


def test_the_next_life_of_a_node_gets_its_messages_back_at_once(mailed: PostRoom) -> None:
    take(mailed, NOW, "node_1:x")
    take(mailed, NOW, "nodeX1:y")
    with mailed.store.writing() as session:
        assert release(session, NOW, "node_1") == 1
    assert [c.id for c in take(mailed, NOW, "node_1:z", 9)] == [mailed.messages()[0].id, mailed.messages()[2].id]


def test_what_can_be_tried_again_waits_longer_each_time(mailed: PostRoom) -> None:
    now, waits = NOW, []
    for _ in range(8):
        mine = next(c for c in take(mailed, now, str(now), 3) if c.id == mailed.messages()[0].id)
        assert end(mailed, mine, now, TransportError("451 4.7.1 come back")) == "retried"
        message = mailed.messages()[0]
        waits.append((message.next_attempt - now) / MINUTE)
        assert take(mailed, message.next_attempt - MINUTE / 60, f"early {now}", 0) == []
        now = message.next_attempt
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    assert mailed.messages()[0].error == "451 4.7.1 come back"
    assert back_off(1, 1.0) == MINUTE * 1.25


def test_tries_go_on_for_five_days() -> None:
    assert sum((back_off(n, 0) for n in range(1, MAIL_TRIES)), timedelta()) >= timedelta(days=5)
    assert sum((back_off(n, 0) for n in range(1, MAIL_TRIES - 1)), timedelta()) < timedelta(days=5)


def test_after_five_days_it_has_failed(mailed: PostRoom) -> None:
    [mine] = take(mailed, NOW)
    last = replace(mine, attempts=MAIL_TRIES)
    assert end(mailed, last, NOW + timedelta(days=5), TransportError("451 later")) == "failed"
    assert mailed.messages()[0].status == "failed"
    notice = next(n for n in mailed.notices().values() if n.outcome == "failed")
    assert (notice.because, notice.detail) == ("too_many_tries", "451 later")


def test_many_tries_before_five_days_are_no_reason_to_give_up(mailed: PostRoom) -> None:
    [mine] = take(mailed, NOW)
    assert end(mailed, replace(mine, attempts=MAIL_TRIES), NOW, TransportError("451 later")) == "retried"


def test_a_refused_message_has_failed_and_the_log_keeps_no_address(mailed: PostRoom) -> None:
    [mine] = take(mailed, NOW)
    error = TransportError("550 <anna@sjovik.example>: unknown", "refused", 550)
    assert end(mailed, mine, NOW, error) == "failed"
    assert mailed.messages()[0].error == "550 <anna@sjovik.example>: unknown"
    assert mailed.diary.entries[-1][2]["code"] == 550
    assert "anna@" not in str(mailed.diary.entries)


def test_a_closed_way_out_leaves_the_message_as_it_was(mailed: PostRoom) -> None:
    before = mailed.messages()[0]
    [mine] = take(mailed, NOW)
    assert end(mailed, mine, NOW, TransportError("no TLS", "route_closed")) == "put_back"
    after = mailed.messages()[0]
    assert (after.status, after.attempts, after.next_attempt) == (
        "pending",
        0,
        before.next_attempt,
    )
    assert mailed.diary.entries == []


def test_one_that_our_own_stop_cut_short_at_its_end_may_have_arrived(mailed: PostRoom) -> None:
    [mine] = take(mailed, NOW)
    end(mailed, mine, NOW, TransportError("told to stop", "route_closed", maybe_delivered=True))
    after = mailed.messages()[0]
    assert (after.status, after.attempts, after.maybe_delivered) == ("pending", 1, True)


def test_all_that_is_due_is_delivered(mailed: PostRoom) -> None:
    letterbox = Letterbox()
    assert run(mailed, letterbox) == DeliveryResult(sent=3)
    assert [(body, rcpt) for body, _, rcpt in letterbox.taken] == [(m.body, m.to) for m in mailed.messages()]
    assert letterbox.taken[0][1] == "arshjul@sjovik.example"
    assert letterbox.closed == 1
    assert mailed.diary.actions == ["message.sent"] * 3
    assert run(mailed, letterbox) == DeliveryResult()


def test_one_that_fails_does_not_stop_the_others(mailed: PostRoom) -> None:
    letterbox = Letterbox(TransportError("550", "refused"), RuntimeError("a bug"))
    assert run(mailed, letterbox) == DeliveryResult(sent=1, failed=1, retried=1)
    assert [m.status for m in mailed.messages()] == ["failed", "pending", "sent"]
    assert run(mailed, letterbox, NOW + MINUTE) == DeliveryResult(sent=1)


def test_a_mail_whose_bytes_are_no_more_those_of_the_log_is_put_aside(mailed: PostRoom) -> None:
    damaged = mailed.messages()[0].id
    with mailed.store.writing() as session:
        session.get_one(Message, damaged).body = b""
    letterbox, now = Letterbox(), NOW
    assert run(mailed, letterbox) == DeliveryResult(sent=2, retried=1)
    for _ in range(BROKEN_TRIES - 1):
        now += LONGEST_WAIT
        run(mailed, letterbox, now)
    message = mailed.messages()[0]
    assert (message.status, message.error) == ("failed", "ValueError: its bytes are not those that were made")
    assert len(letterbox.taken) == 2


def test_a_closed_way_out_stops_the_queue(mailed: PostRoom) -> None:
    letterbox = Letterbox(TransportError("535 wrong password", "route_closed"))
    assert run(mailed, letterbox) == DeliveryResult(queue_stopped="535 wrong password")
    assert [m.attempts for m in mailed.messages()] == [0, 0, 0]
    assert run(mailed, letterbox) == DeliveryResult()
    assert run(mailed, letterbox, NOW + PROBE) == DeliveryResult(sent=3)


def test_told_to_stop_the_mail_in_hand_is_finished(mailed: PostRoom) -> None:
    stop, letterbox = threading.Event(), Letterbox()
    letterbox.meanwhile = stop.set
    assert deliver(delivery(mailed, letterbox), stop) == DeliveryResult(sent=1)
    assert [m.status for m in mailed.messages()] == ["sent", "pending", "pending"]
    assert deliver(delivery(mailed, letterbox), stop) == DeliveryResult()


def test_a_dialogue_cut_short_by_our_own_stop_is_no_trouble_of_the_queue(mailed: PostRoom) -> None:
    stop, letterbox = threading.Event(), Letterbox(TransportError("told to stop", "route_closed"))
    letterbox.meanwhile = stop.set
    assert deliver(delivery(mailed, letterbox), stop) == DeliveryResult()
    assert mailed.messages()[0].status == "pending"


def test_a_crash_between_the_yes_and_the_commit_repeats_the_same_bytes(mailed: PostRoom) -> None:
    letterbox = Letterbox()
    [mine] = take(mailed, NOW)
    letterbox.send(mine.body, "", mine.to)  # and then the process dies
    assert run(mailed, letterbox, NOW + LEASE).sent == 3
    copies = [body for body, _, rcpt in letterbox.taken if rcpt == mine.to]
    assert len(copies) == 2
    assert len(set(copies)) == 1


def test_a_database_that_fails_for_a_moment_is_asked_again_before_the_mail_goes_twice(mailed: PostRoom) -> None:
    letterbox, stop, shaky = Letterbox(), threading.Event(), Shaky(mailed.store)

    def meanwhile() -> None:
        shaky.troubles.extend([OSError("gone"), OSError("still gone")])
        stop.set()  # one mail is enough

    letterbox.meanwhile = meanwhile
    assert deliver(replace(delivery(mailed, letterbox), store=shaky), stop) == DeliveryResult(sent=1)
    shaky.close()
    assert [m.status for m in mailed.messages()] == ["sent", "pending", "pending"]


def test_the_figures_say_what_waits_and_what_failed(mailed: PostRoom) -> None:
    run(mailed, Letterbox(TransportError("550", "refused"), TransportError("451")))
    mailed.email("bo", "")
    mailed.notice(person="bo", plan_id=MRP)
    mailed.compose(at(3))
    with mailed.store.reading() as session:
        figures = pending_figures(session, NOW + 45 * MINUTE)
    assert (figures.pending, figures.oldest_minutes, figures.failed, figures.unwritten) == (1, 45, 1, 1)


def test_figures_of_an_empty_outbox(room: PostRoom) -> None:
    with room.store.reading() as session:
        assert pending_figures(session, NOW).oldest_minutes == 0


def test_the_list_is_the_contracts(mailed: PostRoom) -> None:
    run(mailed, Letterbox())
    with mailed.store.reading() as session:
        listed = list_messages(session, person="anna")
        assert list_messages(session, status="failed") == []
        assert [m.to for m in list_messages(session, plan_id=PLAN, limit=1)] == ["carin@sjovik.example"]
        assert list_messages(session, plan_id=MRP) == []
        assert list_messages(session, message_ids=[mailed.messages()[0].message_id]) == listed
    message = mailed.messages()[0]
    at = datetime(2026, 11, 2, 7, tzinfo=UTC)
    assert listed == [
        ListedMail(
            id=message.id or 0,
            message_id=f"<{message.message_id}>",
            to="anna@sjovik.example",
            subject="Om 3 dagar (5 nov): Socialnämndens verksamhetsplan 2028",
            status="sent",
            attempts=1,
            created_at=at,
            sent_at=at,
            sha256=message.sha256,
            error="",
            notices=("2028/verksamhetsplan/socialnamnden:utkast:1:1:ladder::anna",),
        )
    ]


def test_a_message_is_found_by_number_or_message_id(mailed: PostRoom) -> None:
    message = mailed.messages()[1]
    with mailed.store.reading() as session:
        for reference in (str(message.id), message.message_id, f"<{message.message_id}>"):
            found = find_message(session, reference)
            assert found is not None
            assert found.id == message.id
        assert find_message(session, "9" * 30) is None
        assert find_message(session, "²") is None


def test_what_failed_can_be_sent_again_as_it_was_written(mailed: PostRoom) -> None:
    run(mailed, Letterbox(TransportError("550", "refused")))
    failed = mailed.messages()[0]
    with mailed.at_work(NOW) as uow:
        assert retry(uow.session, uow.journal, [m.id or 0 for m in mailed.messages()], NOW) == 1
    letterbox = Letterbox()
    assert run(mailed, letterbox).sent == 1
    assert letterbox.taken[0][0] == failed.body
    assert set(mailed.outcomes().values()) == {"sent"}
    assert mailed.diary.actions[-2:] == ["message.retried", "message.sent"]


def test_what_is_withheld_does_not_leave(mailed: PostRoom) -> None:
    ids = [m.id or 0 for m in mailed.messages()]
    take(mailed, NOW)  # one is being sent at this moment
    with mailed.at_work(NOW) as uow:
        assert withhold(uow.session, uow.journal, ids[:2]) == 1
    assert [m.status for m in mailed.messages()] == ["sending", "withheld", "pending"]
    assert sorted(mailed.outcomes().values()) == ["planned", "planned", "withheld"]
    assert run(mailed, Letterbox()).sent == 1


def test_every_notice_can_be_explained(mailed: PostRoom) -> None:
    run(mailed, Letterbox(TransportError("550 no such user", "refused", 550)))
    with mailed.store.reading() as session:
        [anna] = explain(session, Texts("sv"), person="anna", plan_id=PLAN)
        assert len(explain(session, Texts("sv"), keys=list(mailed.notices()))) == 3
        assert explain(session, Texts("sv"), plan_id=MRP) == []
    assert anna.ended == "mejlservern tog inte emot det: 550 no such user"
    assert (anna.plan, anna.outcome, utc(anna.due)) == (
        "2028/verksamhetsplan/socialnamnden", "failed", "2026-11-02T06:30:00Z",
    )  # fmt: skip
    assert anna.message == f"<{mailed.messages()[0].message_id}>"


def test_two_postmen_deliver_each_message_once(room: PostRoom) -> None:
    for entry in range(1, 6):
        for person in ("anna", "bo", "carin"):
            room.notice("sent_back", person=person, entry=entry, at_once=True)
        room.compose(NOW)
    letterbox = Letterbox()
    start = threading.Barrier(2)

    def round_() -> None:
        start.wait()
        run(room, letterbox)

    threads = [threading.Thread(target=round_) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(body for body, _, _ in letterbox.taken) == sorted(m.body for m in room.messages())
    assert {m.status for m in room.messages()} == {"sent"}
    assert len(letterbox.taken) == 15
