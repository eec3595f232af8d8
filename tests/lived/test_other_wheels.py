"""Wheels of others (tests/wheels), each in a folder with its rules in words: the dates, bodies, mails and titles are
worked out by hand from these words."""

import re
from datetime import date
from email import message_from_bytes, policy

import pytest

from notifications.mail_settings import MailSettings
from notifications.tables import Message
from tests.support.databases import CopyOf
from tests.support.other_wheels import WHEELS, house_of, loaded
from tests.support.wheelhouse import Wheelhouse, instant
from wheel.cycles.replace_timetable import replace_timetable
from wheel.database.store import Store
from wheel.engine.decisions import DecisionForm
from wheel.engine.request_and_result import Request, Result
from wheel.engine.titles import title_for_a_subject, title_of
from wheel.errors import RefusedError
from wheel.rehearsal.policy import ON_TIME
from wheel.rehearsal.rehearse import rehearse
from wheel.rehearsal.replica import Span, of_files
from workflows.rules.timetable import Timetable

d = date.fromisoformat


def days(name: str, phase: str, board: str | None = None) -> dict[str, str]:
    """The dates of budget year 2028 as `state.bound: day`."""
    found = loaded(name)
    definition = found.definition.for_cycle("budget", 2028)
    states = Timetable(definition, "budget", 2028, found.meetings).states(phase, board)
    return {f"{state}.{bound}": str(day.date) for state, each in states.items() for bound, day in each.items()}


def plain(message: Message) -> str:
    """The text that people read."""
    part = message_from_bytes(message.body, policy=policy.default).get_body(("plain",))
    assert part is not None
    return str(part.get_content())


# ---- a joint authority -----------------------------------------------------------------------------------------


def authority(store: Store) -> Wheelhouse:
    """Its timetable of 2028 is decided."""
    house = house_of("forbund", store)
    house.open("2028", "2027-01-02T09:00")
    house.walk("2028/tidsplan", "decided", "2027-01-20T15:00")
    return house


def test_the_dates_of_a_joint_authority() -> None:
    assert days("forbund", "tidsplan") == {
        "draft.opens": "2027-01-01", "draft.last": "2027-01-31", "in_force.opens": "2027-02-01",
    }  # fmt: skip
    assert days("forbund", "samrad", "ekeby") == {"open.opens": "2027-06-01", "open.last": "2027-08-31"}
    assert days("forbund", "yttrande") == {"open.opens": "2027-06-01", "open.last": "2027-09-15"}
    assert days("forbund", "budget") == {
        "preparing.opens": "2027-03-01", "preparing.last": "2027-05-31", "deciding.last": "2027-10-13",
        "deciding.statutory": "2027-11-30",
    }  # fmt: skip
    assert days("forbund", "arsredovisning", "almby") == {
        "draft.opens": "2029-05-01", "draft.last": "2029-05-15", "deciding.last": "2029-05-31",
    }  # fmt: skip


def test_only_the_boards_that_are_named_take_part(copy_of: CopyOf) -> None:
    house = copy_of(authority)
    marks = {address: house.plan(address).special_status for address in house.addresses() if "samrad/" in address}
    assert marks == {
        "2028/samrad/personalnamnden": "not_concerned", "2028/samrad/ekeby": None, "2028/samrad/almby": None,
    }  # fmt: skip
    house.tick("2027-06-01T08:00")
    for board in ("ekeby", "almby"):
        assert house.plan("2028/samrad").state == "open"
        house.advance(f"2028/samrad/{board}", "submit", "2027-08-30T10:00", actor=f"{board}-officer")
        house.tick("2027-08-30T10:01")
    assert house.plan("2028/samrad").state == "complete"


def test_two_offices_prepare_together_and_either_hands_in(copy_of: CopyOf) -> None:
    house = copy_of(authority)
    house.tick("2027-03-01T08:00")
    assert house.told("2028/budget", "your_turn") == {
        f"{body}-{role}" for body in ("ekonomikontoret", "raddningschefen") for role in ("officer", "secretary")
    }  # fmt: skip
    (step,) = house.show("2028/budget", "2027-03-01T09:00")["steps"]
    assert step["by"] == ["ekonomikontoret", "raddningschefen"]
    with pytest.raises(RefusedError):
        house.advance("2028/budget", "submit", "2027-05-20T10:00", actor="ekeby-officer")
    house.advance("2028/budget", "submit", "2027-05-20T10:00", actor="raddningschefen-officer")
    assert house.plan("2028/budget").state == "deciding"


