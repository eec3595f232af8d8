"""Meeting files as Exchange, Outlook, Google, Excel and people write them: the right days, or a sentence."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest

from config.municipality.faults import FaultyFilesError
from config.municipality.meeting_files import ImportedMeetings, read
from tests.support.wheelhouse import vanersborg

HERE = Path(__file__).parent
FOUR = "ks: 2030-01-02 2030-01-09 2030-01-16 2030-01-23"
LEFT_OUT = "ks: 2030-01-02 2030-01-16 2030-01-23"  # the second is cancelled
MOVED = "ks: 2030-01-02 2030-01-10 2030-01-16 2030-01-23"  # the second is a day later
TWO = "ks: 2030-01-02 2030-01-09"
ONE = "ks: 2030-01-02"
JULY = "ks: 2030-07-02"
JUNE = "kf: 2030-06-19"

# By the meaning of RFC 5545, and of 00:00 in Sweden, which is 23:00 UTC in winter and 22:00 UTC in summer.
CALENDARS = {
    "01_exdate_tzid": LEFT_OUT,
    "02_exdate_utc": LEFT_OUT,
    "03_exdate_float": LEFT_OUT,
    "04_exdate_date": LEFT_OUT,
    "05_until_dt": FOUR,
    "06_until_date": FOUR,
    "07_recid_dt_moved": MOVED,
    "08_recid_date_cancel": LEFT_OUT,
    "09_recid_utc_moved": MOVED,
    "10_win_noVTZ": ONE,
    "11_win_1601": JULY,
    "12_custom": JULY,
    "13_ms_display": "fault: The time zone {zone} is not known.",
    "14_two_cals": "kf: 2030-01-09, ks: 2030-01-02",
    "15_rdate": "ks: 2030-01-02 2030-01-09 2030-01-17",
    "16_folded_begin": ONE,
    "17_method_cancel": "fault: All meetings in the file are cancelled.",
    "18_subject_cancel": "fault: All meetings in the file are cancelled.",
    "19_thisandfuture": "ks: 2030-01-02 2030-01-09 2030-01-17 2030-01-24",
    "20_monthly_3rdwed": "kf: 2030-01-16 2030-02-20 2030-03-20 2030-04-17 2030-05-15 2030-06-19 2030-09-18 2030-10-16 "
    "2030-11-20 2030-12-18",
    "21_month31": "ks: 2030-01-31 2030-03-31 2030-05-31 2030-07-31",
    "22_xwr": "ks: 2030-07-03",
    "23_google_exdate_multi": "ks: 2030-01-02 2030-01-23",
    "24_recid_float_for_date": MOVED,
    "25_alldayevent_utc": JULY,
    "26_allday_tz_series_exdate": LEFT_OUT,
    "27_exdate_date_for_timed": LEFT_OUT,
    "28_recid_utc_allday_moved": MOVED,
    "29_recid_utc_allday_cancel": LEFT_OUT,
    "30_exdate_utc_summer": "ks: 2030-07-03 2030-07-17",
    "31_until_utc_summer": "ks: 2030-07-03 2030-07-10 2030-07-17",
    "32_truncated": "fault: The file is incomplete.",
    "33_truncated2": "fault: The file is incomplete.",
    "34_ms_display_vtz": JULY,
    "35_exdate_utc_timed_dst": "ks: 2030-03-27 2030-04-10",
    "36_rdate_period": TWO,
    "37_duplicate_uid_events": "ks: 2030-01-09",  # SEQUENCE 2 is the newer version
    "38_until_local": FOUR,
    "39_multiday_allday": "kf: 2030-06-12",  # the first day
    "40_exdate_dt_wrong_time": FOUR,  # no meeting begins at that time
    "41_vt": ONE,
    "50_nfd": "kf: 2030-06-06, socialnamnden: 2030-06-05",
    "51_nfc": "kf: 2030-06-06, socialnamnden: 2030-06-05",
}
NO_DATE = "fault: {name} is not a date."
SHEETS = {
    "01_bom_semicolon": "kf: 2030-06-19, socialnamnden: 2030-06-05",
    "02_cp1252": "fault: The file is not in UTF-8.",
    "03_utf16_tab": "fault: The file is not in UTF-8.",
    "04_sep": JUNE,
    "05_nfd": "socialnamnden: 2030-06-05",
    "06_head2": JUNE,
    "07_sv_date": NO_DATE,
    "08_serial": NO_DATE,
    "09_datetime": JUNE,
    "10_datetime_T": JUNE,
    "11_nbsp": JUNE,
    "12_cr": "kf: 2030-06-19, ks: 2030-06-05",
    "13_trailing": JUNE,
    "14_title_row": JUNE,
    "15_tab": JUNE,
    "16_two_date_cols": JUNE,
    "17_dup": "fault: The meeting {name} occurs twice.",
    "18_pipe_quote": JUNE,
    "19_hyphen": JUNE,
    "20_endash": JUNE,
    "21_nul": NO_DATE,
    "22_lf_in_quotes": NO_DATE,
    "23_short_year": NO_DATE,
    "24_arabic_digits": NO_DATE,
    "25_first_comma_in_head": JUNE,
    "26_semicolon_later": JUNE,
    "27_first_line_no_sep": JUNE,
    "29_formula_guard": NO_DATE,
    "30_excel_text": NO_DATE,
}


def taken(file: Path, body: str | None = None) -> ImportedMeetings:
    return read(file, vanersborg().wheel.bodies, "Europe/Stockholm", body, 2029)


def outcome(file: Path) -> str:
    """`kf: days, ks: days` of the file, or its first fault."""
    try:
        return said(taken(file).days)
    except FaultyFilesError as faulty:
        return f"fault: {faulty.faults[0].message}"


def said(days: dict[str, tuple[date, ...]]) -> str:
    return ", ".join(f"{body}: {' '.join(map(str, each))}" for body, each in sorted(days.items()))


@pytest.mark.parametrize("name", CALENDARS)
def test_a_calendar_gives_the_right_days_or_a_sentence(name: str) -> None:
    assert outcome(HERE / "ics" / f"{name}.ics") == CALENDARS[name]


@pytest.mark.parametrize("name", SHEETS)
def test_a_sheet_gives_the_right_days_or_a_sentence(name: str) -> None:
    assert outcome(HERE / "csv" / f"{name}.csv") == SHEETS[name]


def test_every_file_is_expected() -> None:
    assert {file.stem for file in (HERE / "ics").iterdir()} == set(CALENDARS)
    assert {file.stem for file in (HERE / "csv").iterdir()} == set(SHEETS)


# ---- Neighbours ------------------------------------------------------------------------------------------------


def calendar(*events: str, head: str = "") -> str:
    whole = "".join(f"BEGIN:VEVENT\nSUMMARY:KS\n{event}\nEND:VEVENT\n" for event in events)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\n{head}{whole}END:VCALENDAR\n"


def days_of(folder: Path, *texts: str) -> str:
    file = folder / "new.ics"
    file.write_text("".join(texts), encoding="utf-8")
    return outcome(file)


WEEKS = "UID:a\nDTSTART;VALUE=DATE:20300102\nRRULE:FREQ=WEEKLY;COUNT=4"
HOURS = "UID:a\nDTSTART;TZID=Europe/Stockholm:20300102T130000\nRRULE:FREQ=WEEKLY;COUNT=4"


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        # In the organiser's own zone a whole-day value is that day, wherever the municipality is.
        ([f"{WEEKS}\nEXDATE;TZID=Europe/Helsinki:20300109T000000"], LEFT_OUT),
        (["UID:a\nDTSTART;TZID=Europe/Helsinki:20300102T000000\nX-MICROSOFT-CDO-ALLDAYEVENT:TRUE"], ONE),
        (
            [
                "UID:a\nDTSTART;TZID=Europe/Helsinki:20300102T000000\nX-MICROSOFT-CDO-ALLDAYEVENT:TRUE\n"
                "RRULE:FREQ=WEEKLY;UNTIL=20300122T220000Z"
            ],
            FOUR,
        ),
        ([f"{WEEKS}\nEXDATE:20300108T230000Z,20300122T230000Z"], "ks: 2030-01-02 2030-01-16"),
        ([f"{WEEKS}\nRDATE:20300130T230000Z"], f"{FOUR} 2030-01-31"),
        ([f"{WEEKS}\nRDATE;VALUE=PERIOD:20300131T120000Z/PT2H"], f"{FOUR} 2030-01-31"),
        (["UID:a\nDTSTART:20300102T120000\nRRULE:FREQ=WEEKLY;UNTIL=20300123T110000Z"], FOUR),  # without a zone
        (["UID:a\nDTSTART:20300102T120000Z\nRRULE:FREQ=WEEKLY;UNTIL=20300123"], FOUR),
        (["UID:a\nDTSTART;VALUE=DATE:20300102\nRRULE:FREQ=YEARLY;INTERVAL=20;UNTIL=99991231T235959Z"], ONE),
        ([f"{HOURS}\nEXDATE:20300109T120000Z"], LEFT_OUT),
        ([f"{HOURS}\nEXDATE:20300109T130000"], LEFT_OUT),
        ([HOURS, "UID:a\nRECURRENCE-ID;VALUE=DATE:20300109\nDTSTART:20300110T120000Z"], MOVED),
        ([HOURS, "UID:a\nRECURRENCE-ID:20300109T120000Z\nDTSTART;VALUE=DATE:20300110"], MOVED),
        ([WEEKS, "UID:a\nRECURRENCE-ID:20300108T230000Z\nDTSTART:20300110T120000Z"], MOVED),
        # Of two versions the newer counts, however each writes the day.
        (
            [
                WEEKS,
                "UID:a\nSEQUENCE:2\nRECURRENCE-ID:20300108T230000Z\nDTSTART;VALUE=DATE:20300110",
                "UID:a\nSEQUENCE:1\nRECURRENCE-ID;VALUE=DATE:20300109\nDTSTART;VALUE=DATE:20300111",
            ],
            MOVED,
        ),
        ([WEEKS, "UID:a\nRECURRENCE-ID;VALUE=DATE:20300109\nDTSTART;VALUE=DATE:20300109\nSUMMARY:x"], FOUR),
        (["UID:a\nDTSTART;VALUE=DATE:20300103", "UID:a\nSEQUENCE:1\nDTSTART;VALUE=DATE:20300102"], ONE),
        # Careless programs give every event one UID, or none.
        (["UID:1\nDTSTART;VALUE=DATE:20300102", "UID:1\nDTSTART;VALUE=DATE:20300109"], TWO),
        (["DTSTART;VALUE=DATE:20300102", "RECURRENCE-ID;VALUE=DATE:20300102\nDTSTART;VALUE=DATE:20300109"], TWO),
        (["DTSTART;VALUE=DATE:20300102\nSEQUENCE:new", "DTSTART;VALUE=DATE:20300109\nSTATUS:CONFIRMED"], TWO),
        (["DTSTART;VALUE=DATE:20300102\nDTEND;VALUE=DATE:20291231"], ONE),  # ends before it begins
    ],
)
def test_a_value_of_another_type_than_the_start_means_what_its_writer_meant(
    tmp_path: Path, events: list[str], expected: str
) -> None:
    assert days_of(tmp_path, calendar(*events)) == expected


CANCEL = "METHOD:CANCEL\n"


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ([calendar(WEEKS), calendar(f"{WEEKS}\nSEQUENCE:1", head=CANCEL)], None),
        ([calendar(WEEKS), calendar("UID:a\nSEQUENCE:1\nDTSTART;VALUE=DATE:20300102", head=CANCEL)], None),
        ([calendar(WEEKS), calendar(WEEKS, head=CANCEL)], None),
        (
            [
                calendar(WEEKS),
                calendar("UID:a\nSEQUENCE:1\nRECURRENCE-ID:20300108T230000Z\nDTSTART;VALUE=DATE:20300109", head=CANCEL),
            ],
            LEFT_OUT,
        ),
        ([calendar("UID:a\nDTSTART;VALUE=DATE:20300102"), calendar(f"UID:b\n{WEEKS[6:]}", head=CANCEL)], ONE),
        ([calendar(f"{WEEKS}\nSTATUS:CANCELLED"), calendar("UID:b\nDTSTART;VALUE=DATE:20300102")], ONE),
    ],
)
def test_what_a_calendar_of_the_same_file_cancels_is_no_meeting(
    tmp_path: Path, texts: list[str], expected: str | None
) -> None:
    assert days_of(tmp_path, *texts) == (expected or "fault: All meetings in the file are cancelled.")


@pytest.mark.parametrize("title", ["Inställt: KS", "KS INSTÄLLD", "Inställda sammanträden KS", "Canceled: KS"])
def test_a_title_that_says_cancelled_is_no_meeting_and_is_named(tmp_path: Path, title: str) -> None:
    file = tmp_path / "new.ics"
    text = calendar("UID:b\nDTSTART;VALUE=DATE:20300102", WEEKS).replace("SUMMARY:KS\nUID:a", f"SUMMARY:{title}\nUID:a")
    file.write_text(text, encoding="utf-8")
    found = taken(file)
    assert (said(found.days), found.cancelled) == (ONE, [(8, title)])


def test_a_cancelled_member_by_its_title_alone_is_no_meeting(tmp_path: Path) -> None:
    member = "UID:a\nRECURRENCE-ID:20300108T230000Z\nDTSTART;VALUE=DATE:20300109"
    text = calendar(WEEKS, member).replace("SUMMARY:KS\nUID:a\nRECURRENCE", "SUMMARY:Inställt: KS\nUID:a\nRECURRENCE")
    assert days_of(tmp_path, text) == LEFT_OUT


def rows(folder: Path, *lines: str) -> str:
    file = folder / "new.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    return outcome(file)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["organ;datum", "KF;2030-06-18T22:00:00Z"], JUNE),  # midnight in Sweden
        (["organ;datum", "KF;2030-06-18T23:59:59+02:00"], "kf: 2030-06-18"),
        (['"sep=;"', "Datum;Sammanträde", "2030-06-19;KF"], JUNE),
        (["sep=,", "KF,2030-06-19;x"], NO_DATE),
        (["Sammanträden 2030", "", "Sammanträde\tDatum", "KF\t2030-06-19"], JUNE),
        (["Sammanträden, 2030;", "Organ;Datum", "KF;2030-06-19"], JUNE),
        (["KF;2030-06-19", "organ;datum"], NO_DATE),  # a row of days above a heading is not passed over
    ],
)
def test_a_sheet_is_read_by_its_heading(tmp_path: Path, lines: Iterable[str], expected: str) -> None:
    assert rows(tmp_path, *lines) == expected
