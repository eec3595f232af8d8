"""Each rule refuses, can be overridden or warns, as the table in docs/rules.md says."""

from datetime import date

import pytest

from config.municipality.municipality import load
from config.text.texts import Texts
from tests.support.databases import CopyOf
from tests.support.timetabling import Council, changed
from tests.support.wheelhouse import BOARDS, SAMPLE, Wheelhouse, rules_of, started
from wheel.database.store import Store
from wheel.errors import RefusedError, Usage
from wheel.reads import result_documents
from workflows.dates.workdays import Calendar
from workflows.definition.definition import RuleUse, anchor
from workflows.rules.named_rules import Facts, MissingPlans, Reason, apply_rules, rules_not_enforced

SN = "socialnamnden"


@pytest.fixture
def house(copy_of: CopyOf) -> Wheelhouse:
    """A running cycle of 2028."""
    return copy_of(started)


@pytest.fixture
def idle(copy_of: CopyOf) -> Wheelhouse:
    """Before its first cycle."""
    return copy_of(Wheelhouse)


def with_the_council(house: Wheelhouse) -> None:
    """The MRP of 2028 lies before KF, neither frames nor dialogues are done."""
    house.walk("2028/mrp", "kf", "2027-06-02T13:00")


def passed_over(house: Wheelhouse, address: str) -> list[tuple[str, bool]]:
    """Of the plan's last step: which rules stand in the log, and which of them were overridden."""
    entry = house.log(address, "plan.advanced")[-1]
    return [(told["rule"], told["overridden"]) for told in entry["data"]["passed_over"]]


# --- R1


def test_r1_a_draft_cycle_moves_nothing_until_the_executive_board_has_decided_its_timetable(
    idle: Wheelhouse,
) -> None:
    idle.open("2028", "2026-11-02T09:00")
    with idle.refused("R1", "state") as reasons:
        idle.advance("2028/ramar", "decide", "2027-02-24T15:00", body="ks")
    [r1] = [reason for reason in reasons if reason.rule == "R1"]
    assert (r1.citation, r1.who, r1.severity, r1.overridable) == ("1.2", ("ks",), "refuse", False)
    assert r1.facts["missing"] == ("2028/tidsplan",)
    idle.advance("2028/tidsplan", "decide", "2027-02-24T15:00", body="ks")
    idle.advance("2028/ramar", "decide", "2027-02-24T15:30", body="ks")
    assert idle.row("2028/ramar").state == "decided"


def test_r1_cannot_be_passed_over(idle: Wheelhouse) -> None:
    idle.open("2028", "2026-11-02T09:00")
    with idle.refused("R1", "state"):
        idle.advance("2028/ramar", "decide", "2027-02-24T15:00", body="ks", anyway=True, reason="the budget waits")


def test_r1_a_reopened_timetable_makes_the_cycle_a_draft_that_nothing_is_sent_back_in(
    house: Wheelhouse,
) -> None:
    with_the_council(house)
    house.reopen("2028/tidsplan", "2027-06-03T09:00", reason="KS takes it up again", new_date="2027-06-30", anyway=True)
    assert house.status("2028/mrp", "2027-06-03T10:00") == "draft"
    with house.refused("R1"):
        house.send_back("2028/mrp", "2027-06-04T09:00", body="kf", reason="too thin", new_date="2027-06-30")
    with house.refused("R1"):
        house.postpone("2028/mrp", "2027-06-04T09:00", body="kf", new_date="2027-06-30")


# --- R2, R4


def test_r2_frames_come_before_the_mrp(house: Wheelhouse) -> None:
    with_the_council(house)
    house.hold_dialogues("2028", "2027-05-28T09:00")
    with house.refused("R2") as reasons:
        house.advance("2028/mrp", "decide", "2027-06-16T19:00", body="kf")
    [r2] = reasons
    assert (r2.citation, r2.who, r2.severity, r2.overridable) == ("1.2", ("ks",), "refuse", True)
    assert (r2.step, r2.facts["missing"]) == ("decide", ("2028/ramar",))
    house.walk("2028/ramar", "decided", "2027-06-16T19:10")
    assert house.advance("2028/mrp", "decide", "2027-06-16T19:20", body="kf").state == "adopted"


