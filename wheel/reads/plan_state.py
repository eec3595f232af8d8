"""One state of a plan as the contract shows it: its dates, where each comes from, and how sure it is."""

from typing import Any

from wheel.engine.plan import NO_RECORD, Plan, StateRecord
from wheel.format import utc
from workflows.dates.dates import BOUNDS
from workflows.definition.definition import Bound, StateDates


def state_json(plan: Plan, state: str, label: str) -> dict[str, Any]:
    stage = plan.stages.get(state, NO_RECORD)
    sources = plan.binding.states.get(state, StateDates())
    return {
        "state": state,
        "label": label,
        **{bound: _date(stage, sources, bound) for bound in BOUNDS},
        "entered_at": utc(stage.entered_at),
        "left_at": utc(stage.left_at),
    }


def _date(stage: StateRecord, sources: StateDates, bound: Bound) -> dict[str, Any] | None:
    day = stage.date(bound)
    if day is None and not stage.is_undecided(bound):
        return None
    of = getattr(sources, bound)
    source = stage.source if bound == "last" and stage.source else of.source if of else ""
    found = {"date": day.isoformat() if day else None, "source": source}
    clock = {"clock": stage.clock} if bound == "last" and stage.clock and day else {}
    return {**found, **dict.fromkeys(flags_of(stage, bound), True), **clock}


def flags_of(stage: StateRecord, bound: Bound) -> list[str]:
    """`provisional`: a best guess until a meeting is known; `undecided`: nobody has said when."""
    known = stage.date(bound) is not None
    provisional = ["provisional"] if known and stage.is_provisional(bound) else []
    return provisional + (["undecided"] if not known and stage.is_undecided(bound) else [])
