"""Warns of gaps: points that the source leaves open, dates not decided yet, and dates not written."""

from collections.abc import Iterator
from typing import Any

from workflows.checks.cycle_view import CycleView, PlanView
from workflows.checks.problem import WHEEL, Place, Problem
from workflows.dates.date_rules import DateRuleError, NoMeeting, Undecided
from workflows.definition.definition import DateOf, Definition, Text, Wheel, WorkflowBinding
from workflows.definition.expand import PERIOD
from workflows.definition.labels import BRACES, GENERAL, genitive
from workflows.definition.workflow import Workflow, in_a_sentence
from workflows.messages import N_

ASK_THE_AUTHORS = N_("Ask the authors of the source. Then remove this text.")


def source_warnings(wheel: Wheel, written: dict[str, Any]) -> Iterator[Problem]:
    """Repeat the uncertainties and notes of the wheel. `written`: the tables of wheel.toml, variants included."""
    message = N_("The source leaves open: {text}")
    for i, text in enumerate(wheel.uncertain):
        yield Problem("uncertain", WHEEL, ("uncertain", i), message, ASK_THE_AUTHORS, {"text": _ended(text)})
    for note, place in _notes(written, ()):
        yield Problem("note", WHEEL, (*place, "note"), message, ASK_THE_AUTHORS, {"text": _ended(note)})


def _notes(value: Any, place: Place) -> Iterator[tuple[Text | str, Place]]:
    for key, inner in value.items() if isinstance(value, dict) else ():
        if isinstance(inner, dict) and isinstance(inner.get("date"), str) and inner.get("note"):
            note = inner["note"]
            yield Text(**note) if isinstance(note, dict) else str(note), (*place, key)
        yield from _notes(inner, (*place, key))


def _ended(text: Text | str) -> Text | str:
    if isinstance(text, Text):
        return Text(sv=_with_a_stop(text.sv), en=_with_a_stop(text.en))
    return _with_a_stop(text)


def _with_a_stop(sentence: str) -> str:
    return sentence if sentence.endswith((".", "?", "!")) else f"{sentence}."


def gap_warnings(view: CycleView) -> Iterator[Problem]:
    for id, phase in view.definition.phases(view.kind, view.year).items():
        if phase.optional and phase.condition is None:
            message = N_("The phase is optional, but its condition is missing.")
            cure = N_("Write the condition in condition, in both languages.")
            yield Problem("no_condition", WHEEL, ("phase", id, "optional"), message, cure)
        if phase.board is not None and not view.of_boards(id):
            message = N_("No board takes part in the phase, so it is never done by itself.")
            cure = N_("Let a board take part, or remove the boards from the phase.")
            yield Problem("no_board_concerned", WHEEL, ("phase", id, "board"), message, cure)
    yield from _names(view)
    for plan in view.plans:
        if not plan.boards or plan.binding is plan.phase.board:
            yield from _unused_parties(plan, view.definition)
        for state, dates in plan.binding.states.items():
            for bound, of in dates.items():
                yield from _unknown(plan, of, plan.at(state, bound))
        yield from _without_last(plan)


def _names(view: CycleView) -> Iterator[Problem]:
    """Names that two plans share, so that two mails cannot be told apart, and braces that nothing replaces."""
    bodies = view.definition.wheel.bodies
    seen: dict[tuple[str, str, str], str] = {}
    told: set[tuple[str, str]] = set()
    for plan in view.plans:
        if plan.boards and plan.binding is not plan.phase.board:  # a board with dates of its own has the others' name
            continue
        title = plan.binding.title if plan.boards else None
        name, place = title or plan.phase.label, (*plan.place, "title" if title else "label")
        of_its_own = bool(title) or not plan.boards
        for language in ("sv", "en"):
            text = name.to(language)
            if of_its_own and (braces := BRACES.search(text)):
                message, cure = (
                    N_("The name “{name}” contains {braces}, which nothing replaces."),
                    N_("Write the text itself."),
                )
                if braces[0] == PERIOD:
                    message = N_("The name “{name}” contains {braces}, but the phase is no series.")
                    cure = N_("Write the period itself, or make the phase a series.")
                yield Problem("same_name", WHEEL, place, message, cure, {"name": text, "braces": braces[0]})
                break
            inside = text if title else in_a_sentence(text)
            owned = [f"{genitive(bodies[board].name.to(language), language)} {inside}" for board in plan.boards]
            others = {
                seen.setdefault((language, each.casefold(), years_of(plan.binding)), plan.phase_id)
                for each in owned or [text]
            } - {plan.phase_id}
            for other in others:
                if (other, plan.phase_id) not in told:
                    told.add((other, plan.phase_id))
                    message = N_("The name “{name}” is also that of {phase}, so their mails look the same.")
                    cure = N_("Give each of them a name of its own.")
                    yield Problem("same_name", WHEEL, place, message, cure, {"name": text, "phase": other})


