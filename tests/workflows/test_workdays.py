"""Swedish working days, and the instants of Swedish days. The expected values are written by hand."""

import os
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta, timezone
from importlib.resources import files
from pathlib import Path

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.new.starter import ZONES
from workflows.dates.workdays import CATEGORIES, Calendar, zone_rules

SWEDEN = Calendar("SE", "Europe/Stockholm")
DAY = timedelta(days=1)

# Year: the days off from Monday to Friday. Nyår, trettondagen, långfredag, annandag påsk, första maj, Kristi
# himmelsfärd, nationaldagen, midsommarafton, julafton, juldagen, annandag jul, nyårsafton.
OFF = {
    2026: "01-01 01-06 04-03 04-06 05-01 05-14 06-19 12-24 12-25 12-31",
    2027: "01-01 01-06 03-26 03-29 05-06 06-25 12-24 12-31",
    2028: "01-06 04-14 04-17 05-01 05-25 06-06 06-23 12-25 12-26",
    2029: "01-01 03-30 04-02 05-01 05-10 06-06 06-22 12-24 12-25 12-26 12-31",
    2030: "01-01 04-19 04-22 05-01 05-30 06-06 06-21 12-24 12-25 12-26 12-31",
    2031: "01-01 01-06 04-11 04-14 05-01 05-22 06-06 06-20 12-24 12-25 12-26 12-31",
}


@pytest.mark.parametrize("year", OFF)
def test_the_days_off_of_a_swedish_year_are_these_and_no_others(year: int) -> None:
    days = [date(year, 1, 1) + n * DAY for n in range(366)]
    weekdays = [d for d in days if d.year == year and d.weekday() < 5]
    off = [d for d in weekdays if not SWEDEN.is_working_day(d)]
    assert off == [date.fromisoformat(f"{year}-{d}") for d in OFF[year].split()]


@pytest.mark.parametrize(
    "d",
    [
        date(2026, 1, 5),  # trettondagsafton
        date(2026, 4, 2),  # skärtorsdag
        date(2026, 4, 30),  # valborg
        date(2026, 5, 15),  # klämdag
        date(2026, 10, 30),  # allhelgonaafton
        date(2026, 12, 23),
        date(2028, 2, 29),
    ],
)
def test_a_day_with_a_short_afternoon_is_a_working_day(d: date) -> None:
    assert SWEDEN.is_working_day(d)


@pytest.mark.parametrize("d", [date(2027, 2, 27), date(2027, 2, 28), date(2027, 6, 26), date(2027, 11, 6)])
def test_saturday_and_sunday_are_days_off(d: date) -> None:
    assert not SWEDEN.is_working_day(d)


@pytest.mark.parametrize(("country", "zone"), ZONES.items())
def test_24_december_is_no_working_day_in_any_country_that_new_offers(country: str, zone: str) -> None:
    calendar = Calendar(country, zone)
    assert not any(calendar.is_working_day(date(year, 12, 24)) for year in range(2020, 2091))
    assert calendar.on_or_before(date(2029, 12, 24)) == date(2029, 12, 21)  # a Monday


def test_every_country_of_the_library_has_the_days_off_that_the_library_gives_and_christmas_eve() -> None:
    year = 2025
    for code in {codes[1] for codes in holidays.registry.COUNTRIES.values()}:
        known = holidays.country_holidays(code)
        found = holidays.country_holidays(code, years=year, categories=CATEGORIES & set(known.supported_categories))
        off = set(found) | ({date(year, 12, 24)} if code in ("DE", "DK", "IS", "NO") else set())
        calendar = Calendar(code, "Europe/Stockholm")
        days = [date(year, 1, 1) + n * DAY for n in range(365)]
        assert [d for d in days if not calendar.is_working_day(d)] == [d for d in days if d in off or d.weekday() > 4]


