"""A plan as it would be read from a database, for tests that need none."""

from typing import Any

from tests.support.wheelhouse import instant, vanersborg
from wheel.cycles.open_cycle import stages_of
from wheel.engine.plan import Cycle, Plan, StateRecord
from workflows.definition.definition import CycleKind
from workflows.rules.timetable import Timetable


def a_plan(
    phase: str, state: str, entered: str | None, *, board: str | None = None, year: int = 2028, draft: bool = False,
    kind: CycleKind = "budget", **values: Any,
) -> Plan:  # fmt: skip
    """A plan as it would be read, in a cycle that was opened on 2 November two years before."""
    definition = vanersborg()
    opened = instant(f"{year - 2}-11-02T09:00") if kind == "budget" else instant(f"{year}-11-02T09:00")
    cycle = Cycle(1, str(year), kind, year, definition, draft, opened)
    stages = stages_of(Timetable(definition, kind, year), phase, board)
    if entered:
        stages[state] = stages.get(state, StateRecord())._replace(entries=1, entered_at=instant(entered))
    plain = {"special_status": None, "held": False, "wake_at": None, "handled_until": opened, "tries": 0} | values
    return Plan(1, f"{year}/{phase}", cycle, phase, board, None, state, 1, 1, stages=stages, **plain)
