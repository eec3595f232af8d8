"""A new wheel file never changes a running cycle by itself; `migrate` takes it over, state by state, when told."""

import tomllib
from datetime import date
from typing import Any

import pytest

from config.text.texts import Texts
from tests.support.databases import CopyOf
from tests.support.timetabling import Council, changed, renamed
from tests.support.wheelhouse import CATALOG, rules_of
from wheel.database.store import Store
from wheel.errors import Usage
from wheel.reads.log_entries import log_entries
from wheel.reads.log_sentences import tell
from workflows.definition.definition import Definition, Workflow

JUNE = "2027-06-08T09:00"
NEW_PHASE = {
    "label": {"sv": "Skattesats", "en": "Tax rate"}, "workflow": "tidsplan", "source": "law",
    "parties": {"prepares": "ekonomikontoret", "decides": "kf"},
    "state": {"draft": {"opens": {"date": "1 October Y-1", "source": "x"},
                        "last": {"date": "30 November Y-1", "source": "law"}}},
}  # fmt: skip


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


def ways(done: Any) -> dict[str, tuple[str, str | None, str | None]]:
    """Those that do not stay."""
    return {r["address"]: (r["what"], r["from"], r["to"]) for r in done.more["plans"] if r["what"] != "stays"}


def test_every_state_that_nobody_has_mapped_is_named_at_once(house: Council) -> None:
    house.definition = renamed(house.definition, "mrp", "kf", "council")
    house.definition = renamed(house.definition, "verksamhetsplan", "upcoming", "waiting")
    with house.refused("unmapped", "unmapped") as reasons:
        house.migrates("2028", JUNE)
    assert [(r.facts["name"], r.facts["plans"]) for r in reasons] == [
        ("mrp.kf", ("2028/mrp",)), ("verksamhetsplan.upcoming", ("2028/verksamhetsplan",))
    ]  # fmt: skip
    with house.refused("unmapped", "unmapped", "unmapped", "role", "reason"):
        house.migrates("2028", JUNE, maps={"mrp.kf": "kommun", "nothing": "kf"}, actor="ks-chair", reason="")


def test_it_shows_where_each_plan_goes_and_changes_nothing(house: Council) -> None:
    house.definition = renamed(house.definition, "mrp", "kf", "council")
    with house.unchanged():
        done = house.migrates("2028", JUNE, maps={"kf": "council"}, dry_run=True)
    assert ways(done) == {"2028/mrp": ("goes", "kf", "council")}
    assert len(done.more["plans"]) == 74
    assert done.more["moved"] == []


def test_the_plan_stands_in_the_new_state_with_its_dates_and_its_reminders(house: Council) -> None:
    house.definition = renamed(house.definition, "mrp", "kf", "council")
    house.migrates("2028", JUNE, maps={"mrp.kf": "council"})
    shown = house.show("2028/mrp", JUNE)
    assert (shown["state"], shown["status"], shown["definition"]["sha256"]) == (
        "council", "in_progress", house.definition.sha256
    )  # fmt: skip
    state = next(s for s in shown["states"] if s["state"] == "council")
    assert state["last"]["date"] == "2027-06-16"
    assert state["entered_at"]
    assert house.log("2028/mrp", "plan.migrated")[0]["data"]["to"] == "council"
    [entry] = house.log("2028", "cycle.migrated")
    assert entry["data"]["to"] == house.definition.sha256
    assert entry["data"]["plans"] == {"stays": 73, "goes": 1}
    assert entry["data"]["maps"] == {"mrp.kf": "council"}
    house.tick("2027-06-11T07:30")
    assert [n.offset for n in house.notices("2028/mrp", rule="ladder", state="council", person_id="kf-officer")] == [
        -7,
        -3,
    ]
    house.advance("2028/mrp", "decide", "2027-06-17T09:00", body="kf", date="2027-06-16", reason="x", anyway=True)
    assert house.row("2028/mrp").state == "adopted"
    assert house.verified()


