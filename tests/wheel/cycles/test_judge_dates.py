"""Every act that sets a date of a running cycle is judged as `check` judges those of the files."""

from datetime import date
from typing import Any

from tests.support.databases import CopyOf
from tests.support.timetabling import BOUND, Council, changed
from tests.support.wheelhouse import ENGLISH, vanersborg
from wheel.database.store import Store
from wheel.engine.request_and_result import Result
from wheel.reads.result_documents import sentence

MARCH, JUNE = "2027-03-10T09:00", "2027-06-03T09:00"
VP = "2028/verksamhetsplan"


def said(done: Result, *rules: str) -> list[str]:
    """The warnings of these rules, as somebody reads them."""
    return [sentence(reason, ENGLISH, done.definition) for reason in done.warnings if reason.rule in rules]


def with_distance(at_least: str) -> dict[str, Any]:
    distance = {
        "earlier": "last day of mrp.ks_proposal", "later": "last day of mrp.kf", "at_least": at_least, "source": "law"
    }  # fmt: skip
    return {"phase.mrp.state.ks_proposal.last": "2 June Y-1", "distance": [distance]}


def test_a_deadline_moved_before_an_earlier_one_is_said_once(copy_of: CopyOf) -> None:
    house = copy_of(Council)
    done = house.move_deadline("2028/mrp", "2027-06-01", MARCH, state="kf", reason="the hall is let")
    assert said(done, "W202") == [
        "2028/mrp “With the council” is due 1 June 2027, before “With the executive board”, which comes "
        "first (2 June 2027)."
    ]
    again = house.move_deadline("2028/ramar", "2027-03-30", MARCH, reason="another matter")
    assert said(again, "W202", "counted") == []


def test_two_dates_too_close_to_each_other_are_said(store: Store) -> None:
    house = Council(store, with_distance("10 days"))
    done = house.move_deadline("2028/mrp", "2027-06-11", MARCH, state="kf", reason="the hall is let")
    assert said(done, "W205") == [
        "Last day of mrp.kf (11 June 2027) is too soon after last day of mrp.ks_proposal (2 June 2027). law requires "
        "at least 10 days, so 12 June 2027 at the earliest."
    ]
    assert said(house.move_deadline("2028/mrp", "2027-06-14", MARCH, state="kf", reason="moved"), "W205") == []


def test_what_has_happened_counts_on_its_real_day(store: Store) -> None:
    """KS has proposed on 26 May: KF can decide on the 7th, though KS had until 2 June."""
    house = Council(store, with_distance("10 days"))
    house.walk("2028/ramar", "sent_out", "2027-02-24T09:00")
    house.hold_dialogues("2028", "2027-05-03T09:00")
    house.walk("2028/mrp", "kf", "2027-05-26T09:00")
    done = house.move_deadline("2028/mrp", "2027-06-07", "2027-05-26T10:00", reason="an extra meeting")
    assert said(done, "W202", "W205") == []
    done = house.move_deadline("2028/mrp", "2027-06-04", "2027-05-26T10:00", reason="sooner still")
    assert len(said(done, "W205")) == 1


def test_an_opening_that_comes_after_its_own_end_is_said_when_it_is_accepted(store: Store) -> None:
    house = Council(store, {
        "phase.mrp.state.kf.last": "16 June Y-1",
        "phase.namndforslag.state.open.opens": "1 week after last day of mrp.kf",
        "phase.namndforslag.state.open.last": "25 June Y-1",
    })  # fmt: skip
    moved = house.move_deadline("2028/mrp", "2027-06-30", "2026-11-05T09:00", state="kf", reason="an extra meeting")
    [counted] = [reason for reason in moved.warnings if reason.rule == "counted"]
    assert counted.facts["dates"] == ("2028/namndforslag open.opens 2027-06-23 → 2027-07-07",)
    done = house.accepts("2028", "2026-11-05T10:00")
    assert said(done, "W202") == [
        "The deadline 25 June 2027 is before the opening 7 July 2027 (2028/namndforslag “Open”)."
    ]


def test_postponing_names_what_counts_from_the_day_and_no_later_act_does(copy_of: CopyOf) -> None:
    house = copy_of(Council)
    house.walk("2028/ramar", "sent_out", "2027-02-24T09:00")
    house.hold_dialogues("2028", "2027-05-03T09:00")
    house.walk("2028/mrp", "kf", "2027-05-05T19:00")
    done = house.postpone("2028/mrp", "2027-06-16T19:00", body="kf", reason="more to read", new_date="2027-06-23")
    [counted] = [reason for reason in done.warnings if reason.rule == "counted"]
    assert counted.facts["dates"] == (f"{VP} open.last 2027-06-30 → 2027-07-07",)
    later = house.move_deadline(
        "2028/delarsrapport-april", "2028-05-31", "2027-06-17T09:00", state="opened", reason="-"
    )
    assert said(later, "counted") == []


