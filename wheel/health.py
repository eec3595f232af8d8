"""Is it well? What `status` answers, and the health file says."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from config.texts import Texts
from notifications.mail_log import Figures, pending_figures
from notifications.mail_settings import MailSettings
from wheel.models import MAX_TRIES, Home, Plan
from wheel.store import HEAD
from wheel.words import utc
from workflows.messages import N_

HELD = {
    "long_stop": N_(
        "Mail is held back after a long stop: look at `arshjul tick --dry-run`, then let it go with "
        "`arshjul tick --confirm`."
    ),
    "restored": N_(
        "Mail is held back, for a backup was restored and what waits in it may have been sent: look at "
        "`arshjul tick --dry-run`, then let it go with `arshjul tick --confirm`."
    ),
}

PERIOD = timedelta(seconds=60)  # of the daemon's tick
TICK_LATE = 3 * PERIOD
OLDEST_PENDING = timedelta(minutes=30)


@dataclass(frozen=True)
class Problem:
    """Something that is not well: a stable code, and the sentence that says what to do."""

    code: str
    message: str
    facts: dict[str, Any]


def status(session: Session, mail: MailSettings, now: datetime, texts: Texts) -> dict[str, Any]:
    """The contract's `status` object."""
    home = session.get_one(Home, 1)
    outbox = pending_figures(session, now)
    alive = home.last_tick is not None and timedelta(0) <= now - home.last_tick <= TICK_LATE
    problems = _problems(session, home, mail, outbox, alive=alive)
    return {
        "well": not problems,
        "practice": home.practice,
        "daemon": {"alive": alive, "last_tick": utc(home.last_tick)},
        "outbox": {"pending": outbox.pending, "oldest_minutes": outbox.oldest_minutes, "failed": outbox.failed},
        "problems": [{"code": p.code, "message": texts(p.message, **p.facts)} for p in problems],
        "version": version("arshjul"),
        "schema": HEAD,
    }


def _problems(session: Session, home: Home, mail: MailSettings, outbox: Figures, *, alive: bool) -> list[Problem]:
    found = []

    def report(code: str, message: str, **facts: Any) -> None:
        found.append(Problem(code, message, facts))

    if not alive:
        text = N_(
            "The daemon has not ticked for three minutes: start it with `arshjul daemon` and look at its journal."
        )
        report("daemon_silent", text)
    if outbox.oldest_minutes > OLDEST_PENDING / timedelta(minutes=1):
        text = N_("A mail has waited for {minutes} minutes: look at the mail server, and at `arshjul outbox list`.")
        report("mail_waiting", text, minutes=outbox.oldest_minutes)
    if outbox.failed:
        text = N_("{count} mails could not be delivered: `arshjul outbox list --status failed` says why.")
        report("mail_failed", text, count=outbox.failed)
    if outbox.unwritten:
        text = N_("{count} notices could not become mails: `arshjul explain` says why; look at the addresses.")
        report("notice_failed", text, count=outbox.unwritten)
    if home.mail_hold:
        report("mail_held", HELD[home.mail_hold])
    if not mail.on:
        report("mail_off", N_("Mail is off in the settings: nobody is reminded."))
    if mail.redirect_to:
        report(
            "mail_redirected",
            N_("All mail is redirected to {address}: nobody else is reminded."),
            address=mail.redirect_to,
        )
    put_aside = select(col(Plan.address)).where(col(Plan.tries) >= MAX_TRIES).order_by(col(Plan.id))
    aside = session.execute(put_aside).scalars().all()
    if aside:
        text = N_("Plans that could not be woken were put aside: {plans}. Mend the cause, then `arshjul release`.")
        report("put_aside", text, plans=list(aside))
    return found
