"""Whether all is well."""

from pydantic import Field

from wheel.documents.base import Document, Instant


class DaemonDocument(Document):
    alive: bool | None
    last_tick: Instant | None


class OutboxFigures(Document):
    pending: int | None
    oldest_minutes: int | None
    failed: int | None


class ProblemDocument(Document):
    """Something that is not well: a code that stays, and the sentence that says what to do."""

    code: str
    message: str


class StatusDocument(Document):
    """Null stands for what nobody knows, where the database does not answer. `remarks`: worth a look of a person,
    and yet well; programs get the problems."""

    well: bool
    practice: bool | None
    daemon: DaemonDocument
    outbox: OutboxFigures
    problems: tuple[ProblemDocument, ...]
    remarks: tuple[ProblemDocument, ...] = Field(default=(), exclude=True)
    version: str
    schema_: str = Field(serialization_alias="schema")  # pydantic has a method of that name
