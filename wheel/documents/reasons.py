"""Why a step is refused, or what is to be noted about it."""

from wheel.documents.base import Document
from workflows.rules.named_rules import Severity


class ReasonDocument(Document):
    """A blocker, a refusal or a warning. `who` can mend it; `overridable`: it may be passed over with a reason."""

    rule: str
    severity: Severity
    citation: str
    message: str
    who: tuple[str, ...]
    step: str
    overridable: bool