def test_r4_every_board_that_takes_part_has_had_its_dialogue(house: Wheelhouse) -> None:
    with_the_council(house)
    house.walk("2028/ramar", "decided", "2027-06-03T09:00")
    house.hold_dialogues("2028", "2027-06-03T09:00", but=(SN, "ks"))
    with house.refused("R4") as reasons:
        house.advance("2028/mrp", "decide", "2027-06-16T19:00", body="kf")
    [r4] = reasons
    assert (r4.citation, r4.severity, r4.overridable) == ("1.3", "refuse", True)
    # valnamnden takes no part in it (not_concerned), and nobody waits for it.
    assert set(r4.facts["missing"]) == {"2028/uppdragsdialog/ks", f"2028/uppdragsdialog/{SN}"}
    assert set(r4.who) == {"ks", SN}


def test_a_withdrawn_boards_dialogue_is_not_waited_for(house: Wheelhouse) -> None:
    with_the_council(house)
    house.walk("2028/ramar", "decided", "2027-06-03T09:00")
    house.hold_dialogues("2028", "2027-06-03T09:00", but=(SN,))
    house.withdraw(f"2028/uppdragsdialog/{SN}", "2027-06-03T10:00", reason="merged with another board")
    assert house.advance("2028/mrp", "decide", "2027-06-16T19:00", body="kf").state == "adopted"


def test_withdrawn_frames_decide_nothing(house: Wheelhouse) -> None:
    with_the_council(house)
    house.hold_dialogues("2028", "2027-06-03T09:00")
    house.withdraw("2028/ramar", "2027-06-03T10:00", reason="no frames this year")
    with house.refused("R2"):
        house.advance("2028/mrp", "decide", "2027-06-16T19:00", body="kf")


def test_every_reason_is_given_at_once(house: Wheelhouse) -> None:
    with_the_council(house)
    with house.refused("R2", "R4", "body", "decision", "meeting", "role") as reasons:
        house.advance(
            "2028/mrp", "decide", "2027-06-10T19:00", body="ks", paragraph="", date="2027-06-16", actor="reader"
        )
    assert {reason.step for reason in reasons} == {"decide"}
    [body] = [reason for reason in reasons if reason.rule == "body"]
    assert (body.who, body.overridable) == (("kf",), False)


def test_r2_and_r4_are_passed_over_with_a_reason_that_stands_in_the_log(house: Wheelhouse) -> None:
    with_the_council(house)
    done = house.advance(
        "2028/mrp", "decide", "2027-06-16T19:00", body="kf", anyway=True, reason="KF decided all the same"
    )
    assert (done.state, sorted(rules_of(done))) == ("adopted", ["R2", "R4"])
    assert {reason.severity for reason in done.warnings} == {"warn"}
    assert sorted(passed_over(house, "2028/mrp")) == [("R2", True), ("R4", True)]
    assert house.log("2028/mrp", "plan.advanced")[-1]["data"]["reason"] == "KF decided all the same"


def test_anyway_needs_a_reason(house: Wheelhouse) -> None:
    with_the_council(house)
    with house.unchanged(), pytest.raises(Usage, match="give a reason"):
        house.advance("2028/mrp", "decide", "2027-06-16T19:00", body="kf", anyway=True, reason="  ")


def test_anyway_passes_over_nothing_while_a_rule_that_cannot_be_passed_over_refuses(
    house: Wheelhouse,
) -> None:
    with_the_council(house)
    with house.refused("R2", "R4", "body"):
        house.advance("2028/mrp", "decide", "2027-06-16T19:00", body="ks", anyway=True, reason="so be it")


def test_order_is_judged_by_the_meetings_not_by_when_they_were_typed_in(house: Wheelhouse) -> None:
    with_the_council(house)
    house.hold_dialogues("2028", "2027-06-03T09:00")
    # KS met on the 18th, two days after KF; both decisions are typed in on the 21st.
    house.advance("2028/ramar", "decide", "2027-06-21T09:00", body="ks", date="2027-06-18")
    with house.refused("R2") as reasons:
        house.advance("2028/mrp", "decide", "2027-06-21T09:10", body="kf", date="2027-06-16")
    assert reasons[0].facts["missing"] == ("2028/ramar",)
    assert house.advance("2028/mrp", "decide", "2027-06-21T09:20", body="kf", date="2027-06-18").version


