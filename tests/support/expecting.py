"""The expected notices of a day, computed from the plans with almanac.py and without the program's code."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tests.support import almanac
from tests.support.almanac import utc
from wheel.database.tables import Role
from wheel.engine.plan import Plan

SENDING = time(7, 30)
STOCKHOLM = ZoneInfo("Europe/Stockholm")
PERSONS = ("officer", "secretary", "auditor")
AHEAD = 14  # days that an overview looks ahead


class Rung(NamedTuple):
    """A line of a ladder as its wheel file says it: working days from the last day, to whom, and for how long ones."""

    days: int
    to: tuple[str, ...]
    longer_than: int = 0


class Reminder(NamedTuple):
    """The key by which two reminders are the same."""

    address: str
    state: str
    entry: int
    version: int
    offset: int
    person: str


@dataclass
class Expectation:
    """`ladder`: the wheel's, by hand. `roles`: who holds what, and when."""

    ladder: tuple[Rung, ...]
    roles: list[Role] = field(default_factory=list)
    meetings: dict[str, list[date]] = field(default_factory=dict)

    def reminders(self, plans: Iterable[Plan], day: date) -> set[Reminder]:
        return {
            Reminder(*_place(plan), rung.days, person)
            for plan in plans
            for rung in self.rungs(plan, day)
            for person in self.people(rung.to, plan, day)
        }

    def overview(self, plans: Iterable[Plan], day: date) -> set[Reminder]:
        """The overview on the first working day of a week: the plans due in it, and the overdue ones."""
        if day != almanac.weeks_first(day):
            return set()
        return {
            Reminder(*_place(plan), (day - plan.stage.last).days, person)
            for plan in plans
            if plan.stage.last is not None and (plan.stage.last - day).days <= AHEAD and requires_action(plan)
            # Plans that were late when the cycle was opened are left out.
            if plan.stage.last >= (plan.cycle.opened_at + timedelta(hours=2)).date()
            for person in self.people(["responsible"], plan, day)
        }

    def news(self, plans: Iterable[Plan], day: date) -> set[tuple[str, str]]:
        """Plan and person of each notice this morning about a step that opened at midnight or on a day off."""
        return {
            (plan.address, person)
            for plan in plans
            if requires_action(plan) and plan.stage.entered_at is not None and _opened_since(plan.stage.entered_at, day)
            for person in self.people(["responsible"], plan, day)
        }

    def rungs(self, plan: Plan, day: date) -> Iterator[Rung]:
        """Those of the ladder that fall on that day, if the plan stood there before the sending hour."""
        last, opens, entered = plan.stage.last, plan.stage.opens, plan.stage.entered_at
        if last is None or not -70 < (day - last).days < 30:  # no ladder reaches so far
            return
        if not requires_action(plan) or (entered is not None and entered >= utc(day, SENDING)):
            return
        for rung in self.ladder:
            long = opens is not None and (last - opens).days > rung.longer_than
            if almanac.shifted(self.last_meeting(plan) or last, rung.days) == day and (long or not rung.longer_than):
                yield rung

    def last_meeting(self, plan: Plan) -> date | None:
        """The last meeting of the body before the last day. It is known to be the last where a later one is known, or
        where it is at most six weeks before."""
        step, stage = plan.workflow.next_step(plan.state), plan.stage
        if step is None or not step.decision or stage.last is None or stage.source:
            return None
        days = self.meetings.get(plan.body(step.by or ""), [])
        opened = plan.cycle.opened_at.astimezone(STOCKHOLM).date()
        since = [day for day in (opened, stage.opens, stage.entered_on) if day]
        since += [stage.entered_at.astimezone(STOCKHOLM).date()] if stage.entered_at and not stage.entered_on else []
        before = [day for day in days if day <= stage.last]
        if not before or any(before[-1] < day for day in since) or before[-1] == stage.last:
            return None
        known = len(before) < len(days) or (stage.last - before[-1]).days <= 42
        return before[-1] if known else None

    def people(self, to: Iterable[str], plan: Plan, day: date) -> set[str]:
        found: set[str] = set()
        administrators = self._holders(["administrator"], "", day)
        for whom in to:
            if whom == "responsible":
                for body in plan.bodies_to_remind:
                    people = self._holders(PERSONS, body, day)
                    found |= people or self._holders(["function"], body, day) or administrators
                found |= set() if plan.bodies_to_remind else administrators
            elif whom == "administrators":
                found |= administrators
            elif plan.bodies_to_remind:
                found |= self._holders([whom], plan.bodies_to_remind[0], day)
        return found

    def on_duty(self, day: date) -> set[str]:
        return {role.person_id for role in self._roles_on(day)}

    def _holders(self, names: Iterable[str], body: str, day: date) -> set[str]:
        """The people who have one of the roles that day and are not replaced by a substitute."""
        here = [role for role in self._roles_on(day) if role.body == body]
        return {role.person_id for role in here if role.role in names} - {role.instead_of or "" for role in here}

    def _roles_on(self, day: date) -> list[Role]:
        return [r for r in self.roles if (r.valid_from or day) <= day <= (r.valid_to or day)]


def requires_action(plan: Plan) -> bool:
    return is_awake(plan) and not plan.workflow.state(plan.state).done


def is_awake(plan: Plan) -> bool:
    asleep = plan.held or plan.special_status in ("withdrawn", "not_concerned", "before_introduction")
    return not asleep and (not plan.cycle.draft or plan.is_timetable)


def _place(plan: Plan) -> tuple[str, str, int, int]:
    return plan.address, plan.state, plan.visit, plan.stage.version


def _opened_since(entered: datetime, day: date) -> bool:
    """On this very day or, since the last working one, on a day off. A local midnight is 22 or 23 o'clock in UTC."""
    opened = (entered + timedelta(hours=2)).date()
    return opened == day or (almanac.is_day_off(opened) and almanac.shifted(opened, 1) == day)
