"""Migrates a running cycle to a new definition: the mapping says, state by state, where each plan goes."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import partial

from sqlalchemy import update
from sqlmodel import col

from notifications.notices import supersede
from notifications.tables import Notice
from wheel.cycles.cycle_timetable import timetable_of
from wheel.cycles.date_changes import DateChange, apply_changes, change_document, differences
from wheel.cycles.judge_dates import judge_dates
from wheel.cycles.merge_definitions import merge_definitions
from wheel.cycles.open_cycle import NewPlan, insert_plans, new_plans, stages_of
from wheel.cycles.replace_timetable import store_as_definition
from wheel.cycles.state_mapping import MigrationOptions, PlanMapping, bad_mappings, mapped_state, mapping_of, unmapped
from wheel.cycles.stopped_cycles import stopped_warning
from wheel.cycles.timetable_versions import find_cycle, plans_as_seen, plans_of_cycle
from wheel.engine.affected_plans import affected_plans_warning, flag, passed_whole
from wheel.engine.dependents import check_dependents_again
from wheel.engine.desk import refuse_or_warn
from wheel.engine.for_information import FLAGGED, RECEIVED, tell_of_withdrawal
from wheel.engine.plan import NO_RECORD, Cycle, Plan, StateRecord
from wheel.engine.request_and_result import Effects, MovedRow, Request, Result, ShaRow
from wheel.engine.transition import catch_up, permit_migration, tell_whose_turn
from wheel.engine.unit_of_work import PLAN, UnitOfWork
from wheel.engine.verb_preconditions import right_objections
from workflows.definition.definition import Definition
from workflows.messages import N_
from workflows.rules.named_rules import Reason
from workflows.rules.timetable import Timetable


def migrate(uow: UnitOfWork, request: Request, name: str, newest: Definition, wanted: MigrationOptions) -> Result:
    """Migrate the cycle to the newest definition.

    Raises Conflict, and RefusedError with every state that nobody has mapped.
    """
    cycle = find_cycle(uow, name)
    plans = plans_as_seen(uow, request, cycle)
    new = newest.for_cycle(cycle.kind, cycle.year)
    reasons = right_objections(uow, request, "migrate", uow.today(cycle))
    ways = [mapping_of(plan, cycle, new, wanted.states) for plan in plans]
    merged = merge_definitions(cycle.definition, new, [way.plan for way in ways if way.gone])
    if merged.sha256 == cycle.definition.sha256:
        refuse_or_warn(request, reasons)
        text = N_("The cycle {cycle} already has this definition. Nothing was done.")
        told = [Reason("definition", text, {"cycle": name}, severity="warn")]
        return Result(name, warnings=told, more={"plans": [], "moved": []})
    ways = [mapping_of(catch_up(uow, way.plan), cycle, new, wanted.states) for way in ways]
    warnings = refuse_or_warn(request, reasons + unmapped(ways, new) + bad_mappings(ways, new, wanted.states))
    before = judge_dates(uow, cycle)
    vanished = [row for way in ways for row in _vanished(uow, way, new, wanted.states)]
    after = _begin(uow, request, cycle, merged, ways, wanted)
    for way in ways:
        if way.plan.phase != _timetable(after) or way.plan.board:
            _go(uow, request, way, after, wanted)
    created = _create(uow, after, new, {way.plan.address for way in ways})
    changes = vanished + _redate(uow, request, after, wanted, {way.plan.address for way in ways})
    rows = [way.json() for way in ways]
    rows += [
        {
            "address": p.address,
            "what": "new_left_out" if p.special_status == "not_concerned" else "new",
            "from": None,
            "to": p.state,
        }
        for p in created
    ]
    facts = {"maps": wanted.states, "dates": wanted.dates, "reason": request.reason}
    counted = dict(Counter(row["what"] for row in rows))
    shas: ShaRow = {"from": cycle.definition.sha256, "to": after.definition.sha256}
    versions = {"version": [cycle.definition.wheel.version, after.definition.wheel.version]}
    uow.log("cycle.migrated", name, **shas, **versions, **facts, plans=counted)
    uow.wake(PLAN.c.cycle_id == cycle.id)
    _tell_new_owners(uow, after, {way.plan.id: way.plan for way in ways})
    warnings += _boards_that_changed(uow, request, after, ways)
    warnings += before.remarks(uow, name) + stopped_warning(uow, cycle)
    more: Effects = {"definition": shas, "plans": rows, "moved": changes}
    return Result(name, warnings=warnings, more=more, definition=after.definition)


def _begin(
    uow: UnitOfWork,
    request: Request,
    cycle: Cycle,
    merged: Definition,
    ways: list[PlanMapping],
    wanted: MigrationOptions,
) -> Cycle:
    """Store the definition, and migrate the timetable's plan before the cycle is read again: its state says whether
    the cycle is a draft, and the new workflow may not know the old one."""
    store_as_definition(uow, cycle, merged)
    after = cycle._replace(definition=merged)
    for way in ways:
        if way.plan.phase == _timetable(after) and not way.plan.board:
            _go(uow, request, way, after, wanted)
    uow.forget_cycles()
    return uow.cycle(cycle.id)


def _timetable(cycle: Cycle) -> str | None:
    return cycle.definition.wheel.cycles[cycle.kind].timetable


def _boards_that_changed(uow: UnitOfWork, request: Request, cycle: Cycle, ways: list[PlanMapping]) -> list[Reason]:
    """Flag the phases that had counted their boards before one more took part. The warnings that name them, the boards
    that are gone, and the plans that outlast their boards."""
    stood = {way.plan.address for way in ways if way.plan.is_active}
    plans, bodies = plans_of_cycle(uow, cycle), cycle.definition.wheel.bodies
    wholes = {}
    for plan in plans:
        whole, goal = passed_whole(uow, plan) if plan.board and plan.address not in stood else (None, "")
        if whole is not None and plan.is_active and not plan.reached(goal):
            flag(uow, [whole], plan, "part", request.reason)
            wholes[whole.id] = whole
    found = affected_plans_warning(list(wholes.values()), "changed")
    if gone := sorted({way.plan.board for way in ways if way.gone and way.what == "withdrawn" and way.plan.board}):
        text = N_(
            "The files no longer have these boards: {boards}. A board that gets another name keeps its id, and a board "
            "that ends has the date of its end in the files."
        )
        found.append(Reason("boards", text, {"boards": tuple(gone)}, severity="warn"))
    longer = [p.address for p in plans if p.board and p.is_under_way and _outlasts(p, bodies[p.board].ends)]
    if longer:
        text = N_("These plans last longer than their boards exist. Withdraw them or move their deadlines: {missing}.")
        found.append(Reason("boards", text, {"missing": tuple(longer)}, severity="warn"))
    return found


def _outlasts(plan: Plan, ends: date | None) -> bool:
    days = [stage.last for state, stage in plan.stages.items() if stage.last and plan.is_ahead(state)]
    return ends is not None and any(day > ends for day in days)


def _tell_new_owners(uow: UnitOfWork, cycle: Cycle, before: dict[int, Plan]) -> None:
    """Tell those that it is their turn who owe a plan's next step and did not before the migration."""
    for plan in plans_of_cycle(uow, cycle):
        if plan.id in before and (plan.is_timetable or not plan.cycle.draft):
            old = before[plan.id]
            tell_whose_turn(uow, plan, at=uow.now, but=old.bodies_to_remind if old.is_active else ())


