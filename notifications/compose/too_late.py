"""Whether a notice is too old to be sent, by the table too_late.toml. Whether it is still true:
wheel/engine/notice_validity.py."""

import tomllib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Literal, Protocol

from workflows.dates.workdays import Calendar


@dataclass(frozen=True)
class LatePolicy:
    """`do`: send every notice, only the newest of a deadline, or skip what was not sent on its day. `within_days`: not
    sent when it is older than so many days; None: sent for as long as it holds."""

    do: Literal["send", "newest", "skip"] = "send"
    within_days: int | None = None


class Late(Protocol):
    """The columns of a notice that decide whether it is too late."""

    @property
    def rule(self) -> str: ...

    @property
    def offset(self) -> int | None: ...

    @property
    def due(self) -> datetime: ...

    @property
    def send_after(self) -> datetime: ...


@cache
def policies() -> dict[str, LatePolicy]:
    found = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return {rule: LatePolicy(**policy) for rule, policy in found.items()}


def policy_of(notice: Late) -> LatePolicy:
    overdue = notice.rule == "ladder" and (notice.offset or 0) > 0
    return policies().get("overdue" if overdue else notice.rule, LatePolicy())


def is_too_late(calendar: Calendar, notice: Late, now: datetime) -> bool:
    """Whether the notice is too old to be sent at `now` (UTC). Days are the municipality's calendar days: one that is
    due at half past seven is as late in the morning as at night."""
    policy = policy_of(notice)
    days = 0 if policy.do == "skip" else policy.within_days
    since = max(notice.due, notice.send_after)  # counted from the day to which it may have been put off
    return days is not None and (calendar.local_date(now) - calendar.local_date(since)).days > days
