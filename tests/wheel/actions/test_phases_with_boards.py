"""A phase with boards is the sum of its boards' plans: it is taken up, withdrawn, held and done together with them."""

from functools import cache
from typing import Any

import pytest

from config.municipality.municipality import catalog
from tests.support.databases import CopyOf
from tests.support.timetabling import changed
from tests.support.wheelhouse import BOARDS, Wheelhouse, rules_of, started, vanersborg
from wheel.database.store import Store
from wheel.errors import NotFound, Usage
from wheel.reads.plans import plans
from workflows.definition.definition import Definition, Workflow

JANUARY, JUNE = "2027-01-10T10:00", "2027-06-01T09:00"
PARTIES = {
    "prepares": "ekonomikontoret", "decides": "kf", "proposes": "ks", "hands_over": "ks", "considers": "ks",
    "reconciles": "budgetberedningen",
}  # fmt: skip
WHOLES = (
    "arsberattelse", "arsredovisning", "delarsrapport", "inlamning", "manadsrapport", "namndbeslut", "namndforslag",
    "uppdragsdialog", "verksamhetsplan",
)  # fmt: skip
SN, VN, KS = "socialnamnden", "valnamnden", "ks"


def dates(workflow: Workflow) -> dict[str, Any]:
    """Everything that the calendar opens, opens in March."""
    opens = {"opens": {"date": "1 March Y-1", "source": "x"}}
    return {step.to: opens for step in workflow.steps if step.automatic == "date"}


@cache
def of_optional_phases() -> Definition:
    """A wheel without a timetable, in which every kind of phase with boards is optional. KS takes part in none."""
    wheel = vanersborg().wheel.model_dump(by_alias=True, exclude_defaults=True)
    flows = dict(catalog())
    wheel["phase"], wheel["variant"], wheel["distance"] = {}, {}, []
    wheel["cycle"] = {"budget": {**wheel["cycle"]["budget"], "timetable": None}}
    for id in WHOLES:
        board = flows[f"{id}-namnd"]
        wheel["phase"][id] = {
            "label": {"sv": id, "en": id}, "workflow": id, "source": "x", "optional": True, "parties": PARTIES,
            "state": dates(flows[id]), "exception": {KS: {"concerned": False}},
            "board": {"workflow": board.id, "parties": {**PARTIES, "prepares": "board", "decides": "board"},
                      "state": dates(board)},
        }  # fmt: skip
        for part, flow in ((wheel["phase"][id], flows[id]), (wheel["phase"][id]["board"], board)):
            waits = [step.verb for step in flow.steps if step.automatic == "phase"]
            part["step"] = {verb: {"follows": {"phase": "basis", "reached": "done"}} for verb in waits}
    wheel["phase"]["basis"] = {
        "label": {"sv": "Grund", "en": "Basis"}, "workflow": "moment", "source": "x", "parties": PARTIES,
        "state": dates(flows["moment"]),
    }  # fmt: skip
    wheel["phase"]["window"] = {
        "label": {"sv": "Samråd", "en": "Consultation"}, "workflow": "tidsfonster", "source": "x", "parties": PARTIES,
        "state": {**dates(flows["tidsfonster"]), "over": {"opens": {"date": "1 April Y-1", "source": "x"}}},
        "board": {"workflow": "inlamning-namnd", "parties": {"prepares": "board"},
                  "state": dates(flows["inlamning-namnd"])},
    }  # fmt: skip
    return Definition(wheel=type(vanersborg().wheel).model_validate(wheel), workflows=flows)


def opened(store: Store) -> Wheelhouse:
    house = Wheelhouse(store)
    house.definition = of_optional_phases()
    house.open("2028", "2026-12-01T09:00")
    return house


@pytest.fixture
def house(copy_of: CopyOf) -> Wheelhouse:
    return copy_of(opened)


def board_plans(phase: str) -> list[str]:
    return [f"2028/{phase}/{board}" for board in BOARDS if board != KS]


def test_the_phases_are_those_of_the_catalog_that_wait_for_boards() -> None:
    assert {id for id, flow in catalog().items() if any(s.automatic == "children" for s in flow.steps)} == set(WHOLES)


def the_way(house: Wheelhouse, address: str, at: str) -> None:
    """To the end of the ordinary way."""
    way = house.plan(address).workflow.way_ahead(house.plan(address).state)
    house.walk(address, way[-1].to, at)


