"""A rehearsed year: what a municipality sees before it happens, and that nothing happens meanwhile.

Every date that is expected was written by hand from the rules of the sample (config/vanersborg) and its meetings: a
punctual official is two working days ahead of the last day, a body decides at its last meeting that is not after it.
"""

import csv
import hashlib
import io
import os
import pty
import shutil
import socket
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from config.municipality.municipality import VANERSBORG, Municipality, load
from config.text.texts import Texts
from notifications.mail_settings import MailSettings
from notifications.tables import Message, Notice
from tests.support.databases import SqliteDatabases
from tests.support.ics import events
from tests.support.installed import COMMAND, Arshjul, Document, at
from tests.support.timetabling import changed
from tests.support.wheelhouse import BOARDS, DIALOGUES, Wheelhouse, instant, started
from wheel.console import main
from wheel.console.printing.rehearsal import say_pair, say_year
from wheel.documents.base import as_json
from wheel.engine import transition
from wheel.errors import Usage
from wheel.rehearsal.exports import as_csv, as_icalendar
from wheel.rehearsal.planned_steps import StepPlanner
from wheel.rehearsal.policy import ON_TIME, Policy, policy
from wheel.rehearsal.rehearse import rehearse
from wheel.rehearsal.replica import Span, of_files
from wheel.rehearsal.result import RehearsalResult
from wheel.rehearsal.simulation import Simulation
from wheel.rehearsal.year_documents import pair_document, year_document
from workflows.dates.workdays import Calendar
from workflows.definition.definition import Definition

LATE_BOARDS = tuple(board for board in BOARDS if board != "ks")  # KS is no board alone: it stays on time
LEJRE = VANERSBORG.with_name("lejre")
SWEDISH = Calendar("SE", "Europe/Stockholm")


@cache
def sample() -> Municipality:
    return load(VANERSBORG)


@cache
def played(asked: str, year: int = 2027, years: int = 1) -> RehearsalResult:
    """The sample's year under that policy."""
    (found,) = rehearse(of_files(sample(), Span(year, years), MailSettings()), policy(asked))
    return found


@cache
def small() -> Municipality:
    """The sample with three boards: the same year in less time."""
    whole = sample()
    gone = set(BOARDS) - {"ks", "socialnamnden", "valnamnden"}
    wheel = whole.definition.wheel
    wheel = wheel.model_copy(update={"bodies": {id: body for id, body in wheel.bodies.items() if id not in gone}})
    people = {id: person for id, person in whole.people.items() if gone.isdisjoint(role.body for role in person.roles)}
    meetings = {body: on for body, on in whole.meetings.items() if body not in gone}
    return Municipality(Definition(wheel=wheel, workflows=whole.definition.workflows), people, meetings)


def in_small(*policies: Policy) -> list[RehearsalResult]:
    return rehearse(of_files(small(), Span(2027), MailSettings()), *policies)


def days(year: RehearsalResult, what: str, address: str = "") -> dict[str, str]:
    """When it happened: `2028/mrp decide`: 2027-06-16. Without an address those of whole phases alone."""
    return {
        f"{entry.address} {entry.step}": entry.day.isoformat()
        for entry in year.calendar
        if entry.what == what and (entry.address == address if address else entry.board is None)
    }


def mailed(year: RehearsalResult, person: str, *months: str) -> list[str]:
    found = [day.isoformat() for mail in year.mails if mail.person == person for day in mail.days]
    return [day for day in found if not months or day[:7] in months]


# ---- a punctual year -------------------------------------------------------------------------------------------


def test_in_a_punctual_year_each_body_decides_at_its_last_meeting_in_time() -> None:
    assert days(played("on-time"), "decided") == {
        "2028/ramar decide": "2027-03-24",  # KS, by 31 March
        "2026/arsredovisning draw_up": "2027-04-07",  # KS, by 10 April
        "2027/delarsrapport-april hand_over": "2027-06-02",  # KS, by 10 June
        "2028/mrp propose": "2027-06-02",
        "2026/arsredovisning decide": "2027-06-16",  # KF's only meeting between 1 and 30 June
        "2026/arsredovisning discharge": "2027-06-16",
        "2027/delarsrapport-april decide": "2027-06-16",
        "2028/mrp decide": "2027-06-16",
        "2027/delarsrapport-augusti hand_over": "2027-10-27",  # KS, by the law's 31 October
        "mandat-2026/inriktningsmal propose": "2027-10-27",
        "2029/tidsplan decide": "2027-11-03",  # its cycle has opened by itself two days before
        "2027/delarsrapport-augusti decide": "2027-11-17",
        "mandat-2026/inriktningsmal decide": "2027-12-15",
    }


def test_the_auditors_are_told_once_of_each_report_that_is_handed_over_to_them() -> None:
    assert mailed(played("on-time"), "revisor-1") == ["2027-04-13", "2027-10-27"]


def test_in_a_punctual_year_officials_are_two_working_days_ahead() -> None:
    assert days(played("on-time"), "done") == {
        "2028/ramar send_out": "2027-04-07",  # by Saturday 10 April: two working days before Friday
        "2026/arsredovisning hand_over": "2027-04-13",
        "2028/mrp submit": "2027-05-27",  # by Monday 31 May
        "2028/uppdragsdialog reconcile": "2027-06-02",  # by Saturday 5 June
    }


def test_a_boards_own_year() -> None:
    year = played("on-time")
    plan = "2028/verksamhetsplan/socialnamnden"
    assert days(year, "opens", plan) == {f"{plan} open": "2027-09-01"}
    assert days(year, "done", plan) == {f"{plan} draft": "2027-09-28", f"{plan} submit": "2027-11-26"}
    assert days(year, "decided", plan) == {f"{plan} decide": "2027-12-09"}
    account = "2026/arsredovisning/overformyndarnamnden"
    assert days(year, "done", account) == {f"{account} report": "2027-01-27", f"{account} analyse": "2027-02-10"}
    assert days(year, "decided", account) == {f"{account} decide": "2027-02-23"}


