"""The route to the mail server: open, or closed for all mails. While it is closed, one mail tries it now and then.

Its state is in the database, so that several daemons make one try between them, and `status` can show it.
"""

from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from notifications.audit_log import AuditLog
from notifications.delivery.transport import TransportError
from notifications.tables import MailRoute, Message

PROBE = timedelta(seconds=60)  # a server that sees a wrong password more often may lock us out
PROBE_PASSING = timedelta(seconds=9)  # every round of delivery: mail leaves again seconds after the network is back
SILENT = timedelta(minutes=15)  # trouble that may pass by itself is reported after this
ERROR_LENGTH = 500
_WAY = MailRoute.__table__  # type: ignore[attr-defined]


def may_try(session: Session, now: datetime) -> Literal["all", "one", "none"]:
    """Whether mail can be sent at `now` (UTC). "one": one message may probe the route, and no other process does."""
    way = session.connection().execute(select(_WAY.c.closed, _WAY.c.passing)).one()
    if not way.closed:
        return "all"
    wait = PROBE_PASSING if way.passing else PROBE
    due = or_(_WAY.c.probe_at <= now, _WAY.c.probe_at > now + 2 * wait)  # the clock was set back
    taken = update(_WAY).where(_WAY.c.closed != "", due).values(probe_at=now + wait).returning(_WAY.c.id)
    return "one" if session.connection().execute(taken).first() else "none"


def close(session: Session, log: AuditLog, now: datetime, error: TransportError) -> None:
    """Close the route. Trouble that somebody must correct is logged at once, other trouble when it has lasted."""
    connection = session.connection()
    way = connection.execute(select(_WAY).with_for_update()).one()
    since = way.closed_at if way.closed else now
    values = {
        "closed": error.text[:ERROR_LENGTH] or "?", "passing": error.transient, "closed_at": since,
        "probe_at": now + (PROBE_PASSING if error.transient else PROBE),
    }  # fmt: skip
    told = way.told if way.closed else False
    if not told and (not error.transient or abs(now - since) >= SILENT):
        # Not the server's words: they may repeat an address, and the log is for ever.
        log.add("mail.stopped", "home", {"code": error.code, "passing": error.transient, "since": since})
        told = True
    connection.execute(update(_WAY).values(told=told, **values))


def reopen(session: Session, log: AuditLog, now: datetime) -> int:
    """Reopen the route after a successful probe. Mails that waited for it are due at once; returns how many."""
    connection = session.connection()
    way = connection.execute(select(_WAY).with_for_update()).one()
    if way.closed:
        connection.execute(update(_WAY).values(closed="", passing=False, closed_at=None, probe_at=None, told=False))
        if way.told:
            log.add("mail.resumed", "home", {"since": way.closed_at})
    # An answer such as "451 …" was about that mail, unless it closed the route: the mail's own back-off stays. It also
    # stays where a server may have the mail, or every probe would send a second copy.
    error = col(Message.error)
    of_the_way = or_(error.not_like("4__ %"), error.like("421 %"), error == way.closed)
    put_off = update(Message).where(
        col(Message.status) == "pending", col(Message.attempts) > 0, col(Message.next_attempt) > now, of_the_way,
        col(Message.maybe_delivered).is_(False),
    )  # fmt: skip
    return session.connection().execute(put_off.values(next_attempt=now)).rowcount


def why_closed(session: Session, now: datetime) -> str | None:
    """Why no mail can leave, if somebody must correct it or it has lasted for a quarter of an hour; otherwise None."""
    way = session.connection().execute(select(_WAY)).one()
    return way.closed if way.closed and (not way.passing or now - way.closed_at > SILENT) else None
