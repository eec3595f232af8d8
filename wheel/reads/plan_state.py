"""Describes one state of a plan: its dates, their sources, and which are provisional or undecided."""

from wheel.documents.plans import SourcedDate, StateDocument
from wheel.engine.plan import NO_RECORD, Plan, StateRecord
from workflows.definition.definition import Bound, StateDates


def state_document(plan: Plan, state: str, label: str) -> StateDocument:
    record = plan.stages.get(state, NO_RECORD)
    sources = plan.binding.states.get(state, StateDates())
    return StateDocument(
        state=state,
        label=label,
        opens=_date(record, sources, "opens"),
        target=_date(record, sources, "target"),
        last=_date(record, sources, "last"),
        statutory=_date(record, sources, "statutory"),
        entered_at=record.entered_at,
        entered_on=record.day_of_entry(plan.cycle.definition.wheel.calendar),
        left_at=record.left_at,
    )


def _date(record: StateRecord, sources: StateDates, bound: Bound) -> SourcedDate | None:
    day = record.day(bound)
    if day is None and not record.is_undecided(bound):
        return None
    of = getattr(sources, bound)
    return SourcedDate(
        date=day,
        source=record.source if bound == "last" and record.source else of.source if of else "",
        provisional=is_provisional(record, bound),
        undecided=is_undecided(record, bound),
        clock=record.clock_of(bound),
    )


def is_provisional(record: StateRecord, bound: Bound) -> bool:
    """Whether there is a date that is a best guess until a meeting is known."""
    return record.day(bound) is not None and record.is_provisional(bound)


def is_undecided(record: StateRecord, bound: Bound) -> bool:
    """Whether there is no date because nobody has decided one."""
    return record.day(bound) is None and record.is_undecided(bound)