def test_the_phases_open_on_their_days_and_the_next_cycle_by_itself() -> None:
    year = played("on-time")
    assert days(year, "opens") == {
        "2026/arsredovisning open": "2027-01-01", "2026/arsberattelse open": "2027-01-01",
        "2028/budgetberedning open": "2027-01-01", "2028/ramar open": "2027-01-01", "2028/mrp open": "2027-03-01",
        "2028/namndforslag open": "2027-03-01", "mandat-2026/inriktningsmal open": "2027-03-01",
        "2028/uppdragsdialog open": "2027-04-01", "2027/delarsrapport-april open": "2027-05-01",
        "2027/delarsrapport-augusti open": "2027-09-01", "2028/verksamhetsplan open": "2027-09-01",
        "2029/tidsplan open": "2027-11-01",  # on the day on which its cycle is opened
    }  # fmt: skip
    assert [(e.cycle, e.day) for e in year.calendar if e.what == "cycle_opened"] == [("2029", date(2027, 11, 1))]
    opened = {entry.board for entry in year.calendar if entry.what == "opens" and entry.phase == "uppdragsdialog"}
    assert opened == {None, *DIALOGUES}


def test_in_a_punctual_year_nothing_is_late_or_missed_or_left_over() -> None:
    year = played("on-time")
    assert (year.lateness, year.missed, year.unfinished) == ((), (), ())
    assert {entry.what for entry in year.calendar}.isdisjoint({"late", "refused"})
    assert all(entry.meeting for entry in year.calendar if entry.what == "decided")


def test_what_was_over_before_the_year_is_done_and_not_told() -> None:
    """The operational plans of 2027 were decided in December; what is left of them is to report them."""
    year = played("on-time")
    plan = "2027/verksamhetsplan/socialnamnden"
    told = [(e.day.isoformat(), e.what, e.step) for e in year.calendar if e.address == plan]
    assert told == [
        ("2027-01-13", "done", "report"), ("2027-01-13", "moved", "take_effect"), ("2027-01-15", "due", "report"),
    ]  # fmt: skip
    assert all(year.first <= entry.day <= year.last for entry in year.calendar)


def test_everybody_gets_the_mail_that_they_would_get() -> None:
    """The first of January is a holiday: what opens then is told on Monday the 4th. Seven and three working days before
    the 15th are the 5th (the 6th is a holiday) and the 12th, before Sunday the 31st the 20th and the 26th; on the 27th
    two steps are done, and their next ones are told at once, in one mail. The other Mondays have an overview."""
    january = [f"2027-01-{day:02}" for day in (4, 5, 11, 12, 18, 20, 25, 26, 27)]
    assert mailed(played("on-time"), "socialnamnden-officer", "2027-01") == january
    assert mailed(played("on-time"), "socialnamnden-function", "2027-01") == []  # the officer reads it
    assert mailed(played("on-time"), "socialnamnden-head") == []


def test_the_administrators_weekly_mail_is_counted_too() -> None:
    weeks = {date.fromisoformat(day).isocalendar()[:2] for day in mailed(played("on-time"), "ekonom-1")}
    assert weeks >= {(2027, week) for week in range(1, 53)}


def test_scheduled_mail_is_one_a_person_and_day() -> None:
    """Besides it there can only be what is told at once, at ten o'clock and after a meeting."""
    year = played("late:14")
    most = Counter((mail.person, day) for mail in year.mails for day in mail.days)
    assert max(most.values()) <= 3
    assert sum(most.values()) == year.mail_count


def test_two_years_go_on_into_the_next() -> None:
    year = played("on-time", years=2)
    assert (year.first, year.last) == (date(2027, 1, 1), date(2028, 12, 31))
    decided = days(year, "decided")
    assert (decided["2028/mrp decide"], decided["2029/mrp decide"]) == ("2027-06-16", "2028-06-21")
    assert decided["2027/arsredovisning decide"] == "2028-06-21"
    assert (year.lateness, year.unfinished) == ((), ())


def test_a_decision_that_the_law_forbids_so_soon_is_made_at_the_next_meeting_that_it_allows() -> None:
    apart = {"earlier": "last day of mrp.ks_proposal", "later": "last day of mrp.kf", "at_least": "3 weeks"}
    definition = changed(small().definition, {"distance": [{**apart, "source": "law"}]})
    (year,) = rehearse(of_files(replace(small(), definition=definition), Span(2027), MailSettings()), ON_TIME)
    mrp = [(e.day.isoformat(), e.what) for e in year.calendar if (e.address, e.step) == ("2028/mrp", "decide")]
    assert mrp == [
        ("2027-06-16", "refused"),
        ("2027-06-30", "decision_due"),
        ("2027-07-01", "late"),
        ("2027-09-15", "decided"),
    ]


# ---- a year of elections ---------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The sample's wheel, to be changed."""
    return Path(shutil.copytree(VANERSBORG, tmp_path / "wheel", copy_function=shutil.copyfile))


def test_in_an_election_year_the_new_council_fixes_the_budget_in_november(folder: Path) -> None:
    meetings = folder / "meetings.toml"
    text = meetings.read_text(encoding="utf-8")
    text = text.replace("[kf]\n", "[kf]\n2030 = [2030-06-19, 2030-10-16, 2030-11-20, 2030-12-18]\n")
    text = text.replace("[ks]\n", "[ks]\n2030 = [2030-03-27, 2030-06-05, 2030-11-06, 2030-12-04]\n")
    meetings.write_text(text, encoding="utf-8")
    (year,) = rehearse(of_files(load(folder), Span(2030), MailSettings()), ON_TIME)
    decided = days(year, "decided")
    assert decided["2031/mrp decide"] == "2030-06-19"
    assert decided["2031/budgetfaststallelse propose"] == "2030-11-06"
    assert decided["2031/budgetfaststallelse decide"] == "2030-11-20"
    assert days(year, "opens", "2031/budgetfaststallelse") == {"2031/budgetfaststallelse open": "2030-10-15"}
    opened = {entry.cycle: entry.day for entry in year.calendar if entry.what == "cycle_opened"}
    assert opened == {"mandat-2030": date(2030, 10, 15), "2032": date(2030, 11, 1)}
    assert not any(entry.phase == "budgetfaststallelse" for entry in played("on-time").calendar)


