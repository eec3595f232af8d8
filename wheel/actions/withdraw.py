"""The verb `withdraw`: take a plan out of the year, with or without its boards' plans, or one board's plans."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from notifications.notices import supersede
from wheel.actions.boards_along import boards_along, rows_of, without_boards
from wheel.cycles.judge_dates import judge_dates
from wheel.cycles.stopped_cycles import stop_objections
from wheel.cycles.timetable_versions import find_cycle, plans_as_seen
from wheel.engine.affected_plans import left_waiting
from wheel.engine.boards_progress import goal_of_boards, taking_part_in
from wheel.engine.dependents import check_dependents_again
from wheel.engine.desk import refuse_or_warn
from wheel.engine.for_information import tell_of_withdrawal
from wheel.engine.plan import Plan, SpecialStatus
from wheel.engine.request_and_result import Request, Result, passed_over, result_of
from wheel.engine.transition import catch_up
from wheel.engine.unit_of_work import UnitOfWork
from wheel.engine.verb_preconditions import load_current, plan_objections, right_objections
from wheel.errors import NotFound, Usage
from workflows.messages import N_
from workflows.rules.named_rules import Reason


def withdraw(
    uow: UnitOfWork, request: Request, address: str, with_boards: bool | None = None, not_concerned: bool = False
) -> Result:
    """Withdraw the plan. Its phase no longer waits for it, and those who were told of it hear of this.

    `with_boards`: whether the boards' plans of the phase that are not done follow; the others run on by themselves.
    `not_concerned`: the plan of a board that does not take part, as if the wheel had left it out.
    Raises Usage where the boards follow or not and nobody has said it, NotFound, Conflict, RefusedError with every
    reason.
    """
    plan = load_current(uow, request, address)
    if not_concerned and plan.board is None:
        raise Usage(N_("A whole phase is withdrawn. Only a board's plan can be not concerned."))
    reasons = plan_objections(uow, request, plan, "withdraw")
    reasons += stop_objections(uow, plan, plan.state, "withdrawn") if plan.is_active else []
    warnings = refuse_or_warn(request, reasons, plan)
    follow, stay = boards_along(uow, plan, with_boards, lambda board: board.is_under_way)
    warnings += left_waiting(uow, plan)
    before = judge_dates(uow, plan.cycle)
    for board in follow:
        take_out(uow, board, "withdrawn", request.reason)
    after = take_out(uow, plan, "not_concerned" if not_concerned else "withdrawn", request.reason, warnings)
    wholes = uow.plans_of(plan.cycle, plan.phase, boards=False) if plan.board else []
    left = _without_their_last_board(uow, wholes, request.reason)
    warnings += without_boards(uow, [each for each in wholes if each not in left])
    warnings += before.remarks(uow, after)
    rows = rows_of("withdrawn", follow, stay) + rows_of("left_out", left)
    return replace(result_of(uow, after, warnings), more={"plans": rows} if rows else {})


def withdraw_board(uow: UnitOfWork, request: Request, cycle: str, board: str, not_concerned: bool = False) -> Result:
    """Take out of the year every plan of the board in that cycle that is not done.

    Raises NotFound, Conflict, RefusedError with every reason.
    """
    found = find_cycle(uow, cycle)
    board = found.definition.wheel.body_named(board)
    plans = [plan for plan in plans_as_seen(uow, request, found) if plan.board == board]
    if not plans:
        raise NotFound(N_("The cycle {cycle} has no plans of {board}."), cycle=cycle, board=board)
    plans = [plan for plan in (catch_up(uow, each) for each in plans) if plan.is_under_way]
    reasons = right_objections(uow, request, "withdraw", uow.today(found), [board])
    if not plans:
        reasons.append(Reason("state", N_("Every plan of {board} is done or out of the year."), {"board": board}))
    warnings = refuse_or_warn(request, reasons, plans[0] if plans else None)
    before = judge_dates(uow, found)
    for plan in plans:
        take_out(uow, plan, "not_concerned" if not_concerned else "withdrawn", request.reason, warnings)
    wholes = [whole for each in plans for whole in uow.plans_of(found, each.phase, boards=False)]
    left = _without_their_last_board(uow, wholes, request.reason)
    warnings += without_boards(uow, [each for each in wholes if each not in left]) + before.remarks(uow, cycle)
    rows = rows_of("left_out" if not_concerned else "withdrawn", plans) + rows_of("left_out", left)
    return Result(cycle, warnings=warnings, more={"plans": rows}, definition=found.definition)


def _without_their_last_board(uow: UnitOfWork, wholes: Iterable[Plan], reason: str) -> list[Plan]:
    """Take out the optional phases in which no board takes part any more: the first one took them up, the last one
    leaves them. Returns them as they were."""
    optional = [each for each in wholes if each.cycle.definition.wheel.phases[each.phase].optional]
    left = [each for each in optional if each.is_under_way and goal_of_boards(each) and not taking_part_in(uow, each)]
    for each in left:
        take_out(uow, each, "not_concerned", reason)
    return left


def take_out(
    uow: UnitOfWork, plan: Plan, special_status: SpecialStatus, reason: str, warnings: Sequence[Reason] = ()
) -> Plan:
    """Take the plan out of the year, with log and notices. `special_status`: withdrawn or not concerned."""
    ended = supersede(uow.session, plan.id, "withdrawn" if special_status == "withdrawn" else "out_of_play")
    after = uow.save(plan, special_status=special_status)
    action = "plan.withdrawn" if special_status == "withdrawn" else "plan.left_out"
    uow.log(action, plan, state=plan.state, reason=reason, ended=ended, warnings=passed_over(list(warnings)))
    tell_of_withdrawal(uow, after, reason)
    check_dependents_again(uow, after)
    return after
