"""The body that receives a matter for information: told once, when it has been handed over or is finished."""

from datetime import datetime

from wheel.engine.directory import RESPONSIBLE
from wheel.engine.plan import Matter
from wheel.engine.unit_of_work import Work

RECEIVED = "received"  # the notice; it holds as long as the plan does not go back


def receiver(matter: Matter) -> str | None:
    return matter.body("receives") if "receives" in matter.track.parties else None


def readers(work: Work, matter: Matter) -> list[str]:
    """Who reads there today; the administrators, where nobody does."""
    day = work.today(matter.turn)
    found = work.directory.holding((*RESPONSIBLE, "auditor"), receiver(matter) or "", day)
    return found or work.directory.administrators(day)


def tell_receiver(work: Work, before: Matter, after: Matter, *, at: datetime, by_calendar: bool) -> None:
    """If the plan has come there with this step; not of what was so before the cycle was opened."""
    goal = after.workflow.received_in
    if goal is None or receiver(after) is None or before.reached(goal) or not after.reached(goal):
        return
    if at >= after.turn.opened_at:
        due = work.next_send(after, at) if by_calendar else at
        work.notify(work.news(after, RECEIVED, readers(work, after), due=due, at_once=not by_calendar))
