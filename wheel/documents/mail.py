"""Notices, mails and ticks."""

from datetime import date
from typing import Literal

from pydantic import Field

from wheel.documents.base import Document, Instant, is_none

NoticeOutcome = Literal["planned", "sent", "superseded", "expired", "withheld", "failed"]
MailStatus = Literal["pending", "sending", "sent", "withheld", "failed"]


class NoticeDocument(Document):
    """A fact that one person was or will be told. `offset`: working days after the last day. `message`: its mail.

    `body` owed the step and `last` was its deadline when the mail was made, or when the notice was planned; both are
    null where they were not stored. `clock`: the time of day of `last`, where it has one."""

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
    notices: tuple[NoticeDocument, ...]


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
    """A mail with its text. `file`: the file that its bytes were written to."""

    headers: dict[str, str]
    text: str
    file: str | None = Field(default=None, exclude_if=is_none)


class TickMove(Document):
    """A plan that the calendar has moved. `due`: when that should have happened."""

    address: str
    from_: str = Field(validation_alias="from", serialization_alias="from")
    to: str
    due: Instant


class PreviewedMail(Document):
    to: str
    subject: str


class TickDocument(Document):
    """What a tick did or would do; only a preview has `mails`. `hold`: why mail is held back, where any is."""

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
