"""One story in three places: for every notice of a small history by chance, `explain`, the outbox and the log agree on
how it ended, and each says why.
"""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from config.text.texts import Texts
from notifications.delivery.transport import TransportError
from notifications.history.mail_log import list_messages, mark_bounced, retry, withhold
from notifications.mail_settings import MailSettings
from notifications.tables import Message, Notice
from tests.support.wheelhouse import Wheelhouse, instant
from wheel.actions.snooze import end_snooze, snooze
from wheel.audit.journal import LogRecord
from wheel.database.store import Store
from wheel.database.tables import Person
from wheel.engine.request_and_result import Request, Result
from wheel.engine.unit_of_work import UnitOfWork
from wheel.errors import RefusedError
from wheel.mail.deliver import Delivery, deliver
from wheel.reads import explain
from wheel.tick.tick import Ticker

DIALOGUES = [f"2028/uppdragsdialog/{board}" for board in ("ks", "socialnamnden", "byggnadsnamnden")]
MAIL = MailSettings(sender="arshjul@example.se")
ENDS = {"sent", "superseded", "expired", "withheld", "failed"}
ACTS = 60
BEGINS, OVER = "2027-05-03T09:00", "2027-08-16T09:00"


class History(Wheelhouse):
    """What administrators, servers and time do to a spring's reminders, by chance."""

    def __init__(self, store: Store, seed: int) -> None:
        super().__init__(store, MAIL, roles=("officer", "secretary"))
        self.chance = Random(seed)
        self.now = instant(BEGINS)
        self.refuses = True
        self.start()
        self.ticker.tick(self.now, confirmed_by="admin")

    # The far end.

    def send(self, message: bytes, mail_from: str, rcpt: str, before_data: Callable[[], None]) -> None:
        before_data()
        drawn = self.chance.random() if self.refuses else 1
        if drawn < 0.1:
            raise TransportError("550 5.1.1 unknown", "refused", 550)
        if drawn < 0.3:
            raise TransportError("451 4.3.2 later", "later", 451)

    def close(self) -> None:
        pass

    def deliver(self) -> None:
        delivery = Delivery(self.store, MAIL, lambda: self.now, lambda: self, node="test", jitter=lambda: 0.0)
        deliver(delivery, threading.Event())

    # What happens.

    def live(self) -> None:
        happenings = (
            self._pass, self._pass, self._pass, self._move, self._hold, self._release, self._snooze, self._end_snooze,
            self._advance, self._remind, self._leave, self._withhold, self._retry, self._bounce, self._mail_off,
        )  # fmt: skip
        for _ in range(ACTS):
            try:
                self.chance.choice(happenings)(self.chance.choice(DIALOGUES))
            except RefusedError:
                continue  # as it may be
        self.refuses = False
        for address in DIALOGUES:
            if self.plan(address).held:
                self.release(address, self.clock())
        while self.now < instant(OVER) or self._waits():
            self._pass("", hours=23)

    def _waits(self) -> bool:
        return any(n.outcome == "planned" and n.send_after <= self.now for n in self.notices())

    def _pass(self, _: str, hours: int | None = None) -> None:
        self.now += timedelta(hours=hours or self.chance.choice((1, 6, 24, 24, 72, 500)))
        self.ticker.tick(self.now, confirmed_by="admin")
        self.deliver()

    def clock(self) -> str:
        return (self.now + timedelta(hours=2)).replace(tzinfo=None).isoformat()  # summer time

    def _move(self, address: str) -> None:
        new = (self.now + timedelta(days=self.chance.randint(1, 30))).date().isoformat()
        self.move_deadline(address, new, self.clock(), reason="r")

    def _hold(self, address: str) -> None:
        self.hold(address, self.clock(), reason="r")

    def _release(self, address: str) -> None:
        self.release(address, self.clock(), reason="r")

    def _snooze(self, address: str) -> None:
        until = (self.now + timedelta(days=self.chance.randint(1, 20))).date()
        self._carry_out(address, snooze, address, until)

    def _end_snooze(self, address: str) -> None:
        self._carry_out(address, end_snooze, address)

    def _carry_out(self, address: str, action: Callable[..., Result], *args: Any) -> None:
        request = Request("admin", self.now, "r")
        self.desk.carry_out(request, address, "snooze", action, *args)

    def _advance(self, address: str) -> None:
        if self.chance.random() < 0.2:
            self.advance(address, "hold", self.clock())

    def _remind(self, address: str) -> None:
        self.remind(address, self.clock(), anyway=True, reason="r")

    def _leave(self, address: str) -> None:
        """Somebody has no address any more, or an address again."""
        email = self.chance.choice(("", "åäö@@", "officer@example.se"))
        officer = f"{address.rpartition('/')[2]}-officer"
        with self.store.writing() as session:
            session.execute(update(Person).where(col(Person.id) == officer).values(email=email))

    def _withhold(self, _: str) -> None:
        self._to_some("pending", lambda uow, ids: withhold(uow.session, uow.journal, ids))

    def _retry(self, _: str) -> None:
        self._to_some("failed", lambda uow, ids: retry(uow.session, uow.journal, ids, uow.now))

    def _bounce(self, _: str) -> None:
        self._to_some("sent", lambda uow, ids: mark_bounced(uow.session, uow.journal, ids, uow.now, "5.1.1"))

    def _to_some(self, status: str, do: Callable[[UnitOfWork, list[int]], object]) -> None:
        with self.store.writing() as session:
            found = session.execute(select(col(Message.id)).where(col(Message.status) == status)).scalars().all()
            uow = UnitOfWork(session, self.now, "admin", MAIL)
            do(uow, [id or 0 for id in self.chance.sample(found, min(len(found), 2))])
            uow.journal.close()

    def _mail_off(self, _: str) -> None:
        Ticker(self.store, replace(MAIL, on=False), lambda: self.definition).tick(self.now, confirmed_by="admin")


