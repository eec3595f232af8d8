"""All mail is held back, and let go: by hand, after a long stop, after a restore."""

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from wheel.database.tables import Home
from wheel.engine.desk import Act, Done, permitted, settle
from wheel.engine.unit_of_work import Work
from workflows.messages import N_
from workflows.rules.rules import Reason

BY_HAND = "by_hand"
STAYS = ("restored", BY_HAND)  # what is made already waits too; after a long stop it may go
_HOLD = select(col(Home.mail_hold))


def is_held(session: Session) -> bool:
    """Whether none leaves: a backup's waiting mail may have been sent long ago, or somebody holds all mail."""
    return session.connection().execute(_HOLD).scalar_one() in STAYS


def hold_all(work: Work, act: Act) -> Done:
    """From now on no mail is made or leaves, until somebody releases it. Reminders wait, deadlines do not."""
    reasons = permitted(work, "outbox", act.now.date())
    if work.home.mail_hold in STAYS:
        reasons.append(Reason("mail_hold", N_("All mail is held back already.")))
    settle(act, reasons)
    work.set_home(mail_hold=BY_HAND)
    work.log("mail.held_back", "home", reason=act.reason, because=BY_HAND)
    return Done("outbox")


def release_all(work: Work, act: Act) -> Done:
    """What waits goes with the next tick, as far as it still holds."""
    reasons = permitted(work, "outbox", act.now.date())
    if not work.home.mail_hold:
        reasons.append(Reason("mail_hold", N_("No mail is held back.")))
    settle(act, reasons)
    work.log("mail.released", "home", reason=act.reason, held=work.home.mail_hold)
    work.set_home(mail_hold="")
    return Done("outbox")
