"""Political decisions: the form, the objections to it, and its registration (docs/contract.md)."""

from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date
from typing import Any

from sqlalchemy import Row, bindparam, insert, select

from wheel.database.tables import Decision, Meeting, StateChange
from wheel.engine.plan import NO_RECORD, Plan
from wheel.engine.unit_of_work import PLAN, UnitOfWork
from workflows.definition.definition import Step
from workflows.definition.outcomes import OUTCOMES
from workflows.messages import N_
from workflows.rules.named_rules import Reason

# Optional facts from the minutes, each with its help text.
DETAILS = {
    "proposal": N_("the proposal that it answers: the § and date of the proposing body"),
    "to_whom": N_("to whom it was sent back"),
    "minority": N_("yes, if a minority sent it back"),
    "attachments": N_("the attachments, each with its version"),
    "dispatched": N_("to whom it was dispatched, and when"),
    "valid_from": N_("the day from which it is valid"),
    "adjusted": N_("the day on which the minutes were approved (justerades)"),
    "posted": N_("the time that it was posted (anslag), from and to"),
    "appeal": N_("not appealable, running, appealed, laga kraft with its date, or set aside"),
    "reservations": N_("reservations and votes (they never change the outcome)"),
    "urgent_ground": N_("the ground of a chair's urgent decision"),
    "urgent_reported": N_("the meeting at which the chair's decision was reported"),
    "delegate": N_("who decided by delegation"),
    "delegation_point": N_("the point of the delegation order"),
}

# Statements that every decision runs, built once.
_TABLE = Decision.__table__  # type: ignore[attr-defined]
_MEETING = Meeting.__table__  # type: ignore[attr-defined]
CORRECTED = select(_TABLE.c.corrects).where(_TABLE.c.corrects.is_not(None))  # what a later registration has mended
_SAME_PARAGRAPH = (
    select(_TABLE.c.id, _TABLE.c.plan_id, _TABLE.c.step, _TABLE.c.point, PLAN.c.address)
    .join(PLAN, PLAN.c.id == _TABLE.c.plan_id)
    .where(*(_TABLE.c[name] == bindparam(name) for name in ("body", "meeting", "paragraph")))
    .where(_TABLE.c.id.not_in(CORRECTED))
)
_NEAREST_MEETINGS = select(_MEETING.c.day).where(
    _MEETING.c.body == bindparam("body"), _MEETING.c.day.between(bindparam("first"), bindparam("last"))
)
_CHANGE = StateChange.__table__  # type: ignore[attr-defined]
_UNDONE = select(_CHANGE.c.decision).where(
    _CHANGE.c.plan_id.in_(bindparam("plans", expanding=True)), _CHANGE.c.undone, _CHANGE.c.decision.is_not(None)
)
_CORRECTION = select(_TABLE.c.id).where(_TABLE.c.corrects == bindparam("of")).order_by(_TABLE.c.id)
_CORRECTED_BY = select(_TABLE.c.corrects).where(_TABLE.c.id == bindparam("of"))
_MOVED_BY = select(_CHANGE).where(_CHANGE.c.plan_id == bindparam("of"), _CHANGE.c.decision == bindparam("registered"))
_ONE = select(_TABLE).where(_TABLE.c.id == bindparam("of"))
_RECORD = insert(_TABLE)


@dataclass(frozen=True)
class DecisionForm:
    """A political decision as it is typed in. Lateness and order are judged by `meeting`, the day of the meeting.

    `details`: what else the minutes say, by the names of DETAILS. None of it moves the plan: a decision is carried
    out before it has laga kraft.
    """

    body: str = ""
    meeting: date | None = None
    paragraph: str = ""
    point: str = ""
    diary: str = ""
    outcome: str = ""
    text: str = ""
    link: str = ""
    details: dict[str, str] = field(default_factory=dict)

    @property
    def given(self) -> bool:
        return self != DecisionForm()