def test_a_decision_on_its_last_day_is_shown_with_the_time_of_day(folder: Path) -> None:
    wheel = folder / "wheel.toml"
    text = wheel.read_text(encoding="utf-8")
    text = text.replace('draft.last = { date = "31 March Y-1"', 'draft.last = { date = "24 March Y-1 at 13:00-15:30"')
    wheel.write_text(text, encoding="utf-8")
    (year,) = rehearse(of_files(load(folder), Span(2027), MailSettings()), ON_TIME)
    [said] = [line for line in say_year(year, Texts("en")) if "2028/ramar KS: The executive board decides" in line]
    assert "(at 13:00-15:30)" in " ".join(say_year(year, Texts("en"))).split(said)[1][:80] + said


def test_without_a_known_meeting_a_body_decides_on_the_last_working_day_and_it_is_said() -> None:
    """The sample knows no meetings of 2030. The 30th of June is a Sunday, the 30th of November a Saturday."""
    year = played("on-time", 2030)
    decided = {e.address: e for e in year.calendar if e.what == "decided" and e.step == "decide" and e.body == "kf"}
    assert decided["2031/mrp"].day == date(2030, 6, 28)
    assert decided["2031/budgetfaststallelse"].day == date(2030, 11, 29)
    assert {entry.meeting for entry in decided.values()} == {False}
    assert "  28  decides      2031/mrp KF: The council adopts the goal and resource plan" in say_year(
        year, Texts("en")
    )
    summary = year_document(year, Texts("en")).summary
    assert summary.without_meeting == summary.decisions > 50


def test_the_meetings_of_other_years_say_nothing_of_a_year_without_any() -> None:
    """Lejre's meetings are known to 2028. The last working days of its readings: 31 August 2030 is a Saturday."""
    (year,) = rehearse(of_files(load(LEJRE), Span(2030), MailSettings()), ON_TIME)
    assert days(year, "decided", "2031/budget") == {
        "2031/budget propose": "2030-08-30",
        "2031/budget read": "2030-09-30",
        "2031/budget propose_again": "2030-10-31",
        "2031/budget decide": "2030-10-31",
    }
    assert days(year, "refused") == {}
    assert not any(entry.meeting for entry in year.calendar if entry.what == "decided")
    said = [" ".join(say_year(year, Texts(language))) for language in ("en", "sv")]
    assert "(assumed: no meeting is known)" in said[0]
    assert "(antaget: inget sammanträde är känt)" in said[1]


def test_nobody_waits_years_for_the_next_known_meeting() -> None:
    lejre = load(LEJRE)
    far = (date(2026, 3, 2), date(2034, 3, 6))
    source = of_files(replace(lejre, meetings={"kb": far, "ou": far}), Span(2030, 3), MailSettings())
    (year,) = rehearse(source, ON_TIME)
    assert (year.lateness, year.missed, year.unfinished) == ((), (), ())
    assert days(year, "decided", "2032/budget")["2032/budget decide"] == "2031-10-31"


# ---- dates that nobody has decided -----------------------------------------------------------------------------


def rehearsed(changes: dict[str, Any], year: int = 2027, years: int = 1) -> RehearsalResult:
    """The small sample's year with other dates."""
    wheel = replace(small(), definition=changed(small().definition, changes))
    (found,) = rehearse(of_files(wheel, Span(year, years), MailSettings()), ON_TIME)
    return found


def test_an_undecided_date_before_a_dated_one_makes_nobody_late() -> None:
    """The boards have the plan at their last meeting of the year: the officials hand it in two working days before."""
    place = "phase.verksamhetsplan.board.state.draft.last"
    year = rehearsed({place: "undecided", "phase.mrp.state.underlag.last": "undecided"})
    assert (year.lateness, year.missed, year.unfinished) == ((), (), ())
    plan = "2028/verksamhetsplan/socialnamnden"
    assert days(year, "done", plan)[f"{plan} submit"] == "2027-12-07"
    assert days(year, "decided", plan)[f"{plan} decide"] == "2027-12-09"
    assert days(year, "done")["2028/mrp submit"] == "2027-05-31"  # KS proposes on 2 June
    assert days(year, "decided")["2028/mrp decide"] == "2027-06-16"


def test_a_year_begins_as_after_a_punctual_one_where_a_date_is_undecided() -> None:
    """Nobody has said when the frames are decided: a punctual year does so at once, and leaves none for the next."""
    undecided = {"phase.ramar.state.draft.last": "undecided", "phase.ramar.state.decided.last": "undecided"}
    year = rehearsed(undecided)
    frames = {(e.address, e.step): e.day for e in year.calendar if e.phase == "ramar" and e.what in ("done", "decided")}
    assert frames == {
        ("2028/ramar", "decide"): date(2027, 1, 13),  # KS's first meeting
        ("2028/ramar", "send_out"): date(2027, 2, 1),  # its opening; five working days were over on 20 January
    }
    assert {each.address for each in year.undecided} == {"2028/ramar"}  # that of 2029 lies after the year
    both = rehearsed(undecided, 2026, 2)
    second = [(e.day, e.address, e.step) for e in both.calendar if e.day.year == 2027 and e.what in ("done", "decided")]
    assert second == [(e.day, e.address, e.step) for e in year.calendar if e.what in ("done", "decided")]


def test_a_phase_whose_opening_is_undecided_is_started_in_time() -> None:
    year = rehearsed({"phase.mrp.state.underlag.opens": "undecided"})
    assert (year.lateness, year.missed, year.unfinished) == ((), (), ())
    assert days(year, "opens")["2028/mrp open"] == "2027-04-26"  # 31 days before the papers are handed in
    undecided = {(each.address, each.state, each.bound) for each in year.undecided}
    assert ("2028/mrp", "underlag", "opens") in undecided


# ---- lateness --------------------------------------------------------------------------------------------------


