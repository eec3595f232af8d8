"""Reading meetings from TOML, CSV and iCalendar; all errors are reported at once, with their lines."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from config.municipality.faults import FaultyFilesError
from config.municipality.meeting_files import ImportedMeetings, read
from tests.support.wheelhouse import vanersborg

Read = Callable[..., ImportedMeetings]
DAYS = {"kf": (date(2027, 2, 17), date(2027, 6, 16)), "ks": (date(2027, 2, 3),)}


@pytest.fixture
def take(tmp_path: Path) -> Read:
    """Write a file and read it."""

    def taken(name: str, text: str | bytes, body: str | None = None) -> ImportedMeetings:
        file = tmp_path / name
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read(file, vanersborg().wheel.bodies, "Europe/Stockholm", body, 2027)

    return taken


def faults(take: Read, name: str, text: str | bytes, body: str | None = None) -> list[tuple[str, int]]:
    with pytest.raises(FaultyFilesError) as faulty:
        take(name, text, body)
    return [(fault.code, fault.line) for fault in faulty.value.faults]


# ---- TOML ------------------------------------------------------------------------------------------------------


def test_toml_is_written_as_meetings_toml(take: Read) -> None:
    text = 'source = "KF § 7"\n[kf]\n2027 = [2027-06-16, 2027-02-17]\n[ks]\n2027 = [2027-02-03]\n'
    assert take("new.toml", text).days == DAYS
    assert take("new.toml", text, "ks").days == {"ks": DAYS["ks"]}
    assert faults(take, "new.toml", "[fk]\n2027 = [2028-06-16]\n[kf]\n2027 = 2 3\n") == [("syntax", 4)]
    assert faults(take, "new.toml", 'source = "x"\n[fk]\n2027 = [2028-06-16]\n') == [
        ("unknown_body", 2), ("wrong_year", 3)
    ]  # fmt: skip


# ---- CSV -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "kf,2027-02-17\nkf,2027-06-16\nks,2027-02-03\n",
        "body;date\r\nkf;2027-02-17\r\nKF;2027-06-16 18:00\r\nKS;2027-02-03\r\n",
        "Datum;Tid;Organ\n2027-02-17;18.00;Kommunfullmäktige\n\n2027-06-16;18.00;kf\n2027-02-03;;Kommunstyrelsen\n",
        '\ufeff"Nämnd","Dag"\n"kf","2027-02-17"\n"kf","2027-06-16"\n"The executive board","2027-02-03"\n',
    ],
)
def test_csv_has_a_body_and_a_day_in_a_row(take: Read, text: str) -> None:
    assert take("new.csv", text).days == DAYS


def test_csv_of_one_body_may_be_days_alone(take: Read) -> None:
    assert take("new.csv", "2027-06-16\n2027-02-17\n", "kf").days == {"kf": DAYS["kf"]}
    assert take("new.csv", "Sammanträdesdag\n2027-06-16\n2027-02-17\n", "kf").days == {"kf": DAYS["kf"]}
    assert take("new.csv", "kf,2027-02-17\nks,2027-02-03\n", "ks").days == {"ks": DAYS["ks"]}


def test_all_faults_of_a_csv_are_said_at_once(take: Read) -> None:
    text = "body,date\nfk,2027-02-17\nkf,16/6 2027\nkf,2027-06-16\nkf,2027-06-16\nks\n"
    assert faults(take, "new.csv", text) == [("unknown_body", 2), ("date", 3), ("duplicate", 5), ("date", 6)]
    assert faults(take, "new.csv", "2027-06-16\n2027-06-17\n") == [("no_body", 1)]
    assert faults(take, "new.csv", "nämnd\xe4".encode("latin-1")) == [("encoding", 1)]
    assert faults(take, "new.csv", "") == [("empty", 1)]
    assert faults(take, "new.csv", "x" * 200_000) == [("syntax", 1)]
    assert faults(take, "new.xlsx", "kf,2027-02-17") == [("kind", 1)]


@pytest.mark.parametrize("day", ["0001-01-01", "1999-12-31", "2091-01-01", "9999-12-31"])
def test_days_outside_the_known_years_are_faults_with_their_line(take: Read, day: str) -> None:
    assert faults(take, "new.csv", f"kf,2027-02-17\nkf,{day}\n") == [("wrong_year", 2)]
    text = f'source = "x"\n[kf]\n2027 = [2027-02-17]\n{day[:4]} = [{day}]\n'
    assert faults(take, "new.toml", text) == [("wrong_year", 4)]
    for start in (f"DTSTART;VALUE=DATE:{day.replace('-', '')}", f"DTSTART:{day.replace('-', '')}T120000Z"):
        assert faults(take, "new.ics", ics(f"SUMMARY:Kommunfullmäktige\n{start}")) == [("wrong_year", 11)]


def test_a_series_outside_the_known_years_is_a_fault(take: Read) -> None:
    series = "SUMMARY:Kommunfullmäktige\nUID:a\nDTSTART;VALUE=DATE:99991231\nRRULE:FREQ=YEARLY;COUNT=3"
    assert faults(take, "new.ics", ics(series)) == [("wrong_year", 11)]


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(FaultyFilesError) as faulty:
        read(tmp_path / "none.csv", vanersborg().wheel.bodies, "Europe/Stockholm", None, 2027)
    assert [fault.code for fault in faulty.value.faults] == ["unreadable"]


# ---- iCalendar -------------------------------------------------------------------------------------------------


def ics(*events: str) -> str:
    """Events, each as its lines; Outlook's way of a zone before them."""
    zone = "BEGIN:VTIMEZONE\nTZID:W. Europe Standard Time\nBEGIN:STANDARD\nDTSTART:16011028T030000\n"
    zone += "TZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nEND:STANDARD\nEND:VTIMEZONE\n"
    whole = "".join(f"BEGIN:VEVENT\n{event}\nEND:VEVENT\n" for event in events)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\n{zone}{whole}END:VCALENDAR\n".replace("\n", "\r\n")


