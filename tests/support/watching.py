"""The checker of a walk through the days: what left, and what is in the database, against what must be."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlmodel import col

from notifications.tables import Message, Notice
from tests.support import almanac
from tests.support.almanac import DAY, utc
from tests.support.expecting import SENDING, Expectation, Reminder, is_awake
from wheel.audit.journal import verify
from wheel.database.store import Store
from wheel.database.tables import Person
from wheel.engine.plan import Plan


class Received(NamedTuple):
    """The mails that the receiving server has got, and when."""

    to: str
    at: datetime
    message_id: str


@dataclass
class Watch:
    """`findings`: what was not as it must be, a sentence each."""

    store: Store
    expect: Expectation
    findings: list[str] = field(default_factory=list)
    reminders: int = 0
    overviews: int = 0
    _must: tuple[set[Reminder], set[Reminder]] = (set(), set())
    _moved: set[tuple[str, str, int]] = field(default_factory=set)
    _told: set[str] = field(default_factory=set)

    def before_sending(self, plans: Mapping[int, Plan], day: date) -> None:
        self._must = self.expect.reminders(plans.values(), day), self.expect.overview(plans.values(), day)

    def after_sending(self, plans: Mapping[int, Plan], day: date, received: Sequence[Received]) -> None:
        """Assert that exactly the expected notices were planned, and that they were sent within that hour."""
        reminders, overview = self._must
        self.reminders += len(reminders)
        self.overviews += len(overview)
        left = {each.message_id for each in received if each.at == utc(day, SENDING)}
        # A notice about a plan that requires action replaces the line of the overview on the same day.
        said = {(each.address, each.person) for each in reminders} | self.expect.news(plans.values(), day)
        for rule, must, due in (("ladder", reminders, SENDING), ("overview", overview, time())):
            noted = self._noted(plans, rule, utc(day, due))
            self._find(day, f"missing of the {rule}", must - noted.keys())
            self._find(day, f"not expected of the {rule}", noted.keys() - must)
            for each, (outcome, message_id) in noted.items():
                yields = rule == "overview" and (each.address, each.person) in said
                if (outcome, message_id in left) != (("superseded", False) if yields else ("sent", True)):
                    self._find(day, f"{outcome}, and did not leave as it should", [each])

    def _noted(
        self, plans: Mapping[int, Plan], rule: str, due: datetime
    ) -> dict[Reminder, tuple[str, str | None]]:  # fmt: skip
        """The notices planned for that instant, with their outcomes and mails."""
        query = (
            select(Notice, col(Message.message_id))
            .outerjoin(Message, col(Notice.message_id) == col(Message.id))
            .where(col(Notice.rule) == rule, col(Notice.due) == due)
        )
        with self.store.reading() as session:
            found = session.execute(query).all()
        return {
            Reminder(
                plans[n.plan_id].address, n.state, n.entry, n.deadline_version, n.offset, n.person_id
            ): (n.outcome, message_id)
            for n, message_id in found
        }  # fmt: skip

    def moved(self, moved: dict[str, Any], entry: int, now: datetime) -> None:
        """A step of the calendar: not before its time, and once in each visit."""
        place = moved["address"], moved["to"], entry
        if place in self._moved:
            self._find(now, "taken twice", [place])
        self._moved.add(place)
        if moved["due"] > now:
            self._find(now, "too early", [place])

    def after_midnight(self, plans: Mapping[int, Plan], day: date) -> None:
        """No plan stands before a state that the calendar has opened by now."""
        for plan in filter(is_awake, plans.values()):
            for step in plan.workflow.steps_from(plan.state):
                stage = plan.stages.get(step.to)
                if step.automatic == "date" and stage and stage.opens and stage.opens <= day:
                    self._find(day, f"not opened on {stage.opens}", [(plan.address, step.to)])

    def after_the_day(self, day: date, received: Sequence[Received]) -> None:
        """Each mail and each notice came once, to somebody who has a role, not on a day off; of scheduled mails one
        for each person."""
        if not received:
            return
        if almanac.is_day_off(day):
            self._find(day, "mailed on a day off", received)
        ids = Counter(each.message_id for each in received)
        self._find(day, "mailed twice", [id for id, times in ids.items() if times > 1])
        query = (
            select(
                col(Message.message_id), col(Message.person_id), col(Person.email), col(Notice.key), col(Notice.at_once)
            )
            .join(Message, col(Notice.message_id) == col(Message.id))
            .join(Person, col(Message.person_id) == col(Person.id))
            .where(col(Message.message_id).in_(ids))
        )
        with self.store.reading() as session:
            rows = session.execute(query).all()
        keys = [row.key for row in rows]
        self._find(day, "told twice", self._told.intersection(keys))
        self._told.update(keys)
        scheduled = Counter(
            person for _, person in {(row.message_id, row.person_id) for row in rows if not row.at_once}
        )
        self._find(day, "more than one scheduled mail", [who for who, mails in scheduled.items() if mails > 1])
        theirs = {row.message_id: row.email for row in rows}
        self._find(day, "to another address", [each for each in received if each.to != theirs.get(each.message_id)])
        self._find(day, "to somebody without a role", {row.person_id for row in rows} - self.expect.on_duty(day))

    def at_the_end(self, now: datetime) -> None:
        """Every notice has ended well or is still to come, every mail was sent, and the log is whole."""
        with self.store.reading() as session:
            waits = col(Notice.outcome) == "planned", col(Notice.send_after) <= now - DAY
            lost = col(Notice.outcome).in_(("failed", "expired", "withheld"))
            for what, where in (("waits", waits), ("is lost", (lost,))):
                self._find(now, what, session.execute(select(col(Notice.key)).where(*where)).scalars().all())
            unsent = select(func.count(col(Message.id))).where(col(Message.status) != "sent")
            if session.execute(unsent).scalar_one() or not verify(session).ok:
                self._find(now, "a mail that was not sent, or a broken log", [""])

    def _find(self, when: object, what: str, which: Any) -> None:
        self.findings += [f"{when}: {what}: {each}" for each in which]
