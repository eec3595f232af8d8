"""A board ends, begins, merges with another or gets another name in the middle of a year that is running."""

from datetime import date
from typing import Any

import pytest

from tests.support.databases import CopyOf
from tests.support.timetabling import Council, changed
from tests.support.wheelhouse import rules_of
from wheel.database.store import Store

SN, NEW = "socialnamnden", "valfardsnamnden"
JUNE = "2028-06-20T09:00"
ENDS = {f"body.{SN}.ends": date(2028, 6, 30)}
BEGINS = {
    f"body.{NEW}": {
        "name": {"sv": "Välfärdsnämnden", "en": "The welfare board"}, "kind": "board", "begins": date(2028, 7, 1),
    }
}  # fmt: skip
LATER = ("delarsrapport-augusti", "arsredovisning", "arsberattelse")


def begun(store: Store) -> Council:
    """June 2028: every board has made its plan and its report after April but one."""
    found = Council(store)
    found.walk("2028/ramar", "sent_out", "2027-02-24T09:00")
    found.hold_dialogues("2028", "2027-05-03T09:00")
    found.walk("2028/mrp", "adopted", "2027-06-16T19:00")
    for board in found.definition.wheel.boards:
        found.walk(f"2028/verksamhetsplan/{board}", "reported_to_ks", "2027-12-10T09:00")
        found.walk(f"2028/delarsrapport-april/{board}", "treated", "2028-05-25T09:00")
    found.tick("2028-06-12T09:00", confirmed_by="admin")
    return found


@pytest.fixture
def house(copy_of: CopyOf) -> Council:
    return copy_of(begun)


def migrated(house: Council, changes: dict[str, Any]) -> Any:
    house.definition = changed(house.definition, changes)
    return house.migrates("2028", JUNE, reason="the new organisation")


def ways(done: Any) -> dict[str, str]:
    return {row["address"]: row["what"] for row in done.more["plans"] if row["what"] != "stays"}


def test_the_later_plans_of_a_board_that_ends_are_not_concerned_and_nobody_is_mailed(house: Council) -> None:
    done = migrated(house, ENDS)
    assert ways(done) == {f"2028/{phase}/{SN}": "left_out" for phase in LATER}
    assert house.status(f"2028/verksamhetsplan/{SN}", JUNE) != "not_concerned"
    assert house.status(f"2028/delarsrapport-april/{SN}", JUNE) == "done"
    for phase in LATER:
        assert house.status(f"2028/{phase}/{SN}", JUNE) == "not_concerned"
        assert house.show(f"2028/{phase}", JUNE)["children"]["of"] == 8
    house.tick("2028-10-16T09:00", confirmed_by="admin")
    assert house.notices(f"2028/delarsrapport-augusti/{SN}") == []
    for board in house.definition.wheel.boards:
        if board != SN:
            house.walk(f"2028/delarsrapport-augusti/{board}", "treated", "2028-10-17T09:00")
    house.tick("2028-10-18T09:00", confirmed_by="admin")
    assert house.row("2028/delarsrapport-augusti").state == "compiled"


def test_a_board_that_does_not_end_after_all_is_taken_in_again(house: Council) -> None:
    migrated(house, ENDS)
    done = migrated(house, {f"body.{SN}.ends": None})
    assert ways(done) == {f"2028/{phase}/{SN}": "taken_in" for phase in LATER}
    assert house.status(f"2028/delarsrapport-augusti/{SN}", JUNE) == "upcoming"


def test_boards_that_merge_end_and_another_begins(house: Council) -> None:
    done = migrated(house, {**ENDS, **BEGINS, "body.byggnadsnamnden.ends": date(2028, 6, 30)})
    new = {address: what for address, what in ways(done).items() if address.endswith(NEW)}
    assert {address for address, what in new.items() if what == "new"} == {f"2028/{phase}/{NEW}" for phase in LATER}
    assert set(new.values()) == {"new", "new_left_out"}
    for phase in LATER:
        assert house.status(f"2028/{phase}/{NEW}", JUNE) == "upcoming"
        assert house.show(f"2028/{phase}", JUNE)["children"]["of"] == 8
    assert house.status(f"2028/delarsrapport-april/{NEW}", JUNE) == "not_concerned"  # before it begins
    assert house.status(f"2028/uppdragsdialog/{NEW}", JUNE) == "not_concerned"


