"""Collects every objection to taking a step, so that all can be shown together, whatever the door."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from wheel.engine.boards_progress import taking_part_in
from wheel.engine.decisions import day_warnings, registrations
from wheel.engine.minimum_intervals import interval_objections
from wheel.engine.plan import NO_RECORD, Cycle, Plan
from wheel.engine.unit_of_work import UnitOfWork
from wheel.plan_address import Address
from workflows.dates.parse_calendar_date import written_year
from workflows.definition.definition import Follows, RuleUse, Step, anchor
from workflows.definition.law import BUDGETS, LegalKind, new_council_takes_office, november_ends
from workflows.messages import N_
from workflows.rules.named_rules import Facts, MissingPlans, Reason, apply_rules


@dataclass(frozen=True)
class StepRequest:
    """A step that is requested for a day. `ahead`: it is only looked at, before its turn. `recorded`: the day on which
    it is recorded, by which lateness is judged if the step can hardly have been taken on the day that was given.
    `state`: the one that the step left, if the plan has moved on."""

    step: Step
    on: date
    reason: str = ""
    ahead: bool = False
    recorded: date | None = None
    state: str = ""


def rule_objections(uow: UnitOfWork, plan: Plan, asked: StepRequest) -> list[Reason]:
    """Objections by the wheel's rules, joins, statutory days and minimum intervals: refusals and warnings."""
    step = asked.step
    uses: tuple[RuleUse, ...] = plan.binding.rules(step.verb)
    facts = Facts(
        on=asked.on,
        anchor=anchor(plan.cycle.kind, plan.cycle.year, uow.calendar(plan.cycle)),
        by=plan.body(step.by) if step.by else "",
        last=plan.stages[step.from_[-1]].last if step.from_[-1] in plan.stages else None,
        reason=asked.reason,
        source=plan.cycle.definition.wheel.phases[plan.phase].source,
        missing_plans={use: _missing_plans(uow, plan, use, asked.on) for use in uses if use.phase and use.reached},
    )
    skipped = not asked.ahead and is_skipped(plan, step)
    passed = [*_before(plan, step), step] if skipped else [step]  # a skipped join must hold too
    joins = [reason for each in passed for reason in waiting_for(uow, plan, each)]
    rules = apply_rules(uses, facts, step.verb)
    found = (
        rules
        + joins
        + [reason for each in passed for reason in _statutory(uow, plan, replace(asked, step=each))]
        + interval_objections(uow, plan, step, asked.on)
    )
    if not any(reason.severity == "warn" for reason in rules):  # they speak of the day already
        found += _before_it_opens(uow, plan, asked)
    if asked.recorded and day_warnings(uow, plan, step, asked.on, asked.state):
        recorded = replace(asked, on=asked.recorded)
        judged = apply_rules(uses, replace(facts, on=recorded.on), step.verb) + _statutory(uow, plan, recorded)
        found += _late_when_recorded(judged, recorded.on, but={reason.rule for reason in found})
    return found


def _late_when_recorded(judged: list[Reason], on: date, but: set[str]) -> list[Reason]:
    """The lateness that a wrong day would hide, such as that of a January typed with last year's number."""
    text = N_("The deadline was {last}, and the step was recorded on {on}. The day that was given can hardly be right.")
    late = [r for r in judged if r.severity == "warn" and r.rule not in but and r.facts.get("last", date.max) < on]
    return [replace(reason, message=text, facts={"last": reason.facts["last"], "on": on}) for reason in late]


def is_skipped(plan: Plan, step: Step) -> bool:
    """Whether the plan has not yet come to the state that the step goes from."""
    workflow = plan.workflow
    if plan.state in step.from_ or plan.special_status == "before_introduction":
        return False
    return not any(workflow.reached(plan.state, source) for source in step.from_)


def _missing_plans(uow: UnitOfWork, plan: Plan, use: RuleUse, on: date) -> MissingPlans:
    """The plans that had not come so far on that day. The order is that of the meetings, not of their registration."""
    cycle = _cycle_looked_at(uow, plan, use, on)
    if missing := _of_a_cycle_to_come(plan, use.phase or "", use.away if cycle is None else 0):
        return MissingPlans((missing,), ())
    plans = uow.plans_of(cycle, use.phase or "", boards=use.boards) if cycle else []
    reached = use.reached or ""
    found = uow.missing_plans(plans, reached, later=_decided_after(uow, plans, reached, on))
    return _boards_instead(uow, plans, reached, found)