def test_a_working_day_loads_its_own_country_alone() -> None:
    asked = (
        "import sys; from datetime import date; from workflows.dates.workdays import Calendar; "
        "print(Calendar('SE', 'Europe/Stockholm').is_working_day(date(2027, 1, 6)), "
        "'holidays.countries' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["False", "False"]


def test_another_country_has_its_own_days_off() -> None:
    norway = Calendar("NO", "Europe/Oslo")
    assert not norway.is_working_day(date(2027, 5, 17))
    assert SWEDEN.is_working_day(date(2027, 5, 17))
    assert norway.is_working_day(date(2029, 6, 6))


@pytest.mark.parametrize(
    ("d", "before", "after"),
    [
        (date(2027, 2, 24), date(2027, 2, 24), date(2027, 2, 24)),
        (date(2027, 2, 28), date(2027, 2, 26), date(2027, 3, 1)),
        (date(2026, 4, 5), date(2026, 4, 2), date(2026, 4, 7)),  # Easter
        (date(2027, 6, 25), date(2027, 6, 24), date(2027, 6, 28)),  # midsummer
        (date(2026, 12, 24), date(2026, 12, 23), date(2026, 12, 28)),
        (date(2026, 12, 31), date(2026, 12, 30), date(2027, 1, 4)),  # over the turn of the year
        (date(2028, 2, 29), date(2028, 2, 29), date(2028, 2, 29)),
    ],
)
def test_the_nearest_working_day(d: date, before: date, after: date) -> None:
    assert SWEDEN.on_or_before(d) == before
    assert SWEDEN.on_or_after(d) == after


@pytest.mark.parametrize(
    ("d", "n", "there"),
    [
        (date(2027, 2, 24), 0, date(2027, 2, 24)),
        (date(2027, 2, 28), 0, date(2027, 2, 26)),  # Sunday: the Friday before
        (date(2027, 2, 28), -1, date(2027, 2, 25)),
        (date(2027, 2, 28), 1, date(2027, 3, 1)),
        (date(2027, 2, 26), 1, date(2027, 3, 1)),
        (date(2027, 2, 24), -10, date(2027, 2, 10)),
        (date(2027, 2, 24), 10, date(2027, 3, 10)),
        (date(2026, 4, 7), -2, date(2026, 4, 1)),  # over Easter
        (date(2026, 4, 2), 1, date(2026, 4, 7)),
        (date(2026, 12, 31), -1, date(2026, 12, 29)),
        (date(2027, 1, 4), -5, date(2026, 12, 22)),
        (date(2026, 12, 22), 5, date(2027, 1, 4)),
        (date(2028, 2, 28), 2, date(2028, 3, 1)),  # over the leap day
        (date(2028, 3, 1), -1, date(2028, 2, 29)),
        (date(2027, 6, 30), -5, date(2027, 6, 22)),  # over midsummer
    ],
)
def test_shifting_by_working_days(d: date, n: int, there: date) -> None:
    assert SWEDEN.shift(d, n) == there


@pytest.mark.parametrize(
    ("spring", "autumn"),
    [
        (date(2026, 3, 29), date(2026, 10, 25)),
        (date(2027, 3, 28), date(2027, 10, 31)),
        (date(2028, 3, 26), date(2028, 10, 29)),
        (date(2029, 3, 25), date(2029, 10, 28)),
        (date(2030, 3, 31), date(2030, 10, 27)),
    ],
)
class TestTheClockIsChanged:
    def test_a_time_skipped_in_spring_is_the_first_instant_after_the_gap(self, spring: date, autumn: date) -> None:
        after_the_gap = datetime(spring.year, 3, spring.day, 1, 0, tzinfo=UTC)
        for at in (time(2, 0), time(2, 0, 0, 1), time(2, 30), time(2, 59, 59, 999_999), time(3, 0)):
            assert SWEDEN.instant(spring, at) == after_the_gap
        assert SWEDEN.instant(spring, time(1, 59)) == after_the_gap - timedelta(minutes=1)
        assert SWEDEN.instant(spring, time(3, 30)) == after_the_gap + timedelta(minutes=30)

    def test_a_time_that_comes_twice_in_autumn_is_the_first(self, spring: date, autumn: date) -> None:
        midnight = datetime(autumn.year, 10, autumn.day - 1, 22, 0, tzinfo=UTC)
        for at in (time(2, 30), time(2, 30, fold=1)):
            assert SWEDEN.instant(autumn, at) == midnight + timedelta(hours=2, minutes=30)
        assert SWEDEN.instant(autumn, time(3, 0)) == midnight + timedelta(hours=4)

    def test_the_day_is_an_hour_shorter_or_longer(self, spring: date, autumn: date) -> None:
        assert SWEDEN.start_of_day(spring) == datetime(spring.year, 3, spring.day - 1, 23, 0, tzinfo=UTC)
        assert SWEDEN.end_of_day(spring) == datetime(spring.year, 3, spring.day, 22, 0, tzinfo=UTC)
        assert SWEDEN.start_of_day(autumn) == datetime(autumn.year, 10, autumn.day - 1, 22, 0, tzinfo=UTC)
        assert SWEDEN.end_of_day(autumn) == datetime(autumn.year, 10, autumn.day, 23, 0, tzinfo=UTC)


def test_by_the_15th_means_the_whole_15th() -> None:
    assert SWEDEN.end_of_day(date(2027, 12, 15)) == datetime(2027, 12, 15, 23, 0, tzinfo=UTC)
    assert SWEDEN.end_of_day(date(2028, 2, 29)) == datetime(2028, 2, 29, 23, 0, tzinfo=UTC)


def test_an_instant_is_in_utc() -> None:
    assert SWEDEN.instant(date(2027, 7, 1), time(8, 0)) == datetime(2027, 7, 1, 6, 0, tzinfo=UTC)
    assert SWEDEN.instant(date(2027, 7, 1), time(8, 0)).tzinfo is UTC
    assert SWEDEN.instant(date(2027, 3, 28), time(2, 30)).tzinfo is UTC


def test_a_day_whose_midnight_is_skipped_starts_after_the_gap() -> None:
    cairo = Calendar("EG", "Africa/Cairo")
    assert cairo.start_of_day(date(2026, 4, 24)) == datetime(2026, 4, 23, 22, 0, tzinfo=UTC)
    assert cairo.local(cairo.start_of_day(date(2026, 4, 24))).time() == time(1, 0)


def test_the_local_date_of_an_instant_is_the_date_of_local_clocks() -> None:
    assert SWEDEN.local_date(datetime(2027, 12, 15, 22, 59, tzinfo=UTC)) == date(2027, 12, 15)
    assert SWEDEN.local_date(datetime(2027, 12, 15, 23, 0, tzinfo=UTC)) == date(2027, 12, 16)
    assert SWEDEN.local_date(datetime(2027, 6, 15, 22, 0, tzinfo=UTC)) == date(2027, 6, 16)
    in_tokyo = datetime(2027, 6, 16, 6, 0, tzinfo=timezone(timedelta(hours=9)))
    assert SWEDEN.local_date(in_tokyo) == date(2027, 6, 15)
    assert SWEDEN.local(datetime(2027, 6, 15, 22, 5, tzinfo=UTC)).isoformat() == "2027-06-16T00:05:00+02:00"


def test_a_datetime_without_zone_is_no_instant() -> None:
    with pytest.raises(ValueError, match="has no zone, so it is no instant; give it in UTC"):
        SWEDEN.local_date(datetime(2027, 12, 15, 22, 59))  # noqa: DTZ001
    with pytest.raises(ValueError, match="has no zone"):
        SWEDEN.local(datetime(2027, 12, 15, 22, 59))  # noqa: DTZ001


def test_a_time_with_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="has a zone of its own; give the time of Europe/Stockholm without"):
        SWEDEN.instant(date(2027, 12, 15), time(8, 0, tzinfo=UTC))