@pytest.mark.parametrize("phase", WHOLES)
def test_a_phase_that_is_taken_up_asks_its_boards_and_is_done_when_they_are(house: Wheelhouse, phase: str) -> None:
    done = house.reopen(f"2028/{phase}", JANUARY, reason="the forecast is worse")
    assert [row["address"] for row in done.more["plans"]] == board_plans(phase)
    assert {row["what"] for row in done.more["plans"]} == {"taken_in"}
    assert house.status(f"2028/{phase}/{KS}", JANUARY) == "not_concerned"
    house.tick("2027-03-01T09:00")
    begun = house.row(f"2028/{phase}").state
    assert {house.status(address, JUNE) for address in board_plans(phase)} == {"in_progress"}
    join = next(s for s in house.plan(f"2028/{phase}").workflow.steps if s.automatic == "children")
    assert begun in join.from_  # it waits
    house.advance("2028/basis", "complete", "2027-03-02T09:00")
    for address in board_plans(phase)[1:]:
        the_way(house, address, JUNE)
    house.tick("2027-06-02T09:00")
    assert house.row(f"2028/{phase}").state == begun
    the_way(house, board_plans(phase)[0], JUNE)
    house.tick("2027-06-02T09:00")
    assert house.plan(f"2028/{phase}").reached(join.to)


@pytest.mark.parametrize("phase", WHOLES)
def test_a_board_that_is_taken_up_takes_up_the_phase_for_itself_alone(house: Wheelhouse, phase: str) -> None:
    done = house.reopen(f"2028/{phase}/{SN}", JANUARY, reason="asked by KS")
    assert [row["address"] for row in done.more["plans"]] == [f"2028/{phase}"]
    house.advance("2028/basis", "complete", "2027-03-02T09:00")
    the_way(house, f"2028/{phase}/{SN}", JUNE)
    house.tick("2027-06-02T09:00")
    join = next(s for s in house.plan(f"2028/{phase}").workflow.steps if s.automatic == "children")
    assert house.plan(f"2028/{phase}").reached(join.to)
    assert house.status(f"2028/{phase}/{VN}", JUNE) == "not_concerned"


@pytest.mark.parametrize("phase", WHOLES)
def test_a_phase_in_which_no_board_takes_part_is_never_done_by_itself(house: Wheelhouse, phase: str) -> None:
    done = house.reopen(f"2028/{phase}", JANUARY, reason="r", with_boards=False)
    assert rules_of(done) == ["boards"]
    house.tick("2027-06-02T09:00")
    join = next(s for s in house.plan(f"2028/{phase}").workflow.steps if s.automatic == "children")
    assert house.row(f"2028/{phase}").state in join.from_
    assert "join" in {reason.rule for reason in house.blockers(f"2028/{phase}", JUNE)}


def test_those_boards_are_taken_up_that_are_named(house: Wheelhouse) -> None:
    done = house.reopen("2028/namndbeslut", JANUARY, reason="r", boards=(SN, KS))
    taken = {row["address"] for row in done.more["plans"]}
    assert taken == {f"2028/namndbeslut/{SN}", f"2028/namndbeslut/{KS}"}  # KS although the wheel leaves it out
    house.tick("2027-03-01T09:00")
    assert house.status(f"2028/namndbeslut/{VN}", JUNE) == "not_concerned"
    with house.unchanged(), pytest.raises(Usage, match="in the year already"):
        house.reopen("2028/namndbeslut", JUNE, reason="r", boards=(VN,))
    with house.unchanged(), pytest.raises(Usage, match="nowhere"):
        house.reopen("2028/inlamning", JUNE, reason="r", boards=("nowhere",))


def test_a_new_day_in_the_waiting_state_is_refused_instead_of_lost(house: Wheelhouse) -> None:
    with house.refused("date"):
        house.reopen("2028/inlamning", JANUARY, reason="r", new_date="2027-05-01")


def test_undoing_takes_the_boards_back_too(house: Wheelhouse) -> None:
    house.reopen("2028/namndbeslut", JANUARY, reason="r")
    [entry] = house.log("2028/namndbeslut", "plan.reopened")
    house.undo(entry["seq"], "2027-01-10T10:02")
    plans = ["2028/namndbeslut", *board_plans("namndbeslut")]
    assert {house.status(address, JUNE) for address in plans} == {"not_concerned"}
    house.reopen("2028/namndbeslut", "2027-01-10T10:03", reason="r")
    house.tick("2027-03-01T09:00")
    house.walk(f"2028/namndbeslut/{SN}", "deciding", "2027-03-02T09:00")
    entry = house.log("2028/namndbeslut", "plan.reopened")[-1]
    with house.refused("undo", "undo"):  # it has begun, and mail has been sent
        house.undo(entry["seq"], "2027-03-02T10:00")