# --- R3, R6, R8, R17: late is recorded, never refused


@pytest.mark.parametrize(
    ("meeting", "warned"),
    [("2027-05-31", ["R3"]), ("2027-06-01", []), ("2027-06-30", []), ("2027-07-01", ["R3"])],
)
def test_r3_an_mrp_decided_outside_june_is_recorded_with_a_warning(
    house: Wheelhouse, meeting: str, warned: list[str]
) -> None:
    house.walk("2028/ramar", "decided", "2027-02-24T15:00")
    house.hold_dialogues("2028", "2027-05-03T09:00")
    house.walk("2028/mrp", "kf", "2027-05-05T13:00")
    done = house.advance("2028/mrp", "decide", "2027-07-02T09:00", body="kf", date=meeting)
    assert (done.state, rules_of(done)) == ("adopted", warned)
    assert passed_over(house, "2028/mrp") == [(rule, False) for rule in warned]
    for warning in done.warnings:
        assert (warning.citation, warning.severity, warning.who) == ("1.2", "warn", ("kf",))


@pytest.mark.parametrize(("meeting", "warned"), [("2027-12-31", []), ("2028-01-03", ["R6"])])
@pytest.mark.parametrize("board", [SN, "ks"])
def test_r6_an_operational_plan_decided_after_december_is_late(
    house: Wheelhouse, board: str, meeting: str, warned: list[str]
) -> None:
    house.adopt_mrp()
    plan = f"2028/verksamhetsplan/{board}"
    house.walk(plan, "reported", "2027-11-15T09:00")
    done = house.advance(plan, "decide", "2028-01-05T09:00", body=board, date=meeting)
    assert (done.state, rules_of(done)) == ("decided", warned)
    for warning in done.warnings:
        assert (warning.citation, warning.severity, warning.who) == ("1.4", "warn", (board,))


@pytest.mark.parametrize(("meeting", "warned"), [("2027-12-15", []), ("2028-01-26", ["R8"])])
def test_r8_goals_decided_after_december_of_the_year_after_the_election_are_late(
    house: Wheelhouse, meeting: str, warned: list[str]
) -> None:
    goals = "mandat-2026/inriktningsmal"
    house.open("mandat-2026", "2026-11-02T09:00")
    house.walk(goals, "kf", "2027-10-06T09:00")
    done = house.advance(goals, "decide", "2028-01-27T09:00", body="kf", date=meeting)
    assert (done.state, rules_of(done)) == ("fixed", warned)
    for warning in done.warnings:
        assert (warning.citation, warning.severity) == ("2.2", "warn")


def test_r8_a_revision_of_the_goals_states_its_special_reason(house: Wheelhouse) -> None:
    goals = "mandat-2026/inriktningsmal"
    house.open("mandat-2026", "2026-11-02T09:00")
    house.walk(goals, "fixed", "2027-12-15T09:00")
    with house.refused("R8") as reasons:
        house.advance(goals, "revise", "2029-10-17T09:00", body="kf")
    assert (reasons[0].citation, reasons[0].who, reasons[0].overridable) == ("2.2", ("kf",), False)
    done = house.advance(goals, "revise", "2029-10-17T09:00", body="kf", reason="the county has changed")
    assert done.state == "under_revision"


def test_r8_the_goals_are_not_decided_before_the_year_after_the_election(house: Wheelhouse) -> None:
    goals = "mandat-2026/inriktningsmal"
    house.open("mandat-2026", "2026-10-20T09:00")
    house.set_plan(goals, state="kf")
    done = house.advance(goals, "decide", "2026-12-16T19:00", body="kf")
    assert (done.state, rules_of(done)) == ("fixed", ["R8"])
    assert done.warnings[0].facts == {"on": date(2026, 12, 16), "first": date(2027, 1, 1)}


