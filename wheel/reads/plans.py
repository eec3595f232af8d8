"""Queries for one plan in full and for the list of plans."""

from collections.abc import Iterable
from datetime import datetime

from config.text.texts import Texts
from wheel.audit.journal import history
from wheel.documents.plans import (
    AlarmDocument,
    ChildrenDocument,
    DefinitionDocument,
    FlagDocument,
    PlanDocument,
    PlanRow,
    PlansDocument,
    SnoozeDocument,
    StepDocument,
)
from wheel.engine.agenda import Alarm
from wheel.engine.boards_progress import children_of
from wheel.engine.objections import StepRequest, draft_objections, rule_objections, waiting_for
from wheel.engine.plan import Plan
from wheel.engine.titles import title_of
from wheel.engine.unit_of_work import UnitOfWork
from wheel.mail.reachability import Reach
from wheel.reads.filters import plans_of, responsible_named
from wheel.reads.plan_state import is_provisional, is_undecided, state_document
from wheel.reads.result_documents import reason_document
from workflows.messages import N_
from workflows.rules.named_rules import Reason


def blockers(uow: UnitOfWork, plan: Plan) -> list[Reason]:
    """The unmet rules of all steps still ahead on the plan's way, each naming its step.

    A step that the calendar or another phase takes is left out, but for the plans that it waits for now.
    """
    if not plan.is_active:
        return []
    today = uow.today(plan.cycle)
    found: list[Reason] = []
    for step in plan.workflow.way_ahead(plan.state):
        if step.automatic in ("date", "phase"):
            found += waiting_for(uow, plan, step) if plan.state in step.from_ else []
            continue
        found += draft_objections(uow, plan, step.verb)
        found += rule_objections(uow, plan, StepRequest(step, today, ahead=True))
    return [reason for reason in found if reason.severity == "refuse"]


def show(uow: UnitOfWork, address: str, texts: Texts) -> PlanDocument:
    """Everything about one plan. Raises NotFound."""
    plan = uow.plan(address)
    definition = plan.cycle.definition
    return PlanDocument(
        address=plan.address,
        title=title_of(plan, texts.language),
        cycle=plan.cycle.name,
        phase=plan.phase,
        board=plan.board,
        workflow=plan.workflow.id,
        definition=DefinitionDocument(version=definition.wheel.version, sha256=definition.sha256),
        state=plan.state,
        entry=plan.visit,
        status=plan.status(uow.today(plan.cycle)),
        held=plan.held,
        returned=plan.returned,
        snoozed=_snoozed(uow, plan),
        flags=tuple(
            FlagDocument(kind=f.kind, because=f.because, at=datetime.fromisoformat(f.at), reason=f.reason)
            for f in plan.flags
        ),
        version=plan.version,
        states=tuple(state_document(plan, state.id, texts.language) for state in plan.workflow.states),
        steps=tuple(
            StepDocument(step=step.verb, to=step.to, by=plan.bodies(step.by), decision=step.decision)
            for step in plan.possible_steps
        ),
        warnings=tuple(
            reason_document(reason, texts, definition) for reason in (*_closed(plan), *Reach(uow).warnings(plan))
        ),
        blockers=tuple(reason_document(reason, texts, definition) for reason in blockers(uow, plan)),
        children=children_document(uow, plan),
        agenda=tuple(alarm_document(uow, plan, alarm) for alarm in uow.agenda(plan)),
        history=tuple(history(uow.session, plan.address)),
    )


def _closed(plan: Plan) -> list[Reason]:
    """The note on a board's plan that is open although its phase has ended."""
    if not plan.is_past_its_window or not plan.is_under_way:
        return []
    text = N_("The phase has ended without this plan. What comes late can still be recorded, but nobody is reminded.")
    return [Reason("boards", text, {}, severity="warn")]


def _snoozed(uow: UnitOfWork, plan: Plan) -> SnoozeDocument | None:
    if plan.snoozed_until is None or not plan.is_snoozed(uow.today(plan.cycle)):
        return None
    return SnoozeDocument(until=plan.snoozed_until, reason=plan.snooze_reason)


def children_document(uow: UnitOfWork, plan: Plan) -> ChildrenDocument | None:
    children = children_of(uow, plan)
    if children is None:
        return None
    return ChildrenDocument(
        done=children.done,
        of=len(children.of),
        missing=tuple(child.address for child in children.missing),
        reopened=tuple(child.address for child in children.reopened),
        waited_for=plan.workflow.waits_for_boards,
    )


def alarm_document(uow: UnitOfWork, plan: Plan, alarm: Alarm) -> AlarmDocument:
    rule = alarm.step.verb if alarm.step else alarm.kind
    if alarm.rung:
        rule = f"ladder{alarm.rung.days:+d}"
    to = uow.directory.recipients(alarm.to, plan.bodies_to_remind, uow.calendar(plan.cycle).local_date(alarm.at))
    return AlarmDocument(at=alarm.at, what=alarm.kind, rule=rule, to=tuple(to))


def plans(
    uow: UnitOfWork,
    *,
    cycle: str | None = None,
    phase: str | None = None,
    board: str | None = None,
    status: Iterable[str] = (),
    responsible: str | None = None,
    held: bool = False,
    flagged: bool = False,
) -> PlansDocument:
    """The plans that match all filters, in the order of the cycles and of the wheel.

    Raises NotFound for a cycle, phase, board or responsible that does not exist.
    """
    wanted = set(status)
    owes = responsible_named(uow, responsible) if responsible else None
    rows = []
    for plan in plans_of(uow, cycle, phase, board):
        row = _row(uow, plan)
        if (wanted and row.status not in wanted) or (held and not row.held) or (flagged and not row.flagged):
            continue
        if owes and owes not in row.responsible and owes not in _people(uow, plan):
            continue
        rows.append(row)
    return PlansDocument(plans=tuple(rows))


def _row(uow: UnitOfWork, plan: Plan) -> PlanRow:
    due = plan.due
    return PlanRow(
        address=plan.address,
        phase=plan.phase,
        board=plan.board,
        state=plan.state,
        status=plan.status(uow.today(plan.cycle)),
        last=due.last,
        provisional=is_provisional(due, "last"),
        undecided=is_undecided(due, "last"),
        held=plan.held,
        returned=plan.returned,
        clock=due.clock_of("last"),
        flagged=bool(plan.flags),
        responsible=plan.owing if plan.is_active else (),
        version=plan.version,
    )


def _people(uow: UnitOfWork, plan: Plan) -> list[str]:
    return uow.directory.responsible(plan.bodies_to_remind, uow.today(plan.cycle)) if plan.is_active else []
