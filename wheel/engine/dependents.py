"""The plans whose next step may wait for another plan: they look again when it moves."""

from collections.abc import Iterable, Iterator

from sqlalchemy import ColumnElement, and_, bindparam, or_, select

from wheel.engine.plan import Matter
from wheel.engine.unit_of_work import PLAN, WAKE, Work

_WAKE_ONE = WAKE.where(PLAN.c.id == bindparam("of"))


def wake_watchers(work: Work, matter: Matter, before: Matter | None = None) -> None:
    """Those whose next step may wait for this plan. `before`: as it stood; then only those are woken for whom it
    has come far enough now, or no longer has."""
    steps = matter.turn.definition.workflow(matter.phase, None).steps
    goals = [step.reached for step in steps if step.reached]
    if matter.parent_id is not None and _matters(goals, matter, before):
        work.connection.execute(_WAKE_ONE, {"of": matter.parent_id, "woken": work.now})
    for where in _following(matter, before):
        work.wake(where)


def watchers(work: Work, matter: Matter) -> list[Matter]:
    """Those whose next step may wait for this plan: its parent, and the phases that follow its phase."""
    where = [PLAN.c.id == matter.parent_id, *_following(matter)]
    return work.matters(select(PLAN).where(or_(*where)).order_by(PLAN.c.id))


def _following(matter: Matter, before: Matter | None = None) -> Iterator[ColumnElement[bool]]:
    """Where the plans are that follow this one's phase. `before`: only those to whom the move from there matters."""
    for phase, of_boards in matter.turn.definition.watchers(matter.phase):
        whole = matter.turn.definition.wheel.phases[phase]
        steps = (whole.board or whole if of_boards else whole).steps.values()
        goals = [step.follows.reached for step in steps if step.follows and step.follows.phase == matter.phase]
        if not _matters(goals, matter, before):
            continue
        if of_boards and matter.board is not None:
            whose = PLAN.c.board == matter.board
        else:
            whose = PLAN.c.board.is_not(None) if of_boards else PLAN.c.board.is_(None)
        yield and_(PLAN.c.cycle_id == matter.turn.id, PLAN.c.phase == phase, whose)


def _matters(goals: Iterable[str], matter: Matter, before: Matter | None) -> bool:
    """Whether those who wait for the plan to reach one of the goals have to look again."""
    if before is None or before.mark != matter.mark:
        return True
    return any(not matter.workflow.has(goal) or before.reached(goal) != matter.reached(goal) for goal in goals)
