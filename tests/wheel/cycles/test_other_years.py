"""Plans that look at the cycle of another year (tests/wheels/ramar-tills-vidare): last year's frames hold until new
ones are decided, a date counts from another year's, a decision waits for another year's plan."""

from datetime import date

from tests.support.databases import CopyOf
from tests.support.other_wheels import house_of
from tests.support.wheelhouse import Wheelhouse
from wheel.database.store import Store

OLD, NEW = "2027/ramar", "2028/ramar"


def frames_hold(store: Store) -> Wheelhouse:
    """The frames of 2027 were decided on 23 February 2026 and sent out; the cycle of 2028 has not opened."""
    house = house_of("ramar-tills-vidare", store)
    house.open("2027", "2026-01-02T09:00")
    house.walk(OLD, "sent_out", "2026-02-23T19:00")
    house.walk("2027/budget", "decided", "2026-06-15T19:00")
    return house


def next_cycle(store: Store) -> Wheelhouse:
    """The cycle of 2028 has opened by itself."""
    house = frames_hold(store)
    house.tick("2027-01-11T08:00")
    return house


def test_last_years_frames_hold_while_there_is_no_next_cycle(copy_of: CopyOf) -> None:
    house = copy_of(frames_hold)
    house.tick("2026-12-30T08:00")
    assert house.plan(OLD).state == "sent_out"


def test_last_years_frames_hold_until_the_new_ones_are_decided(copy_of: CopyOf) -> None:
    house = copy_of(next_cycle)
    assert house.plan(OLD).state == "sent_out"
    house.advance(NEW, "decide", "2027-02-22T19:00", body="ks")
    house.tick("2027-02-22T19:01")
    old = house.plan(OLD)
    assert (old.state, old.stage.entered_on) == ("superseded", None)
    assert house.plan(NEW).state == "decided"


def test_undo_of_the_new_decision_lets_the_old_frames_hold_again(copy_of: CopyOf) -> None:
    house = copy_of(next_cycle)
    house.advance(NEW, "decide", "2027-02-22T19:00", body="ks")
    house.tick("2027-02-22T19:01")
    house.undo(house.log(NEW, "plan.advanced")[-1]["seq"], "2027-02-22T19:02")
    assert (house.plan(OLD).state, house.plan(NEW).state) == ("sent_out", "draft")


def test_a_date_counts_from_last_years_as_it_was_moved_there(copy_of: CopyOf) -> None:
    # Two weeks after 28 February 2026; the deadline was moved to 5 March, so two weeks after that.
    house = copy_of(frames_hold)
    assert house.plan("2027/ramrapport").stages["open"].opens == date(2025, 3, 14)
    assert house.plan("2027/ramrapport").stages["open"].is_provisional("opens")
    house.reopen(OLD, "2026-03-01T09:00", to="draft", new_date="2026-03-05", reason="miscounted")
    house.tick("2027-01-11T08:00")
    report = house.plan("2028/ramrapport").stages["open"]
    assert (report.opens, report.is_provisional("opens")) == (date(2026, 3, 19), False)


def test_a_last_day_is_set_by_the_decision_of_next_years_budget(copy_of: CopyOf) -> None:
    house = copy_of(next_cycle)
    assert house.plan("2027/uppfoljning").stages["deciding"].last is None
    house.walk(NEW, "sent_out", "2027-02-22T19:00")
    house.walk("2028/budget", "decided", "2027-06-14T19:00")
    after = house.plan("2027/uppfoljning").stages
    assert (after["deciding"].last, after["preparing"].last) == (date(2027, 8, 14), date(2027, 8, 7))


def test_a_decision_waits_for_a_plan_of_another_year(copy_of: CopyOf) -> None:
    house = copy_of(next_cycle)
    assert not [
        reason
        for reason in house.blockers("2028/budget", "2027-06-01T09:00")
        if reason.facts["missing"][0][0:4] == "2026"
    ]
    house.tick("2028-01-11T08:00")
    (missing,) = [
        reason for reason in house.blockers("2029/budget", "2028-06-01T09:00") if reason.facts["phase"] == "uppfoljning"
    ]
    assert (missing.rule, missing.citation, missing.facts["missing"]) == ("R2", "§ 3", ("2027/uppfoljning",))


def test_reopening_last_years_plan_flags_what_builds_on_it_until_that_is_undone(copy_of: CopyOf) -> None:
    house = copy_of(next_cycle)
    house.tick("2027-05-03T08:00")
    house.walk("2027/uppfoljning", "decided", "2027-08-09T19:00")
    house.tick("2028-05-01T08:00")
    assert house.plan("2029/budget").state == "preparing"
    house.reopen("2027/uppfoljning", "2028-05-02T09:00", reason="a figure was wrong")
    assert [flag.because for flag in house.plan("2029/budget").flags] == ["2027/uppfoljning"]
    house.undo(house.log("2027/uppfoljning", "plan.reopened")[-1]["seq"], "2028-05-02T09:01")
    assert house.plan("2029/budget").flags == ()
