"""Whether a plan's reminders will reach the people who owe it, known before they are sent."""

from datetime import date, datetime, timedelta

from sqlalchemy import bindparam, select

from wheel.database.tables import Person
from wheel.engine.agenda import Alarm
from wheel.engine.people_and_roles import RESPONSIBLE
from wheel.engine.plan import Plan
from wheel.engine.unit_of_work import PLAN, UnitOfWork
from workflows.messages import N_
from workflows.rules.named_rules import Reason

_PERSON = Person.__table__  # type: ignore[attr-defined]
_WITH_ADDRESS = select(_PERSON.c.id).where(_PERSON.c.email != "")
SOON = timedelta(days=14)  # early enough to name somebody, and plans with a later alarm need not be read
_WAKING = select(PLAN).where(PLAN.c.wake_at <= bindparam("then")).order_by(PLAN.c.id)


class Reach:
    """The people who can be mailed, read once per transaction."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._with_address = set(uow.connection.execute(_WITH_ADDRESS).scalars())

    def warnings(self, plan: Plan, until: datetime | None = None) -> list[Reason]:
        """A warning about the first reminder of the present state that nobody, or only the administrators, would get.

        `until`: only reminders that are due by then (UTC) count.
        """
        uow, calendar = self._uow, self._uow.calendar(plan.cycle)
        if not plan.bodies_to_remind:
            return []
        for alarm in uow.agenda(plan):
            if not alarm.to or alarm.at < uow.now or (until is not None and alarm.at > until):
                continue
            day = calendar.local_date(alarm.at)
            if text := self._lacking(plan, alarm, day):
                return [Reason("reach", text, {"day": day}, tuple(plan.bodies_to_remind), severity="warn")]
        return []

    def _lacking(self, plan: Plan, alarm: Alarm, day: date) -> str:
        """Why the people that the alarm is meant for would not hear of it; empty if they would."""
        directory = self._uow.directory
        told = set(directory.recipients(alarm.to, plan.bodies_to_remind, day)) & self._with_address
        if not told:
            return N_(
                "The reminder on {day} would reach nobody, because nobody with a mail address is responsible for "
                "{who} then."
            )
        own = {who for body in plan.bodies_to_remind for who in directory.holding(RESPONSIBLE, body, day)}
        if "responsible" in alarm.to and told <= set(directory.administrators(day)) - own:
            return N_(
                "The reminder on {day} would reach only the administrators, because nobody with a mail address is "
                "responsible for {who} then."
            )
        return ""


def unreached(uow: UnitOfWork) -> list[str]:
    """The addresses of plans with a reminder within two weeks that would not reach the people who owe them."""
    reach, then = Reach(uow), uow.now + SOON
    return [plan.address for plan in uow.readable(_WAKING, then=then) if reach.warnings(plan, then)]
