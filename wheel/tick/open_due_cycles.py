"""Opens the cycles whose day has come. A fault in the municipality's files stops no plan, and nothing is forgotten."""

import logging
from collections.abc import Callable

from wheel.cycles.open_cycle import DueOpening, begin_cycle, due_openings, is_open
from wheel.database.store import is_database_trouble
from wheel.engine.unit_of_work import UnitOfWork
from workflows.definition.definition import Definition

logger = logging.getLogger(__name__)


def open_overdue(uow: UnitOfWork, newest: Callable[[], Definition]) -> bool:
    """Open the cycles that could not be opened on their day. Whether any was opened."""
    opened = [due for due in due_openings(uow) if open_next(uow, newest, due)]
    return bool(opened)


def open_next(uow: UnitOfWork, newest: Callable[[], Definition], due: DueOpening) -> bool:
    """Open the cycle with the definition of the files as they are now. Whether it was opened.

    If it cannot be opened, the next tick tries again, and `status` names it. Raises what the database raises.
    """
    if is_open(uow, due.name):
        return False
    try:
        with uow.attempt():
            begin_cycle(uow, newest(), due.name, due.at)
    except Exception as error:
        if is_database_trouble(error):
            raise
        # One line and no traceback: it is the files' fault, and it is said again at every tick.
        logger.error("the cycle %s could not be opened: %s: %s", due.name, type(error).__name__, error)
        return False
    return True
