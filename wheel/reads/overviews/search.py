"""Finds plans by their words, decisions by reference or text, and entries of the log, as far as one may read them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, bindparam, select
from sqlmodel import col

from config.text.texts import Texts
from wheel.audit.journal import LogRecord
from wheel.database.tables import Decision
from wheel.documents.decisions import DecisionRow
from wheel.engine.plan import Status
from wheel.engine.titles import title_of
from wheel.engine.unit_of_work import CYCLE, PLAN, UnitOfWork
from wheel.reads.decisions import decisions_of
from wheel.reads.log_entries import newest_with
from wheel.reads.names import Names, names_at
from workflows.definition.definition import Definition, Text

MOST = 30  # results of each kind
SHORTEST = 2  # letters

_CYCLES = select(CYCLE.c.id, CYCLE.c.name).order_by(CYCLE.c.year.desc(), CYCLE.c.id)
_THERE = select(PLAN).where(PLAN.c.address.in_(bindparam("addresses", expanding=True)))
_DECISIONS = (
    select(
        col(Decision.id), col(Decision.plan_id), col(Decision.body), col(Decision.meeting), col(Decision.paragraph),
        col(Decision.diary), col(Decision.text), CYCLE.c.id.label("cycle"),
    )
    .join(PLAN, PLAN.c.id == col(Decision.plan_id))
    .join(CYCLE, CYCLE.c.id == PLAN.c.cycle_id)
    .order_by(col(Decision.meeting).desc(), col(Decision.id).desc())
)  # fmt: skip
_PLANS = select(PLAN).where(PLAN.c.id.in_(bindparam("ids", expanding=True)))


@dataclass(frozen=True)
class FoundPlan:
    address: str
    title: str
    state: str
    status: Status


@dataclass(frozen=True)
class Found:
    """At most `MOST` of each. `decisions`: the newest meeting first. `names`: for the bodies."""

    plans: tuple[FoundPlan, ...]
    decisions: tuple[DecisionRow, ...]
    entries: tuple[LogRecord, ...]
    names: Names


def search(uow: UnitOfWork, asked: str, texts: Texts, *, drafts: bool, whole: bool, log: bool) -> Found:
    """What has all the words that are asked for, in any order and in either case.

    `drafts`: also plans of cycles whose timetable is not decided. `whole`: also by a decision's text and its diary
    number, which are not for everybody. `log`: also the newest entries of the log.
    """
    words = asked.casefold().split()
    if len("".join(words)) < SHORTEST:
        return Found((), (), (), names_at(uow, [], texts.language))
    decided = _decisions(uow, words, texts, drafts=drafts, whole=whole)
    return Found(
        plans=tuple(_plans(uow, words, texts, drafts=drafts)),
        decisions=decided,
        entries=tuple(newest_with(uow, words, MOST)) if log else (),
        names=names_at(uow, [row.address for row in decided], texts.language),
    )


def _plans(uow: UnitOfWork, words: Sequence[str], texts: Texts, *, drafts: bool) -> list[FoundPlan]:
    """Their names are in the definitions, so that no plan has to be read that does not match."""
    found: list[FoundPlan] = []
    for id, name in uow.connection.execute(_CYCLES):
        definition = _definition(uow, id)
        if definition is None or (not drafts and uow.cycle(id).draft):
            continue
        addresses = [f"{name}/{part}" for part in _matching(definition, name, words)]
        for plan in uow.readable(_THERE, addresses=addresses):
            state = plan.workflow.state(plan.state).label.to(texts.language)
            status = plan.status(uow.today(plan.cycle))
            found.append(FoundPlan(plan.address, title_of(plan, texts.language), state, status))
        if len(found) >= MOST:
            break
    return found[:MOST]


def _matching(definition: Definition, cycle: str, words: Sequence[str]) -> Iterator[str]:
    """The phases, and the boards' plans in them, that have all the words in their names."""
    wheel = definition.wheel
    boards = {id: _said(id, wheel.bodies[id].name, wheel.bodies[id].short) for id in wheel.boards}
    for id, phase in wheel.phases.items():
        said = _said(cycle, id, phase.label)
        if all(word in said for word in words):
            yield id
        if phase.board is not None:
            said = f"{said} {_said(phase.board.title)}"
            yield from (f"{id}/{board}" for board in boards if all(w in f"{said} {boards[board]}" for w in words))


def _said(*parts: Text | str | None) -> str:
    said = (f"{part.sv} {part.en}" if isinstance(part, Text) else part for part in parts if part)
    return " ".join(said).casefold()


def _decisions(
    uow: UnitOfWork, words: Sequence[str], texts: Texts, *, drafts: bool, whole: bool
) -> tuple[DecisionRow, ...]:
    ids: dict[int, None] = {}  # of the plans
    matching = set()
    words = [word for word in words if word not in ("§", "dnr")]
    for row in uow.connection.execute(_DECISIONS):
        if words and all(word in _reference(uow, row, whole) for word in words):
            matching.add((row.plan_id, row.meeting, row.paragraph))
            ids[row.plan_id] = None
        if len(ids) >= MOST:
            break
    plans = [plan for plan in uow.readable(_PLANS, ids=list(ids)) if drafts or not plan.cycle.draft]
    of = {plan.address: plan.id for plan in plans}
    rows = decisions_of(uow, plans, texts)
    return tuple(row for row in reversed(rows) if (of[row.address], row.date, row.paragraph) in matching)[:MOST]


def _reference(uow: UnitOfWork, row: Row[Any], whole: bool) -> str:
    definition = _definition(uow, row.cycle)
    body = definition.wheel.bodies.get(row.body) if definition else None
    name = _said(row.body, body.name if body else None, body.short if body else None)
    more = f" {row.diary} {row.text}".casefold() if whole else ""
    return f"{name} {row.meeting} §{row.paragraph} {row.paragraph}{more}"


def _definition(uow: UnitOfWork, cycle: int) -> Definition | None:
    """None if it cannot be read."""
    try:
        return uow.cycle(cycle).definition
    except ValueError:
        return None