@pytest.mark.parametrize("seed", range(4))
def test_every_notice_ends_and_explain_outbox_and_log_say_how_and_why(store: Store, seed: int) -> None:
    history = History(store, seed)
    history.live()
    with history.unit_of_work(history.clock()) as uow:
        told = {
            notice.key: notice
            for address in history.addresses()
            for notice in explain.explain(uow, address, Texts("en")).notices
        }
        mails = {mail.message_id: mail for mail in list_messages(uow.session)}
        notices = uow.session.execute(select(Notice).where(col(Notice.plan_id).is_not(None))).scalars().all()
        entries = history.log()
    print(seed, Counter(notice.outcome for notice in notices))
    said = {entry["data"]["notice"]: entry for entry in entries if "notice" in entry["data"]}
    of_mail: dict[str, list[LogRecord]] = {}
    for entry in entries:
        if entry["subject"].startswith("message/"):
            of_mail.setdefault(f"<{entry['data']['message_id']}>", []).append(entry)
    silent: Counter[str] = Counter()  # superseded together with others: by plan
    for notice in notices:
        if notice.outcome == "planned" and notice.send_after > history.now:
            continue
        here = told[notice.key]
        mail = mails.get(here.message or "")
        assert notice.outcome in ENDS, (notice.key, notice.outcome)
        assert (here.outcome, len(here.because.split()) > 2) == (notice.outcome, True), here
        if notice.outcome in ("superseded", "expired") or mail is None:
            assert notice.because
            if notice.key in said:
                entry = said[notice.key]
                assert (entry["action"], bool(entry["data"]["because"])) == (f"notice.{notice.outcome}", True)
            else:
                assert notice.outcome == "superseded", notice.key
                silent[here.plan] += 1
            continue
        assert notice.key in mail.notices
        assert mail.status == notice.outcome, (notice.key, mail)
        assert mail.sent_at if notice.outcome == "sent" else mail.error, mail
        last = [e for e in of_mail[here.message or ""] if e["action"] not in ("message.rewritten", "message.delayed")][
            -1
        ]
        how = {"sent": ("sent",), "failed": ("failed", "bounced"), "withheld": ("withheld", "made")}[notice.outcome]
        assert last["action"].removeprefix("message.") in how, (notice.key, last)
        assert notice.outcome == "sent" or "because" in last["data"] or last["data"]["status"] == "withheld"
    counted: Counter[str] = Counter()
    for entry in entries:
        counted[entry["subject"]] += entry["data"].get("ended") or 0
        counted[entry["subject"]] += entry["data"].get("count", 0) if entry["action"] == "notice.superseded" else 0
    assert silent == +counted
    assert history.verified()