def test_a_late_board_is_so_many_days_late_and_the_others_are_on_time() -> None:
    """Two weeks after Sunday 31 January is a Sunday: the report comes on Monday the 15th of February."""
    year = played("late:14")
    late = {(item.address, item.step): item for item in year.lateness}
    report = late["2026/arsredovisning/socialnamnden", "report"]
    assert (report.last, report.done, report.days) == (date(2027, 1, 31), date(2027, 2, 15), 15)
    assert report.because == (report.address,)
    assert ("2026/arsredovisning/ks", "report") not in late
    assert days(year, "decided")["2028/ramar decide"] == "2027-03-24"


def test_lateness_mails_the_head_and_the_chair_by_the_ladder() -> None:
    """Three working days after the last one before 31 January the head, seven after it the chair and all of them."""
    year = played("late:14")
    assert mailed(year, "socialnamnden-head", "2027-02")[:2] == ["2027-02-03", "2027-02-09"]
    assert mailed(year, "socialnamnden-chair", "2027-02")[:1] == ["2027-02-09"]
    assert "2027-02-09" in mailed(year, "ekonom-1", "2027-02")


def test_what_lateness_costs_is_the_meeting_that_is_missed_and_because_of_whom() -> None:
    """The report after April should be with KF on 16 June. Two boards that are two weeks late have no meeting before 28
    September; then KS hands it over on 6 October, and KF treats it on the 20th."""
    missed = {(item.address, item.step): item for item in played("late:14").missed}
    treated = missed["2027/delarsrapport-april", "decide"]
    assert (treated.body, treated.meeting, treated.next) == ("kf", date(2027, 6, 16), date(2027, 10, 20))
    assert set(treated.because) == {f"2027/delarsrapport-april/{board}" for board in LATE_BOARDS}
    handed = missed["2027/delarsrapport-april", "hand_over"]
    assert (handed.body, handed.meeting, handed.next) == ("ks", date(2027, 6, 2), date(2027, 10, 6))
    own = missed["2026/arsredovisning/valnamnden", "decide"]
    assert (own.meeting, own.next, own.because) == (date(2027, 2, 22), date(2027, 3, 22), (own.address,))
    beyond = missed["2028/verksamhetsplan/socialnamnden", "decide"]
    assert (beyond.meeting, beyond.next) == (date(2027, 12, 9), date(2028, 1, 27))


def test_a_meeting_is_missed_in_a_punctual_year_where_the_dates_leave_no_time() -> None:
    """The papers are ready after KS's last meeting in time: it proposes at the next one, and KF misses June."""
    year = rehearsed({"phase.mrp.state.underlag.last": "9 June Y-1"})
    missed = {(item.address, item.step): item for item in year.missed}
    assert list(missed) == [("2028/mrp", "propose"), ("2028/mrp", "decide")]
    proposed, adopted = missed.values()
    assert (proposed.body, proposed.meeting, proposed.next) == ("ks", date(2027, 6, 2), date(2027, 8, 4))
    assert (adopted.body, adopted.meeting, adopted.next) == ("kf", date(2027, 6, 16), date(2027, 9, 15))
    assert (proposed.because, adopted.because) == ((), ())
    said = say_year(year, Texts("en"))
    costs = said[said.index("The cost of the delays") :]
    assert "  2028/mrp: The executive board makes its proposal, because its dates leave no" in costs
    assert "    KS: no decision on 2027-06-02, next meeting 2027-08-04" in costs
    assert f"{2:7}  meetings without a decision" in said


def test_a_timetable_that_is_decided_after_what_it_governs_is_the_cause() -> None:
    late = {"phase.tidsplan.state.draft.last": "30 June Y-1", "phase.tidsplan.state.in_force.opens": "1 July Y-1"}
    missed = {(item.address, item.step): item for item in rehearsed(late).missed}
    frames = missed["2028/ramar", "decide"]
    assert (frames.meeting, frames.next, frames.because) == (date(2027, 3, 24), date(2027, 6, 2), ("2028/tidsplan",))
    assert missed["2028/mrp", "decide"].because == ("2028/tidsplan",)


def test_a_refused_step_is_tried_again_at_the_next_meeting_when_what_it_waited_for_has_come() -> None:
    """With dialogues 30 days late (30 June) KF cannot adopt the plan on the 16th: R4. It does so on 15 September."""
    year = played("late:30")
    (refused,) = [entry for entry in year.calendar if entry.what == "refused" and entry.address == "2028/mrp"]
    assert (refused.day, refused.step, [reason.rule for reason in refused.reasons]) == (
        date(2027, 6, 16), "decide", ["R4"],
    )  # fmt: skip
    (missing,) = (reason.facts["missing"] for reason in refused.reasons)
    assert set(missing) == {f"2028/uppdragsdialog/{board}" for board in DIALOGUES if board != "ks"}
    assert days(year, "decided")["2028/mrp decide"] == "2027-09-15"
    (missed,) = [item for item in year.missed if item.address == "2028/mrp" and item.step == "decide"]
    assert (missed.meeting, missed.next) == (date(2027, 6, 16), date(2027, 9, 15))
    assert set(missed.because) == set(missing)


def test_silent_boards_leave_plans_that_cannot_finish_with_the_rules_that_refuse_them() -> None:
    unfinished = {item.address: item for item in played("silent").unfinished}
    rules = {address: {reason.rule for reason in item.reasons} for address, item in unfinished.items()}
    assert rules["2028/mrp"] == {"R4"}
    assert rules["2028/verksamhetsplan/ks"] == {"R18"}
    assert rules["2026/arsredovisning"] == {"join"}
    assert rules["2028/budgetberedning"] == {"join"}  # it follows a phase that never comes so far
    assert rules["2026/arsredovisning/socialnamnden"] == set()  # nothing but the board itself
    assert unfinished["2028/mrp"].body == "kf"
    assert days(played("silent"), "decided")["2028/ramar decide"] == "2027-03-24"


def test_the_policy_can_hold_for_everybody() -> None:
    (year,) = in_small(Policy("silent", everybody=True))
    assert [entry for entry in year.calendar if entry.what in ("done", "decided")] == []
    rules = {reason.rule for item in year.unfinished if item.address == "2028/mrp" for reason in item.reasons}
    assert rules == {"R2", "R4"}


