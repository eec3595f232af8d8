"""Finds errors where a phase uses a workflow: in its parties, states, steps, rules and the phases it waits for."""

from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass

from workflows.checks.problem import RULE, WHEEL, Place, Problem, bad_names, unknown
from workflows.dates.date_rules import DateRuleError
from workflows.definition.definition import BOARD, Definition, Phase, PhaseStep, Step, Workflow, WorkflowBinding
from workflows.messages import N_
from workflows.rules.named_rules import RULES

POLITICAL = ("council", "executive", "committee", "board", "company", "member", "outside")


@dataclass(frozen=True)
class _Site:
    """One binding of a phase with all its workflows: its own, and those of boards with another workflow."""

    definition: Definition
    phase: Phase
    binding: WorkflowBinding
    place: Place
    workflows: tuple[Workflow, ...]

    @property
    def of_boards(self) -> bool:
        return self.binding is self.phase.board

    def problem(self, code: str, place: Place, message: str, cure: str, **facts: object) -> Problem:
        return Problem(code, WHEEL, (*self.place, *place), message, cure, facts)

    def unknown(self, kind: str, message: str, name: str, known: Collection[str], *place: str | int) -> Problem:
        return unknown(kind, message, name, known, WHEEL, (*self.place, *place))


def binding_problems(definition: Definition) -> Iterator[Problem]:
    for id, phase in definition.wheel.phases.items():
        for binding, place in ((phase, ("phase", id)), (phase.board, ("phase", id, "board"))):
            if binding is None:
                continue
            site = _Site(definition, phase, binding, place, _workflows(definition, phase, binding))
            yield from _around(site)
            if site.workflows:
                yield from _parties(site)
                yield from _names(site)
                yield from _own_steps(site)
                yield from _rules(site)
                yield from _steps(site)


def _workflows(definition: Definition, phase: Phase, binding: WorkflowBinding) -> tuple[Workflow, ...]:
    ids = [binding.workflow]
    if binding is phase.board:
        ids += [other.workflow for other in phase.exceptions.values() if other.workflow]
    return tuple(definition.workflows[id] for id in dict.fromkeys(ids) if id in definition.workflows)


def _around(site: _Site) -> Iterator[Problem]:
    binding, wheel = site.binding, site.definition.wheel
    if binding.workflow not in site.definition.workflows:
        known = list(site.definition.workflows)
        yield site.unknown("workflow", N_("The workflow {name} does not exist."), binding.workflow, known, "workflow")
    phases = [id for id, phase in wheel.phases.items() if phase.cycle == site.phase.cycle and phase is not site.phase]
    if site.phase.revises is not None and site.phase.revises not in phases and not site.of_boards:
        message = N_("The phase {name} does not exist in this cycle.")
        yield site.unknown("phase", message, site.phase.revises, phases, "revises")
    if binding.ladder not in wheel.ladders:
        message = N_("The ladder {name} of reminders does not exist.")
        yield site.unknown("ladder", message, binding.ladder, list(wheel.ladders), "ladder")
    known = [*wheel.bodies, BOARD] if site.of_boards else list(wheel.bodies)
    for party, given in binding.parties.items():
        named = (given,) if isinstance(given, str) else given
        if len(set(named)) < len(named) or not named:
            message = N_("The party {name} has no body, or the same one twice.")
            cure = N_("Name each of its bodies once.")
            yield site.problem("duplicate" if named else "empty", ("parties", party), message, cure, name=party)
        for body in dict.fromkeys(named):
            if body not in known:
                yield site.unknown("body", N_("The body {name} does not exist."), body, known, "parties", party)
    only = site.phase.board.boards if site.phase.board and site.of_boards else None
    for i, board in enumerate(only or ()):
        if board not in wheel.boards:
            message = N_("The board {name} has no plan of its own here.")
            yield site.unknown("board", message, board, wheel.boards, "boards", i)


