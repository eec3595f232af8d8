"""What people and programs are shown of plans: the objects of the contract, made in one place for every door."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from config.municipality.roles import roles
from config.text.texts import Texts
from wheel.audit.journal import history
from wheel.database.tables import Cycle
from wheel.engine.agenda import Alarm
from wheel.engine.desk import Done
from wheel.engine.objections import Asked, rules_against
from wheel.engine.plan import Matter
from wheel.engine.titles import title_of
from wheel.engine.unit_of_work import PLAN, Work
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


def done_json(done: Done, texts: Texts, definition: Definition | None) -> dict[str, Any]:
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


def blockers(work: Work, matter: Matter) -> list[Reason]:
    """The unmet rules of all steps still ahead on the plan's way, each naming its step.

    A step that the calendar or another phase takes is nobody's to mend.
    """
    if not matter.in_play:
        return []
    today = work.today(matter.turn)
    ahead = [step for step in matter.workflow.way_ahead(matter.state) if step.automatic not in ("date", "phase")]
    found = [r for step in ahead for r in rules_against(work, matter, Asked(step, today, ahead=True))]
    return [reason for reason in found if reason.severity == "refuse"]


def show(work: Work, address: str, texts: Texts) -> dict[str, Any]:
    """Everything about one plan. Raises NotFound."""
    matter = work.matter(address)
    definition = matter.turn.definition
    return {
        "address": matter.address,
        "title": title_of(matter, texts.language),
        "cycle": matter.turn.name,
        "phase": matter.phase,
        "board": matter.board,
        "workflow": matter.workflow.id,
        "definition": {"version": definition.wheel.version, "sha256": definition.sha256},
        "state": matter.state,
        "entry": matter.entry,
        "status": matter.status(work.today(matter.turn)),
        "held": matter.held,
        "snoozed": _snoozed(work, matter),
        "version": matter.version,
        "states": [state_json(matter, state.id, state.label.to(texts.language)) for state in matter.workflow.states],
        "steps": _steps(matter),
        "warnings": [reason_json(reason, texts, definition) for reason in Reach(work).warnings(matter)],
        "blockers": [reason_json(reason, texts, definition) for reason in blockers(work, matter)],
        "children": _children(work, matter),
        "agenda": [alarm_json(work, matter, alarm) for alarm in work.agenda(matter)],
        "history": history(work.session, matter.address),
    }


def _snoozed(work: Work, matter: Matter) -> dict[str, str] | None:
    """Until when, and why, no reminder of it leaves."""
    if matter.snoozed_until is None or not matter.is_snoozed(work.today(matter.turn)):
        return None
    return {"until": matter.snoozed_until.isoformat(), "reason": matter.snooze_reason}


def _steps(matter: Matter) -> list[dict[str, Any]]:
    """The steps that somebody may take now, if the rules let them."""
    if matter.held or not matter.in_play:
        return []
    return [
        {"step": step.verb, "to": step.to, "by": [matter.body(step.by)], "decision": step.decision}
        for step in matter.workflow.steps_from(matter.state)
        if step.by
    ]


@dataclass(frozen=True)
class Children:
    """How far the boards have come with their part: those that take part, and those that are missing."""

    of: tuple[Matter, ...]
    missing: tuple[Matter, ...]

    @property
    def done(self) -> int:
        return len(self.of) - len(self.missing)


def children_of(work: Work, matter: Matter) -> Children | None:
    """None for a plan without boards."""
    goal = next((step.reached for step in matter.workflow.steps if step.automatic == "children"), None)
    if goal is None:
        return None
    taking_part = tuple(m for m in work.children(matter) if m.mark not in ("not_concerned", "withdrawn"))
    return Children(taking_part, tuple(m for m in taking_part if not m.reached(goal)))


def _children(work: Work, matter: Matter) -> dict[str, Any] | None:
    children = children_of(work, matter)
    if children is None:
        return None
    return {"done": children.done, "of": len(children.of), "missing": [m.address for m in children.missing]}


def alarm_json(work: Work, matter: Matter, alarm: Alarm) -> dict[str, Any]:
    rule = alarm.step.verb if alarm.step else alarm.kind
    if alarm.rung:
        rule = f"ladder{alarm.rung.days:+d}"
    to = work.directory.recipients(alarm.to, matter.owing, work.calendar(matter.turn).local_date(alarm.at))
    return {"at": utc(alarm.at), "what": alarm.kind, "rule": rule, "to": to}


def plans(
    work: Work,
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
    for matter in _matters(work, cycle, phase, board):
        row = _row(work, matter)
        if wanted and row["status"] not in wanted:
            continue
        if responsible and responsible not in row["responsible"] and responsible not in _people(work, matter):
            continue
        rows.append(row)
    return {"plans": rows}


def _matters(work: Work, cycle: str | None, phase: str | None, board: str | None) -> list[Matter]:
    query = select(PLAN).join(Cycle.__table__, PLAN.c.cycle_id == Cycle.__table__.c.id)  # type: ignore[attr-defined]
    if cycle:
        query = query.where(Cycle.__table__.c.name == cycle)  # type: ignore[attr-defined]
    if phase:
        query = query.where(PLAN.c.phase == phase)
    if board:
        query = query.where(PLAN.c.board == board)
    matters = work.matters(query)
    order = {id: place for place, id in enumerate(_phases(matters))}
    return sorted(matters, key=lambda m: (m.turn.kind, m.turn.year, order[m.phase], m.board is not None, m.id))


def _phases(matters: list[Matter]) -> list[str]:
    return list(dict.fromkeys(id for m in matters for id in m.turn.definition.wheel.phases))


def _row(work: Work, matter: Matter) -> dict[str, Any]:
    owed_by = matter.owed_by()
    return {
        "address": matter.address,
        "phase": matter.phase,
        "board": matter.board,
        "state": matter.state,
        "status": matter.status(work.today(matter.turn)),
        "last": matter.last.isoformat() if matter.last else None,
        **dict.fromkeys(flags_of(matter.due, "last"), True),
        "responsible": [owed_by] if owed_by and matter.in_play else [],
        "version": matter.version,
    }


def _people(work: Work, matter: Matter) -> list[str]:
    return work.directory.responsible(matter.owing, work.today(matter.turn)) if matter.in_play else []
