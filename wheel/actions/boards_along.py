"""Whether the boards' plans follow an act on their whole phase. Whoever acts must say it: nobody can guess it."""

from collections.abc import Callable, Iterable

from wheel.engine.plan import Plan
from wheel.engine.request_and_result import MappedRow
from wheel.engine.unit_of_work import UnitOfWork
from wheel.errors import Usage
from workflows.messages import N_


def boards_along(
    uow: UnitOfWork, plan: Plan, with_boards: bool | None, could: Callable[[Plan], bool]
) -> tuple[list[Plan], list[Plan]]:
    """The boards' plans of the phase that follow, and those that could and stay.

    Raises Usage if there are some and nobody has said whether they follow (`with_boards` is None).
    """
    boards = [board for board in uow.children(plan) if could(board)]
    if boards and with_boards is None:
        text = N_("The boards have plans of their own in this phase ({missing}). Say whether they follow.")
        raise Usage(text, missing=", ".join(board.address for board in boards))
    return (boards, []) if with_boards else ([], boards)


def rows_of(what: str, follow: Iterable[Plan], stay: Iterable[Plan] = ()) -> list[MappedRow]:
    """What became of the other plans, for the act's answer."""
    rows = [*((what, plan) for plan in follow), *(("stays", plan) for plan in stay)]
    return [{"address": p.address, "what": each, "from": p.state, "to": p.state} for each, p in rows]
