"""Those whom mail goes to, and who answers what they ask about it."""

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import select
from sqlmodel import col

from notifications.compose.sort_notices import cannot_be_mailed
from notifications.content.content import Addressee
from notifications.mail_settings import MailSettings
from wheel.database.tables import Person
from wheel.engine.unit_of_work import UnitOfWork
from wheel.mail.calendar_of_mail import municipal_day


def addressees(uow: UnitOfWork, ids: Collection[str]) -> dict[str, Addressee]:
    """The persons by their ids."""
    if not ids:
        return {}
    found = uow.session.execute(select(Person).where(col(Person.id).in_(ids))).scalars()
    return {p.id: Addressee(p.id, p.name, p.email, p.language) for p in found}


def with_reply_address(uow: UnitOfWork) -> MailSettings:
    """The mail settings; where they name nobody to reply to, with the first administrator who has an address, because
    the sender of a machine answers no question."""
    if uow.mail.reply_to:
        return uow.mail
    administrators = uow.directory.administrators(municipal_day(uow))
    people = addressees(uow, administrators)
    found = (people[id] for id in administrators if id in people and not cannot_be_mailed(people[id]))
    who = next(found, None)
    return replace(uow.mail, reply_to=who.email, office=uow.mail.own_office or who.name) if who else uow.mail
