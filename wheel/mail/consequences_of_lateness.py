"""The consequence of a late plan: which body waits for it, and when that body is to take it up."""

from datetime import date

from sqlalchemy import func, select
from sqlmodel import col

from config.text.texts import Texts
from wheel.database.tables import Meeting
from wheel.engine.plan import NO_RECORD, Plan
from wheel.engine.unit_of_work import UnitOfWork
from workflows.definition.definition import Step


def next_body_waiting(uow: UnitOfWork, plan: Plan, whole: Plan, texts: Texts) -> str:
    """The next decision that waits for the plan: "Kommunstyrelsen behandlar det den 14 oktober 2027".

    `whole`: the plan that it is a part of, or itself. Empty where nobody is to decide anything, and where the body that
    decides is late itself (see `next_meeting`).
    """
    found = _decision(plan) or _decision(whole) or _of_another_phase(uow, plan) or _next_taker(plan)
    if found is None or _is_late_itself(plan, found[1]):
        return ""
    at_stake, step = found
    body = at_stake.body(step.by or "")
    name = at_stake.cycle.definition.wheel.bodies[body].name
    stage = at_stake.stages.get(step.from_[-1], NO_RECORD)
    today = uow.today(plan.cycle)
    if day := _meeting(uow, body, max(today, stage.opens or today)):
        return texts("{body} considers the matter on {day}", body=name, day=day)
    if step.decision and stage.last and stage.last >= today:
        last = texts.at(texts.date(stage.last), stage.clock_of("last"))
        return texts("{body} must decide by {day}", body=name, day=last)
    return texts("{body}", body=name)


def next_meeting(uow: UnitOfWork, plan: Plan) -> date | None:
    """The next meeting at which the body can decide a plan whose decision it owes."""
    step = plan.workflow.next_step(plan.state)
    if step is None or not step.decision or step.by is None:
        return None
    return _meeting(uow, plan.body(step.by), max(uow.today(plan.cycle), plan.stage.opens or date.min))


def _is_late_itself(plan: Plan, step: Step) -> bool:
    return step.decision and step == plan.workflow.next_step(plan.state)


def _decision(plan: Plan) -> tuple[Plan, Step] | None:
    ahead = plan.workflow.way_ahead(plan.state)
    return next(((plan, step) for step in ahead if step.decision and step.by), None)


def _of_another_phase(uow: UnitOfWork, plan: Plan) -> tuple[Plan, Step] | None:
    """A decision that a rule of the wheel forbids until this one has come far enough."""
    for id, phase in plan.cycle.definition.wheel.phases.items():
        waits = {verb for verb, of in phase.steps.items() if any(use.phase == plan.phase for use in of.rules)}
        for other in uow.plans_of(plan.cycle, id, boards=False) if waits else ():
            ahead = other.workflow.way_ahead(other.state)
            if step := next((s for s in ahead if s.verb in waits and s.decision and s.by), None):
                return other, step
    return None


def _next_taker(plan: Plan) -> tuple[Plan, Step] | None:
    """The body that takes the step after the late one, if it is another body. Used if no decision is ahead."""
    owed_by = plan.owed_by()
    ahead = plan.workflow.way_ahead(plan.state)
    return next(((plan, step) for step in ahead if step.by and owed_by not in plan.bodies(step.by)), None)


def _meeting(uow: UnitOfWork, body: str, first: date) -> date | None:
    query = select(func.min(col(Meeting.day))).where(col(Meeting.body) == body, col(Meeting.day) >= first)
    found: date | None = uow.session.execute(query).scalar_one()
    return found
