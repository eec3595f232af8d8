"""The verb `reopen`: open a decided, done or withdrawn plan again."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from wheel.actions.boards_along import boards_along, rows_of, without_boards
from wheel.cycles.judge_dates import judge_dates
from wheel.cycles.open_cycle import takes_part
from wheel.cycles.stopped_cycles import stop_objections
from wheel.engine.affected_plans import affected_plans_warning, flag, plans_building_on, whole_that_counted
from wheel.engine.deadlines import day_off_warning
from wheel.engine.desk import refuse_or_warn
from wheel.engine.plan import Plan
from wheel.engine.request_and_result import Request, Result, passed_over, result_of
from wheel.engine.transition import change_state, permit, tell_whose_turn
from wheel.engine.unit_of_work import UnitOfWork
from wheel.engine.verb_preconditions import check_state, load_current, plan_objections
from wheel.errors import Usage
from workflows.messages import N_
from workflows.rules.machine import reopening
from workflows.rules.named_rules import Reason


def reopen(
    uow: UnitOfWork,
    request: Request,
    address: str,
    to: str | None = None,
    new_date: date | None = None,
    with_boards: bool | None = None,
    boards: Collection[str] = (),
) -> Result:
    """Open the plan again, in `to` or the state before its last step. `new_date`: the last day of that state.

    An optional phase is taken up together with its boards, and with the first of them. `boards` names those that take
    part; `with_boards` says whether any do, which must be said where the phase was withdrawn.
    The plans that build on it are listed and flagged in their logs; none of them is moved.
    Raises Usage for a state that the plan does not have, NotFound, Conflict, RefusedError with every reason.
    """
    plan = load_current(uow, request, address)
    if to is not None:
        check_state(plan, to)
    if boards and plan.is_active:
        text = N_("The phase {phase} is in the year already. Reopen the plan of each board that is to take part.")
        raise Usage(text, phase=plan.address)
    boards = [plan.cycle.definition.wheel.body_named(board) for board in boards]
    reasons = plan_objections(uow, request, plan, "reopen")
    state = to or _last_owed(plan)
    if state is None:
        text = N_("The plan is in progress in the state “{state}”. There is nothing to reopen.")
        reasons.append(Reason("state", text, {"state": plan.state, "workflow": plan.workflow.id}))
    elif not _can_reopen_in(plan, state):
        text = N_(
            "A plan is reopened in a state that it has left or, if it is withdrawn, in its own: not in “{state}”."
        )
        reasons.append(Reason("state", text, {"state": state, "workflow": plan.workflow.id}))
    if new_date and new_date < uow.today(plan.cycle):
        reasons.append(Reason("date", N_("The new deadline {date} has already passed."), {"date": new_date}))
    elif new_date and not plan.is_active and state == plan.workflow.initial:
        reasons.append(Reason("date", N_("Nothing is due in the state that the plan waits in. Move its deadline.")))
    here = state or plan.state
    lost = [s.id for s in plan.workflow.states if plan.reached(s.id) and not plan.workflow.reached(here, s.id)]
    standing = plans_building_on(uow, plan, plan.phase, lost)
    wholes = whole_that_counted(uow, plan, here)
    reasons += affected_plans_warning(standing + wholes, "reopened") + day_off_warning(uow, plan, new_date)
    reasons += stop_objections(uow, plan, here)
    warnings = refuse_or_warn(request, reasons, plan)
    along, stay = _taken_along(uow, plan, with_boards, boards)
    told: dict[str, Any] = {"along": [each.address for each in along]} if along else {}
    before = judge_dates(uow, plan.cycle)
    after = change_state(
        uow, plan, permit(plan, reopening(state or plan.state)), action="plan.reopened", at=uow.now, last=new_date,
        source=request.reason if new_date else None, reason=request.reason, warnings=passed_over(warnings),
        looked_at=True, **told,
    )  # fmt: skip
    for each in along:
        taken = change_state(
            uow, each, permit(each, reopening(each.state)), action="plan.reopened", at=uow.now, reason=request.reason
        )
        tell_whose_turn(uow, taken, at=uow.now)
    flag(uow, standing, after, "reopened", request.reason)
    flag(uow, wholes, after, "part", request.reason)
    tell_whose_turn(uow, after, at=uow.now)
    warnings += without_boards(uow, [] if after.board else [after]) + _whole_is_out(uow, after)
    warnings += before.remarks(uow, after)
    rows = rows_of("taken_in", along, stay)
    return replace(result_of(uow, after, warnings), more={"plans": rows} if rows else {})


def _taken_along(
    uow: UnitOfWork, plan: Plan, with_boards: bool | None, boards: Collection[str]
) -> tuple[list[Plan], list[Plan]]:
    """The plans that are taken up together with this one, and the boards' plans that stay out.

    Raises Usage for boards that the phase does not have, and where nobody has said whether the boards follow.
    """
    if plan.board is not None:
        whole = uow.plans_of(plan.cycle, plan.phase, boards=False)
        return [each for each in whole if each.special_status == "not_concerned"], []
    known = uow.children(plan)
    if strange := [board for board in boards if board not in {each.board for each in known}]:
        text = N_("The boards of {phase} are {known}. These are not among them: {boards}.")
        raise Usage(text, phase=plan.address, known=_listed(each.board for each in known), boards=_listed(strange))
    if plan.is_active:
        return [], []
    if boards:
        return [each for each in known if each.board in boards and not each.is_active], []
    if plan.special_status == "not_concerned" and with_boards is None:
        with_boards = True
    return boards_along(uow, plan, with_boards, lambda each: _went_out_with(plan, each))


def _went_out_with(plan: Plan, board: Plan) -> bool:
    """Whether the board's plan is out of the year for the reason for which the whole phase is."""
    if plan.special_status == "before_introduction" or board.special_status != plan.special_status:
        return False
    return takes_part(plan.cycle.definition, plan.phase, board.board, board.stages)


def _listed(names: Iterable[str | None]) -> str:
    return ", ".join(name or "" for name in names)


def _whole_is_out(uow: UnitOfWork, plan: Plan) -> list[Reason]:
    """The warning of a board's plan whose phase is out of the year."""
    whole = uow.plans_of(plan.cycle, plan.phase, boards=False) if plan.board else []
    out = [each.address for each in whole if each.special_status == "withdrawn"]
    text = N_("The whole phase is withdrawn, so nothing waits for this plan: {missing}.")
    return [Reason("boards", text, {"missing": tuple(out)}, severity="warn")] if out else []


def _last_owed(plan: Plan) -> str | None:
    """The state to reopen in: the present one of an inactive plan, otherwise the last one that required an action."""
    if not plan.is_active:
        return plan.state
    owed = [s.id for s in plan.workflow.states if _can_reopen_in(plan, s.id) and not s.done]
    return owed[-1] if owed else None


def _can_reopen_in(plan: Plan, state: str) -> bool:
    """Whether the plan can be reopened in that state. Not in the waiting state, which would end at once."""
    if not plan.workflow.has(state):
        return False
    if not plan.is_active and state == plan.state:
        return True
    behind = state != plan.state and plan.workflow.reached(plan.state, state)
    return state != plan.workflow.initial and behind
