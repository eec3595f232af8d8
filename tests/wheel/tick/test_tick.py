"""The tick: what is due, in the order it became due, told once; after any outage the same, and no storm."""

import logging
import tomllib
from collections import Counter
from datetime import date
from operator import attrgetter

import pytest
from sqlalchemy import event, insert, update
from sqlmodel import col

from config.text.texts import Texts
from notifications.content.content import NoticeContent
from notifications.content.wording import subject
from notifications.mail_settings import MailSettings
from tests.support.databases import CopyOf
from tests.support.timetabling import changed
from tests.support.wheelhouse import BOARDS, CATALOG, Wheelhouse, instant, utc_text, vanersborg
from wheel.database.store import Store
from wheel.database.tables import PLAN_TRIES, CycleRow, DefinitionRow, Home, Person, Role
from wheel.errors import RefusedError
from workflows.definition.definition import Definition, Workflow

SN = "socialnamnden"
OWE_MRP = {"ekonomikontoret-officer", "ekonomikontoret-secretary"}


def begun(store: Store) -> Wheelhouse:
    """A running cycle of 2028, its first day ticked."""
    house = Wheelhouse(store)
    house.start()
    house.tick("2026-11-05T09:00")
    return house


@pytest.fixture
def house(copy_of: CopyOf) -> Wheelhouse:
    return copy_of(begun)


@pytest.fixture
def large(house: Wheelhouse) -> Wheelhouse:
    """Each body has another officer, so that more than fifty are mailed."""
    with house.store.writing() as session:
        for body in house.definition.wheel.bodies:
            id = f"{body}-colleague"
            session.add(Person(id=id, name=id, email=f"{id}@example.se"))
            session.flush()
            session.add(Role(person_id=id, role="officer", body=body))
    return house


def states(house: Wheelhouse, *phases: str) -> list[str]:
    return [house.row(f"2028/{phase}").state for phase in phases]


def ladder(house: Wheelhouse, address: str) -> list[tuple[int | None, str]]:
    """Offset and outcome of the reminders to the first officer who gets them."""
    return [(n.offset, n.outcome) for n in house.notices(address, rule="ladder") if n.person_id.endswith("-officer")]


# --- on the day


def test_phases_open_on_their_dates_and_those_responsible_are_told_at_the_sending_hour(house: Wheelhouse) -> None:
    house.tick("2027-02-28T23:59")
    assert states(house, "mrp") == ["upcoming"]
    ticked = house.tick("2027-03-01T00:00")
    assert ("2028/mrp", "upcoming", "underlag", instant("2027-03-01T00:00")) in [
        (m["address"], m["from"], m["to"], m["due"]) for m in ticked.moved
    ]
    told = house.notices("2028/mrp", rule="your_turn")
    assert {notice.person_id for notice in told} == OWE_MRP
    assert {(notice.send_after, notice.at_once) for notice in told} == {(instant("2027-03-01T07:30"), False)}
    assert not [notice for notice in told if notice.message_id]
    house.tick("2027-03-01T07:30")
    assert all(notice.message_id for notice in house.notices("2028/mrp", rule="your_turn"))


def test_what_opens_on_a_day_off_is_told_on_the_next_working_day(house: Wheelhouse) -> None:
    house.tick("2027-01-01T00:00")  # a Friday that is off; the next working day is Monday
    assert {n.send_after for n in house.notices("2028/ramar", rule="your_turn")} == {instant("2027-01-04T07:30")}


def test_a_second_tick_at_the_same_moment_does_nothing(house: Wheelhouse) -> None:
    house.tick("2027-03-01T07:30")
    plans = house.rows()["plan"]
    ticked = house.tick("2027-03-01T07:30")
    assert (ticked.moved, ticked.notices, ticked.messages) == ([], 0, 0)
    assert house.rows()["plan"] == plans


