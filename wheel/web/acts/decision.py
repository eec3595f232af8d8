"""The political decision as a form: a step that a body takes, its return, its postponement, its correction."""

from collections.abc import Collection, Iterable
from typing import Any

from wheel.actions.advance import advance
from wheel.actions.correct import correct
from wheel.actions.postpone import postpone
from wheel.actions.send_back import send_back
from wheel.decision_reference import parse_reference
from wheel.engine.decisions import DETAILS, DecisionForm, registrations
from wheel.engine.plan import Plan
from wheel.errors import Usage
from wheel.format import OUTCOMES
from wheel.reads.registers import decisions_of, last_meetings
from wheel.web.acts.act import Act, Call, Field
from wheel.web.forms import Form
from wheel.web.visit import Visit
from workflows.definition.definition import Step
from workflows.messages import N_

WHY_SENT_BACK = N_("The reason is missing. Write word for word what must be completed.")


def deciding_steps(plan: Plan) -> list[Step]:
    """The decisions that can be made now."""
    return [step for step in plan.possible_steps if step.decision]


def _body_names(plan: Plan, ids: Iterable[str], language: str) -> dict[str, str]:
    bodies = plan.cycle.definition.wheel.bodies
    return {id: bodies[id].name.to(language) for id in ids}


def _meetings(visit: Visit, bodies: Collection[str]) -> tuple[tuple[str, str], ...]:
    """The latest meetings of the bodies, newest first: value and label."""
    return tuple((f"{day}", visit.texts.long_date(day)) for day in last_meetings(visit.uow, bodies, visit.day))


