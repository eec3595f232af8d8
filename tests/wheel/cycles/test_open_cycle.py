"""Opening a cycle: its plans and dates, in the middle of a year, and by itself."""

from datetime import date

import pytest

from config.municipality.faults import FaultyFilesError
from config.municipality.municipality import catalog
from config.text.texts import Texts
from tests.support.databases import CopyOf
from tests.support.wheelhouse import BOARDS, Wheelhouse, instant, rules_of, utc_text
from wheel.database.store import Store
from wheel.errors import Usage
from wheel.reads.status import status
from workflows.definition.definition import Definition

SN = "socialnamnden"


@pytest.fixture
def house(copy_of: CopyOf) -> Wheelhouse:
    return copy_of(Wheelhouse)


def dates(house: Wheelhouse, address: str, state: str) -> dict[str, str]:
    shown = house.show(address, "2026-11-02T09:00")
    [found] = [each for each in shown["states"] if each["state"] == state]
    return {bound: found[bound]["date"] for bound in ("opens", "target", "last", "statutory") if found[bound]}


def test_a_cycle_has_a_plan_for_each_phase_and_each_board(house: Wheelhouse) -> None:
    house.open("2028", "2026-11-02T09:00")
    wholes = [
        "tidsplan", "budgetberedning", "ramar", "namndforslag", "uppdragsdialog", "mrp", "verksamhetsplan",
        "delarsrapport-april", "delarsrapport-augusti", "arsredovisning", "arsberattelse",
    ]  # fmt: skip
    per_board = [
        "namndforslag", "uppdragsdialog", "verksamhetsplan", "delarsrapport-april", "delarsrapport-augusti",
        "arsredovisning", "arsberattelse",
    ]  # fmt: skip
    expected = [f"2028/{phase}" for phase in wholes]
    expected += [f"2028/{phase}/{board}" for phase in per_board for board in BOARDS]
    assert sorted(house.addresses()) == sorted(expected)
    assert len(house.log(action="plan.opened")) == len(expected) == 74
    assert house.status("2028/uppdragsdialog/valnamnden", "2026-11-02T09:00") == "not_concerned"
    assert house.show("2028/verksamhetsplan/ks", "2026-11-02T09:00")["workflow"] == "verksamhetsplan-ks"


@pytest.mark.parametrize(("cycle", "has"), [("2027", True), ("2028", False), ("2030", False), ("2031", True)])
def test_the_budget_is_confirmed_only_after_an_election(house: Wheelhouse, cycle: str, has: bool) -> None:
    house.open(cycle, f"{int(cycle) - 2}-11-02T09:00")
    assert (f"{cycle}/budgetfaststallelse" in house.addresses()) is has


def test_the_dates_are_those_of_the_rules(house: Wheelhouse) -> None:
    house.open("2028", "2026-11-02T09:00")
    assert dates(house, "2028/ramar", "draft") == {
        "opens": "2027-01-01", "target": "2027-02-28", "last": "2027-03-31"
    }  # fmt: skip
    assert dates(house, "2028/mrp", "kf") == {
        "opens": "2027-06-01", "last": "2027-06-30", "statutory": "2027-11-30"
    }  # fmt: skip
    assert dates(house, f"2028/verksamhetsplan/{SN}", "reported")["last"] == "2027-12-31"
    assert dates(house, "2028/delarsrapport-augusti", "compiled")["statutory"] == "2028-10-31"
    assert dates(house, "2028/arsredovisning", "drawn_up")["statutory"] == "2029-04-15"


def test_the_end_of_february_is_the_29th_in_a_leap_year(house: Wheelhouse) -> None:
    house.open("2029", "2027-11-02T09:00")
    assert dates(house, "2029/ramar", "draft")["target"] == "2028-02-29"


def test_a_mandate_cycle_is_named_by_its_election(house: Wheelhouse) -> None:
    house.open("mandat-2026", "2026-11-02T09:00")
    assert house.addresses() == ["mandat-2026/inriktningsmal"]
    assert dates(house, "mandat-2026/inriktningsmal", "kf")["last"] == "2027-12-31"
    assert house.status("mandat-2026/inriktningsmal", "2026-11-02T09:00") == "upcoming"  # no timetable, no draft


