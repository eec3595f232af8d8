"""The verb `record`: many acts at once, each as if it had been typed by hand, and all of them or none."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from wheel.actions.advance import advance
from wheel.actions.postpone import postpone
from wheel.actions.send_back import send_back
from wheel.engine.decisions import DecisionForm
from wheel.engine.request_and_result import Request, Result, RowResult, next_steps
from wheel.engine.unit_of_work import UnitOfWork
from wheel.errors import NotFound, RefusedError, RefusedRow, RefusedRows, Usage
from workflows.definition.definition import Definition
from workflows.messages import N_
from workflows.rules.named_rules import Reason
from workflows.visible import is_blank

_OUTCOMES = {"send-back": send_back, "postpone": postpone}  # verbs of their own, whatever the step
_OF_ORDER = ("state", "R13", "R16")  # these follow where an earlier row of the plan is refused


@dataclass(frozen=True)
class Act:
    """One row of a table of acts. `faults`: what cannot be understood in it."""

    row: int
    address: str
    step: str
    on: date | None
    form: DecisionForm
    new_date: date | None
    reason: str
    faults: tuple[Reason, ...] = ()

    def repeats(self, other: "Act") -> bool:
        return (self.address, self.step, self.on, self.form) == (other.address, other.step, other.on, other.form)


def record_acts(uow: UnitOfWork, request: Request, acts: Sequence[Act], anyway: bool = False) -> Result:
    """Carry out the acts in their order: a later one may need an earlier one.

    `anyway`: an act passes over rules if it gives a reason, of its own or that of the request.
    Raises RefusedRows with every reason against any of them, and Conflict.
    """
    done: list[tuple[Act, Result]] = []
    refused: list[RefusedRow] = []
    for at, act in enumerate(acts):
        reasons, definition = list(act.faults), None
        if not reasons:
            try:
                with uow.attempt():
                    done.append((act, _carry_out(uow, request, act, anyway)))
            except RefusedError as error:
                reasons, definition = error.reasons, error.definition
            except (NotFound, Usage) as error:
                reasons = [Reason("row", error.message, error.facts)]
        if reasons:
            refused += _refused(act, reasons, definition, acts[:at], refused)
    if refused:
        raise RefusedRows(refused)
    cycles = dict.fromkeys(act.address.partition("/")[0] for act in acts)
    last = {act.address: act.row for act in acts}
    rows = [
        RowResult(act.row, act.step, result, next_steps(uow.plan(act.address)) if last[act.address] == act.row else [])
        for act, result in done
    ]
    return Result(", ".join(cycles), rows=rows)


def _carry_out(uow: UnitOfWork, request: Request, act: Act, anyway: bool) -> Result:
    reason = act.reason or request.reason
    uow.journal.check(reason)
    asked = replace(request, reason=reason, anyway=anyway and not is_blank(reason))
    if action := _OUTCOMES.get(act.step):
        if act.on:
            raise Usage(N_("A plan is sent back or postponed on the day of the meeting. Leave out the other day."))
        return action(uow, asked, act.address, act.form, act.new_date)
    return advance(uow, asked, act.address, act.step, act.form, act.new_date, act.on)


def _refused(
    act: Act, reasons: list[Reason], definition: Definition | None, before: Sequence[Act], refused: list[RefusedRow]
) -> list[RefusedRow]:
    """The row with its reasons; nothing if these only follow from an earlier row of the plan that is refused."""
    if any(row.address == act.address for row in refused):
        reasons = [reason for reason in reasons if reason.rule not in _OF_ORDER]
    if twin := next((other for other in before if act.repeats(other)), None):
        reasons = [Reason("row", N_("The row repeats row {row}."), {"row": twin.row})]
    return [RefusedRow(act.row, act.address, act.step, reasons, definition)] if reasons else []