def _boards_instead(uow: UnitOfWork, plans: list[Plan], reached: str, found: MissingPlans) -> MissingPlans:
    """Instead of a whole that only waits for its boards, the boards that can mend it."""
    addresses, who = list(found.addresses), list(found.who)
    for plan in plans:
        join = next((s for s in plan.workflow.steps if s.to == reached and s.automatic == "children"), None)
        if join is None or plan.address not in found.addresses or plan.address in found.later:
            continue
        boards = uow.missing_plans(taking_part_in(uow, plan), join.reached or "")
        if boards.addresses:
            addresses.remove(plan.address)
            addresses += boards.addresses
            who = [body for body in who if body not in plan.bodies(join.by)] + list(boards.who)
    return MissingPlans(tuple(addresses), tuple(dict.fromkeys(who)), found.later)


def _of_a_cycle_to_come(plan: Plan, phase: str, away: int) -> str:
    """The address of a phase in a later year's cycle, which is not open. One of an earlier year that is not open ended
    before the introduction."""
    rule = plan.cycle.definition.wheel.cycles[plan.cycle.kind]
    return str(Address(rule.name_of(plan.cycle.year + away), phase, None)) if away > 0 else ""


def _cycle_looked_at(uow: UnitOfWork, plan: Plan, use: RuleUse, on: date) -> Cycle | None:
    """The plan's own cycle, that of another year, or that of the other kind which its rule speaks of: the mandate
    period whose goals the budget stands on (R8: from E+3 on, or from the year of `covers_from`), or the budget that was
    worked on that day. None if it is not open."""
    wheel, own, phase = plan.cycle.definition.wheel, plan.cycle, use.phase or ""
    if use.away:
        return uow.cycle_in(own.kind, own.year + use.away)
    kind = wheel.phases[phase].cycle if phase in wheel.phases else own.kind
    if kind == own.kind:
        return own
    if kind == "budget":
        return uow.cycle_in("budget", on.year + 1)
    election, years = wheel.elections.first, 3
    if said := wheel.phases[phase].covers_from:
        years = written_year(said).of(anchor("mandate", election, wheel.calendar)) - election
    first = own.year - years
    return uow.cycle_in("mandate", first - (first - election) % wheel.elections.every)


def _decided_after(uow: UnitOfWork, plans: list[Plan], reached: str, on: date) -> set[int]:
    """The plans that came to `reached` after that day: by a decision that was first made at a later meeting, or by a
    step that is no decision and that somebody said was taken later."""
    leading = {step.verb: step.decision for m in plans for step in m.workflow.steps if step.to == reached}
    stages = [(m.id, m.stages.get(reached, NO_RECORD)) for m in plans]
    later = {id for id, stage in stages if stage.entries == 1 and stage.entered_on and stage.entered_on > on}
    if not any(leading.values()):
        return later
    days: dict[int, list[date]] = {}
    for found in registrations(uow, plans):
        if leading.get(found.step) and found.takes_step and found.form.meeting:
            days.setdefault(found.plan.id, []).append(found.form.meeting)
    return {id for id in later if id not in days} | {id for id, meetings in days.items() if min(meetings) > on}


def _timetable_missing(uow: UnitOfWork, plan: Plan) -> MissingPlans:
    timetable = plan.cycle.definition.wheel.cycles[plan.cycle.kind].timetable or ""
    plans = uow.plans_of(plan.cycle, timetable, boards=False)
    deciders = [body for p in plans if (step := p.workflow.deciding_step) for body in p.bodies(step.by)]
    return MissingPlans(tuple(p.address for p in plans), tuple(dict.fromkeys(deciders)))


def waiting_for(uow: UnitOfWork, plan: Plan, step: Step) -> list[Reason]:
    """Objections to a step that waits for other plans: it names those that are missing."""
    plans, reached = _waited_for(uow, plan, step)
    missing_plans = uow.missing_plans(plans, reached)
    if not plans and (to_come := _to_come(plan, step)):
        missing_plans = MissingPlans((to_come,), ())
    facts: dict[str, object] = {"missing": missing_plans.addresses}
    if follows := _follows(plan, step):
        facts |= {"phase": follows.phase, "reached": reached or follows.reached, "boards": any(m.board for m in plans)}
    text = N_("First “{phase}” must reach “{reached}”. Missing: {missing}.")
    if step.automatic == "children":
        text = N_("Not every board has come this far. Missing: {missing}.")
        if not plans:
            text = N_("No board takes part in the phase. It is not done before boards have taken part in it.")
    if not missing_plans.addresses and (plans or step.automatic != "children"):
        return []
    return [
        Reason(
            "join",
            text,
            facts,
            missing_plans.who,
            plan.cycle.definition.wheel.phases[plan.phase].source,
            overridable=True,
            step=step.verb,
        )
    ]


