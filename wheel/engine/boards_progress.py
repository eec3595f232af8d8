"""The boards' plans of a phase: how many are done, and which are missing."""

from dataclasses import dataclass
from datetime import date

from wheel.engine.plan import NO_RECORD, Plan
from wheel.engine.unit_of_work import UnitOfWork
from workflows.definition.definition import Workflow


@dataclass(frozen=True)
class Children:
    """`of`: the boards' plans that take part. `missing`: those of them that have not come as far as the join asks, or
    without a join are not done.
    `reopened`: those of the missing that had come so far when the phase counted them."""

    of: tuple[Plan, ...]
    missing: tuple[Plan, ...]
    reopened: tuple[Plan, ...] = ()

    @property
    def done(self) -> int:
        return len(self.of) - len(self.missing)


def children_of(uow: UnitOfWork, plan: Plan) -> Children | None:
    """How far the boards have come. None for a plan without boards."""
    if plan.board is not None or plan.cycle.definition.wheel.phases[plan.phase].board is None:
        return None
    goal = goal_of_boards(plan)
    taking_part = tuple(taking_part_in(uow, plan))
    missing = tuple(m for m in taking_part if (not m.reached(goal) if goal else m.is_under_way))
    flagged = {flag.because for flag in plan.flags if flag.kind == "part"}
    return Children(taking_part, missing, tuple(m for m in missing if m.address in flagged))


def taking_part_in(uow: UnitOfWork, plan: Plan) -> list[Plan]:
    """The boards' plans that the whole phase counts: also those that ended before the introduction."""
    return [m for m in uow.children(plan) if m.special_status not in ("not_concerned", "withdrawn")]


def goal_of_boards(plan: Plan) -> str | None:
    """The state that the boards' plans must reach before the whole phase goes on; None if it does not wait for them."""
    return _joined_at(plan.workflow)


def _joined_at(whole: Workflow) -> str | None:
    return next((step.reached for step in whole.steps if step.automatic == "children"), None)


def goal_of_part(part: Plan) -> str | None:
    """The state in which the board of that plan has done its part."""
    return _joined_at(part.cycle.definition.workflow(part.phase, None)) or part.workflow.first_done


def part_is_done(part: Plan) -> bool:
    """Whether the board has done its part; also where that was before the introduction."""
    goal = goal_of_part(part)
    return goal is not None and part.reached(goal)


def hand_in_day(part: Plan) -> date | None:
    """The day by which the board is to have done its part: the latest of the last days on its way there."""
    goal = goal_of_part(part)
    last = None
    for step in part.workflow.way_ahead(part.workflow.initial):
        for state in step.from_:
            last = max(filter(None, (last, part.stages.get(state, NO_RECORD).last)), default=None)
        if step.to == goal:
            break
    return last