def test_a_preview_says_what_a_tick_would_do_and_changes_nothing(large: Wheelhouse) -> None:
    at = "2027-06-09T07:30"
    with large.unchanged():
        seen = large.preview(at)
    done = large.tick(at)
    # It is the first tick for months: the preview shows those mails too that wait for somebody to look.
    assert [mail["to"] for mail in seen.mails[:50]] == [message.to for message in large.messages()[-50:]]
    assert (seen.messages, seen.held_back) == (50, done.held_back)
    assert (seen.moved, seen.notices, seen.messages) == (done.moved, done.notices, done.messages)
    assert seen.moved
    # Of the persons beyond the limit some have nothing left to be told.
    assert len(seen.mails) == 50 + large.tick(at, confirmed_by="admin").messages < 50 + done.held_back


def test_the_last_day_counts_whole_and_its_passing_is_logged_once(house: Wheelhouse) -> None:
    house.tick("2027-05-31T23:59")
    assert house.log("2028/mrp", "deadline.passed") == []
    assert house.status("2028/mrp", "2027-05-31T23:59") == "in_progress"
    house.tick("2027-06-01T00:00")
    house.tick("2027-06-01T00:05")
    [entry] = house.log("2028/mrp", "deadline.passed")
    assert (entry["data"]["last"], entry["data"]["due"]) == ("2027-05-31", utc_text("2027-06-01T00:00"))
    assert house.status("2028/mrp", "2027-06-01T00:00") == "overdue"


def test_the_longer_it_is_late_the_more_people_hear_of_it(house: Wheelhouse) -> None:
    dialogue = f"2028/uppdragsdialog/{SN}"
    responsible = {f"{SN}-officer", f"{SN}-secretary"}
    for at, told in [
        ("2027-06-01T07:30", responsible),
        ("2027-06-03T07:30", responsible | {f"{SN}-head"}),
        ("2027-06-09T07:30", responsible | {f"{SN}-head", f"{SN}-chair", "admin"}),
    ]:
        house.tick(at)
        last = max(notice.due for notice in house.notices(dialogue, rule="ladder"))
        assert last == instant(at)
        assert {n.person_id for n in house.notices(dialogue, rule="ladder", due=last)} == told


def test_reminders_stop_when_it_is_done(house: Wheelhouse) -> None:
    dialogue = f"2028/uppdragsdialog/{SN}"
    house.tick("2027-05-20T07:30")
    house.advance(dialogue, "hold", "2027-05-21T09:00")
    house.tick("2027-06-15T09:00")
    # The state lasts 60 days, from 1 April to 31 May: not long enough for a reminder a month ahead.
    assert {notice.offset for notice in house.notices(dialogue, rule="ladder")} == {-7}


def test_reminders_are_armed_again_on_re_entry(house: Wheelhouse) -> None:
    house.walk("2028/mrp", "kf", "2027-06-02T13:00")
    house.send_back("2028/mrp", "2027-06-16T19:00", body="kf", reason="too thin", new_date="2027-08-31")
    house.tick("2027-08-20T07:30")  # seven working days before 31 August
    again = [n for n in house.notices("2028/mrp", rule="ladder", state="ks_proposal") if n.offset == -7]
    assert {(notice.entry, notice.person_id) for notice in again} == {
        (2, f"ks-{role}") for role in ("officer", "secretary")
    }


# --- what the calendar ends by itself


def with_window(store: Store, over: str, **more: str) -> Wheelhouse:
    """A time from 1 to 15 March 2027, which is over on that day; `more`: other words of its open state."""
    flow = tomllib.loads((CATALOG / "tidsfonster.toml").read_text(encoding="utf-8"))
    flow["state"][1] |= more
    phase = {
        "label": {"sv": "Samråd", "en": "Consultation"}, "workflow": "tidsfonster", "source": "test",
        "parties": {"prepares": "ekonomikontoret"}, "state": {},
    }  # fmt: skip
    dates = {"open.opens": "1 March Y-1", "open.last": "15 March Y-1", "over.opens": over}
    house = Wheelhouse(store, MailSettings(sender="arshjul@example.se"))
    sample = vanersborg()
    flows = {**sample.workflows, "tidsfonster": Workflow.model_validate(flow)}
    given = {"phase.samrad": phase} | {f"phase.samrad.state.{place}": rule for place, rule in dates.items()}
    house.definition = Definition(wheel=changed(sample, given).wheel, workflows=flows)
    house.start()
    house.tick("2027-03-01T00:00", confirmed_by="admin")
    return house


