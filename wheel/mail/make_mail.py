"""Makes messages of notices at the end of a tick, and holds mail back after a long stop or a restore."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, select

from notifications.compose.sort_notices import sort_notices, timely
from notifications.compose.write_messages import ComposeResult, mail_day, notices_due, write_messages
from notifications.notices import notice_key, plan_notices
from notifications.schedule import week_begins
from wheel.database.tables import Person
from wheel.engine.unit_of_work import UnitOfWork
from wheel.engine.verb_preconditions import role_objection
from wheel.errors import RefusedError
from wheel.mail.addressees import addressees, with_reply_address
from wheel.mail.calendar_of_mail import calendar_of_mail, municipal_day
from wheel.mail.contents import WEEKLY, ContentBuilder
from wheel.mail.escalate_stale_reminders import escalate_stale_reminders
from wheel.mail.hold_all_mail import BY_HAND
from wheel.mail.reassign_notices import reassign_notices
from wheel.mail.tell_of_failed_mail import notify_others
from wheel.mail.weekly_overview import OVERVIEW, plan_overview
from workflows.dates.workdays import Calendar

LONG_STOP = timedelta(days=1)  # after so long a stop a person must confirm a large number of mails
UNASKED = 50  # mails
SOME = 500  # notices per transaction: on SQLite nobody else can write meanwhile

_PERSON = Person.__table__  # type: ignore[attr-defined]
_WITH_ADDRESS = (
    select(_PERSON.c.id)
    .where(_PERSON.c.id.in_(bindparam("people", expanding=True)), _PERSON.c.email != "")
    .order_by(_PERSON.c.id)
)


def check_may_confirm(uow: UnitOfWork) -> None:
    """Raises RefusedError if the actor may not release mail that is held back."""
    if objection := role_objection(uow, "tick", municipal_day(uow)):
        raise RefusedError([objection])


def make_messages(
    uow: UnitOfWork, calendar: Calendar | None, confirmed_by: str | None, *, preview: bool = False
) -> ComposeResult:
    """Make messages of the notices that are due, and record the tick. If the result says `more`, `make_more` goes on.

    `calendar` is that of mail (see `calendar_of_mail`); `confirmed_by` a person who may release mail. After a stop of
    more than a day at most 50 messages are made, after a restore none. The rest is held back from tick to tick, until
    an administrator has looked at it (`tick --dry-run`) and confirmed it. What is held by hand waits until it is
    released. A `preview` makes those messages too.
    """
    home = uow.home
    confirmed = confirmed_by is not None and home.mail_hold != BY_HAND  # who holds mail by hand also releases it
    if confirmed:
        uow.journal.add("mail.confirmed", "home", {"held": home.mail_hold}, actor=confirmed_by)
        uow.set_home(mail_hold=BY_HAND if home.mail_hold_reason else "")  # it was held by hand before the restore
    limit = _limit(uow, confirmed=confirmed and not home.mail_hold_reason)
    uow.set_home(last_tick=uow.now)
    if calendar is None:
        return ComposeResult()
    if home.last_tick is not None:
        plan_week(uow, calendar, home.last_tick)
    builder = ContentBuilder(uow)
    if limit != 0 or preview:
        escalate_stale_reminders(uow, calendar, builder.plans)
        reassign_notices(uow, builder.plans)
    composed = _compose(
        uow, builder, calendar, limit, some=SOME if limit is None and not preview else None, all=preview
    )
    if composed.held_back and not home.mail_hold:
        uow.set_home(mail_hold="long_stop")
        uow.log("mail.held_back", "home", persons=composed.held_back)
    return composed


def make_more(uow: UnitOfWork) -> ComposeResult:
    """Make the next messages, if `make_messages` has left some for further transactions."""
    calendar = calendar_of_mail(uow)
    return _compose(uow, ContentBuilder(uow), calendar, some=SOME) if calendar else ComposeResult()


def make_now(uow: UnitOfWork, calendar: Calendar, now: datetime) -> ComposeResult:
    """Make messages of all that may leave by `now` (UTC), which may be later than the transaction's own instant."""
    return _compose(uow, ContentBuilder(uow), calendar, now=now)


def _compose(
    uow: UnitOfWork,
    builder: ContentBuilder,
    calendar: Calendar,
    limit: int | None = None,
    *,
    some: int | None = None,
    all: bool = False,
    now: datetime | None = None,
) -> ComposeResult:
    """With `all`, messages are made beyond the limit too, and `held_back` still counts the persons beyond it."""
    now = now or uow.now
    notices, more = notices_due(uow.session, now, some)
    people = addressees(uow, {notice.person_id for notice in notices})
    contents = {} if limit == 0 and not all else builder.build(timely(notices, calendar, now), people)
    day = mail_day(uow.session, now, calendar, with_reply_address(uow), notices)
    ready = sort_notices(day, notices, people, contents, None if all else limit)
    composed = write_messages(uow.session, uow.journal, day, ready)
    composed.more = more
    if all and limit is not None:
        composed.held_back = sort_notices(day, notices, people, contents, limit).held_back
        composed.messages = min(composed.messages, limit)
    for notice in composed.unwritten:
        if notice.rule != OVERVIEW:  # the others get the overview too, and would be told again each week
            notify_others(uow, notice.person_id, [notice])
    return composed


def plan_week(uow: UnitOfWork, calendar: Calendar, last_tick: datetime) -> None:
    """If a week has begun since the last tick, plan its mails: the log's head, and the overview. Of several weeks only
    the newest counts."""
    begins = week_begins(calendar, uow.mail.send_hour, uow.now)
    if last_tick < begins <= uow.now:
        _plan_log_head(uow, calendar, begins)
        if uow.mail.overview:
            plan_overview(uow, calendar, begins)


def _plan_log_head(uow: UnitOfWork, calendar: Calendar, due: datetime) -> None:
    """The administrators get the log's head by mail: their mailboxes are witnesses outside this machine."""
    today = calendar.local_date(uow.now)
    year, week, _ = today.isocalendar()
    rows = [
        {
            "key": notice_key("log", f"{year}-W{week:02}", 1, 1, WEEKLY, None, person),
            "state": "", "entry": 1, "deadline_version": 1, "rule": WEEKLY, "person_id": person, "due": due,
            "send_after": due,
        }
        for person in _with_address(uow, uow.directory.administrators(today))
    ]  # fmt: skip
    if plan_notices(uow.session, rows):
        uow.log("notice.planned", "log", rule=WEEKLY, people=[row["person_id"] for row in rows])


def _with_address(uow: UnitOfWork, people: list[str]) -> list[str]:
    """The persons who have an address. An administrator without one is not reported here."""
    return list(uow.connection.execute(_WITH_ADDRESS, {"people": people}).scalars())


def _limit(uow: UnitOfWork, *, confirmed: bool) -> int | None:
    home = uow.home
    if confirmed:
        return None
    if home.mail_hold:
        return 0
    stopped = home.last_tick is not None and uow.now - home.last_tick > LONG_STOP
    return UNASKED if stopped else None
