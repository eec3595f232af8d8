"""The past and the proof by the installed command: `--at`, `log verify` after a change by hand, `log take-over`."""

from pathlib import Path

import pytest

from tests.support.installed import Arshjul, at

ADMIN = ("--actor", "admin")
NOW = at("2027-01-12")


@pytest.fixture
def home(tmp_path: Path) -> Arshjul:
    home = Arshjul(tmp_path / "home")
    home.done("init", "--practice", "--email", "admin@example.se", now=at("2026-11-02", "08:00"))
    home.done("open", "2028", *ADMIN, now=at("2026-11-02"))
    cited = ("--decision", "KS 2026-11-25 § 201, dnr KS 2026/300", "--outcome", "adopted")
    home.done("advance", "2028/tidsplan", "decide", *cited, *ADMIN, now=at("2026-11-26"))
    home.done("tick", now=at("2027-01-11"))
    return home


def test_a_past_day_is_shown_with_its_heading(home: Arshjul) -> None:
    code, said, _ = home.text("show", "2028/tidsplan", "--at", "2026-11-20", now=NOW)
    assert (code, said.splitlines()[0]) == (0, "As it stood at the end of 20 November 2026:")
    assert "State: Draft (draft)" in said
    assert home.done("show", "2028/tidsplan", "--at", "2026-11-26", now=NOW)["state"] == "decided"
    assert home.done("decisions", "--at", "2026-11-25", now=NOW)["decisions"] == []
    assert len(home.done("decisions", "--at", "2026-11-26", now=NOW)["decisions"]) == 1
    assert home.done("plans", "--at", "2027-01-12", now=NOW) == home.done("plans", now=NOW)


@pytest.mark.parametrize(("day", "code"), [("2026-11-01", 4), ("2027-01-13", 2), ("2026-02-30", 2)])
def test_a_day_that_nobody_knows_is_refused(home: Arshjul, day: str, code: int) -> None:
    assert home("plans", "--at", day, now=NOW).code == code


def test_a_change_by_hand_is_named_and_can_be_taken_over(home: Arshjul) -> None:
    home.change("UPDATE plan SET mark = 'withdrawn' WHERE address = '2028/mrp'")
    told = home("log", "verify")
    assert told.code == 7
    assert told.document["differences"] == [
        {"row": "2028/mrp", "logged": {"mark": None}, "stored": {"mark": "withdrawn"}}
    ]
    code, said, error = home.text("log", "verify")
    assert code == 7
    assert '2028/mrp: mark is "withdrawn" in the table, and null in the log' in said + error
    assert home("log", "take-over", *ADMIN, now=NOW).code == 3
    home.done("log", "take-over", "--reason", "mended by hand", *ADMIN, now=NOW)
    assert home.done("log", "verify")["ok"]
    assert home("log", "take-over", "--reason", "again", *ADMIN, now=NOW).code == 2
    assert home.done("show", "2028/mrp", "--at", "2027-01-11", now=NOW)["status"] != "withdrawn"


def test_today_too_is_told_by_the_log_and_not_by_the_tables(home: Arshjul) -> None:
    home.change("UPDATE plan SET mark = 'withdrawn' WHERE address = '2028/mrp'")
    assert home.done("show", "2028/mrp", now=NOW)["status"] == "withdrawn"
    assert home.done("show", "2028/mrp", "--at", "2027-01-12", now=NOW)["status"] == "upcoming"
    _, said, _ = home.text("show", "2028/mrp", "--at", "2027-01-12", now=NOW)
    assert said.splitlines()[0] == "As it stands so far on 12 January 2027:"


def test_the_first_day_that_the_log_tells_of_is_named(tmp_path: Path) -> None:
    home = Arshjul(tmp_path / "home")
    home.done("init", "--practice", "--email", "admin@example.se", now=at("2026-12-01"))
    home.done("open", "2028", *ADMIN, now=at("2026-11-02"))  # in practice the clock may be set back
    code, _, error = home.text("plans", "--at", "2026-11-01", now=NOW)
    assert (code, "from 2 November 2026 on" in " ".join(error.split())) == (4, True)
    assert home("plans", "--at", "2026-11-02", now=NOW).code == 0


@pytest.mark.parametrize(
    ("statement", "row", "stored"),
    [
        ("UPDATE decision SET meeting = 'i går'", "decision 1", {"meeting": "i går"}),
        ("UPDATE plan SET stages = '{oops' WHERE address = '2028/mrp'", "2028/mrp", {"stages": "{oops"}),
        ("UPDATE cycle SET opened_at = '2026-01-01'", "cycle 1", {"opened_at": "2026-01-01"}),
    ],
)
def test_a_cell_that_cannot_be_read_is_a_difference_that_nobody_can_take_over(
    home: Arshjul, statement: str, row: str, stored: dict[str, str]
) -> None:
    home.change(statement)
    told = home("log", "verify")
    assert told.code == 7
    [difference] = told.document["differences"]
    assert (difference["row"], difference["stored"]) == (row, stored)
    assert home("log", "take-over", "--reason", "x", *ADMIN, now=NOW).code == 2


@pytest.mark.parametrize(
    "statement", ["UPDATE definition SET body = replace(body, 'Mål', 'Mol')", "UPDATE definition SET sha256 = 'x'"]
)
def test_a_definition_that_was_changed_by_hand_is_not_that_of_the_log(home: Arshjul, statement: str) -> None:
    home.change(statement)
    told = home("log", "verify")
    assert told.code == 7
    assert [difference["row"].partition(" ")[0] for difference in told.document["differences"]] == ["definition"]
