"""Political decisions: the form, the objections to it, and its registration (docs/contract.md)."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Row, bindparam, insert, select

from wheel.database.tables import Decision, Meeting, StateChange
from wheel.engine.plan import NO_RECORD, Plan
from wheel.engine.unit_of_work import UnitOfWork
from wheel.errors import NotFound
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
_SAME_PARAGRAPH = (
    select(_TABLE.c.plan_id).distinct().where(*(_TABLE.c[n] == bindparam(n) for n in ("body", "meeting", "paragraph")))
)
_NEAREST_MEETINGS = select(_MEETING.c.day).where(
    _MEETING.c.body == bindparam("body"), _MEETING.c.day.between(bindparam("first"), bindparam("last"))
)
_CHANGE = StateChange.__table__  # type: ignore[attr-defined]
_UNDONE = select(_CHANGE.c.decision).where(
    _CHANGE.c.plan_id.in_(bindparam("plans", expanding=True)), _CHANGE.c.undone, _CHANGE.c.decision.is_not(None)
)
_OF_PLANS = select(_TABLE).where(_TABLE.c.plan_id.in_(bindparam("plans", expanding=True))).order_by(_TABLE.c.id)
_MADE = select(_CHANGE).where(
    _CHANGE.c.plan_id.in_(bindparam("plans", expanding=True)), _CHANGE.c.decision.is_not(None)
)
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


class Registration(NamedTuple):
    """A registered decision, as the last correction of it has it.

    `ids`: of the first registration and of each that corrects the one before. `reason` and `day`: why the first one was
    made, and on which day it was typed in. `change`: the change of state that it made; None if it made none, or if that
    was taken back. `undone`: it was a wrong click, which nobody has decided.
    """

    ids: tuple[int, ...]
    plan: Plan
    step: str
    form: DecisionForm
    reason: str
    day: date
    change: Row[Any] | None
    undone: bool

    @property
    def takes_step(self) -> bool:
        """Whether it stands and its outcome takes the step."""
        return not self.undone and any(self.form.outcome in step.taken_by for step in _steps(self.plan, self.step))

    @property
    def adopts(self) -> bool:
        """Whether it stands and decides the matter."""
        return not self.undone and any(self.form.outcome in step.adopted_by for step in _steps(self.plan, self.step))


def _steps(plan: Plan, verb: str) -> list[Step]:
    return plan.workflow.steps_named(verb)


def registrations(uow: UnitOfWork, plans: Iterable[Plan]) -> list[Registration]:
    """The decisions of the plans, each as its last correction has it, in the order of their first registration."""
    of = {plan.id: plan for plan in plans}
    chains: dict[int, list[Row[Any]]] = {}
    first: dict[int, int] = {}
    for row in uow.connection.execute(_OF_PLANS, {"plans": list(of)}).all():
        first[row.id] = first.get(row.corrects, row.id)
        chains.setdefault(first[row.id], []).append(row)
    made = {row.decision: row for row in uow.connection.execute(_MADE, {"plans": list(of)}).all()} if chains else {}
    return [_registration(of[rows[0].plan_id], rows, made) for rows in chains.values()]


def _registration(plan: Plan, rows: list[Row[Any]], made: dict[int, Row[Any]]) -> Registration:
    """The decision that these rows register, in their order."""
    ids, newest = tuple(row.id for row in rows), rows[-1]
    form = DecisionForm(**{each.name: getattr(newest, each.name) for each in fields(DecisionForm)})
    changes = [made[id] for id in ids if id in made]
    change = changes[-1] if changes and not changes[-1].undone else None
    steps = _steps(plan, newest.step)
    moves = form.outcome == "sent_back" or not steps or any(form.outcome in step.taken_by for step in steps)
    day = plan.cycle.definition.wheel.calendar.local_date(rows[0].registered_at)
    undone = moves and bool(changes) and change is None
    return Registration(ids, plan, newest.step, form, rows[0].reason, day, change, undone)


def completed(uow: UnitOfWork, plan: Plan, step: Step, form: DecisionForm) -> DecisionForm:
    """The form with what goes without saying: the id of a body that is written by its name, the body where none is
    given, because only one can decide the step, and the diary number of the plan's latest decision.

    Raises NotFound for a body that the wheel does not have.
    """
    if not step.decision:
        return form
    deciders = plan.bodies(step.by)
    decides = deciders[0] if len(deciders) == 1 else ""
    body = deciding_body(plan, form.body) if form.body else decides
    earlier = [] if form.diary else [found.form.diary for found in registrations(uow, [plan]) if not found.undone]
    return replace(form, body=body, diary=form.diary or (earlier[-1] if earlier else ""))


def deciding_body(plan: Plan, name: str) -> str:
    """The id of the body that is written by its id, short name or name. Raises NotFound."""
    wheel = plan.cycle.definition.wheel
    if (body := wheel.body_named(name)) in wheel.bodies:
        return body
    text = N_("The body {name} does not exist. These exist: {names}.")
    raise NotFound(text, name=name, names=", ".join(wheel.bodies))


def form_objections(
    uow: UnitOfWork,
    plan: Plan,
    step: Step,
    form: DecisionForm,
    state: str = "",
    corrects: int | None = None,
    deciders: tuple[str, ...] = (),
) -> list[Reason]:
    """Objections to the form: missing fields, the wrong body, a meeting to come, a double registration; and warnings of
    a day or a § that can hardly be right.

    `state`: the one that the step left, if the plan has moved on. `corrects`: the registration that the form mends.
    `deciders`: the bodies that may decide so, if others than those of the step.
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
    deciders = deciders or plan.bodies(step.by)
    if form.body and form.body not in deciders:
        text = N_("{who} decides in this step, not {body}.")
        reasons.append(replace(_formal("body", text, step, body=form.body), who=deciders))
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


