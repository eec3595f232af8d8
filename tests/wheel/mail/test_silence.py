"""After a silence: what was written long ago is judged again, what was lost is told to others, clocks are set right."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from sqlalchemy import event, update

from config.text.texts import Texts
from notifications.delivery.transport import TransportError
from notifications.history.mail_log import mark_bounced
from notifications.mail_settings import MailSettings
from notifications.models import Message, Notice
from tests.support.wheelhouse import Wheelhouse, instant
from wheel.app import App, build, fixed_clock
from wheel.clocks import ClockWatch
from wheel.daemon.health_file import HealthFile
from wheel.daemon.heartbeat import Every, _tick
from wheel.database.store import Store
from wheel.database.tables import Home, Person
from wheel.engine.unit_of_work import UnitOfWork
from wheel.home.folder import Beginning, HomeFolder, init
from wheel.mail.deliver import Delivered, Delivery, deliver
from wheel.mail.delivery_failures import tell_of_message
from wheel.reads.status import status
from wheel.tick.clock_changes import note_step, note_wrong_start

SN = "socialnamnden"
DIALOGUE = f"2028/uppdragsdialog/{SN}"
OFFICER = f"{SN}-officer"


class Carrier:
    """A transport that one can read; `refuse` says what becomes of a mail to that address."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, bytes]] = []
        self.refuse: Callable[[str], TransportError | None] = lambda rcpt: None

    def send(self, message: bytes, mail_from: str, rcpt: str, before_data: Callable[[], None]) -> None:
        if error := self.refuse(rcpt):
            raise error
        self.taken.append((rcpt, message))

    def close(self) -> None:
        pass


@pytest.fixture
def house(store: Store) -> Wheelhouse:
    house = Wheelhouse(store)
    house.start()
    house.tick("2027-05-19T09:00", confirmed_by="admin")  # the dialogues are open until 31 May
    with store.writing() as session:
        session.execute(update(Message).values(status="sent"))
        session.execute(update(Notice).where(Notice.message_id.is_not(None)).values(outcome="sent"))  # type: ignore[union-attr]
    return house


def send(house: Wheelhouse, at: str, carrier: Carrier) -> Delivered:
    delivery = Delivery(house.store, house.mail, fixed_clock(instant(at)), lambda: carrier, node="test")
    return deliver(delivery, threading.Event())


def to(house: Wheelhouse, person: str) -> list[Message]:
    return [message for message in house.messages() if message.person_id == person]


# --- mail that lay there


def test_a_plan_that_was_done_meanwhile_needs_no_reminder_although_it_is_written(house: Wheelhouse) -> None:
    house.tick("2027-05-20T07:30")  # seven working days before
    house.advance(DIALOGUE, "hold", "2027-05-25T09:00")
    carrier = Carrier()
    send(house, "2027-05-26T09:00", carrier)
    mine = to(house, OFFICER)[-1]
    assert (mine.status, f"{OFFICER}@example.se" in {rcpt for rcpt, _ in carrier.taken}) == ("withheld", False)
    [notice] = house.notices(DIALOGUE, rule="ladder", person_id=OFFICER)
    assert (notice.outcome, notice.because) == ("superseded", "The plan has moved on.")
    assert [e["data"]["because"] for e in house.log(DIALOGUE, "notice.superseded")][-1] == "The plan has moved on."
    assert house.verified()


def test_a_reminder_that_could_not_leave_for_two_weeks_has_expired(house: Wheelhouse) -> None:
    house.tick("2027-05-20T07:30")
    carrier = Carrier()
    send(house, "2027-06-04T09:00", carrier)
    assert {n.outcome for n in house.notices(DIALOGUE, rule="ladder")} == {"expired"}
    assert "so long that it says nothing" in house.notices(DIALOGUE, rule="ladder")[0].because
    assert {e["action"] for e in house.log(DIALOGUE)} >= {"notice.expired"}


def test_what_still_holds_is_written_anew_under_its_message_id(house: Wheelhouse) -> None:
    house.tick("2027-05-20T07:30")
    before = to(house, OFFICER)[-1]
    carrier = Carrier()
    send(house, "2027-05-24T09:00", carrier)
    after = to(house, OFFICER)[-1]
    assert (after.status, after.message_id, after.key) == ("sent", before.message_id, before.key)
    assert after.body != before.body  # it says how many days are left today
    assert dict(carrier.taken)[after.to] == after.body
    assert house.log(f"message/{after.message_id}", "message.rewritten")


