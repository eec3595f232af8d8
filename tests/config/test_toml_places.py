"""A place in an applied wheel is shown as it stands in the file."""

import tomllib

import pytest

from config.municipality.toml_lines import TomlFile

WHEEL = """
[phase.lage]
[phase.lage.series]
every = "month"
only = [2, 5]
[phase.lage.series.member.5]
source = "its own"
state.done.last = { date = "May Y", source = "its own" }
[phase.lage.state]
open.last = { date = "undecided", source = "x" }
[variant.late]
source = "x"
years = [2027]
[variant.late.phase.lage.state]
open.opens = { date = "1 May Y", source = "x" }
"""


@pytest.mark.parametrize(
    ("phase", "rest", "shown", "line"),
    [
        ("lage-05", ("state", "open", "last"), "phase.lage.state.open.last", 10),
        ("lage-02", ("state", "open", "last"), "phase.lage.state.open.last", 10),
        ("lage-05", ("state", "done", "last"), "phase.lage.series.member.5.state.done.last", 8),
        ("lage-05", ("source",), "phase.lage.series.member.5.source", 7),
        ("lage-02", ("state", "open", "opens"), "variant.late.phase.lage.state.open.opens", 15),
    ],
)
def test_a_members_place_is_the_one_that_is_in_the_file(
    phase: str, rest: tuple[str, ...], shown: str, line: int
) -> None:
    file = TomlFile("wheel.toml", WHEEL, tomllib.loads(WHEEL)).resolved(("late",))
    place = ("phase", phase, *rest)
    assert (file.shown(place), file.line(place)) == (shown, line)