# ---- going there -----------------------------------------------------------------------------------------------


def _go(uow: UnitOfWork, request: Request, way: PlanMapping, after: Cycle, wanted: MigrationOptions) -> None:
    plan = way.plan
    if way.gone:
        if plan.is_under_way:
            ended = supersede(uow.session, plan.id, "withdrawn")
            gone = uow.save(plan.changed(cycle=after), special_status="withdrawn")
            uow.log("plan.withdrawn", plan, state=plan.state, reason=request.reason, ended=ended)
            tell_of_withdrawal(uow, gone, request.reason)
            check_dependents_again(uow, gone)
        return
    assert way.to is not None
    moved = plan.changed(cycle=after)
    stages = dict(_renamed(way, after.definition, wanted.states))
    for state, before in plan.stages.items():
        # The count of visits is kept, even if another state takes the name over: otherwise its first visit would have
        # the number of one that people were told of.
        here = stages.get(state, NO_RECORD)
        if moved.workflow.has(state) and here.entries < before.entries:
            stages[state] = here._replace(entries=before.entries)
    same = (way.to, stages, way.special_status) == (plan.state, plan.stages, plan.special_status)
    if same and moved.workflow == plan.workflow:
        return
    if way.what == "left_out":
        supersede(uow.session, plan.id, "out_of_play")
    _rename_notices(uow, way)
    entry = max(stages.get(way.to, NO_RECORD).entries, plan.visit)
    saved = uow.save(
        moved, permit_migration(moved.workflow, way.to), visit=entry, stages=stages, special_status=way.special_status
    )
    uow.log("plan.migrated", plan, **{"from": plan.state, "to": way.to}, mark=way.special_status, reason=request.reason)
    if saved.workflow.state(saved.state).done and (
        ended := supersede(uow.session, plan.id, "moved_on", but=(FLAGGED, RECEIVED))
    ):
        uow.log("notice.superseded", plan, count=ended)  # what was asked for is not owed in the new workflow
    if way.what == "left_out":
        tell_of_withdrawal(uow, saved, request.reason)
    check_dependents_again(uow, saved)


