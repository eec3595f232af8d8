"""A body's list of meetings may hold a part of a year alone: where it goes on without a gap, and where it may not."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, timedelta

LONGEST_PAUSE = timedelta(days=120)  # longer than a summer: what lies between is not entered yet
SIX_WEEKS = timedelta(weeks=6)  # longer than from one meeting to the next, but for summer


def known_last(days: Sequence[date], last: date) -> date | None:
    """The last of the sorted days that is no later than `last`, if it is known to be the last one: it is at most six
    weeks before, or the list goes on after it, in the same year or without a longer pause. Otherwise None."""
    at = bisect_right(days, last)
    if at == 0:
        return None
    found = days[at - 1]
    goes_on = at < len(days) and (days[at].year == found.year or days[at] - found <= LONGEST_PAUSE)
    return found if goes_on or last - found <= SIX_WEEKS else None
