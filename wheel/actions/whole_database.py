"""The acts on a whole database: who may restore a backup, and to take the tables over into the log."""

from sqlalchemy import select
from sqlmodel import col

from wheel.database.tables import Person
from wheel.engine.desk import refuse_or_warn
from wheel.engine.request_and_result import Request, Result
from wheel.engine.unit_of_work import UnitOfWork
from wheel.engine.verb_preconditions import right_objections, role_objection
from wheel.errors import ArshjulError, NotFound, RefusedError, Usage
from wheel.mail.calendar_of_mail import municipal_day
from wheel.past import take_over as past
from workflows.messages import N_


def refusal_to_restore(uow: UnitOfWork) -> ArshjulError | None:
    """Why the actor may not restore a backup: the people of the database to be replaced decide. Anybody may where
    there are no people."""
    if uow.session.execute(select(col(Person.id))).first() is None:
        return None
    if uow.actor not in uow.directory.people:
        return NotFound.person(uow.actor)
    objection = role_objection(uow, "restore", municipal_day(uow))
    return RefusedError([objection]) if objection else None


def take_over(uow: UnitOfWork, request: Request) -> Result:
    """Have the log state every row that differs as its table has it, after somebody has changed the database by hand.

    Raises Usage where none does, RefusedError."""
    refuse_or_warn(request, right_objections(uow, request, "take-over", municipal_day(uow)))
    if past.take_over(uow.session, uow.journal, request.reason) == 0:
        raise Usage(N_("The tables agree with the log. Nothing has to be taken over."))
    uow.set_home(log_fault=None)
    return Result("home")
