"""A date with a time of day is shown with it, wherever the date is: the sample with four times in its wheel."""

import csv
import io
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from config.municipality.municipality import VANERSBORG
from tests.support.ics import events
from tests.support.installed import Arshjul, at

TIMES = {
    'draft.opens = { date = "1 November Y-2"': 'draft.opens = { date = "1 November Y-2 at 08:00"',
    'draft.last = { date = "30 November Y-2"': 'draft.last = { date = "30 November Y-2 at 12:00"',
    'draft.target = { date = "last of February Y-1"': 'draft.target = { date = "26 February Y-1 at 15:30"',
    'kf.last = { date = "30 June Y-1"': 'kf.last = { date = "30 June Y-1 at 19:00-21:00"',
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(
        shutil.copytree(VANERSBORG, tmp_path_factory.mktemp("timed") / "wheel", copy_function=shutil.copyfile)
    )
    text = (folder / "wheel.toml").read_text(encoding="utf-8")
    for old, new in TIMES.items():
        assert old in text
        text = text.replace(old, new)
    (folder / "wheel.toml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def home(wheel: Path) -> Arshjul:
    """The cycle 2028 on its first day, with the timetable open and its first reminder sent."""
    home = Arshjul(wheel.parent / "home")
    home.done("init", "--practice", "--source", wheel, now=at("2026-11-02", "07:00"))
    home.done("open", "2028", "--actor", "admin", now=at("2026-11-02", "07:15"))
    home.done("tick", now=at("2026-11-23", "08:00"))
    home.now = at("2026-11-23", "09:00")
    return home


Say = Callable[..., str]


@pytest.fixture(params=["en", "sv"])
def say(home: Arshjul, request: pytest.FixtureRequest) -> Say:
    """A command's answer in English or Swedish, in which the times are the same but for one word."""

    def said(*words: str | Path) -> str:
        code, text, _ = home.text(*words, "--lang", request.param)
        assert code == 0
        return " ".join(text.replace("kl. ", "at ").split())

    return said


def test_a_plan_shows_the_time_of_each_of_its_dates(say: Say) -> None:
    shown = say("show", "2028/tidsplan")
    assert "2026-11-01 at 08:00" in shown
    assert "2026-11-30 at 12:00" in shown
    assert "2027-02-26 at 15:30" in say("show", "2028/ramar")


def test_the_list_of_plans_and_the_timetable_show_it(home: Arshjul, say: Say) -> None:
    assert "2026-11-30 at 12:00" in say("plans")
    assert "2026-11-30 at 12:00" in say("show", "2028")
    timetable = say("timetable", "2028", "--all")
    assert "v1 2026-11-30 at 12:00" in timetable
    for shown in ("2026-11-01 at 08:00", "2026-11-30 at 12:00", "2027-06-30 at 19:00-21:00"):
        assert shown in timetable
    (plan,) = home.done("plans", "--phase", "tidsplan")["plans"]
    assert (plan["last"], plan["clock"]) == ("2026-11-30", "12:00")
    rows = {
        (row["address"], row["state"], row["bound"]): row for row in home.done("timetable", "2028", "--all")["dates"]
    }
    assert rows["2028/mrp", "kf", "last"]["clock"] == "19:00-21:00"
    assert rows["2028/mrp", "kf", "last"]["clocks"] == ["19:00-21:00"]
    assert "clock" not in rows["2028/mrp", "kf", "opens"]


def test_the_reason_of_a_reminder_names_it(home: Arshjul, say: Say) -> None:
    explained = say("explain", "2028/tidsplan")
    assert "30 November 2026 at 12:00." in explained or "30 november 2026 at 12:00." in explained
    told = home.done("explain", "2028/tidsplan")["notices"]
    assert {(notice["last"], notice.get("clock")) for notice in told} == {("2026-11-30", "12:00")}


def test_a_mail_tells_it_and_its_calendar_entry_begins_then(home: Arshjul) -> None:
    mail = next(mail for mail in home.mails() if "Tidsplan för" in mail["Subject"])
    body = mail.get_body(("plain",))
    assert body is not None
    assert "Hålltid: måndag 30 november 2026 kl. 12:00 (v. 49)" in body.get_content()
    (entry,) = [part.get_content() for part in mail.walk() if part.get_content_type() == "text/calendar"]
    (event,) = events(entry if isinstance(entry, str) else entry.decode())
    assert event["DTSTART"] == "20261130T110000Z"
    assert "DTEND" not in event  # a moment


def test_a_rehearsed_year_shows_it(say: Say, wheel: Path) -> None:
    shown = say("rehearse", "2026", wheel)
    assert "1 opens 2028/tidsplan KS (at 08:00)" in shown or "1 öppnar 2028/tidsplan KS (at 08:00)" in shown


def test_a_rehearsed_year_has_it_in_each_of_its_forms(home: Arshjul, wheel: Path) -> None:
    table, calendar = home.home.parent / "year.csv", home.home.parent / "year.ics"
    year = home.done("rehearse", "2027", wheel, "--csv", table, "--ics", calendar)
    timed = [(e["address"], e["what"], e["date"], e["clock"]) for e in year["calendar"] if "clock" in e]
    assert timed == [
        ("2028/mrp", "decision_due", "2027-06-30", "19:00-21:00"),
        ("2029/tidsplan", "opens", "2027-11-01", "08:00"),
        ("2029/tidsplan", "decision_due", "2027-11-30", "12:00"),
    ]
    rows = csv.DictReader(io.StringIO(table.read_text(encoding="utf-8")))
    assert [row["clock"] for row in rows if row["clock"]] == ["19:00-21:00", "08:00", "12:00"]
    hours = [(e["DTSTART"], e.get("DTEND")) for e in events(calendar.read_bytes().decode()) if "T" in e["DTSTART"]]
    assert hours == [
        ("20270630T170000Z", "20270630T190000Z"),
        ("20271101T070000Z", None),
        ("20271130T110000Z", None),
    ]


def test_a_migration_to_another_time_is_shown_although_no_day_differs(wheel: Path, tmp_path: Path) -> None:
    home = Arshjul(tmp_path / "home")
    home.done("init", "--practice", now=at("2026-11-02", "07:00"))
    home.done("open", "2028", "--actor", "admin", now=at("2026-11-02", "07:15"))
    migrate = ("migrate", "2028", "--source", wheel, "--dates", "recompute", "--actor", "admin", "--reason", "times")
    home.done(*migrate, "--yes", now=at("2026-11-03"))
    shown = home.text("show", "2028/tidsplan", now=at("2026-11-03"))[1]
    assert "2026-11-30 at 12:00" in shown
    assert "2027-06-30 at 19:00-21:00" in home.text("show", "2028/mrp", now=at("2026-11-03"))[1]