def test_the_same_wheel_is_nothing_to_go_over_to(house: Council) -> None:
    with house.unchanged():
        assert rules_of(house.migrates("2028", JUNE)) == ["definition"]


def test_dates_are_kept_unless_they_are_to_be_recomputed(house: Council) -> None:
    house.move_deadline("2028/delarsrapport-augusti", "2028-10-10", JUNE, state="opened", reason="by hand")
    house.definition = changed(
        house.definition,
        {
            "phase.mrp.state.kf.last": "23 June Y-1",
            "phase.mrp.state.underlag.last": "20 May Y-1",
            "phase.arsberattelse.state.open.last": "20 May Y+1",
        },
    )
    done = house.migrates("2028", JUNE, dry_run=True)
    assert done.more["moved"] == []
    done = house.migrates("2028", JUNE, dates="recompute")
    assert [(row["address"], row["state"]) for row in done.more["moved"]] == [
        ("2028/mrp", "kf"), ("2028/verksamhetsplan", "open"), ("2028/arsberattelse", "open")
    ]  # fmt: skip
    assert house.last("2028/mrp", "underlag") == date(2027, 5, 31)
    assert house.last("2028/delarsrapport-augusti", "opened") == date(2028, 10, 10)
    assert house.told("2028/mrp", "moved") == {"kf-officer", "kf-secretary"}


def test_a_name_that_another_state_takes_over_keeps_its_visits(house: Council) -> None:
    wheel = renamed(house.definition, "mrp", "underlag", "between")
    wheel = renamed(wheel, "mrp", "adopted", "underlag")
    house.definition = renamed(wheel, "mrp", "between", "adopted")
    house.migrates("2028", JUNE, maps={"mrp.underlag": "adopted", "mrp.adopted": "underlag"})
    house.advance("2028/mrp", "decide", "2027-06-16T19:00", body="kf")
    plan = house.plan("2028/mrp")
    assert (plan.state, plan.visit) == ("underlag", 2)


def test_new_plans_are_made_and_those_that_are_gone_are_withdrawn(house: Council) -> None:
    wheel = house.definition
    house.definition = changed(wheel, {"phase.skattesats": NEW_PHASE, "phase.delarsrapport-april": None})
    done = house.migrates("2028", JUNE)
    went = ways(done)
    assert went["2028/skattesats"] == ("new", None, "upcoming")
    assert went["2028/delarsrapport-april/ks"] == ("withdrawn", "upcoming", None)
    assert house.status("2028/delarsrapport-april/ks", JUNE) == "withdrawn"
    assert house.show("2028/delarsrapport-april", JUNE)["workflow"] == "delarsrapport"
    house.tick("2027-10-01T07:30")
    assert house.row("2028/skattesats").state == "draft"
    assert house.told("2028/skattesats", "your_turn")
    with house.unchanged():  # what is gone is no difference any more
        assert rules_of(house.migrates("2028", "2027-10-01T08:00")) == ["definition"]
    house.definition = wheel
    back = house.migrates("2028", "2027-10-01T08:00")
    assert ways(back) == {"2028/skattesats": ("withdrawn", "draft", None)}
    assert house.status("2028/delarsrapport-april", JUNE) == "withdrawn"  # somebody opens it again, if it is wanted


def test_a_board_that_is_gone_is_withdrawn_and_can_still_be_read(house: Council) -> None:
    gone = {f"phase.{id}.exception.valnamnden": None for id in ("uppdragsdialog",)}
    house.definition = changed(house.definition, {"body.valnamnden": None, **gone})
    done = house.migrates("2028", JUNE)
    assert {address.rpartition("/")[2] for address in ways(done)} == {"valnamnden"}
    assert house.show("2028/verksamhetsplan/valnamnden", JUNE)["status"] == "withdrawn"
    children = house.show("2028/verksamhetsplan", JUNE)["children"]
    assert children["of"] == 8


