"""Describes one state of a plan: its dates, their sources, and which are provisional or undecided."""

from wheel.documents.plans import SourcedDate, StateDocument
from wheel.engine.plan import NO_RECORD, Plan, StateRecord
from wheel.plan_address import Address
from workflows.dates.date_rules import Bound, Reference
from workflows.definition.definition import DateOf, StateDates, anchor


def state_document(plan: Plan, state: str, language: str) -> StateDocument:
    record = plan.stages.get(state, NO_RECORD)
    return StateDocument(
        state=state,
        label=plan.workflow.state(state).label.to(language),
        opens=_date(plan, state, "opens", language),
        target=_date(plan, state, "target", language),
        last=_date(plan, state, "last", language),
        statutory=_date(plan, state, "statutory", language),
        entered_at=record.entered_at,
        entered_on=record.day_of_entry(plan.cycle.definition.wheel.calendar),
        left_at=record.left_at,
    )


def _date(plan: Plan, state: str, bound: Bound, language: str) -> SourcedDate | None:
    record = plan.stages.get(state, NO_RECORD)
    day, undecided = record.day(bound), is_undecided(record, bound)
    if day is None and not undecided:
        return None
    of: DateOf | None = getattr(plan.binding.states.get(state, StateDates()), bound)
    return SourcedDate(
        date=day,
        source=record.source if bound == "last" and record.source else of.source if of else "",
        provisional=is_provisional(record, bound),
        undecided=undecided,
        clock=record.clock_of(bound),
        waits_for=tuple(_named(plan, each, language) for each in waited_for(of)) if undecided and of else (),
    )


def waited_for(of: DateOf) -> list[Reference]:
    """The states whose real day the date counts from."""
    return [reference for reference in of.rule.references if reference.bound == "actual"]


def _named(plan: Plan, reference: Reference, language: str) -> str:
    """`2028/rapport Rapporterad (reported)`"""
    definition, cycle = plan.cycle.definition, plan.cycle
    rule = definition.wheel.cycles[cycle.kind]
    year = (
        reference.year.of(anchor(cycle.kind, cycle.year, definition.wheel.calendar)) if reference.year else cycle.year
    )
    board = (plan.board or definition.wheel.boards[0]) if reference.board else None
    workflow = definition.workflow(reference.phase, board)
    state = reference.state or workflow.first_done or ""
    address = Address(rule.name_of(year), reference.phase, plan.board if reference.board else None)
    return f"{address} {workflow.state(state).label.to(language)} ({state})"


def is_provisional(record: StateRecord, bound: Bound) -> bool:
    """Whether there is a date that is a best guess until a meeting is known."""
    return record.day(bound) is not None and record.is_provisional(bound)


def is_undecided(record: StateRecord, bound: Bound) -> bool:
    """Whether there is no date because nobody has decided one."""
    return record.day(bound) is None and record.is_undecided(bound)
