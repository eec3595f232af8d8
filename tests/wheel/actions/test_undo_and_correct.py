"""Undo a wrong click, correct a registration."""

from datetime import date
from typing import Any

import pytest
from sqlmodel import col, select

from tests.support.databases import CopyOf
from tests.support.wheelhouse import DIALOGUES, Wheelhouse, rules_of
from wheel.database.store import Store
from wheel.database.tables import Decision
from wheel.errors import Conflict, NotFound, Usage

SN = "socialnamnden"
DIALOGUE = f"2028/uppdragsdialog/{SN}"
AT = "2027-06-16T19:00"


def begun(store: Store) -> Wheelhouse:
    """A running cycle of 2028, its MRP before KF."""
    house = Wheelhouse(store)
    house.start()
    house.walk("2028/ramar", "decided", "2027-02-24T15:00")
    house.hold_dialogues("2028", "2027-05-03T09:00", but=(SN,))
    house.walk("2028/mrp", "kf", "2027-06-02T13:00")
    return house


@pytest.fixture
def house(copy_of: CopyOf) -> Wheelhouse:
    return copy_of(begun)


def last(house: Wheelhouse, address: str, action: str = "plan.advanced") -> int:
    """The number of the plan's newest entry of that kind."""
    return int(house.log(address, action)[-1]["seq"])


# --- undo


def test_a_wrong_click_is_taken_back_and_stands_in_the_log(house: Wheelhouse) -> None:
    before = house.row(DIALOGUE)
    house.tick("2027-06-16T18:00")
    entered = house.plan(DIALOGUE).stage.entered_at
    house.advance(DIALOGUE, "hold", AT)
    done = house.undo(last(house, DIALOGUE), "2027-06-16T19:01", reason="the wrong board")
    assert (done.state, done.status) == ("open", "overdue")
    plan = house.plan(DIALOGUE)
    assert (plan.visit, plan.stage.entered_at, plan.special_status) == (1, entered, before.mark)
    assert house.actions(DIALOGUE)[-1] == "plan.undone"
    house.advance(DIALOGUE, "hold", "2027-06-16T19:02")
    assert house.row(DIALOGUE).state == "held"


def test_after_a_step_was_undone_the_same_decision_can_be_registered(house: Wheelhouse) -> None:
    adopted: dict[str, Any] = {
        "body": "kf",
        "date": "2027-06-16",
        "paragraph": "84",
        "anyway": True,
        "reason": "as KF decided",
    }
    house.advance("2028/mrp", "decide", AT, **adopted)
    house.undo(last(house, "2028/mrp"), "2027-06-16T19:01")
    assert house.advance("2028/mrp", "decide", "2027-06-16T19:02", **adopted).state == "adopted"


def test_those_whose_turn_it_is_are_told_when_an_undone_step_is_taken_again(house: Wheelhouse) -> None:
    report = f"2028/delarsrapport-april/{SN}"
    house.advance(report, "report", "2028-05-09T09:00")
    house.undo(last(house, report), "2028-05-09T09:01")
    assert [n.outcome for n in house.notices(report, rule="your_turn", state="reported")] == ["superseded"] * 2
    house.advance(report, "report", "2028-05-10T09:00")
    told = house.notices(report, rule="your_turn", state="reported", outcome="planned")
    assert {notice.person_id for notice in told} == {f"{SN}-officer", f"{SN}-secretary"}


def test_nothing_is_undone_once_something_followed(house: Wheelhouse) -> None:
    first = last(house, "2028/mrp")  # KS' proposal
    house.send_back("2028/mrp", AT, body="kf", reason="too thin", new_date="2027-08-31")
    with house.refused("undo"):
        house.undo(first, "2027-06-16T19:01")
    sent_back = last(house, "2028/mrp", "plan.sent_back")
    assert house.undo(sent_back, "2027-06-16T19:02").state == "kf"
    assert house.plan("2028/mrp").stage.last == date(2027, 6, 30)
    # It was undone; it cannot be undone again.
    with house.refused("undo"):
        house.undo(sent_back, "2027-06-16T19:03")