def test_nothing_is_owed_in_a_state_that_the_calendar_ends_and_its_last_day_is_shown(store: Store) -> None:
    house = with_window(store, "after 15 March Y-1")
    shown = house.show("2028/samrad", "2027-03-02T09:00")
    assert [(alarm["what"], alarm["rule"]) for alarm in shown["agenda"]] == [("step", "close")]
    assert next(state["last"]["date"] for state in shown["states"] if state["state"] == "open") == "2027-03-15"
    with house.refused("state"):
        house.remind("2028/samrad", "2027-03-02T09:00")
    for day in ("2027-03-08", "2027-03-15"):  # a Monday each
        house.tick(f"{day}T07:30")
    assert house.status("2028/samrad", "2027-03-16T00:00") == "in_progress"  # the daemon is late, nobody else
    house.tick("2027-03-16T00:00")
    assert house.row("2028/samrad").state == "over"
    assert house.notices("2028/samrad") == []
    assert house.log("2028/samrad", "deadline.passed") == []


@pytest.mark.parametrize(
    ("over", "more"),
    [("undecided", {}), ("after 15 March Y-1", {"works": "prepares"})],
    ids=["its end has no day yet", "somebody works in it"],
)
def test_otherwise_it_is_owed_and_reminded_of(store: Store, over: str, more: dict[str, str]) -> None:
    house = with_window(store, over, **more)
    house.tick("2027-03-15T07:30")
    assert {n.offset for n in house.notices("2028/samrad", rule="ladder")} >= {0}
    assert house.status("2028/samrad", "2027-03-16T00:00") == "overdue"


# --- after an outage


def test_a_day_late_the_reminder_still_comes(house: Wheelhouse) -> None:
    house.tick("2027-05-19T09:00", confirmed_by="admin")
    house.tick("2027-05-21T09:00")  # it was due on the 20th
    assert ladder(house, "2028/mrp")[-1] == (-7, "planned")
    assert house.notices("2028/mrp", rule="ladder", offset=-7)[0].message_id


def test_a_month_late_there_is_one_mail_per_person_with_the_tightest_reminder(house: Wheelhouse) -> None:
    house.tick("2027-05-19T09:00", confirmed_by="admin")
    before = len(house.messages())
    house.tick("2027-06-18T09:00", confirmed_by="admin")
    new = house.messages()[before:]
    assert max(Counter(message.person_id for message in new).values()) == 1
    missed = [entry for entry in ladder(house, "2028/mrp") if entry[0] is not None and entry[0] > -30]
    assert missed == [(offset, "superseded") for offset in (-7, -3, -1, 0, 1, 3, 7)]
    assert {n.outcome for n in house.notices("2028/mrp", rule="overview")} == {"planned"}  # it is the newest