def test_what_a_server_may_have_seen_goes_again_in_the_same_bytes(house: Wheelhouse) -> None:
    house.tick("2027-05-20T07:30")
    with house.store.writing() as session:
        session.execute(update(Message).where(Message.status == "pending").values(attempts=1))  # type: ignore[arg-type]
    before = to(house, OFFICER)[-1].body
    carrier = Carrier()
    send(house, "2027-05-24T09:00", carrier)
    assert dict(carrier.taken)[f"{OFFICER}@example.se"] == before


def test_what_was_written_a_moment_ago_goes_as_it_is(house: Wheelhouse) -> None:
    house.tick("2027-05-20T07:30")
    before = to(house, OFFICER)[-1].body
    carrier = Carrier()
    send(house, "2027-05-20T07:31", carrier)
    assert dict(carrier.taken)[f"{OFFICER}@example.se"] == before


def test_of_notices_that_never_became_mails_the_late_ones_expire_and_the_newest_in_time_goes(house: Wheelhouse) -> None:
    with house.store.writing() as session:
        session.execute(update(Home).values(mail_hold="restored"))
    house.tick("2027-05-26T09:00")
    house.set_plan(DIALOGUE, wake_at=None)  # nothing more becomes due there
    house.tick("2027-06-20T09:00", confirmed_by="admin")
    outcomes = {n.offset: n.outcome for n in house.notices(DIALOGUE, rule="ladder", person_id=OFFICER)}
    assert outcomes == {-7: "expired", -3: "expired"}


def silent_until(house: Wheelhouse, at: str) -> None:
    """Mail is held back by hand all the time, and ticks go on; then somebody lets it go. Without the week's overview,
    which says the same."""
    house.ticker.mail = replace(house.mail, overview=False)
    with house.store.writing() as session:
        session.execute(update(Home).values(mail_hold="by_hand"))
    for tick in ("2027-06-01T07:30", "2027-06-03T07:30", "2027-06-09T07:30"):  # 1, 3 and 7 working days after the last
        house.tick(tick)
    house.tick(at, confirmed_by="admin")


def test_that_a_plan_is_overdue_is_said_up_to_two_weeks_late(house: Wheelhouse) -> None:
    silent_until(house, "2027-06-23T09:00")
    outcomes = {n.offset: n.outcome for n in house.notices(DIALOGUE, rule="ladder", person_id=OFFICER)}
    assert (outcomes[3], outcomes[7]) == ("superseded", "planned")
    assert to(house, OFFICER)[-1].subject == "23 dagar försenad: Socialnämndens uppdragsdialog 2028"
    assert house.told(DIALOGUE, "undelivered") == set()


def test_what_is_overdue_for_long_is_in_the_overview_of_the_week(house: Wheelhouse) -> None:
    with house.store.writing() as session:
        session.execute(update(Home).values(mail_hold="by_hand"))
    house.tick("2027-06-22T09:00")
    house.tick("2027-07-13T09:00", confirmed_by="admin")
    [mail] = [message for message in to(house, OFFICER) if message.day >= date(2027, 6, 22)]
    text = message_from_bytes(mail.body, policy=policy.default).get_body(("plain",))
    assert text is not None
    assert "43 dagar försenad: Socialnämndens uppdragsdialog 2028" in text.get_content()


def test_after_longer_it_has_expired_and_the_administrators_decide_whom_to_remind(house: Wheelhouse) -> None:
    silent_until(house, "2027-06-24T09:00")
    ladder = house.notices(DIALOGUE, rule="ladder")
    assert {n.outcome for n in ladder if (n.offset or 0) > 0} == {"expired"}
    assert all("so long" in n.because for n in ladder)
    assert house.told(DIALOGUE, "undelivered") == {"admin"}
    [told] = house.notices(DIALOGUE, rule="undelivered")
    mail = next(message for message in house.messages() if message.id == told.message_id)
    part = message_from_bytes(mail.body, policy=policy.default).get_body(("plain",))
    assert part is not None
    assert "Påminnelserna har väntat i veckor" in part.get_content()
    house.tick("2027-06-24T09:01")
    house.tick("2027-06-25T09:01")
    assert len(house.notices(DIALOGUE, rule="undelivered")) == 1