@pytest.mark.parametrize(
    ("start", "day"),
    [
        ("DTSTART;VALUE=DATE:20270616", "2027-06-16"),
        ("DTSTART:20270616T180000", "2027-06-16"),
        ("DTSTART:20270616T223000Z", "2027-06-17"),  # half past midnight in Stockholm
        ("DTSTART:20271216T223000Z", "2027-12-16"),
        ("DTSTART;TZID=Europe/Stockholm:20270616T233000", "2027-06-16"),
        ("DTSTART;TZID=Europe/London:20270616T233000", "2027-06-17"),
        ('DTSTART;TZID="W. Europe Standard Time";X-A=b:20270616T180000', "2027-06-16"),
        ("DTSTART;TZID=/example.org/20270101/Europe/Stockholm:20270616T180000", "2027-06-16"),
        ("DTSTART;TZID=W. Europe Standard\n  Time:20270616T180000", "2027-06-16"),
    ],
)
def test_an_event_begins_on_a_day_of_the_municipality(take: Read, start: str, day: str) -> None:
    found = take("new.ics", ics(f"SUMMARY:Kommunfullmäktige\n{start}\nDTEND:20270616T230000"))
    assert found.days == {"kf": (date.fromisoformat(day),)}


@pytest.mark.parametrize(
    ("summary", "body"),
    [
        ("Kommunfullmäktige", "kf"),
        ("Sammanträde KF\\, Folkets hus", "kf"),
        ("Kommunstyrelsens sammanträde", "ks"),
        ("Barn- och utbildnings\n nämnden", "barn-och-utbildningsnamnden"),
        ("KSAU", None),
        ("Kommunstyrelsens arbetsutskott", None),
        ("Julfest", None),
    ],
)
def test_the_body_is_the_one_that_the_summary_names(take: Read, summary: str, body: str | None) -> None:
    event, other = f"SUMMARY:{summary}\nDTSTART;VALUE=DATE:20270616", "SUMMARY:VN\nDTSTART;VALUE=DATE:20270104"
    found = take("new.ics", ics(event, other))
    assert set(found.days) == {"valnamnden", body} - {None}
    assert len(found.passed_over) == (body is None)
    assert set(take("new.ics", ics(event), "ks").days) == {"ks"}


def test_cancelled_events_and_alarms_are_no_meetings(take: Read) -> None:
    alarm = "SUMMARY:KF\nBEGIN:VALARM\nDTSTART:20200101T000000\nEND:VALARM\nDTSTART:20270616T180000"
    found = take("new.ics", ics(alarm, "SUMMARY:KF\nSTATUS:CANCELLED\nDTSTART:20270617T180000"))
    assert found.days == {"kf": (date(2027, 6, 16),)}


def repeated(rule: str, *others: str, start: str = "DTSTART:20270616T180000") -> str:
    return ics(f"UID:a\nSUMMARY:KF\n{start}\n{rule}", *(f"UID:a\nSUMMARY:KF\n{other}" for other in others))


