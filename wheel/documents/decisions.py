"""The decisions that have been registered."""

from pydantic import Field

from wheel.documents.base import Day, Document, Flag, is_empty


class DecisionRow(Document):
    """A decision as its last correction has it. `date`: the day of the meeting; `registered`: the day on which it was
    typed in; `details`: what else the minutes say; `replaces`: it replaced a timetable. A decision whose step was
    undone was a wrong click: it is left out.
    """

    address: str
    title: str
    step: str
    body: str
    date: Day
    paragraph: str
    point: str
    diary: str
    outcome: str
    text: str = Field(default="", exclude_if=is_empty)
    link: str = Field(default="", exclude_if=is_empty)
    details: dict[str, str] = Field(default_factory=dict, exclude_if=is_empty)
    reason: str
    registered: Day
    corrected: Flag = False
    replaces: Flag = False


class DecisionsDocument(Document):
    decisions: tuple[DecisionRow, ...]
