"""The tables of the year. Frequent writes go through SQLAlchemy Core (engine/unit_of_work.py), other writes and reads
of whole rows through these classes."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Column, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from notifications.column_types import UtcDateTime, partial_index
from notifications.tables import MailRoute, Message, Notice

__all__ = [
    "Account",
    "ChainHead",
    "Checkpoint",
    "CheckpointRow",
    "CycleRow",
    "Decision",
    "DefinitionRow",
    "Home",
    "Invitation",
    "LogEntry",
    "MailRoute",
    "Meeting",
    "Message",
    "Notice",
    "Person",
    "PlanRow",
    "Role",
    "StateChange",
    "TimetableRow",
    "WebSession",
]


class Home(SQLModel, table=True):
    """The home itself, in a single row."""

    id: int = Field(default=1, primary_key=True)
    practice: bool = False
    created_at: datetime = Field(sa_type=UtcDateTime)
    last_tick: datetime | None = Field(default=None, sa_type=UtcDateTime)
    mail_hold: str = ""  # why mail is held until somebody releases it: "restored", "long_stop", "by_hand"
    # The reason of whoever holds it by hand, until that is released: also through a restore.
    mail_hold_reason: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    agenda_basis: str = ""  # the inputs of all alarms: program, holidays, time zone, settings of mail
    clock_step: int = 0  # seconds by which the clock was last set ahead or (negative) back
    clock_stepped_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    # The result of the last daily check of the log (past/proof.py): `at`, `entries`; of a fault `message` and `facts`.
    log_fault: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))


class Person(SQLModel, table=True):
    """A person or a board's function address. Log and notices only contain the id."""

    id: str = Field(primary_key=True)
    name: str
    email: str = ""
    language: str = "sv"


class Role(SQLModel, table=True):
    """A role of a person in a body, with its first and last day (inclusive)."""

    __table_args__ = (Index("role_person", "person_id"), Index("role_body", "body", "role"))

    id: int | None = Field(default=None, primary_key=True)
    person_id: str = Field(sa_column=Column(ForeignKey("person.id"), nullable=False))
    role: str  # administrator officer secretary chair head function auditor reader operator daemon
    body: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    # The person replaced, who meanwhile gets no mail of this body; the substitute gets it.
    instead_of: str | None = Field(default=None, sa_column=Column(ForeignKey("person.id"), nullable=True))


class Meeting(SQLModel, table=True):
    """A day on which a body meets."""

    __table_args__ = (UniqueConstraint("body", "day"),)

    id: int | None = Field(default=None, primary_key=True)
    body: str
    day: date


class DefinitionRow(SQLModel, table=True):
    """A resolved definition as canonical JSON, stored once."""

    __tablename__ = "definition"

    sha256: str = Field(primary_key=True)
    version: str
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class CycleRow(SQLModel, table=True):
    """A cycle. `year`: the budget year, or the election year of a mandate cycle."""

    __tablename__ = "cycle"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    kind: str
    year: int
    definition: str = Field(sa_column=Column(ForeignKey("definition.sha256"), nullable=False))
    opened_at: datetime = Field(sa_type=UtcDateTime)


PLAN_TRIES = 5  # to process a plan; then it is put aside, and `status` reports it


