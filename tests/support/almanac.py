"""Sweden's days off and its summer time, written down by hand: what the program's own calendar is held against.

Nothing here asks the program, a holiday library or a time zone file.
"""

from datetime import UTC, date, datetime, time, timedelta

DAY = timedelta(days=1)
MONDAY, FRIDAY, SATURDAY, SUNDAY = 0, 4, 5, 6
EASTER = {2025: (4, 20), 2026: (4, 5), 2027: (3, 28), 2028: (4, 16), 2029: (4, 1), 2030: (4, 21), 2031: (4, 13)}
SAME_EVERY_YEAR = {(1, 1), (1, 6), (5, 1), (6, 6), (12, 24), (12, 25), (12, 26), (12, 31)}
FROM_EASTER = (-2, 0, 1, 39, 49)  # long Friday, Easter, the day after it, Ascension, Whitsun


def is_day_off(day: date) -> bool:
    """A weekend, a holiday, or an eve that everybody has off."""
    if day.weekday() >= SATURDAY or (day.month, day.day) in SAME_EVERY_YEAR:
        return True
    midsummers_eve = day.weekday() == FRIDAY and date(day.year, 6, 19) <= day <= date(day.year, 6, 25)
    return midsummers_eve or (day - date(day.year, *EASTER[day.year])).days in FROM_EASTER


def shifted(day: date, working_days: int) -> date:
    """So many working days after the day, or before it; from the last working day where it is a day off itself."""
    if working_days <= 0:
        while is_day_off(day):
            day -= DAY
    for _ in range(abs(working_days)):
        day += DAY if working_days > 0 else -DAY
        while is_day_off(day):
            day += DAY if working_days > 0 else -DAY
    return day


def weeks_first(day: date) -> date:
    """The first working day of the day's week."""
    monday = day - timedelta(days=day.weekday())
    return next(each for each in (monday + n * DAY for n in range(14)) if not is_day_off(each))


def last_sunday(year: int, month: int) -> date:
    day = date(year, month, 31)  # March and October have 31 days
    return day - timedelta(days=(day.weekday() + 1) % 7)


def changes_clocks(day: date) -> bool:
    return day in (last_sunday(day.year, 3), last_sunday(day.year, 10))


def utc(day: date, clock: time, *, again: bool = False) -> datetime:
    """The instant of a local time. `again`: the second of the two hours from 2 to 3 in October.

    The hour that is skipped in March gives the instant of the change.
    """
    wall = datetime.combine(day, clock)
    spring = datetime.combine(last_sunday(day.year, 3), time(2))
    autumn = datetime.combine(last_sunday(day.year, 10), time(2 if again else 3))
    if spring <= wall < spring + timedelta(hours=1):
        wall = spring + timedelta(hours=1)
    hours = 2 if spring < wall < autumn else 1
    return (wall - timedelta(hours=hours)).replace(tzinfo=UTC)
