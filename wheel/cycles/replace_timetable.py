"""Changes a cycle's timetable: its relative dates are accepted again, or a body decides a new one."""

from dataclasses import replace
from functools import partial
from typing import Any

from sqlalchemy import update

from wheel.cycles.cycle_timetable import timetable_of
from wheel.cycles.date_changes import apply_changes, change_document, differences, is_relative, up_to_date
from wheel.cycles.judge_dates import judge_dates
from wheel.cycles.timetable_versions import dates_of, find_cycle, plans_as_seen, plans_of_cycle, store_version
from wheel.database.definitions import store_definition
from wheel.engine.decisions import DecisionForm, citation, completed, form_objections, record, registrations
from wheel.engine.desk import refuse_or_warn
from wheel.engine.objections import StepRequest, rule_objections, source_of_timetable
from wheel.engine.plan import Cycle, Plan
from wheel.engine.request_and_result import Request, Result, passed_over, result_of
from wheel.engine.unit_of_work import CYCLE, UnitOfWork
from wheel.engine.verb_preconditions import load_current, right_objections
from wheel.errors import Usage
from wheel.plan_address import Address
from workflows.definition.definition import BoardException, Definition, Phase, Step
from workflows.messages import N_
from workflows.rules.named_rules import Reason


def accept(uow: UnitOfWork, request: Request, name: str) -> Result:
    """Accept the dates that the cycle's relative rules give now. Dates that were moved by hand stay."""
    cycle = find_cycle(uow, name)
    plans = plans_as_seen(uow, request, cycle)
    warnings = refuse_or_warn(request, right_objections(uow, request, "accept-timetable", uow.today(cycle)))
    dates = timetable_of(uow, cycle, plans)
    changes = up_to_date(uow, plans, partial(differences, dates=dates, choice=is_relative))
    rows = [change_document(uow, change) for change in changes]
    before = judge_dates(uow, cycle)
    apply_changes(uow, changes, request.reason)
    warnings += before.remarks(uow, name)
    if changes:
        uow.log("timetable.accepted", name, dates=sum(len(c.moved) for c in changes), reason=request.reason)
    else:
        warnings.append(Reason("timetable", N_("No date would change. Nothing was done."), severity="warn"))
    return Result(name, warnings=warnings, more={"moved": rows}, definition=cycle.definition)


def replace_timetable(uow: UnitOfWork, request: Request, name: str, newest: Definition, form: DecisionForm) -> Result:
    """Replace the timetable by the dates of the files, as its body decided. States that a plan has left keep theirs.

    Raises Usage for a cycle without a timetable of its own, Conflict, RefusedError with every reason.
    """
    cycle = find_cycle(uow, name)
    phase = cycle.definition.wheel.cycles[cycle.kind].timetable
    if phase is None:
        raise Usage(N_("The cycle {cycle} has no timetable that a body decides."), cycle=name)
    plans_as_seen(uow, request, cycle)
    plan = load_current(uow, replace(request, if_version=None), str(Address(name, phase)))  # the version is the cycle's
    cycle = plan.cycle
    new = newest.for_cycle(cycle.kind, cycle.year)
    definition = with_dates_of(cycle.definition, new)
    step = _deciding(plan)
    form = completed(uow, plan, step, form)
    reasons = right_objections(uow, request, "replace-timetable", uow.today(cycle)) + _draft(cycle)
    reasons += _day(uow, request, plan, step, form) + _adopted(form, step)
    reasons += _other_wheel(cycle, new) or _more_than_dates(definition, new)
    warnings = refuse_or_warn(request, reasons, plan)
    before, old_dates = cycle.definition.sha256, judge_dates(uow, cycle)
    cycle = replace_definition(uow, cycle, definition)
    plans = plans_of_cycle(uow, cycle, lock=True)
    dates = timetable_of(uow, cycle, plans, by_hand=False)
    changes = up_to_date(uow, plans, partial(differences, dates=dates, choice=None, by_hand=True))
    rows = [change_document(uow, change) for change in changes]
    decision = record(uow, plan, step.verb, form, request.reason)
    apply_changes(uow, changes, _cited(plan, form, request))
    after = uow.plan(plan.address)
    number = store_version(
        uow, cycle, dates_of((m.address, m.stages) for m in plans_of_cycle(uow, cycle)), decision["id"]
    )
    facts: dict[str, Any] = {"version": number, "decision": decision, "reason": request.reason, "step": step.verb}
    facts["passed_over"] = passed_over(warnings)
    uow.log("timetable.replaced", after, **facts, definition=[before, definition.sha256], plans=len(rows))
    warnings += old_dates.remarks(uow, after)
    return replace(result_of(uow, after, warnings), more={"timetable": number, "moved": rows})


def replace_definition(uow: UnitOfWork, cycle: Cycle, definition: Definition) -> Cycle:
    """Store that definition as the cycle's from now on, and read the cycle again."""
    store_as_definition(uow, cycle, definition)
    return uow.cycle(cycle.id)


