"""Dates that count from the day on which another step was really taken: undecided, then fixed, then following it.

The report of the auditors is handed in on 5 October 2027. § 3 gives the boards ten days and KS thirty; § 4 gives the
council its first meeting after those thirty days (tests/wheels/svar-inom-30-dagar).
"""

from datetime import date

import pytest

from config.text.texts import Texts
from tests.support.databases import CopyOf
from tests.support.other_wheels import house_of
from tests.support.wheelhouse import Wheelhouse, instant
from wheel.cycles.replace_timetable import accept
from wheel.database.store import Store
from wheel.engine.request_and_result import Request
from wheel.reads.log_entries import log_entries
from wheel.reads.log_sentences import tell
from wheel.reads.result_documents import sentence

REPORT = "2028/granskning"
ANSWER = "2028/svar"
BOARD = "2028/synpunkter/skolnamnden"


def under_way(store: Store) -> Wheelhouse:
    """The auditors work on their report."""
    house = house_of("svar-inom-30-dagar", store)
    house.open("2028", "2026-11-02T09:00")
    house.tick("2027-09-01T08:00")
    return house


def reported(store: Store) -> Wheelhouse:
    """The report came on 5 October; it was recorded two days later."""
    house = under_way(store)
    house.advance(REPORT, "report", "2027-10-07T10:00", on="2027-10-05")
    return house


def last(house: Wheelhouse, address: str, state: str) -> date | None:
    return house.plan(address).stages[state].last


def dates(house: Wheelhouse) -> dict[str, date | None]:
    return {
        "council": last(house, REPORT, "reported"),
        "answer": last(house, ANSWER, "deciding"),
        "work": last(house, ANSWER, "preparing"),
        "whole": last(house, "2028/synpunkter", "open"),
        "board": last(house, BOARD, "open"),
    }


NONE = dict.fromkeys(("council", "answer", "work", "whole", "board"))
FROM_5_OCTOBER = {
    "council": date(2027, 11, 22), "answer": date(2027, 11, 4), "work": date(2027, 10, 28),
    "whole": date(2027, 10, 15), "board": date(2027, 10, 15),
}  # fmt: skip


def test_the_dates_are_undecided_until_the_step_was_taken_and_show_says_what_sets_them(copy_of: CopyOf) -> None:
    house = copy_of(under_way)
    assert dates(house) == NONE
    shown = {state["state"]: state["last"] for state in house.show(ANSWER, "2027-09-02T09:00")["states"]}
    assert shown["deciding"] == {
        "date": None, "source": "§ 3", "undecided": True, "waits_for": ["2028/granskning Reported (reported)"],
    }  # fmt: skip


def test_the_step_sets_them_by_its_real_day_and_says_so(copy_of: CopyOf) -> None:
    house = copy_of(under_way)
    done = house.advance(REPORT, "report", "2027-10-07T10:00", on="2027-10-05")
    assert dates(house) == FROM_5_OCTOBER
    (said,) = [reason for reason in done.warnings if reason.rule == "counted"]
    assert "2028/svar deciding.last – → 2027-11-04" in said.facts["dates"]
    assert "2028/svar “With the executive board”, deadline: – → 2027-11-04" in sentence(
        said, Texts("en"), done.definition
    )
    assert "2028/svar ”Hos kommunstyrelsen”, hålltid: – → 2027-11-04" in sentence(said, Texts("sv"), done.definition)
    assert done.version == house.plan(REPORT).version


def test_the_log_names_the_step_that_set_them(copy_of: CopyOf) -> None:
    house = copy_of(reported)
    entry = house.log(BOARD, "deadline.moved")[-1]
    assert (entry["data"]["because"], entry["data"]["new"]) == (REPORT, "2027-10-15")
    with house.unit_of_work("2027-10-07T10:00") as uow:
        said = tell(uow, log_entries(uow, BOARD).entries, Texts("en"))[-1].said
    assert said.startswith("Deadline set. ")
    assert said.endswith("– → 2027-10-15. Because of The auditors' report 2028 (2028/granskning).")


def test_undo_makes_them_undecided_again(copy_of: CopyOf) -> None:
    house = copy_of(reported)
    house.undo(house.log(REPORT, "plan.advanced")[-1]["seq"], "2027-10-07T10:05")
    assert dates(house) == NONE
    assert house.plan(ANSWER).stages["deciding"].is_undecided("last")


def test_a_corrected_day_moves_them(copy_of: CopyOf) -> None:
    house = copy_of(reported)
    house.tick("2027-10-07T10:01")
    house.correct(
        house.log(REPORT, "plan.advanced")[-1]["seq"], "2027-10-08T09:00", on="2027-10-01", reason="typed wrongly"
    )
    assert dates(house) == {
        "council": date(2027, 11, 22), "answer": date(2027, 10, 31), "work": date(2027, 10, 24),
        "whole": date(2027, 10, 11), "board": date(2027, 10, 11),
    }  # fmt: skip


def test_a_report_that_is_sent_back_has_not_been_given(copy_of: CopyOf) -> None:
    house = copy_of(reported)
    house.send_back(REPORT, "2027-10-18T19:00", body="kf", new_date="2027-12-01", reason="a page is missing")
    assert dates(house) == NONE


def test_a_date_that_somebody_has_set_stays(copy_of: CopyOf) -> None:
    house = copy_of(under_way)
    house.move_deadline(ANSWER, "2027-12-01", "2027-09-02T09:00", state="deciding", reason="agreed with the auditors")
    house.advance(REPORT, "report", "2027-10-07T10:00", on="2027-10-05")
    assert dates(house) == {**FROM_5_OCTOBER, "answer": date(2027, 12, 1), "work": date(2027, 11, 24)}


@pytest.mark.parametrize("actor", ["ekonomikontoret-officer"])
def test_who_owes_the_step_is_told_whose_turn_it_is_with_the_new_date(copy_of: CopyOf, actor: str) -> None:
    house = copy_of(reported)
    house.tick("2027-10-07T10:01")
    (told,) = house.notices(ANSWER, person_id=actor, rule="your_turn")
    assert told.facts["last"] == "2027-10-28"
    assert not house.notices(ANSWER, rule="moved")


def test_a_dry_run_says_the_dates_and_sets_none(copy_of: CopyOf) -> None:
    house = copy_of(under_way)
    would = house.advance(REPORT, "report", "2027-10-07T10:00", on="2027-10-05", dry_run=True)
    assert [reason.rule for reason in would.warnings] == ["counted"]
    assert dates(house) == NONE


def test_accepting_the_rules_changes_nothing_that_the_step_has_set(copy_of: CopyOf) -> None:
    house = copy_of(reported)
    request = Request("admin", instant("2027-10-08T09:00"), reason="to be sure")
    done = house.desk.carry_out(request, "2028", "timetable", accept, "2028")
    assert done.more["moved"] == []
    assert dates(house) == FROM_5_OCTOBER