def test_a_new_wheel_file_changes_no_running_cycle_by_itself(house: Council) -> None:
    before = house.show("2028/mrp", JUNE)
    house.definition = renamed(house.definition, "mrp", "kf", "council")
    house.tick("2027-06-08T10:00")
    assert house.show("2028/mrp", JUNE)["states"] == before["states"]


def test_a_draft_takes_over_the_dates_of_the_files_before_it_is_decided(store: Store) -> None:
    house = Council(store)
    house.open("2029", "2027-06-20T09:00")
    house.definition = changed(house.definition, {"phase.ramar.state.draft.last": "20 March Y-1"})
    house.migrates("2029", "2027-06-21T09:00", dates="recompute")
    house.advance("2029/tidsplan", "decide", "2027-11-04T09:00", body="ks")
    compared = house.compared("2029", "2027-11-04T09:00", whole=True)
    [row] = [r for r in compared["dates"] if (r["address"], r["state"], r["bound"]) == ("2029/ramar", "draft", "last")]
    assert row["versions"] == ["2028-03-20"]


def test_what_was_clicked_before_is_not_undone_into_the_old_wheel(house: Council) -> None:
    seq = house.log("2028/mrp", "plan.advanced")[-1]["seq"]
    house.definition = renamed(house.definition, "mrp", "kf", "council")
    house.migrates("2028", JUNE, maps={"kf": "council"})
    with house.refused("undo"):
        house.undo(seq, JUNE)


def test_the_minutes_of_before_are_corrected_in_the_new_wheel(house: Council) -> None:
    clicked = house.log("2028/mrp", "plan.advanced")
    handed_in, proposed = (
        next(e["seq"] for e in clicked if e["data"]["step"] == verb) for verb in ("submit", "propose")
    )
    house.definition = renamed(house.definition, "mrp", "ks_proposal", "board")
    house.definition = renamed(house.definition, "mrp", "kf", "council")
    house.migrates("2028", JUNE, maps={"kf": "council", "ks_proposal": "board"})
    assert house.correct(proposed, JUNE, paragraph="77", reason="a slip of the pen").state == "council"
    with house.refused("date"):
        house.correct(handed_in, JUNE, on="2027-05-04", reason="a slip")
    house.definition = renamed(house.definition, "mrp", "propose", "put_forward")
    house.migrates("2028", "2027-06-09T09:00", maps={})
    with house.unchanged(), pytest.raises(Usage, match="has no step propose"):
        house.correct(proposed, "2027-06-09T10:00", paragraph="78", reason="a slip of the pen")


def test_a_board_is_taken_in_or_left_out(house: Council) -> None:
    exceptions = {"valnamnden": None, "socialnamnden": {"concerned": False}}
    house.definition = changed(
        house.definition, {f"phase.uppdragsdialog.exception.{id}": value for id, value in exceptions.items()}
    )
    done = house.migrates("2028", JUNE)
    assert ways(done) == {
        "2028/uppdragsdialog/valnamnden": ("taken_in", "upcoming", "upcoming"),
        "2028/uppdragsdialog/socialnamnden": ("left_out", "held", "held"),
    }
    house.tick("2027-06-08T09:01")
    assert house.status("2028/uppdragsdialog/valnamnden", JUNE) == "overdue"
    assert house.status("2028/uppdragsdialog/socialnamnden", JUNE) == "not_concerned"


def test_a_new_phase_that_follows_a_renamed_state_is_judged_by_the_new_wheel(house: Council) -> None:
    follower = {
        **NEW_PHASE, "workflow": "ramar", "state": {"draft": {"last": {"date": "30 November Y-1", "source": "x"}}},
        "step": {"supersede": {"follows": {"phase": "mrp", "reached": "council"}}},
    }  # fmt: skip
    house.definition = renamed(house.definition, "mrp", "kf", "council")
    house.definition = changed(house.definition, {"phase.skattesats": follower})
    done = house.migrates("2028", JUNE, maps={"kf": "council"})
    assert ways(done)["2028/skattesats"][0] == "new"
    house.tick("2027-06-08T10:00")
    assert house.row("2028/skattesats").tries == 0


