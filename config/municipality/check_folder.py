"""Checks a municipality's folder for `arshjul check`: errors in its files, and warnings about its cycles."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from config.municipality.faults import Fault
from config.municipality.municipality import Municipality, load
from config.municipality.people import CONTACTS, PersonSeed
from config.municipality.person_names import tells_the_name
from config.municipality.toml_lines import UTF8, TomlFile, read_toml
from workflows.checks.all_problems import CycleYear
from workflows.checks.all_warnings import CycleWarnings, source_warnings
from workflows.checks.problem import WHEEL, Problem
from workflows.definition.definition import Definition
from workflows.messages import N_

SEEDS = ("people", "meetings")  # the files that fill a new database; a home does not read its own again
NO_CONTACT = (
    N_("{name} has steps to take but no contact. The reminders go to the administrators."),
    N_("Give a person or an address the role officer, secretary or function for the body."),
)


@dataclass(frozen=True)
class FolderWarning:
    """A warning. `cycles`: the names of the cycles that it concerns; empty if it concerns the whole wheel."""

    fault: Fault
    cycles: tuple[str, ...] = field(default=())


def check(folder: Path, cycles: Sequence[CycleYear]) -> tuple[Municipality, list[FolderWarning]]:
    """The folder's content and its warnings about these cycles.

    Raises FaultyFilesError with the errors of all files.
    """
    found = load(folder, cycles)
    return found, folder_warnings(folder, found, cycles)


def folder_warnings(folder: Path, found: Municipality, cycles: Sequence[CycleYear]) -> list[FolderWarning]:
    """All warnings, sorted by file and line. A warning that several cycles share occurs once and lists them."""
    wheel = found.definition.wheel
    file = _source(folder, "wheel.toml")
    seeds = {name: _source(folder, f"{name}.toml") if found.people else TomlFile("", "") for name in SEEDS}
    said = [FolderWarning(_fault(file, problem)) for problem in source_warnings(wheel, file.data)]
    said += [FolderWarning(_fault(seeds[name], problem)) for name, problem in _of_seeds(found)]
    of_cycle = CycleWarnings(found.definition, found.meetings)
    resolved: dict[tuple[str, ...], TomlFile] = {}
    for kind, year in cycles:
        if kind not in wheel.cycles or (kind == "mandate" and not wheel.elections.in_year(year)):
            continue
        variants = tuple(wheel.variants_of(kind, year))
        source = resolved.setdefault(variants, file.resolved(variants))
        name = wheel.cycles[kind].name_of(year)
        said += [FolderWarning(_fault(source, problem), (name,)) for problem in of_cycle.of(kind, year)]
    return sorted(_once(said), key=lambda warning: (warning.fault.file, warning.fault.line, warning.fault.code))


def _once(found: Iterable[FolderWarning]) -> list[FolderWarning]:
    """Merge the warnings that have the same place and the same text."""
    kept: dict[tuple[str, str, str, str], FolderWarning] = {}
    for warning in found:
        fault = warning.fault
        key = (fault.code, fault.file, fault.place, fault.message if warning.cycles else str(fault.facts))
        first = kept.get(key)
        if first is None:
            kept[key] = warning
        elif warning.cycles and warning.cycles[0] not in first.cycles:
            kept[key] = replace(first, cycles=(*first.cycles, *warning.cycles))
    return list(kept.values())


def _of_seeds(found: Municipality) -> Iterator[tuple[str, Problem]]:
    """Warnings about meetings and people, each with the name of the file."""
    wheel = found.definition.wheel
    calendar = wheel.calendar
    for body, days in found.meetings.items():
        for day in days:
            if not calendar.is_working_day(day):
                message, cure = (
                    N_("The meeting of {body} on {day} is on a day off."),
                    N_("Check that the day is right."),
                )
                place = (body, str(day.year))
                yield "meetings", Problem("meeting_day_off", WHEEL, place, message, cure, {"body": body, "day": day})
    reached = _reached(found.people.values())
    boards = {id for id, body in wheel.bodies.items() if body.has_plans}  # without a contact they are errors
    for body in owing(found.definition) if found.people else ():
        if body not in reached and body not in boards:
            yield "people", Problem("body_without_contact", WHEEL, ("person",), *NO_CONTACT, {"name": body})
    for id, person in found.people.items():
        if tells_the_name(id, person.name):
            message = N_("The id {name} is made from the person's name. The log keeps ids for ever.")
            cure = N_("Choose an id that does not reveal who the person is, such as ekonom-1.")
            yield "people", Problem("id_tells_name", WHEEL, ("person", id), message, cure, {"name": id})


def _reached(people: Iterable[PersonSeed]) -> set[str]:
    return {held.body for person in people for held in person.roles if held.role in (*CONTACTS, "secretary")}


def owing(definition: Definition) -> list[str]:
    """The bodies that must have a contact: those that take steps, and the boards."""
    wheel = definition.wheel
    bodies: dict[str, None] = {}
    for phase in wheel.phases.values():
        for binding in (phase, phase.board):
            workflow = definition.workflows.get(binding.workflow) if binding else None
            for step in workflow.steps if workflow else ():
                bodies |= dict.fromkeys(binding.bodies(step.by or "", None) if binding else ())
    return [id for id in wheel.bodies if (id in bodies or id in wheel.boards) and not wheel.bodies[id].is_outside]


def _source(folder: Path, name: str) -> TomlFile:
    text = (folder / name).read_text(encoding=UTF8)
    return TomlFile(name, text, read_toml(text))


def _fault(source: TomlFile, problem: Problem) -> Fault:
    place, line = source.shown(problem.place), source.line(problem.place)
    return Fault(problem.code, source.name, line, place, problem.message, problem.cure, problem.facts)
