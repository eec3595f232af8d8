"""A cycle's timetable, its versions side by side, and what its rules and the files would say otherwise now."""

from collections.abc import Iterator
from typing import Any

from wheel.cycles.date_changes import differences, relative, timetable_of
from wheel.cycles.timetable_versions import cited, plans_of, turn_named, version_of, versions
from wheel.engine.plan import NO_STAGE, Matter, Stage, Turn
from wheel.engine.unit_of_work import Work
from wheel.format import utc
from workflows.dates.dates import BOUNDS, Bound
from workflows.definition.definition import Definition
from workflows.rules.timetable import Timetable

WOULD = ("counted", "files")  # by the cycle's own rules, by the files


def compare(work: Work, name: str, newest: Definition | None, *, whole: bool = False) -> dict[str, Any]:
    """The rows in which something differs; all of them if `whole`. Raises NotFound."""
    turn = turn_named(work, name)
    plans = sorted(plans_of(work, turn), key=lambda matter: _place(turn, matter))
    found = versions(work, turn)
    would = {"counted": timetable_of(work, turn, plans)}
    if newest is not None:
        would["files"] = _by_the_files(work, turn, plans, newest)
    rows = [row for matter in plans for row in _rows(matter, [version.dates for version in found], would)]
    return {
        "cycle": turn.name,
        "version": version_of(work, turn),
        "draft": turn.draft,
        "versions": [_version(work, turn, version) for version in found],
        "definition": turn.definition.sha256,
        "dates": [row for row in rows if whole or _differs(row)],
    }


def _version(work: Work, turn: Turn, version: Any) -> dict[str, Any]:
    about = {"version": version.number, "made_at": utc(version.made_at), "definition": version.definition}
    return {**about, "decision": cited(work, turn, version)}


def _place(turn: Turn, matter: Matter) -> tuple[int, bool, int]:
    return list(turn.definition.wheel.phases).index(matter.phase), matter.board is not None, matter.id


def _by_the_files(work: Work, turn: Turn, plans: list[Matter], newest: Definition) -> Timetable:
    other = turn._replace(definition=newest.for_cycle(turn.kind, turn.year))
    known = [matter for matter in plans if matter.phase in other.definition.wheel.phases]
    return timetable_of(work, other, known, by_hand=False)


def _rows(matter: Matter, found: list[Any], would: dict[str, Timetable]) -> Iterator[dict[str, Any]]:
    other = {name: _stages(matter, name, dates) for name, dates in would.items()}
    for state in matter.workflow.states:
        stage = matter.stages.get(state.id, NO_STAGE)
        kept = [version.get(matter.address, {}).get(state.id, {}) for version in found]
        for bound in BOUNDS:
            now = _said(stage, bound)
            row = {
                "address": matter.address,
                "state": state.id,
                "bound": bound,
                "versions": [each.get(bound) for each in kept],
                **now,
                **{name: _said(stages[state.id], bound)["now"] for name, stages in other.items() if state.id in stages
                   and _said(stages[state.id], bound) != now},
            }  # fmt: skip
            if row["now"] or row["undecided"] or any(row["versions"]) or row.keys() & would.keys():
                yield row


def _stages(matter: Matter, name: str, dates: Timetable) -> dict[str, Stage]:
    """The states whose dates would be other ones."""
    phase = dates.definition.wheel.phases.get(matter.phase)
    if phase is None or (matter.board is not None and phase.board is None):
        return {}
    choice = relative if name == "counted" else None
    return {each.state: each.new for each in differences(matter, dates, choice, by_hand=name == "files")}


def _said(stage: Stage, bound: Bound) -> dict[str, Any]:
    day = stage.date(bound)
    flags = {"provisional": stage.is_provisional(bound), "undecided": stage.is_undecided(bound)}
    return {"now": day.isoformat() if day else None, **flags}


def _differs(row: dict[str, Any]) -> bool:
    return len({*row["versions"], row["now"]}) > 1 or bool(row.keys() & set(WOULD))
