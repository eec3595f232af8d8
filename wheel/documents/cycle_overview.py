"""Where a cycle stands: one row for each phase."""

from pydantic import Field

from wheel.documents.base import Day, Document, Flag, is_empty, is_none
from wheel.documents.plans import ChildrenDocument
from wheel.engine.plan import Status


class PhaseRow(Document):
    """The phase's own plan. `begun`: its first state has opened. `opens`: the day on which its work begins, where that
    is still to come; `last`: the day by which it should have left its state; `opens_clock` and `clock` are their times
    of day; `responsible` owes the next step; `late`: the boards' plans that are overdue, `late_since`: the first day by
    which one of them should have left its state; `flagged`: the plans of the phase that have to be looked at again.
    """

    address: str
    title: str
    state: str
    label: str
    begun: bool
    status: Status
    held: Flag = False
    opens: Day | None
    last: Day | None
    opens_clock: str | None = Field(default=None, exclude_if=is_none)
    clock: str | None = Field(default=None, exclude_if=is_none)
    responsible: tuple[str, ...]
    children: ChildrenDocument | None
    late: tuple[str, ...] = Field(default=(), exclude_if=is_empty)
    late_since: Day | None = Field(default=None, exclude_if=is_none)
    flagged: tuple[str, ...] = Field(default=(), exclude_if=is_empty)


class CycleDocument(Document):
    """`draft`: its timetable is not decided, so no other plan moves (R1). The phases come in the wheel's order."""

    cycle: str
    kind: str
    year: int
    draft: bool
    phases: tuple[PhaseRow, ...]