def test_a_plan_that_outlasts_its_board_is_named(house: Council) -> None:
    done = migrated(house, {f"body.{SN}.ends": date(2028, 9, 15)})
    assert "boards" in rules_of(done)
    told = next(r for r in done.warnings if r.rule == "boards")
    assert f"2028/delarsrapport-augusti/{SN}" in told.facts["missing"]
    assert house.status(f"2028/arsredovisning/{SN}", JUNE) == "not_concerned"


def test_a_board_that_comes_into_a_phase_that_had_counted_its_boards_is_said(house: Council) -> None:
    for board in house.definition.wheel.boards:
        house.walk(f"2028/delarsrapport-augusti/{board}", "treated", "2028-09-20T09:00")
    house.tick("2028-09-20T10:00", confirmed_by="admin")
    house.definition = changed(house.definition, BEGINS)
    done = house.migrates("2028", "2028-09-21T09:00", reason="the new organisation")
    whole = "2028/delarsrapport-augusti"
    assert whole in next(r for r in done.warnings if r.rule == "changed").facts["missing"]
    assert house.show(whole, "2028-09-21T10:00")["children"]["reopened"] == [f"{whole}/{NEW}"]


def test_another_name_changes_no_plan(house: Council) -> None:
    done = migrated(house, {f"body.{SN}.name": BEGINS[f"body.{NEW}"]["name"]})
    assert ways(done) == {}
    assert house.show(f"2028/arsredovisning/{SN}", JUNE)["title"] == "The welfare board's annual report 2028"


def test_what_a_board_has_done_stays_done_when_the_files_forget_it(house: Council) -> None:
    assert house.status(f"2028/delarsrapport-april/{SN}", JUNE) == "done"
    done = migrated(house, {f"body.{SN}": None})
    assert house.status(f"2028/delarsrapport-april/{SN}", JUNE) == "done"
    assert house.status(f"2028/delarsrapport-augusti/{SN}", JUNE) == "withdrawn"
    assert SN in next(r for r in done.warnings if r.rule == "boards").facts["boards"]


def test_a_phase_that_is_no_longer_optional_is_taken_up(house: Council) -> None:
    house.definition = changed(house.definition, {"phase.arsberattelse.optional": True})
    house.open("2030", "2028-06-20T08:00")
    assert house.status("2030/arsberattelse/ks", JUNE) == "not_concerned"
    house.definition = changed(house.definition, {"phase.arsberattelse.optional": False})
    done = house.migrates("2030", JUNE, reason="KF wants it every year")
    assert house.status("2030/arsberattelse/ks", JUNE) in ("upcoming", "draft")
    assert ways(done)["2030/arsberattelse"] == "taken_in"


def test_after_its_end_nobody_of_a_board_is_reminded_of_what_it_has_left_undone(house: Council) -> None:
    """The administrators are: they withdraw the plan, or record what the board has decided in its last days."""
    report = f"2028/delarsrapport-april/{SN}"
    house.reopen(report, JUNE, reason="a page is missing", new_date="2028-06-28")
    migrated(house, ENDS)
    house.tick("2028-06-29T09:00", confirmed_by="admin")
    assert f"{SN}-officer" in house.told(report, "ladder")
    before = {notice.id for notice in house.notices(report)}
    for day in ("2028-07-03T07:31", "2028-07-07T07:31", "2028-07-10T07:31"):
        house.tick(day, confirmed_by="admin")
    later = {n.person_id for n in house.notices(report) if n.id not in before and n.outcome != "superseded"}
    assert later
    assert not any(person.startswith(SN) for person in later)
    done = house.advance(
        report, "decide", "2028-07-10T10:00", actor=f"{SN}-secretary", body=SN, date="2028-06-28"
    )  # fmt: skip
    assert done.status == "done"
