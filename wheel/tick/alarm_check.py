"""The daily check of every plan's alarm against its agenda. Every change of an agenda must set the alarm; this check
finds alarms that were not set, and sets them."""

from datetime import datetime

from sqlalchemy import bindparam, select

from config.municipality.roles import DAEMON
from notifications.mail_settings import MailSettings
from wheel.database.store import Store
from wheel.engine.unit_of_work import PLAN, unit_of_work

BATCH = 500  # plans per transaction: short ones, so that people's actions do not wait for long

_NEXT = select(PLAN).where(PLAN.c.id > bindparam("after"), PLAN.c.tries == 0).order_by(PLAN.c.id).limit(BATCH)


def check_alarms(store: Store, mail: MailSettings, now: datetime) -> list[str]:
    """Set the alarms that are missing or too late to `now` (UTC), each with an entry in the log. Returns the addresses
    of these plans."""
    mended: list[str] = []
    last: int | None = 0
    while last is not None:
        with unit_of_work(store, now, DAEMON, mail) as uow:
            plans = uow.plans(_NEXT, after=last)
            for plan in plans:
                due = uow.next_alarm(plan)
                if due is not None and due > now and (plan.wake_at is None or plan.wake_at > due):
                    uow.wake(PLAN.c.id == plan.id)
                    uow.log("alarm.mended", plan, was=plan.wake_at, due=due)
                    mended.append(plan.address)
                elif due is not None and due <= now and plan.wake_at is None:
                    uow.wake(PLAN.c.id == plan.id)  # it waits for others, and may have been passed over
        last = plans[-1].id if plans else None
    return mended
