"""`arshjul wheel`: a year's deadlines as a list, and as a drawing in a file."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.support.installed import Arshjul

OPENED = "2026-11-02T09:00+01:00"
NOW = "2027-02-01T09:00+01:00"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Arshjul:
    home = Arshjul(tmp_path_factory.mktemp("wheel") / "var")
    home.done("init", "--practice", now=OPENED)
    home.done("open", "2028", "--actor", "admin", now=OPENED)
    return home


def test_the_list_has_a_row_for_each_arc_of_the_drawing(home: Arshjul, tmp_path: Path) -> None:
    rows = home.done("wheel", "2027", now=NOW)["rows"]
    for size in ("page", "poster", "mini"):
        file = tmp_path / f"{size}.svg"
        assert home.done("wheel", "2027", "--out", file, "--size", size, now=NOW)["file"] == str(file)
        arcs = [each for each in ElementTree.parse(file).iter() if each.get("data-plan")]
        assert [(each.get("data-plan"), each.get("data-state"), each.get("data-status")) for each in arcs] == [
            (row["address"], row["state"], row["status"]) for row in rows
        ]
    statuses = {plan["address"]: plan["status"] for plan in home.done("plans", "--cycle", "2028", now=NOW)["plans"]}
    assert {row["status"] for row in rows} <= {"draft", "upcoming", "in_progress", "overdue"}
    assert [row["status"] for row in rows if row["address"] == "2028/ramar"][:1] == [statuses["2028/ramar"]]


def test_a_file_is_what_its_ending_says_and_is_replaced_only_by_force(home: Arshjul, tmp_path: Path) -> None:
    for ending, begins in ((".png", b"\x89PNG"), (".pdf", b"%PDF"), (".SVG", b"<svg")):
        file = tmp_path / f"hjul{ending}"
        home.done("wheel", "2027", "--out", file, now=NOW)
        assert file.read_bytes().startswith(begins)
        assert home("wheel", "2027", "--out", file, now=NOW).code == 2
        home.done("wheel", "2027", "--out", file, "--force", now=NOW)


@pytest.mark.parametrize(
    "words",
    [
        ("2027", "--out", "hjul.jpg"),
        ("2027", "--out", "hjul.pdf", "--size", "mini"),
        ("2027", "--size", "mini"),
        ("2027", "--out", "hjul.svg", "--paper", "a4"),
        ("1999",),
        ("2100",),
    ],
)
def test_what_cannot_be_drawn_is_refused(home: Arshjul, words: tuple[str, ...]) -> None:
    assert home("wheel", *words, now=NOW).code == 2


def test_a_past_day_is_drawn_as_it_stood(home: Arshjul) -> None:
    then = home.done("wheel", "2027", "--at", "2026-11-02", now=NOW)
    assert then == home.done("wheel", "2027", now="2026-11-02T23:59+01:00")
    assert home("wheel", "2027", "--at", "2027-03-01", now=NOW).code == 2