class Decide(Act):
    """A body decides: the step is taken, or the matter goes another way."""

    path, verb = "beslut", "decide"
    title = N_("Record a decision")
    lead = N_("What a body has decided at a meeting. Nothing changes before you have confirmed it.")
    outcome = ""  # the one that goes without saying

    def bodies(self, plan: Plan) -> Iterable[str]:
        # Where none can be made now, those who could: they are told that, and not that their roles forbid it.
        steps = deciding_steps(plan) or [step for step in plan.workflow.steps if step.decision]
        return [body for step in steps for body in plan.bodies(step.by)]

    def fits(self, visit: Visit, plan: Plan) -> bool:
        return plan.is_active and bool(deciding_steps(plan))

    def fields(self, visit: Visit, plan: Plan) -> list[Field]:
        t = visit.texts
        steps = {step.verb: step.label.to(t.language) for step in deciding_steps(plan)}
        bodies = _body_names(plan, dict.fromkeys(self.bodies(plan)), t.language)
        example = "KF 2027-06-16 § 88, dnr KS 2026/300"
        found = []
        if len(steps) > 1:
            found.append(Field("step", t(N_("What is decided")), "radio", choices=tuple(steps.items())))
        found += [
            Field(
                "reference",
                t(N_("Paste the reference")),
                hint=t(N_("Such as {example}. Otherwise fill in the fields below."), example=example),
            ),
            Field("body", t(N_("The body that decides")), "radio", choices=tuple(bodies.items())),
            Field("date", t(N_("Day of the meeting")), "date", choices=_meetings(visit, bodies)),
            Field("paragraph", t(N_("§")), hint=t(N_("The paragraph of the minutes, such as 88."))),
            Field("diary", t(N_("Diary number")), hint=t(N_("Such as {example}."), example="KS 2026/300")),
        ]
        if not self.outcome:
            choices = tuple((outcome, t(label).capitalize()) for outcome, label in OUTCOMES.items())
            found.append(Field("outcome", t(N_("Outcome")), "radio", choices=choices))
        found += [
            *self.new_day(visit),
            Field("point", t(N_("Point")), hint=t(N_("If the paragraph has several.")), more=True),
        ]
        found += [
            Field("text", t(N_("The decision word for word")), "area", more=True),
            Field("link", t(N_("Link to the minutes")), more=True),
        ]
        return found + [Field(name, t(hint).capitalize(), more=True) for name, hint in DETAILS.items()]

    def new_day(self, visit: Visit) -> list[Field]:
        t = visit.texts
        hint = t(N_("Only if the matter is referred back or postponed: the day by which it has to be here again."))
        return [Field("new_date", t(N_("New deadline")), "date", hint=hint)]

    def preset(self, visit: Visit, plan: Plan) -> dict[str, str]:
        bodies = list(dict.fromkeys(self.bodies(plan)))
        earlier = [found.form.diary for found in registrations(visit.uow, [plan]) if not found.undone]
        meetings = _meetings(visit, bodies)
        return {
            "body": bodies[0] if len(bodies) == 1 else "",
            "diary": earlier[-1] if earlier else "",
            "date": meetings[0][0] if meetings else "",
            "outcome": self.outcome,
        }

    def call(self, visit: Visit, plan: Plan, form: Form) -> Call:
        steps = {step.verb: step.label.to("sv") for step in deciding_steps(plan)}
        verb = next(iter(steps)) if len(steps) == 1 else form.get("step")
        if steps and verb not in steps:
            form.faults["step"] = visit.texts(N_("Choose what is decided."))
        decided = self.decided(visit, plan, form)
        new_date = form.day("new_date", visit.texts)
        if new_date and decided.outcome in OUTCOMES and decided.outcome not in ("sent_back", "postponed"):
            text = N_("A new deadline belongs to a matter that is referred back or postponed. Leave the field empty.")
            form.faults["new_date"] = visit.texts(text)
        return Call(plan.address, verb, advance, (plan.address, verb, decided, new_date))

    def decided(self, visit: Visit, plan: Plan, form: Form) -> DecisionForm:
        """The decision as the fields have it, all missing ones noted."""
        t, typed = visit.texts, form
        pasted = _pasted(visit, form)
        bodies = _body_names(plan, dict.fromkeys(self.bodies(plan)), t.language)
        wheel = plan.cycle.definition.wheel
        body = wheel.body_named(pasted["body"]) if "body" in pasted else typed.get("body")
        if body not in bodies:
            names = ", ".join(bodies.values())
            form.faults["body"] = t(N_("Choose the body that has decided: {names}."), names=names)
        day = pasted.get("meeting") or form.day("date", t, t(N_("Write the day of the meeting.")))
        paragraph = pasted.get("paragraph") or typed.get("paragraph").removeprefix("§").strip()
        diary = pasted.get("diary") or typed.get("diary")
        if not paragraph:
            form.faults["paragraph"] = t(N_("Write the paragraph of the minutes."))
        if not diary:
            form.faults["diary"] = t(N_("Write the diary number."))
        outcome = self.outcome or typed.get("outcome")
        if outcome not in OUTCOMES:
            form.faults["outcome"] = t(N_("Choose the outcome."))
        return DecisionForm(
            body=body,
            meeting=day,
            paragraph=paragraph,
            point=pasted.get("point") or typed.get("point"),
            diary=diary,
            outcome=outcome,
            text=typed.get("text"),
            link=typed.get("link"),
            details={name: typed.get(name) for name in DETAILS if typed.get(name)},
        )

    def reason_needed(self, form: Form) -> str:
        return WHY_SENT_BACK if form.get("outcome") == "sent_back" else ""


def _pasted(visit: Visit, form: Form) -> dict[str, Any]:
    """The fields of the reference that was pasted, which go before the others."""
    if not (text := form.get("reference")):
        return {}
    try:
        return parse_reference(text)
    except Usage as error:
        form.faults["reference"] = visit.texts(error.message, **error.facts)
        return {}


