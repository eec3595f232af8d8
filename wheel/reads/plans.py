"""What people and programs are shown of plans: the objects of the contract, made in one place for every door."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select

from config.municipality.roles import roles
from config.text.texts import Texts
from wheel.audit.journal import history
from wheel.database.tables import CycleRow
from wheel.engine.agenda import Alarm
from wheel.engine.boards import children_of
from wheel.engine.desk import Result
from wheel.engine.objections import StepRequest, draft_objections, rule_objections
from wheel.engine.plan import Plan
from wheel.engine.titles import title_of
from wheel.engine.unit_of_work import PLAN, UnitOfWork
from wheel.format import STATUS, utc
from wheel.mail.reachability import Reach
from wheel.reads.plan_state import flags_of, state_json
from workflows.definition.definition import Definition, Text
from workflows.rules.rules import Reason


def sentence(reason: Reason, texts: Texts, definition: Definition | None) -> str:
    """The reason as its reader reads it: bodies and states by their names, dates as dates."""
    bodies = definition.wheel.bodies if definition else {}

    def say(value: object) -> object:
        if isinstance(value, datetime) and definition:
            local = definition.wheel.calendar.local(value)
            return f"{texts.date(local.date())} {texts.clock(local)}"
        if isinstance(value, tuple | list):
            return [say(item) for item in value]
        return bodies[value].inside if isinstance(value, str) and value in bodies else value

    facts = {name: say(value) for name, value in reason.facts.items()}
    facts |= {name: texts(STATUS[reason.facts[name]]) for name in ("status", "mark") if name in facts}
    if "roles" in reason.facts:
        facts["roles"] = [roles()[role].label for role in reason.facts["roles"]]
    if definition and "workflow" in facts:
        facts["state"] = definition.workflows[reason.facts["workflow"]].state(reason.facts["state"]).label
    if definition and "reached" in facts:
        facts |= _waited_for(definition, **reason.facts)
    said = texts(reason.message, **{"who": say(reason.who), **facts})
    return said[:1].upper() + said[1:]


def _waited_for(definition: Definition, phase: str, reached: str, boards: bool, **_: object) -> dict[str, Text]:
    """By their names; nothing where the definition is a newer one that has no such phase or state."""
    whole = definition.wheel.phases.get(phase)
    if whole is None:
        return {}
    workflow = definition.workflows[(whole.board or whole if boards else whole).workflow]
    return {"phase": whole.label, **({"reached": workflow.state(reached).label} if workflow.has(reached) else {})}


def reason_json(reason: Reason, texts: Texts, definition: Definition | None) -> dict[str, Any]:
    return {
        "rule": reason.rule,
        "severity": reason.severity,
        "citation": reason.citation,
        "message": sentence(reason, texts, definition),
        "who": list(reason.who),
        "step": reason.step,
        "overridable": reason.overridable,
    }


def done_json(done: Result, texts: Texts, definition: Definition | None) -> dict[str, Any]:
    """The answer to a write."""
    return {
        "ok": True,
        "address": done.address,
        "state": done.state,
        "status": done.status,
        "version": done.version,
        "log": done.log,
        "notices": done.notices,
        "warnings": [reason_json(reason, texts, definition) for reason in done.warnings],
        "dry_run": done.dry_run,
        **done.more,
    }


def blockers(uow: UnitOfWork, plan: Plan) -> list[Reason]:
    """The unmet rules of all steps still ahead on the plan's way, each naming its step.

    A step that the calendar or another phase takes is nobody's to mend.
    """
    if not plan.is_active:
        return []
    today = uow.today(plan.cycle)
    ahead = [step for step in plan.workflow.way_ahead(plan.state) if step.automatic not in ("date", "phase")]
    found = [
        reason
        for step in ahead
        for reason in (
            *draft_objections(uow, plan, step.verb),
            *rule_objections(uow, plan, StepRequest(step, today, ahead=True)),
        )
    ]
    return [reason for reason in found if reason.severity == "refuse"]


def show(uow: UnitOfWork, address: str, texts: Texts) -> dict[str, Any]:
    """Everything about one plan. Raises NotFound."""
    plan = uow.plan(address)
    definition = plan.cycle.definition
    return {
        "address": plan.address,
        "title": title_of(plan, texts.language),
        "cycle": plan.cycle.name,
        "phase": plan.phase,
        "board": plan.board,
        "workflow": plan.workflow.id,
        "definition": {"version": definition.wheel.version, "sha256": definition.sha256},
        "state": plan.state,
        "entry": plan.visit,
        "status": plan.status(uow.today(plan.cycle)),
        "held": plan.held,
        "snoozed": _snoozed(uow, plan),
        "version": plan.version,
        "states": [state_json(plan, state.id, state.label.to(texts.language)) for state in plan.workflow.states],
        "steps": _steps(plan),
        "warnings": [reason_json(reason, texts, definition) for reason in Reach(uow).warnings(plan)],
        "blockers": [reason_json(reason, texts, definition) for reason in blockers(uow, plan)],
        "children": _children(uow, plan),
        "agenda": [alarm_json(uow, plan, alarm) for alarm in uow.agenda(plan)],
        "history": history(uow.session, plan.address),
    }


def _snoozed(uow: UnitOfWork, plan: Plan) -> dict[str, str] | None:
    """Until when, and why, no reminder of it leaves."""
    if plan.snoozed_until is None or not plan.is_snoozed(uow.today(plan.cycle)):
        return None
    return {"until": plan.snoozed_until.isoformat(), "reason": plan.snooze_reason}


def _steps(plan: Plan) -> list[dict[str, Any]]:
    """The steps that somebody may take now, if the rules let them."""
    if plan.held or not plan.is_active:
        return []
    return [
        {"step": step.verb, "to": step.to, "by": [plan.body(step.by)], "decision": step.decision}
        for step in plan.workflow.steps_from(plan.state)
        if step.by
    ]


def _children(uow: UnitOfWork, plan: Plan) -> dict[str, Any] | None:
    children = children_of(uow, plan)
    if children is None:
        return None
    return {"done": children.done, "of": len(children.of), "missing": [m.address for m in children.missing]}


def alarm_json(uow: UnitOfWork, plan: Plan, alarm: Alarm) -> dict[str, Any]:
    rule = alarm.step.verb if alarm.step else alarm.kind
    if alarm.rung:
        rule = f"ladder{alarm.rung.days:+d}"
    to = uow.directory.recipients(alarm.to, plan.bodies_to_remind, uow.calendar(plan.cycle).local_date(alarm.at))
    return {"at": utc(alarm.at), "what": alarm.kind, "rule": rule, "to": to}


def plans(
    uow: UnitOfWork,
    *,
    cycle: str | None = None,
    phase: str | None = None,
    board: str | None = None,
    status: Iterable[str] = (),
    responsible: str | None = None,
) -> dict[str, Any]:
    """The plans that the filters let through, in the order of the cycles and of the wheel."""
    wanted = set(status)
    rows = []
    for plan in _matters(uow, cycle, phase, board):
        row = _row(uow, plan)
        if wanted and row["status"] not in wanted:
            continue
        if responsible and responsible not in row["responsible"] and responsible not in _people(uow, plan):
            continue
        rows.append(row)
    return {"plans": rows}


def _matters(uow: UnitOfWork, cycle: str | None, phase: str | None, board: str | None) -> list[Plan]:
    query = select(PLAN).join(CycleRow.__table__, PLAN.c.cycle_id == CycleRow.__table__.c.id)  # type: ignore[attr-defined]
    if cycle:
        query = query.where(CycleRow.__table__.c.name == cycle)  # type: ignore[attr-defined]
    if phase:
        query = query.where(PLAN.c.phase == phase)
    if board:
        query = query.where(PLAN.c.board == board)
    plans = uow.plans(query)
    order = {id: place for place, id in enumerate(_phases(plans))}
    return sorted(plans, key=lambda m: (m.cycle.kind, m.cycle.year, order[m.phase], m.board is not None, m.id))


def _phases(plans: list[Plan]) -> list[str]:
    return list(dict.fromkeys(id for m in plans for id in m.cycle.definition.wheel.phases))


def _row(uow: UnitOfWork, plan: Plan) -> dict[str, Any]:
    owed_by = plan.owed_by()
    return {
        "address": plan.address,
        "phase": plan.phase,
        "board": plan.board,
        "state": plan.state,
        "status": plan.status(uow.today(plan.cycle)),
        "last": plan.last.isoformat() if plan.last else None,
        **dict.fromkeys(flags_of(plan.due, "last"), True),
        "responsible": [owed_by] if owed_by and plan.is_active else [],
        "version": plan.version,
    }


def _people(uow: UnitOfWork, plan: Plan) -> list[str]:
    return uow.directory.responsible(plan.bodies_to_remind, uow.today(plan.cycle)) if plan.is_active else []