def last_arrival(uow: UnitOfWork, plan: Plan, step: Step) -> tuple[datetime, date] | None:
    """The instant at which the last plan that the step waits for had come, and the plan itself was waiting; and the day
    on which that was really so, which is earlier where a meeting was recorded later. None: not known of all."""
    plans, reached = _waited_for(uow, plan, step)
    plans = [m for m in plans if m.is_active]
    there = [m.stages.get(reached, NO_RECORD) for m in plans]
    arrivals = [plan.stage, *(came if came.entered_at else m.stage for came, m in zip(there, plans, strict=True))]
    calendar = uow.calendar(plan.cycle)
    known = [(came.entered_at, day) for came in arrivals if came.entered_at and (day := came.day_of_entry(calendar))]
    if not plans or len(known) < len(arrivals):
        return None
    return max(at for at, _ in known), max(day for _, day in known)


def _waited_for(uow: UnitOfWork, plan: Plan, step: Step) -> tuple[list[Plan], str]:
    """The plans that the step waits for, and how far they are to come."""
    if step.automatic == "children" and step.reached:
        return taking_part_in(uow, plan), step.reached
    if follows := _follows(plan, step):
        return _followed(uow, plan, follows), follows.reached
    return [], ""


def _follows(plan: Plan, step: Step) -> Follows | None:
    """What the wheel says of a step that another phase takes along."""
    found = plan.binding.steps.get(step.verb)
    return found.follows if found and step.automatic in ("phase", "date") else None


def _followed(uow: UnitOfWork, plan: Plan, follows: Follows) -> list[Plan]:
    """The plan of the same board, where the phase that is followed has one; otherwise the whole phase's."""
    cycle = uow.cycle_in(plan.cycle.kind, plan.cycle.year + follows.away) if follows.away else plan.cycle
    if cycle is None:
        return []
    plans = uow.plans_of(cycle, follows.phase, boards=True) if plan.board else []
    return [m for m in plans if m.board == plan.board] or uow.plans_of(cycle, follows.phase, boards=False)


def _to_come(plan: Plan, step: Step) -> str:
    """The plan of a later year's cycle that the step follows, and that there is not yet."""
    follows = _follows(plan, step)
    return _of_a_cycle_to_come(plan, follows.phase, follows.away) if follows else ""


def _before_it_opens(uow: UnitOfWork, plan: Plan, asked: StepRequest) -> list[Reason]:
    """The warning of a decision before the day on which its state opens, where that day is a plausible one."""
    state = asked.state or plan.state
    opens = plan.stages.get(state, NO_RECORD).opens
    if asked.recorded is None or opens is None or asked.on >= opens or not asked.step.decision:
        return []
    if state not in asked.step.from_ or day_warnings(uow, plan, asked.step, asked.on, asked.state):
        return []
    text = N_("“{state}” does not open until {opens}. The meeting was on {on}.")
    facts = {"state": state, "workflow": plan.workflow.id, "opens": opens, "on": asked.on}
    dated = plan.binding.states.get(state)
    source = dated.opens.source if dated and dated.opens else ""
    return [Reason("opens", text, facts, (), source, "warn", step=asked.step.verb)]


def _statutory(uow: UnitOfWork, plan: Plan, asked: StepRequest) -> list[Reason]:
    """Warnings of a day that the law does not allow."""
    source = next((s for s in asked.step.from_ if s in plan.stages and plan.stages[s].statutory), None)
    last = plan.stages[source].statutory if source else None
    if last is not None and asked.on > (last := _last_by_law(uow, plan, last)):
        text = N_("The law's last day is {last}. The step was taken on {on}.")
        return [Reason("statutory", text, {"last": last, "on": asked.on}, (), "law", "warn", step=asked.step.verb)]
    first = new_council_takes_office(plan.cycle.year)
    after_election = plan.cycle.definition.wheel.elections.in_year(plan.cycle.year - 1)
    if _kind(plan) == "new_council_budget" and after_election and asked.step.adopted_by and asked.on < first:
        text = N_("The newly elected council takes office on {first}. The meeting was on {on}.")
        return [Reason("statutory", text, {"first": first, "on": asked.on}, (), "law", "warn", step=asked.step.verb)]
    return []


