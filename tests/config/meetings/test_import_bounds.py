"""A file that is too large, too deep or without an end is refused with a sentence, before it takes time or memory."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from config.municipality.faults import FaultyFilesError
from config.municipality.import_bounds import MOST, MOST_BYTES, MOST_FAULTS
from config.municipality.meeting_files import read
from config.municipality.people import OUTSIDE_KNOWN_YEARS
from config.settings.settings import load
from tests.support.wheelhouse import vanersborg


def refusal(file: Path, text: str | None = None) -> str:
    if text is not None:
        file.write_text(text, encoding="utf-8")
    with pytest.raises(FaultyFilesError) as faulty:
        read(file, vanersborg().wheel.bodies, "Europe/Stockholm", None, 2029)
    return faulty.value.faults[0].message


def calendar(*events: str) -> str:
    whole = "".join(f"BEGIN:VEVENT\nSUMMARY:KS\n{event}\nEND:VEVENT\n" for event in events)
    return f"BEGIN:VCALENDAR\n{whole}END:VCALENDAR\n"


DAY = "DTSTART;VALUE=DATE:20300102"
TOO_MANY = "20300109T120000Z," * MOST + "20300109T120000Z"


@pytest.mark.parametrize("kind", ["toml", "csv", "ics"])
def test_a_device_without_an_end_is_too_large(tmp_path: Path, kind: str) -> None:
    file = tmp_path / f"zero.{kind}"
    file.symlink_to("/dev/zero")
    assert refusal(file) == "The file is larger than {most} MB."


def test_a_file_of_the_greatest_size_is_read_and_one_byte_more_is_not(tmp_path: Path) -> None:
    text = "organ;datum\nKF;2030-06-19;"
    file = tmp_path / "new.csv"
    file.write_text(text + "\n" * (MOST_BYTES - len(text)), encoding="utf-8")
    assert refusal(file) == "The file has more than {most} rows."  # it was read
    with file.open("a") as longer:
        longer.write("\n")
    assert refusal(file) == "The file is larger than {most} MB."


@pytest.mark.parametrize(
    ("events", "message"),
    [
        ([DAY] * (MOST + 1), "The file has more than {most} events."),
        ([f"{DAY}\nRRULE:FREQ=YEARLY;COUNT=1"] * 201, "The file has more than {most} recurring events."),
        ([f"{DAY}\nRRULE:FREQ=DAILY"] * 4, "The recurring events give more than {most} meetings."),
        ([f"{DAY}\nRDATE:{TOO_MANY}"], "A recurring event has more than {most} dates."),
        ([f"{DAY}\nEXDATE:{TOO_MANY}\nRRULE:FREQ=DAILY"], "A recurring event has more than {most} dates."),
        ([f"{DAY}\nRRULE:FREQ=DAILY;INTERVAL=0"], "The event's recurrence cannot be read."),
        ([f"{DAY}\nRRULE:FREQ=DAILY;COUNT=0"], "The event's recurrence cannot be read."),
        ([f"{DAY}\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"], "The event's recurrence cannot be read."),
        ([f"{DAY}\nRRULE:FREQ=DAILY;BYMONTH=13"], "The event's recurrence cannot be read."),
        ([f"{DAY}\nRRULE:FREQ=WEEKLY;BYMONTHDAY=30"], "The event's recurrence cannot be read."),
        ([f"{DAY}\nRRULE:FREQ=MONTHLY;BYDAY=54MO"], "The event's recurrence cannot be read."),
        (["DTSTART:00010101T120000Z\nRRULE:FREQ=DAILY"], OUTSIDE_KNOWN_YEARS[0]),
        (["BEGIN:VEVENT\n" * 50_000], "The file is nested too deeply."),
    ],
)  # fmt: skip
def test_a_calendar_that_would_not_end_is_refused(tmp_path: Path, events: list[str], message: str) -> None:
    assert refusal(tmp_path / "new.ics", calendar(*events)) == message


@pytest.mark.parametrize("text", ["a." * 50_000 + "a = 1", "a = " + "[" * 50_000, "a = " + "[" * 30 + "]" * 30])
def test_toml_that_is_nested_too_deeply_is_refused(tmp_path: Path, text: str) -> None:
    assert refusal(tmp_path / "new.toml", text) == "The file is not TOML: {why}."
    (tmp_path / "arshjul.toml").write_text(text, encoding="utf-8")
    with pytest.raises(FaultyFilesError):
        load(tmp_path)


def test_rows_and_days_have_a_bound(tmp_path: Path) -> None:
    assert refusal(tmp_path / "new.csv", "KF;2030-06-19\n" * (MOST + 1)) == "The file has more than {most} rows."
    days = [date(2000, 1, 1) + timedelta(days=number) for number in range(MOST + 1)]
    years = (f"{year} = [{', '.join(str(day) for day in days if day.year == year)}]" for year in range(2000, 2028))
    text = 'source = "x"\n[kf]\n' + "\n".join(years)
    assert refusal(tmp_path / "new.toml", text) == "The file has more than {most} meetings."


def test_at_most_twenty_faults_are_listed_with_the_number_of_all(tmp_path: Path) -> None:
    file = tmp_path / "new.csv"
    file.write_text("organ;datum\n" + "KF;x\n" * 300, encoding="utf-8")
    with pytest.raises(FaultyFilesError) as faulty:
        read(file, vanersborg().wheel.bodies, "Europe/Stockholm", None, 2029)
    assert [fault.line for fault in faulty.value.faults] == list(range(2, 2 + MOST_FAULTS))
    assert faulty.value.count == 300
