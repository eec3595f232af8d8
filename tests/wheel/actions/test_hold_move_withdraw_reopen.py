"""The verbs beside the way: move a deadline, hold, release, withdraw, reopen, remind."""

from datetime import date

import pytest

from tests.support.databases import CopyOf
from tests.support.wheelhouse import Wheelhouse, instant, rules_of, started
from wheel.errors import Usage

SN = "socialnamnden"
DIALOGUE = f"2028/uppdragsdialog/{SN}"


@pytest.fixture
def house(copy_of: CopyOf) -> Wheelhouse:
    """A running cycle of 2028."""
    return copy_of(started)


def ladder(house: Wheelhouse, address: str, at: str) -> list[str]:
    """The reminders still to come, as "rule instant"."""
    agenda = house.show(address, at)["agenda"]
    return [f"{alarm['rule']} {alarm['at']}" for alarm in agenda if alarm["what"] == "reminder"]


# --- who may


@pytest.mark.parametrize("actor", ["reader", f"{SN}-officer", f"{SN}-secretary", "kf-secretary", "daemon"])
def test_only_administrators_do_these(house: Wheelhouse, actor: str) -> None:
    at = "2027-04-12T09:00"
    with house.refused("role"):
        house.hold(DIALOGUE, at, reason="r", actor=actor)
    with house.refused("role"):
        house.withdraw(DIALOGUE, at, reason="r", actor=actor)
    with house.refused("role"):
        house.move_deadline(DIALOGUE, "2027-06-30", at, reason="r", actor=actor)
    with house.refused("role", "state"):
        house.reopen(DIALOGUE, at, reason="r", actor=actor)
    with house.refused("role"):
        house.remind(DIALOGUE, at, actor=actor)


def test_each_states_why(house: Wheelhouse) -> None:
    at = "2027-04-12T09:00"
    with house.refused("reason"):
        house.hold(DIALOGUE, at)
    with house.refused("reason"):
        house.withdraw(DIALOGUE, at, reason=" ")
    with house.refused("reason"):
        house.move_deadline(DIALOGUE, "2027-06-30", at)
    with house.refused("reason", "role", "state"):
        house.reopen(DIALOGUE, at, actor="reader")


# --- a deadline is moved


def test_a_moved_deadline_has_its_source_is_told_and_reminds_anew(house: Wheelhouse) -> None:
    house.tick("2027-05-20T08:00")  # seven working days before 31 May
    assert house.told(DIALOGUE, "ladder") == {f"{SN}-officer", f"{SN}-secretary"}
    done = house.move_deadline(DIALOGUE, "2027-06-15", "2027-05-20T10:00", reason="the chair is ill")
    assert (done.state, rules_of(done)) == ("open", ["W204"])  # after its whole, due on 5 June
    [state] = [s for s in house.show(DIALOGUE, "2027-05-20T10:00")["states"] if s["state"] == "open"]
    assert state["last"] == {"date": "2027-06-15", "source": "the chair is ill"}
    moved = house.notices(DIALOGUE, rule="moved")
    assert {(n.deadline_version, n.facts["old"], n.facts["new"]) for n in moved} == {(2, "2027-05-31", "2027-06-15")}
    assert house.log(DIALOGUE, "deadline.moved")[0]["data"]["old"] == "2027-05-31"
    assert ladder(house, DIALOGUE, "2027-05-20T10:00")[:2] == [
        "ladder-7 2027-06-04T05:30:00Z",
        "ladder-3 2027-06-10T05:30:00Z",
    ]
    house.tick("2027-06-04T07:30")
    assert {n.deadline_version for n in house.notices(DIALOGUE, rule="ladder") if n.offset == -7} == {1, 2}


def test_the_reminders_of_the_old_day_are_not_mailed_any_more(house: Wheelhouse) -> None:
    house.tick("2027-05-20T07:00")
    house.tick("2027-05-20T07:30")  # mailed
    mailed = len(house.messages())
    house.move_deadline(DIALOGUE, "2027-06-15", "2027-05-26T07:00", reason="later")
    house.tick("2027-05-26T08:00")
    about = [n for n in house.notices(DIALOGUE) if n.message_id and n.due > instant("2027-05-21T00:00")]
    assert {notice.rule for notice in about} == {"moved"}
    assert len(house.messages()) > mailed