def test_a_step_of_the_calendar_that_is_due_but_not_taken_does_not_stand_in_the_way(house: Wheelhouse) -> None:
    house.hold_dialogues("2028", "2027-06-03T09:00")
    house.walk("2028/mrp", "adopted", "2027-06-16T19:00")
    seq = last(house, "2028/mrp")
    assert house.undo(seq, "2028-01-02T09:00").state == "kf"  # it would have taken effect on 1 January
    assert house.log("2028/mrp")[-1]["data"] | {"ended": 0, "planned": 0} == {
        "undoes": seq, "from": "adopted", "to": "kf", "reason": "", "ended": 0, "planned": 0
    }  # fmt: skip
    house.tick("2028-01-02T09:01", confirmed_by="admin")
    assert house.row("2028/mrp").state == "kf"


def states(house: Wheelhouse) -> dict[str, tuple[str, str | None]]:
    return {address: (house.row(address).state, house.row(address).mark) for address in house.addresses()}


def test_what_came_by_itself_is_taken_back_too(house: Wheelhouse) -> None:
    house.tick(AT)
    before = states(house)
    house.advance(DIALOGUE, "hold", "2027-06-17T09:00")
    seq = last(house, DIALOGUE)
    assert [m["to"] for m in house.tick("2027-06-17T09:01").moved] == ["held"]
    done = house.undo(seq, "2027-06-17T09:02", reason="the wrong board")
    assert (rules_of(done), done.warnings[0].facts["missing"]) == (["undo"], ("2028/uppdragsdialog",))
    assert states(house) == before
    assert house.log("2028/uppdragsdialog")[-1]["data"]["reason"] == "the wrong board"
    house.tick("2027-06-17T09:03")
    assert states(house) == before
    house.advance(DIALOGUE, "hold", "2027-06-17T09:04")
    assert [m["to"] for m in house.tick("2027-06-17T09:05").moved] == ["held"]
    assert house.verified()


def test_what_somebody_has_done_after_what_came_by_itself_stands_in_the_way(house: Wheelhouse) -> None:
    house.tick(AT)
    house.advance(DIALOGUE, "hold", "2027-06-17T09:00")
    seq = last(house, DIALOGUE)
    house.tick("2027-06-17T09:01")
    house.advance("2028/uppdragsdialog", "reconcile", "2027-06-17T09:02")
    with house.refused("undo") as reasons:
        house.undo(seq, "2027-06-17T09:03")
    assert reasons[0].facts["seq"] == last(house, "2028/uppdragsdialog")


def test_nothing_is_undone_once_mail_about_what_came_by_itself_was_made(house: Wheelhouse) -> None:
    house.tick(AT)
    house.advance(DIALOGUE, "hold", "2027-06-17T09:00")
    seq = last(house, DIALOGUE)
    house.tick("2027-06-17T09:01")
    house.tick("2027-06-17T09:12", confirmed_by="admin")
    assert house.told("2028/uppdragsdialog", "your_turn")
    with house.refused("undo"):
        house.undo(seq, "2027-06-17T09:13")


def test_all_that_a_decision_ended_begins_again_when_it_is_undone(house: Wheelhouse) -> None:
    house.advance(DIALOGUE, "hold", "2027-06-03T09:00")
    house.walk("2028/ramar", "sent_out", "2027-06-03T09:00")
    house.tick("2027-06-16T18:00")
    before = states(house)
    house.advance("2028/mrp", "decide", AT, body="kf")
    house.tick("2027-06-16T19:01")
    assert {address for address, state in states(house).items() if state != before[address]} == {
        "2028/mrp", "2028/ramar"
    }  # fmt: skip
    house.undo(last(house, "2028/mrp"), "2027-06-16T19:02")
    assert states(house) == before


