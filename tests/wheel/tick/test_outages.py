"""A stop of the daemon, and mail that waits, stand in the log once."""

import pytest
from sqlalchemy import update

from tests.support.databases import CopyOf
from tests.support.dialogue import with_open_dialogues
from tests.support.wheelhouse import Wheelhouse, instant
from wheel.database.store import Store
from wheel.database.tables import Home


def begun(store: Store) -> Wheelhouse:
    return with_open_dialogues(store)


@pytest.fixture
def house(copy_of: CopyOf) -> Wheelhouse:
    return copy_of(begun)


def test_a_stop_of_the_daemon_stands_in_the_log(house: Wheelhouse) -> None:
    with house.store.writing() as session:
        session.execute(update(Home).values(practice=False, last_tick=instant("2027-05-20T08:00")))
    for at in ("2027-05-20T08:03", "2027-05-20T08:07", "2027-05-20T08:08"):
        house.tick(at)
    assert [e["data"] for e in house.log("home", "tick.delayed")][-1:] == [{"since": "2027-05-20T06:03:00Z"}]


def test_mail_that_waits_for_half_an_hour_stands_in_the_log_once(house: Wheelhouse) -> None:
    with house.store.writing() as session:
        session.execute(update(Home).values(practice=False))
    house.tick("2027-05-20T07:30")
    for minute in range(58, 63):
        house.tick(f"2027-05-20T{7 + minute // 60:02}:{minute % 60:02}")
    [entry] = house.log("home", "mail.delayed")
    assert (entry["at"], entry["data"]["since"]) == ("2027-05-20T06:01:00Z", "2027-05-20T05:30:00Z")
