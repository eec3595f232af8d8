"""What all documents have in common: how they are made, and how they are written as JSON."""

from datetime import date, datetime
from operator import not_
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from workflows.dates.instants import utc

Day = date  # a name for fields of documents that are themselves named date
Instant = Annotated[datetime, PlainSerializer(utc, return_type=str, when_used="json")]
Flag = Annotated[bool, Field(exclude_if=not_)]  # written only where it is true


def is_none(value: object) -> bool:
    """For `exclude_if`: a key that is written only where there is something to say."""
    return value is None


class Document(BaseModel):
    """One object of the contract. The fields stand in the order in which they are written.

    Days and instants stay what they are until they are written: every door formats them for its own readers.
    `defer_build`: a command answers with a few of the documents, and a model costs a millisecond to build.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, defer_build=True)


def as_json(document: Document) -> dict[str, Any]:
    """The document as JSON has it: days in ISO, instants in UTC ending in Z."""
    return document.model_dump(mode="json", by_alias=True)
