"""Why a step is refused, or what is to be noted about it."""

from pydantic import Field

from wheel.documents.base import Document, is_none
from workflows.rules.named_rules import Severity


class ReasonDocument(Document):
    """A blocker, a refusal or a warning. `who` can mend it; `overridable`: it may be passed over with a reason.

    `row` and `address`: the row of a table that it is about, and the row's plan.
    """

    rule: str
    severity: Severity
    citation: str
    message: str
    who: tuple[str, ...]
    step: str
    overridable: bool
    row: int | None = Field(default=None, exclude_if=is_none)
    address: str | None = Field(default=None, exclude_if=is_none)
