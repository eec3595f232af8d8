"""Holds all mail back and releases it: by hand, after a long stop, after a restore."""

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from wheel.database.tables import Home
from wheel.engine.desk import refuse_or_warn
from wheel.engine.request_and_result import Request, Result
from wheel.engine.unit_of_work import UnitOfWork
from wheel.engine.verb_preconditions import right_objections
from wheel.mail.calendar_of_mail import municipal_day
from workflows.messages import N_
from workflows.rules.named_rules import Reason

BY_HAND = "by_hand"
STAYS = ("restored", BY_HAND)  # then messages that are made already wait too; after a long stop they may leave
_HOLD = select(col(Home.mail_hold))


def is_held(session: Session) -> bool:
    """Whether no mail may leave: the mail that waits in a restored backup may have been sent long ago, or an
    administrator holds all mail."""
    return session.connection().execute(_HOLD).scalar_one() in STAYS


def hold_all(uow: UnitOfWork, request: Request) -> Result:
    """From now on no mail is made or leaves, until somebody releases it. Reminders wait, deadlines do not."""
    reasons = right_objections(uow, request, "outbox", municipal_day(uow))
    if uow.home.mail_hold in STAYS:
        reasons.append(Reason("mail_hold", N_("All mail is already on hold.")))
    refuse_or_warn(request, reasons)
    uow.set_home(mail_hold=BY_HAND, mail_hold_reason=request.reason or "–")
    uow.log("mail.held_back", "home", reason=request.reason, because=BY_HAND)
    return Result("outbox")


def release_all(uow: UnitOfWork, request: Request) -> Result:
    """Mail that waits leaves with the next tick, as far as it still holds."""
    reasons = right_objections(uow, request, "outbox", municipal_day(uow))
    if not uow.home.mail_hold:
        reasons.append(Reason("mail_hold", N_("No mail is on hold.")))
    refuse_or_warn(request, reasons)
    uow.log("mail.released", "home", reason=request.reason, held=uow.home.mail_hold)
    uow.set_home(mail_hold="", mail_hold_reason="")
    return Result("outbox")
