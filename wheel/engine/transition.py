"""The one place where a plan's state changes: stages, entry, log, notices, alarms of those who wait for it."""

from datetime import date, datetime
from typing import Any

from notifications.notices import MOVED_ON, supersede
from wheel.engine.agenda import Alarm
from wheel.engine.dependents import wake_watchers
from wheel.engine.for_information import RECEIVED, tell_receiver
from wheel.engine.objections import came_at, waiting_for
from wheel.engine.plan import NO_STAGE, Mark, Matter
from wheel.engine.unit_of_work import Work
from workflows.definition.definition import Step


def move(
    work: Work,
    matter: Matter,
    to: str,
    *,
    action: str,
    at: datetime,
    mark: Mark | None = None,
    last: date | None = None,
    source: str | None = None,
    **data: Any,
) -> Matter:
    """Put the plan into the state `to`.

    `at`: the instant that it counts as entered (for a step of the calendar: when it was due). `last` and
    `source`: a new last day of the state entered, where one was given. `data` goes into the log.
    """
    left = matter.stage._replace(left_at=at)
    before = matter.stages.get(to, NO_STAGE)
    entered = before._replace(entries=before.entries + 1, entered_at=at, left_at=None)
    if last is not None:
        entered = entered.moved_to(last, source)
    undo = {
        "mark": matter.mark,
        "entry": matter.entry,
        "left": matter.stage.to_json(),
        "entered": before.to_json(),
    }
    stays = (RECEIVED,) if matter.workflow.reached(to, matter.state) else ()
    ended = supersede(work.session, matter.id, MOVED_ON, but=stays)
    after = work.save(
        matter,
        state=to,
        entry=entered.entries,
        mark=mark,
        stages={**matter.stages, matter.state: left, to: entered},
    )
    work.log(action, matter, **{"from": matter.state, "to": to, "entry": after.entry, "before": undo, **data})
    if ended:
        work.log("notice.superseded", matter, count=ended)
    wake_watchers(work, after, matter)
    return after


def take(work: Work, matter: Matter, step: Step, *, at: datetime, **data: Any) -> Matter:
    """Take a step: move, and tell those whose turn it is now.

    A decision that is added to what ended before the introduction brings back no work: the rest of its way ended too.
    """
    ended = matter.mark == "before_introduction" and not matter.workflow.state(step.to).done
    mark: Mark | None = "before_introduction" if ended else None
    after = move(work, matter, step.to, action="plan.advanced", at=at, mark=mark, step=step.verb, **data)
    tell_whose_turn(work, after, at=at, by_calendar=step.automatic == "date")
    tell_receiver(work, matter, after, at=at, by_calendar=step.automatic == "date")
    return after


def on_time(work: Work, matter: Matter, asked: str = "") -> Matter:
    """Take the steps that are due by themselves and that no tick has taken yet, so that an act is judged as if
    the daemon had been on time. `asked`: the step that the act itself will take."""
    while True:
        step = joined(work, matter)
        if step is not None and step.verb != asked:
            matter = take_joined(work, matter, step)
            continue
        due = next((a for a in work.agenda(matter) if a.step and a.at <= work.now), None)
        if due is None or due.step is None or due.step.verb == asked:
            return matter
        matter = take_due(work, matter, due)


def joined(work: Work, matter: Matter) -> Step | None:
    """The step that waited for other plans and waits no longer."""
    if matter.turn.draft or not matter.in_play or matter.held:
        return None
    waiting = [s for s in matter.workflow.steps_from(matter.state) if matter.waits_for_others(s)]
    return next((step for step in waiting if not waiting_for(work, matter, step)), None)


def take_joined(work: Work, matter: Matter, step: Step) -> Matter:
    """It counts as entered when the last of those it waited for had come, however late it is noticed."""
    due = min(came_at(work, matter, step) or work.now, work.now)
    with work.by_the_daemon():
        return take(work, matter, step, at=due, due=due)


def take_due(work: Work, matter: Matter, alarm: Alarm) -> Matter:
    """Take a step of the calendar; it counts as entered when it was due, or when the plan came there."""
    assert alarm.step is not None
    at = max(alarm.at, matter.stage.entered_at or alarm.at)
    with work.by_the_daemon():
        return take(work, matter, alarm.step, at=at, due=alarm.at)


def tell_whose_turn(work: Work, matter: Matter, *, at: datetime, by_calendar: bool = False) -> None:
    """Tell the responsible that their step has opened; what the calendar opens is told at the sending hour."""
    step = matter.workflow.next_step(matter.state)
    if step is None or not step.by or step.automatic or not matter.in_play or matter.workflow.state(matter.state).done:
        return
    if by_calendar and at < matter.turn.opened_at:
        return  # the cycle was opened in the middle of its year: no storm about what was under way
    people = work.directory.responsible(matter.owing, work.today(matter.turn))
    due = work.next_send(matter, at) if by_calendar else at
    work.notify(work.news(matter, "your_turn", people, due=due, at_once=not by_calendar))
