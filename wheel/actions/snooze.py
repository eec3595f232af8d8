"""The verb `snooze`: no reminders of a plan until a day, or until it is ended; its deadline stays."""

from datetime import date, datetime

from sqlalchemy import bindparam, update

from notifications.notices import NOTICE
from wheel.engine.desk import Act, Done, done, permit, reason_missing, settle, take_up
from wheel.engine.plan import Matter
from wheel.engine.unit_of_work import Work
from workflows.messages import N_
from workflows.rules.rules import Reason

REMINDERS = ("ladder", "overview")  # what is news is told all the same
_PUT_OFF = (
    update(NOTICE)
    .where(
        NOTICE.c.plan_id == bindparam("of"), NOTICE.c.rule.in_(REMINDERS), NOTICE.c.outcome == "planned",
        NOTICE.c.message_id.is_(None),
    )
    .values(send_after=bindparam("until"))
)  # fmt: skip
NOTHING_OWED = ("done", "withdrawn", "not_concerned", "before_introduction")


def snooze(work: Work, act: Act, address: str, until: date) -> Done:
    """Reminders wait for `until` and come again from then on, in one mail if several have become due. Another day
    takes the place of the first."""
    matter, reasons = _start(work, act, address)
    today = work.today(matter.turn)
    status = matter.status(today)
    if status in NOTHING_OWED:
        reasons.append(Reason("state", N_("Nothing is owed in this plan now ({status})."), {"status": status}))
    if until <= today:
        reasons.append(
            Reason("date", N_("Reminders can be withheld until a day to come; {date} is none."), {"date": until})
        )
    last = matter.stage.last
    if last is not None and today <= last < until:
        text = N_("Its last day, {last}, passes meanwhile, and stays.")
        reasons.append(Reason("snooze", text, {"last": last}, severity="warn"))
    warnings = settle(act, reasons)
    after = work.save(matter, snoozed_until=until, snooze_reason=act.reason)
    put_off = work.connection.execute(_PUT_OFF, {"of": matter.id, "until": ends(work, after)}).rowcount
    work.log("plan.snoozed", matter, state=matter.state, until=until, reason=act.reason, put_off=put_off)
    return done(work, after, warnings)


def end_snooze(work: Work, act: Act, address: str) -> Done:
    """Reminders come again from now on; those that have waited go at the next sending time, in one mail."""
    matter, reasons = _start(work, act, address)
    if not matter.is_snoozed(work.today(matter.turn)):
        reasons.append(Reason("snoozed", N_("Its reminders are not withheld.")))
    warnings = settle(act, reasons)
    after = work.save(matter, snoozed_until=None, snooze_reason="")
    released = work.connection.execute(_PUT_OFF, {"of": matter.id, "until": work.now}).rowcount
    work.log("plan.unsnoozed", matter, state=matter.state, reason=act.reason, released=released)
    return done(work, after, warnings)


def _start(work: Work, act: Act, address: str) -> tuple[Matter, list[Reason]]:
    """The plan, and what stands against the actor or the missing reason."""
    matter = take_up(work, act, address)
    reasons = permit(work, matter, "snooze", *(body for body in (matter.owed_by(),) if body))
    return matter, reasons + reason_missing(act, "snooze")


def ends(work: Work, matter: Matter) -> datetime | None:
    """When reminders come again: the sending hour of that day, or of the next working day. None: they are not
    withheld at present."""
    if matter.snoozed_until is None or not matter.is_snoozed(work.today(matter.turn)):
        return None
    calendar = work.calendar(matter.turn)
    return calendar.instant(calendar.on_or_after(matter.snoozed_until), work.mail.send_hour)
