"""From notices to messages at the end of a tick, and the brake after a long stop or a restore."""

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select
from sqlmodel import col

from notifications.compose.compose import Composed, compose
from notifications.content.content import Reader
from notifications.notices import notice_key, plan_notices
from notifications.schedule import week_begins
from wheel.database.definitions import definition_of
from wheel.database.tables import Cycle, Person
from wheel.engine.unit_of_work import Work
from wheel.errors import RefusedError
from wheel.mail.contents import WEEKLY, Briefer
from wheel.mail.delivery_failures import tell
from wheel.mail.reassignment import follow_the_roles
from wheel.mail.stale_reminders import tell_of_silence
from wheel.mail.weekly_overview import OVERVIEW, plan_overview
from wheel.tick.outages import note_delays
from workflows.dates.workdays import Calendar

LONG_STOP = timedelta(days=1)  # after that the first tick asks before it mails many
UNASKED = 50  # mails
SOME = 500  # notices per transaction: on SQLite nobody else can write meanwhile

_PERSON = Person.__table__  # type: ignore[attr-defined]
_WITH_ADDRESS = (
    select(_PERSON.c.id)
    .where(_PERSON.c.id.in_(bindparam("people", expanding=True)), _PERSON.c.email != "")
    .order_by(_PERSON.c.id)
)
_DEFINITIONS = select(col(Cycle.definition)).order_by(col(Cycle.id).desc())


def check_may_confirm(work: Work, person: str) -> None:
    """Raises RefusedError if the person may not let mail go that is held back."""
    if objection := work.directory.objection(person, "tick", (), work.now.date()):
        raise RefusedError([objection])


def make_messages(
    work: Work, calendar: Calendar | None, confirmed_by: str | None, *, preview: bool = False
) -> Composed:
    """Make messages that are due and note the tick; `make_more` where there are more. `calendar`: that of mail;
    `confirmed_by`: a person who may.

    After a stop of over a day at most 50 are made; after a restore none. The rest is held back, from tick to
    tick, until somebody who may has looked (`tick --dry-run`) and confirmed. A `preview` shows those too.
    """
    home = work.home
    if confirmed_by is not None:
        work.journal.add("mail.confirmed", "home", {"held": home.mail_hold}, actor=confirmed_by)
        work.set_home(mail_hold="")
    limit = _limit(work, confirmed=confirmed_by is not None)
    note_delays(work, home.last_tick)
    work.set_home(last_tick=work.now)
    if calendar is None:
        return Composed()
    if home.last_tick is not None:
        plan_weekly(work, calendar, home.last_tick)
        plan_overview(work, calendar, home.last_tick)
    briefer = Briefer(work)
    if limit != 0 or preview:
        tell_of_silence(work, calendar, briefer.plans)
        follow_the_roles(work, briefer.plans)
    held_back = _held_back(work, briefer, calendar, limit) if preview and limit is not None else 0
    composed = _compose(work, briefer, calendar, None if preview else limit, whole=preview or limit is not None)
    if preview and limit is not None:
        composed.messages, composed.held_back = min(composed.messages, limit), held_back
    if composed.held_back and not home.mail_hold:
        work.set_home(mail_hold="long_stop")
        work.log("mail.held_back", "home", persons=composed.held_back)
    return composed


def make_more(work: Work) -> Composed:
    """The rest, where `make_messages` has left some to further transactions."""
    calendar = calendar_of_mail(work)
    return _compose(work, Briefer(work), calendar, None, whole=False) if calendar else Composed()


def _held_back(work: Work, briefer: Briefer, calendar: Calendar, limit: int) -> int:
    """How many persons beyond the limit a tick would leave to the next one."""
    savepoint = work.session.begin_nested()
    composed = _compose(work, briefer, calendar, limit, whole=True)
    savepoint.rollback()
    return composed.held_back


def _compose(work: Work, briefer: Briefer, calendar: Calendar, limit: int | None, *, whole: bool) -> Composed:
    composed = compose(
        work.session,
        work.journal,
        work.now,
        readers=lambda ids: readers_of(work, ids),
        brief=briefer.brief,
        calendar=calendar,
        settings=work.mail,
        limit=limit,
        some=None if whole else SOME,
    )
    for notice in composed.unwritten:
        if notice.rule != OVERVIEW:  # the others have it too, and it would be told anew each week
            tell(work, notice.person_id, [notice])
    return composed


def calendar_of_mail(work: Work) -> Calendar | None:
    """The newest cycle's, for the days and hours of mail. A definition that cannot be read is its own plans' trouble
    and nobody else's."""
    for definition in work.connection.execute(_DEFINITIONS).scalars():
        with suppress(ValueError):
            return definition_of(work.session, definition).wheel.calendar
    return None


def plan_weekly(work: Work, calendar: Calendar, last_tick: datetime) -> None:
    """The administrators are told the log's head each week: their mailbox is the witness kept elsewhere."""
    today = calendar.local_date(work.now)
    due = week_begins(calendar, work.mail.send_hour, work.now)
    if not last_tick < due <= work.now:
        return
    year, week, _ = today.isocalendar()
    rows = [
        {
            "key": notice_key("log", f"{year}-W{week:02}", 1, 1, WEEKLY, None, person),
            "state": "", "entry": 1, "deadline_version": 1, "rule": WEEKLY, "person_id": person, "due": due,
            "send_after": due,
        }
        for person in _with_address(work, work.directory.administrators(today))
    ]  # fmt: skip
    if plan_notices(work.session, rows):
        work.log("notice.planned", "log", rule=WEEKLY, people=[row["person_id"] for row in rows])


def _with_address(work: Work, people: list[str]) -> list[str]:
    """A witness that cannot be mailed is no failure."""
    return list(work.connection.execute(_WITH_ADDRESS, {"people": people}).scalars())


def _limit(work: Work, *, confirmed: bool) -> int | None:
    home = work.home
    if confirmed:
        return None
    if home.mail_hold:
        return 0
    stopped = home.last_tick is not None and work.now - home.last_tick > LONG_STOP
    return UNASKED if stopped else None


def readers_of(work: Work, ids: Collection[str]) -> dict[str, Reader]:
    if not ids:
        return {}
    found = work.session.execute(select(Person).where(col(Person.id).in_(ids))).scalars()
    return {p.id: Reader(p.id, p.name, p.email, p.language) for p in found}
