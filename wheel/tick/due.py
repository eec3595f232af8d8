"""Finds the plans that are due, in the order in which they became due."""

from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Row, bindparam, or_, select

from wheel.database.tables import PLAN_TRIES
from wheel.engine.unit_of_work import PLAN, UnitOfWork

BATCH = 200  # plans per transaction: short ones, so that people's actions do not wait for long

# A batch of the plans that are due at :now, earliest first. Only the columns that are needed to choose: after an outage
# most plans of a batch are found again and again before their turn comes.
DUE = (
    select(PLAN.c.id, PLAN.c.address, PLAN.c.wake_at, PLAN.c.tries)
    .where(
        PLAN.c.wake_at <= bindparam("now"),
        PLAN.c.tries < PLAN_TRIES,
        or_(PLAN.c.retry_at.is_(None), PLAN.c.retry_at <= bindparam("now")),
    )
    .order_by(PLAN.c.wake_at, PLAN.c.id)
    .limit(BATCH)
    .with_for_update(skip_locked=True)
)


def due_plans(uow: UnitOfWork) -> list[list[Row[Any]]]:
    """A batch of the plans that are due, locked, earliest first; those that are due at one instant stand together."""
    rows = uow.connection.execute(DUE, {"now": uow.now}).all()
    return [list(of_one_instant) for _, of_one_instant in groupby(rows, key=attrgetter("wake_at"))]
