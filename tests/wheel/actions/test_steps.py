"""Advance, send back, postpone: the right body, the whole decision, every outcome, joins, and two at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from threading import Barrier

import pytest

from tests.support.databases import CopyOf
from tests.support.wheelhouse import BOARDS, DIALOGUES, Wheelhouse, instant, rules_of, started
from wheel.actions.advance import advance
from wheel.database.store import Store
from wheel.database.tables import Meeting
from wheel.engine.decisions import DecisionForm
from wheel.engine.request_and_result import Request, Result, result_of
from wheel.engine.unit_of_work import UnitOfWork
from wheel.errors import ArshjulError, Conflict, NotFound, Usage

SN = "socialnamnden"
SUMMER = "2027-06-16T19:00"


@pytest.fixture
def house(copy_of: CopyOf) -> Wheelhouse:
    """A running cycle of 2028."""
    return copy_of(started)


@pytest.fixture
def idle(copy_of: CopyOf) -> Wheelhouse:
    """Before its first cycle."""
    return copy_of(Wheelhouse)


def with_the_mrp_before_kf(store: Store) -> Wheelhouse:
    house = started(store)
    house.walk("2028/ramar", "sent_out", "2027-02-24T15:00")
    house.hold_dialogues("2028", "2027-05-03T09:00")
    house.walk("2028/mrp", "kf", "2027-06-02T13:00")
    return house


@pytest.fixture
def before_kf(copy_of: CopyOf) -> Wheelhouse:
    """The MRP of 2028 lies before KF and nothing stands against it."""
    return copy_of(with_the_mrp_before_kf)


# --- the right body, the right person, the whole record


def test_the_wrong_body_is_refused_and_the_right_one_is_named(before_kf: Wheelhouse) -> None:
    with before_kf.refused("body") as reasons:
        before_kf.advance("2028/mrp", "decide", SUMMER, body="ks")
    assert (reasons[0].who, reasons[0].facts["body"]) == (("kf",), "ks")
    assert (reasons[0].severity, reasons[0].overridable) == ("refuse", False)


@pytest.mark.parametrize("actor", ["reader", "kf-officer", "kf-chair", "kf-function", "ks-secretary", "daemon"])
def test_a_decision_is_registered_only_by_who_may(before_kf: Wheelhouse, actor: str) -> None:
    with before_kf.refused("role") as reasons:
        before_kf.advance("2028/mrp", "decide", SUMMER, body="kf", actor=actor)
    assert reasons[0].facts["actor"] == actor
    assert set(reasons[0].facts["roles"]) == {"administrator", "secretary"}


def test_who_typed_it_in_is_another_fact_than_who_decided(before_kf: Wheelhouse) -> None:
    before_kf.advance("2028/mrp", "decide", SUMMER, body="kf", actor="kf-secretary")
    entry = before_kf.log("2028/mrp", "plan.advanced")[-1]
    assert (entry["actor"], entry["data"]["decision"]["body"]) == ("kf-secretary", "kf")


def test_an_officer_takes_the_steps_of_the_own_body_and_of_no_other(house: Wheelhouse) -> None:
    dialogue = f"2028/uppdragsdialog/{SN}"
    with house.refused("role"):
        house.advance(dialogue, "hold", "2027-04-12T09:00", actor="byggnadsnamnden-officer")
    assert house.advance(dialogue, "hold", "2027-04-12T09:00", actor=f"{SN}-officer").state == "held"


@pytest.mark.parametrize("field", ["paragraph", "outcome", "date"])
def test_a_decision_without_one_of_its_fields_is_refused(before_kf: Wheelhouse, field: str) -> None:
    with before_kf.refused("decision") as reasons:
        before_kf.advance("2028/mrp", "decide", SUMMER, body="kf", **{field: "" if field != "date" else None})
    assert reasons[0].facts["fields"] == (field,)
    assert not reasons[0].overridable


def test_the_first_decision_on_a_plan_needs_a_diary_number(house: Wheelhouse) -> None:
    house.walk("2028/ramar", "draft", "2027-02-01T09:00")
    with house.refused("decision") as reasons:
        house.advance("2028/ramar", "decide", "2027-02-24T15:00", body="ks", diary="")
    assert reasons[0].facts["fields"] == ("diary",)


def test_a_body_that_does_not_exist_is_not_found(before_kf: Wheelhouse) -> None:
    with pytest.raises(NotFound, match="The body kff does not exist"):
        before_kf.advance("2028/mrp", "decide", SUMMER, body="kff")


def test_all_missing_fields_are_named_at_once(before_kf: Wheelhouse) -> None:
    with before_kf.refused("decision") as reasons:
        before_kf.advance("2028/mrp", "decide", SUMMER)
    assert reasons[0].facts["fields"] == ("date", "paragraph", "outcome")


def test_an_outcome_that_is_none_is_refused(before_kf: Wheelhouse) -> None:
    with before_kf.refused("decision"):
        before_kf.advance("2028/mrp", "decide", SUMMER, body="kf", outcome="carried")


def test_a_meeting_that_has_not_been_yet_is_refused(before_kf: Wheelhouse) -> None:
    with before_kf.refused("meeting"):
        before_kf.advance("2028/mrp", "decide", "2027-06-15T23:59", body="kf", date="2027-06-16")
    done = before_kf.advance("2028/mrp", "decide", "2027-06-16T00:01", body="kf", date="2027-06-16")
    assert done.state == "adopted"


def test_a_step_that_is_no_decision_takes_none_of_its_fields(house: Wheelhouse) -> None:
    with house.refused("decision"):
        house.advance(f"2028/uppdragsdialog/{SN}", "hold", "2027-04-12T09:00", body=SN)


def test_one_decision_is_not_registered_twice_for_a_plan(before_kf: Wheelhouse) -> None:
    before_kf.advance("2028/mrp", "decide", SUMMER, body="kf", paragraph="84")
    adopted = {"body": "kf", "date": "2027-06-16", "paragraph": "85"}
    before_kf.advance("2028/mrp", "revise", "2027-06-17T09:00", **adopted)
    with before_kf.refused("duplicate"):
        before_kf.advance("2028/mrp", "revise", "2027-06-17T09:05", **adopted)
    # One § can hold several points.
    assert before_kf.advance("2028/mrp", "revise", "2027-06-17T09:10", point="2", **adopted).state == "adopted"


def test_the_decision_is_kept_whole(before_kf: Wheelhouse) -> None:
    before_kf.advance(
        "2028/mrp", "decide", "2027-06-18T09:00", body="kf", date="2027-06-16", paragraph="84", point="2",
        diary="KS 2027/112", text="KF antar planen", link="https://example.se/84",
    )  # fmt: skip
    decision = before_kf.log("2028/mrp", "plan.advanced")[-1]["data"]["decision"]
    assert decision.pop("id")
    assert decision == {
        "body": "kf", "meeting": "2027-06-16", "paragraph": "84", "point": "2", "diary": "KS 2027/112",
        "outcome": "adopted", "text": "KF antar planen", "link": "https://example.se/84",
    }  # fmt: skip


# --- what there is not


def test_what_does_not_exist_is_said_so(house: Wheelhouse) -> None:
    with house.unchanged():
        with pytest.raises(NotFound):
            house.advance("2028/nowhere", "decide", SUMMER)
        with pytest.raises(NotFound):
            house.advance("2028/mrp", "decide", SUMMER, actor="nobody")
        with pytest.raises(Usage, match="submit"):
            house.advance("2028/mrp", "fly", SUMMER)


# --- the day


def test_a_meeting_before_the_proposal_that_it_decides_is_warned_of(before_kf: Wheelhouse) -> None:
    done = before_kf.advance("2028/mrp", "decide", SUMMER, body="kf", date="2027-06-01")
    warned = {reason.rule: reason.facts for reason in done.warnings}
    assert done.state == "adopted"
    assert (warned["meeting"]["on"], warned["meeting"]["came"]) == (date(2027, 6, 1), date(2027, 6, 2))
    told = before_kf.log("2028/mrp", "plan.advanced")[-1]["data"]["passed_over"]
    assert "meeting" in [each["rule"] for each in told]


@pytest.mark.parametrize(("on", "warned"), [("2026-11-01", [date(2026, 11, 2)]), ("2026-11-02", [])])
def test_a_day_before_the_cycle_was_opened_is_warned_of(house: Wheelhouse, on: str, warned: list[date]) -> None:
    done = house.advance("2028/mrp", "open", "2027-02-01T09:00", on=on, anyway=True, reason="KS begins early")
    assert [reason.facts["opened"] for reason in done.warnings if reason.rule == "meeting"] == warned


def test_the_meeting_counts_not_the_day_of_typing(house: Wheelhouse) -> None:
    house.walk("2028/mrp", "ks_proposal", "2027-05-20T09:00")
    house.advance("2028/mrp", "propose", "2027-06-18T09:00", body="ks", date="2027-06-02")
    house.hold_dialogues("2028", "2027-06-18T10:00")
    done = house.advance(
        "2028/mrp", "decide", "2027-06-18T11:00", body="kf", date="2027-06-16", anyway=True, reason="typed late"
    )
    assert "meeting" not in rules_of(done)


def test_a_turn_whose_day_has_passed_already_is_said_and_kept(before_kf: Wheelhouse) -> None:
    """KF was to decide by 30 June; the matter comes back from KS in September."""
    mrp = "2028/mrp"
    before_kf.walk(mrp, "kf", "2027-06-02T13:00")
    before_kf.send_back(mrp, "2027-06-17T09:00", body="kf", date="2027-06-16", new_date="2027-09-01", reason="more")
    done = before_kf.advance(mrp, "propose", "2027-09-02T09:00", body="ks", date="2027-09-01")
    [passed] = [reason.facts for reason in done.warnings if reason.rule == "date"]
    assert (passed["name"], passed["late"]) == ("2028/mrp kf", date(2027, 6, 30))
    [*_, entry] = before_kf.log(mrp, "plan.advanced")
    assert "date" in [each["rule"] for each in entry["data"]["passed_over"]]


def test_a_january_typed_with_last_years_number_hides_no_missed_december(before_kf: Wheelhouse) -> None:
    before_kf.walk("2028/mrp", "adopted", SUMMER)
    plan = f"2028/verksamhetsplan/{SN}"
    before_kf.walk(plan, "reported", "2027-11-10T09:00")
    done = before_kf.advance(plan, "decide", "2028-01-26T09:00", body=SN, date="2027-01-25")
    late = {reason.rule: reason for reason in done.warnings}
    assert set(late) == {"meeting", "R6", "date"}  # and the report to KS was due on 15 January
    assert late["R6"].facts == {"last": date(2027, 12, 31), "on": date(2028, 1, 26)}


def test_a_day_without_a_known_meeting_of_the_body_is_warned_of(before_kf: Wheelhouse) -> None:
    with before_kf.store.writing() as session:
        days = ("2027-03-24", "2027-06-16", "2027-06-21", "2028-06-15")
        session.add_all(Meeting(body="kf", day=date.fromisoformat(day)) for day in days)
    done = before_kf.advance("2028/mrp", "decide", "2027-06-17T09:00", body="kf", date="2027-06-17", dry_run=True)
    [warning] = done.warnings
    assert warning.facts["nearest"] == (date(2027, 6, 16), date(2027, 6, 21))
    assert before_kf.advance("2028/mrp", "decide", "2027-06-17T09:00", body="kf", date="2027-06-16").warnings == []


def test_the_body_goes_without_saying_and_is_known_by_its_short_name_and_its_name(before_kf: Wheelhouse) -> None:
    for body in ("", "KF", " kommunfullmäktige", "Kommunfullma\u0308ktige"):
        form = replace(before_kf.form(SUMMER, "kf", {}), body=body)
        request = Request("admin", instant(SUMMER), dry_run=True)
        done = before_kf.desk.carry_out(request, "2028/mrp", "decide", advance, "2028/mrp", "decide", form)
        assert done.state == "adopted"
    with before_kf.refused("body"):
        before_kf.advance("2028/mrp", "decide", SUMMER, body="KS")


def test_a_plans_diary_number_is_written_once(before_kf: Wheelhouse) -> None:
    before_kf.advance("2028/mrp", "decide", SUMMER, body="kf", diary="")
    [first, last] = [entry["data"]["decision"]["diary"] for entry in before_kf.log("2028/mrp", "plan.advanced")
                     if "decision" in entry["data"]]  # fmt: skip
    assert first == last != ""


def test_two_decisions_on_one_paragraph_without_points_are_warned_of(before_kf: Wheelhouse) -> None:
    before_kf.advance("2028/mrp", "decide", SUMMER, body="kf", paragraph="84")
    again = {"body": "kf", "date": "2027-06-16", "paragraph": "84"}
    done = before_kf.advance("2028/mrp", "revise", "2027-06-17T09:00", point="2", **again, dry_run=True)
    assert ["on this plan" in w.message for w in done.warnings if w.rule == "duplicate"] == [True]
    proposed = before_kf.log("2028/mrp", "plan.advanced")[-2]["data"]["decision"]["paragraph"]
    same = {
        "body": "ks",
        "date": "2027-06-02",
        "paragraph": proposed,
        "outcome": "noted",
        "anyway": True,
        "reason": "r",
    }
    done = before_kf.advance("2028/delarsrapport-april", "hand_over", "2027-06-17T09:00", **same, dry_run=True)
    assert [w.facts["missing"] for w in done.warnings if w.rule == "duplicate"] == [("2028/mrp",)]


def test_points_of_one_paragraph_are_different_decisions(before_kf: Wheelhouse) -> None:
    before_kf.advance("2028/mrp", "decide", SUMMER, body="kf", paragraph="84", point="1")
    again = {"body": "kf", "date": "2027-06-16", "paragraph": "84", "point": "2"}
    assert "duplicate" not in rules_of(before_kf.advance("2028/mrp", "revise", "2027-06-17T09:00", **again))


def test_the_discharge_is_a_decision_of_its_own_beside_the_approval(house: Wheelhouse) -> None:
    report = "2028/arsredovisning"
    house.set_plan(report, state="handed_over")
    same = {"body": "kf", "date": "2029-05-23", "paragraph": "60"}
    house.advance(report, "decide", "2029-05-24T09:00", **same, point="1")
    for point in ("", "1"):
        done = house.advance(report, "discharge", "2029-05-24T09:05", **same, point=point, dry_run=True)
        assert rules_of(done) == ["duplicate"]
    done = house.advance(report, "discharge", "2029-05-24T09:05", body="kf", date="2029-05-16", dry_run=True)
    assert "meeting" in rules_of(done)  # before the approval
    assert rules_of(house.advance(report, "discharge", "2029-05-24T09:05", **same, point="2")) == []


def test_a_step_of_an_office_has_the_day_that_is_said(house: Wheelhouse) -> None:
    dialogue = f"2028/uppdragsdialog/{SN}"
    house.tick("2027-03-01T09:00")
    house.advance(dialogue, "hold", "2027-04-20T09:00", on="2027-04-12")
    assert house.plan(dialogue).stage.entered_on == date(2027, 4, 12)


def test_the_day_that_is_said_decides_whether_the_laws_day_was_kept(house: Wheelhouse) -> None:
    house.start("2027")
    report = "2027/arsredovisning"
    house.set_plan(report, state="drawn_up")
    late = house.advance(report, "hand_over", "2028-04-20T09:00", dry_run=True)
    assert "statutory" in rules_of(late)
    done = house.advance(report, "hand_over", "2028-04-20T09:00", on="2028-04-12")
    assert "statutory" not in rules_of(done)


def test_a_board_and_the_whole_report_may_be_decided_at_one_meeting_that_is_recorded_later(house: Wheelhouse) -> None:
    house.start("2027")
    house.tick("2027-05-03T09:00")
    report, own, meeting = "2027/delarsrapport-april", "2027/delarsrapport-april/ks", "2027-06-02"
    for board in BOARDS[1:]:
        house.walk(f"{report}/{board}", "treated", "2027-05-28T09:00")
    house.walk(own, "analysed", "2027-05-28T10:00")
    house.advance(own, "decide", "2027-06-07T09:00", body="ks", date=meeting)
    house.tick("2027-06-07T10:00")
    assert house.plan(report).stage.entered_on == date(2027, 6, 2)
    done = house.advance(report, "hand_over", "2027-06-07T11:00", body="ks", date=meeting)
    assert "meeting" not in rules_of(done)


def test_a_day_that_has_not_come_or_of_a_decision_is_refused(before_kf: Wheelhouse) -> None:
    with before_kf.refused("date"):
        before_kf.advance(f"2028/namndforslag/{SN}", "draft", SUMMER, on="2027-06-17")
    with before_kf.refused("date"):
        before_kf.advance("2028/mrp", "decide", SUMMER, body="kf", on="2027-06-16")


def test_frames_that_were_decided_later_are_not_said_to_be_missing(house: Wheelhouse) -> None:
    house.hold_dialogues("2028", "2027-05-03T09:00")
    house.walk("2028/mrp", "kf", "2027-06-02T13:00")
    house.walk("2028/ramar", "draft", "2027-06-02T14:00")
    house.advance("2028/ramar", "decide", "2027-06-25T09:00", body="ks", date="2027-06-24")
    with house.refused("R2") as reasons:
        house.advance("2028/mrp", "decide", "2027-06-25T10:00", body="kf", date="2027-06-16")
    assert reasons[0].facts["later"] == ("2028/ramar",)
    assert "only after" in reasons[0].message


# --- order, and what stands still


def test_a_step_that_is_not_next_is_refused_with_those_before_it(house: Wheelhouse) -> None:
    with house.refused("state") as reasons:
        house.advance("2028/mrp", "propose", "2027-05-05T09:00", body="ks")
    assert reasons[0].facts["steps"] == ("submit",)


def test_a_step_that_was_taken_cannot_be_taken_again(before_kf: Wheelhouse) -> None:
    with before_kf.refused("state") as reasons:
        before_kf.advance("2028/mrp", "submit", SUMMER, anyway=True, reason="once more")
    assert not reasons[0].overridable


def test_a_step_that_is_no_decision_does_not_jump_the_queue(house: Wheelhouse) -> None:
    with house.refused("state"):
        house.advance("2028/ramar", "send_out", "2027-02-24T15:00", anyway=True, reason="in a hurry")


def test_what_was_decided_out_of_order_can_be_recorded_with_a_reason(house: Wheelhouse) -> None:
    done = house.advance(
        "2028/mrp", "propose", "2027-05-05T14:00", body="ks", anyway=True, reason="KS took it up without groundwork"
    )  # fmt: skip
    assert (done.state, rules_of(done)) == ("kf", ["state"])
    told = house.log("2028/mrp", "plan.advanced")[-1]["data"]["passed_over"]
    assert [(reason["rule"], reason["overridden"]) for reason in told] == [("state", True)]


def test_a_held_plan_does_not_move(before_kf: Wheelhouse) -> None:
    before_kf.hold("2028/mrp", "2027-06-10T09:00", reason="the court has been asked")
    with before_kf.refused("held"):
        before_kf.advance("2028/mrp", "decide", SUMMER, body="kf")
    with before_kf.refused("held"):
        before_kf.send_back("2028/mrp", SUMMER, body="kf", reason="too thin", new_date="2027-08-31")
    with before_kf.refused("held"):
        before_kf.postpone("2028/mrp", SUMMER, body="kf", new_date="2027-08-31")


def test_a_withdrawn_plan_and_a_board_that_does_not_take_part_do_not_move(before_kf: Wheelhouse) -> None:
    before_kf.withdraw("2028/mrp", "2027-06-10T09:00", reason="merged into another municipality")
    with before_kf.refused("withdrawn"):
        before_kf.advance("2028/mrp", "decide", SUMMER, body="kf")
    with before_kf.refused("not_concerned", "state"):
        before_kf.advance("2028/uppdragsdialog/valnamnden", "hold", SUMMER)


def test_a_dry_run_answers_and_changes_nothing(before_kf: Wheelhouse) -> None:
    with before_kf.unchanged():
        done = before_kf.advance("2028/mrp", "decide", SUMMER, body="kf", dry_run=True)
        with pytest.raises(ArshjulError):
            before_kf.advance("2028/mrp", "decide", SUMMER, body="ks", dry_run=True)
    assert (done.state, done.log, done.dry_run) == ("adopted", [], True)


# --- outcomes


@pytest.mark.parametrize("outcome", ["adopted", "adopted_with_changes"])
def test_what_kf_adopts_is_adopted(before_kf: Wheelhouse, outcome: str) -> None:
    version = before_kf.row("2028/mrp").version
    done = before_kf.advance("2028/mrp", "decide", SUMMER, body="kf", outcome=outcome)
    assert (done.state, done.status, done.version) == ("adopted", "done", version + 1)
    assert before_kf.log("2028/mrp", "plan.advanced")[-1]["data"]["decision"]["outcome"] == outcome


def test_a_report_is_treated_by_being_noted(house: Wheelhouse) -> None:
    report = f"2028/delarsrapport-april/{SN}"
    house.walk(report, "analysed", "2028-05-20T09:00")
    done = house.advance(report, "decide", "2028-05-24T15:00", body=SN, outcome="noted")
    assert (done.state, done.status) == ("treated", "done")


def test_a_rejection_is_recorded_and_told_and_moves_nothing(before_kf: Wheelhouse) -> None:
    version = before_kf.row("2028/mrp").version
    done = before_kf.advance("2028/mrp", "decide", SUMMER, body="kf", outcome="rejected", reason="too dear")
    assert (done.state, done.status, done.version) == ("kf", "in_progress", version + 1)
    assert before_kf.log("2028/mrp")[-1]["action"] == "notice.planned"
    assert before_kf.log("2028/mrp", "plan.rejected")[-1]["data"]["decision"]["outcome"] == "rejected"
    assert before_kf.told("2028/mrp", "rejected") == {"kf-officer", "kf-secretary"}


@pytest.mark.parametrize("outcome", ["noted", "dropped", "rejected"])
def test_what_adopts_nothing_is_recorded_with_a_warning_and_moves_nothing(before_kf: Wheelhouse, outcome: str) -> None:
    done = before_kf.advance("2028/mrp", "decide", SUMMER, body="kf", outcome=outcome, diary="KS 2026/300")
    assert (done.state, done.status) == ("kf", "in_progress")
    [warning] = done.warnings
    assert (warning.rule, warning.severity, warning.who, warning.step) == ("decision", "warn", ("kf",), "decide")
    assert warning.facts == {"outcome": outcome}
    action = "plan.rejected" if outcome == "rejected" else "decision.recorded"
    [kept] = before_kf.log("2028/mrp", action)
    assert (kept["data"]["state"], kept["data"]["decision"]["diary"]) == ("kf", "KS 2026/300")
    before_kf.tick("2027-06-17T09:00")
    results = {a: before_kf.row(a).state for a in before_kf.addresses() if a.startswith("2028/namndforslag/")}
    assert "fixed" not in results.values()  # no board's results are fixed, and the frames still hold
    assert before_kf.row("2028/ramar").state == "sent_out"
    assert before_kf.advance("2028/mrp", "decide", "2027-06-21T19:00", body="kf").state == "adopted"


def test_what_is_noted_is_no_decision_to_the_rules_of_other_plans(house: Wheelhouse) -> None:
    house.walk("2028/ramar", "draft", "2027-02-01T09:00")
    house.advance("2028/ramar", "decide", "2027-02-24T09:00", body="ks", outcome="noted")
    assert "R2" in {reason.rule for reason in house.blockers("2028/mrp", "2027-06-16T09:00")}


def test_a_proposal_that_is_noted_stays_with_the_body_that_was_to_make_it(house: Wheelhouse) -> None:
    house.walk("2028/mrp", "ks_proposal", "2027-05-20T09:00")
    done = house.advance("2028/mrp", "propose", "2027-06-02T15:00", body="ks", outcome="noted")
    assert (done.state, [w.who for w in done.warnings if w.rule == "decision"]) == ("ks_proposal", [("ks",)])


def test_a_second_rejection_is_told_too(before_kf: Wheelhouse) -> None:
    before_kf.advance("2028/mrp", "decide", SUMMER, body="kf", outcome="rejected", reason="too dear")
    before_kf.advance("2028/mrp", "decide", "2027-06-21T19:00", body="kf", outcome="rejected", reason="still too dear")
    reasons = [n.facts["reason"] for n in before_kf.notices("2028/mrp", rule="rejected", person_id="kf-officer")]
    assert reasons == ["too dear", "still too dear"]


def test_what_is_put_off_keeps_its_state_and_gets_a_new_last_day(before_kf: Wheelhouse) -> None:
    before_kf.postpone("2028/mrp", SUMMER, body="kf", paragraph="84", new_date="2027-09-15")
    shown = before_kf.show("2028/mrp", "2027-06-17T09:00")
    assert (shown["state"], shown["entry"], shown["status"]) == ("kf", 1, "postponed")
    [kf] = [state for state in shown["states"] if state["state"] == "kf"]
    assert kf["last"] == {"date": "2027-09-15", "source": "KF 2027-06-16 § 84"}
    assert before_kf.told("2028/mrp", "postponed") == {"kf-officer", "kf-secretary"}
    assert before_kf.status("2028/mrp", "2027-09-16T09:00") == "overdue"


def test_postponing_takes_the_decision_and_the_next_meeting(before_kf: Wheelhouse) -> None:
    with before_kf.refused("date"):
        before_kf.postpone("2028/mrp", SUMMER, body="kf")
    with before_kf.refused("date"):
        before_kf.postpone("2028/mrp", SUMMER, body="kf", new_date="2027-06-15")
    with before_kf.refused("body", "decision"):
        before_kf.postpone("2028/mrp", SUMMER, body="ks", paragraph="", new_date="2027-09-15")


def test_the_verbs_and_the_outcomes_of_decide_are_the_same(before_kf: Wheelhouse) -> None:
    before_kf.advance("2028/mrp", "decide", SUMMER, body="kf", outcome="postponed", new_date="2027-09-15")
    assert before_kf.status("2028/mrp", SUMMER) == "postponed"
    before_kf.advance(
        "2028/mrp", "decide", "2027-09-15T19:00", body="kf", outcome="sent_back", reason="too thin",
        new_date="2027-10-15",
    )  # fmt: skip
    assert before_kf.row("2028/mrp").state == "ks_proposal"


def test_where_no_body_decides_nothing_is_put_off(house: Wheelhouse) -> None:
    with house.refused("state"):
        house.postpone("2028/mrp", "2027-03-10T09:00", body="ks", new_date="2027-06-01")


# --- sending back


def test_what_kf_sends_back_lies_with_ks_again_for_the_second_time(before_kf: Wheelhouse) -> None:
    done = before_kf.send_back(
        "2028/mrp", SUMMER, body="kf", paragraph="84", reason="show what it costs", new_date="2027-08-31"
    )
    assert (done.state, done.status) == ("ks_proposal", "sent_back")
    shown = before_kf.show("2028/mrp", "2027-06-17T09:00")
    assert (shown["entry"], shown["status"]) == (2, "sent_back")
    [again] = [state for state in shown["states"] if state["state"] == "ks_proposal"]
    assert again["last"] == {"date": "2027-08-31", "source": "KF 2027-06-16 § 84"}
    sent_back = before_kf.notices("2028/mrp", rule="sent_back")
    assert {notice.person_id for notice in sent_back} == {"ks-officer", "ks-secretary"}
    assert {(n.entry, n.deadline_version, n.facts["reason"]) for n in sent_back} == {(2, 2, "show what it costs")}
    assert {notice.send_after for notice in sent_back} == {instant("2027-06-16T19:10")}
    before_kf.advance("2028/mrp", "propose", "2027-08-25T13:00", body="ks")
    assert before_kf.row("2028/mrp").entry == 2
    assert before_kf.status("2028/mrp", "2027-08-26T09:00") == "overdue"  # KF's June has passed


def test_sending_back_takes_a_reason_and_a_date_once_the_old_one_has_passed(before_kf: Wheelhouse) -> None:
    # KS had until 10 June.
    with before_kf.refused("date", "decision"):
        before_kf.send_back("2028/mrp", SUMMER, body="kf")
    with before_kf.refused("date"):
        before_kf.send_back("2028/mrp", SUMMER, body="kf", reason="too thin", new_date="2027-06-15")


def test_before_the_old_day_has_come_sending_back_needs_no_new_one(before_kf: Wheelhouse) -> None:
    before_kf.send_back("2028/mrp", "2027-06-09T09:00", body="kf", reason="a table is missing")
    assert before_kf.plan("2028/mrp").stage.last == date(2027, 6, 10)


def test_on_the_old_day_itself_sending_back_needs_a_date_and_it_may_be_the_same_again(before_kf: Wheelhouse) -> None:
    at = "2027-06-10T09:00"
    with before_kf.refused("date"):
        before_kf.send_back("2028/mrp", at, body="kf", reason="a table is missing")
    before_kf.send_back("2028/mrp", at, body="kf", reason="a table is missing", new_date="2027-06-10")
    assert before_kf.plan("2028/mrp").stage.last == date(2027, 6, 10)


def test_an_official_sends_back_without_a_decision(house: Wheelhouse) -> None:
    proposal = f"2028/namndforslag/{SN}"
    house.walk(proposal, "proposal", "2027-04-20T09:00")
    done = house.send_back(proposal, "2027-04-27T09:00", reason="no figures", actor="budgetberedningen-secretary")
    assert (done.state, house.row(proposal).entry) == ("draft", 2)
    assert house.told(proposal, "returned") == {f"{SN}-officer", f"{SN}-secretary"}


def test_a_day_that_an_official_gives_a_plan_sent_back_is_a_local_choice(house: Wheelhouse) -> None:
    proposal = f"2028/namndforslag/{SN}"
    house.walk(proposal, "proposal", "2027-04-20T09:00")
    house.send_back(proposal, "2027-04-27T09:00", reason="no figures", new_date="2027-05-04")
    [state] = [s for s in house.show(proposal, "2027-04-27T09:00")["states"] if s["state"] == "draft"]
    assert state["last"] == {"date": "2027-05-04", "source": "local choice"}


def test_nothing_is_sent_back_from_where_there_is_no_way_back(house: Wheelhouse) -> None:
    with house.refused("state"):
        house.send_back("2028/mrp", "2027-03-10T09:00", reason="too thin")


def test_in_a_draft_cycle_the_missing_timetable_is_what_forbids_to_send_back(idle: Wheelhouse) -> None:
    idle.open("2028", "2026-11-02T09:00")
    with idle.refused("R1", "state"):
        idle.send_back("2028/mrp", "2026-11-03T09:00", reason="too thin")
    with idle.refused("R1", "state"):
        idle.postpone("2028/mrp", "2026-11-03T09:00", body="ks", new_date="2027-06-01")


@pytest.mark.parametrize("outcome", ["adopted", "noted", "dropped", "rejected", "postponed"])
def test_a_report_that_was_not_handed_in_is_out_of_order_whatever_the_body_decides(
    house: Wheelhouse, outcome: str
) -> None:
    report = f"2028/delarsrapport-april/{SN}"
    house.tick("2028-05-02T09:00")
    with house.refused("R13") as reasons:
        house.advance(
            report, "decide", "2028-05-24T15:00", body=SN, outcome=outcome, reason="as decided", new_date="2028-06-14"
        )
    assert reasons[0].overridable


def test_kf_sends_nothing_back_that_still_lies_with_ks(house: Wheelhouse) -> None:
    house.walk("2028/mrp", "ks_proposal", "2027-05-05T13:00")
    with house.refused("state"):
        house.advance("2028/mrp", "decide", "2027-05-19T19:00", body="kf", outcome="sent_back", reason="too thin")


# --- joins


def test_a_join_names_the_missing_boards_and_does_not_wait_for_those_that_take_no_part(house: Wheelhouse) -> None:
    house.hold_dialogues("2028", "2027-05-03T09:00", but=(SN, "ks"))
    house.withdraw("2028/uppdragsdialog/ks", "2027-05-03T09:10", reason="has none this year")
    house.tick("2027-05-04T09:00")
    assert house.row("2028/uppdragsdialog").state == "open"
    shown = house.show("2028/uppdragsdialog", "2027-05-04T09:00")
    assert shown["children"] == {"done": 6, "of": 7, "missing": [f"2028/uppdragsdialog/{SN}"]}
    [blocker] = shown["blockers"]
    assert (blocker["rule"], blocker["who"], blocker["step"]) == ("join", [SN], "hold")
    house.advance(f"2028/uppdragsdialog/{SN}", "hold", "2027-05-04T10:00")
    assert house.row("2028/uppdragsdialog").state == "open"  # children never move the parent
    [moved] = house.tick("2027-05-04T10:01").moved
    assert (moved["address"], moved["from"], moved["to"]) == ("2028/uppdragsdialog", "open", "held")


def test_a_join_with_boards_missing_is_passed_only_with_a_reason(house: Wheelhouse) -> None:
    house.hold_dialogues("2028", "2027-05-03T09:00", but=(SN,))
    with house.refused("join") as reasons:
        house.advance("2028/uppdragsdialog", "hold", "2027-06-07T09:00")
    assert (reasons[0].facts["missing"], reasons[0].who) == ((f"2028/uppdragsdialog/{SN}",), (SN,))
    assert reasons[0].overridable
    done = house.advance("2028/uppdragsdialog", "hold", "2027-06-07T09:00", anyway=True, reason="the chair is ill")
    assert done.state == "held"
    told = house.log("2028/uppdragsdialog", "plan.advanced")[-1]["data"]["passed_over"]
    assert {reason["rule"]: reason["facts"] for reason in told} == {
        "join": {"missing": [f"2028/uppdragsdialog/{SN}"]},
        "date": {"name": "2028/uppdragsdialog held", "late": "2027-06-05"},
    }


def test_a_step_beyond_a_join_names_the_missing_boards_too(house: Wheelhouse) -> None:
    for board in BOARDS:
        if board != SN:
            house.walk(f"2028/delarsrapport-april/{board}", "treated", "2028-05-24T09:00")
    with house.refused("R13", "join") as reasons:
        house.advance("2028/delarsrapport-april", "hand_over", "2028-06-07T13:00", body="ks")
    assert [r.facts["missing"] for r in reasons if r.rule == "join"] == [(f"2028/delarsrapport-april/{SN}",)]


def test_a_join_that_is_complete_needs_no_tick_before_the_next_step(house: Wheelhouse) -> None:
    for board in BOARDS:
        house.walk(f"2028/delarsrapport-april/{board}", "treated", "2028-05-24T09:00")
    done = house.advance("2028/delarsrapport-april", "hand_over", "2028-06-07T13:00", body="ks")
    assert (done.state, rules_of(done)) == ("handed_over", [])


def test_a_join_counts_from_when_the_last_board_came_however_late_it_is_noticed(house: Wheelhouse) -> None:
    house.hold_dialogues("2028", "2027-05-03T09:00", but=(SN,))
    house.advance(f"2028/uppdragsdialog/{SN}", "hold", "2027-05-04T10:00")
    moved = [m for m in house.tick("2027-05-20T09:00").moved if m["address"] == "2028/uppdragsdialog"]
    assert [(m["to"], m["due"]) for m in moved] == [
        ("open", instant("2027-04-01T00:00")),
        ("held", instant("2027-05-04T10:00")),
    ]
    assert house.plan("2028/uppdragsdialog").stage.entered_at == instant("2027-05-04T10:00")


def test_a_held_parent_waits_and_goes_on_when_it_is_released(house: Wheelhouse) -> None:
    house.tick("2027-04-01T09:00")
    house.hold("2028/uppdragsdialog", "2027-04-02T09:00", reason="the method is looked at", with_boards=False)
    house.hold_dialogues("2028", "2027-05-03T09:00")
    assert house.tick("2027-05-04T09:00").moved == []
    house.release("2028/uppdragsdialog", "2027-05-10T09:00")
    assert [moved["to"] for moved in house.tick("2027-05-10T09:01").moved] == ["held"]


def test_a_step_that_follows_another_phase_comes_by_itself(house: Wheelhouse) -> None:
    house.adopt_mrp()
    for board in BOARDS:
        house.walk(f"2028/namndforslag/{board}", "reconciled", "2027-06-17T09:00")
    moved = {(m["address"], m["to"]) for m in house.tick("2027-06-17T09:30").moved}
    assert ("2028/ramar", "superseded") in moved
    assert {(f"2028/namndforslag/{board}", "fixed") for board in BOARDS} <= moved
    assert {("2028/namndforslag", "reconciled"), ("2028/namndforslag", "fixed")} <= moved


def test_the_executive_boards_own_plan_needs_no_report_to_itself(house: Wheelhouse) -> None:
    house.adopt_mrp()
    house.walk("2028/verksamhetsplan/ks", "reported", "2027-11-15T09:00")
    house.advance("2028/verksamhetsplan/ks", "decide", "2027-12-01T13:00", body="ks")
    house.tick("2027-12-01T13:01")
    assert house.row("2028/verksamhetsplan/ks").state == "reported_to_ks"


# --- two at once


def together(*acts: Callable[[], Result]) -> list[Result | ArshjulError]:
    """Run all of them at the same moment, each in its own thread."""
    gate = Barrier(len(acts))

    def run(act: Callable[[], Result]) -> Result | ArshjulError:
        gate.wait(10)
        try:
            return act()
        except ArshjulError as error:
            return error

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_two_last_children_at_once_still_move_their_parent(house: Wheelhouse) -> None:
    last = DIALOGUES[-2:]
    house.hold_dialogues("2028", "2027-05-03T09:00", but=last)
    house.tick("2027-05-03T09:10")
    answers = together(
        *(lambda b=board: house.advance(f"2028/uppdragsdialog/{b}", "hold", "2027-05-03T10:00") for board in last)
    )  # fmt: skip
    assert [answer.state for answer in answers if isinstance(answer, Result)] == ["held", "held"]
    house.tick("2027-05-03T10:01")
    assert house.row("2028/uppdragsdialog").state == "held"


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_of_two_acts_that_wait_for_each_other_both_are_done(house: Wheelhouse) -> None:
    both_hold = Barrier(2)

    def locking(first: str, second: str) -> Result:
        tries: list[str] = []

        def do(uow: UnitOfWork, _: Request) -> Result:
            uow.plan(first)
            tries.append(first)
            if len(tries) == 1:
                both_hold.wait(timeout=30)
            return result_of(uow, uow.plan(second))

        return house.desk.carry_out(Request("admin", instant("2027-05-03T10:00")), first, "advance", do)

    pairs = [("2028/mrp", "2028/ramar"), ("2028/ramar", "2028/mrp")]
    answers = together(*(lambda p=pair: locking(*p) for pair in pairs))
    assert [answer.address for answer in answers if isinstance(answer, Result)] == ["2028/ramar", "2028/mrp"]


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_a_tick_between_the_two_last_children_does_not_lose_the_second(house: Wheelhouse) -> None:
    one, other = (f"2028/uppdragsdialog/{board}" for board in DIALOGUES[-2:])
    house.hold_dialogues("2028", "2027-05-03T09:00", but=DIALOGUES[-2:])
    house.tick("2027-05-03T09:10")
    at = instant("2027-05-03T10:00")
    house.advance(one, "hold", "2027-05-03T10:00")
    with house.store.writing() as session:  # the other one has moved, but has not committed
        uow = UnitOfWork(session, at, "admin", house.mail)
        advance(uow, Request("admin", at), other, "hold", DecisionForm())
        house.tick("2027-05-03T10:00")
        assert house.row("2028/uppdragsdialog").state == "open"
        uow.journal.close()
    house.tick("2027-05-03T10:00")
    assert house.row("2028/uppdragsdialog").state == "held"


def test_of_two_acts_on_one_version_exactly_one_wins(before_kf: Wheelhouse) -> None:
    version = before_kf.row("2028/mrp").version
    answers = together(
        *(
            lambda n=number: before_kf.advance(
                "2028/mrp", "decide", SUMMER, body="kf", paragraph=str(n), if_version=version
            )
            for number in (84, 85)
        )
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict", "Result"]
    assert before_kf.row("2028/mrp").version == version + 1
    assert len(before_kf.rows()["decision"]) == 4  # timetable, frames, KS' proposal, and KF's only once
    assert before_kf.verified()


def test_of_two_acts_that_name_no_version_the_second_meets_what_the_first_did(before_kf: Wheelhouse) -> None:
    answers = together(
        *(
            lambda n=number: before_kf.advance("2028/mrp", "decide", SUMMER, body="kf", paragraph=str(n))
            for number in (84, 85)
        )
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["RefusedError", "Result"]


def test_an_old_version_is_refused_before_anything_else(before_kf: Wheelhouse) -> None:
    with before_kf.unchanged(), pytest.raises(Conflict):
        before_kf.advance("2028/mrp", "decide", SUMMER, body="ks", if_version=1)


# --- the calendar's own steps


def test_a_step_of_the_calendar_taken_by_hand_before_its_day_needs_a_reason(house: Wheelhouse) -> None:
    with house.refused("date") as reasons:
        house.advance("2028/mrp", "open", "2027-02-01T09:00")
    assert reasons[0].facts["date"] == date(2027, 3, 1)
    done = house.advance("2028/mrp", "open", "2027-02-01T09:00", anyway=True, reason="KS begins early")
    assert (done.state, rules_of(done)) == ("underlag", ["date"])


def test_what_the_calendar_does_within_somebodys_act_is_the_daemons(house: Wheelhouse) -> None:
    house.advance("2028/mrp", "submit", "2027-05-20T09:00")
    actors = [(entry["data"]["step"], entry["actor"]) for entry in house.log("2028/mrp", "plan.advanced")]
    assert actors == [("open", "daemon"), ("submit", "admin")]


# --- a budget that the new council changes


def after_the_election(idle: Wheelhouse, outcome: str) -> Result:
    idle.start("2031")
    idle.adopt_mrp("2031")
    idle.walk(f"2031/verksamhetsplan/{SN}", "draft", "2030-09-10T09:00")
    idle.walk("2031/budgetfaststallelse", "kf", "2030-11-06T09:00")
    return idle.advance("2031/budgetfaststallelse", "decide", "2030-11-20T19:00", body="kf", outcome=outcome)


def test_a_budget_changed_after_the_election_flags_the_operational_plans_that_stand_on_the_june_decision(
    idle: Wheelhouse,
) -> None:
    done = after_the_election(idle, "adopted_with_changes")
    assert rules_of(done) == ["changed"]
    assert f"2031/verksamhetsplan/{SN}" in done.warnings[0].facts["missing"]
    assert idle.log(f"2031/verksamhetsplan/{SN}", "plan.flagged")[0]["data"]["because"] == "2031/budgetfaststallelse"


def test_a_budget_fixed_unchanged_after_the_election_flags_nothing(idle: Wheelhouse) -> None:
    assert rules_of(after_the_election(idle, "adopted")) == []
    assert idle.log(action="plan.flagged") == []
