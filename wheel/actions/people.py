"""The verbs about people and their roles, each with its days. Names never go into the log."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import insert, or_, select, update
from sqlmodel import col

from config.municipality.person_names import tells_the_name
from config.municipality.roles import DAEMON, roles
from config.text.texts import Texts
from notifications.mail_addresses import AddressError, mailable
from wheel.database.tables import Person, Role
from wheel.engine.desk import refuse_or_warn
from wheel.engine.request_and_result import Request, Result
from wheel.engine.unit_of_work import UnitOfWork
from wheel.engine.verb_preconditions import right_objections
from wheel.errors import NotFound, Usage
from workflows.definition.definition import Definition, Text
from workflows.messages import N_
from workflows.rules.named_rules import Reason
from workflows.visible import HIDDEN, is_blank

_PERSON = Person.__table__  # type: ignore[attr-defined]
_ROLE = Role.__table__  # type: ignore[attr-defined]

WHOLE = ("administrator", "reader", "operator", "auditor", "daemon")  # roles that need no body
IN_NO_BODY = ("administrator", "operator")
MAX_ID = 100  # characters


@dataclass(frozen=True)
class RoleGrant:
    """A role as it is given: in a body, or in the whole municipality; both days included.

    `instead_of`: the person whose substitute this one is; the days are those of the substitution.
    """

    role: str
    body: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    instead_of: str | None = None


def add(
    uow: UnitOfWork,
    request: Request,
    definition: Definition,
    id: str,
    name: str,
    email: str,
    language: str,
    grant: RoleGrant | None,
) -> Result:
    """Take a person, or a board's function address, into the municipality. Raises Usage, RefusedError."""
    if not re.fullmatch(r"\w[\w.-]*", id) or HIDDEN.search(id):
        text = N_("{name} cannot be used as an id. Use letters, digits, dots and hyphens, no spaces.")
        raise Usage(text, name=repr(id))
    if len(id) > MAX_ID:
        raise Usage(N_("A person's id has at most {most} characters."), most=MAX_ID)
    if id in uow.directory.people:
        raise Usage(N_("The person {person} already exists."), person=id)
    _check_name(name)
    address = _address(email)
    refuse_or_warn(request, _right_objections(uow, request, definition))
    uow.session.execute(insert(Person).values(id=id, name=name, email=address, language=language))
    uow.wrote(_PERSON, id, {"id": id})
    uow.log("person.added", id, roles=[])
    if grant:
        _give(uow, definition, id, grant)
    return Result(id, warnings=_id_warnings(id, name))


def change(uow: UnitOfWork, request: Request, definition: Definition, id: str, changes: dict[str, str]) -> Result:
    """Give a person another name, address or language. The log says which, not what."""
    _must_exist(uow, id)
    if "name" in changes:
        _check_name(changes["name"])
    if "email" in changes:
        changes["email"] = _address(changes["email"])
    if not changes:
        raise Usage(N_("There is nothing to change."))
    refuse_or_warn(request, _right_objections(uow, request, definition))
    uow.session.execute(update(Person).where(col(Person.id) == id).values(**changes))
    uow.log("person.changed", id, fields=sorted(changes))
    return Result(id)


def give(uow: UnitOfWork, request: Request, definition: Definition, id: str, grant: RoleGrant) -> Result:
    """Give a person a role."""
    _must_exist(uow, id)
    refuse_or_warn(request, _right_objections(uow, request, definition))
    _give(uow, definition, id, grant)
    return Result(id)


def end(
    uow: UnitOfWork, request: Request, definition: Definition, id: str, role: str | None, body: str | None, last: date
) -> Result:
    """End one role, or all roles of the person, after `last`."""
    _must_exist(uow, id)
    if id == DAEMON:
        raise Usage.machine(id)
    where = [col(Role.person_id) == id, or_(col(Role.valid_to).is_(None), col(Role.valid_to) > last)]
    if role is not None:
        where.append(col(Role.role) == role)
    if body is not None:
        where.append(col(Role.body) == body)
    found = uow.session.execute(select(Role).where(*where).order_by(col(Role.id))).scalars().all()
    if not found:
        raise NotFound(N_("The person {person} has no such role."), person=id)
    reasons = _right_objections(uow, request, definition)
    ends_administrator = any(held.role == "administrator" for held in found)
    if ends_administrator and (day := uow.directory.without_administrator_after(id, last)):
        text = N_("From {day} on nobody would be an administrator. Appoint another one for that time first.")
        reasons.append(Reason("people", text, {"person": id, "day": day}))
    refuse_or_warn(request, reasons)
    for held in found:
        held.valid_to = last
        uow.session.add(held)
        uow.wrote(_ROLE, held.id, {"valid_to": last})
        uow.log("role.ended", id, role=held.role, body=held.body, last=last)
    return Result(id)


