"""Complaints of users about comparable tools: each test proves that one of them does not apply here."""

import re
from collections import Counter
from datetime import date
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlmodel import col

import config.municipality.municipality
from config.municipality.municipality import load
from config.text.texts import Texts
from notifications.mail_settings import MailSettings
from tests.support import ics
from tests.support.databases import CopyOf
from tests.support.timetabling import changed
from tests.support.wheelhouse import ZONE, Wheelhouse, instant
from wheel.database.store import Store
from wheel.database.tables import Home, Person, Role
from wheel.reads import explain
from wheel.reads import status as health
from wheel.rehearsal.exports import as_icalendar
from wheel.rehearsal.policy import ON_TIME
from wheel.rehearsal.rehearse import rehearse
from wheel.rehearsal.replica import Span, of_files
from workflows.definition.definition import Definition, Workflow

SN = "socialnamnden"
DIALOGUE = f"2028/uppdragsdialog/{SN}"
CONFIG = Path(config.municipality.municipality.__file__).parents[1] / "samples"
RESPONSIBLE = {f"{SN}-{role}" for role in ("officer", "secretary")}


def begun(store: Store) -> Wheelhouse:
    house = Wheelhouse(store, MailSettings(sender="arshjul@example.se"))
    house.start()
    house.tick("2027-05-19T09:00", confirmed_by="admin")
    return house


@pytest.fixture
def house(copy_of: CopyOf) -> Wheelhouse:
    return copy_of(begun)


def subjects(house: Wheelhouse, person: str, day: str) -> list[str]:
    return [m.subject for m in house.messages() if m.person_id == person and m.day.isoformat() == day]


def test_phases_must_be_changed_by_hand_at_midnight(house: Wheelhouse) -> None:
    """consul #2304, decidim #1235."""
    house.tick("2027-08-31T23:59", confirmed_by="admin")
    before = house.row(f"2028/verksamhetsplan/{SN}").state
    house.tick("2027-09-01T00:00")
    assert (before, house.row(f"2028/verksamhetsplan/{SN}").state) == ("upcoming", "open")


def test_a_phase_may_begin_after_a_meeting_and_not_at_midnight(house: Wheelhouse) -> None:
    """consul #2304: in the minute after KF's decision, by the same tick as any other."""
    house.adopt_mrp()
    before = house.row("2028/ramar").state
    house.tick("2027-06-16T19:01", confirmed_by="admin")
    assert (before, house.row("2028/ramar").state) == ("sent_out", "superseded")


def test_an_automatic_change_left_no_trace(house: Wheelhouse) -> None:
    """decidim #17282."""
    house.tick("2027-09-01T00:00", confirmed_by="admin")
    entry = house.log(f"2028/verksamhetsplan/{SN}", "plan.advanced")[-1]
    assert (entry["actor"], entry["data"]["to"]) == ("daemon", "open")


def test_an_automatic_change_overrides_management_by_hand(house: Wheelhouse) -> None:
    """decidim/documentation #259."""
    house.hold("2028/verksamhetsplan/ks", "2027-08-30T09:00", reason="KS waits")
    house.tick("2027-09-02T09:00", confirmed_by="admin")
    assert house.row("2028/verksamhetsplan/ks").state == "upcoming"
    assert house.row(f"2028/verksamhetsplan/{SN}").state == "open"


def test_of_phases_that_overlap_the_wrong_one_becomes_active(house: Wheelhouse) -> None:
    """OpenSourcePolitics/decidim-app #903: dates overlap on purpose, and no date overtakes a decision."""
    frames = house.plan("2028/ramar")
    assert (frames.state, frames.stages["draft"].last, frames.stages["decided"].opens) == (
        "draft", date(2027, 3, 31), date(2027, 2, 1),
    )  # fmt: skip
    underway = {a for a in house.addresses() if house.status(a, "2027-05-19T09:00") in ("in_progress", "overdue")}
    assert {
        "2028/ramar",
        "2028/mrp",
        f"2028/namndforslag/{SN}",
        DIALOGUE,
    } <= underway  # side by side, each in its state


FORKED = ("open", "waiting")