class SendBack(Decide):
    """A body refers the matter back (återremiss), or an official returns it for completion."""

    path, verb = "aterremiss", "send-back"
    title = N_("Send back to be completed")
    lead = N_("The matter goes back to those who prepared it. The reason stands word for word in their mail.")
    outcome = "sent_back"

    def bodies(self, plan: Plan) -> Iterable[str]:
        step = plan.workflow.next_step(plan.state)
        return plan.bodies(step.by) if step and step.by else super().bodies(plan)

    def fits(self, visit: Visit, plan: Plan) -> bool:
        return plan.is_active and bool(plan.workflow.state(plan.state).returns_to)

    def _is_decision(self, plan: Plan) -> bool:
        step = plan.workflow.next_step(plan.state)
        return step is not None and step.decision

    def fields(self, visit: Visit, plan: Plan) -> list[Field]:
        return super().fields(visit, plan) if self._is_decision(plan) else self.new_day(visit)

    def new_day(self, visit: Visit) -> list[Field]:
        hint = visit.texts(N_("The day by which it has to be complete."))
        return [Field("new_date", visit.texts(N_("New deadline")), "date", hint=hint)]

    def call(self, visit: Visit, plan: Plan, form: Form) -> Call:
        decided = self.decided(visit, plan, form) if self._is_decision(plan) else DecisionForm()
        new_date = form.day("new_date", visit.texts)
        return Call(plan.address, self.verb, send_back, (plan.address, decided, new_date))

    def reason_needed(self, form: Form) -> str:
        return WHY_SENT_BACK


class Postpone(Decide):
    """A body puts the matter off to a later meeting (bordläggning)."""

    path, verb = "bordlagg", "postpone"
    title = N_("Postpone to a later meeting")
    lead = N_("The body decides at a later meeting. Nothing has to be added.")
    outcome = "postponed"

    def new_day(self, visit: Visit) -> list[Field]:
        hint = visit.texts(N_("The meeting at which it is decided instead."))
        return [Field("new_date", visit.texts(N_("New day")), "date", hint=hint)]

    def call(self, visit: Visit, plan: Plan, form: Form) -> Call:
        decided, new_date = self.decided(visit, plan, form), form.day("new_date", visit.texts)
        return Call(plan.address, self.verb, postpone, (plan.address, decided, new_date))

    def reason_needed(self, form: Form) -> str:
        return ""


class Correct(Decide):
    """The registration of a decision was wrong. The old one is kept."""

    path, verb = "ratta", "correct"
    title = N_("Correct a registration")
    lead = N_("The new facts replace the wrong ones, which stay in the log.")

    def bodies(self, plan: Plan) -> Iterable[str]:
        return [body for step in plan.workflow.steps if step.decision for body in plan.bodies(step.by)]

    def fits(self, visit: Visit, plan: Plan) -> bool:
        return bool(decisions_of(visit.uow, plan))

    def fields(self, visit: Visit, plan: Plan) -> list[Field]:
        t = visit.texts
        found = [field for field in super().fields(visit, plan) if field.name not in ("step", "new_date")]
        return [Field("post", t(N_("Entry of the log")), hint=t(N_("The number of the entry that was wrong."))), *found]

    def preset(self, visit: Visit, plan: Plan) -> dict[str, str]:
        entry = visit.request.query_params.get("post", "")
        wrong = next((each for each in decisions_of(visit.uow, plan) if entry in ("", str(each["seq"]))), None)
        if wrong is None:
            return {"post": entry}
        held = wrong["data"]["decision"]
        names = {"date": "meeting"}
        fields = ("body", "date", "paragraph", "point", "diary", "outcome", "text", "link")
        preset = {name: str(held.get(names.get(name, name)) or "") for name in fields}
        return {**preset, "post": str(wrong["seq"])}

    def call(self, visit: Visit, plan: Plan, form: Form) -> Call:
        entry, decided = form.number("post") or 0, self.decided(visit, plan, form)
        if entry not in [each["seq"] for each in decisions_of(visit.uow, plan)]:
            form.faults["post"] = visit.texts(
                N_("Write the number of an entry that registers a decision about the plan.")
            )
        return Call(f"log/{entry}", self.verb, correct, (entry, decided))

    def reason_needed(self, form: Form) -> str:
        return Act.reason_needed(self, form)