@pytest.mark.parametrize(("covers_from", "warned"), [(None, []), ("E+2", ["R8"])])
def test_r8_a_plan_has_the_goals_of_the_mandate_period_that_cover_its_year(
    store: Store, covers_from: str | None, warned: list[str]
) -> None:
    """By Vänersborg's rules the goals of 2026 are first used in the budget of 2029; other goals say their years."""
    house = Wheelhouse(store)
    goals = {"phase.inriktningsmal.covers": 4, "phase.inriktningsmal.covers_from": covers_from} if covers_from else {}
    house.definition = changed(house.definition, goals)
    house.open("mandat-2026", "2026-11-02T09:00")
    house.start()
    house.walk("2028/ramar", "decided", "2027-02-24T15:00")
    done = house.advance("2028/mrp", "submit", "2027-05-05T13:00")
    assert rules_of(done) == warned


@pytest.mark.parametrize(("meeting", "warned"), [("2027-12-15", []), ("2028-03-15", ["R8"]), ("2028-09-20", [])])
def test_r8_a_revision_is_decided_by_december_before_the_plan_that_uses_it(
    house: Wheelhouse, meeting: str, warned: list[str]
) -> None:
    goals = "mandat-2022/inriktningsmal"
    house.open("mandat-2022", "2022-11-02T09:00")
    house.walk(goals, "in_force", "2024-01-02T09:00")
    house.adopt_mrp("2028")
    house.start("2029")  # on 2 November 2027
    if meeting > "2028-06":
        house.adopt_mrp("2029")
    house.advance(goals, "revise", f"{meeting}T09:00", body="kf", reason="the county has changed")
    done = house.advance(goals, "decide_revision", f"{meeting}T19:00", body="kf")
    assert (done.state, rules_of(done)) == ("in_force", warned)
    assert [warning.facts["missing"] for warning in done.warnings] == [("2029/mrp",) for _ in warned]


def test_r8_a_plan_that_starts_without_the_goals_of_its_mandate_period_is_warned_of(house: Wheelhouse) -> None:
    house.open("mandat-2022", "2022-11-02T09:00")
    house.open("mandat-2026", "2026-11-02T09:00")
    house.start("2029")
    done = house.advance("2029/mrp", "submit", "2028-05-10T09:00")
    assert [(warning.rule, warning.facts["missing"]) for warning in done.warnings] == [
        ("R8", ("mandat-2026/inriktningsmal",))
    ]
    assert rules_of(house.advance("2028/mrp", "submit", "2027-05-10T09:00")) == ["R8"]  # 2028 stands on those of 2022
    house.walk("mandat-2026/inriktningsmal", "fixed", "2028-05-11T09:00")
    assert rules_of(house.advance("2029/mrp", "propose", "2028-06-07T09:00", body="ks")) == []


def test_r8_goals_of_a_mandate_period_that_was_never_opened_are_not_asked_for(house: Wheelhouse) -> None:
    assert rules_of(house.advance("2028/mrp", "submit", "2027-05-10T09:00")) == []


@pytest.mark.parametrize(("meeting", "warned"), [("2029-03-31", []), ("2029-04-01", ["R17"])])
def test_r17_a_yearly_review_after_its_last_day_is_late(house: Wheelhouse, meeting: str, warned: list[str]) -> None:
    review = f"2028/arsberattelse/{SN}"
    house.walk(review, "draft", "2029-02-01T09:00")
    done = house.advance(review, "decide", "2029-04-03T09:00", body=SN, date=meeting)
    assert (done.state, rules_of(done)) == ("treated", warned)
    for warning in done.warnings:
        assert (warning.citation, warning.severity, warning.who) == ("5.1", "warn", (SN,))


def test_a_hand_over_after_the_laws_last_day_is_recorded_with_a_warning(house: Wheelhouse) -> None:
    for board in BOARDS:
        house.walk(f"2028/delarsrapport-augusti/{board}", "treated", "2028-10-05T09:00")
    house.advance("2028/delarsrapport-augusti", "compile", "2028-10-05T09:30")
    done = house.advance("2028/delarsrapport-augusti", "hand_over", "2028-11-01T18:00", body="ks")
    assert (done.state, rules_of(done)) == ("handed_over", ["statutory"])
    assert done.warnings[0].citation == "law"


# --- R13, R16, R18: the order


