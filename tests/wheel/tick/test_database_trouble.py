"""Trouble of the database itself is no plan's fault: nothing is counted against a plan, and all goes on by itself."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event, text

from tests.support.databases import CopyOf
from tests.support.wheelhouse import Wheelhouse
from wheel.database.store import Busy, Store, Unavailable, is_database_trouble
from wheel.errors import ArshjulError

OPENS = "2027-03-01T07:30"  # a Monday on which phases open, so that plans move and people are told


def begun(store: Store) -> Wheelhouse:
    house = Wheelhouse(store)
    house.start()
    house.tick("2027-02-27T09:00", confirmed_by="admin")
    return house


@pytest.fixture
def house(copy_of: CopyOf) -> Wheelhouse:
    return copy_of(begun)


@contextmanager
def every_move_raises(house: Wheelhouse, state: str) -> Iterator[None]:
    """PostgreSQL raises that SQLSTATE whenever a change of state is written."""
    raises = f"BEGIN RAISE EXCEPTION 'trouble' USING ERRCODE = '{state}'; END"
    with house.store.writing() as session:
        session.execute(text(f"CREATE FUNCTION trouble() RETURNS trigger LANGUAGE plpgsql AS $${raises}$$"))
        session.execute(
            text("CREATE TRIGGER trouble BEFORE INSERT ON state_change FOR EACH ROW EXECUTE FUNCTION trouble()")
        )
    yield
    with house.store.writing() as session:
        session.execute(text("DROP FUNCTION trouble() CASCADE"))


@contextmanager
def a_full_disk(house: Wheelhouse) -> Iterator[None]:
    """The SQLite file may not grow by a single page."""

    def limit(connection: object, *_: object) -> None:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")  # type: ignore[attr-defined]  # means: no more than now

    event.listen(house.store.engine, "begin", limit)
    yield
    event.remove(house.store.engine, "begin", limit)
    with house.store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 4294967294")


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ("53100", Unavailable),  # disk full
        ("53200", Unavailable),  # out of memory
        ("25006", Unavailable),  # read-only
        ("XX000", Unavailable),  # internal error
        ("58030", Unavailable),  # input or output error
        ("55P03", Busy),  # lock not available
        ("40001", Busy),  # serialization failure
        ("40P01", Busy),  # deadlock
    ],
)
def test_trouble_of_postgresql_is_counted_against_no_plan(
    house: Wheelhouse, state: str, kind: type[ArshjulError]
) -> None:
    with every_move_raises(house, state):
        for minute in range(30, 40):
            with pytest.raises(kind):
                house.tick(f"2027-03-01T07:{minute}")
        assert {house.row(address).tries for address in house.addresses()} == {0}
    assert house.tick("2027-03-01T07:41").moved
    assert house.log(action="plan.put_aside") == []


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
@pytest.mark.parametrize("state", ["22003", "23514", "P0001"])  # a number out of range, a check, a trigger's own word
def test_what_the_data_of_a_plan_raise_is_that_plans_trouble(
    house: Wheelhouse, state: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    with every_move_raises(house, state):
        assert house.tick(OPENS).moved == []
    assert 1 in {house.row(address).tries for address in house.addresses()}


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_full_disk_under_sqlite_is_counted_against_no_plan(house: Wheelhouse) -> None:
    def a_month() -> None:
        for day in range(1, 28):  # the free pages of the file last for a while
            house.tick(f"2027-03-{day:02}T07:30", confirmed_by="admin")

    with a_full_disk(house), pytest.raises(Unavailable, match="full"):
        a_month()
    assert {house.row(address).tries for address in house.addresses()} == {0}
    assert house.tick("2027-04-01T07:30", confirmed_by="admin").moved


def test_a_fault_of_the_program_or_of_the_data_is_no_trouble_of_the_database() -> None:
    assert not is_database_trouble(ValueError("a damaged date"))
    assert is_database_trouble(MemoryError())
