"""Where the year stands, for the administrators' mail of the week: how far the boards are, what is late, what
comes, what is paused, and what has to be looked at again."""

from collections.abc import Sequence
from datetime import date, timedelta

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
    soon = [(plan, today) for plan, today in plans if _comes(plan, today)]
    return (
        (texts("Overdue"), _lines(sorted(late, key=_last), texts)),
        (texts("Due within two weeks"), _lines(sorted(soon, key=_last), texts)),
        (texts("To look at again"), _titles([plan for plan, _ in plans if plan.flags and plan.is_active], texts)),
        (texts("Paused"), _titles([plan for plan, _ in plans if plan.held and plan.is_under_way], texts)),
        (texts("The boards"), "\n".join(_progress(uow, [plan for plan, _ in plans], texts))),
    )


def _comes(plan: Plan, today: date) -> bool:
    last = plan.stage.last
    owed = plan.status(today) in ("in_progress", "sent_back", "postponed") and plan.requires_action(plan.state)
    return owed and last is not None and today <= last <= today + AHEAD


def _last(found: tuple[Plan, date]) -> date:
    return found[0].stage.last or date.max


def _lines(found: Sequence[tuple[Plan, date]], texts: Texts) -> str:
    lines = []
    for plan, _ in found[:LINES]:
        owed_by = plan.owed_by()
        body = plan.cycle.definition.wheel.bodies[owed_by].name.to(texts.language) if owed_by else ""
        said = f"{texts.date(plan.stage.last)}: {title_of(plan, texts.language)}" if plan.stage.last else ""
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
        done = texts("{done} of {of} boards are done", done=children.done, of=len(children.of))
        if children.reopened:
            bodies = plan.cycle.definition.wheel.bodies
            names = [bodies[each.board].name.to(texts.language) for each in children.reopened if each.board]
            done = texts("Open again, after the phase had counted them: {bodies}", bodies=", ".join(names))
        lines.append(f"{title_of(plan, texts.language)}: {done}")
    return lines