def _renamed(way: PlanMapping, new: Definition, states: dict[str, str]) -> Iterator[tuple[str, StateRecord]]:
    """The state records under their new names. A state that is gone keeps its old name, for the history; the record of
    a state that keeps its name goes before that of another one which is mapped to it."""
    assert way.to is not None
    plan = way.plan
    others = {
        state: mapped_state(plan, state, new, states) for state in plan.stages if state not in (plan.state, way.to)
    }
    for state in sorted(others, key=lambda state: others[state] is None):
        yield others[state] or state, plan.stages[state]
    here = plan.stage
    if (own := plan.stages.get(way.to)) is not None and way.to != plan.state:
        # The new state has a record already: its dates hold, and the visit goes on there.
        here = own._replace(
            entries=max(own.entries, here.entries), entered_at=here.entered_at, entered_on=here.entered_on, left_at=None
        )
    if here != NO_RECORD:
        yield way.to, here


def _vanished(uow: UnitOfWork, way: PlanMapping, new: Definition, states: dict[str, str]) -> Iterator[MovedRow]:
    """The dates still to come that vanish with their state, because the new workflow has none that takes it over."""
    plan = way.plan
    if way.gone or not plan.is_active:
        return
    workflow = new.workflow(plan.phase, plan.board)
    for state in plan.stages:
        if state == plan.state or not plan.is_ahead(state) or workflow.has(state):
            continue
        change = DateChange(plan, state, NO_RECORD)
        if change.moved and mapped_state(plan, state, new, states) is None:
            yield change_document(uow, change)


def _rename_notices(uow: UnitOfWork, way: PlanMapping) -> None:
    """Planned notices about the state keep their meaning and are sent all the same."""
    if way.to != way.plan.state:
        planned_ones = col(Notice.plan_id) == way.plan.id, col(Notice.outcome) == "planned"
        theirs = update(Notice).where(*planned_ones, col(Notice.state) == way.plan.state)
        uow.session.execute(theirs.values(state=way.to))


def _create(uow: UnitOfWork, cycle: Cycle, new: Definition, known: set[str]) -> list[NewPlan]:
    """The plans that the new wheel has and the cycle had not."""
    every = new_plans(uow, cycle._replace(definition=new), uow.today(cycle))
    created = [each for each in every if each.address not in known]
    if created:
        insert_plans(uow, cycle, created, uow.now)
        for plan in plans_of_cycle(uow, cycle):
            if plan.address not in known:
                catch_up(uow, plan)
    return created


def _redate(
    uow: UnitOfWork, request: Request, cycle: Cycle, wanted: MigrationOptions, known: set[str]
) -> list[MovedRow]:
    """New dates for all states if they are to be recomputed, otherwise only for states that had none."""
    plans = [
        plan for plan in plans_of_cycle(uow, cycle) if plan.address in known and plan.special_status != "withdrawn"
    ]
    dates = timetable_of(uow, cycle, plans)
    find = (
        partial(differences, dates=dates, choice=None) if wanted.dates == "recompute" else partial(_new_states, dates)
    )
    changes = [change for plan in plans for change in find(plan)]
    rows = [change_document(uow, change) for change in changes]
    apply_changes(uow, changes, request.reason)
    return rows


def _new_states(dates: Timetable, plan: Plan) -> list[DateChange]:
    if not plan.is_active:
        return []
    found = stages_of(dates, plan.phase, plan.board)
    undated = {state: stage for state, stage in found.items() if _is_undated(plan.stages.get(state, NO_RECORD))}
    changes = (DateChange(plan, state, _dated(plan, state, stage)) for state, stage in undated.items())
    return [change for change in changes if plan.is_ahead(change.state) and change.moved]


def _is_undated(stage: StateRecord) -> bool:
    return not any((stage.opens, stage.target, stage.last, stage.statutory, stage.undecided))


def _dated(plan: Plan, state: str, found: StateRecord) -> StateRecord:
    old = plan.stages.get(state, NO_RECORD)
    visit = {name: getattr(old, name) for name in ("entries", "entered_at", "entered_on", "left_at")}
    return found._replace(version=old.version + 1 if old.entries else old.version, **visit)
