"""Finds Swedish personal numbers in what is about to be logged, because the log never forgets."""

import re
from datetime import date

_NUMBER = re.compile(
    r"(?<![\w/.=])"  # not in the middle of a word, a path or a link
    r"(?P<century>19|20)?(?P<year>\d\d)(?P<month>\d\d)(?P<day>\d\d)"
    r"\s?[-+\u2010-\u2013\u2212]?\s?(?P<number>\d{4})"
    r"(?![\w/]|\.\w)"
)
# Is added to the day in a coordination number (samordningsnummer), where month and day may be 0.
COORDINATION = 60


def has_personal_number(text: str, today: date) -> bool:
    """Whether a personal or coordination number with a valid check digit is in the text.

    With or without its century, and with `-`, `+` or no sign before the last four digits.
    """
    return any(_is_valid(found, today) for found in _NUMBER.finditer(text))


def _is_valid(found: re.Match[str], today: date) -> bool:
    digits = found["year"] + found["month"] + found["day"] + found["number"]
    if not digits.isascii() or _checksum(digits) % 10 != 0:
        return False
    month, day = int(found["month"]), int(found["day"])
    centuries = (found["century"],) if found["century"] else ("19", "20")
    if day >= COORDINATION:
        month, day = month or 1, day - COORDINATION or 1
    return any(_was(int(century + found["year"]), month, day, today) for century in centuries)


def _was(year: int, month: int, day: int, today: date) -> bool:
    try:
        return date(year, month, day) <= today
    except ValueError:
        return False


def _checksum(digits: str) -> int:
    """By Luhn: every other digit is doubled, and the digits of the results are added."""
    return sum(sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(digits))
