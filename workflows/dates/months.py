"""Months: their names in the wheel's files, their ends, and the way from one to another."""

from calendar import monthrange
from datetime import date

# Not calendar.month_name: that one speaks the language of the server.
MONTHS = ("January", "February", "March", "April", "May", "June", "July",
          "August", "September", "October", "November", "December")  # fmt: skip


def month_start(year: int, month: int) -> date:
    """`month` 13 is January of the next year."""
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)


def month_end(year: int, month: int) -> date:
    start = month_start(year, month)
    return start.replace(day=monthrange(start.year, start.month)[1])


def months_later(day: date, months: int) -> date:
    """The same day of another month, or that month's last: a month from 31 August is 30 September."""
    end = month_end(day.year, day.month + months)
    return end.replace(day=min(day.day, end.day))