def test_a_datetime_is_refused_where_a_date_belongs() -> None:
    christmas = datetime(2026, 12, 25, 8, 0, tzinfo=UTC)
    with pytest.raises(TypeError, match=r"is no date; take local_date\(\) of it first"):
        SWEDEN.is_working_day(christmas)
    with pytest.raises(TypeError, match="is no date"):
        SWEDEN.shift(christmas, -1)
    with pytest.raises(TypeError, match="is no date"):
        SWEDEN.end_of_day(christmas)


@pytest.mark.parametrize("country", ["XX", "se", "", "Sweden"])
def test_an_unknown_country_is_refused_when_a_working_day_is_asked_for(country: str) -> None:
    with pytest.raises(ValueError, match=f"^unknown country '{country}'; write its two capital letters"):
        Calendar(country, "Europe/Stockholm").is_working_day(date(2026, 11, 30))


@pytest.mark.parametrize("zone", ["Europe/Vänersborg", "Europe", "", "../etc", "/etc/localtime", "CET\0"])
def test_an_unknown_zone_is_refused_when_the_calendar_is_made(zone: str) -> None:
    with pytest.raises(ValueError, match=r"^unknown time zone .*; write a name such as Europe/Stockholm"):
        Calendar("SE", zone)


def test_a_year_without_known_holidays_is_refused() -> None:
    with pytest.raises(ValueError, match="the holidays of SE are known from 1953 to 2100, not those of 2101"):
        SWEDEN.is_working_day(date(2101, 1, 6))


def test_calendars_of_one_country_and_zone_are_equal_and_cannot_be_changed() -> None:
    assert Calendar("SE", "Europe/Stockholm") == SWEDEN
    assert len({Calendar("SE", "Europe/Stockholm"), SWEDEN}) == 1
    with pytest.raises(AttributeError):
        SWEDEN.country = "NO"  # type: ignore[misc]


def test_holidays_are_only_loaded_when_a_working_day_is_asked_for() -> None:
    program = "import sys, workflows.dates.workdays; sys.exit('holidays' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


days = st.dates(date(2020, 1, 1), date(2060, 12, 31))
few = st.integers(-40, 40)
times = st.times()
calendars = st.sampled_from(
    [
        SWEDEN,
        Calendar("EG", "Africa/Cairo"),  # changes at midnight
        Calendar("AU", "Australia/Lord_Howe"),  # changes by half an hour
        Calendar("US", "America/St_Johns"),
        Calendar("CU", "America/Havana"),
        Calendar("JP", "Asia/Tokyo"),
    ]
)