def decided_by(plan: Plan, step: Step, form: DecisionForm) -> dict[str, str | None]:
    """The body that has decided so, and its decision in one line: facts for the mail about it."""
    cited = citation(plan, form) if step.decision and form.meeting else None
    return {"by_body": form.body or (plan.body(step.by) if step.by else None), "cited": cited}


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
    same = {name: getattr(form, name) for name in ("body", "meeting", "paragraph")}
    ids = uow.connection.execute(_SAME_PARAGRAPH, same).scalars().all()
    found = [
        other
        for other in (registrations(uow, uow.plans_with_ids(ids).values()) if ids else [])
        if not other.undone and corrects not in other.ids
        and all(getattr(other.form, name) == value for name, value in same.items())
    ]  # fmt: skip
    if any((other.plan.id, other.step, other.form.point) == (plan.id, step.verb, form.point) for other in found):
        text = N_("This decision (§ {paragraph}, {on}) is already registered for the plan.")
        return [_formal("duplicate", text, step, paragraph=form.paragraph, on=form.meeting)]
    # A point may concern several plans, but is one decision on each of them.
    found = [
        other
        for other in found
        if not (other.form.point and form.point) or (other.plan.id == plan.id and other.form.point == form.point)
    ]
    facts: dict[str, Any] = {"paragraph": form.paragraph, "on": form.meeting}
    reasons = []
    if others := tuple(dict.fromkeys(other.plan.address for other in found if other.plan.id != plan.id)):
        text = N_("§ {paragraph} of {on} is registered for another decision too: {missing}. Give the point of each.")
        reasons.append(Reason("duplicate", text, {**facts, "missing": others}, severity="warn", step=step.verb))
    if any(other.plan.id == plan.id for other in found):
        text = N_("§ {paragraph} of {on} is registered for another decision on this plan too. Give the point of each.")
        reasons.append(Reason("duplicate", text, facts, severity="warn", step=step.verb))
    return reasons


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
    uow.wrote(_TABLE, id, row)
    return {"id": id, **{name: value for name, value in values.items() if value}}


def record_of_step(uow: UnitOfWork, plan: Plan, step: Step, form: DecisionForm, reason: str) -> dict[str, Any]:
    """Register the decision, if the step is one. Returns its facts for the log."""
    return {"decision": record(uow, plan, step.verb, form, reason)} if step.decision else {}


def _formal(rule: str, message: str, step: Step, **facts: object) -> Reason:
    return Reason(rule, message, facts, step=step.verb)
