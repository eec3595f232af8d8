"""Month names as wheel files write them, and arithmetic with months."""

from calendar import monthrange
from datetime import date

# Not calendar.month_name, which depends on the locale of the server.
MONTHS = ("January", "February", "March", "April", "May", "June", "July",
          "August", "September", "October", "November", "December")  # fmt: skip


def month_start(year: int, month: int) -> date:
    """The first day of a month; `month` 13 is January of the next year."""
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)


def month_end(year: int, month: int) -> date:
    start = month_start(year, month)
    return start.replace(day=monthrange(start.year, start.month)[1])


def months_later(day: date, months: int) -> date:
    """The same day `months` later, or the month's last day: one month after 31 August is 30 September."""
    end = month_end(day.year, day.month + months)
    return end.replace(day=min(day.day, end.day))
