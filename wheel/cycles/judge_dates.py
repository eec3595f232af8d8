"""Judges the dates of a running cycle as `check` judges those of the files, before and after an act that sets some."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from sqlalchemy import select
from sqlmodel import col

from config.municipality.codes import number
from wheel.cycles.cycle_timetable import leave_out, timetable_of
from wheel.cycles.date_changes import change_lines, counts_from_a_date, differences, has_dates
from wheel.cycles.timetable_versions import plans_of_cycle
from wheel.database.meeting_days import meeting_days
from wheel.database.tables import CycleRow
from wheel.engine.plan import NO_RECORD, Cycle, Plan, StateRecord
from wheel.engine.request_and_result import passed_over
from wheel.engine.unit_of_work import UnitOfWork
from workflows.checks.cycle_view import CycleView, PlanView
from workflows.checks.date_warnings import date_warnings
from workflows.checks.meeting_warnings import meeting_warnings
from workflows.checks.problem import Place, Problem
from workflows.dates.date_rules import BOUNDS, Bound
from workflows.messages import N_
from workflows.rules.named_rules import Reason
from workflows.rules.timetable import Day, Timetable

# A day off is remarked on where it is typed in; the weekday that a source names is a matter of the files.
JUDGED = (
    "order", "before_paper", "before_boards", "distance_short", "no_meeting_in_time", "paper_late", "body_absent"
)  # fmt: skip
PASSED = "passed"  # a matter of a running cycle alone


@dataclass(frozen=True)
class JudgedDates:
    """The dates of a cycle as they stood before an act: what `check` would have said of them, and the dates that had
    been left behind by those that they count from."""

    cycle_id: int
    name: str
    running: tuple[Plan, ...]
    problems: list[Problem]
    left_behind: list[str]

    def remarks(self, uow: UnitOfWork, of: Plan | str) -> list[Reason]:
        """Warnings of what the act on the plan or the cycle `of` has brought about. They stand in the log too."""
        now = judge_dates(uow, uow.cycle(self.cycle_id))
        found = _warnings(now.running, [problem for problem in now.problems if not self._had(problem)])
        dates = tuple(line for line in now.left_behind if line not in self.left_behind)
        if dates:
            text = N_("Dates that depend on a changed one: {dates}.")
            facts = {"dates": dates, "cycle": self.name}
            found.append(Reason("counted", text, facts, severity="warn"))
        if found:
            uow.log("dates.judged", of, warnings=passed_over(found))
        return found

    def _had(self, problem: Problem) -> bool:
        """Whether it was so before, perhaps with more boards that are late."""
        same = [old for old in self.problems if _but_for_boards(old) == _but_for_boards(problem)]
        return any(_boards(problem) <= _boards(old) for old in same)


def _boards(problem: Problem) -> set[tuple[str, str]]:
    """The boards that are late for their whole, each with its day: "bygg, skol (13 December)" are two."""
    found = problem.facts.get("boards") if problem.code == "before_boards" else None
    texts = [str(each.en).rpartition(" (") for each in found] if isinstance(found, list) else []
    return {(board, day) for boards, _, day in texts for board in boards.split(", ")}


def _but_for_boards(problem: Problem) -> Problem:
    if problem.code != "before_boards":
        return problem
    return replace(problem, facts={name: fact for name, fact in problem.facts.items() if name != "boards"})


def judge_dates(uow: UnitOfWork, cycle: Cycle) -> JudgedDates:
    """Judge the dates of the cycle as they are stored now."""
    plans = plans_of_cycle(uow, cycle)
    running = tuple(plan for plan in plans if plan.is_active)
    if all(plan.workflow.state(plan.state).done for plan in running):
        return JudgedDates(cycle.id, cycle.name, running, [], [])
    view = _Running(
        cycle.definition, cycle.kind, cycle.year, meeting_days(uow.session), every=tuple(plans), running=running
    )
    problems = [each for warnings in (date_warnings, meeting_warnings) for each in warnings(view)]
    problems += _passed(running, uow.today(cycle))
    ahead = {(plan.address, state) for plan in running for state in plan.stages if plan.is_ahead(state)}
    problems = [
        problem
        for problem in problems
        if problem.code in (*JUDGED, PASSED) and (problem.place[0] == "distance" or problem.place[:2] in ahead)
    ]
    return JudgedDates(cycle.id, cycle.name, running, problems, _left_behind(uow, cycle, plans))


def _passed(running: Sequence[Plan], today: date) -> Iterator[Problem]:
    """Last days that have passed, of states that a plan has not left."""
    for plan in running:
        for state, record in plan.stages.items():
            if record.last and record.last < today:
                text, facts = (
                    N_("{name} is due {late}, which has already passed."),
                    {"name": state, "late": record.last},
                )
                yield Problem(PASSED, "", (plan.address, state, "last"), text, "", facts)


def judge_every_cycle(uow: UnitOfWork) -> list[JudgedDates]:
    ids = uow.session.execute(select(col(CycleRow.id)).order_by(col(CycleRow.id))).scalars().all()
    return [judge_dates(uow, uow.cycle(id)) for id in ids]


def _left_behind(uow: UnitOfWork, cycle: Cycle, plans: list[Plan]) -> list[str]:
    """The dates that count from a changed one and have not followed it."""
    if not has_dates(cycle.definition, counts_from_a_date):
        return []
    dates = timetable_of(uow, cycle, plans)
    changes = [change for plan in plans for change in differences(plan, dates, counts_from_a_date)]
    return [line for change in changes for line in change_lines(change)]


def _warnings(running: Sequence[Plan], problems: list[Problem]) -> list[Reason]:
    """Each problem once, although several plans have it."""
    alike: dict[tuple[str, str], list[Problem]] = {}
    for problem in problems:
        facts = {key: value for key, value in problem.facts.items() if key != "cycle"}
        alike.setdefault((problem.message, repr(facts)), []).append(problem)
    return [_warning(running, same) for same in alike.values()]


def _warning(running: Sequence[Plan], same: list[Problem]) -> Reason:
    problem = same[0]
    rule, citation = ("date" if problem.code == PASSED else number(problem.code)), ""
    if problem.place[-1] == "statutory":
        rule, citation = "statutory", "law"
    facts = dict(problem.facts)
    if problem.place[0] != "distance":
        where = f"{_together(running, [str(each.place[0]) for each in same])} {problem.place[1]}"
        facts |= {key: where for key in ("name", "cycle") if key in facts}
    return Reason(rule, problem.message, facts, citation=citation, severity="warn")


def _together(running: Sequence[Plan], addresses: list[str]) -> str:
    """The addresses; `2028/mrp/*` for those of all boards."""
    phase = addresses[0].rpartition("/")[0]
    boards = [plan.address for plan in running if plan.board and plan.address.startswith(f"{phase}/")]
    return f"{phase}/*" if len(addresses) > 1 and boards == addresses else ", ".join(addresses)


# ---- a cycle that is under way, as the checks see it -----------------------------------------------------------


@dataclass(frozen=True)
class _RunningPlan(PlanView):
    def at(self, state: str, *more: str) -> Place:
        return (*self.place, state, *more)


@dataclass(frozen=True)
class _Running(CycleView):
    """The dates of the plans as they are stored. A state that a plan has left was due on the day of leaving it."""

    every: tuple[Plan, ...] = ()
    running: tuple[Plan, ...] = ()

    @cached_property
    def opens(self) -> None:
        """It is open."""

    @cached_property
    def timetable(self) -> Timetable:
        dates = Timetable(self.definition, self.kind, self.year, self.meetings)
        leave_out(dates, self.every)
        for plan in self.running:
            for state, days in self._days(plan).items():
                for bound, day in days.items():
                    if day.date:
                        dates.fix(plan.phase, plan.board, state, bound, day.date)
        return dates

    @cached_property
    def plans(self) -> list[PlanView]:
        return [
            _RunningPlan(
                plan.phase, self.definition.wheel.phases[plan.phase], plan.binding, plan.workflow,
                (plan.board,) if plan.board else (), (plan.address,), self.timetable, self._days(plan),
            )
            for plan in self.running
        ]  # fmt: skip

    def _days(self, plan: Plan) -> dict[str, dict[Bound, Day]]:
        return {state: dict(_days(plan, state, record)) for state, record in plan.stages.items()}


def _days(plan: Plan, state: str, record: StateRecord) -> Iterator[tuple[Bound, Day]]:
    if plan.is_ahead(state):
        for bound in BOUNDS:
            if (day := record.day(bound)) and not (bound == "opens" and state == plan.state):
                yield bound, Day(day)
    elif record.left_at is not None:
        yield "last", Day(_day_left(plan, record))


def _day_left(plan: Plan, record: StateRecord) -> date | None:
    """The municipality's day on which the plan left the state, for a decision that of the meeting."""
    calendar = plan.cycle.definition.wheel.calendar
    following = next((other for other in plan.stages.values() if other.entered_at == record.left_at), NO_RECORD)
    return following.day_of_entry(calendar) or (calendar.local_date(record.left_at) if record.left_at else None)