def _parties(site: _Site) -> Iterator[Problem]:
    bodies, parties = site.definition.wheel.bodies, site.binding.parties
    missing: set[str] = set()
    offices: set[str] = set()
    for id in site.binding.bodies("replaces", None):
        if id in bodies and bodies[id].kind not in POLITICAL:
            message = N_(
                "{name} may replace the timetable, which is a political decision, but is not a political body."
            )
            cure = N_("Name the council, the executive board or a board.")
            yield site.problem("office_decides", ("parties", "replaces"), message, cure, name=id)
    for state in (state for workflow in site.workflows for state in workflow.states):
        if state.prepared_by is not None and state.prepared_by not in parties:
            message = N_("In the state {state} the party {name} works, but no body is given for the party.")
            cure = N_("Add {name} to the parties, with a body.")
            yield site.problem("unknown_party", ("parties",), message, cure, name=state.prepared_by, state=state.id)
    for step in (step for workflow in site.workflows for step in workflow.steps):
        if step.by is None:
            continue
        if step.by not in parties and step.by not in missing:
            missing.add(step.by)
            message = N_("The step {verb} is taken by the party {name}, but no body is given for the party.")
            cure = N_("Add {name} to the parties, with a body.")
            yield site.problem("unknown_party", ("parties",), message, cure, name=step.by, verb=step.verb)
        elif step.decision and step.by not in offices:
            offices.add(step.by)
            for id in site.binding.bodies(step.by, None):
                if id in bodies and bodies[id].kind not in POLITICAL:
                    message = N_("The step {verb} is a political decision, but {name} is not a political body.")
                    cure = N_("Name the council, the executive board or a board.")
                    yield site.problem("office_decides", ("parties", step.by), message, cure, name=id, verb=step.verb)


def _names(site: _Site) -> Iterator[Problem]:
    states = list(dict.fromkeys(state.id for workflow in site.workflows for state in workflow.states))
    verbs = list(dict.fromkeys(step.verb for workflow in site.workflows for step in workflow.steps))
    for name in site.binding.states:
        if name not in states:
            message = N_("The state {name} does not exist in the phase's workflow.")
            yield site.unknown("state", message, name, states, "state", name)
    for name in site.binding.steps:
        if name not in verbs:
            message = N_("The step {name} does not exist in the phase's workflow.")
            yield site.unknown("verb", message, name, verbs, "step", name)


def _own_steps(site: _Site) -> Iterator[Problem]:
    """Dates that count from the day of a step that the plan can only take after them. An opening that does so is a
    circle of steps: circular_wait_problems.py."""
    phase = next(id for id, phase in site.definition.wheel.phases.items() if phase is site.phase)
    for state, dates in site.binding.states.items():
        for bound, of in ((bound, of) for bound, of in dates.items() if bound != "opens"):
            with suppress(DateRuleError):  # reported elsewhere
                for each in of.rule.references:
                    own = (each.bound, each.phase, each.board, each.year) == ("actual", phase, site.of_boards, None)
                    if own and any(_comes_before(workflow, state, each.state) for workflow in site.workflows):
                        message = N_("The date counts from a step that the plan only takes after it.")
                        cure = N_("Count from an earlier state, or give the date a rule of its own.")
                        yield site.problem("circular", ("state", state, bound), message, cure)


def _comes_before(workflow: Workflow, state: str, other: str | None) -> bool:
    """Whether the state is before the other one on the plan's way; without another, before the first that is done."""
    ids = [each.id for each in workflow.states]
    other = other or next((each.id for each in workflow.states if each.done), None)
    return state in ids and other in ids and ids.index(state) < ids.index(other)


def _rules(site: _Site) -> Iterator[Problem]:
    for verb, step in site.binding.steps.items():
        for i, use in enumerate(step.rules):
            place = ("step", verb, "rules", i)
            if not RULE.fullmatch(use.rule):
                yield from bad_names([(use.rule, (*site.place, *place, "rule"))], RULE, WHEEL)
            elif use.rule not in RULES:
                message = N_("The program cannot check the rule {name}.")
                yield site.unknown("rule", message, use.rule, list(RULES), *place, "rule")
            elif (needs := RULES[use.rule].needs) and getattr(use, needs) is None:
                message = N_("{name} needs {key}. Without it the rule checks nothing.")
                cure = N_("Add {key}. See docs/wheel-files.md for what each rule needs.")
                yield site.problem("no_" + needs, place, message, cure, name=use.rule, key=needs)
                continue
            if use.phase is not None:
                across = use.rule in RULES and RULES[use.rule].across
                yield from _other(site, use.phase, use.reached, use.boards, place, across=across)
                yield from _year(site, use.year, use.away, place)
            elif use.reached is not None or use.boards:
                message = N_("{name} concerns another phase but does not name it.")
                yield site.problem("no_phase", place, message, N_("Name it in phase."), name=use.rule)


def _steps(site: _Site) -> Iterator[Problem]:
    for step in dict.fromkeys(step for workflow in site.workflows for step in workflow.steps):
        here = site.binding.steps.get(step.verb, PhaseStep())
        if step.automatic == "date":
            yield from _opening(site, step, here)
        elif step.automatic == "children":
            yield from _join(site, step)
        elif step.automatic == "phase" and here.follows is None:
            message = N_("The step {name} follows another phase, but no phase is given.")
            cure = N_("Add {name}.follows with phase and reached.")
            yield site.problem("no_follows", ("step",), message, cure, name=step.verb)
        if here.follows is not None:
            place = ("step", step.verb, "follows")
            yield from _other(site, here.follows.phase, here.follows.reached, site.of_boards, place, lenient=True)
            yield from _year(site, here.follows.year, here.follows.away, place)


