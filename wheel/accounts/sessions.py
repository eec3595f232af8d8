"""Sessions: signing in with a password, and finding out who a browser belongs to."""

from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, delete, func, insert, or_, select, update

from wheel.accounts.passwords import fits
from wheel.accounts.tokens import new_token, stored
from wheel.database.tables import Account, Person, WebSession
from wheel.engine.unit_of_work import UnitOfWork

IDLE = timedelta(hours=12)  # without a page, and it ends
LONGEST = timedelta(days=7)
SEEN_EVERY = timedelta(minutes=5)  # a page that is only read writes nothing more often

_ACCOUNT = Account.__table__  # type: ignore[attr-defined]
_PERSON = Person.__table__  # type: ignore[attr-defined]
_SESSION = WebSession.__table__  # type: ignore[attr-defined]
_WITH_ACCOUNT = select(_PERSON.c.id, _ACCOUNT.c.password).join(_ACCOUNT, _ACCOUNT.c.person_id == _PERSON.c.id)


class SignedIn(NamedTuple):
    """The person to whom a browser belongs. `stale`: its `seen_at` should be written again."""

    person: str
    language: str
    stale: bool


class Attempt(NamedTuple):
    """A name and a password that somebody has typed. `person`: who has that name and an account, if anybody."""

    person: str | None
    fits: bool


def attempt(uow: UnitOfWork, name: str, password: str) -> Attempt:
    """Compare them with the accounts, which takes as long for an unknown name. `name`: the person's id or mail address,
    in any case. It only reads, because hashing takes a tenth of a second that no other writer should wait."""
    wanted = name.strip().casefold()
    where = or_(func.lower(_PERSON.c.id) == wanted, func.lower(_PERSON.c.email) == wanted)
    found = uow.connection.execute(_WITH_ACCOUNT.where(where).limit(2)).all()
    # Two people with one address sign in with their ids.
    person, kept = found[0] if len(found) == 1 else (None, None)
    return Attempt(person, fits(kept, password))


def sign_in(uow: UnitOfWork, tried: Attempt) -> str | None:
    """Begin a session of whoever has typed the right password, and log it. Returns the token for the cookie.

    None if it was wrong, which is logged too, without the name if nobody with an account has it: otherwise the time
    would tell who has one.
    """
    if tried.person is not None and tried.fits:
        return begin(uow, tried.person)
    uow.log("account.refused", tried.person or "home")
    return None


def begin(uow: UnitOfWork, person: str) -> str:
    """Begin a session of that person. Returns the token for the cookie."""
    token = new_token()
    uow.connection.execute(delete(_SESSION).where(_ended(uow)))
    row = {"token": stored(token), "person_id": person}
    times = dict.fromkeys(("begun_at", "seen_at", "confirmed_at"), uow.now)
    uow.connection.execute(insert(_SESSION).values(row | times))
    uow.journal.add("account.signed_in", person, {}, person)
    return token


def signed_in(uow: UnitOfWork, token: str) -> SignedIn | None:
    """The person who holds that token; None if its session has ended."""
    query = (
        select(_SESSION.c.person_id, _SESSION.c.seen_at, _PERSON.c.language)
        .join(_PERSON, _PERSON.c.id == _SESSION.c.person_id)
        .where(_SESSION.c.token == stored(token), ~_ended(uow))
    )
    found = uow.connection.execute(query).one_or_none()
    if found is None:
        return None
    return SignedIn(found.person_id, found.language, uow.now - found.seen_at >= SEEN_EVERY)


def seen(uow: UnitOfWork, token: str) -> None:
    """Note that the session is in use, so that it does not end."""
    uow.connection.execute(update(_SESSION).where(_SESSION.c.token == stored(token)).values(seen_at=uow.now))


def sign_out(uow: UnitOfWork, token: str) -> None:
    """End the session, if it has not ended already."""
    query = delete(_SESSION).where(_SESSION.c.token == stored(token)).returning(_SESSION.c.person_id)
    for person in uow.connection.execute(query).scalars().all():
        uow.journal.add("account.signed_out", person, {}, person)


def _ended(uow: UnitOfWork) -> ColumnElement[bool]:
    return or_(_SESSION.c.seen_at <= uow.now - IDLE, _SESSION.c.begun_at <= uow.now - LONGEST)
