"""Whether the boards' plans follow an act on their whole phase. Whoever acts must say it: nobody can guess it."""

from collections.abc import Callable, Collection, Iterable

from wheel.engine.boards_progress import goal_of_boards, taking_part_in
from wheel.engine.plan import Plan
from wheel.engine.request_and_result import MappedRow
from wheel.engine.transition import catch_up
from wheel.engine.unit_of_work import UnitOfWork
from wheel.errors import Usage
from workflows.messages import N_
from workflows.rules.named_rules import Reason


def boards_along(
    uow: UnitOfWork, plan: Plan, with_boards: bool | None, could: Callable[[Plan], bool]
) -> tuple[list[Plan], list[Plan]]:
    """The boards' plans of the phase that follow, and those that could and stay.

    Raises Usage if there are some and nobody has said whether they follow (`with_boards` is None).
    """
    boards = [board for board in (catch_up(uow, child) for child in uow.children(plan)) if could(board)]
    if boards and with_boards is None:
        text = N_("The boards have plans of their own in this phase ({missing}). State whether they follow.")
        raise Usage(text, missing=", ".join(board.address for board in boards))
    return (boards, []) if with_boards else ([], boards)


def without_boards(uow: UnitOfWork, wholes: Collection[Plan]) -> list[Reason]:
    """The warning that names those of the phases in which no board takes part any more."""
    waiting = [each for each in wholes if each.is_under_way and goal_of_boards(each)]
    empty = [each.address for each in waiting if not taking_part_in(uow, each)]
    text = N_("No board takes part in these phases, so they are not done before one does: {missing}.")
    return [Reason("boards", text, {"missing": tuple(empty)}, severity="warn")] if empty else []


def rows_of(what: str, follow: Iterable[Plan], stay: Iterable[Plan] = ()) -> list[MappedRow]:
    """The rows of the act's answer: what became of the other plans."""
    rows = [*((what, plan) for plan in follow), *(("stays", plan) for plan in stay)]
    return [{"address": p.address, "what": each, "from": p.state, "to": p.state} for each, p in rows]