def test_an_undone_timetable_takes_back_what_its_decision_had_opened(store: Store) -> None:
    house = Wheelhouse(store)
    house.open("2028", "2026-11-02T09:00")
    house.tick("2027-01-04T05:00", confirmed_by="admin")
    before = states(house)
    house.advance("2028/tidsplan", "decide", "2027-01-04T06:00", body="ks", date="2026-12-30")
    seq = last(house, "2028/tidsplan")
    house.tick("2027-01-04T06:01")
    assert house.row("2028/ramar").state == "draft"
    assert house.row("2028/tidsplan").state == "in_force"
    done = house.undo(seq, "2027-01-04T06:02")
    assert (done.state, house.row("2028/ramar").state) == ("draft", "upcoming")
    assert states(house) == before
    assert [n.rule for n in house.notices(outcome="planned") if n.plan_id != house.row("2028/tidsplan").id] == []


def test_nothing_is_undone_once_mail_about_it_was_made(house: Wheelhouse) -> None:
    house.tick(AT)
    house.send_back("2028/mrp", AT, body="kf", reason="too thin", new_date="2027-08-31")
    house.tick("2027-06-16T19:11", confirmed_by="admin")  # at-once mail waits ten minutes for exactly this
    with house.refused("undo"):
        house.undo(last(house, "2028/mrp", "plan.sent_back"), "2027-06-16T19:12")


def test_an_officer_undoes_the_step_of_the_own_body_alone(house: Wheelhouse) -> None:
    house.advance(DIALOGUE, "hold", AT, actor=f"{SN}-officer")
    with house.refused("role"):
        house.undo(last(house, DIALOGUE), "2027-06-16T19:01", actor="ks-officer")
    assert house.undo(last(house, DIALOGUE), "2027-06-16T19:01", actor=f"{SN}-officer").state == "open"


def test_only_steps_can_be_undone(house: Wheelhouse) -> None:
    with house.unchanged(), pytest.raises(NotFound):
        house.undo(99_999, AT)
    with house.unchanged(), pytest.raises(Usage):
        house.undo(last(house, DIALOGUE, "plan.opened"), AT)


def test_an_undone_step_frees_those_that_waited_for_it(house: Wheelhouse) -> None:
    house.advance(DIALOGUE, "hold", AT)
    house.undo(last(house, DIALOGUE), "2027-06-16T19:01")
    house.tick("2027-06-16T19:02")
    assert house.row("2028/uppdragsdialog").state == "open"
    assert house.show("2028/uppdragsdialog", AT)["children"]["done"] == len(DIALOGUES) - 1


def told_again(house: Wheelhouse, address: str, rule: str) -> set[str]:
    """Who waits for a mail about it."""
    return {notice.person_id for notice in house.notices(address, rule=rule, outcome="planned", message_id=None)}


def test_what_an_undone_step_had_ended_is_told_after_all(house: Wheelhouse) -> None:
    house.send_back("2028/mrp", AT, body="kf", reason="too thin", new_date="2027-08-31")
    people = told_again(house, "2028/mrp", "sent_back")
    house.send_back("2028/mrp", "2027-06-16T19:01", body="ks", reason="a slip", new_date="2027-08-31")
    first = [n for n in house.notices("2028/mrp", rule="sent_back") if n.facts["reason"] == "too thin"]
    assert [n.outcome for n in first] == ["superseded"] * len(people) != []
    done = house.undo(last(house, "2028/mrp", "plan.sent_back"), "2027-06-16T19:02")
    assert told_again(house, "2028/mrp", "sent_back") == people
    assert done.notices == house.log("2028/mrp", "plan.undone")[-1]["data"]["planned"] == len(people)
    house.tick("2027-06-17T07:30", confirmed_by="admin")
    mailed = [n for n in house.notices("2028/mrp", rule="sent_back") if n.message_id is not None]
    assert {(n.person_id, n.facts["reason"]) for n in mailed} == {(person, "too thin") for person in people}


def test_what_had_ended_for_another_reason_stays_ended(house: Wheelhouse) -> None:
    house.send_back("2028/mrp", AT, body="kf", reason="too thin", new_date="2027-08-31")
    house.hold("2028/mrp", "2027-06-16T19:01", reason="wait")
    house.release("2028/mrp", "2027-06-16T19:02")
    house.walk("2028/mrp", "kf", "2027-06-16T19:03")
    house.undo(last(house, "2028/mrp"), "2027-06-16T19:04")
    assert not told_again(house, "2028/mrp", "sent_back")