def test_a_reminder_that_a_new_deadline_would_have_had_before_it_was_known_is_not_sent(house: Wheelhouse) -> None:
    house.tick("2027-05-12T07:30")
    house.move_deadline(DIALOGUE, "2027-05-21", "2027-05-12T10:00", reason="earlier")  # seven working days: since 7.30
    house.tick("2027-05-12T10:15")
    house.tick("2027-05-13T07:30")
    assert house.told(DIALOGUE, "moved")
    assert house.told(DIALOGUE, "ladder") == set()
    house.tick("2027-05-18T07:30")
    assert {n.offset for n in house.notices(DIALOGUE, rule="ladder")} == {-3}


def test_a_reminder_that_came_due_while_a_deadline_was_moved_away_by_mistake_is_sent(house: Wheelhouse) -> None:
    house.tick("2027-05-19T07:30")
    house.move_deadline(DIALOGUE, "2027-06-30", "2027-05-20T07:25", reason="the wrong row")
    house.tick("2027-05-20T07:30")
    house.move_deadline(DIALOGUE, "2027-05-31", "2027-05-20T07:31", reason="the wrong row")
    house.tick("2027-05-20T07:45")
    told = [n for n in house.notices(DIALOGUE) if n.message_id and n.rule in ("ladder", "moved")]
    assert {(n.rule, n.offset) for n in told} == {("ladder", -7)}


def test_that_a_matter_was_sent_back_is_told_although_its_day_moves_at_once(house: Wheelhouse) -> None:
    house.walk("2028/mrp", "kf", "2027-05-28T09:00")
    house.send_back("2028/mrp", "2027-06-16T19:00", body="kf", reason="too thin", new_date="2027-08-31")
    house.move_deadline("2028/mrp", "2027-08-27", "2027-06-16T19:05", reason="a Friday")
    house.tick("2027-06-16T19:16")
    told = {n.rule: n.message_id for n in house.notices("2028/mrp", person_id="ks-officer") if n.entry == 2}
    assert told["sent_back"] is not None
    assert told["sent_back"] == told["moved"]  # one mail


def test_another_states_day_can_be_moved_before_the_plan_is_there(house: Wheelhouse) -> None:
    house.move_deadline("2028/mrp", "2027-07-07", "2027-05-20T10:00", state="kf", reason="KF meets later")
    shown = house.show("2028/mrp", "2027-05-20T10:00")
    assert [s["last"]["date"] for s in shown["states"] if s["state"] == "kf"] == ["2027-07-07"]
    assert house.notices("2028/mrp", rule="moved") == []


def test_a_day_that_cannot_be_is_refused_and_an_unusual_one_is_remarked(house: Wheelhouse) -> None:
    at = "2027-04-12T09:00"
    with house.refused("date"):
        house.move_deadline(DIALOGUE, "2027-04-11", at, reason="r")
    with house.refused("date"):
        house.move_deadline("2028/mrp", "2027-05-15", at, state="kf", reason="r")  # opens on 1 June
    with house.refused("date"):
        house.move_deadline("2028/mrp", "2028-05-15", at, state="adopted", reason="r")  # nothing is owed there
    with house.unchanged(), pytest.raises(Usage):
        house.move_deadline("2028/mrp", "2027-05-15", at, state="nowhere", reason="r")
    done = house.move_deadline(DIALOGUE, "2027-06-25", at, reason="r")  # midsommarafton
    assert rules_of(done) == ["date", "W204"]
    done = house.move_deadline(
        "2028/delarsrapport-augusti", "2028-11-03", at, state="compiled", reason="the auditors agree"
    )
    assert rules_of(done) == ["statutory"]


def test_a_day_can_be_a_deadline_until_it_has_ended(house: Wheelhouse) -> None:
    house.move_deadline(DIALOGUE, "2027-05-20", "2027-05-20T23:00", reason="the board meets tonight")
    assert house.plan(DIALOGUE).stage.last == date(2027, 5, 20)
    house.walk("2028/ramar", "sent_out", "2027-05-20T23:00")
    house.reopen("2028/ramar", "2027-05-20T23:01", reason="wrong sums", new_date="2027-05-20")
    assert house.plan("2028/ramar").stage.last == date(2027, 5, 20)