def form_objections(
    uow: UnitOfWork, plan: Plan, step: Step, form: DecisionForm, state: str = "", corrects: int | None = None
) -> list[Reason]:
    """Objections to the form: missing fields, the wrong body, a meeting to come, a double registration; and warnings of
    a day or a § that can hardly be right.

    `state`: the one that the step left, if the plan has moved on. `corrects`: the registration that the form mends.
    """
    today = uow.today(plan.cycle)
    if not step.decision:
        if not form.given:
            return []
        return [
            _formal("decision", N_("This step is not a political decision. Leave out the decision's fields."), step)
        ]
    needed = {
        "body": form.body, "date": form.meeting, "paragraph": form.paragraph, "diary": form.diary,
        "outcome": form.outcome,
    }  # fmt: skip
    reasons = []
    if missing := [name for name, value in needed.items() if not value]:
        text = N_("All fields of the decision are needed. Missing: {fields}.")
        reasons.append(_formal("decision", text, step, fields=tuple(missing)))
    if form.outcome and form.outcome not in OUTCOMES:
        text = N_("{outcome} is not an outcome. Choose one of: {outcomes}.")
        reasons.append(_formal("decision", text, step, outcome=form.outcome, outcomes=OUTCOMES))
    decides = plan.body(step.by) if step.by else ""
    if form.body and form.body != decides:
        text = N_("{who} decides in this step, not {body}.")
        reasons.append(replace(_formal("body", text, step, body=form.body), who=(decides,)))
    if form.meeting and form.meeting > today:
        text = N_("The meeting on {on} has not taken place yet. Record the decision when it has been made.")
        reasons.append(_formal("meeting", text, step, on=form.meeting))
    if form.meeting and form.meeting <= today:
        reasons += day_warnings(uow, plan, step, form.meeting, state) + _no_known_meeting(uow, step, form)
    return reasons + _not_so_decided(plan, step, form) + _registered_before(uow, plan, step, form, corrects)


def day_warnings(uow: UnitOfWork, plan: Plan, step: Step, on: date, state: str = "") -> list[Reason]:
    """Warnings of a day on which the step can hardly have been taken. It is recorded: who records it may be right.

    `state`: the one that the step left, if the plan has moved on.
    """
    if plan.special_status == "before_introduction":
        return []
    state = state or plan.state
    came = plan.stages.get(state, NO_RECORD).day_of_entry(uow.calendar(plan.cycle))
    opened = uow.calendar(plan.cycle).local_date(plan.cycle.opened_at)
    if came is not None and on < came:
        text = N_("{on} is before the plan came to “{state}” ({came}). Check the date.")
        return [_unlikely(text, step, on=on, came=came, state=state, workflow=plan.workflow.id)]
    if on < opened:
        text = N_("{on} is before the cycle {cycle} was opened ({opened}). Check the date.")
        return [_unlikely(text, step, on=on, cycle=plan.cycle.name, opened=opened)]
    return []


def _no_known_meeting(uow: UnitOfWork, step: Step, form: DecisionForm) -> list[Reason]:
    """A warning where the body's meetings of that calendar year are known and none is on that day."""
    on = form.meeting
    assert on is not None
    year = {"first": date(on.year, 1, 1), "last": date(on.year, 12, 31)}
    days = sorted(uow.connection.execute(_NEAREST_MEETINGS, {"body": form.body, **year}).scalars())
    if not days or on in days:
        return []
    nearest = tuple(sorted(sorted(days, key=lambda day: abs(day - on))[:2]))
    text = N_("{body} has no known meeting on {on}. The nearest known ones: {nearest}.")
    return [_unlikely(text, step, body=form.body, on=on, nearest=nearest)]


def _unlikely(message: str, step: Step, **facts: object) -> Reason:
    return Reason("meeting", message, facts, severity="warn", step=step.verb)


def citation(plan: Plan, form: DecisionForm) -> str:
    """`KS 2027-06-02 § 84`"""
    body = plan.cycle.definition.wheel.bodies.get(form.body)
    return f"{(body and body.short) or form.body} {form.meeting} § {form.paragraph}"


def source_of(plan: Plan, step: Step, form: DecisionForm) -> str:
    """Where a new last day comes from: the decision, or else the municipality itself."""
    if not step.decision or form.meeting is None:
        return "local choice"
    return citation(plan, form)