CHAIN: dict[str, Any] = {
    "label": {"sv": "Plan", "en": "Plan"}, "workflow": "beslutskedja", "source": "law",
    "parties": {"prepares": "ekonomikontoret", "proposes": "ks", "decides": "kf"},
    "state": {
        "preparing": {
            "opens": {"date": "1 March Y-1", "source": "x"}, "last": {"date": "30 November Y-1", "source": "x"}
        },
        "proposing": {"last": {"date": "10 December Y-1", "source": "x"}},
        "deciding": {"last": {"date": "20 December Y-1", "source": "x"}},
    },
}  # fmt: skip
CONFIRMED = {
    **CHAIN, "workflow": "budgetfaststallelse",
    "state": {name: {"last": {"date": "10 December Y-1", "source": "x"}} for name in ("preparing", "kf")},
}  # fmt: skip
LATER = {**CHAIN, "state": {**CHAIN["state"], "preparing": {
    "opens": {"date": "1 September Y-1", "source": "x"}, "last": {"date": "30 November Y-1", "source": "x"}
}}}  # fmt: skip


def with_two_chains(store: Store) -> Council:
    """Two phases of one workflow: one is prepared, with KS; the other opens in September."""
    house = Council(store)
    chain = Workflow.model_validate(tomllib.loads((CATALOG / "beslutskedja.toml").read_text(encoding="utf-8")))
    flows = {**house.definition.workflows, chain.id: chain}
    wheel = changed(house.definition, {"phase.ett": CHAIN, "phase.sedan": LATER}).wheel
    house.definition = Definition(wheel=wheel, workflows=flows)
    house.migrates("2028", "2027-02-01T09:00")
    house.tick("2027-03-01T07:30")
    return house


def test_a_map_touches_only_phases_whose_own_workflow_has_changed(store: Store) -> None:
    house = with_two_chains(store)
    house.advance("2028/ett", "submit", "2027-03-10T09:00")
    before = house.plan("2028/sedan")
    house.definition = changed(house.definition, {"phase.ett": CONFIRMED})
    with house.refused("unmapped") as reasons:
        house.migrates("2028", JUNE)
    assert [reason.facts["plans"] for reason in reasons] == [("2028/ett",)]
    done = house.migrates("2028", JUNE, maps={"beslutskedja.proposing": "preparing"})
    assert ways(done) == {"2028/ett": ("goes", "proposing", "preparing")}
    assert {row["address"] for row in done.more["moved"]} <= {"2028/ett"}
    assert house.plan("2028/sedan").stages == before.stages
    house.tick("2027-09-01T07:30")
    assert house.row("2028/sedan").state == "preparing"


def test_a_sibling_on_the_same_workflow_is_not_taken_back(store: Store) -> None:
    house = with_two_chains(store)
    house.tick("2027-09-01T07:30")
    for address in ("2028/ett", "2028/sedan"):
        house.advance(address, "submit", "2027-09-02T09:00")
    house.definition = changed(house.definition, {"phase.ett": CONFIRMED})
    house.migrates("2028", "2027-09-03T09:00", maps={"proposing": "preparing"})
    assert (house.row("2028/ett").state, house.row("2028/sedan").state) == ("preparing", "proposing")


def test_two_phases_of_one_workflow_are_mapped_each_by_its_own_name(store: Store) -> None:
    house = with_two_chains(store)
    house.tick("2027-09-01T07:30")
    for address in ("2028/ett", "2028/sedan"):
        house.advance(address, "submit", "2027-09-02T09:00")
    later = {**CONFIRMED, "label": {"sv": "Sedan", "en": "Later"}}
    house.definition = changed(house.definition, {"phase.ett": CONFIRMED, "phase.sedan": later})
    house.migrates("2028", "2027-09-03T09:00", maps={"ett.proposing": "preparing", "sedan.proposing": "kf"})
    assert (house.row("2028/ett").state, house.row("2028/sedan").state) == ("preparing", "kf")