def test_each_office_reads_its_own_name_in_the_mail(copy_of: CopyOf) -> None:
    house = copy_of(authority)
    house.tick("2027-03-01T08:00")
    text = {message.to.partition("-officer@")[0]: plain(message) for message in house.messages()}
    assert "ekonomikontoret" in text["ekonomikontoret"].lower()
    assert "räddningschefen" in text["raddningschefen"].lower()
    assert "räddningschefen" not in text["ekonomikontoret"].lower()


def test_both_members_are_informed_of_the_budget(copy_of: CopyOf) -> None:
    house = copy_of(authority)
    house.walk("2028/budget", "decided", "2027-10-13T15:00")
    told = {notice.person_id: notice.facts["body"] for notice in house.notices("2028/budget", rule="received")}
    assert set(told.values()) == {"ekeby", "almby"}
    assert told["almby-officer"] == "almby"


def test_nobody_is_reminded_of_what_a_body_from_outside_is_to_do(copy_of: CopyOf) -> None:
    house = copy_of(authority)
    house.tick("2027-06-01T08:00")
    house.tick("2027-09-15T08:00")
    assert house.notices("2028/yttrande") == []
    assert house.show("2028/yttrande", "2027-09-15T09:00")["warnings"] == []
    house.tick("2027-09-20T08:00")  # three working days late, when the ladder names the administrators
    assert house.told("2028/yttrande", "ladder") == {"admin"}
    house.advance("2028/yttrande", "complete", "2027-09-21T09:00", on="2027-09-14")
    assert house.status("2028/yttrande", "2027-09-21T09:00") == "done"


def replaced(house: Wheelhouse, body: str) -> Result:
    request = Request("admin", instant("2027-03-04T09:00"), reason="a meeting was moved")
    form = DecisionForm(body, d("2027-03-03"), "7", "", "RF 2027/4", "adopted")
    return house.desk.carry_out(
        request, "2028", "timetable", replace_timetable, "2028", loaded("forbund").definition, form
    )  # fmt: skip


def test_another_body_may_replace_the_timetable_than_decided_it(copy_of: CopyOf) -> None:
    house = copy_of(authority)
    with pytest.raises(RefusedError) as refused:
        replaced(house, "ekeby")
    assert [(reason.rule, reason.who) for reason in refused.value.reasons] == [("body", ("direktionen", "presidiet"))]
    assert replaced(house, "presidiet").more["timetable"] == 2
    house.tick("2027-03-04T09:01")
    entry = house.log("2028/tidsplan", "timetable.replaced")[-1]
    house.correct(entry["seq"], "2027-03-05T09:00", paragraph="8", reason="the minutes say so")


def test_the_titles_of_a_joint_authority(copy_of: CopyOf) -> None:
    house = copy_of(authority)
    titles = {address: title_of(house.plan(address), "sv") for address in house.addresses()}
    assert titles["2028/samrad/ekeby"] == "Ekeby kommuns synpunkter på budgeten 2028"
    assert titles["2028/arsredovisning/almby"] == "Almby kommuns godkännande av årsredovisningen 2028"
    assert titles["2028/budget"] == "Förbundets budget 2028"
    assert (
        title_for_a_subject(house.plan("2028/samrad/ekeby"), "en")
        == "Comments on the budget 2028, the municipality of Ekeby"
    )


# ---- a region --------------------------------------------------------------------------------------------------

OTHERS_WORDS = re.compile(r"kommunstyrelse|kommunfullmäktige|\(1\.2\)|\(1\.3\)|executive board of|R5", re.IGNORECASE)


def region(store: Store) -> Wheelhouse:
    """In the spring of 2027, the timetable decided."""
    house = house_of("region", store)
    house.open("2028", "2026-12-01T09:00")
    house.walk("2028/tidsplan", "decided", "2026-12-09T15:00")
    house.tick("2027-04-01T08:00")
    return house


def test_the_dates_of_a_region_whose_council_meets_for_two_days() -> None:
    assert days("region", "ramar") == {
        "draft.opens": "2027-01-01", "draft.last": "2027-03-10", "decided.last": "2027-04-01",
    }  # fmt: skip
    assert days("region", "budget") == {
        "underlag.opens": "2027-04-01", "underlag.last": "2027-05-10", "ks_proposal.last": "2027-05-19",
        "kf.last": "2027-06-16", "kf.statutory": "2027-11-30", "in_force.opens": "2028-01-01",
    }  # fmt: skip