@pytest.mark.parametrize("name", ["28", "20280", "mandat-2027", "budget-2028", "", "mandat-"])
def test_what_is_no_name_of_a_cycle_is_said_so(house: Wheelhouse, name: str) -> None:
    with house.unchanged(), pytest.raises(Usage):
        house.open(name, "2026-11-02T09:00")


def test_a_cycle_is_opened_once_and_by_who_may(house: Wheelhouse) -> None:
    with house.refused("role"):
        house.open("2028", "2026-11-02T09:00", actor="ks-secretary")
    with house.unchanged():
        house.open("2028", "2026-11-02T09:00", dry_run=True)
    house.open("2028", "2026-11-02T09:00")
    with house.refused("cycle") as reasons:
        house.open("2028", "2026-11-03T09:00")
    assert reasons[0].facts == {"name": "2028"}


def test_a_definition_is_kept_once(house: Wheelhouse) -> None:
    house.open("2028", "2026-11-02T09:00")
    house.open("mandat-2026", "2026-11-02T09:00")
    assert len(house.rows()["definition"]) == 1
    assert house.show("2028/mrp", "2026-11-02T09:00")["definition"]["sha256"] == house.definition.sha256


# --- in the middle of a year


def test_what_ended_before_the_introduction_is_marked_and_counts_as_done(house: Wheelhouse) -> None:
    house.open("2028", "2027-06-15T09:00")
    before = {a for a in house.addresses() if house.status(a, "2027-06-15T09:00") == "before_introduction"}
    gone = {"tidsplan", "budgetberedning", "ramar", "namndforslag", "uppdragsdialog"}
    gone |= {f"namndforslag/{board}" for board in BOARDS}
    gone |= {f"uppdragsdialog/{board}" for board in BOARDS if board != "valnamnden"}
    assert before == {f"2028/{phase}" for phase in gone}
    assert house.status("2028/mrp", "2027-06-15T09:00") == "overdue"  # the groundwork was due on 31 May
    assert house.blockers("2028/mrp", "2027-06-15T09:00") == []  # R1, R2 and R4 count as kept
    house.walk("2028/mrp", "adopted", "2027-06-16T19:00")


def test_opening_in_the_middle_of_a_year_brings_no_storm(house: Wheelhouse) -> None:
    house.open("2028", "2027-06-15T09:00")
    ticked = house.tick("2027-06-15T09:01")
    assert (ticked.moved, house.notices()) == ([], [])
    entered = house.show("2028/mrp", "2027-06-15T09:01")["states"][1]
    assert (entered["state"], entered["entered_at"]) == ("underlag", utc_text("2027-03-01T00:00"))
    house.tick("2027-06-21T07:30", confirmed_by="admin")
    assert house.notices("2028/mrp") == []  # what was late already is in no week's overview either
    # What opens afterwards is told.
    house.tick("2027-09-01T07:30")
    assert house.told(f"2028/verksamhetsplan/{SN}", "your_turn") == {
        f"{SN}-officer", f"{SN}-secretary"
    }  # fmt: skip


def test_the_real_decision_can_be_added_later(house: Wheelhouse) -> None:
    house.open("2028", "2027-06-15T09:00")
    done = house.advance("2028/ramar", "decide", "2027-06-15T10:00", body="ks", date="2027-02-24", paragraph="31")
    assert (done.state, done.status, done.notices) == ("decided", "before_introduction", 0)
    assert house.blockers("2028/mrp", "2027-06-15T10:00") == []
    house.tick("2027-07-01T08:00")
    assert house.notices("2028/ramar") == []


# --- the next one


