"""One gate: no plan changes its state unless the machine has allowed it, and nothing else writes a state."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest

import wheel.engine.transition
from tests.support.databases import CopyOf
from tests.support.timetabling import Council, renamed
from tests.support.wheelhouse import Wheelhouse
from wheel.database.store import Store
from wheel.errors import RefusedError
from workflows.rules import machine
from workflows.rules.machine import Refused
from workflows.rules.named_rules import Reason

WHEEL = Path(wheel.engine.transition.__file__).parents[1]
DIALOGUE = "2028/uppdragsdialog/socialnamnden"


def begun(store: Store) -> Wheelhouse:
    """One dialogue is left, the MRP is before KF."""
    house = Wheelhouse(store)
    house.start()
    house.walk("2028/ramar", "sent_out", "2027-02-24T15:00")
    house.hold_dialogues("2028", "2027-05-03T09:00", but=("socialnamnden",))
    house.walk("2028/mrp", "kf", "2027-06-02T13:00")
    return house


@pytest.fixture
def house(copy_of: CopyOf) -> Wheelhouse:
    return copy_of(begun)


def states(house: Wheelhouse) -> dict[str, tuple[str, int]]:
    return {address: (house.row(address).state, house.row(address).entry) for address in house.addresses()}


def test_where_the_machine_refuses_no_verb_moves_a_plan(house: Wheelhouse, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = house.log("2028/mrp", "plan.advanced")[-1]["seq"]
    monkeypatch.setattr(machine, "decide", lambda *_: Refused((Reason("machine", "no"),)))
    before, at = states(house), "2027-06-16T19:00"
    with house.refused("machine"):
        house.advance("2028/mrp", "decide", at, body="kf", reason="r", anyway=True)
    with house.refused("machine"):
        house.advance(DIALOGUE, "hold", at)
    with house.refused("machine"):
        house.send_back("2028/mrp", at, body="kf", reason="r", new_date="2027-08-20")
    with house.refused("machine"):
        house.reopen("2028/mrp", at, reason="r")
    with house.refused("machine"):
        house.undo(entry, at)
    with house.refused("machine"):
        house.open("2029", at)
    assert states(house) == before


def test_where_the_machine_refuses_neither_calendar_nor_join_moves_a_plan(
    house: Wheelhouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.advance(DIALOGUE, "hold", "2027-06-16T19:00")  # the last one: the join is due in the next tick
    before = states(house)
    with monkeypatch.context() as refusing:
        refusing.setattr(machine, "decide", lambda *_: Refused((Reason("machine", "no"),)))
        house.tick("2027-10-01T09:00")
    assert {address: state for address, state in states(house).items() if address in before} == before
    house.tick("2027-10-01T12:00")
    assert states(house) != before


def test_where_the_machine_refuses_no_plan_is_migrated(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    council = Council(store)
    before = states(council)
    council.definition = renamed(council.definition, "ramar", "draft", "drafted")
    monkeypatch.setattr(machine, "decide", lambda *_: Refused((Reason("machine", "no"),)))
    with pytest.raises(RefusedError):
        council.migrates("2028", "2026-12-01T09:00", maps={"draft": "drafted"})
    assert states(council) == before


def _writers(tree: ast.AST) -> list[int]:
    """The lines that give a plan a state: by saving or changing one, or by a statement on the table of plans."""
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
        writes = node.func.attr in ("save", "changed", "_replace") or (
            node.func.attr in ("values", "execute") and names & {"PLAN", "PlanRow"} and names & {"update", "insert"}
        )
        keys: set[Any] = {keyword.arg for keyword in node.keywords}
        keys |= {each.value for each in ast.walk(node) if isinstance(each, ast.Constant)}
        if writes and "state" in keys:
            found.append(node.lineno)
    return found


def test_no_other_code_writes_a_plans_state() -> None:
    found = {
        file.relative_to(WHEEL).as_posix(): lines
        for file in sorted(WHEEL.rglob("*.py"))
        if "migrations" not in file.parts and (lines := _writers(ast.parse(file.read_text(encoding="utf-8"))))
    }
    assert found == {}
    assert _writers(ast.parse("uow.save(plan, state='adopted')")) == [1]
    assert _writers(ast.parse("session.execute(update(PLAN).values(state='adopted'))")) != []


def test_only_the_transition_asks_the_machine() -> None:
    asks = re.compile(r"machine\.decide\(|import .*\bdecide\b")
    asking = [
        file.relative_to(WHEEL).as_posix()
        for file in sorted(WHEEL.rglob("*.py"))
        if asks.search(file.read_text(encoding="utf-8"))
    ]
    assert asking == ["engine/transition.py"]


def test_a_state_is_not_saved_without_a_moved(house: Wheelhouse) -> None:
    with house.unchanged(), house.unit_of_work("2027-06-16T19:00") as uow, pytest.raises(TypeError):
        uow.save(uow.plan("2028/mrp"), state="adopted")