@pytest.mark.parametrize("listed", [FORKED, FORKED[::-1]], ids=" before ".join)
@pytest.mark.parametrize(
    ("days", "opens"),
    [
        pytest.param({"open": "1 April Y-1", "waiting": "31 March Y-1"}, "waiting", id="the earlier day"),
        pytest.param({"open": "1 April Y-1", "waiting": "1 April Y-1"}, None, id="the first in the file"),
    ],
)
@pytest.mark.parametrize(
    "ticks", [("2027-03-31T00:00", "2027-04-01T00:00"), ("2027-04-20T09:00",)], ids=["on time", "late"]
)
def test_two_states_that_open_on_one_day_are_chosen_between_by_chance(
    store: Store, listed: tuple[str, str], days: dict[str, str], opens: str | None, ticks: tuple[str, ...]
) -> None:
    """The same: the earlier day, then the order of the file, on the day and after an outage alike."""
    house = Wheelhouse(store, MailSettings(sender="arshjul@example.se"))
    flow = house.definition.workflows["uppdragsdialog-namnd"].model_dump(by_alias=True, exclude_defaults=True)
    [step] = [step for step in flow["step"] if step["verb"] == "open"]
    steps = {to: {**step, "verb": f"to_{to}", "to": to} for to in FORKED}
    flow["state"] = (*flow["state"], {"id": "waiting", "label": {"sv": "Väntar", "en": "Waiting"}})
    flow["step"] = (*(steps[to] for to in listed), *flow["step"][1:])
    states = {f"phase.uppdragsdialog.board.state.{state}.opens": day for state, day in days.items()}
    wheel = changed(house.definition, states).wheel
    workflows = {**house.definition.workflows, "uppdragsdialog-namnd": Workflow.model_validate(flow)}
    house.definition = Definition(wheel=wheel, workflows=workflows)
    house.start()
    for at in ticks:
        house.tick(at, confirmed_by="admin")
    assert house.row(DIALOGUE).state == (opens or listed[0])


def test_a_calendar_could_not_be_subscribed_to_and_showed_wrong_times(house: Wheelhouse) -> None:
    """SI: every event has a name that stays, and is a whole day, which no time zone can shift."""
    house.tick("2027-05-20T07:30")
    house.tick("2027-05-24T07:30")
    attached = [part for m in house.messages() for part in message_from_bytes(m.body).walk()]
    mailed = [part.get_payload(decode=True) for part in attached if part.get_content_type() == "text/calendar"]
    [year] = rehearse(of_files(load(CONFIG / "ljusdal"), Span(2027), MailSettings()), ON_TIME)
    made = [as_icalendar(year, instant(f"2027-01-01T0{hour}:00"), Texts("sv")) for hour in (8, 9)]
    for raw in (*(raw.decode() for raw in mailed if isinstance(raw, bytes)), *made):
        assert not [line for line in ics.lines(raw) if line.startswith("DT") and "VALUE=DATE" not in line
                    and not re.fullmatch(r"DTSTAMP:\d{8}T\d{6}Z", line)]  # fmt: skip
        uids = [event["UID"] for event in ics.events(raw)]
        assert len(set(uids)) == len(uids) > 0
    first, again = ([event["UID"] for event in ics.events(raw)] for raw in made)
    assert first == again
    dialogue = {e["UID"] for raw in mailed if isinstance(raw, bytes) for e in ics.events(raw.decode())
                if "Socialnämndens uppdragsdialog" in e["SUMMARY"]}  # fmt: skip
    assert len(dialogue) == 1


def test_a_return_to_an_earlier_state_sends_no_mail(house: Wheelhouse) -> None:
    """frappe #41691: the key holds the entry's number."""
    house.walk("2028/mrp", "ks_proposal", "2027-05-20T09:00")
    house.tick("2027-05-20T09:15")
    house.walk("2028/ramar", "sent_out", "2027-05-20T10:00")
    house.hold_dialogues("2028", "2027-05-20T10:00")
    house.advance("2028/mrp", "propose", "2027-05-21T09:00", body="ks")
    house.tick("2027-06-14T07:30", confirmed_by="admin")  # the week's overview
    house.send_back("2028/mrp", "2027-06-16T19:00", body="kf", reason="too thin", new_date="2027-08-31")
    house.tick("2027-06-16T19:15")
    assert subjects(house, "ks-officer", "2027-06-16")[-1].startswith("Återremiss: ")
    house.tick("2027-08-20T07:30", confirmed_by="admin")
    assert {n.entry for n in house.notices("2028/mrp", rule="ladder", state="ks_proposal")} >= {2}


def test_a_new_due_date_never_notifies_again(house: Wheelhouse) -> None:
    """nextcloud/deck #2239."""
    house.tick("2027-05-20T07:30")
    house.move_deadline(DIALOGUE, "2027-06-15", "2027-05-20T10:00", reason="r")
    house.tick("2027-06-04T07:30", confirmed_by="admin")  # seven working days before the new one
    sevens = [n for n in house.notices(DIALOGUE, rule="ladder", person_id=f"{SN}-officer") if n.offset == -7]
    assert [(n.deadline_version, n.message_id is not None) for n in sevens] == [(1, True), (2, True)]


