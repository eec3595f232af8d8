"""A running cycle is taken over to another wheel: state by state where each plan goes, and only when told."""

from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any

from sqlalchemy import update
from sqlmodel import col

from notifications.models import Notice
from notifications.notices import supersede
from wheel.cycles.date_changes import Change, apply, differences, row, timetable_of
from wheel.cycles.merge_definitions import with_what_is_gone
from wheel.cycles.open_cycle import NewPlan, insert_plans, planned, stages_of
from wheel.cycles.replace_timetable import take_over
from wheel.cycles.state_mapping import Wanted, Way, named, odd, unmapped, way_of
from wheel.cycles.timetable_versions import plans_as_seen, plans_of, turn_named
from wheel.engine.dependents import wake_watchers
from wheel.engine.desk import Act, Done, permitted, reason_missing, settle
from wheel.engine.plan import NO_STAGE, Matter, Stage, Turn
from wheel.engine.transition import on_time
from wheel.engine.unit_of_work import PLAN, Work
from wheel.reads.registers import meeting_days
from workflows.definition.definition import Definition
from workflows.messages import N_
from workflows.rules.rules import Reason
from workflows.rules.timetable import Timetable


def migrate(work: Work, act: Act, name: str, newest: Definition, wanted: Wanted) -> Done:
    """Take the cycle over to the newest definition.

    Raises Conflict, and RefusedError with every state that nobody has mapped.
    """
    turn = turn_named(work, name)
    plans = plans_as_seen(work, act, turn)
    new = newest.for_cycle(turn.kind, turn.year)
    reasons = permitted(work, "migrate", work.today(turn)) + reason_missing(act, "migrate")
    ways = [way_of(matter, turn, new, wanted.states) for matter in plans]
    merged = with_what_is_gone(turn.definition, new, [way.matter for way in ways if way.gone])
    if merged.sha256 == turn.definition.sha256:
        settle(act, reasons)
        text = N_("{cycle} has this definition already; nothing was done.")
        told = [Reason("definition", text, {"cycle": name}, severity="warn")]
        return Done(name, warnings=told, more={"plans": [], "moved": []})
    ways = [way_of(on_time(work, way.matter), turn, new, wanted.states) for way in ways]
    warnings = settle(act, reasons + unmapped(ways, new) + odd(ways, new, wanted.states))
    after = take_over(work, turn, merged)
    for way in ways:
        _go(work, act, way, after, wanted)
    created = _create(work, after, new, {way.matter.address for way in ways})
    changes = _redate(work, act, after, wanted, {way.matter.address for way in ways})
    rows = [way.json() for way in ways]
    rows += [{"address": p.address, "what": "new", "from": None, "to": p.state} for p in created]
    facts = {"maps": wanted.states, "dates": wanted.dates, "reason": act.reason}
    counted = dict(Counter(row["what"] for row in rows))
    shas = {"from": turn.definition.sha256, "to": after.definition.sha256}
    versions = {"version": [turn.definition.wheel.version, after.definition.wheel.version]}
    work.log("cycle.migrated", name, **shas, **versions, **facts, plans=counted)
    work.wake(PLAN.c.cycle_id == turn.id)
    return Done(name, warnings=warnings, more={"definition": shas, "plans": rows, "moved": changes})


# ---- going there -----------------------------------------------------------------------------------------------


def _go(work: Work, act: Act, way: Way, after: Turn, wanted: Wanted) -> None:
    matter = way.matter
    if way.gone:
        if matter.in_play:
            ended = supersede(work.session, matter.id, N_("The plan was withdrawn."))
            gone = work.save(matter.changed(turn=after), mark="withdrawn")
            work.log("plan.withdrawn", matter, state=matter.state, reason=act.reason, ended=ended)
            wake_watchers(work, gone)
        return
    assert way.to is not None
    moved = matter.changed(turn=after)
    stages = dict(_renamed(way, wanted.states))
    same = (way.to, stages, way.mark) == (matter.state, matter.stages, matter.mark)
    if same and moved.workflow == matter.workflow:
        return
    if way.what == "left_out":
        supersede(work.session, matter.id, N_("The plan is out of play."))
    _rename_notices(work, way)
    entry = max(stages.get(way.to, NO_STAGE).entries, matter.entry)
    saved = work.save(moved, state=way.to, entry=entry, stages=stages, mark=way.mark)
    work.log("plan.migrated", matter, **{"from": matter.state, "to": way.to}, mark=way.mark, reason=act.reason)
    wake_watchers(work, saved)


def _renamed(way: Way, states: dict[str, str]) -> Iterator[tuple[str, Stage]]:
    """The stages under their new names. One that has none any more keeps its old one, for the history."""
    assert way.to is not None
    matter = way.matter
    for state, stage in matter.stages.items():
        if state not in (matter.state, way.to):
            yield named(matter, state, states) or state, stage
    here = matter.stage
    if (own := matter.stages.get(way.to)) is not None and way.to != matter.state:
        # A state that it had before it as well: with that one's dates, and the visit goes on there.
        here = own._replace(entries=max(own.entries, here.entries), entered_at=here.entered_at, left_at=None)
    if here != NO_STAGE:
        yield way.to, here


def _rename_notices(work: Work, way: Way) -> None:
    """What is planned about the state goes out all the same."""
    if way.to != way.matter.state:
        planned_ones = col(Notice.plan_id) == way.matter.id, col(Notice.outcome) == "planned"
        theirs = update(Notice).where(*planned_ones, col(Notice.state) == way.matter.state)
        work.session.execute(theirs.values(state=way.to))


def _create(work: Work, turn: Turn, new: Definition, known: set[str]) -> list[NewPlan]:
    """The plans that the new wheel has and the cycle had not."""
    every = planned(turn._replace(definition=new), work.today(turn), meeting_days(work.session))
    created = [plan for plan in every if plan.address not in known]
    if created:
        insert_plans(work, turn, created, work.now)
        for matter in plans_of(work, turn):
            if matter.address not in known:
                on_time(work, matter)
    return created


def _redate(work: Work, act: Act, turn: Turn, wanted: Wanted, known: set[str]) -> list[dict[str, Any]]:
    """Other dates where they are to be recomputed; otherwise for states alone that had none."""
    plans = [matter for matter in plans_of(work, turn) if matter.address in known and matter.mark != "withdrawn"]
    dates = timetable_of(work, turn, plans)
    find = (
        partial(differences, dates=dates, choice=None) if wanted.dates == "recompute" else partial(_new_states, dates)
    )
    changes = [change for matter in plans for change in find(matter)]
    rows = [row(work, change) for change in changes]
    apply(work, changes, act.reason)
    return rows


def _new_states(dates: Timetable, matter: Matter) -> list[Change]:
    if not matter.in_play:
        return []
    found = stages_of(dates, matter.phase, matter.board)
    undated = {state: stage for state, stage in found.items() if _is_undated(matter.stages.get(state, NO_STAGE))}
    changes = (Change(matter, state, _dated(matter, state, stage)) for state, stage in undated.items())
    return [change for change in changes if matter.is_ahead(change.state) and change.moved]


def _is_undated(stage: Stage) -> bool:
    return not any((stage.opens, stage.target, stage.last, stage.statutory, stage.undecided))


def _dated(matter: Matter, state: str, found: Stage) -> Stage:
    old = matter.stages.get(state, NO_STAGE)
    visit = {name: getattr(old, name) for name in ("entries", "entered_at", "left_at")}
    return found._replace(version=old.version + 1 if old.entries else old.version, **visit)
