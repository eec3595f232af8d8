"""The daily check of the log finds and names a change by hand; a log of an older version begins to state rows."""

from unittest.mock import ANY

import pytest
from sqlalchemy import text, update
from sqlmodel import col

from tests.support.databases import CopyOf
from tests.support.wheelhouse import Wheelhouse, instant
from wheel.actions.whole_database import take_over
from wheel.database.store import Store
from wheel.database.tables import CheckpointRow, Decision
from wheel.engine.request_and_result import Request
from wheel.errors import RefusedError
from wheel.past import checkpoints
from wheel.past.as_of import as_of
from wheel.past.proof import last_check, prove
from wheel.tick.log_check import check_log

NO_GUARD = {
    "sqlite": "DROP TRIGGER log_entry_no_update",
    "postgresql": "DROP TRIGGER log_entry_append_only ON log_entry",
}
AT = "2027-03-01T09:00"


def begun(store: Store) -> Wheelhouse:
    """People come into this house without acts, as with a log that an older version has begun."""
    house = Wheelhouse(store)
    house.start()
    house.tick(AT)
    check(house)
    return house


@pytest.fixture
def house(copy_of: CopyOf) -> Wheelhouse:
    return copy_of(begun)


def check(house: Wheelhouse, at: str = AT) -> dict[str, object]:
    return check_log(house.store, house.mail, instant(at))


def fault(house: Wheelhouse) -> dict[str, object]:
    with house.unit_of_work(AT) as uow:
        return last_check(uow.home.log_fault).fault


def test_a_log_that_stated_no_rows_states_them_all_from_the_first_check_on(house: Wheelhouse) -> None:
    [taken] = house.log(action="tables.taken_over")
    assert taken["actor"] == "daemon"
    with house.store.reading() as session:
        assert prove(session).differences == ()
    with as_of(house.store, instant("2027-03-02T00:00")) as past, past.reading() as session:
        assert session.execute(text("SELECT count(*) FROM plan")).scalar() == len(house.addresses())


def test_where_all_agrees_the_home_keeps_when_it_was_checked_and_the_log_has_no_entry(house: Wheelhouse) -> None:
    size = len(house.log())
    assert check(house, "2027-03-02T06:00") == {}
    assert len(house.log()) == size
    with house.unit_of_work(AT) as uow:
        found = last_check(uow.home.log_fault)
    assert found == (instant("2027-03-02T06:00"), size, {})


def test_what_an_older_version_kept_of_a_fault_is_still_known() -> None:
    old = {"message": "Entry {seq} is missing.", "facts": {"seq": 7}}
    assert last_check(old) == (None, 0, old)
    assert last_check(None) == (None, 0, {})


def test_a_change_by_hand_is_found_kept_for_status_and_ends_when_it_is_taken_back(house: Wheelhouse) -> None:
    state = house.row("2028/mrp").state
    house.set_plan("2028/mrp", state="adopted")
    found = check(house)
    assert found["facts"] == {"count": 1, "rows": ["2028/mrp"]}
    assert fault(house) == found
    assert house.log(action="log.checked")[-1]["data"] == {"fault": found}
    house.set_plan("2028/mrp", state=state)
    assert check(house) == {} == fault(house)


BY_HAND = {
    "decision": "UPDATE decision SET point = '9'",
    "role": "UPDATE role SET valid_to = '2099-01-01' WHERE id = 1",
    "meeting": "INSERT INTO meeting (body, day) VALUES ('ks', '2027-05-05')",
    "cycle": "UPDATE cycle SET year = 2099",
    "state_change": "UPDATE state_change SET undone = NOT undone",
    "person": "INSERT INTO person (id, name, email, language) VALUES ('x', 'x', '', 'sv')",
}


@pytest.mark.parametrize("sql", BY_HAND.values(), ids=BY_HAND.keys())
def test_rows_of_every_table_are_compared(house: Wheelhouse, sql: str) -> None:
    with house.store.writing() as session:
        session.execute(text(sql))
    assert check(house)["facts"] == {"count": 1, "rows": ANY}
    adopt(house)
    assert check(house) == {}


def adopt(house: Wheelhouse, actor: str = "admin", reason: str = "the test") -> None:
    request = Request(actor, instant(AT), reason)
    house.desk.carry_out(request, "home", "take-over", take_over)


def test_an_administrator_may_say_that_the_tables_are_right(house: Wheelhouse) -> None:
    with house.store.writing() as session:
        session.execute(update(Decision).values(paragraph="42"))
    house.set_plan("2028/mrp", stages={})
    check(house)
    with pytest.raises(RefusedError):
        adopt(house, actor="reader")
    adopt(house)
    assert fault(house) == check(house) == {}
    taken = house.log(action="tables.taken_over")[-1]
    assert (taken["actor"], taken["data"]["reason"], taken["data"]["rows"]) == ("admin", "the test", 2)


def test_a_chain_that_is_broken_is_found_without_a_command(house: Wheelhouse) -> None:
    with house.store.writing() as session:
        session.execute(text(NO_GUARD[house.store.dialect]))
        session.execute(text("UPDATE log_entry SET subject = 'home' WHERE seq = 5"))
    assert check(house)["facts"] == {"seq": 5}


def test_a_checkpoint_that_is_not_what_the_log_says_is_made_again(
    house: Wheelhouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "EVERY", 40)
    checkpoints.keep_due(house.store)
    with house.store.writing() as session:
        session.execute(update(CheckpointRow).where(col(CheckpointRow.table) == "plan").values(row={"state": "x"}))
    assert check(house) == {}
    assert house.log(action="checkpoints.mended")
    with house.store.reading() as session:
        assert checkpoints.numbers(session)
        assert prove(session).wrong_checkpoints == ()
