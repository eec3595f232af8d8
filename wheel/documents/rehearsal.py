"""A rehearsed year, and two of them beside each other."""

from typing import Literal

from pydantic import Field

from wheel.documents.base import Day, Document, Instant, is_none
from wheel.documents.reasons import ReasonDocument
from workflows.definition.definition import Bound


class EntryDocument(Document):
    """Something in the calendar. `known_meeting`: false for a decision without a meeting; null where it is none.

    `clock`: the time of day of a deadline or an opening, where it has one.
    """

    date: Day
    what: str
    address: str
    cycle: str
    phase: str | None
    board: str | None
    state: str | None
    step: str | None
    body: str | None
    last: Day | None
    known_meeting: bool | None
    at: Instant | None
    clock: str | None = Field(default=None, exclude_if=is_none)
    reasons: tuple[ReasonDocument, ...]


class MailedDocument(Document):
    person: str
    name: str
    count: int
    days: tuple[Day, ...]


class LatenessDocument(Document):
    """A state that was left after its last day, or not at all (`done` null); `because`: of whose lateness."""

    address: str
    state: str
    step: str
    body: str | None
    last: Day
    done: Day | None
    days: int
    because: tuple[str, ...]


class MissedDocument(Document):
    """A decision that was not made at its meeting; `next`: where then."""

    address: str
    step: str
    body: str
    meeting: Day
    next: Day | None
    because: tuple[str, ...]


class UnfinishedDocument(Document):
    """A plan beyond its last day when the years end."""

    address: str
    state: str
    last: Day
    body: str | None
    reasons: tuple[ReasonDocument, ...]


class UndecidedDocument(Document):
    """A date that nobody has decided."""

    address: str
    state: str
    bound: Bound
    body: str | None
    source: str


class NotWokenDocument(Document):
    address: str
    trouble: str


class SummaryDocument(Document):
    openings: int
    decisions: int
    without_meeting: int
    mails: int
    people: int
    late: int
    most_days_late: int
    missed: int
    unfinished: int
    undecided: int
    not_woken: int


class YearDocument(Document):
    """A rehearsed year, or several. `everybody`: whether the policy holds for more than the boards.

    `ok`, and the `files` that were written, stand where the year is the answer, not within a comparison.
    """

    ok: Literal[True] | None = Field(default=None, exclude_if=is_none)
    municipality: str
    policy: str
    everybody: bool
    from_: Day = Field(validation_alias="from", serialization_alias="from")
    to: Day
    fresh: bool
    calendar: tuple[EntryDocument, ...]
    mails: tuple[MailedDocument, ...]
    lateness: tuple[LatenessDocument, ...]
    missed: tuple[MissedDocument, ...]
    unfinished: tuple[UnfinishedDocument, ...]
    undecided: tuple[UndecidedDocument, ...]
    not_woken: tuple[NotWokenDocument, ...]
    summary: SummaryDocument
    files: tuple[str, ...] | None = Field(default=None, exclude_if=is_none)


class DayDifference(Document):
    """A step or an opening on another day. In each difference null stands for what is in the other year alone."""

    address: str
    what: str
    state: str
    step: str | None
    first: Day | None
    second: Day | None


class MailDifference(Document):
    """How many mails a person gets."""

    person: str
    first: int | None
    second: int | None


class LatenessDifference(Document):
    """By how many days a state was left late."""

    address: str
    state: str
    first: int | None
    second: int | None


class MissedDifference(Document):
    """A meeting that is missed, and the next one at which it is decided."""

    address: str
    step: str
    body: str
    meeting: Day
    first: Day | Literal["never"] | None
    second: Day | Literal["never"] | None


class DifferencesDocument(Document):
    calendar: tuple[DayDifference, ...]
    mails: tuple[MailDifference, ...]
    lateness: tuple[LatenessDifference, ...]
    missed: tuple[MissedDifference, ...]


class PairDocument(Document):
    ok: Literal[True] = True
    first: YearDocument
    second: YearDocument
    differences: DifferencesDocument
    files: tuple[str, ...] = ()
