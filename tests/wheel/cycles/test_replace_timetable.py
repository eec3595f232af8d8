"""The timetable as a decided thing: its versions, and a new one that replaces it while the year runs."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col

from config.text.texts import Texts
from tests.support.databases import CopyOf
from tests.support.timetabling import BOUND, Council, changed, renamed
from tests.support.wheelhouse import rules_of
from wheel.console.printing.decisions import say_decisions
from wheel.database.store import Store
from wheel.database.tables import Meeting
from wheel.errors import Usage
from wheel.reads.decisions import decisions
from wheel.reads.log_entries import log_entries
from wheel.reads.log_sentences import tell
from wheel.reads.names import names_at

JUNE = "2027-06-08T09:00"
NEW = {
    "phase.mrp.state.kf.last": "23 June Y-1",  # the present state of the MRP in June
    "phase.mrp.state.underlag.last": "20 May Y-1",  # which it has left by then
    "phase.delarsrapport-april.state.opened.last": "5 June Y",
}


def begun(store: Store) -> Council:
    found = Council(store)
    found.walk("2028/ramar", "sent_out", "2027-02-24T09:00")
    found.hold_dialogues("2028", "2027-05-03T09:00")
    found.walk("2028/mrp", "kf", "2027-05-05T19:00")
    found.tick("2027-06-07T07:30")
    return found


@pytest.fixture
def house(copy_of: CopyOf) -> Council:
    return copy_of(begun)


def replaced(house: Council, changes: dict[str, Any] | None = None, at: str = JUNE, **more: Any) -> Any:
    house.definition = changed(house.definition, NEW if changes is None else changes)
    return house.replaces("2028", at, **{"date": "2027-06-02", "reason": "the council meets later", **more})


def kept(house: Council) -> list[Any]:
    return house.rows()["timetable"]


def test_the_first_version_is_that_of_the_opening_and_is_decided_with_its_reference(store: Store) -> None:
    house = Council(store)
    compared = house.compared("2028", "2026-11-05T09:00")
    [version] = compared["versions"]
    assert (version["version"], version["decision"]["body"], version["decision"]["date"]) == (1, "ks", "2026-11-04")
    assert compared["dates"] == []
    house.open("2029", "2027-06-20T09:00")
    compared = house.compared("2029", "2027-06-20T09:00")
    assert compared["draft"]
    assert compared["versions"][0]["decision"] is None


def test_done_states_stay_and_the_rest_moves(house: Council) -> None:
    done = replaced(house)
    assert (done.address, done.state, done.more["timetable"]) == ("2028/tidsplan", "in_force", 2)
    assert house.last("2028/mrp", "underlag") == date(2027, 5, 31)
    assert house.last("2028/mrp", "kf") == date(2027, 6, 23)
    assert house.last("2028/delarsrapport-april", "opened") == date(2028, 6, 5)
    # What counts from KF's day counts from the new one.
    assert house.last("2028/verksamhetsplan", "open") == date(2027, 7, 7)
    [entry] = house.log("2028/tidsplan", "timetable.replaced")
    assert entry["data"]["decision"]["meeting"] == "2027-06-02"
    assert entry["data"]["version"] == 2
    assert house.verified()


def test_the_day_of_a_new_timetable_is_held_against_those_that_it_replaces(house: Council) -> None:
    assert "meeting" in rules_of(replaced(house, date="2026-11-03", dry_run=True))  # decided on 4 November
    # It came into force on 1 January by itself: KS may well have decided the next one before.
    assert "meeting" not in rules_of(replaced(house, date="2026-12-16", dry_run=True))
    replaced(house, date="2027-06-02")
    later = replaced(house, {"phase.mrp.state.kf.last": "24 June Y-1"}, date="2027-05-05")
    assert [str(w.facts["came"]) for w in later.warnings if w.rule == "meeting"] == ["2027-06-02"]


def test_the_decision_on_a_new_timetable_is_corrected_and_its_day_is_no_riddle(house: Council) -> None:
    replaced(house, date="2026-12-16")  # before it came into force on 1 January
    seq = house.log("2028/tidsplan", "timetable.replaced")[-1]["seq"]
    assert rules_of(house.correct(seq, "2027-06-09T09:00", paragraph="77", reason="a slip of the pen")) == []
    versions = house.compared("2028", "2027-06-09T09:00")["versions"]
    assert [version["decision"]["paragraph"] for version in versions][-1] == "77"


def test_both_versions_are_read_side_by_side(house: Council) -> None:
    assert house.compared("2028", JUNE)["dates"] == []
    replaced(house)
    compared = house.compared("2028", JUNE)
    assert [version["decision"]["date"] for version in compared["versions"]] == ["2026-11-04", "2027-06-02"]
    rows = {(row["address"], row["state"], row["bound"]): row for row in compared["dates"]}
    assert rows["2028/mrp", "kf", "last"]["versions"] == ["2027-06-16", "2027-06-23"]
    assert rows.keys() == {
        ("2028/mrp", "kf", "last"), ("2028/verksamhetsplan", "open", "last"),
        ("2028/delarsrapport-april", "opened", "last"),
    }  # fmt: skip
    assert len(house.compared("2028", JUNE, whole=True)["dates"]) > 100


def meets_later(house: Council) -> None:
    with house.store.writing() as session:
        moved = update(Meeting).where(col(Meeting.body) == "kf", col(Meeting.day) == date(2027, 6, 16))
        session.execute(moved.values(day=date(2027, 6, 23)))


def test_only_those_are_told_whose_present_day_has_moved_and_each_once(house: Council) -> None:
    meets_later(house)
    replaced(house, paragraph="61")
    new = house.notices(rule="moved")
    assert {(n.key.split(":")[0], n.state) for n in new} == {("2028/mrp", "kf")}
    assert len(new) == len({n.person_id for n in new}) == 2
    assert new[0].facts == {
        "old": "2027-06-16", "new": "2027-06-23", "reason": "KS 2027-06-02 § 61: the council meets later",
        "body": "kf", "last": "2027-06-23", "provisional": False, "by": "admin", "meeting": None,
    }  # fmt: skip


def test_a_timetable_that_changes_no_present_day_mails_nobody(house: Council) -> None:
    before = [n.key for n in house.notices()]
    replaced(house, {"phase.delarsrapport-april.state.opened.last": "5 June Y"})
    assert [n.key for n in house.notices()] == before
    waiting = house.row("2028/mrp").wake_at
    assert waiting is not None
    house.tick("2027-06-11T07:30")
    assert {n.offset for n in house.notices("2028/mrp", rule="ladder", state="kf")} == {-7, -3}


def test_reminders_are_armed_by_the_new_day_alone(house: Council) -> None:
    meets_later(house)
    replaced(house)
    house.tick("2027-06-11T07:30")  # three working days before the old one
    versions = {(n.deadline_version, n.offset) for n in house.notices("2028/mrp", rule="ladder", state="kf")}
    assert versions == {(1, -7)}
    house.tick("2027-06-17T07:30")
    versions = {(n.deadline_version, n.offset) for n in house.notices("2028/mrp", rule="ladder", state="kf")}
    assert versions == {(1, -7), (2, -7)}


def test_the_cycle_keeps_the_new_rules_so_that_a_meeting_does_not_bring_the_old_ones_back(house: Council) -> None:
    replaced(house)
    house.moves("kf", "2027-06-16", "2027-06-17", JUNE)
    assert house.last("2028/mrp", "kf") == date(2027, 6, 23)


def test_a_meeting_that_moves_afterwards_stands_beside_the_versions(house: Council) -> None:
    house.moves("kf", "2027-06-16", "2027-06-21", JUNE)
    [row] = [row for row in house.compared("2028", JUNE)["dates"] if row["address"] == "2028/mrp"]
    assert (row["versions"], row["now"]) == (["2027-06-16"], "2027-06-21")
    [row] = [row for row in house.compared("2028", JUNE)["dates"] if row["address"] == "2028/verksamhetsplan"]
    assert (row["now"], row["counted"]) == ("2027-06-30", "2027-07-05")


def test_the_files_are_shown_beside_what_holds(house: Council) -> None:
    house.definition = changed(house.definition, NEW)
    rows = {(row["address"], row["state"]): row for row in house.compared("2028", JUNE)["dates"]}
    assert rows["2028/mrp", "kf"]["files"] == "2027-06-23"
    assert ("2028/mrp", "underlag") not in rows  # it is left
    assert house.last("2028/mrp", "kf") == date(2027, 6, 16)  # a file never changes a running cycle by itself


def test_a_day_that_was_moved_by_hand_is_what_the_body_decides_now(house: Council) -> None:
    house.move_deadline("2028/mrp", "2027-06-24", JUNE, reason="an extra meeting")
    replaced(house)
    assert house.last("2028/mrp", "kf") == date(2027, 6, 23)
    assert house.plan("2028/mrp").stages["kf"].source is None


def test_undecided_dates_become_decided(store: Store) -> None:
    house = Council(store, {**BOUND, "phase.mrp.state.kf.last": "undecided"})
    place = next(s for s in house.show("2028/mrp", JUNE)["states"] if s["state"] == "kf")
    assert place["last"] == {"date": None, "source": "test", "undecided": True}
    house.definition = changed(house.definition, {"phase.mrp.state.kf.last": "23 June Y-1"})
    house.replaces("2028", JUNE)
    assert house.last("2028/mrp", "kf") == date(2027, 6, 23)
    assert house.plan("2028/mrp").stages["kf"].undecided is None


def test_a_preview_shows_what_would_move(house: Council) -> None:
    house.definition = changed(house.definition, NEW)
    with house.unchanged():
        done = house.replaces("2028", JUNE, dry_run=True)
    assert [row["address"] for row in done.more["moved"]] == [
        "2028/mrp", "2028/verksamhetsplan", "2028/delarsrapport-april"
    ]  # fmt: skip


def test_it_is_decided_by_its_body_with_all_fields(house: Council) -> None:
    house.definition = changed(house.definition, NEW)
    with house.refused("role"):
        house.replaces("2028", JUNE, actor="ks-secretary")
    with house.refused("body"):
        house.replaces("2028", JUNE, body="kf")
    with house.refused("decision"):
        house.replaces("2028", JUNE, paragraph="")
    with house.refused("decision"):
        house.replaces("2028", JUNE, outcome="rejected")
    with house.refused("meeting"):
        house.replaces("2028", JUNE, date="2027-06-09")


def test_its_body_is_written_as_people_write_it_and_its_diary_number_goes_without_saying(house: Council) -> None:
    house.definition = changed(house.definition, NEW)
    done = house.replaces("2028", JUNE, body="KS", diary="", date="2027-06-01")
    [entry] = house.log("2028/tidsplan", "timetable.replaced")
    assert (entry["data"]["decision"]["body"], bool(entry["data"]["decision"]["diary"])) == ("ks", True)
    assert [each["rule"] for each in entry["data"]["passed_over"]] == ["meeting"]  # KS met on 2 June
    assert "meeting" in rules_of(done)


def test_another_wheel_is_no_timetable(house: Council) -> None:
    house.definition = renamed(house.definition, "mrp", "underlag", "groundwork")
    with house.refused("definition") as reasons:
        house.replaces("2028", JUNE)
    assert reasons[0].facts["other"] == ("mrp",)


def test_other_differences_of_the_files_are_left_and_said(house: Council) -> None:
    done = replaced(house, {**NEW, "phase.mrp.source": "1.2"})
    assert rules_of(done)[0] == "definition"


def test_a_draft_is_decided_by_its_own_step(store: Store) -> None:
    house = Council(store)
    house.open("2029", "2027-06-20T09:00")
    with house.refused("R1"):
        house.replaces("2029", "2027-06-20T09:00")
    house.open("mandat-2026", "2027-06-20T09:00")
    with pytest.raises(Usage):
        house.replaces("mandat-2026", "2027-06-20T09:00")


def test_a_timetable_that_was_opened_again_and_decided_anew_is_a_version_too(house: Council) -> None:
    house.reopen("2028/tidsplan", JUNE, to="draft", reason="KS wants to look again", new_date="2027-06-30", anyway=True)
    house.advance("2028/tidsplan", "decide", "2027-06-09T09:00", body="ks", date="2027-06-02")
    assert [row[2] for row in kept(house)] == [1, 2]


def test_a_decision_that_was_undone_leaves_the_draft(store: Store) -> None:
    house = Council(store)
    house.open("2029", "2027-11-02T09:00")
    house.advance("2029/tidsplan", "decide", "2027-11-04T09:00", body="ks")
    house.undo(house.log("2029/tidsplan", "plan.advanced")[-1]["seq"], "2027-11-04T09:01")
    assert house.compared("2029", "2027-11-04T09:01")["versions"][0]["decision"] is None
    house.advance("2029/tidsplan", "decide", "2027-11-04T09:02", body="ks")
    assert [row[2] for row in kept(house)] == [1, 1]  # one of each cycle
    assert house.compared("2029", "2027-11-04T09:03")["versions"][0]["decision"]["paragraph"] == "3"


def test_a_decision_that_was_corrected_is_cited_as_it_is_registered_now(house: Council) -> None:
    seq = house.log("2028/tidsplan", "plan.advanced")[-2]["seq"]
    house.correct(seq, JUNE, paragraph="202", reason="misread")
    assert house.compared("2028", JUNE)["versions"][0]["decision"]["paragraph"] == "202"


def test_the_whole_timetable_says_which_plans_are_not_concerned(store: Store) -> None:
    house = Council(store)
    house.withdraw("2028/delarsrapport-april/ks", "2027-02-01T09:00", reason="none this year")
    rows = house.compared("2028", "2027-02-02T09:00", whole=True)["dates"]
    said = {row["address"]: row.get("status") for row in rows}
    assert said["2028/uppdragsdialog/valnamnden"] == "not_concerned"
    assert said["2028/uppdragsdialog/ks"] is None
    assert said["2028/delarsrapport-april/ks"] == "withdrawn"


def test_what_replaced_the_timetable_is_listed_as_that_and_not_as_the_first_decision(house: Council) -> None:
    replaced(house)
    with house.unit_of_work(JUNE) as uow:
        found = decisions(uow, Texts("en"), cycle="2028", phase="tidsplan")
        said = say_decisions(found, Texts("en"), names_at(uow, ["2028/tidsplan"], "en"))
    assert [row.replaces for row in found.decisions] == [False, True]
    printed = " ".join(" ".join(said).split())
    assert "budget work 2028: The executive board decides the timetable (2028/tidsplan)" in printed
    assert "budget work 2028: timetable replaced (2028/tidsplan)" in printed


def test_an_opening_that_is_moved_stands_in_the_log_with_its_days(house: Council) -> None:
    replaced(house, {"phase.delarsrapport-april.state.opened.opens": "4 May Y"})
    with house.unit_of_work(JUNE) as uow:
        entries = log_entries(uow, "2028/delarsrapport-april").entries
        said = next(each.said for each in tell(uow, entries, Texts("en")) if each.entry["action"] == "deadline.moved")
    assert said.startswith("Date moved. Opened. Opens 2028-05-01 → 2028-05-04.")
