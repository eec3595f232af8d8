"""Phases with boards, holds and flags as people see them in the console, in both languages."""

from pathlib import Path

import pytest

from wheel.console.main import main

KS = ["--body", "ks", "--paragraph", "31", "--diary", "KS 2026/300", "--outcome", "adopted"]


class Console:
    def __init__(self, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.home, self.capsys = home, capsys

    def __call__(self, line: str, *words: str, day: str, lang: str = "en", code: int = 0) -> str:
        """Its answer, in one line."""
        where = ["--home", str(self.home), "--now", f"{day}T09:00+01:00", "--lang", lang]
        writes = line.split()[0] not in ("plans", "show", "init", "check")
        found = main([*line.split(), *words, *(["--actor", "admin"] if writes else []), *where])
        out, err = self.capsys.readouterr()
        assert found == code, f"{line}: {out}{err}"
        return " ".join((out + err).split())


@pytest.fixture
def console(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Console:
    """The sample's year 2028, with a decided timetable, on 2 March."""
    run = Console(tmp_path / "var", capsys)
    run("init --practice", day="2026-11-02")
    run("open 2028", day="2026-11-02")
    run("advance 2028/tidsplan decide --date 2026-11-04", *KS, day="2026-11-05")
    run("tick --confirm", day="2027-03-02")
    return run


def test_an_act_on_a_phase_asks_about_its_boards_in_the_readers_language(console: Console) -> None:
    asked = console("hold 2028/verksamhetsplan --reason x", day="2027-03-02", code=2)
    assert asked.endswith("State whether they follow. Use --with-boards or --without-boards.")
    asked = console("withdraw 2028/verksamhetsplan --reason x", day="2027-03-02", lang="sv", code=2)
    assert asked.endswith("Ange om de ska följa med. Använd --with-boards eller --without-boards.")


def test_a_hold_is_said_and_listed(console: Console) -> None:
    done = console("hold 2028/verksamhetsplan --with-boards --reason x", day="2027-03-02")
    assert "Status: upcoming, paused" in done
    assert "2028/verksamhetsplan/* (9 boards): paused" in done
    assert console("plans --held", day="2027-03-02", lang="sv").count("kommande, pausad") == 10


def test_a_board_leaves_a_cycle(console: Console) -> None:
    done = console("withdraw 2028 --board valnamnden --not-concerned --reason x", day="2027-03-02", lang="sv")
    assert "2028/arsberattelse/valnamnden: berörs inte längre" in done
    asked = console("withdraw 2028 --reason x", day="2027-03-02", code=2)
    assert "2028 is a whole cycle" in asked
    asked = console("withdraw 2028/arsberattelse --board ks --reason x", day="2027-03-02", code=2)
    assert "2028/arsberattelse/ks" in asked


def test_a_flag_is_seen_and_taken_off(console: Console) -> None:
    console("advance 2028/ramar decide --date 2027-02-24", *KS, day="2027-03-02")
    console("reopen 2028/ramar --new-date 2027-03-24 --reason forecast", day="2027-03-03")
    assert "in progress, look again 2028/mrp" in console("plans --flagged", day="2027-03-03")
    said = console("show 2028/mrp", day="2027-03-03", lang="sv")
    assert "Status: pågår, ses över" in said
    assert "! Se över planen: 2028/ramar öppnades igen (2027-03-03 09:00). Motivering: forecast" in said
    console("unflag 2028/mrp --reason stands", day="2027-03-04")
    assert "Look at the plan again" not in console("show 2028/mrp", day="2027-03-04")
    assert "The plan has no flag." in console("unflag 2028/mrp --reason stands", day="2027-03-04", code=3)


def test_a_board_that_comes_back_is_counted_again(console: Console) -> None:
    for board in ("ks", "socialnamnden"):
        console(f"withdraw 2028 --board {board} --reason x", day="2027-03-02")
    assert "0 of 7 boards are done" in console("show 2028/namndforslag", day="2027-03-02")
    console("reopen 2028/namndforslag/ks --reason x", day="2027-03-02")
    assert "0 av 8 nämnder är klara" in console("show 2028/namndforslag", day="2027-03-02", lang="sv")


NEW_BOARD = """
[body.fritidsnamnden]
name = { sv = "Fritidsnämnden", en = "The leisure board" }
short = "FN"
kind = "board"
begins = 2027-05-01
"""
MARCH = "2027-03-02"


@pytest.mark.parametrize("first", ["contact", "migration"])
def test_a_board_that_is_added_in_the_year_gets_its_contact_before_it_has_plans_or_after(
    console: Console, first: str
) -> None:
    contact = "people add fritid-1 --email fritid@example.se --role officer --body FN --from 2027-05-01"
    migration = "migrate 2028 --yes --reason x"
    refused = console(contact, day=MARCH, code=2)
    assert "The body FN is not in wheel.toml. Add it there first" in refused
    wheel = console.home / "municipality" / "wheel.toml"
    wheel.write_text(wheel.read_text(encoding="utf-8") + NEW_BOARD, encoding="utf-8")
    lacking = "fritidsnamnden has steps to take but no contact."
    assert lacking in console("check", day=MARCH)
    console(contact if first == "contact" else migration, day=MARCH)
    assert (lacking in console("check", day=MARCH)) == (first == "migration")
    console(migration if first == "contact" else contact, day=MARCH)
    assert lacking not in console("check", day=MARCH)
    assert lacking not in console("check --year 2029", day=MARCH)
    console("advance 2028/verksamhetsplan/fritidsnamnden withdraw", day=MARCH, code=2)  # it has a plan


def test_the_people_file_of_a_home_is_not_read_again(console: Console) -> None:
    people = console.home / "municipality" / "people.toml"
    people.write_text("[person", encoding="utf-8")
    assert "No faults" in console("check", day=MARCH)
    console("people add fritid-1 --email fritid@example.se --role officer --body kf", day=MARCH)
