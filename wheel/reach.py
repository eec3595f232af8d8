"""Whether a plan's next reminder would reach those who owe it: said before it happens, not after."""

from datetime import timedelta

from sqlalchemy import bindparam, select

from wheel.agenda import agenda
from wheel.directory import RESPONSIBLE
from wheel.matter import Matter
from wheel.models import Person
from wheel.work import PLAN, Work
from workflows.messages import N_
from workflows.rules import Reason

_PERSON = Person.__table__  # type: ignore[attr-defined]
_WITH_ADDRESS = select(_PERSON.c.id).where(_PERSON.c.email != "")
SOON = timedelta(days=14)  # early enough to name somebody; and every plan that sleeps longer need not be read
_WAKING = select(PLAN).where(PLAN.c.wake_at <= bindparam("then")).order_by(PLAN.c.id)


class Reach:
    """What one transaction knows of who can be mailed."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._with_address = set(work.connection.execute(_WITH_ADDRESS).scalars())

    def warnings(self, matter: Matter) -> list[Reason]:
        """Nobody, or the administrators alone, would get the next reminder."""
        work, calendar = self._work, self._work.calendar(matter.turn)
        ahead = (
            alarm for alarm in agenda(matter, calendar, work.mail.send_hour) if alarm.rung and alarm.at >= work.now
        )
        alarm = next(ahead, None)
        if alarm is None or alarm.rung is None or not matter.owing:
            return []
        day = calendar.local_date(alarm.at)
        told = set(work.directory.recipients(alarm.rung.to, matter.owing, day)) & self._with_address
        own = {who for body in matter.owing for who in work.directory.holding(RESPONSIBLE, body, day)} & told
        if own:
            return []
        text = N_(
            "The next reminder, on {day}, would reach the administrators alone: nobody with an address answers for "
            "{who} then."
        )
        if not told:
            text = N_("The next reminder, on {day}, would reach nobody: nobody with an address answers for {who} then.")
        return [Reason("reach", text, {"day": day}, tuple(matter.owing), severity="warn")]


def unreached(work: Work) -> list[str]:
    """The plans that wake within two weeks, and whose next reminder would not reach those who owe them."""
    reach = Reach(work)
    return [matter.address for matter in work.readable(_WAKING, then=work.now + SOON) if reach.warnings(matter)]