def test_a_year_late_everything_stands_where_it_would_have_stood(house: Wheelhouse) -> None:
    house.tick("2027-11-02T09:00")
    assert states(house, "tidsplan", "budgetberedning", "ramar", "namndforslag", "uppdragsdialog", "mrp") == [
        "in_force", "started", "draft", "open", "open", "underlag",
    ]  # fmt: skip
    for board in BOARDS:
        taking_part = "upcoming" if board == "valnamnden" else "open"
        assert states(house, f"namndforslag/{board}", f"uppdragsdialog/{board}", f"verksamhetsplan/{board}") == [
            "open", taking_part, "open",
        ]  # fmt: skip
    assert states(house, "verksamhetsplan", "delarsrapport-april", "arsredovisning") == ["open", "upcoming", "upcoming"]
    assert house.row("2029/tidsplan").state == "draft"
    entered = {
        "2028/tidsplan": "2027-01-01T00:00", "2028/ramar": "2027-01-01T00:00", "2028/mrp": "2027-03-01T00:00",
        f"2028/uppdragsdialog/{SN}": "2027-04-01T00:00", "2028/verksamhetsplan/ks": "2027-09-01T00:00",
        "2029/tidsplan": "2027-11-01T00:00",
    }  # fmt: skip
    for address, at in entered.items():
        assert house.plan(address).stage.entered_at == instant(at), address


def test_what_was_due_is_done_in_the_order_it_became_due(house: Wheelhouse) -> None:
    dues = [moved["due"] for moved in house.tick("2027-11-02T09:00").moved]
    assert dues == sorted(dues)
    assert len(dues) == 4 + 10 + 9 + 10  # wholes, proposals, dialogues, operational plans
    logged = [entry["data"]["due"] for entry in house.log() if entry["data"].get("due")]
    assert logged == sorted(logged)
    reminded = [notice.due for notice in sorted(house.notices(rule="ladder"), key=attrgetter("id"))]
    assert reminded == sorted(reminded)


def test_an_outage_ends_as_ticks_on_the_days_would_have(house: Wheelhouse) -> None:
    """The other wheel has ticked every third day."""
    late = house
    late.tick("2027-04-30T09:00", confirmed_by="admin")
    timely_store = Store("sqlite://")
    timely_store.create()
    timely = Wheelhouse(timely_store)
    timely.start()
    for month in range(11, 17):
        for day in range(5 if month == 11 else 1, 29, 9):
            timely.tick(f"{2026 + (month - 1) // 12}-{(month - 1) % 12 + 1:02}-{day:02}T09:00")
    timely.tick("2027-04-30T09:00")
    for address in late.addresses():
        one, other = late.row(address), timely.row(address)
        assert (one.state, one.entry, one.stages, one.mark) == (other.state, other.entry, other.stages, other.mark)
        assert (one.wake_at, one.handled_until) == (other.wake_at, other.handled_until)
    # The overview of a week that has passed is of no use to anybody; of what is overdue for weeks the administrators
    # are told instead (test_silence).
    left_out = ("overview", "undelivered")
    late_keys, timely_keys = ({n.key for n in of.notices() if n.rule not in left_out} for of in (late, timely))
    assert late_keys == timely_keys
    timely_store.close()


def test_after_a_long_stop_at_most_fifty_mails_leave_before_somebody_has_looked(large: Wheelhouse) -> None:
    at = "2027-06-09T09:00"
    before = len(large.messages())
    seen = large.preview(at)
    # Nine boards that are late with their dialogue, with five persons each, some others, and the administrator.
    assert (seen.messages, seen.held_back) == (50, 6)
    ticked = large.tick(at)
    assert (ticked.messages, ticked.held_back) == (50, 6)
    again = large.tick("2027-06-09T09:01")
    assert (again.messages, again.held_back) == (0, 6)
    with large.unchanged(), pytest.raises(RefusedError):
        large.tick("2027-06-09T09:02", confirmed_by="reader")
    assert large.tick("2027-06-09T09:03", confirmed_by="admin").messages == 4
    assert large.log("home", "mail.confirmed")[0]["actor"] == "admin"
    new = large.messages()[before:]
    assert set(Counter(message.person_id for message in new).values()) == {1}
    assert len(new) == 54
    assert large.tick("2027-06-09T09:04").held_back == 0