def test_chance_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    def calendar(seed: str) -> list[Any]:
        (year,) = in_small(policy(f"random:{seed}"))
        return [(e.day, e.what, e.address, e.step) for e in year.calendar]

    first = calendar("1")
    assert first == calendar("1")
    assert first != calendar("2")
    assert any(what == "late" for _, what, _, _ in first)


@pytest.mark.parametrize("asked", ["", "lazy", "late", "late:", "late:0", "late:9999", "late:-3", "late:x", "random",
                                   "random:", "random:a b", "silent:1", "on-time:2"])  # fmt: skip
def test_what_is_no_policy_is_said_with_those_that_are(asked: str) -> None:
    with pytest.raises(Usage, match="on-time, late:14, silent, random:1"):
        policy(asked)


# ---- when a body acts ------------------------------------------------------------------------------------------


def decides(house: Wheelhouse, meetings: list[str], since: str, delay: int = 0) -> tuple[str, bool]:
    """When KS decides the frames of 2028 (1 January to 31 March), and whether no meeting is known for it."""
    plan = house.plan("2028/ramar")
    plan = plan.changed(state="draft")
    planner = StepPlanner(SWEDISH, {"ks": [date.fromisoformat(day) for day in meetings]})
    step = next(step for step in plan.workflow.steps if step.verb == "decide")
    planned = planner.plan_step(plan, step, delay, instant(since))
    assert planned.meeting is not None
    return planned.meeting.isoformat(), planned.unknown


@pytest.fixture(scope="module")
def house(sqlite_databases: SqliteDatabases) -> Iterator[Wheelhouse]:
    with sqlite_databases.copy(started) as (store, made):
        yield made.in_store(store)


@pytest.mark.parametrize(
    ("meetings", "since", "delay", "then"),
    [
        (["2027-02-24", "2027-03-24", "2027-04-07"], "2027-01-01T00:00", 0, ("2027-03-24", False)),
        (["2027-02-24", "2027-03-24", "2027-04-07"], "2027-03-24T18:00", 0, ("2027-03-24", False)),  # that evening
        (["2027-02-24", "2027-03-24", "2027-04-07"], "2027-03-24T18:01", 0, ("2027-04-07", False)),  # missed
        (["2026-12-02", "2027-04-07"], "2027-01-01T00:00", 0, ("2027-03-31", True)),
        (["2026-12-02", "2027-04-07"], "2027-04-01T10:00", 0, ("2027-04-07", False)),
        (["2026-12-02"], "2027-04-02T18:01", 0, ("2027-04-05", True)),  # a Friday evening
        (["2027-03-24", "2027-04-07", "2027-05-05"], "2027-01-01T00:00", 8, ("2027-05-05", False)),
        (["2027-03-24"], "2027-01-01T00:00", 3, ("2027-04-05", True)),  # 3 April is a Saturday
        (["2027-12-08", "2028-01-12"], "2027-12-09T10:00", 0, ("2028-01-12", False)),  # the next year's are known
        (["2026-03-24", "2028-03-22"], "2027-01-01T00:00", 0, ("2027-03-31", True)),  # nobody has entered those of 2027
        (["2026-03-24", "2028-03-22"], "2027-03-31T18:01", 0, ("2027-04-01", True)),
        (["2026-03-24", "2034-03-22"], "2027-01-01T00:00", 14, ("2027-04-14", True)),
        # A part of the year is entered: the list ends long before the last day, or begins long after it.
        (["2027-01-20", "2027-01-27"], "2027-01-01T00:00", 0, ("2027-03-31", True)),
        (["2027-01-27", "2028-01-26"], "2027-01-01T00:00", 0, ("2027-03-31", True)),
        (["2027-02-17"], "2027-01-01T00:00", 0, ("2027-02-17", False)),  # six weeks
        (["2027-01-27", "2027-05-26"], "2027-01-01T00:00", 0, ("2027-01-27", False)),  # it goes on
        (["2027-08-11"], "2027-04-01T10:00", 0, ("2027-04-01", True)),
        (["2027-06-09", "2028-01-12"], "2027-08-20T10:00", 0, ("2027-08-20", True)),
    ],
)
def test_a_decision_needs_a_meeting(
    house: Wheelhouse, meetings: list[str], since: str, delay: int, then: tuple[str, bool]
) -> None:
    assert decides(house, meetings, since, delay) == then


def test_a_meeting_long_before_the_last_day_is_not_the_one_that_is_meant(house: Wheelhouse) -> None:
    """The state has no opening: as in `check`, a meeting more than a month before its last day does not count."""
    plan = house.plan("2028/ramar").changed(state="draft")
    stages = {**plan.stages, "draft": plan.stage._replace(opens=None)}
    step = next(step for step in plan.workflow.steps if step.verb == "decide")
    since = instant("2027-01-02T00:00")

    def decides_at(*days: str) -> tuple[str, bool]:
        planner = StepPlanner(SWEDISH, {"ks": [date.fromisoformat(day) for day in days]})
        planned = planner.plan_step(plan.changed(stages=stages), step, 0, since)
        assert planned.meeting is not None
        return planned.meeting.isoformat(), planned.unknown

    assert decides_at("2026-12-16", "2027-01-01", "2027-06-02") == ("2027-03-31", True)
    assert decides_at("2026-12-16", "2027-03-10", "2027-06-02") == ("2027-03-10", False)


@pytest.mark.parametrize(
    ("opens", "last", "since", "then"),
    [
        ("2027-03-26", "2027-03-26", "2027-03-26T00:00", "2027-03-26T10:00"),  # on Good Friday, and on no other day
        ("2027-03-26", "2027-03-29", "2027-03-26T00:00", "2027-03-29T10:00"),  # the whole of Easter
        ("2027-03-24", "2027-03-24", "2027-03-24T10:00", "2027-03-24T10:00"),  # the second step that is due on that day
        ("2027-03-01", "2027-03-24", "2027-03-24T18:00", "2027-03-24T18:00"),  # right after the meeting
        ("2027-03-01", "2027-03-25", "2027-03-24T18:00", "2027-03-25T10:00"),
        ("2027-03-01", "2027-03-24", "2027-03-25T18:00", "2027-03-30T10:00"),  # too late, and over Easter
    ],
)
def test_an_official_is_on_time_on_a_day_off_and_with_two_steps_on_one_day(
    house: Wheelhouse, opens: str, last: str, since: str, then: str
) -> None:
    plan = house.plan("2028/mrp").changed(state="underlag")
    stage = plan.stage._replace(opens=date.fromisoformat(opens), last=date.fromisoformat(last))
    step = next(step for step in plan.workflow.steps if step.verb == "submit")
    planner = StepPlanner(SWEDISH, {})
    planned = planner.plan_step(plan.changed(stages={"underlag": stage}), step, 0, instant(since))
    assert planned.at == instant(then)


