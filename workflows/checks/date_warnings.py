"""Warns of dates that are possible but look wrong: days off, wrong order, too short intervals."""

from collections.abc import Iterator
from datetime import date, timedelta

from workflows.checks.cycle_view import CycleView, PlanView
from workflows.checks.date_problems import out_of_order
from workflows.checks.problem import WHEEL, Place, Problem
from workflows.checks.source_days import source_days
from workflows.dates.date_rules import DateRuleError, Reference
from workflows.dates.months import MONTHS
from workflows.dates.parse_date import parse
from workflows.definition.definition import Step, Text
from workflows.definition.expand import MONTHS_SV
from workflows.messages import N_


def date_warnings(view: CycleView) -> Iterator[Problem]:
    for plan in view.plans:
        yield from _days(view, plan)
        yield from _of_state(view, plan)
        yield from _order(plan)
        yield from _paper(view, plan)
        yield from _opening(view, plan)
        yield from _timetable(view, plan)
        yield from _boards(view, plan)
    yield from _distances(view)


def _days(view: CycleView, plan: PlanView) -> Iterator[Problem]:
    for state, dates in plan.binding.states.items():
        for bound, of in dates.items():
            day = plan.day(state, bound)
            if day is None:
                continue
            yield from source_days(of, day, plan.at(state, bound))
            shown = bound == "last" and of.day_off == "keep" and not isinstance(of.rule, Reference)
            if shown and not view.calendar.is_working_day(day):
                message = N_("The deadline {day} is a day off.")
                cure = N_(
                    'Write day_off = "previous" or "next", or keep the date: the plan is then overdue from the day '
                    "after."
                )
                yield Problem("day_off", WHEEL, plan.at(state, bound), message, cure, {"day": day})


def _of_state(view: CycleView, plan: PlanView) -> Iterator[Problem]:
    """Dates of one state in the wrong order: only a warning here, because meetings can be moved."""
    for state, days in plan.days.items():
        for bound, message, facts in out_of_order(days, view.name):
            yield _warning("order", plan.at(state, bound), message, facts)


def _order(plan: PlanView) -> Iterator[Problem]:
    """Along the way, a state is due before an earlier state is due, or even before it opens."""
    before: tuple[str, date] | None = None
    opened: tuple[str, date] | None = None
    for state, step in plan.way:
        last, opens = plan.day(state.id, "last"), plan.day(state.id, "opens")
        if step and step.automatic == "date" and not state.done:
            yield from _ends_early(plan, state.id, step)
        if last and opened and last < opened[1]:
            message = N_("{name} is due {late}, but {other} comes before and does not open until {early}.")
            facts = {"name": state.id, "late": last, "other": opened[0], "early": opened[1]}
            yield _warning("before_paper", plan.at(state.id, "last"), message, facts)
        elif last and before and last < before[1]:
            message = N_("{name} is due {late}, before {other}, which comes first ({early}).")
            facts = {"name": state.id, "late": last, "other": before[0], "early": before[1]}
            yield _warning("order", plan.at(state.id, "last"), message, facts)
        if last:
            before = (state.id, max(last, before[1]) if before else last)
        if opens and (opened is None or opens > opened[1]):
            opened = (state.id, opens)


def _ends_early(plan: PlanView, state: str, step: Step) -> Iterator[Problem]:
    """A state that the calendar ends is over before its own last day, or even before it opens."""
    ends = plan.day(step.to, "opens")
    if ends is None or plan.binding.follows(step.verb):
        return
    last, opens = plan.day(state, "last"), plan.day(state, "opens")
    if opens and ends < opens:
        message = N_("{name} does not open until {late}, but ends by itself when {other} opens on {early}.")
        yield _warning("order", plan.at(state, "opens"), message, _facts(state, opens, step.to, ends))
    elif last and ends < last:
        message = N_("{name} is due {late}, but ends by itself when {other} opens on {early}.")
        yield _warning("order", plan.at(state, "last"), message, _facts(state, last, step.to, ends))


def _facts(name: str, late: date, other: str, early: date) -> dict[str, object]:
    return {"name": name, "late": late, "other": other, "early": early}


def _paper(view: CycleView, plan: PlanView) -> Iterator[Problem]:
    """A step is due before the state of another phase that it waits for. Where it then comes by itself, so is the state
    that it leads to."""
    for state, step in (plan.start, *plan.way):
        for wait in view.waits(plan, step):
            due = max((day for other in wait.plans if (day := other.due(wait.reached))), default=None)
            for name in (state.id, *([step.to] if step and wait.follows else [])):
                last = plan.day(name, "last")
                if due and last and last < due:
                    message = N_("{name} is due {late}, but {phase} must first reach {reached} and is due {early}.")
                    facts = {
                        "name": name, "late": last, "phase": wait.phase, "reached": wait.reached,
                        "boards": wait.boards, "early": due,
                    }  # fmt: skip
                    yield _warning("before_paper", plan.at(name, "last"), message, facts)


