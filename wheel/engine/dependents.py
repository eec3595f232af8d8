"""Finds the plans whose next step may wait for another plan, and has them checked again when it moves."""

from collections.abc import Callable, Iterable, Iterator

from sqlalchemy import ColumnElement, and_, bindparam, or_, select

from wheel.engine.plan import Cycle, Plan
from wheel.engine.unit_of_work import CHECK_AGAIN, CYCLE, PLAN, UnitOfWork

HadReached = Callable[[str], bool]

_WAKE_ONE = CHECK_AGAIN.where(PLAN.c.id == bindparam("of"))


def check_dependents_again(uow: UnitOfWork, plan: Plan, before: Plan | None = None) -> None:
    """Let the next tick check the plans that may wait for this one. `before` is the plan as it was: then only those are
    checked that wait for a state which the move has reached or left."""
    had_reached = before.reached if before and before.special_status == plan.special_status else None
    if _whole_waits(plan, had_reached):
        uow.connection.execute(_WAKE_ONE, {"of": plan.parent_id, "woken": uow.now})
    for where in _following(plan, had_reached):
        uow.wake(where)


def dependents(uow: UnitOfWork, plan: Plan, had_reached: HadReached) -> list[Plan]:
    """The plans that may have waited for the move of this one: its parent, and the plans of phases that follow its
    phase. `had_reached`: whether the plan had reached a state before."""
    whole = [PLAN.c.id == plan.parent_id] if _whole_waits(plan, had_reached) else []
    where = [*whole, *_following(plan, had_reached)]
    if not where:
        return []
    return uow.plans(select(PLAN).where(or_(*where)).order_by(PLAN.c.id))


def _whole_waits(plan: Plan, had_reached: HadReached | None) -> bool:
    steps = plan.cycle.definition.workflow(plan.phase, None).steps
    goals = [step.reached for step in steps if step.reached]
    return plan.parent_id is not None and _matters(goals, plan, had_reached)


def _following(plan: Plan, had_reached: HadReached | None) -> Iterator[ColumnElement[bool]]:
    """Conditions that select the plans that follow this one's phase, and that the move affects."""
    for phase, of_boards in plan.cycle.definition.dependents(plan.phase):
        whole = plan.cycle.definition.wheel.phases[phase]
        steps = (whole.board or whole if of_boards else whole).steps.values()
        goals: dict[int, list[str]] = {}  # by the years from the cycle that follows to this one
        for follows in (step.follows for step in steps if step.follows and step.follows.phase == plan.phase):
            goals.setdefault(follows.away, []).append(follows.reached)
        if of_boards and plan.board is not None:
            whose = PLAN.c.board == plan.board
        else:
            whose = PLAN.c.board.is_not(None) if of_boards else PLAN.c.board.is_(None)
        for away in (away for away, reached in goals.items() if _matters(reached, plan, had_reached)):
            yield and_(cycle_away(plan.cycle, -away), PLAN.c.phase == phase, whose)


def cycle_away(cycle: Cycle, years: int) -> ColumnElement[bool]:
    """A condition that selects the plans of the cycle so many years from this one."""
    column: ColumnElement[int] = PLAN.c.cycle_id
    if not years:
        return column == cycle.id
    other = select(CYCLE.c.id).where(CYCLE.c.kind == cycle.kind, CYCLE.c.year == cycle.year + years)
    return column == other.scalar_subquery()


def _matters(goals: Iterable[str], plan: Plan, had_reached: HadReached | None) -> bool:
    """Whether the move changes whether the plan has reached one of the goals. None: it may be any of them."""
    if had_reached is None:
        return True
    return any(not plan.workflow.has(goal) or had_reached(goal) != plan.reached(goal) for goal in goals)