def test_r13_a_report_is_reported_and_analysed_before_its_board_treats_it(house: Wheelhouse) -> None:
    report = f"2028/delarsrapport-april/{SN}"
    with house.refused("R13") as reasons:
        house.advance(report, "decide", "2028-05-24T15:00", body=SN)
    [r13] = reasons
    assert (r13.citation, r13.who, r13.overridable) == ("4.1", (SN,), True)
    done = house.advance(
        report, "decide", "2028-05-24T15:00", body=SN, anyway=True, reason="the board treated it as it was"
    )
    assert (done.state, rules_of(done)) == ("treated", ["R13"])
    assert passed_over(house, report) == [("R13", True)]


def test_r16_the_administration_reports_the_plan_before_its_board_decides_it(house: Wheelhouse) -> None:
    house.adopt_mrp()
    plan = f"2028/verksamhetsplan/{SN}"
    house.walk(plan, "draft", "2027-10-01T09:00")
    with house.refused("R16") as reasons:
        house.advance(plan, "decide", "2027-11-24T15:00", body=SN)
    assert (reasons[0].citation, reasons[0].who, reasons[0].overridable) == ("1.4, 5.1", (SN,), False)
    with house.refused("R16"):
        house.advance(plan, "decide", "2027-11-24T15:00", body=SN, anyway=True, reason="in a hurry")


def said(house: Wheelhouse, reason: Reason, language: str = "en") -> str:
    return result_documents.sentence(reason, Texts(language), house.definition)


def test_r16_and_r13_name_the_steps_that_are_missing_and_who_takes_them(house: Wheelhouse) -> None:
    house.adopt_mrp()
    plan = f"2028/verksamhetsplan/{SN}"
    house.walk(plan, "reported", "2027-11-01T09:00")
    with house.refused("R16") as reasons:
        house.advance(plan, "report", "2027-11-02T09:00")
    assert (reasons[0].who, reasons[0].facts["steps"]) == ((SN,), ("decide",))
    assert said(house, reasons[0]) == (
        "The plan is in the state “Reported to the board”. Before this step come: The board decides the operational "
        "plan (decide). Responsible: the social board."
    )
    with pytest.raises(RefusedError) as refused:
        house.advance("2028/delarsrapport-april", "decide", "2028-06-20T09:00", body="kf")
    [r13] = [reason for reason in refused.value.reasons if reason.rule == "R13"]
    assert (r13.who, r13.facts["steps"]) == (("ekonomikontoret", "ks"), ("compile", "hand_over"))


def test_a_step_beside_the_way_waits_only_for_the_steps_before_it(house: Wheelhouse) -> None:
    with house.refused("state") as reasons:
        house.advance("2028/mrp", "revise", "2027-05-20T09:00", body="kf")
    assert reasons[0].facts["steps"][-1] == "decide"
    assert reasons[0].who == ("ekonomikontoret", "ks", "kf")


def test_a_missing_role_is_named_with_its_body(house: Wheelhouse) -> None:
    with pytest.raises(RefusedError) as refused:
        house.advance("2028/ramar", "decide", "2027-02-24T09:00", body="ks", actor=f"{SN}-secretary")
    [role] = refused.value.reasons
    assert said(house, role, "sv").endswith("Det krävs någon av: administratör, sekreterare (kommunstyrelsen).")


def test_r18_the_mrp_is_adopted_before_activities_are_planned(house: Wheelhouse) -> None:
    plan = f"2028/verksamhetsplan/{SN}"
    with house.refused("R18") as reasons:
        house.advance(plan, "draft", "2027-09-06T09:00")
    [r18] = reasons
    assert (r18.citation, r18.who, r18.overridable) == ("1.2", ("kf",), True)
    assert r18.facts["missing"] == ("2028/mrp",)
    house.advance(plan, "draft", "2027-09-06T09:00", anyway=True, reason="KF decides in November")
    assert passed_over(house, plan) == [("R18", True)]


def test_the_june_decision_satisfies_r18_in_an_election_year_too(idle: Wheelhouse) -> None:
    idle.start("2031")
    idle.adopt_mrp("2031")
    assert idle.row("2031/budgetfaststallelse").state == "upcoming"
    assert idle.advance(f"2031/verksamhetsplan/{SN}", "draft", "2030-09-09T09:00").state == "draft"


# --- the same answer everywhere