def test_what_was_undone_is_nothing_that_followed(house: Wheelhouse) -> None:
    house.send_back("2028/mrp", AT, body="kf", reason="too thin", new_date="2027-08-31")
    first = last(house, "2028/mrp", "plan.sent_back")
    house.walk("2028/mrp", "kf", "2027-06-16T19:01")
    house.undo(last(house, "2028/mrp"), "2027-06-16T19:02")
    done = house.undo(first, "2027-06-16T19:03")
    plan = house.plan("2028/mrp")
    assert (done.state, plan.visit, plan.stage.last) == ("kf", 1, date(2027, 6, 30))
    # And whoever was told of the visits that were taken back is told of the next one too.
    house.send_back("2028/mrp", "2027-06-16T19:04", body="kf", reason="once more", new_date="2027-08-31")
    house.walk("2028/mrp", "kf", "2027-06-16T19:05")
    assert told_again(house, "2028/mrp", "your_turn")


def test_a_step_of_the_parent_that_was_undone_is_nothing_that_followed(house: Wheelhouse) -> None:
    house.tick(AT)
    house.advance(DIALOGUE, "hold", "2027-06-17T09:00")
    house.tick("2027-06-17T09:01")
    house.undo(last(house, "2028/uppdragsdialog"), "2027-06-17T09:02")
    assert house.undo(last(house, DIALOGUE), "2027-06-17T09:02").state == "open"


def test_what_only_was_recorded_is_nothing_that_followed(house: Wheelhouse) -> None:
    proposed = last(house, "2028/mrp")
    house.advance("2028/mrp", "decide", AT, body="kf", outcome="noted", anyway=True, reason="as KF decided")
    house.correct(last(house, "2028/mrp", "decision.recorded"), AT, paragraph="90", reason="a slip of the pen")
    house.correct(proposed, AT, paragraph="58", reason="a slip of the pen")
    assert house.undo(proposed, "2027-06-16T19:01").state == "ks_proposal"


def test_a_correction_of_what_was_undone_is_nothing_that_followed(house: Wheelhouse) -> None:
    first = last(house, "2028/mrp")
    house.send_back("2028/mrp", AT, body="kf", reason="too thin", new_date="2027-08-31")
    wrong = last(house, "2028/mrp", "plan.sent_back")
    house.undo(wrong, "2027-06-16T19:01")
    house.correct(wrong, "2027-06-16T19:02", paragraph="58", reason="a slip of the pen")
    assert house.undo(first, "2027-06-16T19:03").state == "ks_proposal"


def test_a_wrong_click_whose_minutes_were_corrected_is_registered_again(house: Wheelhouse) -> None:
    decided: dict[str, Any] = {
        "body": "kf",
        "date": "2027-06-16",
        "paragraph": "84",
        "anyway": True,
        "reason": "as KF decided",
    }
    house.advance("2028/mrp", "decide", AT, **decided)
    seq = last(house, "2028/mrp")
    house.undo(seq, "2027-06-16T19:01")
    house.correct(seq, "2027-06-16T19:02", diary="KS 2027/112", reason="a slip of the pen")
    assert house.advance("2028/mrp", "decide", "2027-06-16T19:03", **decided).state == "adopted"


# --- correct


def decisions(house: Wheelhouse) -> list[Decision]:
    with house.store.reading() as session:
        return list(session.execute(select(Decision).order_by(col(Decision.id))).scalars())


def test_a_wrong_registration_is_corrected_by_a_new_one_and_stays(house: Wheelhouse) -> None:
    seq = last(house, "2028/mrp")
    wrong = decisions(house)[-1]
    version = house.row("2028/mrp").version
    done = house.correct(seq, AT, paragraph="58", diary="KS 2027/112", reason="a slip of the pen")
    right = decisions(house)[-1]
    assert (right.corrects, right.paragraph, right.diary) == (wrong.id, "58", "KS 2027/112")
    assert (right.body, right.meeting, right.outcome, right.step) == ("ks", date(2027, 6, 2), "adopted", "propose")
    assert decisions(house)[-2] == wrong
    assert (done.state, done.version) == ("kf", version + 1)
    entry = house.log("2028/mrp", "decision.corrected")[0]
    assert (entry["data"]["corrects"], entry["data"]["decision"]["paragraph"]) == (seq, "58")


