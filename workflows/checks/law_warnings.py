"""Warns where a Swedish wheel lacks a date that the law sets, or has a later one.

A phase is judged by what it is (`is` in wheel.toml), not by its name or its workflow. Each warning cites its section of
kommunallagen (2017:725).
"""

from collections.abc import Callable, Iterator
from datetime import date

from workflows.checks.cycle_view import CycleView, PlanView
from workflows.checks.problem import WHEEL, Problem
from workflows.dates.date_rules import Bound
from workflows.dates.parse_date import parse
from workflows.definition.definition import Text
from workflows.definition.law import BUDGETS, LegalKind, new_council_takes_office, november_ends
from workflows.messages import N_

BUDGET = Text(
    sv="fullmäktige fastställer budgeten före november månads utgång (kommunallagen 11 kap. 10 §)",
    en="the council adopts the budget before the end of November (kommunallagen chapter 11 § 10)",
)
BUDGET_AFTER_TAX = Text(
    sv="med skattesatsen i november fastställs budgeten senast i december (kommunallagen 11 kap. 10 §)",
    en="with the tax rate in November the budget is adopted by December (kommunallagen chapter 11 § 10)",
)
TAX_RATE = Text(
    sv="fullmäktige fastställer skattesatsen före november månads utgång (kommunallagen 11 kap. 10 §)",
    en="the council decides the tax rate before the end of November (kommunallagen chapter 11 § 10)",
)
INTERIM = Text(
    sv="delårsrapporten lämnas över inom två månader (kommunallagen 11 kap. 16 §)",
    en="the interim report is handed over within two months (kommunallagen chapter 11 § 16)",
)
ANNUAL = Text(
    sv="årsredovisningen lämnas över senast 15 april (kommunallagen 11 kap. 20 §)",
    en="the annual report is handed over by 15 April (kommunallagen chapter 11 § 20)",
)


def law_warnings(view: CycleView) -> Iterator[Problem]:
    if view.definition.wheel.country != "SE" or view.kind != "budget":
        return
    wholes = [plan for plan in view.plans if not plan.boards]
    december = any(_is_in_november(view, plan) for plan in wholes if plan.phase.is_ == "tax_rate")
    for plan in wholes:
        if plan.phase.is_ is None:
            continue
        state, rule, law = LAWS[plan.phase.is_]
        by = parse(rule).last(view.timetable.anchor)
        yield from _not_given(plan, state(plan), by, law)
        if december and plan.phase.is_ in BUDGETS:
            by, law = date(view.year - 1, 12, 31), BUDGET_AFTER_TAX
        yield from _later(plan, state(plan), by, law)
        if plan.phase.is_ == "new_council_budget" and view.definition.wheel.elections.in_year(view.year - 1):
            yield from _not_before_office(view, plan)
    yield from _new_council(view, wholes)
    yield from _not_named(view)


def _decided_in(plan: PlanView) -> str:
    """The state that ends with the decision."""
    return _deciding(plan)[-1]


def _handed_over_in(plan: PlanView) -> str:
    """The state that ends with the hand-over to the council and the auditors: by the party `hands_over`, or else by
    the step that puts the matter before the council."""
    by_name = [state.id for state, step in plan.way if step and step.by == "hands_over"]
    if by_name:
        return by_name[-1]
    states = [state.id for state, _ in plan.way]
    return states[max(states.index(_deciding(plan)[0]) - 1, 0)]


def _deciding(plan: PlanView) -> list[str]:
    """The states that end with a deciding step; where nobody decides, the last one that somebody ends."""
    owed = [(state.id, step) for state, step in plan.way if step and step.by]
    return (
        [state for state, step in owed if step.adopted_by] or [state for state, _ in owed][-1:] or [plan.way[-1][0].id]
    )