@pytest.mark.parametrize("day", ["2027-06-15", "2027-06-16"])
def test_the_council_may_decide_on_either_day_of_its_meeting(copy_of: CopyOf, day: str) -> None:
    house = copy_of(region)
    house.walk("2028/ramar", "sent_out", "2027-04-01T10:00")
    house.walk("2028/budget", "kf", "2027-05-19T15:00")
    done = house.advance("2028/budget", "decide", f"{day}T17:00", body="rf")
    assert [reason.rule for reason in done.warnings] == []
    house.tick(f"{day}T17:01")
    assert house.plan("2028/ramar").state == "superseded"


def test_the_catalogs_texts_name_the_regions_own_bodies(copy_of: CopyOf) -> None:
    house = copy_of(region)
    house.walk("2028/budget", "kf", "2027-05-19T15:00")
    swedish = house.plan("2028/budget").workflow
    assert [state.label.sv for state in swedish.states][2:4] == ["Hos regionstyrelsen", "Hos regionfullmäktige"]
    assert [step.label.en for step in swedish.steps][2:4] == [
        "The regional executive board makes its proposal", "The regional council adopts the goal and resource plan",
    ]  # fmt: skip
    house.tick("2027-05-20T08:00")
    texts = [plain(message) for message in house.messages()]
    assert any("Regionfullmäktige antar" in text for text in texts)
    assert [text for text in texts if OTHERS_WORDS.search(text)] == []


def test_a_refusal_cites_the_regions_own_rules(copy_of: CopyOf) -> None:
    house = copy_of(region)
    with pytest.raises(RefusedError) as refused:
        house.advance("2028/budget", "decide", "2027-06-16T17:00", body="rf")
    cited = {reason.rule: reason.citation for reason in refused.value.reasons}
    assert cited["R2"] == "§ 3"
    house.open("2029", "2027-12-01T09:00")
    (draft,) = [reason for reason in house.blockers("2029/ramar", "2028-02-01T09:00") if reason.rule == "R1"][:1]
    assert draft.citation == "§ 1"


def test_the_election_years_phase_and_the_titles_of_a_region(copy_of: CopyOf) -> None:
    house = copy_of(region)
    house.open("2027", "2026-01-05T09:00")
    after = house.plan("2027/budget-efter-val")
    assert after.stages["kf"].last == d("2026-11-24")
    assert after.workflow.state("preparing").label.sv == "Förbereds för regionstyrelsen"
    assert after.workflow.steps_named("decide")[0].label.sv == "Det nyvalda regionfullmäktige fastställer budgeten"
    assert title_of(house.plan("2028/budget"), "sv") == "Budget 2028–2030"
    assert title_of(house.plan("2028/tidsplan"), "en") == "Timetable 2028"


# ---- an optional phase with boards -----------------------------------------------------------------------------


def optional(store: Store) -> Wheelhouse:
    """In the summer of the budget year, the budget decided."""
    house = house_of("atgarder-vid-behov", store)
    house.open("2028", "2027-01-02T09:00")
    house.walk("2028/budget", "decided", "2027-11-22T18:00")
    house.tick("2028-08-01T08:00")
    return house


def test_the_dates_and_titles_of_an_optional_phase(copy_of: CopyOf) -> None:
    assert days("atgarder-vid-behov", "atgarder") == {"open.opens": "2028-09-01", "open.last": "2028-10-15"}
    assert days("atgarder-vid-behov", "atgarder", "halsonamnden") == {
        "draft.opens": "2028-09-01", "draft.last": "2028-09-30", "deciding.last": "2028-10-15",
    }  # fmt: skip
    house = copy_of(optional)
    assert title_of(house.plan("2028/atgarder"), "sv") == "Åtgärder 2028"
    assert title_of(house.plan("2028/atgarder/kulturnamnden"), "en") == "The culture board's measures 2028"


def test_nobody_hears_of_an_optional_phase_before_it_is_taken_up(copy_of: CopyOf) -> None:
    house = copy_of(optional)
    house.tick("2028-09-01T08:00")
    assert house.notices("2028/atgarder") + house.notices("2028/atgarder/halsonamnden") == []
    assert house.status("2028/atgarder", "2028-09-02T09:00") == "not_concerned"