# --- hold and release


def test_a_held_plan_neither_moves_nor_reminds_and_catches_up_when_released(house: Wheelhouse) -> None:
    house.hold("2028/mrp", "2027-02-24T09:00", reason="the method is looked at")
    house.tick("2027-06-07T09:00")  # it would have opened on 1 March, and its last day was 31 May
    assert (house.row("2028/mrp").state, house.notices("2028/mrp")) == ("upcoming", [])
    assert house.show("2028/mrp", "2027-06-07T09:00")["held"]
    assert house.show("2028/mrp", "2027-06-07T09:00")["steps"] == []
    house.release("2028/mrp", "2027-06-07T10:00")
    [moved] = house.tick("2027-06-07T10:01").moved
    assert (moved["address"], moved["to"], moved["due"]) == ("2028/mrp", "underlag", instant("2027-03-01T00:00"))
    # The reminders of the hold are not said any more; the one seven working days after 31 May is.
    assert house.notices("2028/mrp", rule="ladder") == []
    house.tick("2027-06-09T07:30")
    assert {notice.offset for notice in house.notices("2028/mrp", rule="ladder")} == {7}


def test_what_was_planned_before_the_hold_is_not_mailed(house: Wheelhouse) -> None:
    house.walk("2028/mrp", "ks_proposal", "2027-05-20T09:00")
    assert [notice.outcome for notice in house.notices("2028/mrp", rule="your_turn", state="ks_proposal")] == [
        "planned"
    ] * 2
    house.hold("2028/mrp", "2027-05-20T09:05", reason="r")
    assert {notice.outcome for notice in house.notices("2028/mrp")} == {"superseded"}
    house.tick("2027-05-20T09:30")
    assert not [notice for notice in house.notices("2028/mrp", state="ks_proposal") if notice.message_id]


def test_a_day_that_is_moved_while_the_plan_is_held_is_told_all_the_same(house: Wheelhouse) -> None:
    house.walk("2028/mrp", "ks_proposal", "2027-05-20T09:00")
    house.hold("2028/mrp", "2027-05-20T10:00", reason="r")
    house.move_deadline("2028/mrp", "2027-06-09", "2027-05-20T11:00", reason="r")
    house.tick("2027-05-20T11:10")
    assert [n.message_id is not None for n in house.notices("2028/mrp", rule="moved")] == [True] * 2


def test_held_twice_and_released_twice_are_refused(house: Wheelhouse) -> None:
    with house.refused("held"):
        house.release(DIALOGUE, "2027-04-12T09:00")
    house.hold(DIALOGUE, "2027-04-12T09:00", reason="r")
    with house.refused("held"):
        house.hold(DIALOGUE, "2027-04-12T09:00", reason="r")


def test_a_held_plan_is_not_reopened_or_reminded_of(house: Wheelhouse) -> None:
    house.walk("2028/ramar", "sent_out", "2027-02-24T09:00")
    house.hold("2028/ramar", "2027-02-25T09:00", reason="r")
    with house.refused("held"):
        house.reopen("2028/ramar", "2027-02-25T10:00", reason="wrong sums")
    house.tick("2027-04-12T09:00")
    house.hold(DIALOGUE, "2027-04-12T09:00", reason="r")
    with house.refused("held"):
        house.remind(DIALOGUE, "2027-04-12T09:05")


# --- withdraw


def test_a_withdrawn_plan_is_out_of_the_year_until_it_is_reopened(house: Wheelhouse) -> None:
    house.tick("2027-04-12T09:00")
    assert house.withdraw(DIALOGUE, "2027-04-12T10:00", reason="no money").status == "withdrawn"
    with house.refused("state"):
        house.withdraw(DIALOGUE, "2027-04-12T10:00", reason="no money")
    house.tick("2027-06-15T09:00")
    assert house.notices(DIALOGUE, rule="ladder") == []
    done = house.reopen(DIALOGUE, "2027-06-15T10:00", reason="there is money", new_date="2027-06-30")
    assert (done.state, done.status, house.row(DIALOGUE).entry) == ("open", "in_progress", 2)
    assert ladder(house, DIALOGUE, "2027-06-15T10:00")[0] == "ladder-7 2027-06-18T05:30:00Z"  # midsommarafton is off


