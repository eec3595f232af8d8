"""A cycle's timetable, its versions beside each other."""

from typing import Any

from pydantic import SerializerFunctionWrapHandler, model_serializer

from wheel.documents.base import Day, Document, Instant
from wheel.engine.plan import SpecialStatus
from workflows.definition.definition import Bound


class CitedDecision(Document):
    body: str
    paragraph: str
    point: str
    diary: str
    outcome: str
    date: Day


class VersionDocument(Document):
    """`decision`: what the version rests on; null for a draft."""

    version: int
    made_at: Instant
    definition: str
    decision: CitedDecision | None


class DateRow(Document):
    """One date of one state: in each version, now, by the cycle's own rules (`counted`), and by the `files`.

    The last two are given, and written, only where they differ from `now`; null is then a date that would go. `clock`:
    the time of day of `now`, where it has one, and `clocks` those of the versions, if one of them has. `status`: given
    where the plan asks nothing of anybody: `not_concerned`, `withdrawn`, `before_introduction`.
    """

    address: str
    state: str
    bound: Bound
    versions: tuple[Day | None, ...]
    now: Day | None
    provisional: bool
    undecided: bool
    clock: str | None = None
    clocks: tuple[str | None, ...] = ()
    counted: Day | None = None
    files: Day | None = None
    status: SpecialStatus | None = None

    @model_serializer(mode="wrap")
    def _as_given(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in write(self).items() if name in self.model_fields_set}


class TimetableDocument(Document):
    """`faults`: how many the wheel's files have; with any, they are not compared."""

    cycle: str
    version: int
    draft: bool
    versions: tuple[VersionDocument, ...]
    definition: str
    dates: tuple[DateRow, ...]
    faults: int