def test_a_state_without_a_last_day_is_left_by_the_next_one_on_the_way_or_within_a_week(house: Wheelhouse) -> None:
    plan = house.plan("2028/mrp").changed(state="underlag")
    step = next(step for step in plan.workflow.steps if step.verb == "submit")
    planner = StepPlanner(SWEDISH, {})
    undated = {name: stage for name, stage in plan.stages.items() if name != "underlag"}
    ahead = planner.plan_step(plan.changed(stages=undated), step, 0, instant("2027-03-01T00:00"))
    assert ahead.at == instant("2027-06-08T10:00")  # two working days before the 10th of June
    alone = planner.plan_step(plan.changed(stages={}), step, 0, instant("2027-03-01T00:00"))
    assert alone.at == instant("2027-03-08T10:00")  # five working days


# ---- nothing leaves the machine, nothing is changed ------------------------------------------------------------


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Arshjul:
    """A practice home that has opened 2028 and decided its timetable."""
    town = Arshjul(tmp_path_factory.mktemp("town") / "home")
    town.done("init", "--practice", now=at("2026-11-02", "07:00"))
    town.done("open", "2028", "--actor", "admin", now=at("2026-11-02", "07:15"))
    decision = ("--body", "ks", "--date", "2026-11-04", "--paragraph", "201", "--diary", "KS 2026/300")
    town.done(
        "advance", "2028/tidsplan", "decide", "--actor", "admin", *decision, "--outcome", "adopted",
        now=at("2026-11-05"),
    )  # fmt: skip
    return town


def fingerprint(folder: Path) -> dict[str, str]:
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_a_home_is_byte_for_byte_what_it_was(town: Arshjul) -> None:
    before, rows = fingerprint(town.home), town.tables()
    town.now = at("2026-11-09")
    document = town.done("rehearse", "2027", "--boards", "late:14")
    assert document["fresh"] is False
    assert document["summary"]["mails"] > 300
    assert fingerprint(town.home) == before
    assert town.tables() == rows
    assert town.mails() == []


def test_no_socket_is_opened(
    town: Arshjul, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket is opened")

    for name in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refuse)
    words = ["rehearse", "2027", "--home", str(town.home), "--now", at("2026-11-09"), "--lang", "en"]
    assert main.main(words) == 0
    said, trouble = capsys.readouterr()
    assert "2028/mrp KF: The council adopts the goal and resource plan" in said
    assert trouble == ""
    assert main.main(["rehearse", "2027", "--home", str(town.home.parent), "--json"]) == 0


def test_the_mail_of_a_rehearsal_is_judged_and_not_written_and_all_can_be_put_back() -> None:
    with of_files(small(), Span(2027), MailSettings()) as replica:
        Simulation(replica, ON_TIME).settle()
        begins = replica.store.copied()
        Simulation(replica, ON_TIME).run()
        with replica.store.reading() as session:
            assert session.exec(select(Message)).first() is None
            outcomes = Counter(notice.outcome for notice in session.exec(select(Notice)))
        assert outcomes["sent"] > 300
        assert outcomes["planned"] < 30  # what is to leave next year
        replica.store.put_back(begins)
        with replica.store.reading() as session:
            assert {notice.outcome for notice in session.exec(select(Notice))} <= {"superseded"}  # as it was before
        begins.close()


def test_a_home_goes_on_from_where_it_stands(town: Arshjul) -> None:
    """In June the frames should have been decided in March; KS does so at its next meeting, in August."""
    document = town.done("rehearse", "2027", now=at("2027-06-10"))
    assert (document["from"], document["to"]) == ("2027-06-10", "2027-12-31")
    assert {entry["cycle"] for entry in document["calendar"]} == {"2028", "2029"}
    (late,) = [item for item in document["lateness"] if item["address"] == "2028/ramar" and item["step"] == "decide"]
    assert (late["done"], late["days"]) == ("2027-08-04", 126)


def test_a_home_before_the_year_has_the_time_until_then_without_lateness(town: Arshjul) -> None:
    document = town.done("rehearse", "2027", "--boards", "silent", "--all", now=at("2026-11-09"))
    assert document["from"] == "2027-01-01"
    opened = {entry["address"] for entry in document["calendar"] if entry["what"] == "opens"}
    assert "2028/mrp" in opened


def test_a_home_whose_year_is_over_says_so(town: Arshjul) -> None:
    answer = town("rehearse", "2027", now=at("2028-03-01"))
    assert (answer.code, answer.document["error"]) == (2, "usage")
    assert "2027" in answer.document["message"]
    assert town.done("rehearse", "2027", str(VANERSBORG), now=at("2028-03-01"))["fresh"] is True


def test_a_home_without_cycles_gives_its_people_and_its_meetings(tmp_path: Path) -> None:
    town = Arshjul(tmp_path / "home")
    town.now = at("2026-11-02")
    town.done("init", "--practice")
    town.done("meetings", "remove", "kf", "2027-06-16", "--actor", "admin", "--reason", "No longer")
    document = town.done("rehearse", "2027")
    assert document["fresh"] is True
    (adopted,) = [e for e in document["calendar"] if e["address"] == "2028/mrp" and e["step"] == "decide"
                  and e["what"] == "decided"]  # fmt: skip
    assert (adopted["date"], adopted["known_meeting"]) == ("2027-06-30", False)


# ---- what is said ----------------------------------------------------------------------------------------------