def test_the_next_cycle_opens_by_itself_as_a_draft_that_waits_for_the_executive_board(house: Wheelhouse) -> None:
    house.start()
    house.tick("2027-10-31T23:59")
    assert "2029/mrp" not in house.addresses()
    house.tick("2027-11-01T00:00")
    [opened] = house.log("2029", "cycle.opened")
    assert (opened["actor"], opened["data"]["kind"]) == ("daemon", "budget")
    assert house.row("2029/tidsplan").state == "draft"
    assert house.status("2029/tidsplan", "2027-11-01T00:00") == "in_progress"
    assert {house.status(a, "2027-11-01T00:00") for a in house.addresses() if a.startswith("2029/")} == {
        "in_progress", "draft", "not_concerned",
    }  # fmt: skip
    with house.refused("R1", "state"):
        house.advance("2029/ramar", "decide", "2027-11-02T09:00", body="ks")


def test_a_draft_moves_nothing_and_reminds_only_those_who_owe_the_timetable(house: Wheelhouse) -> None:
    house.open("2028", "2026-11-02T09:00")
    for at in ("2026-11-19T07:30", "2026-12-09T07:30", "2027-06-30T09:00"):
        house.tick(at)
    told = {(notice.key.split(":")[0], notice.rule, notice.person_id) for notice in house.notices()}
    assert {address for address, _, _ in told} == {"2028/tidsplan"}
    owing = {f"{body}-{role}" for body in ("ks", "ekonomikontoret") for role in ("officer", "secretary")}
    assert {person for _, rule, person in told if rule == "ladder"} == owing | {"ks-head", "ks-chair", "admin"}
    states = {address: house.row(address).state for address in house.addresses()}
    assert states.pop("2028/tidsplan") == "draft"
    assert set(states.values()) == {"upcoming"}
    # Decided at last: what is due goes on by itself.
    house.advance("2028/tidsplan", "decide", "2027-07-01T09:00", body="ks")
    moved = house.tick("2027-07-01T09:01").moved
    assert ("2028/ramar", instant("2027-01-01T00:00")) in [(m["address"], m["due"]) for m in moved]


def test_a_timetable_that_is_only_proposed_leaves_the_cycle_a_draft(house: Wheelhouse) -> None:
    house.definition = with_timetable(house.definition, "beslutskedja", {"proposes": "ks", "decides": "kf"})
    house.open("2028", "2026-11-02T09:00")
    house.walk("2028/tidsplan", "deciding", "2026-11-04T09:00")  # KS has proposed it
    house.tick("2027-02-01T09:00")
    assert house.status("2028/ramar", "2027-02-01T09:00") == "draft"
    with house.refused("R1", "state") as reasons:
        house.advance("2028/ramar", "decide", "2027-02-24T09:00", body="ks", anyway=True, reason="no time")
    assert reasons[0].who == ("kf",)
    house.walk("2028/tidsplan", "decided", "2027-02-25T09:00")
    house.tick("2027-02-25T09:01")
    assert house.row("2028/ramar").state == "draft"


def with_timetable(definition: Definition, workflow: str, parties: dict[str, str]) -> Definition:
    """The definition with another workflow for the timetable, which is prepared by its office."""
    old = definition.wheel.phases["tidsplan"]
    opened = definition.workflow("tidsplan", None).states[1].id
    states = {catalog()[workflow].states[1].id: old.states[opened]}
    new = old.model_copy(
        update={"workflow": workflow, "parties": {**old.parties, **parties}, "states": states, "steps": {}}
    )
    wheel = definition.wheel.model_copy(update={"phases": {**definition.wheel.phases, "tidsplan": new}})
    return Definition(wheel=wheel, workflows={**definition.workflows, workflow: catalog()[workflow]})


def test_a_cycle_that_is_open_already_is_not_opened_again(house: Wheelhouse) -> None:
    house.start()
    house.open("2029", "2027-10-01T09:00")
    house.tick("2027-11-02T09:00")
    assert len(house.log("2029", "cycle.opened")) == 1


def test_after_a_stop_of_two_years_both_cycles_were_opened_on_their_days(house: Wheelhouse) -> None:
    house.start()
    house.tick("2028-12-01T09:00")
    opened = {entry["subject"]: entry["actor"] for entry in house.log(action="cycle.opened")}
    assert opened == {"2028": "admin", "2029": "daemon", "2030": "daemon"}
    assert house.show("2029/tidsplan", "2028-12-01T09:00")["states"][1]["entered_at"] == utc_text("2027-11-01T00:00")