def test_of_two_who_correct_what_they_saw_the_second_is_told(house: Wheelhouse) -> None:
    seq, seen = last(house, "2028/mrp"), house.row("2028/mrp").version
    house.correct(seq, AT, paragraph="58", reason="r", if_version=seen)
    with house.unchanged(), pytest.raises(Conflict):
        house.correct(seq, AT, paragraph="59", reason="r", if_version=seen)


def test_a_second_correction_keeps_the_first(house: Wheelhouse) -> None:
    seq = last(house, "2028/mrp")
    house.correct(seq, AT, paragraph="58", reason="r")
    first = decisions(house)[-1]
    house.correct(seq, AT, diary="KS 2027/112", reason="r")
    second = decisions(house)[-1]
    assert (second.corrects, second.paragraph, second.diary) == (first.id, "58", "KS 2027/112")


def test_a_correction_corrects_something(house: Wheelhouse) -> None:
    seq = last(house, "2028/mrp")
    house.correct(seq, AT, paragraph="58", reason="r")
    for nothing in ({}, {"paragraph": "58"}, {"paragraph": "58", "body": "ks", "dry_run": True}):
        with house.unchanged(), pytest.raises(Usage, match="othing to correct"):
            house.correct(seq, AT, reason="r", **nothing)


def test_a_corrected_meeting_counts_for_the_order(house: Wheelhouse) -> None:
    house.hold_dialogues("2028", "2027-06-03T09:00")
    house.correct(last(house, "2028/ramar"), "2027-06-21T09:00", date="2027-06-18", reason="it was in June")
    with house.refused("R2"):
        house.advance("2028/mrp", "decide", "2027-06-21T09:00", body="kf", date="2027-06-16")


def test_a_decision_that_was_undone_counts_for_no_order(house: Wheelhouse) -> None:
    house.start("2029")
    house.walk("2029/ramar", "decided", "2028-02-23T15:00")
    house.undo(last(house, "2029/ramar"), "2028-02-23T15:01")
    house.hold_dialogues("2029", "2028-05-03T09:00")
    house.walk("2029/mrp", "kf", "2028-06-07T13:00")
    house.walk("2029/ramar", "decided", "2028-06-19T15:00")
    with house.refused("R2"):
        house.advance("2029/mrp", "decide", "2028-06-21T09:00", body="kf", date="2028-06-14")


# --- a correction is judged again


def decided_vp(house: Wheelhouse, on: str, typed: str) -> int:
    """The number of the entry of a board's decision of its plan. The MRP was adopted, and the plan reported in time."""
    house.hold_dialogues("2028", "2027-06-03T09:00")
    house.walk("2028/mrp", "adopted", AT)
    plan = f"2028/verksamhetsplan/{SN}"
    house.walk(plan, "reported", "2027-11-10T09:00")
    house.advance(plan, "decide", typed, body=SN, date=on)
    return last(house, plan)


def judged(house: Wheelhouse, subject: str) -> tuple[list[str], list[str]]:
    """The rules that the newest correction warns of, and those whose warning it took back."""
    data = house.log(subject, "decision.corrected")[-1]["data"]
    return [told["rule"] for told in data["passed_over"]], data["taken_back"]


def test_a_correction_that_makes_the_decision_late_warns(house: Wheelhouse) -> None:
    seq = decided_vp(house, "2027-12-08", "2028-01-21T09:00")
    done = house.correct(seq, "2028-01-21T10:00", date="2028-01-20", reason="read wrongly")
    assert rules_of(done) == ["R6"]
    assert judged(house, f"2028/verksamhetsplan/{SN}") == (["R6"], [])


def test_a_correction_that_makes_the_decision_punctual_takes_the_warning_back(house: Wheelhouse) -> None:
    seq = decided_vp(house, "2028-01-20", "2028-01-21T09:00")
    assert rules_of(house.correct(seq, "2028-01-21T10:00", date="2027-12-08", reason="read wrongly")) == []
    assert judged(house, f"2028/verksamhetsplan/{SN}") == ([], ["R6"])
    entered = house.plan(f"2028/verksamhetsplan/{SN}").stage.entered_on
    assert entered == date(2027, 12, 8)


