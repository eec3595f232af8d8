"""Mail that was withheld or failed: what of it still holds, before somebody sends it after all."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import cast

from sqlalchemy import bindparam, select

from notifications.compose.sort_notices import outdated
from notifications.compose.too_late import policy_of
from notifications.notices import NOTICE
from notifications.tables import Notice
from wheel.engine.notice_validity import why_invalid
from wheel.engine.unit_of_work import UnitOfWork
from wheel.mail.calendar_of_mail import calendar_of_mail
from wheel.mail.contents import ContentBuilder

_IN_ORDER = NOTICE.c.person_id, NOTICE.c.due, NOTICE.c.id
_UNSENT = (
    select(NOTICE)
    .where(NOTICE.c.message_id.in_(bindparam("mails", expanding=True)), NOTICE.c.outcome.in_(("withheld", "failed")))
    .order_by(*_IN_ORDER)
)
_WHILE_OFF = select(NOTICE).where(NOTICE.c.outcome == "withheld", NOTICE.c.because == "mail_off").order_by(*_IN_ORDER)
_SENT = select(NOTICE).where(NOTICE.c.plan_id.in_(bindparam("plans", expanding=True)), NOTICE.c.outcome == "sent")


@dataclass
class UnsentMail:
    """A mail with the notices that it would tell. `over`: those of them that say nothing any more, and why, by id."""

    id: int
    notices: list[Notice]
    over: dict[int, str] = field(default_factory=dict)

    @property
    def why_over(self) -> str:
        """Why nothing in it is worth telling, as a code of endings.py; empty while something is."""
        return self.over[self.notices[0].id or 0] if len(self.over) == len(self.notices) else ""


def judge(uow: UnitOfWork, mails: Collection[int]) -> list[UnsentMail]:
    """Those of these mails that did not leave, judged together: of two about one deadline only the newer counts."""
    return _judged(uow, cast("list[Notice]", uow.connection.execute(_UNSENT, {"mails": list(mails)}).all()))


def withheld_while_off(uow: UnitOfWork) -> list[int]:
    """The mails that were withheld while mail was off and still have something to tell."""
    found = _judged(uow, cast("list[Notice]", uow.connection.execute(_WHILE_OFF).all()))
    return [mail.id for mail in found if not mail.why_over]


def _judged(uow: UnitOfWork, notices: Sequence[Notice]) -> list[UnsentMail]:
    calendar = calendar_of_mail(uow)
    if calendar is None or not notices:
        return []
    ids = {notice.plan_id for notice in notices if notice.plan_id}
    plans = ContentBuilder(uow).plans(ids)
    over: dict[int | None, str] = {}
    for _, theirs in groupby(notices, key=attrgetter("person_id")):
        over |= {ended.notice.id: ended.because for ended in outdated(list(theirs), calendar, uow.now)}
    newer = {_about(sent): sent.due for sent in _sent(uow, ids)}
    for notice in notices:
        plan = plans.get(notice.plan_id or 0)
        invalid = why_invalid(notice, plan) if plan else "unreadable" if notice.plan_id else ""
        if invalid:
            over[notice.id] = invalid
        elif policy_of(notice).do == "newest" and newer.get(_about(notice), notice.due) > notice.due:
            over[notice.id] = "newer_reminder"
    by_mail: dict[int, UnsentMail] = {}
    for notice in notices:
        mail = by_mail.setdefault(notice.message_id or 0, UnsentMail(notice.message_id or 0, []))
        mail.notices.append(notice)
        if because := over.get(notice.id):
            mail.over[notice.id or 0] = because
    return list(by_mail.values())


def _sent(uow: UnitOfWork, plans: Collection[int]) -> list[Notice]:
    """The reminders of these plans that did leave, by due date."""
    rows = cast("list[Notice]", uow.connection.execute(_SENT.order_by(NOTICE.c.due), {"plans": list(plans)}).all())
    return [notice for notice in rows if policy_of(notice).do == "newest"]


def _about(notice: Notice) -> tuple[str, int | None, str, int]:
    """The matter of a reminder: only its newest reminder is worth telling."""
    return notice.person_id, notice.plan_id, notice.state, notice.entry