def test_a_window_closes_without_its_boards_and_says_which_are_missing(house: Wheelhouse) -> None:
    house.tick("2027-03-02T09:00")
    for board in BOARDS[1:]:
        house.walk(f"2028/window/{board}", "handed_in", "2027-03-10T09:00")
    house.tick("2027-04-01T09:00")
    shown = house.show("2028/window", "2027-04-01T10:00")
    assert (shown["state"], shown["status"]) == ("over", "done")
    assert shown["children"] == {"done": 8, "of": 9, "missing": ["2028/window/ks"], "waited_for": False}


# --- withdrawn, held and released


REPORT = "2028/delarsrapport-april"
MAY = "2028-05-10T09:00"


def reporting(store: Store) -> Wheelhouse:
    """The sample in May: every board's interim report is open; one is done."""
    house = started(store)
    house.tick("2028-05-02T09:00", confirmed_by="admin")
    house.walk(f"{REPORT}/{VN}", "treated", "2028-05-08T09:00")
    return house


@pytest.fixture
def may(copy_of: CopyOf) -> Wheelhouse:
    return copy_of(reporting)


UNDER_WAY = [f"{REPORT}/{board}" for board in BOARDS if board != VN]


def test_whoever_acts_on_a_phase_says_what_its_boards_do(may: Wheelhouse) -> None:
    for act in (may.withdraw, may.hold):
        with may.unchanged(), pytest.raises(Usage, match="State whether they follow"):
            act(REPORT, MAY, reason="KF does without it")
    may.hold(REPORT, MAY, reason="r", with_boards=True)
    with may.unchanged(), pytest.raises(Usage, match="State whether they follow"):
        may.release(REPORT, MAY, reason="r")
    assert may.withdraw("2028/arsberattelse/ks", MAY, reason="r").status == "withdrawn"  # nobody to ask about
    with may.refused("role"):  # who may not is not asked
        may.withdraw(REPORT, MAY, reason="r", actor="reader")


def test_a_phase_is_withdrawn_with_its_boards_and_comes_back_with_them(may: Wheelhouse) -> None:
    with may.unchanged():
        assert len(may.withdraw(REPORT, MAY, reason="r", with_boards=True, dry_run=True).more["plans"]) == 8
    may.withdraw(f"{REPORT}/ks", MAY, reason="KS reports to KF itself")
    done = may.withdraw(REPORT, MAY, reason="KF does without it", with_boards=True)
    assert {(row["address"], row["what"]) for row in done.more["plans"]} == {
        (address, "withdrawn") for address in UNDER_WAY if not address.endswith("/ks")
    }
    assert {may.status(address, MAY) for address in UNDER_WAY} == {"withdrawn"}
    assert may.status(f"{REPORT}/{VN}", MAY) == "done"  # what is done has happened
    reminded = len(may.notices(rule="ladder"))
    may.tick("2028-06-20T09:00", confirmed_by="admin")
    assert not [n for n in may.notices(rule="ladder")[reminded:] if n.key.startswith(REPORT)]
    with may.unchanged(), pytest.raises(Usage, match="State whether they follow"):
        may.reopen(REPORT, "2028-06-20T10:00", reason="KF wants it")
    may.reopen(REPORT, "2028-06-20T10:00", reason="KF wants it", with_boards=True)
    assert {may.status(address, "2028-06-20T11:00") for address in UNDER_WAY} == {"overdue"}


def test_boards_that_stay_run_on_and_that_is_said(may: Wheelhouse) -> None:
    done = may.withdraw(REPORT, MAY, reason="each reports to itself", with_boards=False)
    assert {(row["address"], row["what"]) for row in done.more["plans"]} == {(a, "stays") for a in UNDER_WAY}
    assert {may.status(address, MAY) for address in UNDER_WAY} == {"in_progress"}
    may.withdraw(UNDER_WAY[0], MAY, reason="r")
    assert rules_of(may.reopen(UNDER_WAY[0], MAY, reason="r")) == ["boards"]  # nothing waits for it


