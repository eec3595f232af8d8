"""Where the year stands, for the administrators' mail of the week: how far the boards are, what is late, what
comes, what is paused, and what has to be looked at again."""

from collections.abc import Sequence
from datetime import date, timedelta
from operator import itemgetter

from sqlalchemy import select

from config.text.texts import Texts
from wheel.engine.boards_progress import children_of
from wheel.engine.plan import Plan
from wheel.engine.titles import title_of
from wheel.engine.unit_of_work import IN_RUNNING_CYCLES, PLAN, RUNS, UnitOfWork

AHEAD = timedelta(days=14)
LINES = 15  # of one kind; the rest is counted
_RUNNING = select(PLAN).where(IN_RUNNING_CYCLES).order_by(PLAN.c.id)


def year_report(uow: UnitOfWork, texts: Texts) -> tuple[tuple[str, str], ...]:
    """Labels and their lines; a label without lines says nothing."""
    plans = [(plan, uow.today(plan.cycle)) for plan in uow.readable(_RUNNING, since=uow.now - RUNS)]
    late = [(plan, today) for plan, today in plans if plan.status(today) == "overdue"]
    soon = [(plan, day) for plan, today in plans if (day := _comes(uow, plan, today))]
    return (
        (texts("Overdue"), _lines([(plan, plan.stage.last or date.max) for plan, _ in late], texts)),
        (texts("Due within two weeks"), _lines(soon, texts)),
        (texts("To look at again"), _titles([plan for plan, _ in plans if plan.flags and plan.is_active], texts)),
        (texts("Paused"), _titles([plan for plan, _ in plans if plan.held and plan.is_under_way], texts)),
        (texts("The boards"), "\n".join(_progress(uow, [plan for plan, _ in plans], texts))),
    )


def _comes(uow: UnitOfWork, plan: Plan, today: date) -> date | None:
    """The day, within two weeks, by which the plan is due: the last meeting before its deadline while that is to come,
    otherwise the deadline."""
    if plan.status(today) not in ("in_progress", "sent_back", "postponed") or not plan.requires_action(plan.state):
        return None
    meeting = uow.last_meeting(plan)
    day = meeting if meeting and meeting >= today else plan.stage.last
    return day if day and today <= day <= today + AHEAD else None


def _lines(found: Sequence[tuple[Plan, date]], texts: Texts) -> str:
    lines = []
    for plan, day in sorted(found, key=itemgetter(1))[:LINES]:
        bodies, last = plan.cycle.definition.wheel.bodies, plan.stage.last or day
        body = ", ".join(bodies[id].name.to(texts.language) for id in plan.owing)
        last_day = texts.at(texts.date(last), plan.stage.clock_of("last"))
        by = last_day if day == last else texts("{day} (last meeting before {last})", day=day, last=last_day)
        said = f"{by}: {title_of(plan, texts.language)}"
        lines.append(f"{said} ({body})" if body else said)
    if len(found) > LINES:
        lines.append(texts("… and {n} more", n=len(found) - LINES))
    return "\n".join(lines)


def _titles(found: Sequence[Plan], texts: Texts) -> str:
    lines = [title_of(plan, texts.language) for plan in found[:LINES]]
    if len(found) > LINES:
        lines.append(texts("… and {n} more", n=len(found) - LINES))
    return "\n".join(lines)


def _progress(uow: UnitOfWork, plans: Sequence[Plan], texts: Texts) -> list[str]:
    """How many boards are done, of each phase that is under way and that not all have finished."""
    lines = []
    for plan in plans:
        if plan.board is not None or plan.status(uow.today(plan.cycle)) not in ("in_progress", "overdue", "sent_back"):
            continue
        children = children_of(uow, plan)
        if children is None or not children.of:
            continue
        bodies = plan.cycle.definition.wheel.bodies
        done = texts("{done} of {of} boards are done", done=children.done, of=len(children.of))
        missing = [bodies[each.board].name.to(texts.language) for each in children.missing if each.board]
        if children.done and missing:  # where nobody is done, everybody is missing
            done = texts("{standing}. Missing: {bodies}", standing=done, bodies=", ".join(missing))
        if children.reopened:
            names = [bodies[each.board].name.to(texts.language) for each in children.reopened if each.board]
            done = texts("Open again, after the phase had counted them: {bodies}", bodies=", ".join(names))
        lines.append(f"{title_of(plan, texts.language)}: {done}")
    return lines