def _opening(view: CycleView, plan: PlanView) -> Iterator[Problem]:
    """A plan is due before its cycle opens: it counts as ended before, and nobody is asked for it."""
    for state, _ in plan.way:
        last = plan.day(state.id, "last")
        if last and view.opens and last < view.opens:
            message = N_("{name} is due {late}, but its cycle does not open until {early}.")
            facts = {"name": state.id, "late": last, "early": view.opens}
            yield _warning("before_paper", plan.at(state.id, "last"), message, facts)
            return


def _timetable(view: CycleView, plan: PlanView) -> Iterator[Problem]:
    """A plan opens or is due before the timetable is decided: until then the cycle is a draft (R1)."""
    decided = view.timetable_decided
    if decided is None or plan.phase_id == view.definition.wheel.cycles[view.kind].timetable:
        return
    texts = {
        "last": N_("{name} is due {late}, but the timetable must first be decided and is due {early}."),
        "opens": N_("{name} opens {late}, but the timetable must first be decided and is due {early}."),
    }
    for bound, message in texts.items():
        for state, _ in plan.way:
            day = plan.day(state.id, "opens" if bound == "opens" else "last")
            if day and day < decided:
                facts = {"name": state.id, "late": day, "early": decided}
                yield _warning("before_paper", plan.at(state.id, bound), message, facts)
                return


def _boards(view: CycleView, plan: PlanView) -> Iterator[Problem]:
    for state, step in plan.way if not plan.boards else ():
        last = plan.day(state.id, "last")
        if last is None or step is None or step.automatic != "children" or step.reached is None:
            continue
        if later := _due_after(view, plan, step.reached, last):
            message = N_("{name} waits for the boards and is due {late}. Due later: {boards}.")
            facts = {"name": state.id, "late": last, "boards": later}
            yield _warning("before_boards", plan.at(state.id, "last"), message, facts)
    end = plan.workflow.first_done if not plan.boards and not plan.workflow.waits_for_boards else None
    ends = plan.day(end, "opens") if end else None
    if end and ends and (later := _due_after(view, plan, None, ends - timedelta(days=1))):
        message = N_("The phase does not wait for the boards: {name} opens on {late}. Due later: {boards}.")
        facts = {"name": end, "late": ends, "boards": later}
        yield _warning("before_boards", plan.at(end, "opens"), message, facts)


def _due_after(view: CycleView, plan: PlanView, reached: str | None, day: date) -> list[Text]:
    """The boards whose plans are due after that day: in the state that they should have reached, or else done."""
    later: dict[date, list[str]] = {}
    for other in view.of_boards(plan.phase_id):
        goal = reached or other.workflow.first_done
        if goal and (due := other.due(goal)) and day < due:
            later.setdefault(due, []).extend(other.boards)
    return [_of_day(", ".join(later[each]), each) for each in sorted(later)]


def _of_day(names: str, day: date) -> Text:
    sv, en = MONTHS_SV[day.month - 1], MONTHS[day.month - 1]
    return Text(sv=f"{names} ({day.day} {sv})", en=f"{names} ({day.day} {en})")


def _distances(view: CycleView) -> Iterator[Problem]:
    anchor = view.timetable.anchor
    for i, distance in enumerate(view.definition.wheel.distances):
        if distance.omitted:
            continue
        try:
            earlier = parse(distance.earlier).last(anchor)
            later = parse(distance.later).first(anchor)
            least = parse(f"{distance.at_least} after {earlier}").first(anchor)
        except DateRuleError:  # not decided yet, or reported by the error checks
            continue
        if later < least:
            message = N_(
                "{later} ({late}) is too soon after {earlier} ({early}). {source} requires at least {at_least}, so "
                "{least} at the earliest."
            )
            texts = {"later": distance.later, "earlier": distance.earlier, "at_least": distance.at_least}
            facts = {**texts, "late": later, "early": earlier, "source": distance.source, "least": least}
            yield _warning("distance_short", ("distance", i), message, facts)


def _warning(code: str, place: Place, message: str, facts: dict[str, object]) -> Problem:
    return Problem(code, WHEEL, place, message, N_("Correct one of the two dates."), facts)