def again(house: Wheelhouse, subject: str) -> list[tuple[str, list[str], list[str]]]:
    """Of each step that was judged again because another one was corrected: the rules that stand against it now, and
    those that no longer do."""
    told = [entry["data"] for entry in house.log(subject, "step.judged_again")]
    return [(data["step"], [each["rule"] for each in data["passed_over"]], data["taken_back"]) for data in told]


def test_later_decisions_are_judged_again_when_an_earlier_one_is_corrected(house: Wheelhouse) -> None:
    house.hold_dialogues("2028", "2027-06-03T09:00")
    house.walk("2028/mrp", "adopted", AT)
    frames = last(house, "2028/ramar")
    done = house.correct(frames, "2027-06-21T09:00", date="2027-06-18", reason="it was in June")
    assert [warning.facts["missing"] for warning in done.warnings if warning.rule == "judged"] == [("2028/mrp",)]
    assert again(house, "2028/mrp") == [("decide", ["R2"], [])]
    house.correct(frames, "2027-06-22T09:00", date="2027-02-24", reason="it was in February after all")
    assert again(house, "2028/mrp")[1:] == [("decide", [], ["R2"])]
    house.correct(frames, "2027-06-23T09:00", paragraph="12", reason="a slip of the pen")
    assert len(again(house, "2028/mrp")) == 2  # nothing that it rests on has changed


def test_the_next_decision_of_the_same_plan_is_judged_again(house: Wheelhouse) -> None:
    house.hold_dialogues("2028", "2027-06-03T09:00")
    proposed = last(house, "2028/mrp")
    house.walk("2028/mrp", "adopted", AT)
    house.correct(proposed, "2027-06-21T09:00", date="2027-06-17", reason="KS met later")
    assert again(house, "2028/mrp") == [("decide", ["meeting"], [])]


def test_steps_that_are_no_decisions_are_judged_again(house: Wheelhouse) -> None:
    house.hold_dialogues("2028", "2027-06-03T09:00")
    house.walk("2028/mrp", "adopted", AT)
    plan = f"2028/verksamhetsplan/{SN}"
    house.walk(plan, "reported", "2027-09-10T09:00")
    house.correct(last(house, "2028/mrp"), "2027-10-01T09:00", date="2027-09-20", reason="the meeting was moved")
    assert again(house, plan) == [("draft", ["R18"], []), ("submit", ["R18"], [])]


def test_a_decision_that_is_recorded_late_takes_back_what_was_said_of_others(house: Wheelhouse) -> None:
    house.start("2029")
    house.hold_dialogues("2029", "2028-05-03T09:00")
    house.walk("2029/mrp", "kf", "2028-06-07T13:00")
    house.advance("2029/mrp", "decide", "2028-06-14T19:00", body="kf", anyway=True, reason="KS had decided, I think")
    done = house.advance("2029/ramar", "decide", "2028-06-19T09:00", body="ks", date="2028-02-23")
    assert [w.facts["missing"] for w in done.warnings if w.rule == "judged"] == [("2029/mrp",)]
    assert again(house, "2029/mrp") == [("decide", [], ["R2"])]


def test_a_plan_is_judged_again_when_the_goals_of_its_mandate_period_are_corrected(house: Wheelhouse) -> None:
    goals = "mandat-2022/inriktningsmal"
    house.open("mandat-2022", "2022-11-02T09:00")
    house.walk(goals, "fixed", "2027-04-07T09:00")
    house.start("2029")
    handed_in = house.log("2028/mrp", "plan.advanced")[1]["data"]
    assert (handed_in["step"], [each["rule"] for each in handed_in["passed_over"]]) == ("submit", [])
    house.correct(last(house, goals), "2027-12-01T09:00", date="2027-11-17", reason="read wrongly")
    assert again(house, "2028/mrp") == [("submit", ["R8"], [])]


