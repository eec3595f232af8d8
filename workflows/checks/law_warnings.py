"""Warns where a Swedish wheel lacks a date that the law sets, or has a later one.

Each warning cites its section of kommunallagen (2017:725).
"""

from collections.abc import Iterator
from datetime import date

from workflows.checks.cycle_view import CycleView, PlanView
from workflows.checks.problem import WHEEL, Problem
from workflows.dates.date_rules import Bound
from workflows.dates.parse_date import parse
from workflows.definition.definition import Text
from workflows.messages import N_

BUDGET = Text(
    sv="fullmäktige fastställer budgeten före november månads utgång (kommunallagen 11 kap. 10 §)",
    en="the council adopts the budget before the end of November (kommunallagen chapter 11 § 10)",
)
INTERIM = Text(
    sv="delårsrapporten lämnas över inom två månader (kommunallagen 11 kap. 16 §)",
    en="the interim report is handed over within two months (kommunallagen chapter 11 § 16)",
)
ANNUAL = Text(
    sv="årsredovisningen lämnas över senast 15 april (kommunallagen 11 kap. 20 §)",
    en="the annual report is handed over by 15 April (kommunallagen chapter 11 § 20)",
)
# By workflow and by the state that ends with the act that the law regulates.
LAWS = {
    ("mrp", "kf"): ("30 November Y-1", BUDGET),
    ("budgetfaststallelse", "kf"): ("30 November Y-1", BUDGET),
    ("delarsrapport", "compiled"): ("31 October Y", INTERIM),
    ("arsredovisning", "drawn_up"): ("15 April Y+1", ANNUAL),
}
SUMMER = range(7, 10)  # months; the interim report that opens in one of them is the one that the law requires


def law_warnings(view: CycleView) -> Iterator[Problem]:
    if view.definition.wheel.country != "SE" or view.kind != "budget":
        return
    for plan in view.plans:
        for (workflow, state), (rule, law) in LAWS.items():
            if plan.workflow.id == workflow and not plan.boards and _is_meant(plan):
                yield from _held_to(plan, state, parse(rule).last(view.timetable.anchor), law)
    yield from _new_council(view)


def _is_meant(plan: PlanView) -> bool:
    opens = plan.day("opened", "opens") if plan.workflow.id == "delarsrapport" else None
    return plan.workflow.id != "delarsrapport" or (opens is not None and opens.month in SUMMER)


def _held_to(plan: PlanView, state: str, by: date, law: Text) -> Iterator[Problem]:
    bounds: tuple[Bound, ...] = ("statutory", "last")
    days = {bound: day for bound in bounds if (day := plan.day(state, bound))}
    for bound, day in days.items():
        if day > by:
            message = N_("{day} is later than {by}: {law}.")
            facts = {"day": day, "by": by, "law": law}
            cure = N_("Move the date, or state in source what allows it.")
            yield Problem("later_than_law", WHEEL, plan.at(state, bound), message, cure, facts)
    if "statutory" not in days:
        message, cure = N_("The law's last day {by} is not given: {law}."), N_("Add {name}.statutory.")
        facts = {"by": by, "law": law, "name": state}
        yield Problem("law_not_said", WHEEL, plan.at(state), message, cure, facts)


def _new_council(view: CycleView) -> Iterator[Problem]:
    """After a general election the new council, seated on 15 October, must decide on the budget."""
    if not view.definition.wheel.elections.in_year(view.year - 1):
        return
    first, last = date(view.year - 1, 10, 15), date(view.year - 1, 12, 31)
    bodies = view.definition.wheel.bodies
    for plan in view.plans:
        for state, step in plan.way:
            day = plan.day(state.id, "last")
            body = bodies.get(plan.binding.parties.get(step.by or "", "")) if step else None
            if not (step and step.decision and body and body.kind == "council") or plan.phase.optional:
                continue
            if (day is None and plan.phase.only_after_election) or (day and first <= day <= last):
                return
    message = N_(
        "{year} is an election year: the newly elected council, seated on 15 October, adopts the budget before the "
        "end of November (kommunallagen chapter 11 § 10). The wheel has no council decision then."
    )
    cure = N_("Add a phase with only_after_election, or a variant with after_election.")
    yield Problem("new_council", WHEEL, ("cycle", view.kind), message, cure, {"year": view.year - 1})