def test_a_long_stop_that_ends_in_the_night_is_looked_at_before_the_sending_hour_too(large: Wheelhouse) -> None:
    before = len(large.messages())
    assert large.tick("2027-06-10T03:00").held_back == 6
    assert large.tick("2027-06-10T07:30").messages == 0
    assert len(large.messages()) == before
    assert large.tick("2027-06-10T07:31", confirmed_by="admin").messages == 54


def test_a_stop_of_months_that_somebody_has_looked_at_is_mailed_at_once(large: Wheelhouse) -> None:
    ticked = large.tick("2027-06-09T09:00", confirmed_by="admin")
    assert (ticked.messages, ticked.held_back) == (54, 0)


def test_after_a_restore_no_mail_leaves_until_somebody_has_looked(house: Wheelhouse) -> None:
    with house.store.writing() as session:
        session.execute(update(Home).values(mail_hold="restored"))
    ticked = house.tick("2027-03-01T07:30")
    assert ticked.messages == 0
    assert ticked.held_back > 0
    assert house.tick("2027-03-01T07:31", confirmed_by="admin").messages > 0


# --- a poisoned plan


def poison(house: Wheelhouse, cycle: str) -> None:
    """The definition of the cycle cannot be read any more."""
    with house.store.writing() as session:
        session.execute(insert(DefinitionRow).values(sha256="0" * 64, version="1", body=b"{}"))
        session.execute(update(CycleRow).where(col(CycleRow.name) == cycle).values(definition="0" * 64))


def mend(house: Wheelhouse, cycle: str) -> None:
    with house.store.writing() as session:
        session.execute(update(CycleRow).where(col(CycleRow.name) == cycle).values(definition=house.definition.sha256))


