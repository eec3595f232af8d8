"""Att göra: what a person has to do, and what the person's bodies decide at their next meeting."""

from datetime import date, timedelta

from sqlalchemy import select

from config.municipality.roles import roles
from wheel.documents.base import Day, Document, Flag
from wheel.engine.people_and_roles import ADMINISTRATORS, PERSONS
from wheel.engine.plan import Plan, Status
from wheel.engine.titles import title_of
from wheel.engine.unit_of_work import IN_RUNNING_CYCLES, PLAN, RUNS, UnitOfWork

SOON = timedelta(days=7)
_RUNNING = select(PLAN).where(IN_RUNNING_CYCLES)


class TaskRow(Document):
    """A plan whose next step the person's body owes. `days`: until its last day, negative when that has passed; None
    without a day. `decision`: whether the step is a political decision."""

    address: str
    title: str
    state_label: str
    step_label: str
    status: Status
    last: Day | None
    days: int | None
    decision: Flag


class TasksDocument(Document):
    """The tasks by urgency, each list by its last days. `next`: the last day of the first task that is not begun."""

    overdue: tuple[TaskRow, ...]
    soon: tuple[TaskRow, ...]
    later: tuple[TaskRow, ...]
    next: Day | None


def tasks(uow: UnitOfWork, person: str, today: date, language: str) -> TasksDocument:
    """What the person has to do, by the roles of today. An administrator records what others have decided, so what any
    body owes is among the tasks."""
    own, everything = _bodies(uow, person, today)
    plans = uow.plans(_RUNNING, since=uow.now - RUNS)
    mine = [plan for plan in plans if plan.is_active and not plan.held and _concerns(plan, own, everything)]
    rows = [_row(plan, plan.status(uow.today(plan.cycle)), today, language) for plan in mine]
    begun = sorted((row for row in rows if row.status not in ("upcoming", "draft")), key=_by_day)
    coming = [row.last for row in rows if row.status == "upcoming" and row.last]
    return TasksDocument(
        overdue=tuple(row for row in begun if row.status == "overdue"),
        soon=tuple(row for row in begun if row.status != "overdue" and _is_soon(row)),
        later=tuple(row for row in begun if row.status != "overdue" and not _is_soon(row)),
        next=min(coming, default=None),
    )


def _bodies(uow: UnitOfWork, person: str, today: date) -> tuple[set[str], bool]:
    """The bodies whose steps the person takes, and whether it is an administrator."""
    held = [role for role in uow.directory.roles_of(person) if role.on(today) and role.role in roles()]
    own = {role.body for role in held if role.role in PERSONS and roles()[role.role].own}
    return own, any(role.role in ADMINISTRATORS for role in held)


def _concerns(plan: Plan, own: set[str], everything: bool) -> bool:
    return bool(plan.owing) and (everything or not own.isdisjoint(plan.bodies_to_remind))


def _is_soon(row: TaskRow) -> bool:
    return row.days is not None and row.days <= SOON.days


def _by_day(row: TaskRow) -> tuple[date, str]:
    return row.last or date.max, row.address


def _row(plan: Plan, status: Status, today: date, language: str) -> TaskRow:
    step, last = plan.workflow.next_step(plan.state), plan.due.last
    return TaskRow(
        address=plan.address,
        title=title_of(plan, language),
        state_label=plan.workflow.state(plan.state).label.to(language),
        step_label=step.label.to(language) if step else "",
        status=status,
        last=last,
        days=(last - today).days if last else None,
        decision=bool(step and step.decision),
    )
