"""Warns where the source of a date names another weekday, week or day than the date has (W206)."""

import re
from collections.abc import Iterator
from datetime import date

from workflows.checks.problem import WHEEL, Place, Problem
from workflows.dates import periods
from workflows.dates.date_rules import DateRule, DayOf, Exact
from workflows.dates.periods import Week, WeekdayOf
from workflows.definition.definition import DateOf, Text
from workflows.messages import N_

# As sources write them: Swedish, Danish and Norwegian, English, Finnish, and their abbreviations.
WEEKDAYS = (
    ("måndag", "mandag", "monday", "maanantai", "mån", "man", "mon"),
    ("tisdag", "tirsdag", "tuesday", "tiistai", "tis", "tirs", "tues", "tue"),
    ("onsdag", "wednesday", "keskiviikko", "ons", "wed"),
    ("torsdag", "thursday", "torstai", "tors", "thurs", "thu"),
    ("fredag", "friday", "perjantai", "fre", "fri"),
    ("lördag", "lørdag", "saturday", "lauantai", "lör", "lør", "sat"),
    ("söndag", "søndag", "sunday", "sunnuntai", "sön", "søn", "sun"),
)
_WEEKDAY_NUMBERS = {name: number for number, names in enumerate(WEEKDAYS) for name in names}
# By their first letters, which these languages share; Finnish has others.
_MONTH_NUMBERS = {
    start: number
    for number, starts in enumerate(
        ("jan", "feb", "mar", "apr", "maj may mai", "jun", "jul", "aug", "sep", "okt oct", "nov", "dec des"), 1
    )
    for start in starts.split()
}

_NAME = rf"(?:{'|'.join(sorted(_WEEKDAY_NUMBERS, key=len, reverse=True))})"
_DATE = rf"[0-9]{{1,2}}\.?\s+(?:{'|'.join(_MONTH_NUMBERS)})[a-zå]*|[0-9]{{1,2}}/[0-9]{{1,2}}(?![0-9/])"
_BEFORE = re.compile(rf"\b(?P<name>{_NAME})\.?(?:en|na)?,?\s+(?:(?:den|the)\s+)?(?P<day>[0-9]{{1,2}})\b", re.IGNORECASE)
_AFTER = re.compile(
    rf"\b(?P<day>[0-9]{{1,2}})(?:\.?\s+[^\W\d]+|/[0-9]{{1,2}})(?:\s+20[0-9]{{2}})?,?\s+\(?(?P<name>{_NAME})\b",
    re.IGNORECASE,
)
_ALONE = re.compile(rf"\b(?P<name>{_NAME})(?:en|na)?\b", re.IGNORECASE)
_SEVERAL = re.compile(rf"\b{_NAME}(?:en|na)?\s*(?:[-–/]|till|til|to|och|og|and)\s*{_NAME}\b", re.IGNORECASE)
_DATES = re.compile(_DATE, re.IGNORECASE)
_WEEKS = re.compile(
    r"\b(?:vecka|v\.|v|uge|uke|week|viikko)\s*([0-9]{1,2})\b(?!\s*(?:[-–/]|till|til|to|och|og|and)\s*[0-9])",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\b20[0-9]{2}\b")


def source_days(of: DateOf, day: date, place: Place) -> Iterator[Problem]:
    """One warning at most. `day`: the date as it is resolved for the cycle.

    What a source says of a day holds for the year that it names, or for every year where the rule fixes the day.
    """
    text = f"{of.source} {of.note.sv if isinstance(of.note, Text) else of.note}"
    years = {int(year) for year in _YEAR.findall(text)}
    if not (day.year in years if years else isinstance(of.rule, Exact | Week | WeekdayOf)):
        return
    name = _weekday(text, of.rule, day)
    if name and _WEEKDAY_NUMBERS[name["name"].lower()] != day.weekday():
        right = Text(sv=WEEKDAYS[day.weekday()][0], en=periods.WEEKDAYS[day.weekday()])
        message = N_("According to the source it is {quoted}, but {day} is another weekday ({right}).")
        cure = N_("Ask which of the two applies, the weekday or the date.")
        yield Problem(
            "weekday", WHEEL, place, message, cure, {"quoted": name[0].replace("(", ""), "day": day, "right": right}
        )
        return
    weeks = set(_WEEKS.findall(text))
    if len(weeks) == 1 and (week := int(*weeks)) != (right_week := day.isocalendar().week):
        message = N_("According to the source it is week {quoted}, but {day} is in week {right}.")
        cure = N_("Ask which of the two applies, the week or the date.")
        yield Problem("weekday", WHEEL, place, message, cure, {"quoted": week, "day": day, "right": right_week})
        return
    dates = _DATES.findall(text)
    certain = isinstance(of.rule, Exact | DayOf | WeekdayOf) and of.day_off == "keep"
    if certain and len(dates) == 1 and _ALONE.search(text) and not _is_that_day(dates[0], day):
        message = N_("According to the source it is {quoted}, but the date is {day}.")
        cure = N_("Ask which of the two applies.")
        yield Problem("weekday", WHEEL, place, message, cure, {"quoted": dates[0], "day": day})


def _weekday(text: str, rule: DateRule, day: date) -> re.Match[str] | None:
    """The weekday that the source names for this date: beside its day, or by itself where the rule is a weekday. Of
    several, as for a meeting of two days, nobody knows which one it is."""
    if _SEVERAL.search(text):
        return None
    for found in (*_BEFORE.finditer(text), *_AFTER.finditer(text)):
        if int(found["day"]) == day.day:
            return found
    names = list(_ALONE.finditer(text))
    return names[0] if len(names) == 1 and isinstance(rule, WeekdayOf) and not _DATES.search(text) else None


def _is_that_day(said: str, day: date) -> bool:
    number, _, month = said.replace(".", " ").replace("/", " ").partition(" ")
    month = month.strip().lower()
    return (int(number), int(month) if month.isdigit() else _MONTH_NUMBERS[month[:3]]) == (day.day, day.month)
