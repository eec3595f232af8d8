"""The commands about meetings, timetables and other wheels as people and programs meet them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from wheel.console.main import main

Run = Callable[..., tuple[int, dict[str, Any]]]
SPRING = ("--actor", "admin", "--now", "2027-01-14T09:00+01:00")
WHEEL = (
    ('kf.last = { date = "30 June Y-1"', 'kf.last = { date = "kf meeting in June Y-1"'),
    ('open.last = { date = "15 January Y"', 'open.last = { date = "14 weeks after last day of mrp.kf"'),
)  # fmt: skip


def rewrite(home: Path, *changes: tuple[str, str]) -> None:
    wheel = home / "municipality" / "wheel.toml"
    text = wheel.read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    wheel.write_text(text, encoding="utf-8")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "var"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], home: Path) -> Run:
    """Commands in a practice home with a running cycle 2028 whose council decides at its meeting in June."""

    def call(*arguments: str) -> tuple[int, dict[str, Any]]:
        code = main([*arguments, "--home", str(home), "--lang", "en", "--json"])
        out, err = capsys.readouterr()
        assert err == ""
        return code, json.loads(out)

    assert call("init", "--practice", "--now", "2026-11-02T09:00+01:00")[0] == 0
    rewrite(home, *WHEEL)
    assert call("open", "2028", "--actor", "admin", "--now", "2026-11-02T09:00+01:00")[0] == 0
    decision = ("--body", "ks", "--date", "2026-11-04", "--paragraph", "201", "--diary", "KS 2026/300")
    at = ("--outcome", "adopted", "--actor", "admin", "--now", "2026-11-05T09:00+01:00")
    assert call("advance", "2028/tidsplan", "decide", *decision, *at)[0] == 0
    return call


def lines(capsys: pytest.CaptureFixture[str], home: Path, *arguments: str, lang: str = "sv") -> list[str]:
    """What people read; never wider than a terminal."""
    assert main([*arguments, "--home", str(home), "--lang", lang]) == 0, arguments
    found = capsys.readouterr().out.splitlines()
    assert max(map(len, found)) <= 80, max(found, key=len)
    return found


def test_a_meeting_that_moves_says_what_moves_with_it(run: Run) -> None:
    move = ("meetings", "move", "kf", "2027-06-16", "2027-06-21", "--reason", "The hall is let", *SPRING)
    code, shown = run(*move, "--dry-run")
    assert (code, shown["dry_run"], shown["log"]) == (0, True, [])
    assert shown["moved"] == [
        {
            "address": "2028/mrp", "state": "kf", "dates": {"last": ["2027-06-16", "2027-06-21"]},
            "provisional": [], "undecided": [], "reminded": [],
        }
    ]  # fmt: skip
    [warning] = shown["warnings"]
    assert "arshjul timetable 2028 --accept" in warning["message"]
    assert run(*move)[1]["moved"] == shown["moved"]
    [row, counted] = run("timetable", "2028", *SPRING[2:])[1]["dates"]
    assert (row["versions"], row["now"]) == (["2027-06-16"], "2027-06-21")
    assert (counted["now"], counted["counted"]) == ("2027-09-22", "2027-09-27")
    code, accepted = run("timetable", "2028", "--accept", "--reason", "KS agrees", *SPRING)
    assert [each["address"] for each in accepted["moved"]] == ["2028/verksamhetsplan"]


def test_until_the_meeting_is_known_everything_says_so(
    run: Run, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for day in (m["date"] for m in run("meetings", "list", "--body", "kf", "--year", "2027")[1]["meetings"]):
        assert run("meetings", "remove", "kf", day, *SPRING)[0] == 0
    state = next(s for s in run("show", "2028/mrp")[1]["states"] if s["state"] == "kf")
    assert state["last"] == {"date": "2027-06-30", "source": "1.2", "provisional": True}
    assert any("2027-06-30 (preliminärt)" in line for line in lines(capsys, home, "show", "2028/mrp"))
    for at in ("2027-02-25", "2027-05-06"):  # to where KF decides
        run("tick", "--now", f"{at}T08:00+01:00")
    act = ("--anyway", "--reason", "x", "--actor", "admin", "--now", "2027-05-06T09:00+02:00")
    decision = ("--body", "ks", "--date", "2027-05-05", "--paragraph", "9", "--diary", "x", "--outcome", "adopted")
    assert run("advance", "2028/mrp", "submit", *act)[0] == 0
    assert run("advance", "2028/mrp", "propose", *decision, *act)[0] == 0
    [plan] = [p for p in run("plans", "--phase", "mrp")[1]["plans"] if p["address"] == "2028/mrp"]
    assert (plan["last"], plan["provisional"]) == ("2027-06-30", True)
    assert any("2027-06-30 (preliminärt)" in line for line in lines(capsys, home, "plans", "--phase", "mrp"))
    notices = run("explain", "2028/mrp")[1]["notices"]
    coming = [n for n in notices if n["state"] == "kf" and n["rule"] == "ladder"]
    assert coming
    assert all("provisional" in n["because"] for n in coming)
    run("tick", "--now", "2027-06-18T08:00+02:00")
    mails = [m for m in run("outbox", "list")[1]["messages"] if any(":kf:" in key for key in m["notices"])]
    assert mails
    assert all("Preliminärt" in run("outbox", "show", str(m["id"]))[1]["text"] for m in mails)


def test_a_calendar_is_imported_whole_or_not_at_all(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "kalender.csv"
    file.write_text("organ;datum\nKF;2030-06-19\nKFF;2030-06-20\nKF;19/6\n", encoding="utf-8")
    before = run("meetings", "list")
    code, faulty = run("meetings", "import", str(file), *SPRING)
    assert (code, faulty["error"], [fault["line"] for fault in faulty["faults"]]) == (6, "faulty", [3, 4])
    assert run("meetings", "list") == before
    file.write_text("organ;datum\nKF;2030-06-19\nKF;2027-06-16\n", encoding="utf-8")
    code, done = run("meetings", "import", str(file), *SPRING)
    assert (code, done["added"], done["there"]) == (
        0, [{"body": "kf", "date": "2030-06-19"}], [{"body": "kf", "date": "2027-06-16"}]
    )  # fmt: skip
    assert run("meetings", "import", str(file), "--body", "riksdagen", *SPRING)[0] == 4
    assert run("meetings", "import", str(file), "--replace", "2031", *SPRING)[0] == 2
    assert run("meetings", "import", str(file), "--actor", "reader-1", *SPRING[2:])[0] == 3


def test_an_import_names_what_it_leaves_out_and_lists_at_most_twenty_faults(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "kalender.ics"
    events = ["KF", "Inställt: KS", *["Fika"] * 30]
    whole = "".join(f"BEGIN:VEVENT\nSUMMARY:{each}\nDTSTART;VALUE=DATE:20300619\nEND:VEVENT\n" for each in events)
    file.write_text(f"BEGIN:VCALENDAR\n{whole}END:VCALENDAR\n", encoding="utf-8")
    done = run("meetings", "import", str(file), *SPRING)[1]
    passed_over, cancelled = (warning["message"] for warning in done["warnings"])
    assert cancelled == "Left out, because they are cancelled: Inställt: KS (6)."
    assert passed_over.count("Fika") == 20
    assert "… (+10)" in passed_over
    file = file.with_suffix(".csv")
    file.write_text("organ;datum\n" + "KF;19/6\n" * 300, encoding="utf-8")
    code, faulty = run("meetings", "import", str(file), *SPRING)
    assert (code, len(faulty["faults"]), faulty["message"]) == (
        6, 20, "300 faults. Nothing was done. The first 20 are listed."
    )  # fmt: skip


def test_an_import_names_meetings_that_are_cancelled_and_still_registered(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "kalender.ics"
    series = "UID:a\nSUMMARY:KS\nDTSTART;VALUE=DATE:20300102\nRRULE:FREQ=WEEKLY;COUNT=4\n"
    off = "EXDATE:20300108T230000Z\nEND:VEVENT\nBEGIN:VEVENT\nUID:a\nSUMMARY:KS\nDTSTART;VALUE=DATE:20300117\n"
    off += "RECURRENCE-ID:20300115T230000Z\nEND:VEVENT\nBEGIN:VEVENT\nUID:b\nSUMMARY:KF\nSTATUS:CANCELLED\n"
    off += "DTSTART;VALUE=DATE:20300619\n"
    for lines in (series, series + off):
        file.write_text(f"BEGIN:VCALENDAR\nBEGIN:VEVENT\n{lines}END:VEVENT\nEND:VCALENDAR\n", encoding="utf-8")
        done = run("meetings", "import", str(file), *SPRING)[1]
    assert done["added"] == [{"body": "ks", "date": "2030-01-17"}]
    assert done["warnings"][-1]["message"] == (
        "Cancelled or moved in the file, but still registered: KS 2030-01-09, KS 2030-01-16. Remove cancelled "
        "meetings with `arshjul meetings remove`."
    )
    assert run("meetings", "add", "kf", "2030-06-19", *SPRING)[0] == 0
    done = run("meetings", "import", str(file), "--replace", "2030", *SPRING)[1]
    assert [gone["date"] for gone in done["removed"]] == ["2030-01-09", "2030-01-16"]
    assert "KF 2030-06-19" in done["warnings"][-1]["message"]  # of KF the file has no meeting to replace them with


def test_a_timetable_is_replaced_with_its_decision(run: Run, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rewrite(home, ('opened.last = { date = "7 October Y"', 'opened.last = { date = "5 October Y"'))
    decision = ("--body", "ks", "--date", "2027-01-13", "--paragraph", "7", "--diary", "KS 2027/1")
    act = ("timetable", "2028", "--replace", *decision, *SPRING)
    assert run(*act, "--outcome", "noted")[0] == 3
    assert run(*act, "--accept")[0] == 2
    code, refused = run("advance", "2028/tidsplan", "replace", *decision, "--outcome", "adopted", *SPRING)
    assert (code, refused["refusals"][0]["rule"]) == (3, "timetable")  # the dates would stay as they were
    assert "arshjul timetable 2028 --replace" in refused["refusals"][0]["message"]
    code, done = run(*act, "--outcome", "adopted")
    assert (code, done["address"], done["timetable"], len(done["moved"])) == (0, "2028/tidsplan", 2, 1)
    said = lines(capsys, home, "timetable", "2028")
    assert "  v2  fastställd: KS 2027-01-13 § 7, dnr KS 2027/1" in said
    assert any("v1 2028-10-07  v2 2028-10-05" in line for line in said)
    assert len(lines(capsys, home, "timetable", "2028", "--all", lang="en")) > 100
    assert run("timetable", "2031")[0] == 4


def test_who_saw_another_version_of_the_cycle_is_told_so_and_nothing_is_done(
    run: Run, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rewrite(home, ('opened.last = { date = "7 October Y"', 'opened.last = { date = "5 October Y"'))
    rewrite(home, ('source = "1.2, 1.3, 2.5"', 'source = "1.2, 1.3"'))
    decision = ("--body", "ks", "--date", "2027-01-13", "--paragraph", "7", "--diary", "KS 2027/1")
    acts = (
        ("timetable", "2028", "--accept", "--reason", "KS agrees"),
        ("timetable", "2028", "--replace", *decision, "--outcome", "adopted"),
        ("migrate", "2028", "--reason", "New rules", "--yes"),
        ("migrate", "2028", "--reason", "Once more", "--yes"),
    )
    stale = ("--if-version", "1", *SPRING)
    for act in acts[:3]:
        code, answer = run(*act, *stale)
        assert (code, answer["error"]) == (5, "conflict")
    seen = []
    for act in acts:
        seen.append(run("timetable", "2028")[1]["version"])
        assert run(*act, "--if-version", str(seen[-1]), *SPRING)[0] == 0
    first, _, before, after = seen
    assert first < before < after
    assert run(*acts[2], "--if-version", str(before), *SPRING)[0] == 5  # another migration came between
    assert f"  Version: {after}" in lines(capsys, home, "timetable", "2028")


def test_a_plan_that_has_moved_meanwhile_is_another_version_of_its_cycle(run: Run) -> None:
    version = run("timetable", "2028")[1]["version"]
    assert run("hold", "2028/ramar", "--reason", "x", *SPRING)[0] == 0
    act = ("timetable", "2028", "--accept", "--reason", "KS agrees", *SPRING)
    assert run(*act, "--if-version", str(version))[0] == 5
    assert run(*act, "--if-version", str(run("timetable", "2028")[1]["version"]))[0] == 0


def test_faulty_files_do_not_hide_the_versions(run: Run, home: Path) -> None:
    rewrite(home, ('version = "1"', "version = 1"))
    code, shown = run("timetable", "2028")
    assert (code, shown["faults"], len(shown["versions"])) == (0, 1, 1)
    assert run("migrate", "2028", "--reason", "x", *SPRING)[0] == 6


def test_a_migration_is_shown_first_and_done_with_yes(run: Run, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(AssertionError):
        rewrite(home, ("no such line", ""))
    rewrite(home, ('source = "1.2, 1.3, 2.5"', 'source = "1.2, 1.3"'))
    act = ("migrate", "2028", "--reason", "New rules", *SPRING)
    code, shown = run(*act)
    assert (code, shown["dry_run"], {row["what"] for row in shown["plans"]}) == (0, True, {"stays"})
    assert "  2028/verksamhetsplan/* (9 nämnder): stannar i skedet Kommande (upcoming)" in lines(capsys, home, *act)
    assert run(*act, "--map", "kf")[0] == 2
    assert run(*act, "--map", "nothing=kf", "--yes")[0] == 3
    code, done = run(*act, "--yes")
    assert (code, done["dry_run"]) == (0, False)
    assert run("show", "2028/mrp")[1]["definition"]["sha256"] == done["definition"]["to"]
    assert [e["action"] for e in run("log", "show", "--limit", "1")[1]["entries"]] == ["cycle.migrated"]
    assert run(*act, "--yes")[1]["warnings"][0]["rule"] == "definition"
    assert run(*act[:3], "", *SPRING)[0] == 3
