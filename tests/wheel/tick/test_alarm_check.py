"""The daily check: an alarm that something forgot to set is found, and what is in order is left alone."""

import pytest

from tests.support.databases import CopyOf
from tests.support.wheelhouse import Wheelhouse, instant
from wheel.database.store import Store
from wheel.tick.alarm_check import BATCH, check_alarms
from workflows.dates.instants import utc

AT = "2027-03-01T09:00"


def begun(store: Store) -> Wheelhouse:
    house = Wheelhouse(store)
    house.start()
    house.tick(AT)
    return house


@pytest.fixture
def house(copy_of: CopyOf) -> Wheelhouse:
    return copy_of(begun)


def check(house: Wheelhouse, at: str) -> list[str]:
    return check_alarms(house.store, house.mail, instant(at))


def test_nothing_is_mended_where_every_alarm_is_right(house: Wheelhouse) -> None:
    with house.unchanged():
        assert check(house, "2027-03-01T09:30") == []


def test_a_lost_alarm_is_set_again_and_stands_in_the_log(house: Wheelhouse) -> None:
    due = {address: house.row(address).wake_at for address in ("2028/ramar", "2028/uppdragsdialog")}
    was = {"2028/ramar": None, "2028/uppdragsdialog": instant("2030-01-01T00:00")}
    for address, wake_at in was.items():
        house.set_plan(address, wake_at=wake_at)
    assert sorted(check(house, "2027-03-01T09:30")) == ["2028/ramar", "2028/uppdragsdialog"]
    told = {entry["subject"]: entry["data"] for entry in house.log(action="alarm.mended")}
    assert told == {
        address: {"was": wake_at and utc(wake_at), "due": utc(at)}
        for (address, wake_at), at in zip(was.items(), due.values(), strict=True)
        if at
    }
    house.tick("2027-04-01T09:00")
    assert house.row("2028/uppdragsdialog").state == "open"
    assert house.told("2028/ramar", "ladder")


def test_a_plan_with_something_due_and_no_alarm_is_looked_at_again_at_the_next_tick(house: Wheelhouse) -> None:
    due = house.row("2028/uppdragsdialog").wake_at
    assert due is not None
    house.set_plan("2028/uppdragsdialog", wake_at=None)
    before = {address: house.row(address).wake_at for address in house.addresses()}
    assert check_alarms(house.store, house.mail, due) == []
    after = {address: house.row(address).wake_at for address in house.addresses()}
    assert after == {**before, "2028/uppdragsdialog": due}
    assert not house.log(action="alarm.mended")


def test_it_goes_on_beyond_the_plans_of_one_transaction(store: Store) -> None:
    house, at = Wheelhouse(store), "2034-11-04T10:00"
    for year in range(2029, 2036):
        house.open(str(year), f"{year - 2}-11-02T09:00")
    house.start("2036")
    house.tick(at)
    plans = [house.plan(address) for address in house.addresses()]
    first, *_, last = [plan for plan in plans if plan.wake_at and plan.wake_at > instant(at)]
    assert plans.index(last) > BATCH > plans.index(first)
    for plan in (first, last):
        house.set_plan(plan.address, wake_at=None)
    assert check(house, at) == [first.address, last.address]
    assert check(house, at) == []
