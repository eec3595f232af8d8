"""A request to act, which every door makes, and the result that an action gives back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypedDict

from wheel.engine.plan import Plan, Status
from wheel.engine.unit_of_work import UnitOfWork
from workflows.definition.definition import Bound, Definition, Text
from workflows.rules.named_rules import Reason


@dataclass(frozen=True)
class Request:
    """Who asks, when, and on which terms. `if_version`: the version of the plan that the actor saw."""

    actor: str
    now: datetime
    reason: str = ""
    anyway: bool = False
    dry_run: bool = False
    if_version: int | None = None


class RemindedRow(TypedDict):
    person: str
    rule: str
    offset: int | None
    sent_at: str


class MovedRow(TypedDict):
    """The dates of one state that become others: of each the old and the new day (ISO), or None."""

    address: str
    state: str
    dates: dict[Bound, list[str | None]]
    provisional: list[Bound]
    undecided: list[Bound]
    reminded: list[RemindedRow]


MappedRow = TypedDict("MappedRow", {"address": str, "what": str, "from": str | None, "to": str | None})
ShaRow = TypedDict("ShaRow", {"from": str, "to": str})


class MeetingRow(TypedDict):
    body: str
    date: str


class MailRow(TypedDict):
    person: str
    to: str
    subject: str


class NextStepRow(TypedDict):
    """A step that a plan can take next, and the bodies that may take it."""

    step: str
    to: str
    by: list[str]
    decision: bool


class Effects(TypedDict, total=False):
    """The fields of the contract's `write` object that only some actions fill, as JSON (wheel/documents/writes.py)."""

    timetable: int
    definition: ShaRow
    plans: list[MappedRow]
    moved: list[MovedRow]
    added: list[MeetingRow]
    there: list[MeetingRow]
    removed: list[MeetingRow]
    reminded: list[str]
    mails: list[MailRow]
    changed: int  # mails
    next: list[NextStepRow]


@dataclass(frozen=True)
class Result:
    """The effect of a write: the contract's `write` object. `more`: the fields that only some actions fill.

    `send_after`: when the first of its notices leaves at the earliest; None without notices. `told`: their persons.
    `definition`: the one that
    the plan was judged by; None where it is not known. `rows`: the results of the acts of a table.
    """

    address: str
    state: str | None = None
    status: Status | None = None
    version: int | None = None
    log: list[int] = field(default_factory=list)
    notices: int = 0
    warnings: list[Reason] = field(default_factory=list)
    dry_run: bool = False
    held: bool = False
    returned: bool = False
    send_after: datetime | None = None
    told: tuple[str, ...] = ()
    more: Effects = field(default_factory=Effects)
    definition: Definition | None = None
    rows: list["RowResult"] = field(default_factory=list)


@dataclass(frozen=True)
class RowResult:
    """The effect of one row of a table of acts. `next`: the steps that its plan can take when all rows are done, at the
    plan's last row."""

    row: int
    step: str
    result: Result
    next: list[NextStepRow]


def passed_over(warnings: list[Reason]) -> list[dict[str, Any]]:
    """The warnings as the log keeps them. `overridden`: a rule that refused, and was passed over with a reason."""
    return [kept(reason) | {"overridden": reason.overridable} for reason in warnings]


def kept(reason: Reason) -> dict[str, Any]:
    """What the log keeps of a reason, so that its sentence can be told again. `who` is left out where it is nobody."""
    who = {"who": list(reason.who)} if reason.who else {}
    return {"rule": reason.rule, "message": reason.message, "facts": _kept(reason.facts), **who}


def _kept(value: object) -> Any:
    """The facts with the texts of their parts in both languages."""
    if isinstance(value, Text):
        return value.model_dump()
    if isinstance(value, Mapping):
        return {key: _kept(each) for key, each in value.items()}
    return [_kept(each) for each in value] if isinstance(value, (list, tuple)) else value


def next_steps(plan: Plan) -> list[NextStepRow]:
    """The steps that somebody may take now."""
    return [
        {"step": step.verb, "to": step.to, "by": list(plan.bodies(step.by)), "decision": step.decision}
        for step in plan.possible_steps
    ]


def result_of(uow: UnitOfWork, plan: Plan, warnings: list[Reason] | None = None) -> Result:
    status = plan.status(uow.today(plan.cycle))
    return Result(
        plan.address,
        plan.state,
        status,
        plan.version,
        warnings=warnings or [],
        held=plan.held,
        returned=plan.returned,
        definition=plan.cycle.definition,
    )