def _last_by_law(uow: UnitOfWork, plan: Plan, statutory: date) -> date:
    """The law's last day: for a budget December where the council decided the tax rate in November, otherwise not."""
    november = november_ends(plan.cycle.year)
    if _kind(plan) not in BUDGETS or statutory < november:
        return statutory
    phases = plan.cycle.definition.wheel.phases
    taxes = [id for id, phase in phases.items() if phase.is_ == "tax_rate" and phase.cycle == plan.cycle.kind]
    found = registrations(uow, [m for id in taxes for m in uow.plans_of(plan.cycle, id, boards=False)])
    decided = any(each.adopts and each.form.meeting and each.form.meeting <= november for each in found)
    return date(november.year, 12, 31) if decided else november


def _kind(plan: Plan) -> LegalKind | None:
    """The law's matter that the plan is; none where we do not know the country's law, and for a board's own part."""
    wheel = plan.cycle.definition.wheel
    return wheel.phases[plan.phase].is_ if wheel.country == "SE" and plan.board is None else None


def order_objections(plan: Plan, step: Step) -> list[Reason]:
    """Objections to a step out of order, whatever its outcome: those of the wheel's rules (R13, R16) if it has any."""
    if plan.state in step.from_ or plan.special_status == "before_introduction":
        return []
    if not is_skipped(plan, step):
        text = N_("The plan has already passed this step. It is in the state “{state}”.")
        return [_formal("state", text, step, state=plan.state, workflow=plan.workflow.id)]
    by = plan.body(step.by) if step.by else ""
    of = anchor(plan.cycle.kind, plan.cycle.year, plan.cycle.definition.wheel.calendar)
    between = list(_before(plan, step))
    who = tuple(dict.fromkeys(body for s in between for body in plan.bodies(s.by)))
    text = N_("The plan is in the state “{state}”. Before this step come: {steps}.")
    if who:
        text = N_("The plan is in the state “{state}”. Before this step come: {steps}. Responsible: {who}.")
    said = {"state": plan.state, "workflow": plan.workflow.id, "steps": tuple(s.verb for s in between)}
    skipped = Reason("state", text, said, who, overridable=step.decision, step=step.verb)
    of_order = tuple(use for use in plan.binding.rules(step.verb) if use.rule in ("R13", "R16"))
    facts = Facts(date.min, of, by, skipped=skipped, source=plan.cycle.definition.wheel.phases[plan.phase].source)
    return apply_rules(of_order, facts, step.verb) if of_order else [skipped]


def early_objections(plan: Plan, step: Step, today: date) -> list[Reason]:
    """Objections to a calendar step that is taken by hand before its day."""
    opens = plan.stages.get(step.to, NO_RECORD).opens
    if step.automatic != "date" or opens is None or opens <= today:
        return []
    text = N_("This step is taken by itself on {date}. Give a reason to take it earlier.")
    return [replace(_formal("date", text, step, date=opens), overridable=True)]


def _before(plan: Plan, step: Step) -> Iterable[Step]:
    """The steps until the plan stands where the step begins, which may lead aside from the plan's way."""
    state = plan.state
    for ahead in plan.workflow.way_ahead(state):
        if state in step.from_:
            return
        yield ahead
        state = ahead.to


def draft_objections(uow: UnitOfWork, plan: Plan, step: str) -> list[Reason]:
    """R1 (§ 1.2): in a draft cycle no plan but the timetable's changes its state, not even backwards."""
    if not plan.cycle.draft or plan.is_timetable:
        return []
    of = anchor(plan.cycle.kind, plan.cycle.year, uow.calendar(plan.cycle))
    facts = Facts(date.min, of, "", timetable_missing=_timetable_missing(uow, plan))
    return apply_rules((RuleUse(rule="R1", source=source_of_timetable(plan.cycle)),), facts, step)


def source_of_timetable(cycle: Cycle) -> str:
    """The place that says who decides the timetable: the `source` of R1 where the wheel names it, otherwise that of the
    timetable's phase."""
    wheel = cycle.definition.wheel
    phase = wheel.phases[wheel.cycles[cycle.kind].timetable or ""]
    uses = (use for step in phase.steps.values() for use in step.rules if use.rule == "R1")
    return next((use.source for use in uses if use.source), phase.source)


def _formal(rule: str, message: str, step: Step, **facts: object) -> Reason:
    return Reason(rule, message, facts, step=step.verb)