def _give(uow: UnitOfWork, definition: Definition, id: str, grant: RoleGrant) -> None:
    known = [name for name in roles() if name != "daemon"]
    if grant.role not in known:
        raise Usage(
            N_("The role {role} does not exist. These exist: {known}."), role=grant.role, known=", ".join(known)
        )
    if grant.body not in definition.wheel.bodies and (grant.body or grant.role not in WHOLE):
        bodies = ", ".join(definition.wheel.bodies)
        text = N_("The role {role} belongs to a body. Choose one of: {bodies}.")
        if grant.body:
            text = N_("The body {body} is not in wheel.toml. Add it there first, or choose one of: {bodies}.")
        raise Usage(text, role=grant.role, body=grant.body, bodies=bodies)
    if grant.body and grant.role in IN_NO_BODY:
        raise Usage(N_("The role {role} applies to the whole municipality, not to a body."), role=grant.role)
    if grant.valid_from and grant.valid_to and grant.valid_to < grant.valid_from:
        raise Usage(N_("The role would end before it begins."))
    if grant.instead_of is not None:
        _check_substitute(uow, definition, id, grant)
    values: dict[str, Any] = vars(grant)
    row = {"person_id": id, **values}
    id_of_role: int = uow.connection.execute(insert(_ROLE).values(row)).inserted_primary_key[0]  # type: ignore[index]
    uow.wrote(_ROLE, id_of_role, row)
    uow.log("role.given", id, **values)


def _check_substitute(uow: UnitOfWork, definition: Definition, id: str, grant: RoleGrant) -> None:
    assert grant.instead_of is not None
    _must_exist(uow, grant.instead_of)
    if grant.instead_of == id:
        raise Usage(N_("Nobody can be their own substitute."))
    if grant.valid_to is None:
        raise Usage(N_("A substitute has the role for a time. Give the role's last day."))
    first = grant.valid_from or definition.wheel.calendar.local_date(uow.now)
    theirs = uow.directory.held_by(grant.instead_of, grant.body, first, grant.valid_to)
    if not theirs:
        raise Usage(
            N_("The person {person} has no role there in that time and needs no substitute."), person=grant.instead_of
        )
    if uow.directory.stands_in_for(grant.instead_of, id, grant.body, first, grant.valid_to):
        text = N_(
            "The person {person} is the substitute of {other} in that time. Neither of them would be told anything."
        )
        raise Usage(text, person=grant.instead_of, other=id)


def _right_objections(uow: UnitOfWork, request: Request, definition: Definition) -> list[Reason]:
    today = definition.wheel.calendar.local_date(uow.now)
    return right_objections(uow, request, "people", today)


def _id_warnings(id: str, name: str) -> list[Reason]:
    if not tells_the_name(id, name):
        return []
    text = N_("The id {person} is made from a name. The log can never forget it: choose an id such as {example}.")
    return [Reason("name", text, {"person": id, "example": "ekonom-1"}, severity="warn")]


def _must_exist(uow: UnitOfWork, id: str) -> None:
    if id not in uow.directory.people:
        raise NotFound.person(id)


def _check_name(name: str) -> None:
    if is_blank(name) or HIDDEN.search(name) or len(name.splitlines()) > 1 or "\t" in name:
        raise Usage(N_("{name} cannot be used as a name. A name is one line of visible characters."), name=repr(name))


def _address(email: str) -> str:
    try:
        return mailable(email) if email else ""
    except AddressError as error:
        why = Text(sv=Texts("sv")(str(error)), en=Texts("en")(str(error)))
        raise Usage(N_("Mail cannot be sent to {email}: {why}."), email=email, why=why) from None
