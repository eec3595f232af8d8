"""The query for a cycle's overview: where each phase stands, what is late, what comes."""

from datetime import date

from wheel.documents.cycle_overview import CycleDocument, PhaseRow
from wheel.engine.plan import Plan, StateRecord
from wheel.engine.titles import title_of
from wheel.engine.unit_of_work import UnitOfWork
from wheel.reads.filters import plans_of
from wheel.reads.plans import children_document


def cycle_overview(uow: UnitOfWork, name: str, language: str) -> CycleDocument:
    """Raises NotFound for a cycle that is not open."""
    plans = plans_of(uow, name, None, None)
    cycle = plans[0].cycle
    today = uow.today(cycle)
    late = [plan for plan in plans if plan.board and plan.status(today) == "overdue"]
    flagged = [plan for plan in plans if plan.flags and plan.is_active]
    rows = [_row(uow, plan, today, language, late, flagged) for plan in plans if plan.board is None]
    return CycleDocument(cycle=name, kind=cycle.kind, year=cycle.year, draft=cycle.draft, phases=tuple(rows))


def _row(uow: UnitOfWork, plan: Plan, today: date, language: str, late: list[Plan], flagged: list[Plan]) -> PhaseRow:
    status = plan.status(today)
    opens = _opens(plan) if plan.state == plan.workflow.initial and plan.is_active else None
    return PhaseRow(
        address=plan.address,
        title=title_of(plan, language),
        state=plan.state,
        label=plan.workflow.state(plan.state).label.to(language),
        begun=plan.state != plan.workflow.initial,
        status=status,
        held=plan.held,
        opens=opens.opens if opens else None,
        opens_clock=opens.clock_of("opens") if opens else None,
        last=plan.due.last,
        clock=plan.due.clock_of("last"),
        responsible=plan.owing if plan.is_active else (),
        children=children_document(uow, plan),
        late=tuple(each.address for each in late if each.phase == plan.phase),
        late_since=min((each.due.last for each in late if each.phase == plan.phase and each.due.last), default=None),
        flagged=tuple(each.address for each in flagged if each.phase == plan.phase),
    )


def _opens(plan: Plan) -> StateRecord | None:
    """The state that opens first."""
    dated = [stage for stage in plan.stages.values() if stage.opens]
    return min(dated, key=lambda stage: stage.opens or date.max, default=None)
