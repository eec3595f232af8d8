"""The query for Läget: boards down, hand-ins across."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from wheel.documents.where_we_are import BoardLine, HandIn, HandInColumn, WhereWeAre
from wheel.engine.boards_progress import goal_of_part, hand_in_day, part_is_done
from wheel.engine.plan import NO_RECORD, Cycle, Plan
from wheel.engine.titles import title_of
from wheel.engine.unit_of_work import UnitOfWork
from wheel.reads.overviews.plans_of_years import plans_around
from wheel.reads.registers import today_of

TAKES_NO_PART = ("not_concerned", "withdrawn")


def where_we_are(
    uow: UnitOfWork, year: int, language: str, *, drafts: bool, cycle: str | None = None, late: bool = False
) -> WhereWeAre:
    """The parts whose days touch the calendar year, and those that are overdue today.

    `drafts`: also the plans of cycles whose timetable is not decided. `cycle`: only its plans. `late`: only boards and
    phases with something overdue.
    """
    today = today_of(uow)
    columns: dict[tuple[str, str], list[Plan]] = {}
    for plan in plans_around(uow, year, drafts=drafts):
        if plan.board:
            columns.setdefault((plan.cycle.name, plan.phase), []).append(plan)
    shown = [each for each in columns.values() if _touches(each, year) or (year == today.year and _late(each, today))]
    cycles = sorted({each[0].cycle.name for each in shown})
    shown = [each for each in shown if cycle in (None, each[0].cycle.name)]
    if late:
        shown = [each for each in shown if _late(each, today)]
    shown.sort(key=lambda each: (_last(each) or date.max, each[0].cycle.year, each[0].id))
    found = [_column(each, language) for each in shown]
    lines = _lines(shown, today, language)
    if late:
        lines = [line for line in lines if any(part and part.days_late for part in line.parts)]
    parts = [part for line in lines for part in line.parts if part]
    coming = [each for each in found if each.last and each.last >= today and each.done < each.of]
    return WhereWeAre(
        year=year,
        day=today,
        cycles=tuple(cycles),
        columns=tuple(found),
        lines=tuple(lines),
        overdue=sum(part.status == "overdue" for part in parts),
        sent_back=sum(part.status == "sent_back" for part in parts),
        next=min(coming, key=lambda each: each.last or date.max, default=None),
    )


def _touches(parts: Iterable[Plan], year: int) -> bool:
    """Whether the boards' work lies in that year, as far as it has dates; otherwise in the cycle's own."""
    days = [day for part in parts for stage in part.stages.values() for day in (stage.opens, stage.last) if day]
    work = [min(days), *filter(None, [_last(parts)])] if days else []
    return min(work).year <= year <= max(work).year if work else any(part.cycle.year == year for part in parts)


def _late(parts: Iterable[Plan], today: date) -> bool:
    return any(part.status(today) == "overdue" for part in parts)


def _last(parts: Iterable[Plan]) -> date | None:
    return max(filter(None, (hand_in_day(part) for part in parts)), default=None)


def _column(parts: list[Plan], language: str) -> HandInColumn:
    cycle, phase = parts[0].cycle, parts[0].phase
    # What was before the introduction is nobody's hand-in: "9 of 9" would be untrue.
    taking_part = [part for part in parts if part.special_status not in (*TAKES_NO_PART, "before_introduction")]
    return HandInColumn(
        cycle=cycle.name,
        phase=phase,
        address=f"{cycle.name}/{phase}",
        label=cycle.definition.wheel.phases[phase].label.to(language),
        last=_last(taking_part),
        done=sum(part_is_done(part) for part in taking_part),
        of=len(taking_part),
    )


def _lines(columns: list[list[Plan]], today: date, language: str) -> list[BoardLine]:
    """The boards in the order of the newest wheel; those that it has no more come last."""
    cycles = {each[0].cycle.id: each[0].cycle for each in columns}
    newest_first = sorted(cycles.values(), key=lambda cycle: (cycle.opened_at, cycle.id), reverse=True)
    names = _Names(newest_first, language)
    there = {part.board for each in columns for part in each}
    found = []
    for board in names.order:
        if board in there:
            parts = [next((part for part in each if part.board == board), None) for each in columns]
            shown = tuple(hand_in(part, today, language) if part else None for part in parts)
            found.append(BoardLine(board=board, name=names.of[board], parts=shown))
    return found


@dataclass
class _Names:
    """The boards of several wheels, with their names in the first that has them."""

    wheels: list[Cycle]
    language: str

    def __post_init__(self) -> None:
        self.of: dict[str, str] = {}
        for cycle in self.wheels:
            for board in cycle.definition.wheel.boards:
                self.of.setdefault(board, cycle.definition.wheel.bodies[board].name.to(self.language))
        self.order = list(self.of)


def hand_in(part: Plan, today: date, language: str) -> HandIn:
    status = part.status(today)
    ready = part_is_done(part)
    return HandIn(
        address=part.address,
        board=part.board or "",
        title=title_of(part, language),
        status=status,
        returned=part.returned,
        state=part.state,
        state_label=part.workflow.state(part.state).label.to(language),
        day=_day(part, ready=ready),
        days_late=(today - part.stage.last).days if status == "overdue" and part.stage.last else 0,
        ready=ready,
    )


def _day(part: Plan, *, ready: bool) -> date | None:
    if ready or part.workflow.state(part.state).done:
        goal = goal_of_part(part)
        there = part.stages.get(goal, NO_RECORD) if goal else NO_RECORD
        calendar = part.cycle.definition.wheel.calendar
        return there.day_of_entry(calendar) or part.stage.day_of_entry(calendar)
    if part.state == part.workflow.initial:
        return part.due.opens or part.due.last
    return part.stage.last
