"""The base of all documents, and how they become JSON."""

from datetime import date, datetime
from operator import not_
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from workflows.dates.instants import utc

Day = date  # a name for fields of documents that are themselves named date
Instant = Annotated[datetime, PlainSerializer(utc, return_type=str, when_used="json")]
Flag = Annotated[bool, Field(exclude_if=not_)]  # written only where it is true


def is_none(value: object) -> bool:
    """For `exclude_if`: the key is written only if it has a value."""
    return value is None


def is_empty(value: object) -> bool:
    """For `exclude_if`: the key is written only if there is something in it."""
    return not value


class Document(BaseModel):
    """One object of the contract. JSON has the fields in the order of the class.

    Days and instants are kept as such, so that every door can format them for its readers.
    `defer_build`: building a model takes a millisecond, and a command uses only a few.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, defer_build=True)


def as_json(document: Document) -> dict[str, Any]:
    """The document as JSON data, with ISO days and with instants in UTC that end in Z."""
    return document.model_dump(mode="json", by_alias=True)