@given(days, few)
def test_no_shift_lands_on_a_day_off(d: date, n: int) -> None:
    assert SWEDEN.is_working_day(SWEDEN.shift(d, n))


@given(days, days, few)
def test_a_later_day_is_never_shifted_to_an_earlier_one(one: date, other: date, n: int) -> None:
    assert SWEDEN.shift(min(one, other), n) <= SWEDEN.shift(max(one, other), n)


@given(days, few)
def test_each_further_working_day_is_later_with_none_left_out(d: date, n: int) -> None:
    here, there = SWEDEN.shift(d, n), SWEDEN.shift(d, n + 1)
    assert here < there
    assert not any(SWEDEN.is_working_day(here + k * DAY) for k in range(1, (there - here).days))


@given(days, st.integers(0, 40))
def test_shifting_back_and_forth_returns_to_the_start(d: date, n: int) -> None:
    start = SWEDEN.on_or_before(d)
    assert SWEDEN.shift(SWEDEN.shift(start, -n), n) == start


@given(days)
def test_the_nearest_working_days_lie_on_either_side(d: date) -> None:
    before, after = SWEDEN.on_or_before(d), SWEDEN.on_or_after(d)
    assert before <= d <= after
    assert (before == d) == (after == d) == SWEDEN.is_working_day(d)


@given(calendars, days)
def test_a_day_is_all_the_instants_from_its_start_to_its_end(calendar: Calendar, d: date) -> None:
    start, end = calendar.start_of_day(d), calendar.end_of_day(d)
    moment = timedelta(microseconds=1)
    assert start < end == calendar.start_of_day(d + DAY)
    assert calendar.local_date(start) == calendar.local_date(end - moment) == d
    assert calendar.local_date(start - moment) < d < calendar.local_date(end)


@given(calendars, days, times, times)
def test_a_later_time_is_never_an_earlier_instant(calendar: Calendar, d: date, one: time, other: time) -> None:
    early, late = (calendar.instant(d, at) for at in sorted((one, other)))
    assert early <= late


@given(calendars, days, times)
def test_an_instant_is_the_local_time_asked_for_or_the_end_of_a_gap(calendar: Calendar, d: date, at: time) -> None:
    instant = calendar.instant(d, at)
    shown, asked = calendar.local(instant).replace(tzinfo=None), datetime.combine(d, at)
    just_before = calendar.local(instant - timedelta(microseconds=1)).replace(tzinfo=None)
    assert shown == asked or just_before < asked < shown


@pytest.mark.parametrize("minute", [0, 1, 15, 29])
def test_a_gap_of_half_an_hour_ends_at_the_half_hour(minute: int) -> None:
    lord_howe = Calendar("AU", "Australia/Lord_Howe")
    end_of_gap = datetime(2026, 10, 3, 15, 30, tzinfo=UTC)
    assert lord_howe.instant(date(2026, 10, 4), time(2, minute)) == end_of_gap


def test_other_time_zone_data_are_noticed_also_if_they_are_those_of_the_system(tmp_path: Path) -> None:
    """As if the changes to summer time were abolished."""
    (tmp_path / "Europe").mkdir()
    lagos = files("tzdata.zoneinfo.Africa").joinpath("Lagos")  # an hour ahead of UTC, all the year
    (tmp_path / "Europe" / "Stockholm").write_bytes(lagos.read_bytes())
    ask = (
        "from workflows.dates.workdays import zone_rules; "
        "print(zone_rules('Europe/Stockholm'), zone_rules('Europe/Oslo'))"
    )
    environment = {**os.environ, "PYTHONTZPATH": str(tmp_path)}
    said = subprocess.run([sys.executable, "-c", ask], env=environment, check=True, capture_output=True, text=True)
    stockholm, oslo = said.stdout.split()
    assert stockholm != zone_rules("Europe/Stockholm")
    assert oslo == zone_rules("Europe/Oslo")


@pytest.mark.parametrize(
    ("clock", "hours"),
    [
        (None, None),
        ("12:00", ("2027-03-15T11:00+00:00", None)),
        ("19:00-21:00", ("2027-03-15T18:00+00:00", "2027-03-15T20:00+00:00")),
        ("22:00-01:00", ("2027-03-15T21:00+00:00", None)),  # it ends on another day: only its beginning is known
    ],
)
def test_a_time_of_day_has_its_hours_in_utc(clock: str | None, hours: tuple[str, str | None] | None) -> None:
    found = Calendar("SE", "Europe/Stockholm").hours(date(2027, 3, 15), clock)
    assert found == (hours and tuple(at and datetime.fromisoformat(at) for at in hours))
