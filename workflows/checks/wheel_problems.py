"""Finds errors in a wheel as a whole: country and zone, cycles, names, exceptions of boards."""

from collections.abc import Iterator
from itertools import chain

from workflows.checks.problem import SLUG, WHEEL, WORD, Place, Problem, bad_names, split_sentence, unknown
from workflows.checks.reserved_names import RESERVED
from workflows.dates.workdays import Calendar, check_country
from workflows.definition.definition import BOARD, Definition, Wheel
from workflows.messages import N_


def wheel_problems(definition: Definition) -> Iterator[Problem]:
    wheel = definition.wheel
    yield from _calendar(wheel)
    yield from _names(wheel)
    yield from _cycles(wheel)
    yield from _undecided_timetables(definition)
    yield from _exceptions(definition)


def _calendar(wheel: Wheel) -> Iterator[Problem]:
    """Check country and zone separately, because an error in one would hide an error in the other."""
    for key, country, zone in (("country", wheel.country, "UTC"), ("zone", "SE", wheel.zone)):
        try:
            Calendar(country, zone)
            check_country(country)
        except ValueError as error:
            what, cure = split_sentence(error)
            yield Problem("calendar", WHEEL, (key,), N_("{what}."), N_("{cure}."), {"what": what, "cure": cure})


def _names(wheel: Wheel) -> Iterator[Problem]:
    """Check identifiers. `board` is reserved: it means the board that owns the plan."""
    slugs = chain(
        ((id, ("body", id)) for id in wheel.bodies),
        ((id, ("ladder", id)) for id in wheel.ladders),
        ((id, ("phase", id)) for id in wheel.phases),
    )
    yield from bad_names(slugs, SLUG, WHEEL)
    parties = (
        (party, (*place, "parties", party))
        for id, phase in wheel.phases.items()
        for place, binding in ((("phase", id), phase), (("phase", id, "board"), phase.board))
        if binding
        for party in binding.parties
    )
    yield from bad_names(parties, WORD, WHEEL)
    if BOARD in wheel.bodies:
        message = N_("{name} means the board whose plan it is and cannot name a body.")
        cure = N_("Give the body another name.")
        yield Problem("bad_identifier", WHEEL, ("body", BOARD), message, cure, {"name": BOARD})
    for id in sorted(RESERVED & wheel.bodies.keys()):
        message = N_("{name} is the address of a form on the web pages and cannot name a body.")
        cure = N_("Give the body another name.")
        yield Problem("bad_identifier", WHEEL, ("body", id), message, cure, {"name": id})


def _cycles(wheel: Wheel) -> Iterator[Problem]:
    named = set[str]()
    for kind, cycle in wheel.cycles.items():
        place: Place = ("cycle", kind)
        stem = cycle.name.replace("{year}", "1")
        if "{year}" not in cycle.name or not SLUG.fullmatch("a" + stem):
            message = N_("A cycle cannot be named {name}.")
            cure = N_("Write {{year}} in the place of the year, otherwise only a-z, 0-9 and -.")
            yield Problem("cycle_name", WHEEL, (*place, "name"), message, cure, {"name": cycle.name})
        if cycle.every < 1:
            message, cure = N_("There cannot be {name} years between two cycles."), N_("Write 1 or more.")
            yield Problem("cycle_every", WHEEL, (*place, "every"), message, cure, {"name": cycle.every})
        elif kind == "mandate" and cycle.every % wheel.elections.every:
            message = N_(
                "`every = {name}` does not fit: a mandate cycle follows the elections, which come every {period} years."
            )
            cure = N_("Write every = {period}, or a multiple of it.")
            facts = {"name": cycle.every, "period": wheel.elections.every}
            yield Problem("cycle_every", WHEEL, (*place, "every"), message, cure, facts)
        if cycle.name in named:
            message, cure = N_("Another cycle is also named {name}."), N_("Give one of them another name.")
            yield Problem("duplicate", WHEEL, (*place, "name"), message, cure, {"name": cycle.name})
        named.add(cycle.name)
        known = [id for id, phase in wheel.phases.items() if phase.cycle == kind]
        if cycle.timetable is not None and cycle.timetable not in known:
            message = N_("The phase {name} does not exist in this cycle.")
            yield unknown("phase", message, cycle.timetable, known, WHEEL, (*place, "timetable"))
    for id, phase in wheel.phases.items():
        if phase.cycle not in wheel.cycles:
            message = N_("The cycle {name} does not exist.")
            yield unknown("cycle", message, phase.cycle, wheel.cycles, WHEEL, ("phase", id, "cycle"))


def _undecided_timetables(definition: Definition) -> Iterator[Problem]:
    """The cycle would be a draft for ever, or never be one (R1)."""
    for kind, cycle in definition.wheel.cycles.items():
        phase = definition.wheel.phases.get(cycle.timetable or "")
        workflow = definition.workflows.get(phase.workflow) if phase and phase.cycle == kind else None
        if workflow is not None and workflow.deciding_step is None:
            message = N_("Nobody decides the timetable: the workflow {name} has no deciding step.")
            cure = N_("Give the phase a workflow that ends in a decision, such as tidsplan, beslut or beslutskedja.")
            place = ("cycle", kind, "timetable")
            yield Problem("no_decision", WHEEL, place, message, cure, {"name": workflow.id})


def _exceptions(definition: Definition) -> Iterator[Problem]:
    wheel = definition.wheel
    for id, phase in wheel.phases.items():
        known = [*(phase.board.boards or wheel.boards)] if phase.board else []
        for board, exception in phase.exceptions.items():
            place = ("phase", id, "exception", board)
            if board not in known:
                message = N_("The board {name} has no plan of its own here.")
                yield unknown("board", message, board, known, WHEEL, place)
            if exception.workflow is not None and exception.workflow not in definition.workflows:
                message = N_("The workflow {name} does not exist.")
                workflows = definition.workflows
                yield unknown("workflow", message, exception.workflow, workflows, WHEEL, (*place, "workflow"))
            id_of = exception.workflow or (phase.board.workflow if phase.board else "")
            workflow = definition.workflows.get(id_of)
            for state in exception.states if workflow else ():
                if workflow and not workflow.has(state):
                    message = N_("The state {name} does not exist in the phase's workflow.")
                    states = [each.id for each in workflow.states]
                    yield unknown("state", message, state, states, WHEEL, (*place, "state", state))