def test_one_bad_recipient_skips_the_run_for_everybody(house: Wheelhouse) -> None:
    """redmine_reminder #16, openproject #7601."""
    with house.store.writing() as session:
        for person, email in ((f"{SN}-officer", ""), ("ks-officer", "åäö@@"), ("ks-function", "x\r\nBcc: y@z")):
            session.execute(update(Person).where(col(Person.id) == person).values(email=email))
    house.tick("2027-05-20T07:30")
    mailed = {m.person_id for m in house.messages() if m.day.isoformat() == "2027-05-20"}
    assert {f"{SN}-secretary", "byggnadsnamnden-officer"} <= mailed
    assert {f"{SN}-officer", "ks-officer", "ks-function"}.isdisjoint(mailed)


def test_a_mail_about_nothing_and_overdue_items_that_are_missing(house: Wheelhouse) -> None:
    """alvila/redmine_reminder #1, Restream/redmine_reminder #3."""
    house.tick("2027-06-01T07:30", confirmed_by="admin")
    for message in house.messages():
        assert house.notices(message_id=message.id) or message.person_id == "admin"  # the admin's: the log's head
    overdue = [a for a in house.addresses() if house.status(a, "2027-06-01T08:00") == "overdue"]
    late_today = [a for a in overdue if house.plan(a).stage.last.isoformat() == "2027-05-31"]  # type: ignore[union-attr]
    assert DIALOGUE in late_today
    for address in late_today:
        told = [n for n in house.notices(address, rule="ladder") if n.offset == 1]
        assert told, address
        assert all(n.message_id for n in told), address


def test_the_start_and_the_overdue_mail_come_at_the_same_moment(house: Wheelhouse) -> None:
    """SORMAS #4334: the tightest alone, in one mail."""
    house.tick("2027-11-02T09:00", confirmed_by="admin")
    counted = Counter(m.person_id for m in house.messages() if m.day.isoformat() == "2027-11-02")
    assert set(counted.values()) == {1}
    for rule, state in {(n.rule, n.state) for n in house.notices(DIALOGUE)}:
        told = [n for n in house.notices(DIALOGUE, state=state, person_id=f"{SN}-officer") if n.message_id]
        assert len({n.message_id for n in told}) == len(told), rule


@pytest.mark.parametrize(("before", "day"), [("2027-03-25", "2027-03-28"), ("2027-10-29", "2027-10-31")])
def test_a_doubled_or_shifted_mail_when_the_clocks_change(house: Wheelhouse, before: str, day: str) -> None:
    """Rock #6560: every tick of the night, the doubled hour too, and no scheduled mail but at the sending hour."""
    house.tick(f"{before}T09:00", confirmed_by="admin")
    made = len(house.messages())
    for hour in ("00:00", "01:59", "02:00", "02:30", "03:00", "07:30", "23:59"):
        house.tick(f"{day}T{hour}")
    assert house.messages()[made:] == []  # a Sunday
    for notice in house.notices():
        if not notice.at_once and notice.rule not in ("overview", "undelivered"):  # these are about a tick's day
            assert notice.send_after == instant(f"{notice.send_after.astimezone(ZONE).date()}T07:30")


def test_a_restart_runs_the_weeks_job_again(house: Wheelhouse) -> None:
    """hermes-agent #68211: the last tick may be forgotten, the keys are not."""
    house.tick("2027-05-24T07:30")
    before = len(house.messages())
    with house.store.writing() as session:
        session.execute(update(Home).values(last_tick=instant("2027-05-23T12:00")))
    house.tick("2027-05-24T07:31")
    assert len(house.messages()) == before


def test_missed_runs_are_skipped_after_downtime(house: Wheelhouse) -> None:
    """mindroom #2024, dagu #2742: each once, in order, with the day that it was due."""
    house.tick("2027-09-08T09:00", confirmed_by="admin")
    passed = [e["data"]["due"] for e in house.log() if e["action"] == "deadline.passed"]
    assert passed == sorted(passed)
    assert len(house.log(DIALOGUE, "deadline.passed")) == 1