def test_an_optional_phase_is_taken_up_with_its_boards_and_waits_for_them(copy_of: CopyOf) -> None:
    house = copy_of(optional)
    house.reopen("2028/atgarder", "2028-08-20T09:00", reason="the forecast fell", with_boards=True)
    house.tick("2028-09-01T08:00")
    told = {message.to: message.subject for message in house.messages()}
    assert {told[f"{board}-officer@example.se"] for board in ("halsonamnden", "kulturnamnden")} == {
        "Din tur (30 sep): Hälsonämndens åtgärder 2028", "Din tur (30 sep): Kulturnämndens åtgärder 2028",
    }  # fmt: skip
    for board in ("halsonamnden", "kulturnamnden"):
        assert house.told(f"2028/atgarder/{board}", "your_turn") == {f"{board}-officer", f"{board}-secretary"}
        assert house.plan("2028/atgarder").state == "open"
        house.walk(f"2028/atgarder/{board}", "decided", "2028-10-10T15:00")
        house.tick("2028-10-10T15:01")
    assert house.plan("2028/atgarder").state == "complete"


def test_one_board_is_asked_alone(copy_of: CopyOf) -> None:
    house = copy_of(optional)
    house.reopen("2028/atgarder", "2028-08-20T09:00", reason="health only", boards=("halsonamnden",))
    house.tick("2028-09-01T08:00")
    assert house.status("2028/atgarder/kulturnamnden", "2028-09-02T09:00") == "not_concerned"
    house.walk("2028/atgarder/halsonamnden", "decided", "2028-10-10T15:00")
    house.tick("2028-10-10T15:01")
    assert house.plan("2028/atgarder").state == "complete"


# ---- last year's frames, and a last day after a real event: dates and acts are in tests/wheel/cycles -------------


def test_the_mails_and_titles_of_frames_that_hold_until_new_ones(copy_of: CopyOf) -> None:
    house = copy_of(next_years_frames)
    assert title_of(house.plan("2027/ramar"), "sv") == "Ramar 2027"
    assert title_of(house.plan("2028/ramrapport/skolnamnden"), "en") == "The school board's account of the frames 2028"
    told = {(message.to.partition("-officer@")[0], message.subject) for message in house.messages()}
    assert ("ks", "Din tur (28 feb): Ramar 2028") in told


def next_years_frames(store: Store) -> Wheelhouse:
    house = house_of("ramar-tills-vidare", store)
    house.open("2027", "2026-01-02T09:00")
    house.walk("2027/ramar", "sent_out", "2026-02-23T19:00")
    house.tick("2027-01-11T08:00")
    return house


def reported(store: Store) -> Wheelhouse:
    house = house_of("svar-inom-30-dagar", store)
    house.open("2028", "2026-11-02T09:00")
    house.tick("2027-09-01T08:00")
    house.advance("2028/granskning", "report", "2027-10-05T10:00")
    house.tick("2027-10-05T10:11")
    house.tick("2027-10-06T08:00")
    return house


def test_the_mails_and_titles_of_an_answer_within_thirty_days(copy_of: CopyOf) -> None:
    house = copy_of(reported)
    assert title_of(house.plan("2028/svar"), "sv") == "Svar till revisorerna 2028"
    assert title_of(house.plan("2028/synpunkter/skolnamnden"), "sv") == "Skolnämndens synpunkter på rapporten 2028"
    told = {(message.to.partition("-officer@")[0], message.subject) for message in house.messages()}
    assert ("skolnamnden", "Din tur (15 okt): Skolnämndens synpunkter på rapporten 2028") in told
    assert ("ekonomikontoret", "Din tur (28 okt): Svar till revisorerna 2028") in told


@pytest.mark.parametrize("name", sorted(folder.name for folder in WHEELS.iterdir()))
def test_nobody_is_late_in_a_year_in_which_everybody_is_on_time(name: str) -> None:
    (year,) = rehearse(of_files(loaded(name), Span(2027), MailSettings()), ON_TIME)
    assert (year.lateness, year.unfinished, year.not_woken) == ((), (), ())


def test_a_rehearsed_year_counts_from_the_day_on_which_the_step_is_taken_in_it() -> None:
    # The report is due on Sunday 31 October, so a punctual office hands it in two working days before Friday 29.
    (year,) = rehearse(of_files(loaded("svar-inom-30-dagar"), Span(2027), MailSettings()), ON_TIME)
    done = {(entry.address, entry.step): (entry.day, entry.last) for entry in year.calendar if entry.what == "done"}
    assert done["2028/granskning", "report"] == (d("2027-10-27"), d("2027-10-31"))
    assert done["2028/synpunkter/skolnamnden", "submit"][1] == d("2027-11-06")
    (answer,) = [entry for entry in year.calendar if entry.address == "2028/svar" and entry.what == "decided"]
    assert answer.last == d("2027-11-26")
