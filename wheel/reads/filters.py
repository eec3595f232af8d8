"""What lists are narrowed by. A name of nothing is refused: an empty list would read as if all were well."""

from collections.abc import Iterable

from sqlalchemy import select, union
from sqlmodel import col

from config.municipality.roles import roles
from wheel.database.tables import Meeting, Role
from wheel.engine.plan import Plan
from wheel.engine.unit_of_work import CYCLE, PLAN, UnitOfWork
from wheel.errors import NotFound
from wheel.reads.registers import definitions_of, person_names
from workflows.definition.definition import Definition
from workflows.messages import N_

_BODIES = union(select(col(Role.body)).where(col(Role.body) != ""), select(col(Meeting.body)))
_NAMES = select(CYCLE.c.name).order_by(CYCLE.c.kind, CYCLE.c.year)


def plans_of(uow: UnitOfWork, cycle: str | None, phase: str | None, board: str | None) -> list[Plan]:
    """The plans that match, in the order of the cycles and of the wheel. Raises NotFound for a name of nothing."""
    query = select(PLAN).join(CYCLE, PLAN.c.cycle_id == CYCLE.c.id)
    if cycle:
        _must_exist(N_("The cycle {name} does not exist. These exist: {names}."), cycle, _cycles(uow))
        query = query.where(CYCLE.c.name == cycle)
    if phase:
        phases = (id for each in _definitions(uow) for id in each.wheel.phases)
        _must_exist(N_("The phase {name} does not exist. These exist: {names}."), phase, phases)
        query = query.where(PLAN.c.phase == phase)
    if board:
        query = query.where(PLAN.c.board == body_named(uow, board))
    plans = uow.plans(query)
    order = {id: place for place, id in enumerate(_phases(plans))}
    return sorted(plans, key=lambda m: (m.cycle.kind, m.cycle.year, order[m.phase], m.board is not None, m.id))


def body_named(uow: UnitOfWork, text: str, newest: Definition | None = None) -> str:
    """The id of the body with that id, short name or name, of any cycle, or of that definition. Raises NotFound."""
    definitions = [*filter(None, [newest]), *_definitions(uow)]
    ids = [each.wheel.body_named(text) for each in definitions]
    known = dict.fromkeys(id for each in definitions for id in each.wheel.bodies)
    known |= dict.fromkeys(uow.connection.execute(_BODIES).scalars())  # whatever the files say by now
    found = next((id for id in ids if id in known), text)
    _must_exist(N_("The body {name} does not exist. These exist: {names}."), found, known)
    return found


def role_named(text: str) -> str:
    """The id of that role. Raises NotFound."""
    _must_exist(N_("The role {name} does not exist. These exist: {names}."), text, roles())
    return text


def person_named(uow: UnitOfWork, text: str) -> str:
    """The id of that person. Raises NotFound."""
    if text not in person_names(uow.session):
        raise NotFound.person(text)
    return text


def responsible_named(uow: UnitOfWork, text: str) -> str:
    """The id of a body, as `body_named`, or of a person. Raises NotFound."""
    return text if text in person_names(uow.session) else body_named(uow, text)


def _must_exist(text: str, name: str, known: Iterable[str]) -> None:
    if name not in (names := dict.fromkeys(known)):
        raise NotFound(text, name=name, names=", ".join(names))


def _cycles(uow: UnitOfWork) -> list[str]:
    return list(uow.connection.execute(_NAMES).scalars())


def _definitions(uow: UnitOfWork) -> list[Definition]:
    return list(definitions_of(uow, _cycles(uow)).values())[::-1]  # the newest first: names may have changed


def _phases(plans: list[Plan]) -> list[str]:
    return list(dict.fromkeys(id for m in plans for id in m.cycle.definition.wheel.phases))
