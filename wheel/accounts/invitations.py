"""Invitations: a link by which a person chooses a password, once and within three days."""

from datetime import timedelta

from sqlalchemy import delete, insert, select

from config.municipality.roles import DAEMON
from wheel.accounts.tokens import stored
from wheel.database.tables import Account, Invitation, WebSession
from wheel.engine.desk import refuse_or_warn
from wheel.engine.request_and_result import Request, Result
from wheel.engine.unit_of_work import UnitOfWork
from wheel.engine.verb_preconditions import right_objections
from wheel.errors import NotFound, Usage
from wheel.mail.calendar_of_mail import municipal_day
from workflows.messages import N_

VALID = timedelta(hours=72)

_ACCOUNT = Account.__table__  # type: ignore[attr-defined]
_INVITATION = Invitation.__table__  # type: ignore[attr-defined]
_SESSION = WebSession.__table__  # type: ignore[attr-defined]
_ACCOUNT_OF = select(_ACCOUNT.c.person_id)


class UnknownInvitation(NotFound):
    """The link has been used, has expired, or never was."""


def invite(uow: UnitOfWork, request: Request, person: str, token: str) -> Result:
    """Let the person choose a password with a link that holds `token`. An earlier link of theirs ends.

    Raises NotFound, Usage, RefusedError.
    """
    if person == DAEMON:
        raise Usage.machine(person)
    if person not in uow.directory.people:
        raise NotFound.person(person)
    refuse_or_warn(request, right_objections(uow, request, "people", municipal_day(uow)))
    _keep(uow, person, token)
    return Result(person)


def invite_first_administrator(uow: UnitOfWork, token: str) -> str | None:
    """The same for the first administrator while none has an account: whoever starts the service holds the home.

    Returns that person; None where an administrator can sign in already.
    """
    administrators = uow.directory.may_administer(municipal_day(uow))
    with_account = set(uow.connection.execute(_ACCOUNT_OF).scalars())
    if not administrators or with_account & set(administrators):
        return None
    _keep(uow, administrators[0], token)
    return administrators[0]


def _keep(uow: UnitOfWork, person: str, token: str) -> None:
    uow.connection.execute(delete(_INVITATION).where(_INVITATION.c.person_id == person))
    uow.connection.execute(delete(_INVITATION).where(_INVITATION.c.expires_at <= uow.now))
    row = {"token": stored(token), "person_id": person, "expires_at": uow.now + VALID}
    uow.connection.execute(insert(_INVITATION).values(row))
    uow.log("account.invited", person, until=row["expires_at"])


def invited(uow: UnitOfWork, token: str) -> str:
    """The person whom the link invites. Looking at it changes nothing. Raises UnknownInvitation."""
    query = select(_INVITATION.c.person_id, _INVITATION.c.expires_at).where(_INVITATION.c.token == stored(token))
    found = uow.connection.execute(query).one_or_none()
    if found is None or found.expires_at <= uow.now:
        raise UnknownInvitation(N_("The link is no longer valid: it works once, and for three days."))
    person: str = found.person_id
    return person


def accept(uow: UnitOfWork, token: str, kept: str) -> str:
    """Use the link: the password, of which this hash is kept, becomes the person's, and all their sessions end.

    Returns the person. Raises UnknownInvitation.
    """
    person = invited(uow, token)
    uow.connection.execute(delete(_INVITATION).where(_INVITATION.c.person_id == person))
    uow.connection.execute(delete(_SESSION).where(_SESSION.c.person_id == person))
    again = uow.connection.execute(delete(_ACCOUNT).where(_ACCOUNT.c.person_id == person)).rowcount > 0
    uow.connection.execute(insert(_ACCOUNT).values(person_id=person, password=kept, changed_at=uow.now))
    uow.log("account.password_chosen", person, again=again)
    return person