# Of each kind: the state that ends with the act that the law regulates, the law's last day, and the law.
LAWS: dict[LegalKind, tuple[Callable[[PlanView], str], str, Text]] = {
    "budget": (_decided_in, "30 November Y-1", BUDGET),
    "new_council_budget": (_decided_in, "30 November Y-1", BUDGET),
    "tax_rate": (_decided_in, "30 November Y-1", TAX_RATE),
    "interim_report": (_handed_over_in, "31 October Y", INTERIM),
    "annual_report": (_handed_over_in, "15 April Y+1", ANNUAL),
}
# Those that every Swedish municipality has, with their names.
NAMES: dict[LegalKind, Text] = {
    "budget": Text(sv="budgeten", en="the budget"),
    "interim_report": Text(sv="delårsrapporten", en="the interim report"),
    "annual_report": Text(sv="årsredovisningen", en="the annual report"),
}


def _is_in_november(view: CycleView, plan: PlanView) -> bool:
    day = plan.day(_decided_in(plan), "last")
    return day is not None and day <= november_ends(view.year)


def _later(plan: PlanView, state: str, by: date, law: Text) -> Iterator[Problem]:
    """Once for the law's last day and the deadline: who mends one sees whether the other is right."""
    bounds: tuple[Bound, ...] = ("statutory", "last")
    for bound in bounds:
        day = plan.day(state, bound)
        if day is not None and day > by:
            message = N_("{day} is later than {by}: {law}.")
            facts = {"day": day, "by": by, "law": law}
            yield Problem("later_than_law", WHEEL, plan.at(state, bound), message, N_("Move the date."), facts)
            return


def _not_given(plan: PlanView, state: str, by: date, law: Text) -> Iterator[Problem]:
    if plan.day(state, "statutory") is None:
        message, cure = N_("The law's last day {by} is not given: {law}."), N_("Add {name}.statutory.")
        facts = {"by": by, "law": law, "name": state}
        yield Problem("law_not_said", WHEEL, plan.at(state), message, cure, facts)


def _not_before_office(view: CycleView, plan: PlanView) -> Iterator[Problem]:
    state, first = _decided_in(plan), new_council_takes_office(view.year)
    bounds: tuple[Bound, ...] = ("opens", "last")
    for bound in bounds:
        day = plan.day(state, bound)
        if day is not None and day < first:
            message = N_("{day} is before {first}, when the newly elected council takes office.")
            cure = N_("Move the date: the council decides nothing before.")
            facts = {"day": day, "first": first}
            yield Problem("council_not_in_office", WHEEL, plan.at(state, bound), message, cure, facts)
            return


def _new_council(view: CycleView, wholes: list[PlanView]) -> Iterator[Problem]:
    """After a general election the new council must decide on the budget: another decision of it is not enough."""
    budgets = [plan for plan in wholes if plan.phase.is_ in BUDGETS]
    if not budgets or not view.definition.wheel.elections.in_year(view.year - 1):
        return
    for plan in budgets:
        day = plan.day(_decided_in(plan), "last")
        if not plan.phase.optional and (day is None or day >= new_council_takes_office(view.year)):
            return
    message = N_(
        "{year} is an election year: the newly elected council, seated on 15 October, adopts the budget before the "
        "end of November (kommunallagen chapter 11 § 10). The wheel has no council decision on the budget then."
    )
    cure = N_('Add a phase with only_after_election and is = "new_council_budget", or a variant with after_election.')
    yield Problem("new_council", WHEEL, ("cycle", view.kind), message, cure, {"year": view.year - 1})


def _not_named(view: CycleView) -> Iterator[Problem]:
    """Without it the wheel would seem to keep a law that it was never held to."""
    named = {phase.is_ for phase in view.definition.phases(view.kind, view.year).values()}
    missing = [kind for kind in NAMES if not named.intersection(BUDGETS if kind == "budget" else (kind,))]
    if missing:
        message = N_("The wheel does not state which phase is what to the law: {names}. Their dates are not checked.")
        cure = N_("Write in each of these phases, as its `is`: {kinds}.")
        facts = {"names": [NAMES[kind] for kind in missing], "kinds": [f'"{kind}"' for kind in missing]}
        yield Problem("law_of_none", WHEEL, ("cycle", view.kind), message, cure, facts)
