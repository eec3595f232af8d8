"""Notices, mails and ticks."""

from datetime import date
from typing import Literal

from pydantic import Field

from wheel.documents.base import Document, Instant, is_none
from wheel.documents.reasons import ReasonDocument

NoticeOutcome = Literal["planned", "sent", "superseded", "expired", "withheld", "failed"]
MailStatus = Literal["pending", "sending", "sent", "withheld", "failed"]


class NoticeDocument(Document):
    """A fact that one person was or will be told.

    `offset`: working days after the deadline; negative before it. `message`: the Message-ID of its mail. `body`, which
    had to act, and `last`, its deadline, are those of the moment when the mail was made, or else when the notice was
    planned. They are null if an earlier version did not store them. `clock`: the time of day of `last`, if it has one.
    """

    key: str
    plan: str
    state: str
    entry: int
    deadline_version: int
    rule: str
    offset: int | None
    person: str
    body: str | None
    last: date | None
    clock: str | None = Field(default=None, exclude_if=is_none)
    due: Instant
    send_after: Instant
    outcome: NoticeOutcome
    message: str | None
    because: str


class NoticesDocument(Document):
    """`waits`: what the plan's next step waits for, so that nobody is told of it yet."""

    notices: tuple[NoticeDocument, ...]
    waits: tuple[ReasonDocument, ...]


class MailDocument(Document):
    id: int
    message_id: str
    to: str
    subject: str
    status: MailStatus
    attempts: int
    created_at: Instant
    sent_at: Instant | None
    sha256: str
    error: str
    notices: tuple[str, ...]


class MailsDocument(Document):
    messages: tuple[MailDocument, ...]


class WholeMail(MailDocument):
    """A mail with its text. `file`: the file to which its bytes were written."""

    headers: dict[str, str]
    text: str
    file: str | None = Field(default=None, exclude_if=is_none)


class TickMove(Document):
    """A plan that changed its state by itself. `due`: the instant at which the change was due."""

    address: str
    from_: str = Field(validation_alias="from", serialization_alias="from")
    to: str
    due: Instant


class PreviewedMail(Document):
    to: str
    subject: str


class TickDocument(Document):
    """The effects of a tick, or of its preview, which alone has `mails`. `hold`: the reason if mail is held back."""

    ok: Literal[True] = True
    now: Instant
    moved: tuple[TickMove, ...]
    notices: int
    messages: int
    superseded: int
    put_aside: tuple[str, ...]
    held_back: int
    hold: str | None = Field(default=None, exclude_if=is_none)
    hold_reason: str | None = Field(default=None, exclude_if=is_none)
    mails: tuple[PreviewedMail, ...] | None = Field(default=None, exclude_if=is_none)
    delivered: int
    dry_run: bool