def test_they_are_told_of_it_on_a_working_day(house: Wheelhouse) -> None:
    silent_until(house, "2027-06-26T09:00")  # a Saturday
    before = [m.id for m in house.messages()]
    house.tick("2027-06-28T07:30")
    [told] = house.notices(DIALOGUE, rule="undelivered")
    assert (told.message_id is not None, told.message_id in before) == (True, False)


def test_what_was_handed_in_meanwhile_is_nobodys_trouble(house: Wheelhouse) -> None:
    with house.store.writing() as session:
        session.execute(update(Home).values(mail_hold="by_hand"))
    house.tick("2027-06-09T07:30")
    house.advance(DIALOGUE, "hold", "2027-06-10T09:00")
    house.tick("2027-07-24T09:00", confirmed_by="admin")
    assert house.told(DIALOGUE, "undelivered") == set()


# --- somebody who cannot be reached


def test_a_refused_mail_is_told_to_the_others_of_the_board_and_the_administrators(house: Wheelhouse) -> None:
    house.tick("2027-05-20T07:30")
    carrier = Carrier()
    carrier.refuse = lambda rcpt: TransportError("550 no", "refused", 550) if rcpt.startswith(OFFICER) else None
    assert send(house, "2027-05-20T07:31", carrier).failed == 1
    told = house.notices(DIALOGUE, rule="undelivered")
    assert {n.person_id for n in told} == {f"{SN}-function", f"{SN}-secretary", "admin"}
    carrier.taken.clear()
    house.tick("2027-05-20T07:32")
    send(house, "2027-05-20T07:33", carrier)
    mail = dict(carrier.taken)["admin@example.se"].decode()
    assert "Ett mejl kom inte fram" in mail or "=?utf-8?" in mail
    assert house.verified()


def test_the_news_that_one_was_lost_is_not_told_on_for_ever(house: Wheelhouse) -> None:
    house.tick("2027-05-20T07:30")
    carrier = Carrier()
    carrier.refuse = lambda rcpt: TransportError("550 no", "refused", 550) if rcpt.startswith(SN) else None
    send(house, "2027-05-20T07:31", carrier)
    house.tick("2027-05-20T07:32")
    send(house, "2027-05-20T07:33", carrier)
    house.tick("2027-05-20T07:34")
    assert send(house, "2027-05-20T07:35", carrier) == Delivered()


def test_a_mail_that_came_back_has_failed_and_others_are_told(house: Wheelhouse) -> None:
    house.tick("2027-05-20T07:30")
    send(house, "2027-05-20T07:31", Carrier())
    mine = to(house, OFFICER)[-1]
    with house.store.writing() as session:
        uow = UnitOfWork(session, instant("2027-05-21T09:00"), "admin", house.mail)
        assert mark_bounced(session, uow.journal, [mine.id or 0], uow.now, "5.1.1 no such user") == [mine.id]
        tell_of_message(uow, mine.id or 0, mine.person_id)
        uow.journal.close()
    after = to(house, OFFICER)[-1]
    assert (after.status, after.error) == ("failed", "it bounced: 5.1.1 no such user")
    [notice] = house.notices(DIALOGUE, rule="ladder", person_id=OFFICER)
    assert (notice.outcome, notice.because) == ("failed", "it bounced: 5.1.1 no such user")
    assert "admin" in house.told(DIALOGUE, "undelivered")


def test_a_reminder_that_nobody_would_get_any_more_is_not_told_as_lost(house: Wheelhouse) -> None:
    """Somebody without an address, and a silence of weeks: what would have expired expires."""
    with house.store.writing() as session:
        session.execute(update(Person).where(Person.id == OFFICER).values(email=""))  # type: ignore[arg-type]
    silent_until(house, "2027-06-24T09:00")
    assert {n.outcome for n in house.notices(DIALOGUE, rule="ladder", person_id=OFFICER)} == {"expired"}
    [told] = house.notices(DIALOGUE, rule="undelivered")  # that it is overdue since weeks
    assert (told.person_id, told.facts["person"]) == ("admin", "")