def test_a_folder_is_rehearsed_as_it_is_checked_and_the_sample_without_any(tmp_path: Path, folder: Path) -> None:
    nowhere = Arshjul(tmp_path / "nothing")
    document = nowhere.done("rehearse", "2027")
    assert document["municipality"] == "Vänersborgs kommun"
    assert document["summary"] == {
        "openings": 74, "decisions": 67, "without_meeting": 0, "mails": document["summary"]["mails"],
        "people": len(document["mails"]), "late": 0, "most_days_late": 0, "missed": 0, "unfinished": 0,
        "undecided": 0, "not_woken": 0,
    }  # fmt: skip
    assert not nowhere.home.exists()
    wheel = folder / "wheel.toml"
    wheel.write_text(wheel.read_text(encoding="utf-8").replace('decides = "kf"', 'decides = "kfm"'), encoding="utf-8")
    faulty = nowhere("rehearse", "2027", folder)
    assert (faulty.code, faulty.document["error"]) == (6, "faulty")


@pytest.mark.parametrize("words", [("1999",), ("2200",), ("twenty",), ("2027", "--years", "0"), ("2027", "--years",
                         "11"), ("2027", "--boards", "lazy"), ("2027", "--csv", "-"), ("2027", "--csv", "no/where.csv"),
                         ("2027", "--compare", "silent", "--compare-with", "x")])  # fmt: skip
def test_what_makes_no_sense_is_a_question_of_usage(tmp_path: Path, words: tuple[str, ...]) -> None:
    answer = Arshjul(tmp_path / "nothing")("rehearse", *words)
    assert (answer.code, answer.document["error"]) == (2, "usage")
    assert answer.document["message"]


@pytest.mark.parametrize("asked", ["on-time", "late:14", "late:30", "silent", "random:1"])
@pytest.mark.parametrize("language", ["sv", "en"])
def test_people_read_it_in_80_columns(asked: str, language: str) -> None:
    lines = say_year(played(asked), Texts(language))
    assert max(map(len, lines)) <= 80
    assert not any("{" in line or "None" in line for line in lines)
    assert lines[-1].endswith("planer som inte blev klara" if language == "sv" else "plans not finished")


def test_boards_that_do_the_same_are_one_line() -> None:
    lines = say_year(played("late:14"), Texts("en"))
    decision = lines.index("  22  decides      2026/arsredovisning BUN, KFN, VN: The board considers its")
    assert lines[decision + 1] == " " * 19 + "annual report (deadline 2027-02-28)"
    assert "   1  opens        2028/namndforslag 9 boards" in lines
    costs = lines[lines.index("The cost of the delays") :]
    assert "    KF: no decision on 2027-06-16, next meeting 2027-10-20" in costs
    assert "  2027/delarsrapport-april: The council considers the interim report, because of" in costs
    assert "    2027/delarsrapport-april 8 boards" in costs
    assert "    BUN, KFN, VN: no decision on 2027-02-22, next meeting 2027-03-22" in costs


def test_the_document_is_whole() -> None:
    document = as_json(year_document(played("silent"), Texts("en")))
    assert len(document["calendar"]) == len(played("silent").calendar)
    entry = next(e for e in document["calendar"] if e["what"] == "refused" and e["address"] == "2028/mrp")
    assert (entry["date"], entry["at"], entry["body"], entry["last"]) == (
        "2027-06-16", "2027-06-16T16:00:00Z", "kf", "2027-06-30",
    )  # fmt: skip
    (reason,) = entry["reasons"]
    assert (reason["rule"], reason["who"], reason["overridable"]) == ("R4", list(DIALOGUES)[1:], True)
    assert sum(item["count"] for item in document["mails"]) == document["summary"]["mails"]
    assert all(len(item["days"]) == item["count"] for item in document["mails"])


def test_the_calendar_as_csv_is_the_calendar_of_the_document(tmp_path: Path) -> None:
    nowhere = Arshjul(tmp_path / "nothing")
    file = tmp_path / "year.csv"
    document = nowhere.done("rehearse", "2027", "--csv", file)
    assert document["files"] == [str(file)]
    text = file.read_bytes().decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    known = {None: "", True: "yes", False: "no"}
    names = ("date", "what", "address", "cycle", "phase", "board", "state", "step", "body", "last")
    assert [tuple(row[name] for name in names) for row in rows] == [
        tuple(entry[name] or "" for name in names) for entry in document["calendar"]
    ]
    assert [row["known_meeting"] for row in rows] == [known[entry["known_meeting"]] for entry in document["calendar"]]
    code, said, trouble = nowhere.text("rehearse", "2027", "--csv", "-")
    assert (code, said.splitlines(), trouble) == (0, text.splitlines(), "")
    nowhere.done("rehearse", "2027", "--csv", file, "--for", "excel", "--force")
    assert list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig"), newline=""), delimiter=";")) == rows
    assert nowhere("rehearse", "2027", "--csv", "-", "--for", "excel").code == 2


def test_a_date_that_nobody_has_decided_is_listed_without_a_day() -> None:
    (year,) = rehearse(of_files(load(LEJRE), Span(2025), MailSettings()), ON_TIME)
    row = {"address": "2026/proces", "state": "preparing", "bound": "last", "body": "center-for-okonomi"}
    document = as_json(year_document(year, Texts("en")))
    assert {**row, "source": "the page"} in document["undecided"]
    assert document["summary"]["undecided"] == len(document["undecided"])
    rows = list(csv.DictReader(io.StringIO(as_csv(year), newline="")))
    assert len(rows) == len(year.calendar) + len(year.undecided)
    cells = [each for each in rows if each["what"] == "undecided" and each["address"] == "2026/proces"]
    assert [(c["date"], c["cycle"], c["phase"], c["state"], c["bound"]) for c in cells] == [
        ("", "2026", "proces", "preparing", "last"),
        ("", "2026", "proces", "deciding", "last"),
    ]
    said = say_year(year, Texts("sv"))
    assert "Datum som inte är beslutade: ingen påminns om dem" in said
    assert "  2026/proces Center for Økonomi: Bereds, hålltid (the page)" in said


