"""A running cycle whose timetable is taken back stands still: it is said before, and by `status` until it is over."""

from typing import Any

import pytest

from config.text.texts import Texts
from tests.support.databases import CopyOf
from tests.support.timetabling import Council, changed
from tests.support.wheelhouse import Wheelhouse, rules_of
from wheel.reads.status import status

AT, LATER = "2027-03-08T09:00", "2027-03-09T09:00"
TIMETABLE = "2028/tidsplan"


@pytest.fixture
def house(copy_of: CopyOf) -> Council:
    return copy_of(Council)


def stopped(house: Wheelhouse, at: str) -> list[str]:
    with house.unit_of_work(at) as uow:
        found = status(uow.session, house.mail, uow.now, Texts("en")).problems
    return [problem.message for problem in found if problem.code == "cycle_stopped"]


@pytest.mark.parametrize("verb", ["withdraw", "reopen"])
def test_taking_the_timetable_back_says_what_stops_and_is_done_only_if_asked_for(house: Council, verb: str) -> None:
    house.tick(AT)
    terms: dict[str, Any] = {"reason": "KS wants another one"}
    if verb == "reopen":
        terms |= {"to": "draft", "new_date": "2027-03-31"}
    with house.refused("timetable") as reasons:
        getattr(house, verb)(TIMETABLE, AT, **terms)
    assert reasons[0].facts["count"] == 72
    assert "2028/budgetberedning" in reasons[0].facts["missing"]
    assert stopped(house, AT) == []
    done = getattr(house, verb)(TIMETABLE, AT, anyway=True, **terms)
    assert "timetable" in rules_of(done)
    assert house.status("2028/ramar", LATER) == "draft"
    [said] = stopped(house, LATER)
    assert "2028" in said
    [entry] = [e for e in house.log(TIMETABLE) if e["action"] in ("plan.withdrawn", "plan.reopened")]
    assert entry["data"]["warnings"][-1]["overridden"]


def test_the_cycle_is_named_until_its_timetable_is_decided_again(house: Council) -> None:
    house.reopen(TIMETABLE, AT, to="draft", reason="again", new_date="2027-03-31", anyway=True)
    assert stopped(house, "2027-03-20T09:00") != []
    house.walk(TIMETABLE, "decided", "2027-03-24T09:00")
    assert stopped(house, "2027-03-24T10:00") == []
    house.tick("2027-03-24T10:00", confirmed_by="admin")
    assert house.status("2028/ramar", "2027-03-24T10:00") != "draft"


def test_a_withdrawn_timetable_is_taken_up_again_where_it_was(house: Council) -> None:
    house.withdraw(TIMETABLE, AT, reason="by mistake", anyway=True)
    assert stopped(house, LATER) != []
    house.reopen(TIMETABLE, LATER, reason="it was one")
    assert stopped(house, LATER) == []


def test_a_draft_without_a_timetable_is_a_draft_for_ever(house: Council) -> None:
    house.open("2029", "2027-11-02T09:00")
    assert stopped(house, "2027-11-02T10:00") == []  # a draft as every other
    with house.refused("timetable"):
        house.withdraw("2029/tidsplan", "2027-11-02T10:00", reason="not needed")
    house.withdraw("2029/tidsplan", "2027-11-02T10:00", reason="not needed", anyway=True)
    assert "2029" in stopped(house, "2027-11-02T11:00")[0]


def test_an_undone_decision_leaves_an_ordinary_draft(house: Council) -> None:
    house.open("2029", "2027-11-02T09:00")
    house.walk("2029/tidsplan", "decided", "2027-11-04T09:00")
    [entry] = [e for e in house.log("2029/tidsplan", "plan.advanced") if e["data"]["to"] == "decided"]
    house.undo(entry["seq"], "2027-11-04T09:01")
    assert stopped(house, "2027-11-04T09:02") == []


def test_other_plans_and_a_timetable_that_stays_decided_are_withdrawn_and_reopened_as_ever(house: Council) -> None:
    house.tick("2027-03-08T09:00")
    assert "timetable" not in rules_of(house.withdraw("2028/ramar", AT, reason="another way"))
    done = house.reopen(TIMETABLE, AT, to="decided", reason="the date was wrong")
    assert "timetable" not in rules_of(done)


def test_a_migration_that_makes_a_running_cycle_a_draft_says_so(house: Council) -> None:
    new = {
        "cycle.budget.timetable": "ordning",
        "phase.ordning": {
            "label": {"sv": "Tidsordning", "en": "Order"}, "workflow": "tidsplan", "source": "1.2",
            "parties": {"prepares": "ekonomikontoret", "decides": "ks"},
            "state": {
                "draft": {
                    "opens": {"date": "1 November Y-2", "source": "1"}, "last": {"date": "30 June Y-1", "source": "1"}
                },
                "in_force": {"opens": {"date": "1 July Y-1", "source": "1"}},
            },
        },
        "phase.tidsplan": None,
    }  # fmt: skip
    house.definition = changed(house.definition, new)
    done = house.migrates("2028", AT, dry_run=True)
    assert "timetable" in rules_of(done)
    house.migrates("2028", AT)
    assert "2028" in stopped(house, LATER)[0]
    assert house.compared("2028", LATER)["versions"][0]["decision"]["body"] == "ks"


def test_a_turn_that_waits_to_be_told_is_told_when_the_cycle_goes_on(house: Council) -> None:
    house.tick(AT)
    house.advance("2028/mrp", "submit", AT)
    house.withdraw(TIMETABLE, "2027-03-08T09:02", reason="KS wants another one", anyway=True)
    house.tick("2027-03-08T09:30")
    [notice, *_] = house.notices("2028/mrp", state="ks_proposal", rule="your_turn")
    assert (notice.outcome, notice.because, notice.message_id) == ("superseded", "cycle_stopped", None)
    house.reopen(TIMETABLE, "2027-03-09T09:00", reason="it was a mistake")
    house.tick("2027-03-09T09:30")
    [notice, *_] = house.notices("2028/mrp", state="ks_proposal", rule="your_turn")
    assert notice.message_id is not None


def test_a_cycle_that_has_never_gone_stops_nothing_that_is_in_progress(copy_of: CopyOf) -> None:
    house = copy_of(Wheelhouse)
    house.open("2028", "2026-11-02T09:00")
    with house.refused("timetable") as reasons:
        house.withdraw(TIMETABLE, "2026-11-03T09:00", reason="not now")
    assert "remains a draft" in reasons[0].message
