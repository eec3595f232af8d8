"""The title of a plan: "Socialnämndens verksamhetsplan 2027", "Mål- och resursplan 2028–2030"."""

from wheel.engine.plan import Plan
from workflows.dates.parse_calendar_date import written_year
from workflows.definition.definition import anchor
from workflows.definition.labels import genitive
from workflows.definition.workflow import in_a_sentence


def title_of(plan: Plan, language: str) -> str:
    wheel, binding = plan.cycle.definition.wheel, plan.binding
    label = wheel.phases[plan.phase].label.to(language)
    if plan.board is None:
        return f"{label} {_period(plan)}"
    lower = binding.title.to(language) if binding.title else in_a_sentence(label)
    return f"{genitive(wheel.bodies[plan.board].name.to(language), language)} {lower} {_period(plan)}"


def title_for_a_subject(plan: Plan, language: str) -> str:
    """The kind of plan first, so that it stays when the subject is cut: "Delårsrapport efter augusti 2027, BUN"."""
    if plan.board is None:
        return title_of(plan, language)
    wheel, binding = plan.cycle.definition.wheel, plan.binding
    label, body = (binding.title or wheel.phases[plan.phase].label).to(language), wheel.bodies[plan.board]
    return f"{label[:1].upper()}{label[1:]} {_period(plan)}, {body.short or body.inside.to(language)}"


def _period(plan: Plan) -> str:
    """The years that the plan is about; if it does not say, those from one election to the next in a mandate cycle."""
    cycle, binding = plan.cycle, plan.binding
    if cycle.kind == "mandate" and binding.covers is None:
        return f"{cycle.year}–{cycle.year + cycle.definition.wheel.cycles['mandate'].every}"
    first = cycle.year + (1 if cycle.kind == "mandate" else 0)
    if binding.covers_from:
        first = written_year(binding.covers_from).of(anchor(cycle.kind, cycle.year, cycle.definition.wheel.calendar))
    last = first + (binding.covers or 1) - 1
    return str(first) if last == first else f"{first}–{last}"
