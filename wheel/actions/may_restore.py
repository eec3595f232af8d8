"""Who may restore a backup: the people of the database that is to be replaced decide."""

from sqlalchemy import select
from sqlmodel import col

from wheel.database.tables import Person
from wheel.engine.unit_of_work import UnitOfWork
from wheel.engine.verb_preconditions import role_objection
from wheel.errors import ArshjulError, NotFound, RefusedError
from wheel.mail.calendar_of_mail import municipal_day


def refusal_to_restore(uow: UnitOfWork) -> ArshjulError | None:
    """Why the actor may not restore a backup. Anybody may where there are no people."""
    if uow.session.execute(select(col(Person.id))).first() is None:
        return None
    if uow.actor not in uow.directory.people:
        return NotFound.person(uow.actor)
    objection = role_objection(uow, "restore", municipal_day(uow))
    return RefusedError([objection]) if objection else None