def test_what_rests_on_an_undone_decision_is_judged_again(house: Wheelhouse) -> None:
    house.hold_dialogues("2028", "2027-06-03T09:00")
    house.walk("2028/mrp", "adopted", AT)
    done = house.undo(last(house, "2028/ramar"), "2027-06-16T19:01", reason="KS has decided nothing")
    assert [warning.facts["missing"] for warning in done.warnings] == [("2028/mrp",)]
    assert again(house, "2028/mrp") == [("decide", ["R2"], [])]


# --- the day of a step that is no decision


def test_the_day_of_a_step_is_corrected_and_judged_again(house: Wheelhouse) -> None:
    house.start("2027")
    report = "2027/arsredovisning"
    house.set_plan(report, state="drawn_up")
    house.advance(report, "hand_over", "2028-04-20T09:00")
    seq = last(house, report)
    assert house.plan(report).stage.entered_on is None
    done = house.correct(seq, "2028-04-21T09:00", on="2028-04-12", reason="handed over on the 12th")
    assert rules_of(done) == []
    assert house.plan(report).stage.entered_on == date(2028, 4, 12)
    [entry] = house.log(report, "step.corrected")
    assert (entry["data"]["changed"], entry["data"]["taken_back"]) == (
        {"on": ["2028-04-20", "2028-04-12"]},
        ["statutory"],
    )
    done = house.correct(seq, "2028-04-21T10:00", on="2028-04-18", reason="or on the 18th")
    assert rules_of(done) == ["statutory"]
    assert house.undo(seq, "2028-04-21T10:01").state == "drawn_up"  # nothing followed


def test_a_dialogue_that_took_place_after_the_decision_counts_for_no_order(house: Wheelhouse) -> None:
    house.hold_dialogues("2028", "2027-05-03T09:00", but=(SN,))
    house.advance(DIALOGUE, "hold", "2027-06-17T09:00", on="2027-06-17")
    with house.refused("R4") as reasons:
        house.advance("2028/mrp", "decide", "2027-06-17T09:00", body="kf", date="2027-06-16")
    assert reasons[0].facts["missing"] == (DIALOGUE,)
    house.correct(last(house, DIALOGUE), "2027-06-17T09:01", on="2027-05-04", reason="it was in May")
    assert house.advance("2028/mrp", "decide", "2027-06-17T09:02", body="kf", date="2027-06-16").state == "adopted"


def test_which_days_cannot_be_corrected(house: Wheelhouse) -> None:
    house.advance(DIALOGUE, "hold", AT)
    seq, when = last(house, DIALOGUE), "2027-06-17T09:00"
    with house.unchanged(), pytest.raises(Usage, match="othing to correct"):
        house.correct(seq, when, on="2027-06-16", reason="r")
    with house.unchanged(), pytest.raises(Usage, match="othing to correct"):
        house.correct(seq, when, reason="r")
    with house.refused("date"):
        house.correct(seq, when, on="2027-06-18", reason="to come")
    with house.refused("decision"):
        house.correct(seq, when, paragraph="58", reason="r")
    with house.refused("reason"):
        house.correct(seq, when, on="2027-06-15")
    with house.refused("role"):
        house.correct(seq, when, on="2027-06-15", reason="r", actor="ks-officer")
    with house.refused("date"):
        house.correct(last(house, "2028/mrp"), when, on="2027-06-03", reason="KS's meeting has its own day")
    opened = next(e for e in house.log("2028/mrp", "plan.advanced") if e["data"]["step"] == "open")
    with house.unchanged(), pytest.raises(Usage, match="no step that somebody took"):
        house.correct(opened["seq"], when, on="2027-03-02", reason="r")
    house.undo(seq, when)
    with house.refused("date"):
        house.correct(seq, when, on="2027-06-15", reason="r")


def test_an_outcome_with_the_same_effect_is_corrected_after_mail_and_all(house: Wheelhouse) -> None:
    seq = decided_vp(house, "2027-12-08", "2027-12-09T09:00")
    house.tick("2027-12-10T09:00")
    done = house.correct(seq, "2027-12-10T10:00", outcome="adopted_with_changes", reason="a slip")
    assert (done.state, decisions(house)[-1].outcome) == ("decided", "adopted_with_changes")