def test_a_map_of_a_workflow_that_stays_is_refused(store: Store) -> None:
    house = with_two_chains(store)
    house.definition = changed(house.definition, {"phase.ett.state.deciding.last": "19 December Y-1"})
    with house.refused("unmapped"):
        house.migrates("2028", JUNE, maps={"beslutskedja.proposing": "preparing"})


def test_those_who_owe_something_since_the_migration_are_told(store: Store) -> None:
    house = with_two_chains(store)
    house.definition = changed(
        house.definition, {"phase.ett.parties.prepares": "budgetberedningen", "phase.ett.label.en": "The plan"}
    )
    house.migrates("2028", JUNE)
    house.tick(JUNE)
    asked = {notice.person_id for notice in house.notices("2028/ett", rule="your_turn") if notice.due.month == 6}
    assert asked == {"budgetberedningen-officer", "budgetberedningen-secretary"}
    assert not house.notices("2028/sedan", rule="your_turn")


@pytest.mark.parametrize(("old", "new"), [("decided", "agreed"), ("in_force", "holds")])
def test_the_timetables_states_can_get_other_names(store: Store, old: str, new: str) -> None:
    house = Council(store)
    house.definition = renamed(house.definition, "tidsplan", old, new)
    house.migrates("2028", "2027-02-01T09:00", maps={old: new})
    assert house.row("2028/tidsplan").state == (new if old == "in_force" else "in_force")
    house.tick("2027-02-10T09:00")
    assert house.status("2028/ramar", "2027-02-10T09:00") == "in_progress"
    assert house.verified()


def test_a_plan_that_is_done_in_the_new_workflow_asks_nobody_any_more(store: Store) -> None:
    house = with_two_chains(store)
    house.advance("2028/ett", "submit", "2027-03-10T09:00")
    assert {notice.outcome for notice in house.notices("2028/ett", rule="your_turn", state="proposing")} == {"planned"}
    house.definition = changed(house.definition, {"phase.ett": CONFIRMED})
    house.migrates("2028", "2027-03-10T09:05", maps={"proposing": "fixed"})
    house.tick("2027-03-11T07:30")
    assert house.status("2028/ett", "2027-03-11T07:30") == "done"
    assert {notice.outcome for notice in house.notices("2028/ett", rule="your_turn", person_id="ks-officer")} == {
        "superseded"
    }


def test_what_happened_before_is_told_in_the_words_of_the_wheel_that_held_then(store: Store) -> None:
    house = with_two_chains(store)
    house.advance("2028/ett", "submit", "2027-03-10T09:00")
    house.definition = changed(house.definition, {"phase.ett": CONFIRMED})
    house.migrates("2028", JUNE, maps={"proposing": "preparing"})
    english = Texts("en")
    with house.unit_of_work(JUNE) as uow:
        told = [each.said for each in tell(uow, log_entries(uow, "2028/ett").entries, english)]
    assert "The supporting papers are handed to the executive board. Being prepared → With the executive board." in told
    [migrated] = [each for each in told if each.startswith("Brought up to date. With")]
    assert migrated.startswith("Brought up to date. With the executive board → Prepared for the executive board.")


def test_the_dates_of_a_state_that_the_new_wheel_lacks_are_said_to_vanish(house: Council) -> None:
    house.definition = renamed(house.definition, "arsredovisning", "drawn_up", "prepared")
    had = house.plan("2028/arsredovisning").stages["drawn_up"].last
    assert had
    [row] = (row for row in house.migrates("2028", JUNE).more["moved"] if row["state"] == "drawn_up")
    assert (row["address"], row["dates"]["last"]) == ("2028/arsredovisning", [had.isoformat(), None])


def test_a_state_that_is_mapped_to_another_takes_its_dates_along(house: Council) -> None:
    house.definition = renamed(house.definition, "arsredovisning", "drawn_up", "prepared")
    moved = house.migrates("2028", JUNE, maps={"arsredovisning.drawn_up": "prepared"}).more["moved"]
    assert [row for row in moved if row["address"] == "2028/arsredovisning"] == []