def test_sending_back_with_a_new_day_names_what_counts_from_it(store: Store) -> None:
    house = Council(store, {**BOUND, "phase.verksamhetsplan.state.open.last": "2 weeks after last day of mrp.underlag"})
    house.walk("2028/ramar", "sent_out", "2027-02-24T09:00")
    house.hold_dialogues("2028", "2027-05-03T09:00")
    house.walk("2028/mrp", "ks_proposal", "2027-05-05T19:00")
    done = house.send_back(
        "2028/mrp", "2027-05-05T20:00", body="ks", reason="the frames are missing", new_date="2027-06-12"
    )
    assert [reason.rule for reason in done.warnings if reason.rule in ("date", "counted")] == ["date", "counted"]
    assert "2028/mrp “With the executive board” is due 2 June 2027, before “Supporting papers”" in said(done, "W202")[0]


def test_a_removed_meeting_leaves_a_decision_without_one(store: Store) -> None:
    house = Council(store, {"phase.mrp.state.kf.last": "30 June Y-1"})
    done = house.cancels("kf", "2027-06-16", MARCH, reason="no quorum")
    assert said(done, "W302") == [
        "No meeting of the council is known between 1 June 2027 and 30 June 2027, when 2028/mrp “With the council” "
        "must be decided."
    ]


def test_a_new_timetable_that_is_too_close_or_later_than_the_law_is_decided_and_said(store: Store) -> None:
    house = Council(store, with_distance("10 days"))
    new = {
        **with_distance("10 days"), "phase.mrp.state.kf.last": "8 June Y-1",
        "phase.delarsrapport-augusti.state.compiled.last": "5 November Y",
    }  # fmt: skip
    house.definition = changed(vanersborg(), new)
    done = house.replaces("2028", JUNE)
    assert [reason.rule for reason in done.warnings if reason.rule in ("W205", "statutory")] == ["statutory", "W205"]
    assert house.last("2028/mrp", "kf") == date(2027, 6, 8)


def test_a_migration_says_what_its_dates_bring_about(copy_of: CopyOf) -> None:
    house = copy_of(Council)
    house.definition = changed(house.definition, {"phase.mrp.state.kf.last": "1 June Y-1"})
    done = house.migrates("2028", MARCH, dates="recompute")
    assert next(iter(said(done, "W202"))).startswith("2028/mrp “With the council” is due 1 June 2027")


def test_a_new_day_that_has_passed_already_is_said(copy_of: CopyOf) -> None:
    house = copy_of(Council)
    house.definition = changed(house.definition, {"phase.mrp.state.underlag.last": "1 April Y-1"})
    house.tick("2027-04-05T08:00", confirmed_by="admin")
    done = house.replaces("2028", "2027-04-05T09:00", date="2027-03-31")
    assert said(done, "date") == ["2028/mrp “Supporting papers” is due 1 April 2027, which has already passed."]
    assert said(house.move_deadline("2028/mrp", "2027-06-20", "2027-04-05T10:00", state="kf", reason="-"), "date") == [
        "20 June 2027 is a day off."
    ]


def test_whoever_is_told_of_a_turn_whose_day_has_passed_is_told_that_too(copy_of: CopyOf) -> None:
    house = copy_of(Council)
    house.walk("2028/ramar", "sent_out", "2027-02-24T09:00")
    house.hold_dialogues("2028", "2027-05-03T09:00")
    house.walk("2028/mrp", "ks_proposal", "2027-05-05T19:00")
    house.tick("2027-06-21T08:00", confirmed_by="admin")
    house.advance("2028/mrp", "propose", "2027-06-21T09:00", body="ks", anyway=True, reason="late")
    house.tick("2027-06-21T09:11")
    [mail] = [m for m in house.messages() if m.person_id == "kf-officer" and "din tur" in m.subject.lower()]
    assert mail.subject == "Din tur, 5 dagar försenad: Mål- och resursplan 2028"


def test_a_decision_moved_past_what_follows_it_is_said(store: Store) -> None:
    house = Council(store, {"phase.ramar.state.sent_out.last": "30 June Y-1"})
    done = house.move_deadline("2028/mrp", "2027-07-07", MARCH, state="kf", reason="an extra meeting")
    assert said(done, "W203") == [
        "2028/ramar “Sent out” is due 30 June 2027, but Goal and resource plan must first reach Adopted and is due "
        "7 July 2027."
    ]


def test_a_meeting_too_early_for_what_another_phase_hands_in_is_said(store: Store) -> None:
    """KS decides the frames on 2 June, its last meeting before their last day."""
    house = Council(store, {
        "phase.mrp.state.kf.last": "30 June Y-1", "phase.mrp.state.ks_proposal.last": "20 May Y-1",
        "phase.ramar.state.draft.last": "15 June Y-1",
    })  # fmt: skip
    assert said(house.moves("kf", "2027-06-16", "2027-06-09", MARCH, reason="the hall is let"), "W303") == []
    done = house.moves("kf", "2027-06-09", "2027-06-01", MARCH, reason="the hall is let")
    assert said(done, "W303") == [
        "2028/mrp “With the council” is to be decided by 30 June 2027. The last meeting of the council until then is "
        "1 June 2027, but "
        "the supporting papers are due 2 June 2027."
    ]


