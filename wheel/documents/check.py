"""What a check of the wheel's files finds."""

from typing import Literal

from wheel.documents.base import Document
from wheel.documents.errors import NumberedFault


class WarningDocument(Document):
    """A numbered warning and its cure; `cycles`: those that it is about."""

    code: str
    name: str
    severity: Literal["warning"] = "warning"
    message: str
    cure: str
    file: str | None = None
    line: int | None = None
    place: str = ""
    cycle: str | None = None
    cycles: tuple[str, ...] = ()


class CheckDocument(Document):
    """`years`: the first and the last budget year that was looked at; `not_held`: rules that nothing holds yet."""

    ok: Literal[True] = True
    folder: str
    years: tuple[int, int]
    errors: tuple[NumberedFault, ...] = ()  # with any the answer is an error
    findings: tuple[WarningDocument, ...]
    not_held: tuple[str, ...]
