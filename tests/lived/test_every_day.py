"""Every day of years, one after the other: what must leave leaves on its day and hour, once, to who has the role.

What must is counted by hand (almanac.py and expecting.py in tests/support); the ladders come from the wheel files.
"""

from collections.abc import Iterator
from datetime import date, time, timedelta
from pathlib import Path

import pytest

import config.municipality.municipality
from config.municipality.municipality import load
from notifications.schedule import is_sending_time, next_sending
from tests.support import almanac
from tests.support.almanac import DAY, utc
from tests.support.databases import SqliteDatabases, tables
from tests.support.expecting import Rung
from tests.support.walking import Walk
from wheel.database.store import Store
from workflows.dates.workdays import Calendar

FIRST, LAST = date(2026, 1, 1), date(2030, 12, 31)
CALENDAR = Calendar("SE", "Europe/Stockholm")
CONFIG = Path(config.municipality.municipality.__file__).parents[1] / "samples"
ALL = ("responsible", "head", "chair", "administrators")
VANERSBORG = (
    Rung(-30, ("responsible",), longer_than=60), Rung(-7, ("responsible",)), Rung(-3, ("responsible",)),
    Rung(-1, ("responsible",)), Rung(0, ("responsible",)), Rung(1, ("responsible",)), Rung(3, ("responsible", "head")),
    Rung(7, ALL),
)  # fmt: skip
OSTERSUND = (
    Rung(-20, ("responsible",), longer_than=60), Rung(-5, ("responsible",)), Rung(0, ("responsible",)),
    Rung(3, ("responsible", "head")), Rung(7, ALL),
)  # fmt: skip
WHEELS = {
    "vanersborg": (VANERSBORG, ("2025", "2026", "2027", "mandat-2022")),
    "ostersund": (OSTERSUND, ("2025", "2026", "2027")),
}
# Besides the people of the files: one who leaves, one who comes after, and a substitute for a summer.
ROLES = [
    {"person_id": person, "role": "officer", "body": "ks", "valid_from": first, "valid_to": last, "instead_of": other}
    for person, first, last, other in (
        ("leaves", None, date(2027, 3, 14), None),
        ("comes", date(2027, 3, 15), None, None),
        ("meanwhile", date(2027, 5, 3), date(2027, 8, 8), "ks-officer"),
    )
]


def every(first: date, last: date) -> Iterator[date]:
    return (first + number * DAY for number in range((last - first).days + 1))


def walked(store: Store, wheel: str, first: date, last: date) -> Walk:
    ladder, cycles = WHEELS[wheel]
    walk = Walk(store, load(CONFIG / wheel), ladder)
    walk.begin(first, cycles, ROLES)
    for day in every(first, last):
        walk.live(day)
    walk.end()
    watch = walk.watch
    print(wheel, first, last, walk.figures, watch.reminders, "reminders", watch.overviews, "in overviews")
    return walk


@pytest.mark.parametrize("hour", ["00:00", "00:05", "02:00", "02:30", "03:00", "07:30", "23:59"])
def test_any_sending_hour_comes_once_on_each_working_day(hour: str) -> None:
    """Also the one that a night in March leaves out, and that comes twice in October."""
    clock, minute = time.fromisoformat(hour), timedelta(minutes=1)
    sent = utc(FIRST, time()) - minute
    for day in every(FIRST, LAST):
        at = utc(day, clock)
        assert CALENDAR.instant(day, clock) == at
        if almanac.is_day_off(day):
            assert not is_sending_time(CALENDAR, clock, at)
            continue
        assert next_sending(CALENDAR, clock, sent) == at
        assert is_sending_time(CALENDAR, clock, at)
        # A minute before it is yesterday, or too early.
        assert CALENDAR.local_date(at - minute) < day or not is_sending_time(CALENDAR, clock, at - minute)
        sent = at


def test_from_an_election_to_the_next_summer(sqlite_databases: SqliteDatabases) -> None:
    """With the new council's October, both changes of the clock, and the budget's way to the council. `make slow` has
    five whole years."""
    with sqlite_databases.copy(tables) as (store, _):
        walk = walked(store, "vanersborg", date(2026, 10, 1), date(2027, 6, 30))
    assert walk.watch.findings == []
    assert walk.figures.days == 273
    assert walk.watch.reminders > 700


@pytest.mark.slow
@pytest.mark.parametrize("wheel", list(WHEELS))
def test_every_day_from_2026_to_2030(store: Store, wheel: str) -> None:
    walk = walked(store, wheel, FIRST, LAST)
    assert walk.watch.findings == []
    assert walk.figures.days == 1826