def test_there_is_only_one_reminder_and_none_before_the_day(house: Wheelhouse) -> None:
    """nextcloud/deck #1202, #1549, #6615."""
    for at in ("2027-05-20", "2027-05-26", "2027-05-28", "2027-05-31", "2027-06-01"):
        house.tick(f"{at}T07:30", confirmed_by="admin")
    made = {m.id: m.day.isoformat() for m in house.messages()}
    told = house.notices(DIALOGUE, rule="ladder", person_id=f"{SN}-officer")
    assert [(made[n.message_id], n.offset) for n in told if n.message_id] == [
        ("2027-05-20", -7), ("2027-05-26", -3), ("2027-05-28", -1), ("2027-05-31", 0), ("2027-06-01", 1),
    ]  # fmt: skip


def test_nobody_knows_whom_the_overdue_mail_goes_to(house: Wheelhouse) -> None:
    """kanboard #3384: the plan says so before, and in the mail stands why."""
    agenda = house.show(DIALOGUE, "2027-05-19T10:00")["agenda"]
    [seventh] = [alarm for alarm in agenda if alarm["rule"] == "ladder+7"]
    assert set(seventh["to"]) == RESPONSIBLE | {f"{SN}-head", f"{SN}-chair", "admin"}
    house.tick("2027-06-09T07:30", confirmed_by="admin")
    assert {n.person_id for n in house.notices(DIALOGUE, rule="ladder") if n.offset == 7} == set(seventh["to"])
    mail = next(m for m in reversed(house.messages()) if m.person_id == f"{SN}-chair")
    text = message_from_bytes(mail.body, policy=policy.default).get_body(("plain",))
    assert text is not None
    assert "ordförande för socialnämnden" in text.get_content()


def test_nobody_knows_why_a_mail_came_at_an_unexpected_time(house: Wheelhouse) -> None:
    """ST5: every notice explains itself, the moved and the put off ones too."""
    house.tick("2027-05-20T07:30")
    house.move_deadline(DIALOGUE, "2027-06-15", "2027-05-20T10:00", reason="r")
    house.tick("2027-05-31T07:30", confirmed_by="admin")
    with house.unit_of_work("2027-05-31T08:00") as uow:
        told = explain.explain(uow, DIALOGUE, Texts("en")).notices
    assert len(told) >= len(house.notices(DIALOGUE))
    assert all(len(notice.because.split()) > 2 for notice in told)


def test_one_has_to_act_as_another_to_unlock_what_they_locked(house: Wheelhouse) -> None:
    """ST11: any administrator, in their own name, with a reason."""
    with house.store.writing() as session:
        session.add(Person(id="other", name="other", email="other@example.se"))
    with house.store.writing() as session:
        session.add(Role(person_id="other", role="administrator"))
    house.hold(DIALOGUE, "2027-05-19T10:00", reason="r")
    house.release(DIALOGUE, "2027-05-19T11:00", actor="other", reason="the one who held it is away")
    assert house.log(DIALOGUE, "plan.released")[-1]["actor"] == "other"


def test_a_job_that_has_stopped_is_not_noticed(house: Wheelhouse) -> None:
    """healthchecks.io."""
    with house.store.reading() as session:
        status = health.status(session, house.mail, instant("2027-05-19T09:04"), Texts("en"))
    assert "daemon_silent" in {problem.code for problem in status.problems}


def test_to_and_fro_ten_times_in_a_minute_is_one_mail(house: Wheelhouse) -> None:
    for second in range(10):
        new = f"2027-06-{15 + second % 2}"
        house.move_deadline(DIALOGUE, new, f"2027-05-19T10:00:{second * 5:02}", reason="r")
    before = len(house.messages())
    house.tick("2027-05-19T10:11")
    mine = [m for m in house.messages()[before:] if m.person_id == f"{SN}-officer"]
    assert [m.subject for m in mine] == ["Ny hålltid 16 juni (tidigare 31 maj): Uppdragsdialog 2028, SN"]


def test_moved_back_to_where_it_was_within_the_ten_minutes_is_no_mail(house: Wheelhouse) -> None:
    house.move_deadline(DIALOGUE, "2027-06-15", "2027-05-19T10:00", reason="the wrong row")
    house.move_deadline(DIALOGUE, "2027-05-31", "2027-05-19T10:01", reason="the wrong row")
    before = len(house.messages())
    house.tick("2027-05-19T10:15")
    assert len(house.messages()) == before


def test_decided_a_second_ago_is_not_reminded_of(house: Wheelhouse) -> None:
    house.advance(DIALOGUE, "hold", "2027-05-20T07:29:59")
    house.tick("2027-05-20T07:30")
    assert not [n for n in house.notices(DIALOGUE, rule="ladder") if n.message_id]
