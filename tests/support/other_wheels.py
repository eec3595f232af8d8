"""The wheels of tests/wheels, each written by hand from the sentences at its top, as houses to act in."""

from functools import cache
from pathlib import Path

from config.municipality.municipality import Municipality, load
from tests.support.wheelhouse import Wheelhouse
from wheel.database.store import Store
from wheel.database.tables import Meeting

WHEELS = Path(__file__).parents[1] / "wheels"


@cache
def loaded(name: str) -> Municipality:
    return load(WHEELS / name)


def house_of(name: str, store: Store) -> Wheelhouse:
    """The municipality of that folder with its meetings; its people are those of every Wheelhouse."""
    found = loaded(name)
    house = Wheelhouse(store, definition=found.definition)
    with store.writing() as session:
        session.add_all(Meeting(body=body, day=day) for body, days in found.meetings.items() for day in days)
    return house