def test_a_phase_is_held_and_released_with_its_boards(may: Wheelhouse) -> None:
    done = may.hold(REPORT, MAY, reason="the system is down", with_boards=True)
    assert done.held
    assert {(row["address"], row["what"]) for row in done.more["plans"]} == {(a, "held") for a in UNDER_WAY}
    with may.unit_of_work(MAY) as uow:
        assert {row.address for row in plans(uow, held=True).plans} == {REPORT, *UNDER_WAY}
        assert {row.held for row in plans(uow, phase="delarsrapport-augusti").plans} == {False}
    before = len(may.notices(rule="ladder"))
    may.tick("2028-05-31T09:00", confirmed_by="admin")
    assert not [n for n in may.notices(rule="ladder")[before:] if n.key.startswith(REPORT)]
    done = may.release(REPORT, "2028-05-31T10:00", reason="it is up", with_boards=True)
    assert not done.held
    assert {row["what"] for row in done.more["plans"]} == {"released"}
    with may.unit_of_work("2028-05-31T10:00") as uow:
        assert plans(uow, held=True).plans == ()


def test_a_board_leaves_all_phases_of_a_cycle_at_once(may: Wheelhouse) -> None:
    active = [
        address for address in may.addresses()
        if address.endswith(f"/{VN}") and may.status(address, MAY) in ("upcoming", "in_progress", "overdue")
    ]  # fmt: skip
    done = may.withdraw_board("2028", VN, MAY, reason="the board is asked for nothing", not_concerned=True)
    assert [(row["address"], row["what"]) for row in done.more["plans"]] == [(a, "left_out") for a in active]
    assert {may.status(address, MAY) for address in active} == {"not_concerned"}
    assert may.status(f"{REPORT}/{VN}", MAY) == "done"
    assert may.show("2028/arsberattelse", MAY)["children"]["of"] == 8
    assert {entry["subject"] for entry in may.log(action="plan.left_out")} == set(active)
    with may.refused("state"):
        may.withdraw_board("2028", VN, MAY, reason="r")
    with may.unchanged(), pytest.raises(NotFound):
        may.withdraw_board("2028", "nowhere", MAY, reason="r")
    with may.refused("role", "reason"):
        may.withdraw_board("2028", SN, MAY, actor="reader")


def test_a_board_is_not_concerned_in_one_phase(may: Wheelhouse) -> None:
    assert may.withdraw(UNDER_WAY[1], MAY, reason="r", not_concerned=True).status == "not_concerned"
    assert UNDER_WAY[1] not in may.show(REPORT, MAY)["children"]["missing"]
    with may.unchanged(), pytest.raises(Usage, match="whole phase"):
        may.withdraw(REPORT, MAY, reason="r", not_concerned=True)
    may.tick("2028-05-10T09:30")
    told = {n.person_id for n in may.notices(UNDER_WAY[1], rule="withdrawn") if n.message_id}
    assert told == may.told(UNDER_WAY[1], "your_turn") != set()


def test_the_last_board_that_leaves_takes_an_optional_phase_with_it(house: Wheelhouse) -> None:
    """As the first one took it up: nobody waits for boards that do not come."""
    house.reopen("2028/inlamning", JANUARY, reason="r", boards=(SN, VN))
    done = house.withdraw(f"2028/inlamning/{SN}", JUNE, reason="r")
    assert (rules_of(done), done.more) == ([], {})
    done = house.withdraw(f"2028/inlamning/{VN}", JUNE, reason="r")
    assert [(row["address"], row["what"]) for row in done.more["plans"]] == [("2028/inlamning", "left_out")]
    assert house.status("2028/inlamning", JUNE) == "not_concerned"
    house.reopen(f"2028/inlamning/{SN}", JUNE, reason="after all")
    assert house.status("2028/inlamning", JUNE) != "not_concerned"


def test_so_does_a_board_that_leaves_the_whole_year(house: Wheelhouse) -> None:
    house.reopen(f"2028/inlamning/{SN}", JANUARY, reason="r")
    house.withdraw_board("2028", SN, JUNE, reason="it is no more")
    assert house.status("2028/inlamning", JUNE) == "not_concerned"


