"""Parses typed values. Each function raises Usage with a sentence that shows the right form."""

from datetime import UTC, date, datetime

import click

from wheel.errors import Usage
from workflows.dates.workdays import YEARS
from workflows.messages import N_


def day(text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise Usage(N_("{value} is not a date. Write the date like this: 2027-02-24."), value=repr(text)) from None
    check_year(found.year, text)
    return found


def check_year(year: int, text: str) -> None:
    """Raises Usage for a year outside the years whose working days are known."""
    if year not in YEARS:
        message = N_("{value} is or reaches outside the known years {first} to {last}.")
        raise Usage(message, value=repr(text), first=YEARS[0], last=YEARS[-1])


def instant(text: str) -> datetime:
    """Parse an instant with a time zone. Returns it in UTC."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Usage(
            N_("{value} is not a time. Write the time like this: 2027-02-24T09:00+01:00."), value=repr(text)
        ) from None
    if found.tzinfo is None:
        text_ = N_("{value} has no time zone. Write the time like this: 2027-02-24T09:00+01:00, or with Z for UTC.")
        raise Usage(text_, value=repr(text))
    check_year(found.year, text)
    return found.astimezone(UTC)


def number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise Usage(N_("{value} is not a number."), value=repr(text))
    return int(text)


class OneOf(click.Choice[str]):
    """One of a few words; none is "" """

    def __init__(self, *possible: str) -> None:
        super().__init__(possible)

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ARG002
        if value and value not in self.choices:  # Click asks about the default too
            raise Usage(
                N_("{value} cannot be chosen. Choose one of: {possible}."),
                value=repr(value),
                possible=", ".join(self.choices),
            )
        return value
