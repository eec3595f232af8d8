"""The desk: an act that the database ends because two wait for each other is done again."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import psycopg
import pytest
from sqlalchemy import text

from tests.support.databases import CopyOf
from tests.support.installed import until
from tests.support.wheelhouse import Wheelhouse, instant
from wheel.actions import hold as hold_verb
from wheel.actions.record import Act, record_acts
from wheel.database.store import Deadlock, Store
from wheel.engine.decisions import DecisionForm
from wheel.engine.desk import DEADLOCKS
from wheel.engine.request_and_result import Request, Result
from wheel.engine.unit_of_work import UnitOfWork

AT = "2027-03-01T09:00"
LOCK = "SELECT id FROM plan WHERE address = '{}' FOR UPDATE"
MINE, OTHERS = LOCK.format("2028/mrp"), LOCK.format("2028/ramar")
HELD = Request("admin", instant(AT), "waits for the council")


def begun(store: Store) -> Wheelhouse:
    house = Wheelhouse(store)
    house.start()
    house.tick(AT)
    return house


@pytest.fixture
def house(copy_of: CopyOf) -> Wheelhouse:
    return copy_of(begun)


@pytest.fixture
def other(house: Wheelhouse) -> Iterator[psycopg.Connection]:
    """Somebody else's connection, which never sees a deadlock itself: it is the act that the database ends."""
    url = house.store.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with closing(psycopg.connect(url)) as connection:
        connection.execute("SET deadlock_timeout = '10min'")
        connection.commit()
        yield connection


POSTGRESQL = pytest.mark.parametrize("database_kind", [pytest.param("postgresql", marks=pytest.mark.postgresql)])


class Rival:
    """Somebody who has locked one plan and waits for another, so that who has locked that one must not wait."""

    def __init__(self, other: psycopg.Connection, pool: ThreadPoolExecutor) -> None:
        self.other, self.pool = other, pool
        self.tries = 0

    def waits_once(self, uow: UnitOfWork, mine: str, others: str) -> None:
        """At the first try. `mine`: the plan that this act has locked afterwards."""
        self.tries += 1
        uow.session.execute(text(mine))
        if self.tries > 1:
            return
        self.other.execute(others)
        self.pool.submit(self._lock, mine)
        until(lambda: self._waits(uow), "the other one waits for this plan")
        uow.session.execute(text("SET LOCAL deadlock_timeout = '10ms'"))

    def _lock(self, plan: str) -> None:
        self.other.execute(plan)
        self.other.commit()

    def _waits(self, uow: UnitOfWork) -> bool:
        uow.session.execute(text("SELECT pg_stat_clear_snapshot()"))  # else a transaction sees what it saw first
        query = text("SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = :pid")
        return bool(uow.session.scalar(query, {"pid": self.other.info.backend_pid}))


@POSTGRESQL
def test_an_act_that_a_deadlock_ended_is_done_again(house: Wheelhouse, other: psycopg.Connection) -> None:
    with ThreadPoolExecutor(1) as pool:
        rival = Rival(other, pool)

        def hold(uow: UnitOfWork, request: Request) -> Result:
            rival.waits_once(uow, MINE, OTHERS)
            uow.session.execute(text(OTHERS))
            return hold_verb.hold(uow, HELD, "2028/mrp")

        done = house.desk.carry_out(HELD, "2028/mrp", "hold", hold)
    assert rival.tries == 2
    assert done.address == "2028/mrp"
    assert house.plan("2028/mrp").held
    assert len(house.log("2028/mrp", "plan.held")) == 1
    assert house.verified()


@POSTGRESQL
def test_a_table_that_a_deadlock_ended_in_one_of_its_rows_is_recorded_again(
    house: Wheelhouse, other: psycopg.Connection
) -> None:
    boards = [f"2028/namndforslag/{board}" for board in ("socialnamnden", "valnamnden", "byggnadsnamnden")]
    acts = [Act(row, address, "draft", None, DecisionForm(), None, "") for row, address in enumerate(boards, 2)]
    at = Request("admin", instant("2027-03-15T09:00"))
    with ThreadPoolExecutor(1) as pool:
        rival = Rival(other, pool)

        def record(uow: UnitOfWork, request: Request) -> Result:
            rival.waits_once(uow, LOCK.format(boards[0]), LOCK.format(boards[1]))
            return record_acts(uow, request, acts)

        done = house.desk.carry_out(at, "acts.csv", "record", record)
    assert rival.tries == 2
    assert [row.result.state for row in done.rows] == ["draft"] * 3
    assert [len(house.log(address, "plan.advanced")) for address in boards] == [2] * 3  # it was opened, and drafted
    assert house.verified()


def test_an_act_that_meets_nothing_but_deadlocks_gives_up(house: Wheelhouse) -> None:
    tries: list[bool] = []

    def never(uow: UnitOfWork, request: Request) -> Result:
        tries.append(True)
        raise Deadlock("two wait for each other")

    with house.unchanged(), pytest.raises(Deadlock):
        house.desk.carry_out(HELD, "2028/mrp", "hold", never)
    assert len(tries) == 1 + DEADLOCKS
