"""Handles the next due event of each plan: a calendar step, a reminder, a passed deadline, a new cycle."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from wheel.cycles.open_cycle import DueOpening
from wheel.engine.agenda import Alarm
from wheel.engine.plan import Plan
from wheel.engine.transition import finished_join, take_calendar_step, take_finished_join
from wheel.engine.unit_of_work import NoticeBatch, UnitOfWork
from wheel.engine.withheld_reminders import snooze_ends
from wheel.tick.open_due_cycles import open_next
from workflows.definition.definition import Definition


class DueBatch:
    """Plans that are due at one instant. `moved`: the plans that changed state; `soonest`: when the first is due again.

    Plans that only fire a reminder are saved in one batch: at the sending hour that is every board of a phase.
    """

    def __init__(self, uow: UnitOfWork, newest: Callable[[], Definition]) -> None:
        self.moved: list[dict[str, Any]] = []
        self.soonest: datetime | None = None
        self._uow = uow
        self._newest = newest
        self._read: dict[int, Plan] = {}
        self._news: list[NoticeBatch] = []
        self._rescheduled: list[Plan] = []

    def process(self, ids: Iterable[int]) -> None:
        """Process them in this order, and stop where one that was processed is due again before the next one."""
        ids = list(ids)
        self._read = self._uow.plans_with_ids(ids)
        for id in ids:
            plan = self._read.get(id) or self._uow.plan_with_id(id)
            at = plan.wake_at
            if self.soonest is not None and at is not None and self.soonest < at:
                break
            again_at = self._process(plan)
            if again_at is not None:
                self.soonest = min(again_at, self.soonest or again_at)
        self._write()

    def _process(self, plan: Plan) -> datetime | None:
        """Returns when the plan is due again (UTC)."""
        uow = self._uow
        if step := finished_join(uow, plan):
            self._before_a_move()
            after = take_finished_join(uow, plan, step)
            return self._has_moved(plan, after, after.stage.entered_at or uow.now)
        due_now = [alarm for alarm in uow.agenda(plan) if alarm.at <= uow.now]
        if not due_now or (plan.wake_at is not None and plan.wake_at < due_now[0].at):
            # Its alarm was too early, and nothing is due yet: it takes its place in the order again.
            return self._reschedule(plan, plan.handled_until)
        first = due_now[0]
        if first.kind == "step":
            self._before_a_move()
            return self._has_moved(plan, take_calendar_step(uow, plan, first), first.at)
        for alarm in due_now:
            if alarm.at == first.at:
                self._fire(plan, alarm)
        return self._reschedule(plan, first.at)

    def _fire(self, plan: Plan, alarm: Alarm) -> None:
        uow = self._uow
        if alarm.kind == "late":
            uow.log("deadline.passed", plan, state=plan.state, last=plan.stage.last, due=alarm.at)
        elif alarm.kind == "next_cycle":
            cycle = plan.cycle
            rule = cycle.definition.wheel.cycles[cycle.kind]
            self._before_a_move()
            open_next(uow, self._newest, DueOpening(rule.name_of(cycle.year + rule.every), alarm.at))
        elif alarm.rung is not None:
            day = uow.calendar(plan.cycle).local_date(alarm.at)
            people = uow.directory.recipients(alarm.rung.to, plan.bodies_to_remind, day)
            until, offset = snooze_ends(uow, plan), alarm.rung.days
            self._news.append(
                uow.news(plan, "ladder", people, due=alarm.at, offset=offset, at_once=False, not_before=until)
            )

    def _reschedule(self, plan: Plan, handled_until: datetime) -> datetime | None:
        after = plan.changed(handled_until=handled_until)
        wake_at = next((alarm.at for alarm in self._uow.agenda(after)), None)
        self._rescheduled.append(after.changed(wake_at=wake_at))
        return wake_at

    def _before_a_move(self) -> None:
        """Save the batch and forget the plans that were read: the move may set alarms of plans that have fired, and
        change plans that are still to come."""
        self._write()
        self._read = {}

    def _has_moved(self, before: Plan, after: Plan, due: datetime) -> datetime | None:
        self.moved.append({"address": before.address, "from": before.state, "to": after.state, "due": due})
        return after.wake_at

    def _write(self) -> None:
        self._uow.notify(*self._news)
        self._uow.reschedule(self._rescheduled)
        self._news, self._rescheduled = [], []