class PlanRow(SQLModel, table=True):
    """One matter in one phase of one cycle: everything that moves.

    `stages`: per state its dates and its visit, see plan.StateRecord. `mark`: why the status is not read off the state:
    sent_back, postponed, withdrawn, not_concerned, before_introduction. `wake_at`: when something is next due;
    `handled_until`: up to where its agenda is done. `tries`, `retry_at`, `trouble`: back-off of a plan that
    cannot be woken.
    """

    __tablename__ = "plan"
    __table_args__ = (
        partial_index("plan_alarm", "wake_at", "id", where="wake_at IS NOT NULL"),
        Index("plan_cycle_phase", "cycle_id", "phase"),
        Index("plan_parent", "parent_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    address: str = Field(unique=True)
    cycle_id: int = Field(sa_column=Column(ForeignKey("cycle.id"), nullable=False))
    phase: str
    board: str | None = None
    parent_id: int | None = Field(default=None, sa_column=Column(ForeignKey("plan.id"), nullable=True))
    state: str
    entry: int = 1  # how many times the state has been entered
    version: int = 1
    mark: str | None = None
    held: bool = False
    stages: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    wake_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    handled_until: datetime = Field(sa_type=UtcDateTime)
    tries: int = 0
    retry_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    trouble: str = ""
    snoozed_until: date | None = None  # no reminder before that day; the deadline stays
    snooze_reason: str = ""


class Decision(SQLModel, table=True):
    """A political decision as it was registered. Never changed: a correction is a row that `corrects` another."""

    __table_args__ = (Index("decision_plan", "plan_id"),)

    id: int | None = Field(default=None, primary_key=True)
    plan_id: int = Field(sa_column=Column(ForeignKey("plan.id"), nullable=False))
    step: str
    body: str
    meeting: date
    paragraph: str
    point: str = ""
    diary: str
    outcome: str
    text: str = ""
    link: str = ""
    details: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    reason: str = ""
    registered_by: str = Field(sa_column=Column(ForeignKey("person.id"), nullable=False))
    registered_at: datetime = Field(sa_type=UtcDateTime)
    corrects: int | None = Field(default=None, sa_column=Column(ForeignKey("decision.id"), nullable=True))


class StateChange(SQLModel, table=True):
    """How a plan came into a state at one visit, and how it stood before: all that taking it back needs.

    `version`: the plan's version right after it; as long as the plan has that version nothing has followed. `before`:
    the plan's version, special status (`mark`) and visit (`entry`), and the two states' records. `step`: the verb, if
    it was a step. `decision`: the one that was registered with it.
    """

    __tablename__ = "state_change"
    __table_args__ = (UniqueConstraint("plan_id", "state", "visit"),)

    id: int | None = Field(default=None, primary_key=True)
    plan_id: int = Field(sa_column=Column(ForeignKey("plan.id"), nullable=False))
    state: str
    visit: int
    from_state: str
    version: int
    before: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    step: str = ""
    decision: int | None = Field(default=None, sa_column=Column(ForeignKey("decision.id"), nullable=True))
    undone: bool = False


class TimetableRow(SQLModel, table=True):
    """One version of a cycle's timetable: the first when it is opened, each later one by a decision.

    `dates`: by plan and state, as they stood then. `decision`: the one that it rests on; none while it is a draft.
    """

    __tablename__ = "timetable"
    __table_args__ = (UniqueConstraint("cycle_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    cycle_id: int = Field(sa_column=Column(ForeignKey("cycle.id"), nullable=False))
    number: int
    made_at: datetime = Field(sa_type=UtcDateTime)
    definition: str = Field(sa_column=Column(ForeignKey("definition.sha256"), nullable=False))
    decision: int | None = Field(default=None, sa_column=Column(ForeignKey("decision.id"), nullable=True))
    dates: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


class LogEntry(SQLModel, table=True):
    """An entry of the chain (docs/log-format.md). `payload` is what was hashed; the columns beside it are for
    finding entries, and `log verify` holds them against it."""

    __tablename__ = "log_entry"
    __table_args__ = (Index("log_subject", "subject", "seq"),)

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    action: str
    subject: str
    payload: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    hash: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))


class Checkpoint(SQLModel, table=True):
    """An entry of the log after which the recorded rows are kept, so that the past is computed from there. `at`: the
    entry's instant."""

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(sa_type=UtcDateTime)


class CheckpointRow(SQLModel, table=True):
    """A recorded row as it stood after that entry of the log, if it has changed since the checkpoint before.

    `row`: its columns as the log has them; none if the row had been removed.
    """

    __tablename__ = "checkpoint_row"
    __table_args__ = (UniqueConstraint("table", "key", "seq"),)

    id: int | None = Field(default=None, primary_key=True)
    seq: int = Field(sa_column=Column(ForeignKey("checkpoint.seq"), nullable=False, index=True))
    table: str
    key: str
    row: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))


class ChainHead(SQLModel, table=True):
    """The end of the chain. Locked last in every transaction, so that entries stand in commit order."""

    __tablename__ = "chain_head"

    id: int = Field(default=1, primary_key=True)
    seq: int = 0
    hash: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))


class Account(SQLModel, table=True):
    """How a person signs in to the pages. `password`: its argon2id hash."""

    person_id: str = Field(sa_column=Column(ForeignKey("person.id"), primary_key=True))
    password: str
    changed_at: datetime = Field(sa_type=UtcDateTime)


class WebSession(SQLModel, table=True):
    """A browser in which a person is signed in. `token`: the SHA-256 of what its cookie holds.

    `confirmed_at`: when the person last gave the password, which some acts require to be recent.
    """

    __tablename__ = "web_session"

    token: bytes = Field(sa_column=Column(LargeBinary(32), primary_key=True))
    person_id: str = Field(sa_column=Column(ForeignKey("person.id"), nullable=False, index=True))
    begun_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)
    confirmed_at: datetime = Field(sa_type=UtcDateTime)


class Invitation(SQLModel, table=True):
    """A link by which a person sets a password, once. `token`: the SHA-256 of what the link holds."""

    token: bytes = Field(sa_column=Column(LargeBinary(32), primary_key=True))
    person_id: str = Field(sa_column=Column(ForeignKey("person.id"), nullable=False, unique=True))
    expires_at: datetime = Field(sa_type=UtcDateTime)
