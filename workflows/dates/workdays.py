"""Working days of a country, and the instants at which its days begin and end.

A date is the municipality's own calendar date; an instant is an aware datetime in UTC. Between the two there
is no other road than `Calendar`: what crosses a change to summer time by plain arithmetic is an hour off.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from hashlib import sha256
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
# What one can ask about. The holidays are known to 2100 at most, and what counts from a day reaches ten years further.
YEARS = range(2000, 2091)
# de_facto: the eves of midsummer, Christmas and New Year, which the law on holidays doesn't name. Not "bank"
# or "optional": they hold days with a short afternoon, such as skärtorsdag, on which town halls are open.
CATEGORIES = {"public", "de_facto"}


@dataclass(frozen=True)
class Calendar:
    """The working days of a country (`SE`) and the days of a zone (`Europe/Stockholm`).

    Raises ValueError for a country or a zone that doesn't exist, and when asked about working days of a year
    whose holidays aren't known. A datetime where a date belongs is a TypeError: its date depends on a zone.
    """

    country: str
    zone: str

    def __post_init__(self) -> None:
        _check_country(self.country)
        _zone(self.zone)

    def is_working_day(self, d: date) -> bool:
        """Neither Saturday, Sunday, a holiday nor one of the eves that everybody is off."""
        return _plain(d).weekday() < 5 and d not in _days_off(self.country, d.year)

    def on_or_before(self, d: date) -> date:
        """`d` itself, or the nearest working day before it."""
        return self.shift(d, 0)

    def on_or_after(self, d: date) -> date:
        """`d` itself, or the nearest working day after it."""
        return d if self.is_working_day(d) else self.shift(d, 1)

    def shift(self, d: date, n: int) -> date:
        """The n-th working day after `d`.

        n = 0: on or before `d`. n < 0: as many working days before that one.
        """
        return _shift(self, _plain(d), n)

    def instant(self, d: date, at: time) -> datetime:
        """When the clock on the wall shows `at` on `d`, in UTC.

        A time skipped in spring: the first instant after the gap. One that comes twice in autumn: the first.
        Raises ValueError for a time with a zone of its own.
        """
        if at.tzinfo is not None:
            raise ValueError(f"{at} has a zone of its own; give the time of {self.zone} without one")
        return _instant(self.zone, _plain(d), at)

    def start_of_day(self, d: date) -> datetime:
        """The first instant of `d`, in UTC."""
        return self.instant(d, time())

    def end_of_day(self, d: date) -> datetime:
        """The first instant after `d`, in UTC: "by the 15th at the latest" means the whole 15th."""
        return self.start_of_day(d + DAY)

    def local(self, instant: datetime) -> datetime:
        """What the clock on the wall shows, to be read. Raises ValueError for a naive datetime."""
        if instant.utcoffset() is None:
            raise ValueError(f"{instant} has no zone, so it is no instant; give it in UTC")
        return instant.astimezone(_zone(self.zone))

    def local_date(self, instant: datetime) -> date:
        """The date in the calendar's zone at that instant. Raises ValueError for a naive datetime."""
        return self.local(instant).date()


def _plain(d: date) -> date:
    if isinstance(d, datetime):  # never equal to a date: every holiday would count as a working day
        raise TypeError(f"{d!r} is no date; take local_date() of it first")
    return d


@lru_cache(maxsize=1 << 16)  # a tick asks for the same few due dates again and again
def _shift(calendar: Calendar, d: date, n: int) -> date:
    step = DAY if n > 0 else -DAY
    while n <= 0 and not calendar.is_working_day(d):
        d -= DAY
    for _ in range(abs(n)):
        d += step
        while not calendar.is_working_day(d):
            d += step
    return d


@lru_cache(maxsize=1 << 16)  # for the same reason
def _instant(zone_name: str, d: date, at: time) -> datetime:
    zone = _zone(zone_name)
    wall = datetime.combine(d, at.replace(fold=0), zone)
    utc = wall.astimezone(UTC)
    if utc.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return utc
    return _end_of_gap(wall.replace(fold=1).astimezone(UTC), utc, zone)


@cache
def _days_off(country: str, year: int) -> frozenset[date]:
    import holidays  # 100 ms with its first country: not for programs that ask about no day

    kinds = CATEGORIES & set(holidays.country_holidays(country).supported_categories)
    found = holidays.country_holidays(country, years=year, categories=kinds)
    if not found.start_year <= year <= found.end_year:  # else it answers that such a year has no holidays
        known = f"{found.start_year} to {found.end_year}"
        raise ValueError(f"the holidays of {country} are known from {known}, not those of {year}")
    return frozenset(found)


@cache
def _check_country(country: str) -> None:
    import holidays

    if country not in holidays.list_supported_countries():
        raise ValueError(f"unknown country {country!r}; write its two capital letters, such as SE")


@cache
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # no such zone, no such name, the folder "Europe"
        raise ValueError(f"unknown time zone {name!r}; write a name such as Europe/Stockholm") from None


@cache
def zone_rules(name: str) -> str:
    """A name for the zone's changes of time as this machine knows them: others, and each instant that was stored is to
    be computed anew. Wherever the data come from: a system's may be newer than the library's."""
    zone, changes = _zone(name), []
    day = datetime(YEARS[0], 1, 1, tzinfo=UTC)
    offset = day.astimezone(zone).utcoffset()
    while day.year in YEARS:
        following = day + DAY
        if (then := following.astimezone(zone).utcoffset()) != offset:
            changes.append(f"{_end_of_gap(day, following, zone):%Y-%m-%dT%H:%M:%S} {then}")
            offset = then
        day = following
    return sha256(f"{offset} {changes}".encode()).hexdigest()[:16]


def _end_of_gap(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The second at which the offset changes, between instants in UTC on either side of the change."""
    old = before.astimezone(zone).utcoffset()
    least, most = int(before.timestamp()), int(after.timestamp())
    while most - least > 1:
        middle = (least + most) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == old:
            least = middle
        else:
            most = middle
    return datetime.fromtimestamp(most, UTC)
