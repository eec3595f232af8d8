"""The answers to a command that failed."""

from typing import Any, Literal

from wheel.documents.base import Document
from wheel.documents.reasons import ReasonDocument
from wheel.errors import ErrorKind


class RefusedDocument(Document):
    """Every reason that refuses the action."""

    ok: Literal[False] = False
    error: Literal["refused"] = "refused"
    refusals: tuple[ReasonDocument, ...]


class ErrorDocument(Document):
    ok: Literal[False] = False
    error: ErrorKind
    message: str


class FaultDocument(Document):
    """A fault of the wheel's files or the settings, with its cure. `number` is the code that people quote (E012)."""

    code: str
    number: str
    file: str
    line: int | None
    place: str
    message: str
    cure: str


class NumberedFault(FaultDocument):
    """The same fault in the form of a warning: `code` holds the number, `name` the code."""

    name: str


class FaultyDocument(Document):
    ok: Literal[False] = False
    error: Literal["faulty"] = "faulty"
    message: str
    faults: tuple[FaultDocument, ...]
    errors: tuple[NumberedFault, ...]


class RowDifference(Document):
    """A row that is another in its table than in the log. `logged` and `stored`: the columns that differ; none if the
    row is missing there."""

    row: str
    logged: dict[str, Any] | None
    stored: dict[str, Any] | None


class DifferingLog(Document):
    """The chain of the log holds, but the tables are not as the log says."""

    ok: Literal[False] = False
    error: Literal["not_well"] = "not_well"
    message: str
    differences: tuple[RowDifference, ...]
    size: int
    head: str


class BrokenLog(Document):
    """The chain of the log does not hold; `broken` is the first entry that does not fit."""

    ok: Literal[False] = False
    error: Literal["not_well"] = "not_well"
    message: str
    broken: int | None
    size: int
    head: str
