"""Political decisions: the form, the objections to it, and its registration (docs/contract.md)."""

from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date
from typing import Any

from sqlalchemy import bindparam, insert, select

from wheel.database.tables import Decision, StateChange
from wheel.engine.plan import Plan
from wheel.engine.unit_of_work import UnitOfWork
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
_SAME = select(_TABLE.c.id).where(
    _TABLE.c.plan_id == bindparam("of"), _TABLE.c.step == bindparam("verb"),
    *(_TABLE.c[name] == bindparam(name) for name in ("body", "meeting", "paragraph", "point")),
)  # fmt: skip
_CHANGE = StateChange.__table__  # type: ignore[attr-defined]
_UNDONE = select(_CHANGE.c.decision).where(
    _CHANGE.c.plan_id == bindparam("of"), _CHANGE.c.undone, _CHANGE.c.decision.is_not(None)
)
_CORRECTION = select(_TABLE.c.id).where(_TABLE.c.corrects == bindparam("of")).order_by(_TABLE.c.id)
_ONE = select(_TABLE).where(_TABLE.c.id == bindparam("of"))
_RECORD = insert(_TABLE)
CORRECTED = select(_TABLE.c.corrects).where(_TABLE.c.corrects.is_not(None))  # what a later registration has mended


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


def form_objections(uow: UnitOfWork, plan: Plan, step: Step, form: DecisionForm) -> list[Reason]:
    """Objections to the form: missing fields, the wrong body, a meeting to come, a double registration."""
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
    return reasons + _not_so_decided(plan, step, form) + _registered_twice(uow, plan, step, form)


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


def _registered_twice(uow: UnitOfWork, plan: Plan, step: Step, form: DecisionForm) -> list[Reason]:
    same = {name: getattr(form, name) for name in ("body", "meeting", "paragraph", "point")}
    found = set(uow.connection.execute(_SAME, {**same, "of": plan.id, "verb": step.verb}).scalars())
    if not found or not found - undone_decisions(uow, plan):
        return []
    text = N_("This decision (§ {paragraph}, {on}) is already registered for the plan.")
    return [_formal("duplicate", text, step, paragraph=form.paragraph, on=form.meeting)]


def undone_decisions(uow: UnitOfWork, plan: Plan) -> set[int]:
    """The registrations of steps that were taken back as wrong clicks."""
    return set(uow.connection.execute(_UNDONE, {"of": plan.id}).scalars())


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


def record_of_step(uow: UnitOfWork, plan: Plan, step: Step, form: DecisionForm, reason: str) -> dict[str, Any]:
    """Register the decision, if the step is one. Returns its facts for the log."""
    return {"decision": record(uow, plan, step.verb, form, reason)} if step.decision else {}


def _formal(rule: str, message: str, step: Step, **facts: object) -> Reason:
    return Reason(rule, message, facts, step=step.verb)
