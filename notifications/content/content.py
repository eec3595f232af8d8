"""The data that `wheel` gives to make mail: the addressee, and the content of each notice."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class Addressee:
    """A person, or a board's function address."""

    id: str
    name: str
    email: str
    language: str = "sv"


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """A deadline in the reader's calendar. `about` identifies the entry by plan and state ("2028/mrp:kf").

    `sequence` grows whenever the day changes or the plan enters the state again. "cancelled": an earlier mail has put
    it into the calendar, and it no longer holds. `hours`: when it begins and ends, if it has a time of day.
    """

    about: str
    day: date
    sequence: int
    status: Literal["confirmed", "tentative", "cancelled"] = "confirmed"
    hours: tuple[datetime, datetime | None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeContent:
    """The content of one notice, in the reader's language.

    `address` is the plan's, `body` the id of the body that owes its next step. `title` names the plan
    ("Socialnämndens verksamhetsplan 2027"); `shorter` is used where it is too long for a subject. `task` is to be done.
    `must` says what the plan must be ("ska beslutas"); without it the heading names the deadline alone. `task_label` is
    the heading of the task, empty for that of a hand-in. `days`: calendar days from today to the deadline, negative
    when it has passed; `clock`: its time of day, if it has one (`12:00`). `reason` is quoted word for word.
    `provisional`: the deadline is a best guess until a meeting is known. `opens`: the day to come from which the step
    can be taken; `statutory`: the law's last day; both may have a time of day. `meeting`: the last one before the
    deadline, where that is no meeting itself; `counted`: the day to which `days` counts, which is the meeting while it
    is to come; `next_meeting`: the next one of a body that has not decided in time. `confirm`: the link leads to a page
    where the reader marks the task as done. `calendar`: entries for the reader's calendar. `returned_by`: the body that
    sent the matter back, rejected or postponed it, with its decision. `how`: in what way the reader can do the task, or
    say that it is done.
    `report`: labels and texts of several lines, for a mail that is no task; `picture`: a PNG above it; `alt`: what the
    picture shows, in words.
    """

    address: str
    title: str
    task: str
    rule: str
    why_you: str
    deadline: date | None = None
    clock: str = ""
    old_deadline: date | None = None
    days: int | None = None
    then: str = ""
    standing: str = ""
    reason: str = ""
    waiting: str = ""
    url: str | None = None
    must: str = ""
    task_label: str = ""
    confirm: bool = False
    provisional: bool = False
    calendar: tuple[CalendarEntry, ...] = ()
    shorter: str = ""
    municipality: str = ""
    returned_by: str = ""
    how: str = ""
    report: tuple[tuple[str, str], ...] = ()
    picture: bytes = b""
    alt: str = ""
    opens: date | None = None
    meeting: date | None = None
    counted: date | None = None
    opens_clock: str = ""
    statutory: date | None = None
    statutory_clock: str = ""
    body: str | None = None
    next_meeting: date | None = None

    @property
    def is_missed(self) -> bool:
        """Whether the last meeting before the deadline is over, and the deadline is not."""
        return self.meeting is not None and self.counted != self.meeting and self.days is not None and self.days >= 0
