"""The boards' plans of a phase: how many are done, and which are missing."""

from dataclasses import dataclass

from wheel.engine.plan import Plan
from wheel.engine.unit_of_work import UnitOfWork


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
    return next((step.reached for step in plan.workflow.steps if step.automatic == "children"), None)
