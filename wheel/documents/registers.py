"""People, and the log."""

from pydantic import Field, SkipValidation

from wheel.audit.journal import LogRecord
from wheel.documents.base import Day, Document, is_none


class RoleDocument(Document):
    """What a person is, in which body, on which days. `instead_of`: whose substitute."""

    role: str
    body: str | None
    from_: Day | None = Field(validation_alias="from", serialization_alias="from")
    to: Day | None
    instead_of: str | None = Field(default=None, exclude_if=is_none)


class PersonDocument(Document):
    person: str
    name: str
    email: str
    language: str
    roles: tuple[RoleDocument, ...]


class PeopleDocument(Document):
    people: tuple[PersonDocument, ...]


class LogDocument(Document):
    """Entries as they stand in the log (docs/log-format.md)."""

    entries: tuple[SkipValidation[LogRecord], ...]