def test_blockers_are_the_unmet_rules_of_all_steps_ahead(house: Wheelhouse) -> None:
    found = house.blockers("2028/mrp", "2027-01-11T09:00")
    assert [(reason.rule, reason.step) for reason in found] == [("R2", "decide"), ("R4", "decide")]
    shown = house.show("2028/mrp", "2027-01-11T09:00")["blockers"]
    assert [blocker["rule"] for blocker in shown] == ["R2", "R4"]
    assert shown[0] | {"message": ""} == {
        "rule": "R2", "severity": "refuse", "citation": "1.2", "message": "", "who": ["ks"], "step": "decide",
        "overridable": True,
    }  # fmt: skip
    assert "2028/ramar" in shown[0]["message"]


def test_rules_about_content_are_listed_as_not_enforced() -> None:
    held = {"R1", "R2", "R3", "R4", "R6", "R8", "R13", "R16", "R17", "R18"}
    assert set(rules_not_enforced()) == {f"R{n}" for n in range(1, 23)} - held


# --- the words of the wheel at hand


def test_r2_names_the_phase_the_state_and_the_body_of_the_wheel(house: Wheelhouse) -> None:
    with_the_council(house)
    house.hold_dialogues("2028", "2027-05-28T09:00")
    with house.refused("R2") as reasons:
        house.advance("2028/mrp", "decide", "2027-06-16T19:00", body="kf")
    assert result_documents.sentence(reasons[0], Texts("en"), house.definition) == (
        "First “Instructions and frames” must reach “Decided”. Responsible: the executive board. Missing: 2028/ramar."
    )


@pytest.mark.parametrize("rule", ["R1", "R2", "R3", "R4", "R18"])
def test_a_rule_without_what_it_needs_says_nothing(rule: str) -> None:
    facts = Facts(date(2027, 7, 1), anchor("budget", 2028, Calendar("SE", "Europe/Stockholm")), "kf")
    assert apply_rules((RuleUse(rule=rule),), facts, "decide") == []


@pytest.mark.parametrize(("name", "used"), [("vanersborg", 3), ("ostersund", 2), ("lidingo", 1)])
def test_no_prerequisite_speaks_of_another_municipalitys_documents(name: str, used: int) -> None:
    definition = load(SAMPLE.parent / name).definition
    wheel, calendar = definition.wheel, Calendar("SE", "Europe/Stockholm")
    tracks = [binding for phase in wheel.phases.values() for binding in (phase, phase.board) if binding]
    uses = [
        use for binding in tracks for step in binding.steps.values() for use in step.rules if use.rule in ("R2", "R18")
    ]
    assert len(uses) == used
    for use in uses:
        facts = Facts(
            date(2027, 6, 1), anchor("budget", 2028, calendar), "", missing_plans={use: MissingPlans(("2028/x",), ())}
        )
        [reason] = apply_rules((use,), facts, "decide")
        assert (name == "vanersborg") == (reason.citation == "1.2")  # a paragraph of Vänersborg's, cited by no other
        assert use.phase
        phase = wheel.phases[use.phase]
        reached = definition.workflows[phase.workflow].state(use.reached or "").label
        said = f"Först ska ”{phase.label.sv}” nå ”{reached.sv}”. Saknas: 2028/x."
        assert result_documents.sentence(reason, Texts("sv"), definition) == said


# --- least times between two steps


def apart(store: Store, source: str, **other: str) -> Council:
    """KS's proposal and KF's decision of the MRP are three weeks apart at least, says that source."""
    distance = {"earlier": "last day of mrp.ks_proposal", "later": "last day of mrp.kf", "at_least": "3 weeks", **other}
    house = Council(store, {"distance": [{**distance, "source": source}]}, known=False)
    house.walk("2028/ramar", "sent_out", "2027-02-24T09:00")
    house.hold_dialogues("2028", "2027-05-03T09:00")
    house.walk("2028/mrp", "ks_proposal", "2027-06-01T09:00")
    return house