def test_an_outcome_that_takes_no_step_takes_the_plan_back_while_nothing_followed(house: Wheelhouse) -> None:
    done = house.correct(last(house, "2028/mrp"), AT, outcome="rejected", reason="KS said no")
    assert (done.state, done.status) == ("ks_proposal", "overdue")
    assert decisions(house)[-1].outcome == "rejected"
    assert house.actions("2028/mrp")[-2:] == ["plan.undone", "decision.corrected"]


def test_an_outcome_that_takes_the_step_after_all_moves_the_plan(house: Wheelhouse) -> None:
    house.hold_dialogues("2028", "2027-06-03T09:00")
    house.advance("2028/mrp", "decide", AT, body="kf", outcome="noted")
    seq = last(house, "2028/mrp", "decision.recorded")
    done = house.correct(seq, "2027-06-17T09:00", outcome="adopted", reason="it was adopted")
    assert done.state == "adopted"
    assert decisions(house)[-1].corrects == decisions(house)[-2].id


def test_what_followed_keeps_the_outcome_and_the_cure_is_said(house: Wheelhouse) -> None:
    house.hold_dialogues("2028", "2027-06-03T09:00")
    proposed = last(house, "2028/mrp")
    house.walk("2028/mrp", "adopted", AT)
    with house.refused("undo") as reasons:
        house.correct(proposed, "2027-06-17T09:00", outcome="rejected", reason="r")
    assert "reopen" in reasons[0].message


def test_the_minutes_of_a_send_back_are_corrected_and_the_plan_stays_sent_back(house: Wheelhouse) -> None:
    house.send_back("2028/mrp", AT, body="kf", reason="too thin", new_date="2027-08-20")
    done = house.correct(last(house, "2028/mrp", "plan.sent_back"), AT, paragraph="58", reason="a slip of the pen")
    assert (done.state, done.status) == ("ks_proposal", "sent_back")
    assert (decisions(house)[-1].outcome, decisions(house)[-1].paragraph) == ("sent_back", "58")


def test_a_registration_whose_step_was_undone_is_corrected_and_moves_nothing(house: Wheelhouse) -> None:
    seq = last(house, "2028/mrp")
    house.undo(seq, "2027-06-02T13:01", reason="the wrong plan")
    done = house.correct(seq, AT, paragraph="58", reason="a slip of the pen")
    assert done.state == "ks_proposal"


def test_what_cannot_be_corrected(house: Wheelhouse) -> None:
    seq = last(house, "2028/mrp")
    with house.refused("decision"):
        house.correct(seq, AT, outcome="sent_back", reason="r")
    with house.refused("body"):
        house.correct(seq, AT, body="kf", reason="r")
    with house.refused("reason"):
        house.correct(seq, AT, paragraph="58")
    with house.refused("meeting"):
        house.correct(seq, AT, date="2027-06-17", reason="r")
    with house.refused("role"):
        house.correct(seq, AT, paragraph="58", reason="r", actor="kf-secretary")
    with house.unchanged(), pytest.raises(Usage):
        house.correct(last(house, DIALOGUE, "plan.opened"), AT, paragraph="58", reason="r")


def test_the_secretary_of_the_body_corrects_its_decision(house: Wheelhouse) -> None:
    house.correct(last(house, "2028/mrp"), AT, paragraph="58", reason="r", actor="ks-secretary")
    assert decisions(house)[-1].registered_by == "ks-secretary"


def test_a_plan_that_was_reopened_by_mistake_takes_nothing_back_from_other_steps(house: Wheelhouse) -> None:
    """While the plan was open nobody has judged them, so the log has no warning to take back."""
    house.hold_dialogues("2028", "2027-06-03T09:00")
    house.walk("2028/mrp", "adopted", AT)
    house.reopen("2028/ramar", "2027-06-17T09:00", reason="the wrong plan")
    done = house.undo(last(house, "2028/ramar", "plan.reopened"), "2027-06-17T09:01")
    assert "judged" not in rules_of(done)
    assert again(house, "2028/mrp") == []
