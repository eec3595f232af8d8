"""A cycle's timetable, its versions side by side, and what its rules and the files would say otherwise now."""

from collections.abc import Iterator
from typing import Any

from wheel.cycles.date_changes import differences, relative, timetable_of
from wheel.cycles.timetable_versions import cited, find_cycle, plans_of_cycle, version_of, versions
from wheel.engine.plan import NO_RECORD, Cycle, Plan, StateRecord
from wheel.engine.unit_of_work import UnitOfWork
from wheel.format import utc
from workflows.dates.dates import BOUNDS, Bound
from workflows.definition.definition import Definition
from workflows.rules.timetable import Timetable

WOULD = ("counted", "files")  # by the cycle's own rules, by the files


def compare(uow: UnitOfWork, name: str, newest: Definition | None, *, whole: bool = False) -> dict[str, Any]:
    """The rows in which something differs; all of them if `whole`. Raises NotFound."""
    cycle = find_cycle(uow, name)
    plans = sorted(plans_of_cycle(uow, cycle), key=lambda plan: _place(cycle, plan))
    found = versions(uow, cycle)
    would = {"counted": timetable_of(uow, cycle, plans)}
    if newest is not None:
        would["files"] = _by_the_files(uow, cycle, plans, newest)
    rows = [row for plan in plans for row in _rows(plan, [version.dates for version in found], would)]
    return {
        "cycle": cycle.name,
        "version": version_of(uow, cycle),
        "draft": cycle.draft,
        "versions": [_version(uow, cycle, version) for version in found],
        "definition": cycle.definition.sha256,
        "dates": [row for row in rows if whole or _differs(row)],
    }


def _version(uow: UnitOfWork, cycle: Cycle, version: Any) -> dict[str, Any]:
    about = {"version": version.number, "made_at": utc(version.made_at), "definition": version.definition}
    return {**about, "decision": cited(uow, cycle, version)}


def _place(cycle: Cycle, plan: Plan) -> tuple[int, bool, int]:
    return list(cycle.definition.wheel.phases).index(plan.phase), plan.board is not None, plan.id


def _by_the_files(uow: UnitOfWork, cycle: Cycle, plans: list[Plan], newest: Definition) -> Timetable:
    other = cycle._replace(definition=newest.for_cycle(cycle.kind, cycle.year))
    known = [plan for plan in plans if plan.phase in other.definition.wheel.phases]
    return timetable_of(uow, other, known, by_hand=False)


def _rows(plan: Plan, found: list[Any], would: dict[str, Timetable]) -> Iterator[dict[str, Any]]:
    other = {name: _stages(plan, name, dates) for name, dates in would.items()}
    for state in plan.workflow.states:
        stage = plan.stages.get(state.id, NO_RECORD)
        kept = [version.get(plan.address, {}).get(state.id, {}) for version in found]
        for bound in BOUNDS:
            now = _said(stage, bound)
            row = {
                "address": plan.address,
                "state": state.id,
                "bound": bound,
                "versions": [each.get(bound) for each in kept],
                **now,
                **{name: _said(stages[state.id], bound)["now"] for name, stages in other.items() if state.id in stages
                   and _said(stages[state.id], bound) != now},
            }  # fmt: skip
            if row["now"] or row["undecided"] or any(row["versions"]) or row.keys() & would.keys():
                yield row


def _stages(plan: Plan, name: str, dates: Timetable) -> dict[str, StateRecord]:
    """The states whose dates would be other ones."""
    phase = dates.definition.wheel.phases.get(plan.phase)
    if phase is None or (plan.board is not None and phase.board is None):
        return {}
    choice = relative if name == "counted" else None
    return {each.state: each.new for each in differences(plan, dates, choice, by_hand=name == "files")}


def _said(stage: StateRecord, bound: Bound) -> dict[str, Any]:
    day = stage.date(bound)
    flags = {"provisional": stage.is_provisional(bound), "undecided": stage.is_undecided(bound)}
    return {"now": day.isoformat() if day else None, **flags}


def _differs(row: dict[str, Any]) -> bool:
    return len({*row["versions"], row["now"]}) > 1 or bool(row.keys() & set(WOULD))
