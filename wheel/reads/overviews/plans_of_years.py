"""The plans whose dates can lie in a calendar year."""

from sqlalchemy import and_, bindparam, or_, select

from wheel.engine.plan import Plan
from wheel.engine.unit_of_work import CYCLE, PLAN, UnitOfWork

# No date of a budget cycle lies further from its year, none of a mandate cycle outside its years.
_AWAY, _MANDATE = 3, 6
_AROUND = (
    select(PLAN)
    .join(CYCLE, PLAN.c.cycle_id == CYCLE.c.id)
    .where(
        or_(
            and_(CYCLE.c.kind == "budget", CYCLE.c.year.between(bindparam("first"), bindparam("last"))),
            and_(CYCLE.c.kind == "mandate", CYCLE.c.year.between(bindparam("elected"), bindparam("year"))),
        ),
    )
    .order_by(PLAN.c.id)
)


def plans_around(uow: UnitOfWork, year: int, *, drafts: bool) -> list[Plan]:
    """The plans of the cycles that can have dates in that year. `drafts`: also of those whose timetable is not
    decided. Plans whose definition cannot be read are left out; the tick reports them."""
    found = uow.readable(_AROUND, first=year - _AWAY, last=year + _AWAY, elected=year - _MANDATE, year=year + 1)
    return [plan for plan in found if drafts or not plan.cycle.draft]
