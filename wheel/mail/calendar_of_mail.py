"""The calendar by which mail leaves, and the municipality's day where no cycle is concerned."""

from contextlib import suppress
from datetime import date

from sqlalchemy import select
from sqlmodel import col

from wheel.database.definitions import definition_of
from wheel.database.tables import CycleRow
from wheel.engine.unit_of_work import UnitOfWork
from workflows.dates.workdays import Calendar
from workflows.definition.definition import Wheel

_DEFINITIONS = select(col(CycleRow.definition)).order_by(col(CycleRow.id).desc())


def newest_wheel(uow: UnitOfWork) -> Wheel | None:
    """The newest cycle's wheel; None if there is no cycle.

    A definition that cannot be read is passed over: it must not stop the mail of other cycles.
    """
    for definition in uow.connection.execute(_DEFINITIONS).scalars():
        with suppress(ValueError):
            return definition_of(uow.session, definition).wheel
    return None


def calendar_of_mail(uow: UnitOfWork) -> Calendar | None:
    """The newest cycle's calendar, which decides on what days and at what hour mail leaves."""
    wheel = newest_wheel(uow)
    return wheel.calendar if wheel else None


def municipal_day(uow: UnitOfWork) -> date:
    """The municipality's day, on which people have their roles. Without a cycle nobody knows its zone: then UTC's."""
    calendar = calendar_of_mail(uow)
    return calendar.local_date(uow.now) if calendar else uow.now.date()
