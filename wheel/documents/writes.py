"""The answer to an action."""

from typing import Literal

from pydantic import Field

from wheel.documents.base import Day, Document, Flag, Instant, is_none
from wheel.documents.meetings import MeetingDocument
from wheel.documents.plans import StepDocument
from wheel.documents.reasons import ReasonDocument
from wheel.engine.plan import Status
from workflows.definition.definition import Bound


class RemindedDocument(Document):
    """A reminder of the old day that a person has had."""

    person: str
    rule: str
    offset: int | None
    sent_at: Instant


class MovedDates(Document):
    """The dates of one state that become others: of each the old one and the new one."""

    address: str
    state: str
    dates: dict[Bound, tuple[Day | None, Day | None]]
    provisional: tuple[Bound, ...]
    undecided: tuple[Bound, ...]
    reminded: tuple[RemindedDocument, ...]


class MappedPlan(Document):
    """The fate of a plan when its cycle is taken over to another wheel, or when its whole phase is acted on."""

    address: str
    what: Literal["stays", "goes", "new", "new_left_out", "withdrawn", "left_out", "taken_in", "held", "released"]
    from_: str | None = Field(validation_alias="from", serialization_alias="from")
    to: str | None


class MadeMail(Document):
    """A mail that would be made."""

    person: str
    to: str
    subject: str


class ShaChange(Document):
    from_: str = Field(validation_alias="from", serialization_alias="from")
    to: str


class RowDocument(Document):
    """The effect of a row of a table. `next`: the steps that are possible after all rows, at a plan's last row."""

    row: int
    address: str
    step: str
    state: str | None
    status: Status | None
    version: int | None
    held: Flag = False
    returned: Flag = False
    next: tuple[StepDocument, ...]


class WriteDocument(Document):
    """What an action did or would do. `state`, `status` and `version` are null unless it is about one plan.

    The fields after `dry_run` are written only by the actions that they concern.
    """

    ok: Literal[True] = True
    address: str
    state: str | None
    status: Status | None
    version: int | None
    log: tuple[int, ...]
    notices: int
    warnings: tuple[ReasonDocument, ...]
    dry_run: bool
    held: Flag = False
    returned: Flag = False  # by an official, for completion
    send_after: Instant | None = Field(default=None, exclude_if=is_none)  # none of the notices leaves before
    timetable: int | None = Field(default=None, exclude_if=is_none)
    definition: ShaChange | None = Field(default=None, exclude_if=is_none)
    plans: tuple[MappedPlan, ...] | None = Field(default=None, exclude_if=is_none)
    moved: tuple[MovedDates, ...] | None = Field(default=None, exclude_if=is_none)
    added: tuple[MeetingDocument, ...] | None = Field(default=None, exclude_if=is_none)
    there: tuple[MeetingDocument, ...] | None = Field(default=None, exclude_if=is_none)
    removed: tuple[MeetingDocument, ...] | None = Field(default=None, exclude_if=is_none)
    reminded: tuple[str, ...] | None = Field(default=None, exclude_if=is_none)
    mails: tuple[MadeMail, ...] | None = Field(default=None, exclude_if=is_none)
    rows: tuple[RowDocument, ...] | None = Field(default=None, exclude_if=is_none)
    changed: int | None = Field(default=None, exclude_if=is_none)  # mails
    next: tuple[StepDocument, ...] | None = Field(default=None, exclude_if=is_none)  # possible after a step


class InvitationDocument(WriteDocument):
    """An invitation to choose a password. `link`: shown once, only its hash is kept; null in a dry run."""

    link: str | None