def kept(house: Council, subject: str) -> list[list[str]]:
    """The rules of the warnings that the log keeps of an act's dates, act by act."""
    return [[each["rule"] for each in entry["data"]["warnings"]] for entry in house.log(subject, "dates.judged")]


def test_an_auditor_reads_in_the_log_what_was_said_of_the_dates(copy_of: CopyOf) -> None:
    house = copy_of(Council)
    house.move_deadline("2028/mrp", "2027-06-01", MARCH, state="kf", reason="the hall is let")
    assert kept(house, "2028/mrp") == [["W202", "W302", "counted"]]
    house.moves("ks", "2027-05-05", "2027-05-06", MARCH)
    assert kept(house, "2028") == []  # nothing to say, nothing written
    house.move_deadline(VP, "2027-09-10", MARCH, reason="early", state="open")
    assert kept(house, VP) == [["W204"]]
    assert house.verified()


def test_what_is_said_of_a_postponed_or_returned_matter_stands_in_the_log_too(copy_of: CopyOf) -> None:
    house = copy_of(Council)
    house.walk("2028/ramar", "sent_out", "2027-02-24T09:00")
    house.hold_dialogues("2028", "2027-05-03T09:00")
    house.walk("2028/mrp", "kf", "2027-05-05T19:00")
    house.postpone("2028/mrp", "2027-06-17T09:00", new_date="2027-12-15", body="kf", date="2027-06-15")
    [entry] = house.log("2028/mrp", "plan.postponed")
    assert [each["rule"] for each in entry["data"]["passed_over"]] == ["meeting"]  # KF met on the 16th
    assert "statutory" in kept(house, "2028/mrp")[-1]
    house.send_back("2028/mrp", "2027-06-17T10:00", body="kf", date="2027-06-14", new_date="2027-12-20", reason="more")
    [entry] = house.log("2028/mrp", "plan.sent_back")
    assert [each["rule"] for each in entry["data"]["passed_over"]] == ["meeting"]
    assert "W202" in kept(house, "2028/mrp")[-1]
    house.undo(entry["seq"], "2027-06-17T10:05")  # the judgement of its dates hinders no undo


def test_taking_a_board_out_names_what_counted_from_it(store: Store) -> None:
    late = {"state": {"proposal": {"last": {"date": "20 June Y-1", "source": "test"}}}}
    house = Council(store, {
        "phase.namndforslag.exception.socialnamnden": late,
        "phase.namndforslag.state.open.last": "1 week after last day of namndforslag.board",
    })  # fmt: skip
    phase = "2028/namndforslag"
    assert house.last(phase, "open") == date(2027, 6, 27)
    done = house.withdraw(f"{phase}/socialnamnden", MARCH, reason="it has nothing to propose")
    assert [r.facts["dates"] for r in done.warnings if r.rule == "counted"] == [
        (f"{phase} open.last 2027-06-27 → 2027-06-07",)
    ]
    house.accepts("2028", MARCH)
    assert house.last(phase, "open") == date(2027, 6, 7)
    back = house.reopen(f"{phase}/socialnamnden", MARCH, reason="it has")
    assert [r.facts["dates"] for r in back.warnings if r.rule == "counted"] == [
        (f"{phase} open.last 2027-06-07 → 2027-06-27",)
    ]


def test_a_phase_of_which_every_board_is_out_keeps_the_dates_of_its_rules(store: Store) -> None:
    house = Council(store, {"phase.mrp.state.underlag.last": "1 week after last day of uppdragsdialog.board"})
    before = house.last("2028/mrp", "underlag")
    house.withdraw("2028/uppdragsdialog", MARCH, reason="no dialogue this year", with_boards=True)
    house.accepts("2028", MARCH)
    assert house.last("2028/mrp", "underlag") == before


def test_taking_up_a_plan_whose_day_has_passed_says_so(copy_of: CopyOf) -> None:
    house = copy_of(Council)
    address = "2028/namndforslag/socialnamnden"
    house.withdraw(address, MARCH, reason="nothing")
    done = house.reopen(address, "2027-04-12T09:00", reason="something after all")
    assert said(done, "date") == [f"{address} “Open” is due 31 March 2027, which has already passed."]


def test_a_board_that_leaves_does_not_repeat_what_was_said_of_the_others(copy_of: CopyOf) -> None:
    house = copy_of(Council)
    house.move_deadline(VP, "2027-12-10", MARCH, reason="early", state="open")
    done = house.withdraw_board("2028", "socialnamnden", MARCH, reason="it is no more")
    assert said(done, "W204") == []
    done = house.move_deadline(VP, "2027-12-13", MARCH, reason="a little later", state="open")
    assert len(said(done, "W204")) == 1
