"""The plans whose next step may wait for another plan: they look again when it moves."""

from collections.abc import Iterable, Iterator

from sqlalchemy import ColumnElement, and_, bindparam, or_, select

from wheel.engine.plan import Plan
from wheel.engine.unit_of_work import CHECK_AGAIN, PLAN, UnitOfWork

_WAKE_ONE = CHECK_AGAIN.where(PLAN.c.id == bindparam("of"))


def check_dependents_again(uow: UnitOfWork, plan: Plan, before: Plan | None = None) -> None:
    """Those whose next step may wait for this plan. `before`: as it stood; then only those are woken for whom it
    has come far enough now, or no longer has."""
    steps = plan.cycle.definition.workflow(plan.phase, None).steps
    goals = [step.reached for step in steps if step.reached]
    if plan.parent_id is not None and _matters(goals, plan, before):
        uow.connection.execute(_WAKE_ONE, {"of": plan.parent_id, "woken": uow.now})
    for where in _following(plan, before):
        uow.wake(where)


def dependents(uow: UnitOfWork, plan: Plan) -> list[Plan]:
    """Those whose next step may wait for this plan: its parent, and the phases that follow its phase."""
    where = [PLAN.c.id == plan.parent_id, *_following(plan)]
    return uow.plans(select(PLAN).where(or_(*where)).order_by(PLAN.c.id))


def _following(plan: Plan, before: Plan | None = None) -> Iterator[ColumnElement[bool]]:
    """Where the plans are that follow this one's phase. `before`: only those to whom the move from there matters."""
    for phase, of_boards in plan.cycle.definition.dependents(plan.phase):
        whole = plan.cycle.definition.wheel.phases[phase]
        steps = (whole.board or whole if of_boards else whole).steps.values()
        goals = [step.follows.reached for step in steps if step.follows and step.follows.phase == plan.phase]
        if not _matters(goals, plan, before):
            continue
        if of_boards and plan.board is not None:
            whose = PLAN.c.board == plan.board
        else:
            whose = PLAN.c.board.is_not(None) if of_boards else PLAN.c.board.is_(None)
        yield and_(PLAN.c.cycle_id == plan.cycle.id, PLAN.c.phase == phase, whose)


def _matters(goals: Iterable[str], plan: Plan, before: Plan | None) -> bool:
    """Whether those who wait for the plan to reach one of the goals have to look again."""
    if before is None or before.special_status != plan.special_status:
        return True
    return any(not plan.workflow.has(goal) or before.reached(goal) != plan.reached(goal) for goal in goals)