def test_a_minimum_interval_of_the_law_refuses_a_decision_that_comes_too_soon_and_counts_the_meetings_days(
    store: Store,
) -> None:
    house = apart(store, "law: two readings")
    house.advance("2028/mrp", "propose", "2027-06-10T09:00", body="ks", date="2027-06-02")
    with house.refused("distance") as reasons:
        house.advance("2028/mrp", "decide", "2027-06-16T19:00", body="kf")
    [said] = reasons
    assert (said.citation, said.who, said.severity, said.overridable) == ("law: two readings", ("kf",), "refuse", True)
    assert result_documents.sentence(said, Texts("en"), house.definition) == (
        "2028/mrp decide comes too soon after 2028/mrp propose (2 June 2027). At least 3 weeks (21 days) is required, "
        "but here it is 14. 23 June 2027 at the earliest."
    )
    assert "distance" in [reason.rule for reason in house.blockers("2028/mrp", "2027-06-16T19:00")]
    done = house.advance("2028/mrp", "decide", "2027-06-16T19:10", body="kf", anyway=True, reason="KF did so")
    assert (done.state, passed_over(house, "2028/mrp")) == ("adopted", [("distance", True)])


def test_a_minimum_interval_of_the_law_is_kept_on_its_first_day(store: Store) -> None:
    house = apart(store, "law")
    house.advance("2028/mrp", "propose", "2027-06-10T09:00", body="ks", date="2027-06-02")
    assert house.advance("2028/mrp", "decide", "2027-06-23T19:00", body="kf").warnings == []


def test_another_minimum_interval_is_recorded_with_a_warning(store: Store) -> None:
    house = apart(store, "§ 4")
    house.advance("2028/mrp", "propose", "2027-06-10T09:00", body="ks", date="2027-06-02")
    done = house.advance("2028/mrp", "decide", "2027-06-16T19:00", body="kf")
    assert (done.state, rules_of(done)) == ("adopted", ["distance"])
    assert passed_over(house, "2028/mrp") == [("distance", False)]


def test_a_corrected_meeting_day_is_the_one_that_a_minimum_interval_counts_from(store: Store) -> None:
    house = apart(store, "§ 4")
    house.advance("2028/mrp", "propose", "2027-06-10T09:00", body="ks", date="2027-06-02")
    [entry] = [e for e in house.log("2028/mrp", "plan.advanced") if e["data"]["step"] == "propose"]
    house.correct(entry["seq"], "2027-06-10T10:00", date="2027-05-26", reason="a slip of the pen")
    assert house.advance("2028/mrp", "decide", "2027-06-16T19:00", body="kf").warnings == []


def test_a_minimum_interval_after_the_boards_counts_from_the_last_of_them(store: Store) -> None:
    house = apart(store, "§ 4", earlier="last day of uppdragsdialog.board", at_least="60 days")
    house.advance("2028/mrp", "propose", "2027-06-02T09:00", body="ks")
    [said] = house.advance("2028/mrp", "decide", "2027-06-16T19:00", body="kf").warnings
    assert (said.facts["stated"], said.facts["found"], said.facts["early"]) == (60, 44, date(2027, 5, 3))


def test_a_minimum_interval_counts_from_a_day_that_is_no_step_too(store: Store) -> None:
    house = apart(store, "§ 4", earlier="31 May Y-1", at_least="1 month")
    house.advance("2028/mrp", "propose", "2027-06-02T09:00", body="ks")
    [said] = house.advance("2028/mrp", "decide", "2027-06-16T19:00", body="kf").warnings
    assert (said.facts["other"], said.facts["least"]) == ("31 May Y-1", date(2027, 6, 30))


def test_a_minimum_interval_that_a_variant_lets_fall_away_is_not_held(store: Store) -> None:
    house = apart(store, "law")
    variant = {"short": {"source": "x", "years": [2028], "omit": ["distance.1"]}}
    house.definition = changed(house.definition, {"variant": variant})
    house.migrates("2028", "2027-06-01T10:00")
    house.advance("2028/mrp", "propose", "2027-06-02T09:00", body="ks")
    assert house.advance("2028/mrp", "decide", "2027-06-16T19:00", body="kf").warnings == []


def test_a_minimum_interval_says_nothing_while_the_other_step_has_not_been_taken(store: Store) -> None:
    house = apart(store, "law", earlier="last day of verksamhetsplan.board")
    house.advance("2028/mrp", "propose", "2027-06-02T09:00", body="ks")
    assert house.advance("2028/mrp", "decide", "2027-06-16T19:00", body="kf").warnings == []


# --- the law


