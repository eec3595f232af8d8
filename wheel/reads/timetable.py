"""Compares the versions of a cycle's timetable with each other, with its rules and with the files."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from wheel.cycles.cycle_timetable import timetable_of
from wheel.cycles.date_changes import differences, is_relative
from wheel.cycles.timetable_versions import Dates, decision_of_version, find_cycle, plans_of_cycle, version_of, versions
from wheel.documents.timetable import CitedDecision, DateRow, TimetableDocument, VersionDocument
from wheel.engine.plan import NO_RECORD, Cycle, Plan, StateRecord
from wheel.engine.unit_of_work import UnitOfWork
from workflows.dates.date_rules import BOUNDS, Bound
from workflows.definition.definition import Definition
from workflows.rules.timetable import Timetable

WOULD = ("counted", "files")  # by the cycle's own rules, by the files


def compare(
    uow: UnitOfWork, name: str, newest: Definition | None, *, whole: bool = False, faults: int = 0
) -> TimetableDocument:
    """The rows in which something differs; all of them if `whole`. `newest` is None where the files have `faults`.

    Raises NotFound.
    """
    cycle = find_cycle(uow, name)
    plans = sorted(plans_of_cycle(uow, cycle), key=lambda plan: _place(cycle, plan))
    found = versions(uow, cycle)
    would = {"counted": timetable_of(uow, cycle, plans)}
    if newest is not None:
        would["files"] = _by_the_files(uow, cycle, plans, newest)
    rows = [row for plan in plans for row in _rows(plan, [version.dates for version in found], would)]
    return TimetableDocument(
        cycle=cycle.name,
        version=version_of(uow, cycle),
        draft=cycle.draft,
        versions=tuple(_version(uow, version) for version in found),
        definition=cycle.definition.sha256,
        dates=tuple(row for row in rows if whole or _differs(row)),
        faults=faults,
    )


def _version(uow: UnitOfWork, version: Any) -> VersionDocument:
    decision = decision_of_version(uow, version)
    return VersionDocument(
        version=version.number,
        made_at=version.made_at,
        definition=version.definition,
        decision=CitedDecision(**decision) if decision else None,
    )


def _place(cycle: Cycle, plan: Plan) -> tuple[int, bool, int]:
    return list(cycle.definition.wheel.phases).index(plan.phase), plan.board is not None, plan.id


def _by_the_files(uow: UnitOfWork, cycle: Cycle, plans: list[Plan], newest: Definition) -> Timetable:
    other = cycle._replace(definition=newest.for_cycle(cycle.kind, cycle.year))
    known = [plan for plan in plans if plan.phase in other.definition.wheel.phases]
    return timetable_of(uow, other, known, by_hand=False)


def _rows(plan: Plan, found: list[Dates], would: dict[str, Timetable]) -> Iterator[DateRow]:
    other = {name: _stages(plan, name, dates) for name, dates in would.items()}
    for state in plan.workflow.states:
        record = plan.stages.get(state.id, NO_RECORD)
        kept = [version.get(plan.address, {}).get(state.id, {}) for version in found]
        for bound in BOUNDS:
            versions = tuple(date.fromisoformat(each[bound]) if bound in each else None for each in kept)
            now = _said(record, bound)
            said = {name: _said(records[state.id], bound) for name, records in other.items() if state.id in records}
            others: dict[str, Any] = {name: each[0] for name, each in said.items() if each != now}
            if clock := record.clock_of(bound):
                others["clock"] = clock
            if any(clocks := tuple(StateRecord.from_json(each).clock_of(bound) for each in kept)):
                others["clocks"] = clocks
            if not plan.is_active:
                others["status"] = plan.special_status
            row = DateRow(
                address=plan.address,
                state=state.id,
                bound=bound,
                versions=versions,
                now=now[0],
                provisional=now[1],
                undecided=now[2],
                **others,
            )
            if row.now or row.undecided or any(row.versions) or others.keys() - {"status"}:
                yield row


def _stages(plan: Plan, name: str, dates: Timetable) -> dict[str, StateRecord]:
    """The states whose dates would change."""
    phase = dates.definition.wheel.phases.get(plan.phase)
    if phase is None or (plan.board is not None and phase.board is None):
        return {}
    choice = is_relative if name == "counted" else None
    return {each.state: each.new for each in differences(plan, dates, choice, by_hand=name == "files")}


def _said(record: StateRecord, bound: Bound) -> tuple[date | None, bool, bool]:
    """The day, whether it is provisional, whether it is undecided."""
    return record.day(bound), record.is_provisional(bound), record.is_undecided(bound)


def _differs(row: DateRow) -> bool:
    return len({*row.versions, row.now}) > 1 or bool(row.model_fields_set & set(WOULD))
