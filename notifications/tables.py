"""The tables of mail: notices (facts that a person is to be told) and messages (mails made of them)."""

from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, LargeBinary, String, text
from sqlmodel import Field, SQLModel

from notifications.column_types import UtcDateTime, partial_index

Outcome = Literal["planned", "sent", "superseded", "expired", "withheld", "failed"]
MessageStatus = Literal["pending", "sending", "sent", "withheld", "failed"]


class Notice(SQLModel, table=True):
    """One fact that one person is to be told, about one deadline or one event of a plan.

    `key` is made of everything that identifies it: plan, state, entry, deadline version, rule and offset, person. The
    database refuses a second notice with the same key. A notice without a plan is about the home itself.
    """

    __table_args__ = (
        partial_index("notice_waiting", "send_after", where="outcome = 'planned'"),
        Index("notice_plan", "plan_id"),
        # Not of those in no message: it would lead away from the few that wait.
        partial_index("notice_message", "message_id", where="message_id IS NOT NULL"),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    plan_id: int | None = Field(default=None, sa_column=Column(ForeignKey("plan.id"), nullable=True))
    state: str
    entry: int
    deadline_version: int
    rule: str  # "ladder", "late", "your_turn", "sent_back", "postponed", "moved", "manual", …
    offset: int | None = None  # working days from the last day, for the ladder
    person_id: str = Field(sa_column=Column(ForeignKey("person.id"), nullable=False))
    at_once: bool = False  # not part of the one scheduled mail a day
    # The facts it tells: `body` owes the next step, `last` is its deadline, `provisional`; other facts by its rule.
    # They are set anew when the mail is made, and never afterwards.
    facts: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    due: datetime = Field(sa_type=UtcDateTime)  # what it is for
    send_after: datetime = Field(sa_type=UtcDateTime)  # when it may leave
    outcome: str = Field(default="planned", sa_type=String)
    because: str = ""  # why it ended so: a code of endings.py
    # A text that nobody translates: a server's answer, an error, the ids of people.
    detail: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    message_id: int | None = Field(default=None, sa_column=Column(ForeignKey("message.id"), nullable=True))


class Message(SQLModel, table=True):
    """One mail to one person, its bytes frozen when it was made.

    `key` identifies it: person and day, or person and first notice. `message_id`, the header's content without its
    brackets, is derived from the key, so that a second copy after a crash can be recognised.
    """

    __table_args__ = (partial_index("message_waiting", "next_attempt", where="status IN ('pending', 'sending')"),)

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    message_id: str = Field(unique=True)
    person_id: str = Field(sa_column=Column(ForeignKey("person.id"), nullable=False))
    day: date  # the municipality's civil date it was made for
    to: str
    subject: str
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))  # the whole RFC 5322 message
    sha256: str
    status: str = "pending"
    attempts: int = 0
    created_at: datetime = Field(sa_type=UtcDateTime)
    next_attempt: datetime = Field(sa_type=UtcDateTime)
    lease: str | None = None  # the claim that may settle it; a frozen process finds another one here
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    error: str = ""  # what the server said last; of a withheld mail a code of endings.py
    # A server may have it: it was handed over, and no answer came.
    maybe_delivered: bool = Field(default=False, sa_column=Column("perhaps", Boolean, nullable=False))


class MailRoute(SQLModel, table=True):
    """The one row about the route to the mail server.

    `closed`: why no mail can leave at present, in the server's words; empty while it can. `transient`: it may be over
    in seconds, such as a connection that was not made; otherwise somebody has to mend it. `probe_at`: when one mail
    is tried next. `told`: the log has it.
    """

    __tablename__ = "way_out"

    id: int = Field(default=1, primary_key=True)
    closed: str = ""
    transient: bool = Field(default=False, sa_column=Column("passing", Boolean, nullable=False))
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    probe_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    told: bool = False