def test_the_mandate_cycle_after_the_next_election_opens_on_15_october(house: Wheelhouse) -> None:
    house.open("mandat-2026", "2026-11-02T09:00")
    house.tick("2030-10-14T23:59")
    assert len(house.log(action="cycle.opened")) == 1
    house.tick("2030-10-15T00:00")
    assert house.row("mandat-2030/inriktningsmal").state == "upcoming"


def test_a_cycle_whose_successor_is_open_speaks_of_it_no_more(house: Wheelhouse) -> None:
    def next_cycle() -> list[str]:
        agenda = house.show("2028/tidsplan", "2026-11-03T09:00")["agenda"]
        return [alarm["at"] for alarm in agenda if alarm["what"] == "next_cycle"]

    house.open("2028", "2026-11-02T09:00")
    assert next_cycle() == ["2027-10-31T23:00:00Z"]
    house.open("2029", "2026-11-02T09:30")
    assert next_cycle() == []


# --- faults in the municipality's files


class FaultyFiles(Wheelhouse):
    """A municipality whose files cannot be read while `fault` is set."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.fault: Exception | None = None
        self.ticker.newest = self._read

    def _read(self) -> Definition:
        if self.fault is not None:
            raise self.fault
        return self.definition


def problems(house: Wheelhouse, at: str) -> list[str]:
    with house.store.reading() as session:
        return [p.code for p in status(session, house.mail, instant(at), Texts("sv")).problems]


@pytest.mark.parametrize("fault", [FaultyFilesError([]), KeyError("wheel")], ids=["faulty", "bug"])
def test_a_cycle_that_the_files_cannot_open_blames_no_plan_and_opens_after_the_mend(
    store: Store, fault: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    house = FaultyFiles(store)
    house.start()
    house.tick("2027-10-31T09:00")
    house.fault = fault
    for at in ("2027-11-01T00:00", "2027-11-01T00:01", "2027-11-01T01:00", "2027-11-02T09:00", "2027-11-03T09:00"):
        assert house.tick(at).put_aside == []
    assert (house.row("2028/tidsplan").tries, house.log("2029")) == (0, [])
    assert "cycle_not_opened" in problems(house, "2027-11-03T09:01")
    assert {record.exc_info for record in caplog.records} == {None}  # one line for each try
    house.fault = None
    house.tick("2027-11-03T09:02")
    assert [entry["action"] for entry in house.log("2029")] == ["cycle.opened"]
    assert house.row("2029/tidsplan").state == "draft"
    assert "cycle_not_opened" not in problems(house, "2027-11-03T09:03")


def test_a_cycle_that_opens_after_its_timetables_last_day_says_that_nobody_is_asked_for_it(store: Store) -> None:
    house = Wheelhouse(store)
    done = house.open("2028", "2026-11-30T09:00")
    assert rules_of(done) == []
    done = house.open("2029", "2027-12-01T09:00")
    assert (rules_of(done), done.warnings[0].facts["last"]) == (["R1"], date(2027, 11, 30))
    assert house.status("2029/ramar", "2027-12-02T09:00") == "upcoming"
    [entry] = house.log("2029", "cycle.opened")
    assert [warning["rule"] for warning in entry["data"]["warnings"]] == ["R1"]
    assert "warnings" not in house.log("2028", "cycle.opened")[0]["data"]


def test_status_says_that_nobody_has_opened_the_first_mandate_cycle(store: Store) -> None:
    house = Wheelhouse(store)
    house.start()

    def remarks(at: str) -> list[str]:
        with house.store.reading() as session:
            found = status(session, house.mail, instant(at), Texts("en"))
        return [each.message for each in found.remarks if each.code == "cycle_never_opened"]

    [said] = remarks("2027-03-01T09:00")
    assert "mandat-2026" in said
    assert remarks("2028-02-01T09:00") == []  # its work would be over
    house.open("mandat-2026", "2027-03-01T09:00")
    assert remarks("2027-03-01T10:00") == []