def test_the_board_is_not_told_that_an_administrators_mail_was_lost(house: Wheelhouse) -> None:
    """They had the same reminder themselves."""
    for day in ("2027-06-01", "2027-06-03", "2027-06-09"):  # the last one goes to the administrators too
        house.tick(f"{day}T07:30")
    carrier = Carrier()
    carrier.refuse = lambda rcpt: TransportError("550 no", "refused", 550) if rcpt.startswith("admin") else None
    assert send(house, "2027-06-09T07:31", carrier).failed
    assert house.told(DIALOGUE, "undelivered") == set()


# --- clocks


class Clocks:
    """A wall and a clock that only goes on."""

    def __init__(self) -> None:
        self.wall, self.ticking = datetime(2027, 3, 1, 12, tzinfo=UTC), 1000.0

    def on(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.ticking += seconds


@pytest.mark.parametrize("step", [timedelta(days=1), timedelta(hours=-1), timedelta(seconds=6)])
def test_a_clock_that_is_set_is_noticed_at_the_next_look(step: timedelta) -> None:
    clocks = Clocks()
    watch = ClockWatch(lambda: clocks.wall, lambda: clocks.ticking)
    for _ in range(5):
        clocks.on(5)
        assert not watch.look()
    clocks.on(5)
    clocks.wall += step
    assert watch.look() == step
    clocks.on(5)
    clocks.wall += timedelta(seconds=0.1)  # slewed
    assert not watch.look()


def test_a_clock_that_is_set_ahead_by_years_is_one_beat_late_and_not_three_million() -> None:
    every, now = Every(timedelta(seconds=10)), datetime(2037, 2, 16, 8, 30, tzinfo=UTC)
    assert every.get_next_fire_time(now - timedelta(days=3653), now) == now + timedelta(seconds=10)
    assert every.get_next_fire_time(now - timedelta(seconds=4), now) == now + timedelta(seconds=6)


def test_set_back_an_hour_nothing_waits_for_it_and_nothing_fires_twice(house: Wheelhouse) -> None:
    house.tick("2027-05-20T08:00")
    with house.store.writing() as session:
        session.execute(update(Message).where(Message.status == "pending").values(status="sent"))  # type: ignore[arg-type]
    house.advance(DIALOGUE, "hold", "2027-05-20T08:30")  # wakes its parent, and its watchers, "now"
    notices, moves = len(house.notices()), len(house.log(action="plan.advanced"))
    with house.store.writing() as session:
        uow = UnitOfWork(session, instant("2027-05-20T07:31"), "daemon", house.mail)
        note_step(uow, timedelta(hours=-1))
        uow.journal.close()
    woken = house.row("2028/uppdragsdialog").wake_at
    assert woken is None or woken <= instant("2027-05-20T07:31") or woken > instant("2027-05-20T08:31")
    for minute in ("07:32", "07:59", "08:15", "08:45"):
        house.tick(f"2027-05-20T{minute}")
    assert len(house.log(action="plan.advanced")) == moves
    assert {n.rule for n in house.notices()[notices:]} <= {"undelivered"}
    [entry] = house.log("home", "clock.stepped")
    assert entry["data"] == {"seconds": -3600}
    assert house.verified()


def test_at_once_mail_does_not_wait_for_the_hour_that_was_set_back(house: Wheelhouse) -> None:
    house.walk("2028/mrp", "kf", "2027-06-02T13:00")
    house.send_back("2028/mrp", "2027-06-16T19:00", body="kf", reason="too thin", new_date="2027-08-31")
    with house.store.writing() as session:
        uow = UnitOfWork(session, instant("2027-06-16T18:00"), "daemon", house.mail)
        note_step(uow, timedelta(hours=-1))
        uow.journal.close()
    assert house.tick("2027-06-16T18:11").messages > 0


def test_a_daemon_that_starts_before_its_last_tick_says_so(house: Wheelhouse) -> None:
    with house.store.writing() as session:
        session.execute(update(Home).values(practice=False))
        uow = UnitOfWork(session, instant("2027-05-19T07:00"), "daemon", house.mail)
        note_wrong_start(uow)
        uow.journal.close()
    assert house.log("home", "clock.stepped")[0]["data"] == {"seconds": -7200}
    with house.store.reading() as session:
        at = instant("2027-05-19T20:00")
        codes = {p["code"] for p in status(session, house.mail, at, Texts("en"))["problems"]}
        later = {p["code"] for p in status(session, house.mail, at + timedelta(days=1), Texts("en"))["problems"]}
    assert "clock_stepped" in codes
    assert "clock_stepped" not in later


# --- the health file


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    home = HomeFolder(tmp_path / "home")
    init(home, Beginning("admin", datetime(2027, 1, 4, 9, tzinfo=UTC), practice=True))
    file = home.settings
    file.write_text(file.read_text().replace('\nfile = ""', '\nfile = "health.json"'), encoding="utf-8")
    app = build(home, clock=fixed_clock(datetime(2027, 1, 4, 9, tzinfo=UTC)))
    yield app
    app.close()


def test_the_health_file_says_what_status_says(app: App) -> None:
    app.ticker.tick(app.clock())
    health = HealthFile(app)
    health.write()
    assert health.path is not None
    document = json.loads(health.path.read_text(encoding="utf-8"))
    with app.store.reading() as session:
        assert document == status(session, app.mail, app.clock(), app.texts)
    assert document["well"] is True
    assert [path.name for path in health.path.parent.glob("health*")] == ["health.json"]


def test_the_health_file_is_red_where_the_database_does_not_answer(app: App) -> None:
    health = HealthFile(app)
    app.store.close()
    (app.home.root / "arshjul.db").write_bytes(b"no database at all" * 100)
    health.write()
    assert health.path is not None
    document = json.loads(health.path.read_text(encoding="utf-8"))
    assert (document["well"], [p["code"] for p in document["problems"]]) == (False, ["database"])


def test_the_health_file_is_red_where_a_tick_cannot_be_kept(app: App) -> None:
    """The disk is full, or the file is for reading alone: it can be asked, and says that all was well."""
    app.ticker.tick(app.clock())
    app.store.close()
    event.listen(app.store.engine, "connect", lambda raw, _: raw.execute("PRAGMA query_only = ON"))
    said: list[str] = []
    health = HealthFile(app)
    _tick(app, said.append, health)
    assert health.path is not None
    document = json.loads(health.path.read_text(encoding="utf-8"))
    assert (document["well"], [p["code"] for p in document["problems"]]) == (False, ["database"])
    assert said == [document["problems"][0]["message"]]


def test_a_stop_of_the_daemon_stands_in_the_log(house: Wheelhouse) -> None:
    with house.store.writing() as session:
        session.execute(update(Home).values(practice=False, last_tick=instant("2027-05-20T08:00")))
    for at in ("2027-05-20T08:03", "2027-05-20T08:07", "2027-05-20T08:08"):
        house.tick(at)
    assert [e["data"] for e in house.log("home", "tick.delayed")][-1:] == [{"since": "2027-05-20T06:03:00Z"}]


def test_mail_that_waits_for_half_an_hour_stands_in_the_log_once(house: Wheelhouse) -> None:
    with house.store.writing() as session:
        session.execute(update(Home).values(practice=False))
    house.tick("2027-05-20T07:30")
    for minute in range(58, 63):
        house.tick(f"2027-05-20T{7 + minute // 60:02}:{minute % 60:02}")
    [entry] = house.log("home", "mail.delayed")
    assert (entry["at"], entry["data"]["since"]) == ("2027-05-20T06:01:00Z", "2027-05-20T05:30:00Z")


def test_a_closed_way_is_red(house: Wheelhouse) -> None:
    house.tick("2027-05-20T07:30")
    carrier = Carrier()
    carrier.refuse = lambda rcpt: TransportError("535 wrong password", "route_closed", 535)
    send(house, "2027-05-20T07:31", carrier)
    with house.store.reading() as session:
        at = instant("2027-05-20T07:31")
        problems = status(session, MailSettings(), at, Texts("en"))["problems"]
    assert [p["code"] for p in problems] == ["mail_stopped"]
    assert "535 wrong password" in problems[0]["message"]