def test_a_plan_that_cannot_be_woken_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    take = transition.take_step

    def break_down(uow: Any, plan: Any, *step: Any, **more: Any) -> Any:
        if plan.address == "2028/ramar":
            raise ValueError("its dates cannot be read")
        return take(uow, plan, *step, **more)

    monkeypatch.setattr(transition, "take_step", break_down)  # a bug of ours; no checked definition causes it
    [year] = in_small(ON_TIME)
    document = as_json(year_document(year, Texts("en")))
    assert document["not_woken"] == [{"address": "2028/ramar", "trouble": "ValueError: its dates cannot be read"}]
    assert document["summary"]["not_woken"] == 1
    said = say_year(year, Texts("sv"))
    at = said.index("Planer som tjänsten inte kunde köra")
    assert said[at + 1] == "  2028/ramar: ValueError: its dates cannot be read"
    assert f"{1:7}  planer som tjänsten inte kunde köra" in said


def test_the_calendar_as_icalendar_can_be_read_back() -> None:
    year = played("late:14")
    text = as_icalendar(year, datetime.fromisoformat("2026-11-02T08:00:00+00:00"), Texts("sv"))
    assert text.startswith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
    found = events(text)
    assert len(found) == len(year.calendar)
    due = {(e["SUMMARY"], e["DTSTART"]) for e in found if e["CATEGORIES"] == "decision_due"}
    assert ("KF hålltid 2028/mrp", "20270630") in due  # adopted in time
    assert ("SN inte beslutad 2027/delarsrapport-april/socialnamnden", "20270531") in due
    assert len({event["UID"] for event in found}) == len(found)
    (adopted,) = [e for e in found if e["SUMMARY"] == "KF beslutar 2028/mrp" and e["DTSTART"] == "20270616"]
    assert (adopted["DTEND"], adopted["DTSTAMP"], adopted["CATEGORIES"]) == ("20270617", "20261102T080000Z", "decided")
    assert adopted["DESCRIPTION"] == "Kommunfullmäktige antar mål- och resursplanen\nHålltid: 2027-06-30"


def test_the_calendar_can_be_written_as_icalendar(tmp_path: Path) -> None:
    file = tmp_path / "year.ics"
    code, said, trouble = Arshjul(tmp_path / "nothing").text("rehearse", "2027", "--ics", file)
    assert (code, trouble) == (0, "")
    assert said.splitlines()[-1] == f"Written: {file}"
    assert len(events(file.read_bytes().decode())) > 400


def test_the_steps_of_a_series_have_their_names() -> None:
    (year,) = rehearse(of_files(load(LEJRE.with_name("lidingo")), Span(2027), MailSettings()), ON_TIME)
    lines = say_year(year, Texts("en"))
    assert not any(line.endswith((": report", ": decide", ": hand_over")) for line in lines)


def test_a_series_has_an_event_for_each_of_its_members(tmp_path: Path) -> None:
    wheel, file = VANERSBORG.with_name("lidingo"), tmp_path / "year.ics"
    code, _, trouble = Arshjul(tmp_path / "nothing").text("rehearse", "2027", wheel, "--ics", file)
    assert (code, trouble) == (0, "")
    assert "2027/manadsrapport-02" in file.read_text(encoding="utf-8")


# ---- two years beside each other -------------------------------------------------------------------------------


def test_two_policies_are_compared() -> None:
    pair = in_small(ON_TIME, policy("late:30"))
    document = pair_document(pair[0], pair[1], Texts("en"))
    calendar = {(row.address, row.step): row for row in document.differences.calendar}
    adopted = calendar["2028/mrp", "decide"]
    assert (adopted.first, adopted.second) == (date(2027, 6, 16), date(2027, 9, 15))
    assert ("2028/ramar", "decide") not in calendar
    mails = {row.person: row for row in document.differences.mails}
    assert mails["socialnamnden-head"].first is None
    assert (mails["socialnamnden-head"].second or 0) > 10
    missed = {(row.address, row.step): row for row in document.differences.missed}
    assert (missed["2028/mrp", "decide"].first, missed["2028/mrp", "decide"].second) == (None, date(2027, 9, 15))
    lines = say_pair(pair[0], pair[1], document, Texts("en"))
    assert "  2027-06-16  2027-09-15  2028/mrp: The council adopts the goal and resource" in lines
    assert max(map(len, lines)) <= 80


def test_two_wheels_are_compared(tmp_path: Path, folder: Path) -> None:
    """In the other one the groundwork of the plan is to be ready on 20 May: two working days before is the 18th."""
    wheel = folder / "wheel.toml"
    text = wheel.read_text(encoding="utf-8")
    earlier = text.replace('underlag.last = { date = "31 May Y-1"', 'underlag.last = { date = "20 May Y-1"')
    assert earlier != text
    wheel.write_text(earlier, encoding="utf-8")
    document: Document = Arshjul(tmp_path / "nothing").done("rehearse", "2027", "--compare-with", folder)
    assert document["differences"]["calendar"] == [
        {"address": "2028/mrp", "what": "done", "state": "underlag", "step": "submit", "first": "2027-05-27",
         "second": "2027-05-18"},
    ]  # fmt: skip
    assert (document["differences"]["lateness"], document["differences"]["missed"]) == ([], [])
    assert document["first"]["summary"]["decisions"] == document["second"]["summary"]["decisions"]


# ---- on a terminal ---------------------------------------------------------------------------------------------


def test_a_bar_is_shown_on_a_terminal_when_it_takes_long(tmp_path: Path) -> None:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("ARSHJUL_")}
    terminal, stderr = pty.openpty()
    done = subprocess.run(
        [COMMAND, "rehearse", "2027", "--years", "2", "--lang", "en"], stdin=subprocess.DEVNULL, check=True,
        stdout=subprocess.PIPE, stderr=stderr, cwd=tmp_path, env={**ours, "TERM": "xterm"}, text=True,
    )  # fmt: skip
    os.close(stderr)
    shown = ""
    with suppress(OSError), os.fdopen(terminal, "rb", buffering=0) as screen:  # the end of a terminal is an error
        while piece := screen.read(10_000):
            shown += piece.decode(errors="replace")
    assert "Rehearsing" in shown
    assert "100%" in shown
    assert "Rehearsing" not in done.stdout
