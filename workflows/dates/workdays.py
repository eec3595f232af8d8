"""Working days of a country, and the instants at which its days begin and end.

A date is a calendar date of the municipality; an instant is an aware datetime in UTC. Always convert between them
with `Calendar`: plain arithmetic across a change to or from summer time is an hour off.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from holidays import HolidayBase

DAY = timedelta(days=1)
# The years of all dates. Holidays are known up to 2100 at most, and rules count up to ten years ahead of a date.
YEARS = range(2000, 2091)
# de_facto: Midsummer Eve, Christmas Eve and New Year's Eve, which are not holidays by law. The categories "bank" and
# "optional" are left out: they contain half days, such as skärtorsdag, on which town halls are open.
CATEGORIES = {"public", "de_facto"}
# The library has it there as a half day, as an optional one or not at all, but the town halls are closed.
CLOSED_ON_CHRISTMAS_EVE = {"DE", "DK", "IS", "NO"}


@dataclass(frozen=True)
class Calendar:
    """The working days of a country (`SE`) and the days of a zone (`Europe/Stockholm`).

    Raises ValueError for an unknown zone, and for working days of an unknown country or of a year whose holidays are
    not known.
    Raises TypeError for a datetime in place of a date, because its date depends on a zone.
    """

    country: str
    zone: str

    def __post_init__(self) -> None:
        _zone(self.zone)

    def is_working_day(self, d: date) -> bool:
        """Whether `d` is no Saturday, Sunday, holiday or one of the eves that are days off in practice."""
        return _plain(d).weekday() < 5 and d not in _days_off(self.country, d.year)

    def on_or_before(self, d: date) -> date:
        """`d` itself, or the nearest working day before it."""
        return self.shift(d, 0)

    def on_or_after(self, d: date) -> date:
        """`d` itself, or the nearest working day after it."""
        return d if self.is_working_day(d) else self.shift(d, 1)

    def shift(self, d: date, n: int) -> date:
        """The n-th working day after `d`.

        With n = 0, the nearest working day on or before `d`; with n < 0, -n working days before that day.
        """
        return _shift(self, _plain(d), n)

    def instant(self, d: date, at: time) -> datetime:
        """The instant (UTC) at which local clocks show `at` on `d`.

        For a time that is skipped in spring, the first instant after the gap; for a time that occurs twice in
        autumn, the first of the two. Raises ValueError for a time that has a zone.
        """
        if at.tzinfo is not None:
            raise ValueError(f"{at} has a zone of its own; give the time of {self.zone} without one")
        return _instant(self.zone, _plain(d), at)

    def start_of_day(self, d: date) -> datetime:
        """The first instant of `d`, in UTC."""
        return self.instant(d, time())

    def end_of_day(self, d: date) -> datetime:
        """The first instant after `d`, in UTC. "By the 15th at the latest" includes the whole 15th."""
        return self.start_of_day(d + DAY)

    def hours(self, d: date, clock: str | None) -> tuple[datetime, datetime | None] | None:
        """When `12:00` or `19:00-21:00` begins and ends on `d`, in UTC; one without an end is a moment."""
        if clock is None:
            return None
        begins, *ends = (self.instant(d, time.fromisoformat(at)) for at in clock.split("-"))
        return begins, ends[0] if ends and ends[0] > begins else None

    def local(self, instant: datetime) -> datetime:
        """The instant as local time, for people to read. Raises ValueError for a naive datetime."""
        if instant.utcoffset() is None:
            raise ValueError(f"{instant} has no zone, so it is no instant; give it in UTC")
        return instant.astimezone(_zone(self.zone))

    def local_date(self, instant: datetime) -> date:
        """The date in the calendar's zone at that instant. Raises ValueError for a naive datetime."""
        return self.local(instant).date()


def _plain(d: date) -> date:
    if isinstance(d, datetime):  # a datetime never equals a date, so every holiday would pass for a working day
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


@lru_cache(maxsize=1 << 16)  # a tick asks for the same few instants again and again
def _instant(zone_name: str, d: date, at: time) -> datetime:
    zone = _zone(zone_name)
    wall = datetime.combine(d, at.replace(fold=0), zone)
    utc = wall.astimezone(UTC)
    if utc.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return utc
    return _end_of_gap(wall.replace(fold=1).astimezone(UTC), utc, zone)


@cache
def _days_off(country: str, year: int) -> frozenset[date]:
    check_country(country)
    kind = _holidays_of(country)
    found = kind(years=year, categories=CATEGORIES & set(kind.supported_categories))
    if not found.start_year <= year <= found.end_year:  # outside these years the library reports no holidays at all
        known = f"{found.start_year} to {found.end_year}"
        raise ValueError(f"the holidays of {country} are known from {known}, not those of {year}")
    return frozenset(found) | ({date(year, 12, 24)} if country in CLOSED_ON_CHRISTMAS_EVE else frozenset())


@cache
def _holidays_of(country: str) -> "type[HolidayBase]":
    """The country's class, from its own file: the library's package of countries loads all 250 of them, in 50 ms."""
    from runpy import run_path

    import holidays  # takes 30 ms, so only programs that ask for a working day pay for it

    file, names = next((file, names) for file, names in holidays.registry.COUNTRIES.items() if country in names)
    found: type[HolidayBase] = run_path(f"{holidays.__path__[0]}/countries/{file}.py")[names[0]]
    return found


@cache
def check_country(country: str) -> None:
    """Raises ValueError for a country whose holidays are not known."""
    from holidays.registry import EntityLoader  # not list_supported_countries(), which loads all of them

    if country not in EntityLoader.get_country_codes():
        raise ValueError(f"unknown country {country!r}; write its two capital letters, such as SE")


@cache
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown zone, invalid name, or a folder such as "Europe"
        raise ValueError(f"unknown time zone {name!r}; write a name such as Europe/Stockholm") from None


@cache
def zone_rules(name: str) -> str:
    """A fingerprint of the zone's clock changes in YEARS, as this machine's time zone data have them.

    If it differs from the stored one, every stored instant must be computed again. It is derived from the changes
    themselves, because the data may come from the system or from the library, in different versions.
    """
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
    """The instant (UTC, to the second) of the offset change between `before` and `after`."""
    old = before.astimezone(zone).utcoffset()
    least, most = int(before.timestamp()), int(after.timestamp())
    while most - least > 1:
        middle = (least + most) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == old:
            least = middle
        else:
            most = middle
    return datetime.fromtimestamp(most, UTC)
