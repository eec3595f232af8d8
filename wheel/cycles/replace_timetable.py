"""A cycle's timetable becomes another one: its relative dates are accepted anew, or a body decides a new one."""

from dataclasses import replace
from functools import partial
from typing import Any

from sqlalchemy import update

from wheel.cycles.date_changes import apply, differences, relative, row, timetable_of, up_to_date
from wheel.cycles.timetable_versions import dates_of, keep, plans_as_seen, plans_of, turn_named
from wheel.database.definitions import store_definition
from wheel.engine.decisions import DecisionForm, citation, form_against, record
from wheel.engine.desk import Act, Done, done, permitted, reason_missing, settle, take_up
from wheel.engine.plan import Matter, Turn
from wheel.engine.unit_of_work import CYCLE, Work
from wheel.errors import Usage
from workflows.definition.definition import BoardException, Definition, Phase, Step
from workflows.messages import N_
from workflows.rules.rules import Reason

ADOPTED = ("adopted", "adopted_with_changes")


def accept(work: Work, act: Act, name: str) -> Done:
    """Take over the dates that the cycle's relative rules give now. What was moved by hand stays."""
    turn = turn_named(work, name)
    plans = plans_as_seen(work, act, turn)
    warnings = settle(act, permitted(work, "timetable", work.today(turn)) + reason_missing(act, "timetable"))
    dates = timetable_of(work, turn, plans)
    changes = up_to_date(work, plans, partial(differences, dates=dates, choice=relative))
    rows = [row(work, change) for change in changes]
    apply(work, changes, act.reason)
    if changes:
        work.log("timetable.accepted", name, dates=sum(len(c.moved) for c in changes), reason=act.reason)
    else:
        warnings.append(Reason("timetable", N_("No date would be another one; nothing was done."), severity="warn"))
    return Done(name, warnings=warnings, more={"moved": rows})


def replace_timetable(work: Work, act: Act, name: str, newest: Definition, form: DecisionForm) -> Done:
    """A new timetable, decided by its body: the dates of the files. States that a plan has left keep theirs.

    Raises Usage for a cycle without a timetable of its own, Conflict, RefusedError with every reason.
    """
    turn = turn_named(work, name)
    phase = turn.definition.wheel.cycles[turn.kind].timetable
    if phase is None:
        raise Usage(
            N_("{cycle} has no timetable that somebody decides; use --accept or `arshjul migrate`."), cycle=name
        )
    plans_as_seen(work, act, turn)
    matter = take_up(work, replace(act, if_version=None), f"{name}/{phase}")  # the version is the cycle's
    turn = matter.turn
    new = newest.for_cycle(turn.kind, turn.year)
    definition = with_dates_of(turn.definition, new)
    step = _deciding(matter)
    reasons = permitted(work, "timetable", work.today(turn)) + _draft(turn)
    reasons += form_against(work, matter, step, form) + _adopted(form, step)
    reasons += _other_wheel(turn, new) or _more_than_dates(definition, new)
    warnings = settle(act, reasons)
    before = turn.definition.sha256
    turn = take_over(work, turn, definition)
    plans = plans_of(work, turn, lock=True)
    dates = timetable_of(work, turn, plans, by_hand=False)
    changes = up_to_date(work, plans, partial(differences, dates=dates, choice=None, by_hand=True))
    rows = [row(work, change) for change in changes]
    decision = record(work, matter, step.verb, form, act.reason)
    apply(work, changes, _cited(matter, form, act))
    after = work.matter(matter.address)
    number = keep(work, turn, dates_of((m.address, m.stages) for m in plans_of(work, turn)), decision["id"])
    facts: dict[str, Any] = {"version": number, "decision": decision, "reason": act.reason, "step": step.verb}
    work.log("timetable.replaced", after, **facts, definition=[before, definition.sha256], plans=len(rows))
    return replace(done(work, after, warnings), more={"timetable": number, "moved": rows})


def take_over(work: Work, turn: Turn, definition: Definition) -> Turn:
    """Let the cycle keep that definition from now on."""
    sha256 = store_definition(work.session, definition)
    work.session.execute(update(CYCLE).where(CYCLE.c.id == turn.id).values(definition=sha256))
    work.forget_turns()
    return work.turn(turn.id)


def _draft(turn: Turn) -> list[Reason]:
    text = N_(
        "{cycle} is a draft: its timetable is decided by its own step. `arshjul migrate {cycle} --dates recompute` "
        "takes over the dates of the files before that."
    )
    return [Reason("R1", text, {"cycle": turn.name}, citation="1.2")] if turn.draft else []


def _deciding(matter: Matter) -> Step:
    """The step that stands for the decision: the one that replaces, or else the one that decided it first."""
    decisions = [step for step in matter.workflow.steps if step.decision]
    if not decisions:
        raise Usage(N_("{address} is decided by nobody."), address=matter.address)
    return next((step for step in decisions if step.aside), decisions[0])


def _adopted(form: DecisionForm, step: Step) -> list[Reason]:
    if not form.outcome or form.outcome in ADOPTED:
        return []
    text = N_("Only an adopted timetable replaces the one in force; {outcome} changes nothing.")
    return [Reason("decision", text, {"outcome": form.outcome}, step=step.verb)]


def _cited(matter: Matter, form: DecisionForm, act: Act) -> str:
    return ": ".join(filter(None, (citation(matter, form), act.reason)))


# ---- only the dates of another wheel ---------------------------------------------------------------------------


def with_dates_of(old: Definition, new: Definition) -> Definition:
    """The old wheel with the new one's dates, as far as both have the phase."""
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


def _other_wheel(turn: Turn, new: Definition) -> list[Reason]:
    """The new files have other phases, boards or states: more than a new timetable."""
    mine, theirs = _ways(turn, turn.definition), _ways(turn, new)
    other = tuple(sorted(place for place in mine.keys() | theirs.keys() if mine.get(place) != theirs.get(place)))
    if not other:
        return []
    text = N_("The files have other phases or states than {cycle}: {other}. `arshjul migrate {cycle}` takes them over.")
    return [Reason("definition", text, {"cycle": turn.name, "other": other})]


def _ways(turn: Turn, definition: Definition) -> dict[str, tuple[str, ...]]:
    """The states of each plan of the cycle."""
    found = {}
    for id, phase in definition.phases(turn.kind, turn.year).items():
        for board in (None, *(definition.wheel.boards if phase.board else ())):
            states = definition.workflow(id, board).states
            found["/".join(filter(None, (id, board)))] = tuple(state.id for state in states)
    return found


def _more_than_dates(definition: Definition, new: Definition) -> list[Reason]:
    if definition.sha256 == new.sha256:
        return []
    text = N_("The files differ in more than dates; only their dates were taken.")
    return [Reason("definition", text, severity="warn")]