def test_a_withdrawn_and_reopened_timetable_lets_its_cycle_go_on(house: Wheelhouse) -> None:
    house.tick("2026-12-01T09:00")
    house.withdraw("2028/tidsplan", "2026-12-01T10:00", reason="by mistake", anyway=True)
    assert house.status("2028/ramar", "2026-12-01T11:00") == "draft"
    house.tick("2027-01-02T09:00")  # when the frames would have opened
    house.reopen("2028/tidsplan", "2027-01-04T09:00", reason="by mistake")
    assert house.row("2028/tidsplan").state == "decided"
    house.tick("2027-01-11T09:00")
    assert house.row("2028/ramar").state == "draft"


# --- reopen


def test_reopening_flags_those_that_stood_on_it_and_moves_none(house: Wheelhouse) -> None:
    house.adopt_mrp()
    house.walk(f"2028/verksamhetsplan/{SN}", "draft", "2027-09-06T09:00")
    before = {address: house.row(address).state for address in house.addresses()}
    done = house.reopen("2028/mrp", "2027-09-20T09:00", reason="the court has set it aside", new_date="2027-10-20")
    assert (done.state, done.status, rules_of(done)) == ("kf", "in_progress", ["reopened", "W203"])
    late = done.warnings[1].facts["name"]  # due before the new day, and wait for it
    assert late.count("2028/verksamhetsplan/") == 8
    assert SN not in late
    standing = done.warnings[0].facts["missing"]
    assert f"2028/verksamhetsplan/{SN}" in standing
    assert "2028/ramar" in standing  # superseded by the MRP, or waiting to be
    assert f"2028/verksamhetsplan/{SN}" in {entry["subject"] for entry in house.log(action="plan.flagged")}
    assert "2028/verksamhetsplan/byggnadsnamnden" not in standing  # has not moved yet
    after = {address: house.row(address).state for address in house.addresses()}
    assert {address for address in after if after[address] != before[address]} == {"2028/mrp"}
    assert house.row("2028/mrp").entry == 2
    assert house.told("2028/mrp", "your_turn") >= {"kf-officer", "kf-secretary"}


def test_a_plan_is_reopened_where_one_says(house: Wheelhouse) -> None:
    house.adopt_mrp()
    at = "2027-09-20T09:00"
    done = house.reopen("2028/mrp", at, to="underlag", reason="from the start", new_date="2027-10-20")
    assert done.state == "underlag"
    with house.refused("state"):
        house.reopen("2028/mrp", at, to="adopted", reason="forwards")
    with house.unchanged(), pytest.raises(Usage, match="underlag"):
        house.reopen("2028/mrp", at, to="nowhere", reason="r")
    with house.refused("state"):  # the calendar would take it from there at once, without that day
        house.reopen("2028/mrp", at, to="upcoming", reason="r", new_date="2027-10-20")
    with house.refused("date"):
        house.reopen("2028/ramar", at, to="draft", reason="r", new_date="2027-09-19")


def test_where_nothing_was_decided_nothing_builds_on_it(house: Wheelhouse) -> None:
    house.walk("2028/ramar", "decided", "2027-02-24T09:00")  # superseded when the MRP is adopted
    house.walk("2028/mrp", "kf", "2027-06-02T09:00")
    done = house.reopen("2028/mrp", "2027-06-03T09:00", to="underlag", reason="from the start", new_date="2027-06-10")
    assert rules_of(done) == []
    house.withdraw("2028/mrp", "2027-06-04T09:00", reason="a slip")
    assert rules_of(house.reopen("2028/mrp", "2027-06-04T10:00", reason="a slip")) == []


