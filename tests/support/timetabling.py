"""The sample wheel with other dates, states and phases, and the acts on meetings, timetables and definitions."""

from datetime import date
from typing import Any

from sqlalchemy import insert, update

from notifications.tables import Message
from tests.support.wheelhouse import Wheelhouse, instant, vanersborg
from wheel.actions import meetings
from wheel.cycles import migrate, replace_timetable
from wheel.cycles.state_mapping import MigrationOptions
from wheel.database.store import Store
from wheel.database.tables import Meeting
from wheel.documents.base import as_json
from wheel.engine.request_and_result import Result
from wheel.reads import timetable
from workflows.definition.definition import Definition, Wheel, Workflow

KF, KS = ("2027-05-19", "2027-06-16", "2027-09-15"), ("2027-02-24", "2027-05-05", "2027-06-02")
BOUND = {
    "phase.mrp.state.kf.last": "kf meeting in June Y-1",
    "phase.mrp.state.ks_proposal.last": "14 days before kf meeting in June Y-1",
    "phase.verksamhetsplan.state.open.last": "2 weeks after last day of mrp.kf",
}  # the date of the phase itself counts from KF's, and stays until somebody accepts it


def changed(definition: Definition, changes: dict[str, Any]) -> Definition:
    """With other values at these places of the wheel file; a text at a date's place is its rule."""
    wheel = definition.wheel.model_dump(by_alias=True, exclude_defaults=True)
    for place, value in changes.items():
        *path, last = place.split(".")
        here = wheel
        for part in path:
            here = here.setdefault(part, {})
        if value is None:
            del here[last]
        else:
            here[last] = {"date": value, "source": "test"} if isinstance(value, str) and "state" in path else value
    return Definition(wheel=Wheel.model_validate(wheel), workflows=definition.workflows)


def renamed(definition: Definition, workflow: str, old: str, new: str) -> Definition:
    """With another name for a state, in its workflow and in all that speaks of it."""

    def said(value: Any) -> Any:
        if isinstance(value, dict):
            return {said(k): v if k == "outcomes" else said(v) for k, v in value.items()}
        return [said(each) for each in value] if isinstance(value, list | tuple) else new if value == old else value

    def of(phase: str, value: Any) -> Any:
        """Rename the state in another phase's references to it."""
        if isinstance(value, dict):
            spoken = {"reached": new} if (value.get("phase"), value.get("reached")) == (phase, old) else {}
            return {**{k: of(phase, v) for k, v in value.items()}, **spoken}
        if isinstance(value, list | tuple):
            return [of(phase, each) for each in value]
        return value.replace(f"of {phase}.{old}", f"of {phase}.{new}") if isinstance(value, str) else value

    flow = definition.workflows[workflow].model_dump(by_alias=True, exclude_defaults=True)
    wheel = definition.wheel.model_dump(by_alias=True, exclude_defaults=True)
    for id, phase in wheel["phase"].items():
        if phase["workflow"] == workflow:
            wheel["phase"][id] = {**phase, "state": said(phase.get("state", {}))}
            wheel = of(id, wheel)
    flows = {**definition.workflows, workflow: Workflow.model_validate(said(flow))}
    return Definition(wheel=Wheel.model_validate(wheel), workflows=flows)


class Council(Wheelhouse):
    """A municipality whose dates wait for meetings, in a cycle 2028 with a decided timetable."""

    def __init__(self, store: Store, changes: dict[str, Any] | None = None, known: bool = True) -> None:
        super().__init__(store)
        self.definition = changed(vanersborg(), BOUND if changes is None else changes)
        if known:
            self.know("kf", *KF)
            self.know("ks", *KS)
        self.start()

    def know(self, body: str, *days: str) -> None:
        """Past the engine."""
        with self.store.writing() as session:
            session.execute(insert(Meeting), [{"body": body, "day": date.fromisoformat(each)} for each in days])

    def meets(self, body: str, on: str, at: str, **more: Any) -> Result:
        to = date.fromisoformat(on)
        return self._do(body, "meetings", at, more, meetings.add, self.definition, body, to)

    def moves(self, body: str, old: str, new: str, at: str, **more: Any) -> Result:
        days = date.fromisoformat(old), date.fromisoformat(new)
        return self._do(body, "meetings", at, more, meetings.move, self.definition, body, *days)

    def cancels(self, body: str, on: str, at: str, **more: Any) -> Result:
        gone = date.fromisoformat(on)
        return self._do(body, "meetings", at, more, meetings.remove, self.definition, body, gone)

    def imports(self, days: dict[str, tuple[str, ...]], at: str, *, replace: int | None = None, **more: Any) -> Result:
        found = {body: tuple(map(date.fromisoformat, each)) for body, each in days.items()}
        calendars = meetings.Calendars(found, "file.csv", replace)
        return self._do("x", "meetings", at, more, meetings.import_meetings, self.definition, calendars)

    def accepts(self, cycle: str, at: str, **more: Any) -> Result:
        more.setdefault("reason", "as counted")
        return self._do(cycle, "timetable", at, more, replace_timetable.accept, cycle)

    def replaces(self, cycle: str, at: str, body: str = "ks", **more: Any) -> Result:
        """By the files, which are `self.definition`."""
        form = self.form(at, body, more)
        new = self.definition
        return self._do(
            cycle, "timetable", at, more, replace_timetable.replace_timetable, cycle, new, form
        )  # fmt: skip

    def migrates(
        self, cycle: str, at: str, *, dates: Any = "keep", maps: dict[str, str] | None = None, **more: Any
    ) -> Result:  # fmt: skip
        more.setdefault("reason", "the wheel is another one")
        wanted, new = MigrationOptions(maps or {}, dates), self.definition
        return self._do(cycle, "migrate", at, more, migrate.migrate, cycle, new, wanted)

    def compared(self, cycle: str, at: str, *, whole: bool = False) -> dict[str, Any]:
        with self.unit_of_work(at) as uow:
            return as_json(timetable.compare(uow, cycle, self.definition, whole=whole))

    def deliver(self, at: str) -> None:
        """Past the post room: every mail that is made has been sent."""
        with self.store.writing() as session:
            session.execute(update(Message).values(status="sent", sent_at=instant(at)))

    def last(self, address: str, state: str) -> date | None:
        return self.plan(address).stages[state].last

    def moved(self, since: int = 0) -> set[tuple[str, str, str | None, str | None]]:
        """The logged date changes: plan, state, old and new last day."""
        entries = [e for e in self.log(action="deadline.moved") if e["seq"] > since]
        return {(e["subject"], e["data"]["state"], e["data"]["old"], e["data"]["new"]) for e in entries}


__all__ = ["KF", "KS", "Council", "changed", "renamed"]