@pytest.mark.parametrize(("meeting", "warned"), [("2027-11-30", ["R3"]), ("2027-12-15", ["R3", "statutory"])])
def test_the_budget_is_adopted_before_the_end_of_november(house: Wheelhouse, meeting: str, warned: list[str]) -> None:
    house.walk("2028/ramar", "sent_out", "2027-02-24T09:00")
    house.hold_dialogues("2028", "2027-05-03T09:00")
    house.walk("2028/mrp", "kf", "2027-06-02T13:00")
    done = house.advance("2028/mrp", "decide", "2027-12-15T19:00", body="kf", date=meeting)
    assert (done.state, sorted(rules_of(done))) == ("adopted", warned)


def with_tax_rate(store: Store) -> Wheelhouse:
    """The council decides the tax rate in a phase of its own; the MRP of 2028 lies before KF."""
    house = Wheelhouse(store)
    wheel = house.definition.wheel
    tax = wheel.phases["budgetfaststallelse"].model_copy(
        update={"is_": "tax_rate", "only_after_election": False, "revises": None}
    )
    phases = {**wheel.phases, "skattesats": tax}
    house.definition = house.definition.model_copy(update={"wheel": wheel.model_copy(update={"phases": phases})})
    house.start()
    house.walk("2028/ramar", "sent_out", "2027-02-24T09:00")
    house.hold_dialogues("2028", "2027-05-03T09:00")
    house.walk("2028/mrp", "kf", "2027-06-02T13:00")
    return house


@pytest.mark.parametrize(
    ("tax", "budget", "warned"),
    [("2027-11-24", "2027-12-15", False), ("2027-12-01", "2027-12-15", True), ("2027-11-24", "2028-01-12", True)],
)
def test_in_december_the_budget_is_lawful_if_the_tax_rate_was_decided_in_november(
    copy_of: CopyOf, tax: str, budget: str, warned: bool
) -> None:
    house = copy_of(with_tax_rate)
    house.walk("2028/skattesats", "fixed", f"{tax}T19:00")
    done = house.advance("2028/mrp", "decide", "2028-01-13T09:00", body="kf", date=budget)
    assert ("statutory" in rules_of(done)) is warned
    if warned and budget < "2028":
        decided = house.log("2028/skattesats", "plan.advanced")[-1]["seq"]
        house.correct(decided, "2028-01-14T09:00", date="2027-11-24", reason="read wrongly")
        assert house.log("2028/mrp", "step.judged_again")[-1]["data"]["taken_back"] == ["statutory"]


@pytest.mark.parametrize(("meeting", "warned"), [("2026-10-14", True), ("2026-10-15", False)])
def test_the_newly_elected_council_decides_nothing_before_it_takes_office(
    idle: Wheelhouse, meeting: str, warned: bool
) -> None:
    idle.start("2027")
    fixed = "2027/budgetfaststallelse"
    idle.walk(fixed, "kf", "2026-10-15T09:00")
    done = idle.advance(fixed, "decide", "2026-10-16T09:00", body="kf", date=meeting)
    assert ("takes office" in " ".join(warning.message for warning in done.warnings)) is warned


def test_a_decision_before_its_state_opens_is_recorded_with_a_warning(house: Wheelhouse) -> None:
    """KS may propose from 1 May (`ks_proposal.opens`); what it has done in March counts."""
    house.walk("2028/mrp", "ks_proposal", "2027-03-10T09:00")
    done = house.advance("2028/mrp", "propose", "2027-03-25T09:00", body="ks", date="2027-03-24")
    assert done.state == "kf"
    [early] = [reason for reason in done.warnings if reason.rule == "opens"]
    assert (str(early.facts["opens"]), early.citation) == ("2027-05-01", "local choice")
    [entry] = house.log("2028/mrp", "plan.advanced")[-1:]
    assert "opens" in [each["rule"] for each in entry["data"]["passed_over"]]
    house.correct(entry["seq"], "2027-05-06T09:00", date="2027-05-05", reason="it was in May")
    assert house.log("2028/mrp", "decision.corrected")[-1]["data"]["taken_back"] == ["opens"]


def test_a_state_that_is_not_yet_open_is_no_blocker_of_what_is_only_looked_at(house: Wheelhouse) -> None:
    assert "opens" not in {reason.rule for reason in house.blockers("2028/mrp", "2027-03-10T09:00")}
