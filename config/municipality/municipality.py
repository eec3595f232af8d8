"""Loads a municipality's folder: its wheel, people, meetings, and its own workflows if it has any."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from config.municipality.faults import Fault, FaultyFilesError
from config.municipality.people import (
    MeetingsFile,
    PeopleFile,
    PersonSeed,
    contact_problems,
    days_of,
    meeting_problems,
    people_problems,
)
from config.municipality.toml_lines import UTF8, TomlFile, read_toml
from config.municipality.validation import Validated, validate
from workflows.checks.all_problems import CycleYear, Problem, cycles_to_try, problems
from workflows.checks.variant_problems import YEARS_OF_VARIANTS, said_of_variants, variant_problems
from workflows.definition import definition
from workflows.definition.definition import Body, Definition, Wheel, Workflow
from workflows.messages import N_

M = TypeVar("M", bound=BaseModel)

VANERSBORG = Path(__file__).parents[1] / "samples" / "vanersborg"  # the default municipality
CATALOG = Path(definition.__file__).parents[1] / "catalog"


@dataclass(frozen=True)
class Municipality:
    """The content of a folder. People and meetings only fill a new database, which keeps them from then on."""

    definition: Definition
    people: Mapping[str, PersonSeed]
    meetings: Mapping[str, tuple[date, ...]]


def load(folder: Path, cycles: Iterable[CycleYear] = ()) -> Municipality:
    """Read and check a folder. Raises FaultyFilesError with the errors of all its files.

    `cycles`: cycles in which its dates are resolved, besides those of `cycles_to_try`.
    """
    faults: list[Fault] = []
    found, validated = _definition(folder, cycles, faults)
    people = _people(folder, found, validated, faults)
    meetings = _meetings(folder, found, validated, faults)
    if faults or not found or not people or not meetings:
        raise FaultyFilesError(faults)
    return Municipality(_used(found), people.people, days_of(meetings))


def load_wheel(folder: Path, cycles: Iterable[CycleYear] = ()) -> Definition:
    """The wheel of a folder with its workflows, whatever its people and meetings: a home has those in its database.

    Raises FaultyFilesError. `cycles`: as in `load`.
    """
    faults: list[Fault] = []
    found, _ = _definition(folder, cycles, faults)
    if faults or not found:
        raise FaultyFilesError(faults)
    return _used(found)


def _definition(
    folder: Path, cycles: Iterable[CycleYear], faults: list[Fault]
) -> tuple[Definition | None, Validated[Wheel]]:
    wheel = _read(folder, "wheel.toml", faults)
    workflows, sources, broken = _workflows(folder, faults)
    validated = _validate(Wheel, wheel, faults)
    found = Definition(wheel=validated.value, workflows=workflows) if validated.value else None
    if found and wheel:
        for fault in _wheel_faults(wheel, found, sources, broken, cycles):
            if fault not in faults:
                faults.append(fault)
    return found, validated


def workflows_in(folder: Path) -> Mapping[str, Workflow]:
    """The workflows that the phases of a folder's wheel can use: its own and those of the catalog, by id.

    Raises FaultyFilesError with the faults of its workflow files; its other files need not exist.
    """
    faults: list[Fault] = []
    workflows, _, _ = _workflows(folder, faults)
    if faults:
        raise FaultyFilesError(faults)
    return workflows


def _wheel_faults(
    wheel: TomlFile, found: Definition, sources: dict[str, TomlFile], broken: set[object], more: Iterable[CycleYear]
) -> Iterator[Fault]:
    """The errors of the wheel, checked for each combination of variants that some cycle has."""
    for problem in variant_problems(found.wheel, wheel.data):
        yield _fault(wheel, problem)
    for variants, cycles in _kinds_of_cycles(found.wheel, more).items():
        source = wheel.resolved(variants)
        validated = validate(Wheel, source)
        yield from validated.faults
        if validated.value is None:
            continue
        for problem in problems(Definition(wheel=validated.value, workflows=found.workflows), cycles):
            lost = problem.code == "unknown_workflow" and problem.facts.get("name") in broken
            if not lost and not (problem.source == "" and validated.is_consequence(problem)):
                said = said_of_variants(problem, found.wheel, variants, validated.value)
                yield _fault(source if problem.source == "" else sources[problem.source], said)


def _kinds_of_cycles(wheel: Wheel, more: Iterable[CycleYear]) -> dict[tuple[str, ...], list[CycleYear]]:
    found: dict[tuple[str, ...], list[CycleYear]] = {(): []}
    named: list[CycleYear] = [
        (v.cycle, year) for v in wheel.variants.values() for year in v.years if year in YEARS_OF_VARIANTS
    ]
    asked = [(kind, year) for kind, year in more if kind == "budget" or wheel.elections.in_year(year)]
    for kind, year in dict.fromkeys([*cycles_to_try(wheel), *named, *asked]):
        found.setdefault(tuple(wheel.variants_of(kind, year)), []).append((kind, year))
    return found


@cache
def catalog() -> Mapping[str, Workflow]:
    """The workflows that are part of the program, by id."""
    return {
        workflow.id: workflow
        for path in sorted(CATALOG.glob("*.toml"))
        for workflow in [Workflow.model_validate(read_toml(path.read_text(encoding="utf-8")))]
    }


def _workflows(folder: Path, faults: list[Fault]) -> tuple[dict[str, Workflow], dict[str, TomlFile], set[object]]:
    """All workflows, their files, and the ids of unreadable ones. Own workflows override those of the catalog."""
    workflows, sources, broken = dict(catalog()), dict[str, TomlFile](), set[object]()
    for id in workflows:
        sources[id] = TomlFile(f"catalog/{id}.toml", "")
    own: dict[str, str] = {}
    for path in sorted((folder / "workflows").glob("*.toml")):
        source = _read(folder, f"workflows/{path.name}", faults)
        workflow = _validate(Workflow, source, faults).value
        if workflow is None or source is None:
            broken |= {path.stem, str(source.data.get("id")) if source else None}  # the id can be any TOML value
        elif workflow.id in own:
            facts = {"name": workflow.id, "other": own[workflow.id]}
            message, cure = N_("{other} already has the workflow {name}."), N_("Give one of them another id.")
            faults.append(_fault(source, Problem("duplicate", workflow.id, ("id",), message, cure, facts)))
        else:
            own[workflow.id] = source.name
            workflows[workflow.id], sources[workflow.id] = workflow, source
    return workflows, sources, broken


def _people(folder: Path, found: Definition | None, wheel: Validated[Wheel], faults: list[Fault]) -> PeopleFile | None:
    source = _read(folder, "people.toml", faults)
    validated = _validate(PeopleFile, source, faults)
    if source and validated.value and found:
        bodies = found.wheel.bodies
        problems = list(people_problems(validated.value.people, bodies))
        if not validated.cut:  # otherwise the contact may be in a part that could not be read
            problems += contact_problems(validated.value.people, _written_to(found.wheel))
        faults += _faults(source, problems, wheel)
    return validated.value


def _written_to(wheel: Wheel) -> list[str]:
    """The boards that must have a contact."""
    return [board for board in wheel.boards if not wheel.bodies[board].is_outside]


def meetings_in(name: str, text: str, bodies: Mapping[str, Body]) -> tuple[dict[str, tuple[date, ...]], list[Fault]]:
    """The meetings of a text in the form of meetings.toml, and its errors. `name`: the file name in the errors."""
    faults: list[Fault] = []
    try:
        source = TomlFile(name, text, read_toml(text)).folded("meetings", apart=["source"])
    except ValueError as error:
        return {}, [_syntax(name, str(error))]
    validated = _validate(MeetingsFile, source, faults)
    if validated.value is None:
        return {}, faults
    faults += (_fault(source, problem) for problem in meeting_problems(validated.value, bodies))
    return days_of(validated.value), faults


def _meetings(
    folder: Path, found: Definition | None, wheel: Validated[Wheel], faults: list[Fault]
) -> MeetingsFile | None:
    source = _read(folder, "meetings.toml", faults)
    if source:
        source = source.folded("meetings", apart=["source"])
    validated = _validate(MeetingsFile, source, faults)
    if source and validated.value and found:
        faults += _faults(source, meeting_problems(validated.value, found.wheel.bodies), wheel)
    return validated.value


def _read(folder: Path, name: str, faults: list[Fault]) -> TomlFile | None:
    try:
        text = (folder / name).read_text(encoding=UTF8)
        return TomlFile(name, text, read_toml(text))
    except UnicodeDecodeError:
        message, cure = N_("The file is not in UTF-8."), N_("Save the file as UTF-8.")
        faults.append(Fault("encoding", name, 1, "", message, cure))
    except ValueError as error:
        faults.append(_syntax(name, str(error)))
    except OSError as error:
        message, cure = N_("The file cannot be read: {why}."), N_("Check that the file exists and may be read.")
        faults.append(Fault("unreadable", name, 1, "", message, cure, {"why": error.strerror or str(error)}))
    return None


def _syntax(name: str, error: str) -> Fault:
    what, _, where = error.partition(" (at line ")
    line = where.partition(",")[0]
    message, cure = N_("The file is not TOML: {why}."), N_("Correct the line, or the line before it.")
    return Fault("syntax", name, int(line) if line.isdigit() else 1, "", message, cure, {"why": what})


def _validate(model: type[M], source: TomlFile | None, faults: list[Fault]) -> Validated[M]:
    if source is None:
        return Validated(None)
    validated = validate(model, source)
    faults += validated.faults
    return validated


def _fault(source: TomlFile, problem: Problem) -> Fault:
    place, line = source.shown(problem.place), source.line(problem.place)
    return Fault(problem.code, source.name, line, place, problem.message, problem.cure, problem.facts)


def _faults(source: TomlFile, found: Iterable[Problem], wheel: Validated[Wheel]) -> Iterator[Fault]:
    """The faults, without those about a body that wheel.toml has but with an error of its own."""
    return (_fault(source, problem) for problem in found if problem.facts.get("name") not in wheel.lost)


def _used(found: Definition) -> Definition:
    """The definition with only the workflows that its phases or variants use: each cycle stores them."""
    tables = [found.wheel.model_dump(by_alias=True, include={"phases", "variants"})]
    used = set[str]()
    for table in tables:  # the list grows during the loop
        tables += [value for value in table.values() if isinstance(value, dict)]
        used |= {table["workflow"]} if isinstance(table.get("workflow"), str) else set()
    return Definition(wheel=found.wheel, workflows={id: w for id, w in found.workflows.items() if id in used})
