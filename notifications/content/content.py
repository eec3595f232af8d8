"""What the post room is told from outside: who reads, and what a mail says about one notice."""

from dataclasses import dataclass
from datetime import date
from typing import Literal


@dataclass(frozen=True, slots=True)
class Addressee:
    """A person, or a board's function address, as the post room needs them."""

    id: str
    name: str
    email: str
    language: str = "sv"


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """A deadline in the reader's calendar. `about`: what makes it the same entry, plan and state ("2028/mrp:kf").

    `sequence` grows whenever the day changes, or the plan comes there once more. `cancelled`: a mail has put it there,
    and it holds no longer.
    """

    about: str
    day: date
    sequence: int
    status: Literal["confirmed", "tentative", "cancelled"] = "confirmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeContent:
    """One notice in the reader's language.

    `title` names the matter ("Socialnämndens verksamhetsplan 2027"), `shorter` where that is too long for a subject;
    `task` is what is to be done. `must` and
    `task_label` are the words round it ("ska beslutas", "Ska beslutas"); empty: those of a hand-in. `days`:
    calendar days from today to the deadline, negative when it has passed. `reason` is given word for word.
    `provisional`: the deadline is a best guess until a meeting is known.
    `confirm`: the link leads to a page where the reader marks the task as done. `calendar`: what the reader's calendar
    is to hold.
    """

    address: str
    title: str
    task: str
    rule: str
    why_you: str
    deadline: date | None = None
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