def store_as_definition(uow: UnitOfWork, cycle: Cycle, definition: Definition) -> None:
    """Store that definition as the cycle's from now on."""
    sha256 = store_definition(uow.session, definition)
    uow.session.execute(update(CYCLE).where(CYCLE.c.id == cycle.id).values(definition=sha256))
    uow.wrote(CYCLE, cycle.id, {"definition": sha256})
    uow.forget_cycles()


def _draft(cycle: Cycle) -> list[Reason]:
    text = N_("The cycle {cycle} is a draft, whose timetable is decided in a step of its own.")
    return [Reason("R1", text, {"cycle": cycle.name}, citation=source_of_timetable(cycle))] if cycle.draft else []


def _deciding(plan: Plan) -> Step:
    """The deciding step: the one that replaces the timetable, or else the one that decided it first."""
    replaces = [step for step in plan.workflow.steps if step.adopted_by and step.off_path]
    step = replaces[0] if replaces else plan.workflow.deciding_step
    if step is None:
        raise Usage(N_("No body decides {address}."), address=plan.address)
    return step


def _day(uow: UnitOfWork, request: Request, plan: Plan, step: Step, form: DecisionForm) -> list[Reason]:
    """Objections to the form, and to the day, judged like that of any decision: it comes after the decisions that it
    replaces, and the wheel's rules hold for it. A step that is taken once more was in time the first time."""
    decided = plan.workflow.deciding_step
    deciders = plan.bodies("replaces")
    reasons = form_objections(uow, plan, step, form, decided.to if decided else "", deciders=deciders)
    if form.meeting is None:
        return reasons
    earlier = [
        each.form.meeting
        for each in registrations(uow, [plan])
        if each.change is None and not each.undone and each.form.outcome in step.adopted_by and each.form.meeting
    ]
    if earlier and form.meeting < max(earlier):
        text = N_("{on} is before the timetable that it replaces was decided ({came}). Check the date.")
        facts = {"on": form.meeting, "came": max(earlier)}
        reasons.append(Reason("meeting", text, facts, severity="warn", step=step.verb))
    if step.off_path:
        asked = StepRequest(step, form.meeting, request.reason, recorded=uow.today(plan.cycle))
        reasons += rule_objections(uow, plan, asked)
    return reasons


def _adopted(form: DecisionForm, step: Step) -> list[Reason]:
    if not form.outcome or form.outcome in step.adopted_by:
        return []
    text = N_("Only a decided timetable replaces the one in force. The outcome {outcome} changes nothing.")
    return [Reason("decision", text, {"outcome": form.outcome}, step=step.verb)]


def _cited(plan: Plan, form: DecisionForm, request: Request) -> str:
    return ": ".join(filter(None, (citation(plan, form), request.reason)))


# ---- only the dates of another wheel ---------------------------------------------------------------------------


def with_dates_of(old: Definition, new: Definition) -> Definition:
    """The old definition with the new one's dates for the phases that both have."""
    phases = {
        id: _dated(phase, new.wheel.phases[id]) if id in new.wheel.phases else phase
        for id, phase in old.wheel.phases.items()
    }
    return Definition(wheel=old.wheel.model_copy(update={"phases": phases}), workflows=old.workflows)


def _dated(old: Phase, new: Phase) -> Phase:
    board = old.board.model_copy(update={"states": new.board.states}) if old.board and new.board else old.board
    exceptions = {
        id: old.exceptions.get(id, BoardException()).model_copy(
            update={"states": new.exceptions[id].states if id in new.exceptions else {}}
        )
        for id in dict.fromkeys((*old.exceptions, *(id for id, other in new.exceptions.items() if other.states)))
    }
    return old.model_copy(update={"states": new.states, "board": board, "exceptions": exceptions})


def _other_wheel(cycle: Cycle, new: Definition) -> list[Reason]:
    """Objections where the new files have other phases, boards or states, which is more than a new timetable."""
    mine, theirs = _ways(cycle, cycle.definition), _ways(cycle, new)
    other = tuple(sorted(place for place in mine.keys() | theirs.keys() if mine.get(place) != theirs.get(place)))
    if not other:
        return []
    text = N_("The files have other phases or states than {cycle}: {other}.")
    return [Reason("definition", text, {"cycle": cycle.name, "other": other})]


def _ways(cycle: Cycle, definition: Definition) -> dict[str, tuple[str, ...]]:
    """The states of each plan of the cycle."""
    found = {}
    for id, phase in definition.phases(cycle.kind, cycle.year).items():
        for board in (None, *(definition.wheel.boards if phase.board else ())):
            states = definition.workflow(id, board).states
            found["/".join(filter(None, (id, board)))] = tuple(state.id for state in states)
    return found


def _more_than_dates(definition: Definition, new: Definition) -> list[Reason]:
    if definition.sha256 == new.sha256:
        return []
    text = N_("The files differ in more than dates. Only their dates were taken.")
    return [Reason("definition", text, severity="warn")]