def test_a_reopened_timetable_flags_every_plan_of_its_cycle_that_has_moved(house: Wheelhouse) -> None:
    house.walk("2028/ramar", "decided", "2027-02-24T09:00")
    house.tick("2027-03-02T08:00")
    done = house.reopen(
        "2028/tidsplan", "2027-03-02T09:00", reason="KS takes it up again", new_date="2027-03-24", anyway=True
    )
    assert {"2028/ramar", "2028/mrp", "2028/budgetberedning"} <= set(done.warnings[0].facts["missing"])
    assert house.log("2028/ramar", "plan.flagged")


# --- remind


def test_they_are_reminded_at_once_and_not_again_within_twenty_hours(house: Wheelhouse) -> None:
    house.tick("2027-04-12T09:00")
    house.remind(DIALOGUE, "2027-04-12T09:00", reason="the budget waits")
    assert house.told(DIALOGUE, "manual") == {f"{SN}-officer", f"{SN}-secretary"}
    with house.refused("reminded") as reasons:
        house.remind(DIALOGUE, "2027-04-13T04:59")
    assert reasons[0].overridable
    done = house.remind(DIALOGUE, "2027-04-13T04:59", anyway=True, reason="it burns")
    assert rules_of(done) == ["reminded"]
    house.remind(DIALOGUE, "2027-04-14T00:59")
    assert len(house.notices(DIALOGUE, rule="manual")) == 6


def test_the_reminders_of_the_ladder_count_too(house: Wheelhouse) -> None:
    house.tick("2027-05-20T07:30")
    with house.refused("reminded"):
        house.remind(DIALOGUE, "2027-05-20T13:00")
    house.remind(DIALOGUE, "2027-05-21T03:30")


def test_nobody_is_reminded_where_nothing_is_owed(house: Wheelhouse) -> None:
    with house.refused("state"):
        house.remind(DIALOGUE, "2027-03-12T09:00")  # opens on 1 April
    with house.refused("state"):
        house.remind("2028/uppdragsdialog/valnamnden", "2027-04-12T09:00")
    house.walk(DIALOGUE, "held", "2027-04-12T09:00")
    with house.refused("state"):
        house.remind(DIALOGUE, "2027-04-12T09:00")
    house.open("2029", "2027-11-02T09:00")
    with house.refused("state"):
        house.remind("2029/mrp", "2027-11-02T09:00")


def test_without_a_state_the_deadline_that_is_shown_is_moved(house: Wheelhouse) -> None:
    plan = f"2028/verksamhetsplan/{SN}"
    at = "2027-04-12T09:00"
    house.move_deadline(plan, "2027-10-08", at, reason="the board asks")
    stages = house.plan(plan).stages
    assert str(stages["open"].last) == "2027-10-08"  # it waits in `upcoming`, which owes nothing
    assert "upcoming" not in stages
    with house.refused("date"):
        house.move_deadline(plan, "2027-10-08", at, state="upcoming", reason="the board asks")


def test_withdrawing_a_phase_names_what_waits_for_it(house: Wheelhouse) -> None:
    at = "2027-04-12T09:00"
    done = house.withdraw("2028/mrp", at, reason="no budget this year")
    [waits] = [reason.facts["missing"] for reason in done.warnings if reason.rule == "withdrawn"]
    assert waits == (
        "2028/budgetberedning", "2028/ramar", "2028/namndforslag", "2028/namndforslag/*", "2028/verksamhetsplan/*"
    )  # fmt: skip
    [entry] = house.log("2028/mrp", "plan.withdrawn")
    assert "withdrawn" in [each["rule"] for each in entry["data"]["warnings"]]
    done = house.withdraw("2028/delarsrapport-april", at, reason="the council drops it", with_boards=True)
    assert "withdrawn" not in rules_of(done)  # nothing waits for it


def test_withdrawing_one_boards_plan_names_nothing_for_the_others_are_waited_for_as_before(house: Wheelhouse) -> None:
    assert "withdrawn" not in rules_of(house.withdraw(DIALOGUE, "2027-04-12T09:00", reason="no money"))


def test_what_nothing_waits_for_any_more_is_not_named(house: Wheelhouse) -> None:
    house.adopt_mrp()
    done = house.withdraw("2028/mrp", "2027-06-17T09:00", reason="void")
    assert "withdrawn" not in rules_of(done)