@pytest.mark.parametrize("cycle", ["2028", "mandat-2026"])
def test_a_poisoned_cycle_does_not_stop_the_other_and_is_put_aside_after_five_tries(
    house: Wheelhouse, cycle: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    house.open("mandat-2026", "2026-11-05T09:00")
    house.tick("2027-02-27T09:00", confirmed_by="admin")  # a Saturday: on Monday both have something to open
    poison(house, cycle)
    bad, good = ("2028/mrp", "mandat-2026/inriktningsmal")[:: 1 if cycle == "2028" else -1]
    first = house.tick("2027-03-01T07:30")
    assert good in {moved["address"] for moved in first.moved}
    assert bad not in {moved["address"] for moved in first.moved}
    assert (first.put_aside, house.row(bad).tries) == ([], 1)
    assert "ValidationError" in house.row(bad).trouble
    assert {n.message_id is None for n in house.notices(good, rule="your_turn")} == {False}
    # It is tried again after 1, 2, 4 and 8 minutes.
    for minute, tries in [("30", 1), ("31", 2), ("32", 2), ("33", 3), ("37", 4), ("45", 5), ("59", 5)]:
        ticked = house.tick(f"2027-03-01T07:{minute}")
        assert (house.row(bad).tries, bad in ticked.put_aside) == (tries, minute == "45")
    assert house.log(bad, "plan.put_aside")
    mend(house, cycle)
    house.tick("2027-03-08T09:00")
    assert house.row(bad).tries == PLAN_TRIES
    assert house.row(bad).state == "upcoming"
    house.release(bad, "2027-03-08T10:00", actor="admin")
    assert (house.row(bad).tries, house.row(bad).trouble) == (0, "")
    assert house.row(bad).state != "upcoming"


def test_a_plan_that_is_released_is_tried_at_once(house: Wheelhouse) -> None:
    later = instant("2027-03-01T08:00")
    house.set_plan("2028/mrp", tries=PLAN_TRIES, retry_at=later, trouble="out of memory", wake_at=later)
    house.hold("2028/mrp", "2027-02-26T09:00", reason="until it is mended")
    house.release("2028/mrp", "2027-03-01T07:31")
    assert house.tick("2027-03-01T07:32").moved
    assert (house.row("2028/mrp").state, house.row("2028/mrp").trouble) == ("underlag", "")


# --- who is woken


def test_a_plan_sleeps_on_until_one_it_waits_for_has_come_so_far_or_goes_back(house: Wheelhouse) -> None:
    whole, board = "2028/namndforslag", f"2028/namndforslag/{SN}"
    house.tick("2027-03-01T00:30")
    asleep = house.row(whole).wake_at
    house.walk(board, "proposal", "2027-03-10T09:00")
    assert house.row(whole).wake_at == asleep  # it waits for "reconciled", and this one is not nearer to it
    house.advance(board, "reconcile", "2027-03-11T09:00")
    assert house.row(whole).wake_at == instant("2027-03-11T09:00")
    house.tick("2027-03-11T09:01")
    assert house.row(whole).wake_at == asleep
    house.undo(house.log(board, "plan.advanced")[-1]["seq"], "2027-03-11T09:02", reason="wrong row")
    assert house.row(whole).wake_at == instant("2027-03-11T09:02")


def test_a_tick_that_finds_nothing_is_one_transaction(house: Wheelhouse) -> None:
    begun: list[object] = []
    note = begun.append
    event.listen(house.store.engine, "begin", note)
    assert not house.tick("2026-11-05T09:01").moved
    event.remove(house.store.engine, "begin", note)
    assert len(begun) == 1


# --- what every tick leaves behind


def test_the_log_holds_together_and_every_move_is_one_entry(house: Wheelhouse) -> None:
    moved = house.tick("2027-11-02T09:00").moved
    at = utc_text("2027-11-02T09:00")
    by_daemon = [e for e in house.log(action="plan.advanced") if e["actor"] == "daemon" and e["at"] == at]
    # The timetable of 2029 was opened with its cycle, by the last alarm of all.
    assert [(m["address"], m["to"]) for m in moved] + [("2029/tidsplan", "draft")] == [
        (entry["subject"], entry["data"]["to"]) for entry in by_daemon
    ]
    assert house.verified()


def test_two_matters_without_a_deadline_have_a_subject_too() -> None:
    """Two reminders of states without a last day, on one morning."""
    one, other = (
        NoticeContent(address=f"2028/{phase}", title=phase, task="t", rule="manual", why_you="w")
        for phase in ("mrp", "ramar")
    )
    assert subject(Texts("sv"), [one, other], date(2027, 3, 1)) == "Vecka 9: 2 uppgifter"


def test_who_may_not_confirm_moves_nothing_either(house: Wheelhouse) -> None:
    with house.unchanged(), pytest.raises(RefusedError):
        house.tick("2027-11-02T09:00", confirmed_by="reader")
    assert house.tick("2027-11-02T09:00").moved


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)  # its planner says the same whatever is stored
def test_a_tick_reads_no_table_from_end_to_end_for_they_grow_with_the_years(house: Wheelhouse) -> None:
    grow = {"plan", "notice", "message", "decision", "log_entry"}
    asked: dict[str, tuple[object, ...]] = {}

    def note(
        _connection: object, _cursor: object, statement: str, values: object, _context: object, many: bool
    ) -> None:
        if not many and statement.startswith(("SELECT", "UPDATE")):
            asked[statement] = tuple(values)  # type: ignore[arg-type]

    event.listen(house.store.engine, "before_cursor_execute", note)
    ticked = house.tick("2027-03-01T07:30")  # what has opened is told, on a Monday morning
    event.remove(house.store.engine, "before_cursor_execute", note)
    assert ticked.moved
    assert ticked.messages
    with house.store.reading() as session:
        explain = session.connection().exec_driver_sql
        plans = {sql: explain(f"EXPLAIN QUERY PLAN {sql}", values).all() for sql, values in asked.items()}
    assert len(plans) > 20
    scanned = {(row.detail.split()[1], sql) for sql, rows in plans.items() for row in rows if row.detail[:5] == "SCAN "}
    assert [sql for table, sql in scanned if table in grow] == []
