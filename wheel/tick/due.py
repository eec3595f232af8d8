"""The one thing that is due next for each of some plans: a step of the calendar, a reminder, lateness, a new cycle."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from wheel.actions.snooze import ends
from wheel.cycles.open_cycle import is_open, open_cycle
from wheel.engine.agenda import Alarm
from wheel.engine.plan import Matter
from wheel.engine.transition import joined, take_due, take_joined
from wheel.engine.unit_of_work import News, Work
from workflows.definition.definition import Definition


class Round:
    """Plans that are woken at one instant. `moved`: what moved; `soonest`: when the first of them is due again.

    What only rings is written together, for on a sending hour that is every board of a phase.
    """

    def __init__(self, work: Work, newest: Callable[[], Definition]) -> None:
        self.moved: list[dict[str, Any]] = []
        self.soonest: datetime | None = None
        self._work = work
        self._newest = newest
        self._read: dict[int, Matter] = {}
        self._news: list[News] = []
        self._rung: list[Matter] = []

    def wake(self, ids: Iterable[int]) -> None:
        """One after the other, until one that was woken is due again before the next."""
        ids = list(ids)
        self._read = self._work.matters_of(ids)
        for id in ids:
            matter = self._read.get(id) or self._work.matter_of(id)
            at = matter.wake_at
            if self.soonest is not None and at is not None and self.soonest < at:
                break
            again_at = self._wake(matter)
            if again_at is not None:
                self.soonest = min(again_at, self.soonest or again_at)
        self._write()

    def _wake(self, matter: Matter) -> datetime | None:
        """When it is due again."""
        work = self._work
        if step := joined(work, matter):
            self._before_a_move()
            after = take_joined(work, matter, step)
            return self._has_moved(matter, after, after.stage.entered_at or work.now)
        due_now = [alarm for alarm in work.agenda(matter) if alarm.at <= work.now]
        if not due_now or (matter.wake_at is not None and matter.wake_at < due_now[0].at):
            # Somebody woke it, earlier than there was anything to do: it takes its place in the order of what is due.
            return self._rearm(matter, matter.handled_until)
        first = due_now[0]
        if first.kind == "step":
            self._before_a_move()
            return self._has_moved(matter, take_due(work, matter, first), first.at)
        for alarm in due_now:
            if alarm.at == first.at:
                self._ring(matter, alarm)
        return self._rearm(matter, first.at)

    def _ring(self, matter: Matter, alarm: Alarm) -> None:
        work = self._work
        if alarm.kind == "late":
            work.log("deadline.passed", matter, state=matter.state, last=matter.stage.last, due=alarm.at)
        elif alarm.kind == "next_cycle":
            turn = matter.turn
            rule = turn.definition.wheel.cycles[turn.kind]
            name = rule.name_of(turn.year + rule.every)
            if not is_open(work, name):
                self._before_a_move()
                open_cycle(work, self._newest(), name, alarm.at)
        elif alarm.rung is not None:
            day = work.calendar(matter.turn).local_date(alarm.at)
            people = work.directory.recipients(alarm.rung.to, matter.owing, day)
            until, offset = ends(work, matter), alarm.rung.days
            self._news.append(
                work.news(matter, "ladder", people, due=alarm.at, offset=offset, at_once=False, not_before=until)
            )

    def _rearm(self, matter: Matter, handled_until: datetime) -> datetime | None:
        after = matter.changed(handled_until=handled_until)
        wake_at = next((alarm.at for alarm in self._work.agenda(after)), None)
        self._rung.append(after.changed(wake_at=wake_at))
        return wake_at

    def _before_a_move(self) -> None:
        """It may wake those that have rung, and change those that are still to come: they are read anew."""
        self._write()
        self._read = {}

    def _has_moved(self, before: Matter, after: Matter, due: datetime) -> datetime | None:
        self.moved.append({"address": before.address, "from": before.state, "to": after.state, "due": due})
        return after.wake_at

    def _write(self) -> None:
        self._work.notify(*self._news)
        self._work.rearm_each(self._rung)
        self._news, self._rung = [], []