def _not_so_decided(plan: Plan, step: Step, form: DecisionForm) -> list[Reason]:
    """Objections to unknown details, and to ways of deciding that the law or the wheel forbids for this matter."""
    reasons = []
    if unknown := sorted(form.details.keys() - DETAILS.keys()):
        text = N_("A decision has no field {unknown}. These exist: {known}.")
        reasons.append(_formal("decision", text, step, unknown=tuple(unknown), known=tuple(DETAILS)))
    body = plan.cycle.definition.wheel.bodies.get(form.body)
    if "urgent_ground" in form.details:
        if body is not None and body.kind == "council":
            reasons.append(_formal("decision", N_("A chair cannot decide in place of the council."), step))
        if "urgent_reported" not in form.details:
            text = N_("Also give the meeting at which the chair's decision was reported.")
            reasons.append(_formal("decision", text, step))
    if "delegate" in form.details and not plan.cycle.definition.wheel.phases[plan.phase].delegable:
        text = N_("The body itself must decide in this matter. The decision cannot be delegated.")
        reasons.append(_formal("decision", text, step))
    return reasons


def _registered_before(
    uow: UnitOfWork, plan: Plan, step: Step, form: DecisionForm, corrects: int | None
) -> list[Reason]:
    """The same decision once more is refused. Another one on the same § is warned of, unless their points differ."""
    asked = {name: getattr(form, name) for name in ("body", "meeting", "paragraph")}
    found = uow.connection.execute(_SAME_PARAGRAPH, asked).all()
    if not found:
        return []
    gone = set(uow.connection.execute(_UNDONE, {"plans": [row.plan_id for row in found]}).scalars())
    found = [row for row in found if row.id not in gone and row.id != corrects]
    if any((row.plan_id, row.step, row.point) == (plan.id, step.verb, form.point) for row in found):
        text = N_("This decision (§ {paragraph}, {on}) is already registered for the plan.")
        return [_formal("duplicate", text, step, paragraph=form.paragraph, on=form.meeting)]
    found = [row for row in found if not (row.point and form.point)]
    if not found:
        return []
    text = N_("§ {paragraph} of {on} is registered for another decision too: {missing}. Give the point of each.")
    others = tuple(dict.fromkeys(row.address for row in found))
    facts = {"paragraph": form.paragraph, "on": form.meeting, "missing": others}
    return [Reason("duplicate", text, facts, severity="warn", step=step.verb)]


def undone_decisions(uow: UnitOfWork, plan: Plan) -> set[int]:
    """The registrations of steps that were taken back as wrong clicks."""
    return set(uow.connection.execute(_UNDONE, {"plans": [plan.id]}).scalars())


def record(
    uow: UnitOfWork, plan: Plan, verb: str, form: DecisionForm, reason: str, corrects: int | None = None
) -> dict[str, Any]:
    """Register the decision. Returns its facts for the log."""
    values = asdict(form)
    row = {
        "plan_id": plan.id, "step": verb, "reason": reason, "registered_by": uow.actor, "registered_at": uow.now,
        "corrects": corrects, **values,
    }  # fmt: skip
    id: int = uow.connection.execute(_RECORD, row).inserted_primary_key[0]  # type: ignore[index]
    return {"id": id, **{name: value for name, value in values.items() if value}}


def newest_registration(uow: UnitOfWork, id: int) -> tuple[int, str, DecisionForm]:
    """The id, step and content of the last correction of that registration, or of the registration itself."""
    while (later := uow.connection.execute(_CORRECTION, {"of": id}).scalar()) is not None:
        id = later
    row = uow.connection.execute(_ONE, {"of": id}).one()
    return id, row.step, DecisionForm(**{each.name: getattr(row, each.name) for each in fields(DecisionForm)})


def move_by(uow: UnitOfWork, plan: Plan, id: int) -> Row[Any] | None:
    """The change of state that the registration, or the one that it corrects, made; None if it moved nothing, or if
    what it moved was taken back."""
    registered: int | None = id
    while registered is not None:
        found = uow.connection.execute(_MOVED_BY, {"of": plan.id, "registered": registered}).one_or_none()
        if found is not None:
            return None if found.undone else found
        registered = uow.connection.execute(_CORRECTED_BY, {"of": registered}).scalar()
    return None


def record_of_step(uow: UnitOfWork, plan: Plan, step: Step, form: DecisionForm, reason: str) -> dict[str, Any]:
    """Register the decision, if the step is one. Returns its facts for the log."""
    return {"decision": record(uow, plan, step.verb, form, reason)} if step.decision else {}


def _formal(rule: str, message: str, step: Step, **facts: object) -> Reason:
    return Reason(rule, message, facts, step=step.verb)