def test_a_phase_that_is_not_optional_says_that_its_last_board_has_left(copy_of: CopyOf) -> None:
    house = copy_of(started)
    for board in BOARDS[:-1]:
        house.withdraw(f"2028/arsberattelse/{board}", JUNE, reason="r")
    done = house.withdraw(f"2028/arsberattelse/{BOARDS[-1]}", JUNE, reason="r")
    assert "boards" in rules_of(done)
    assert house.status("2028/arsberattelse", JUNE) == "upcoming"


def test_a_board_is_named_as_people_name_it(house: Wheelhouse) -> None:
    house.reopen("2028/inlamning", JANUARY, reason="r", boards=("SN", "Valnämnden"))
    assert [house.status(f"2028/inlamning/{board}", JANUARY) for board in (SN, VN)] == ["upcoming", "upcoming"]
    house.withdraw_board("2028", "sn", JUNE, reason="it is no more")
    assert house.status(f"2028/inlamning/{SN}", JUNE) == "withdrawn"


def test_after_a_window_has_closed_no_board_is_reminded_of_it(copy_of: CopyOf) -> None:
    house = copy_of(opened)
    late = f"2028/window/{SN}"
    house.tick("2027-03-10T09:00")
    house.move_deadline(late, "2027-03-25", "2027-03-10T09:00", reason="in good time")
    assert [alarm for alarm in house.show(late, "2027-03-30T10:00")["agenda"] if alarm["what"] == "reminder"]
    house.tick("2027-04-01T10:00", confirmed_by="admin")
    assert house.plan("2028/window").state == "over"
    told = len(house.notices(late))
    shown = house.show(late, "2027-04-01T10:00")
    assert (shown["status"], [warning["rule"] for warning in shown["warnings"]]) == ("in_progress", ["boards"])
    with house.unit_of_work("2027-06-07T09:00") as uow:
        window = plans(uow, phase="window").plans
        assert {row.status for row in window} == {"done", "in_progress"}  # nobody is overdue
        assert {row.responsible for row in window} == {()}
    with house.refused("state"):
        house.remind(late, "2027-04-01T10:00")
    assert [alarm for alarm in house.show(late, "2027-04-01T10:00")["agenda"] if alarm["to"]] == []
    for day in ("2027-04-02T09:00", "2027-04-05T09:00", "2027-04-12T09:00", "2027-06-07T09:00"):
        house.tick(day, confirmed_by="admin")
    assert len(house.notices(late)) == told
    house.advance(late, "submit", "2027-06-07T10:00")  # what comes late can still be recorded


def test_a_window_that_is_opened_again_asks_its_boards_again(copy_of: CopyOf) -> None:
    house = copy_of(opened)
    late = f"2028/window/{SN}"
    house.tick("2027-03-10T09:00")
    house.move_deadline(late, "2027-03-25", "2027-03-10T09:00", reason="in good time")
    assert house.status(late, "2027-03-30T10:00") == "overdue"
    house.tick("2027-04-01T10:00", confirmed_by="admin")
    assert house.status(late, "2027-04-01T10:00") == "in_progress"
    house.withdraw("2028/window", "2027-04-01T11:00", reason="it was the wrong text", with_boards=False)
    assert house.status(late, "2027-04-01T11:00") == "overdue"


def test_the_last_day_of_a_window_that_the_calendar_closes_is_not_moved(house: Wheelhouse) -> None:
    with house.refused("date") as reasons:
        house.move_deadline("2028/window", "2027-05-03", "2027-03-10T09:00", state="open", reason="longer")
    assert str(reasons[0].facts["ends"]) == "2027-04-01"


def test_who_waits_for_the_whole_is_told_which_boards_can_mend_it(store: Store) -> None:
    house = Wheelhouse(store)
    waits = [{"rule": "R2", "phase": "uppdragsdialog", "reached": "held"}]
    house.definition = changed(vanersborg(), {"phase.mrp.step.decide.rules": waits})
    house.start()
    house.hold_dialogues("2028", "2027-05-03T09:00", but=(SN, KS))
    missing = [f"2028/uppdragsdialog/{board}" for board in (KS, SN)]
    [waiting] = house.blockers("2028/mrp", "2027-05-04T09:00")
    assert (list(waiting.facts["missing"]), set(waiting.who)) == (missing, {SN, KS})
    for board in (SN, KS):
        house.advance(f"2028/uppdragsdialog/{board}", "hold", "2027-05-04T10:00")
    [waiting] = house.blockers("2028/mrp", "2027-05-04T10:01")  # the boards have done what they could
    assert waiting.facts["missing"] == ("2028/uppdragsdialog",)
