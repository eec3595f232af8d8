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