def _unused_parties(plan: PlanView, definition: Definition) -> Iterator[Problem]:
    """Parties that no workflow knows, such as misspelled ones: their bodies are never asked. One that other workflows
    know may say who decides the matter elsewhere."""
    used = _parties_of(plan.workflow)
    anywhere = {each for workflow in definition.workflows.values() for each in _parties_of(workflow)}
    for party in plan.binding.parties:
        if party not in anywhere | GENERAL.keys() | {"replaces"}:
            message = N_("No step is taken by the party {name}, so its body is never asked.")
            cure, known = N_("Write one of: {known}."), ", ".join(sorted(used))
            place = (*plan.place, "parties", party)
            yield Problem("unused_party", WHEEL, place, message, cure, {"name": party, "known": known})
        elif party == "replaces" and plan.phase_id != definition.wheel.cycles[plan.phase.cycle].timetable:
            message = N_("Only the timetable can be replaced, so the party {name} has no effect here.")
            cure, place = N_("Move it to the phase of the timetable."), (*plan.place, "parties", party)
            yield Problem("unused_party", WHEEL, place, message, cure, {"name": party})


def _parties_of(workflow: Workflow) -> set[str]:
    steps, states = (step.by for step in workflow.steps), (state.prepared_by for state in workflow.states)
    return {"receives", *filter(None, (*steps, *states))}


def years_of(binding: WorkflowBinding) -> str:
    return f"{binding.covers_from} {binding.covers}"


def _unknown(plan: PlanView, of: DateOf, place: Place) -> Iterator[Problem]:
    """Warn of a date that is undecided or an estimate, but not of the dates that count from it."""
    anchor = plan.timetable.anchor
    try:
        found = of.rule.last(anchor)
        provisional = of.rule.provisional(anchor)
    except NoMeeting as error:
        yield Problem("no_meeting", WHEEL, place, error.message, error.cure, error.facts)
        return
    except DateRuleError:
        if isinstance(of.rule, Undecided):
            message, cure = N_("The date has not been decided yet."), N_("Write the date as soon as it is decided.")
            yield Problem("undecided", WHEEL, place, message, cure)
        return
    facts: dict[str, object] = {"rule": of.date, "day": found}
    if provisional and of.rule.bodies and not of.rule.approximate:
        message = N_("The meetings that `{rule}` depends on are not known. {day} is a best guess.")
        cure = N_("Add the meetings in meetings.toml.")
        yield Problem("provisional", WHEEL, place, message, cure, facts)
    elif provisional:
        message = N_("`{rule}` is approximate. {day} is used for now.")
        cure = N_("Write the day as soon as it is decided.")
        yield Problem("about", WHEEL, place, message, cure, facts)


def _without_last(plan: PlanView) -> Iterator[Problem]:
    """A state requires a step but has no last day, so nobody is reminded."""
    for state, step in plan.way:
        dates = plan.binding.states.get(state.id)
        if state.done or step is None or step.by is None or step.automatic or (dates and dates.last):
            continue
        message = N_("In {name} the step {verb} has no deadline. Nobody is reminded.")
        cure = N_("Add {name}.last, or write `undecided` as the date.")
        facts = {"name": state.id, "verb": step.verb}
        yield Problem("no_last", WHEEL, plan.at(state.id), message, cure, facts)
