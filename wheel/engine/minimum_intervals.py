"""Holds the wheel's minimum intervals when a step is taken, counted in the days that have really passed."""

from datetime import date

from wheel.database.meeting_days import meeting_days
from wheel.engine.decisions import registrations
from wheel.engine.plan import NO_RECORD, Plan
from wheel.engine.unit_of_work import UnitOfWork
from workflows.dates.date_rules import Anchor, DateRuleError, Reference
from workflows.dates.parse_date import parse
from workflows.definition.definition import Distance, Step
from workflows.messages import N_
from workflows.rules.named_rules import Reason, Severity
from workflows.rules.timetable import Timetable


def interval_objections(uow: UnitOfWork, plan: Plan, step: Step, on: date) -> list[Reason]:
    """Objections to a step that comes too soon after another. None while the other step has not been taken: another
    rule says whether it must come first.

    A minimum that the law sets refuses, and can be passed over. Any other is recorded with a warning.
    """
    cycle = plan.cycle
    held = [d for d in cycle.definition.wheel.distances if not d.omitted and _is_later_in(d, plan, step)]
    if not held:
        return []
    anchor = Timetable(cycle.definition, cycle.kind, cycle.year, meeting_days(uow.session)).anchor
    return [reason for distance in held for reason in _against(uow, plan, step, on, distance, anchor)]


def _is_later_in(distance: Distance, plan: Plan, step: Step) -> bool:
    later = parse(distance.later)
    return isinstance(later, Reference) and _is_about(later, plan) and step in _steps(plan, later)


def _against(uow: UnitOfWork, plan: Plan, step: Step, on: date, distance: Distance, anchor: Anchor) -> list[Reason]:
    early = _earlier(uow, plan, distance, anchor)
    if early is None:
        return []
    least = parse(f"{distance.at_least} after {early[1]}").first(anchor)
    if on >= least:
        return []
    text = N_(
        "{step} comes too soon after {other} ({early}). At least {at_least} ({stated} days) is required, but here it "
        "is {found}. {least} at the earliest."
    )
    days = {"stated": (least - early[1]).days, "found": (on - early[1]).days, "early": early[1], "least": least}
    facts = {"step": f"{plan.address} {step.verb}", "other": early[0], "at_least": distance.at_least, **days}
    who = plan.bodies(step.by)
    law = distance.statutory
    severity: Severity = "refuse" if law else "warn"
    return [Reason("distance", text, facts, who, distance.source, severity, overridable=law, step=step.verb)]


def _earlier(uow: UnitOfWork, plan: Plan, distance: Distance, anchor: Anchor) -> tuple[str, date] | None:
    """The name and day of the earlier event; of several boards the last one's day. None while it has not happened."""
    rule = parse(distance.earlier)
    if not isinstance(rule, Reference):
        try:
            return distance.earlier, rule.last(anchor)
        except DateRuleError:  # not yet decided
            return None
    plans = uow.plans_of(plan.cycle, rule.phase, boards=rule.board)
    same = [m for m in plans if plan.board is None or m.board in (None, plan.board)]
    days = [(day, m) for m in same if m.is_active and (day := _passed(uow, m, rule))]
    if not days or len(days) < sum(m.is_active for m in same):
        return None
    day, last = max(days, key=lambda found: found[0])
    return f"{last.address} {_steps(last, rule)[0].verb}", day


def _is_about(of: Reference, plan: Plan) -> bool:
    return (of.phase, of.board) == (plan.phase, plan.board is not None)


def _state(plan: Plan, of: Reference) -> str | None:
    """The state that the date belongs to; of a whole phase the earliest opening, or the latest other date."""
    states = plan.binding.states
    dated = [s.id for s in plan.workflow.states if s.id in states and getattr(states[s.id], of.bound) is not None]
    return of.state or (dated[0 if of.bound == "opens" else -1] if dated else None)


def _steps(plan: Plan, of: Reference) -> list[Step]:
    """The steps that the date waits for: into the state for an opening, otherwise out of it."""
    state = _state(plan, of)
    steps = [step for step in plan.workflow.steps if not step.off_path]
    return [step for step in steps if (step.to == state if of.bound == "opens" else state in step.from_)]


def _passed(uow: UnitOfWork, plan: Plan, of: Reference) -> date | None:
    """The day on which the plan took the step: the meeting's day, or else the day of the entry. None: not taken yet."""
    state = _state(plan, of)
    if state is None or not plan.reached(state) or (of.bound != "opens" and plan.state == state):
        return None
    verbs = {step.verb for step in _steps(plan, of) if step.decision}
    found = [each for each in registrations(uow, [plan]) if each.step in verbs and each.takes_step] if verbs else []
    if meetings := [each.form.meeting for each in found if each.form.meeting]:
        return max(meetings)
    stages = [plan.stages.get(state if of.bound == "opens" else step.to, NO_RECORD) for step in _steps(plan, of)]
    days = [day for stage in stages if (day := stage.day_of_entry(uow.calendar(plan.cycle)))]
    return max(days, default=None)