@pytest.mark.parametrize(
    ("text", "days"),
    [
        (repeated("RRULE:FREQ=MONTHLY;BYDAY=3WE;COUNT=3"), "0616 0721 0818"),
        (repeated("RRULE:FREQ=MONTHLY;BYDAY=3WE;UNTIL=20270901T000000Z\nEXDATE:20270721T180000"), "0616 0818"),
        (repeated("RRULE:FREQ=WEEKLY;COUNT=2\nRDATE:20270901T180000,20270908T180000"), "0616 0623 0901 0908"),
        (repeated("RDATE;VALUE=DATE:20270801", start="DTSTART;VALUE=DATE:20270616"), "0616 0801"),
        (  # one is moved, one is cancelled, one is at another's hour
            repeated(
                "RRULE:FREQ=MONTHLY;COUNT=4",
                "RECURRENCE-ID:20270716T180000\nDTSTART:20270719T180000",
                "RECURRENCE-ID:20270816T180000\nDTSTART:20270816T180000\nSTATUS:CANCELLED",
            ),
            "0616 0719 0916",
        ),
        (  # half past midnight in Stockholm, in summer and in winter
            repeated("RRULE:FREQ=MONTHLY;INTERVAL=6;COUNT=2", start="DTSTART:20270616T223000Z"), "0617 1216",
        ),
    ],
)  # fmt: skip
def test_an_event_that_repeats_itself_is_a_meeting_each_time(take: Read, text: str, days: str) -> None:
    assert [f"{day:%m%d}" for day in take("new.ics", text).days["kf"]] == days.split()


def test_a_series_without_an_end_is_read_for_the_ten_years_that_check_looks_at(take: Read) -> None:
    days = take("new.ics", repeated("RRULE:FREQ=YEARLY")).days["kf"]
    assert days == tuple(date(year, 6, 16) for year in range(2027, 2038))


def test_a_series_of_no_body_is_left_out_once(take: Read) -> None:
    fika, kf = "UID:a\nSUMMARY:Fika\nRRULE:FREQ=WEEKLY\nDTSTART:20270616T090000", "SUMMARY:KF\nDTSTART:20270616T180000"
    assert [summary for _, summary in take("new.ics", ics(fika, kf)).passed_over] == ["Fika"]


def test_a_moved_event_whose_series_is_not_in_the_file_is_a_meeting_by_itself(take: Read) -> None:
    found = take("new.ics", ics("UID:a\nSUMMARY:KF\nRECURRENCE-ID:20270716T180000\nDTSTART:20270719T180000"))
    assert found.days == {"kf": (date(2027, 7, 19),)}


@pytest.mark.parametrize(
    "rule",
    [
        "RRULE:nonsense", "RRULE:FREQ=OFTEN", "RRULE:FREQ=SECONDLY", "RRULE:FREQ=DAILY;BYHOUR=9,14",
        "RRULE:FREQ=MONTHLY\nRRULE:FREQ=MINUTELY", "RDATE:2027", "RRULE:FREQ=MONTHLY\nEXDATE:never",
    ],
)  # fmt: skip
def test_a_repetition_that_cannot_be_read_is_a_fault_and_no_single_meeting(take: Read, rule: str) -> None:
    assert faults(take, "new.ics", repeated(rule)) == [("date", 11)]


def test_all_faults_of_a_calendar_are_said_at_once(take: Read) -> None:
    text = ics(
        "SUMMARY:KF\nDTSTART:20271332",
        "SUMMARY:KF",
        "SUMMARY:KF\nRRULE:FREQ=HOURLY\nDTSTART:20270616T180000",
        "SUMMARY:KF och KS\nDTSTART:20270616T180000",
        "SUMMARY:KF\nDTSTART;TZID=Mars/Olympus:20270616T180000",
    )
    assert faults(take, "new.ics", text) == [("date", 11), ("date", 15), ("date", 18), ("body", 23), ("date", 27)]
    assert faults(take, "new.ics", "kf,2027-06-16\n") == [("syntax", 1)]
    assert faults(take, "new.ics", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\n") == [("syntax", 1)]
    assert faults(take, "new.ics", "BEGIN:VCALENDAR\nBEGIN:VEVENT\n") == [("syntax", 1)]
    assert faults(take, "new.ics", "BEGIN:VCALENDAR\nnonsense\nEND:VCALENDAR\n") == [("syntax", 1)]
    assert faults(take, "new.ics", "BEGIN:VCALENDAR\nEND:VCALENDAR\n") == [("empty", 1)]