def _opening(site: _Site, step: Step, here: PhaseStep) -> Iterator[Problem]:
    """Once for all boards, or else for each board whose own dates or workflow are at fault."""
    for binding, place in _dated(site):
        workflow = site.definition.workflows.get(binding.workflow)
        if workflow is None or step not in workflow.steps:
            continue
        dates = binding.states.get(step.to)
        dated = dates is not None and dates.opens is not None
        at, facts = (*place, "state", step.to), {"name": step.to, "verb": step.verb}
        if dated and here.follows:
            message = N_(
                "The step {verb} has a date, {name}.opens, and also follows a phase. Only one of them can move it."
            )
            yield Problem("two_openings", WHEEL, at, message, N_("Remove one of them."), facts)
        elif not dated and not here.follows:
            message = N_("The step {verb} happens by itself when {name} opens, but the date of the opening is missing.")
            cure = N_("Add {name}.opens, or {verb}.follows for an order without dates.")
            yield Problem("no_opens", WHEEL, at, message, cure, facts)
        else:
            continue
        if binding is site.binding:
            return


def _dated(site: _Site) -> Iterator[tuple[WorkflowBinding, Place]]:
    """The binding, and those of boards with a workflow or dates of their own."""
    yield site.binding, site.place
    id = str(site.place[1])
    for board, other in site.phase.exceptions.items() if site.of_boards else ():
        if other.workflow or other.states:
            yield site.definition.binding(id, board), ("phase", id, "exception", board)


def _join(site: _Site, step: Step) -> Iterator[Problem]:
    if site.of_boards or site.phase.board is None:
        message = N_("The step {name} waits for the boards, but the phase has no plans for the boards.")
        cure = N_("Add the table board, or choose a workflow that does not wait for the boards.")
        yield site.problem("no_boards", ("workflow",), message, cure, name=step.verb)
    elif step.reached is not None:
        named: dict[Place, str | None] = {("board",): site.phase.board.workflow}
        named |= {("exception", board): other.workflow for board, other in site.phase.exceptions.items()}
        for place, id in named.items():
            workflow = site.definition.workflows.get(id or "")
            if workflow and not workflow.has(step.reached):
                known = [state.id for state in workflow.states]
                message = N_(
                    "The step that waits for the boards waits for the state {name}, which their workflow does not have."
                )
                yield site.unknown("state", message, step.reached, known, *place, "workflow")


def _year(site: _Site, year: str | None, away: int, place: Place) -> Iterator[Problem]:
    """Check the year of the cycle in which a step looks at another phase."""
    cycle = site.definition.wheel.cycles.get(site.phase.cycle)
    letter, every = ("Y" if site.phase.cycle == "budget" else "E"), cycle.every if cycle else 1
    if year is not None and (not away or year[0] != letter or away % every):
        message = N_("`{name}` is not the year of another cycle of this kind.")
        cure = N_("Write `{before}` or `{after}`.")
        facts = {"before": f"{letter}-{every}", "after": f"{letter}+{every}"}
        yield site.problem("date", (*place, "year"), message, cure, name=year, **facts)


def _other(
    site: _Site,
    name: str,
    reached: str | None,
    boards: bool,
    place: Place,
    *,
    lenient: bool = False,
    across: bool = False,
) -> Iterator[Problem]:
    """Check a reference to another phase of the cycle. `lenient`: if it has no boards, its whole plan is meant.
    `across`: the phase may belong to the other kind of cycle."""
    phases = {id: p for id, p in site.definition.wheel.phases.items() if across or p.cycle == site.phase.cycle}
    if name not in phases:
        message = N_("The phase {name} does not exist in this cycle.")
        yield site.unknown("phase", message, name, list(phases), *place, "phase")
        return
    other = phases[name]
    if boards and other.board is None and not lenient:
        message = N_("The phase {name} has no plans for the boards.")
        yield site.problem("no_boards", place, message, N_("Remove boards."), name=name)
        return
    binding = other.board if boards and other.board else other
    workflows = _workflows(site.definition, other, binding)
    known = list(dict.fromkeys(state.id for workflow in workflows for state in workflow.states))
    if workflows and reached is None:
        message = N_("The file does not state how far {name} must have come.")
        yield site.problem("no_reached", place, message, N_("Name the state in reached."), name=name)
    elif workflows and reached not in known:
        message = N_("The state {name} does not exist in the other phase.")
        yield site.unknown("state", message, str(reached), known, *place, "reached")
