"""The acts that are no decision, as forms: a part is done, dates move, a plan stands still, ends or begins again."""

from collections.abc import Iterable

from wheel.actions.advance import advance
from wheel.actions.hold import hold, release
from wheel.actions.move_deadline import move_deadline
from wheel.actions.remind import remind
from wheel.actions.reopen import reopen
from wheel.actions.snooze import snooze
from wheel.actions.undo import UNDOABLE, undo
from wheel.actions.unflag import unflag
from wheel.actions.withdraw import withdraw
from wheel.audit.journal import history
from wheel.engine.decisions import DecisionForm
from wheel.engine.plan import OUT_OF_PLAY, Plan
from wheel.web.acts.act import Act, Call, Field, with_boards, with_boards_field
from wheel.web.forms import Form
from wheel.web.visit import Visit
from workflows.definition.definition import Step
from workflows.messages import N_


def formal_steps(plan: Plan) -> list[Step]:
    """The steps that are possible now and that no body decides."""
    return [step for step in plan.possible_steps if not step.decision and step.by]


class Done(Act):
    """A part is done: a step that is no decision."""

    path, verb = "klar", "advance"
    title = N_("Mark as done")
    lead = N_("Note that the step has been taken.")

    def bodies(self, plan: Plan) -> Iterable[str]:
        # Where none is possible now, those who could: they are told that, and not that their roles forbid it.
        steps = formal_steps(plan) or [step for step in plan.workflow.steps if not step.decision and step.by]
        return [body for step in steps for body in plan.bodies(step.by)]

    def fits(self, visit: Visit, plan: Plan) -> bool:
        return plan.is_active and bool(formal_steps(plan))

    def fields(self, visit: Visit, plan: Plan) -> list[Field]:
        t = visit.texts
        steps = [(step.verb, step.label.to(t.language)) for step in formal_steps(plan)]
        found = [Field("step", t(N_("What is done")), "radio", choices=tuple(steps))]
        return [
            *found,
            Field(
                "on", t(N_("The day on which it was done")), "date", hint=t(N_("Today, unless you write another day."))
            ),
        ]

    def preset(self, visit: Visit, plan: Plan) -> dict[str, str]:
        asked, steps = visit.request.query_params.get("steg", ""), [step.verb for step in formal_steps(plan)]
        return {"step": asked if asked in steps else steps[0] if len(steps) == 1 else "", "on": f"{visit.day}"}

    def call(self, visit: Visit, plan: Plan, form: Form) -> Call:
        t = visit.texts
        steps = {step.verb: step.verb for step in formal_steps(plan)}
        verb = form.one_of("step", steps, t(N_("Choose what is done.")))
        day = form.day("on", t)
        return Call(plan.address, verb, advance, (plan.address, verb, DecisionForm()), {"on": day})


class MoveDeadline(Act):
    path, verb = "flytta", "move-deadline"
    title = N_("Move the deadline")
    lead = N_("Those who are to hand in are told the new day and the reason.")

    def _states(self, visit: Visit, plan: Plan) -> dict[str, str]:
        ahead = [state for state in plan.workflow.states if not state.done and plan.is_ahead(state.id)]
        return {state.id: state.label.to(visit.texts.language) for state in ahead}

    def fields(self, visit: Visit, plan: Plan) -> list[Field]:
        t, states = visit.texts, self._states(visit, plan)
        found = [Field("state", t(N_("The deadline of which state")), "radio", choices=tuple(states.items()))]
        return [*found, Field("new", t(N_("New deadline")), "date")]

    def preset(self, visit: Visit, plan: Plan) -> dict[str, str]:
        return {"state": plan.due_state}

    def call(self, visit: Visit, plan: Plan, form: Form) -> Call:
        t = visit.texts
        state = form.one_of("state", self._states(visit, plan), t(N_("Choose the state whose deadline moves.")))
        new = form.day("new", t, t(N_("Write the new deadline.")))
        return Call(plan.address, self.verb, move_deadline, (plan.address, new, state))


class Hold(Act):
    path, verb = "hall", "hold"
    title = N_("Pause the plan")
    lead = N_("A paused plan does not move, and nobody is reminded, until it is released.")

    def fits(self, visit: Visit, plan: Plan) -> bool:
        return plan.is_active and not plan.held

    def fields(self, visit: Visit, plan: Plan) -> list[Field]:
        return with_boards_field(visit, plan)

    def call(self, visit: Visit, plan: Plan, form: Form) -> Call:
        return Call(plan.address, self.verb, hold, (plan.address, with_boards(visit, plan, form)))


class Release(Hold):
    path, verb = "slapp", "release"
    title = N_("Release the plan")
    lead = N_("The plan goes on. Steps that were due meanwhile happen now.")

    def fits(self, visit: Visit, plan: Plan) -> bool:
        return plan.held or plan.tries > 0

    def call(self, visit: Visit, plan: Plan, form: Form) -> Call:
        return Call(plan.address, self.verb, release, (plan.address, with_boards(visit, plan, form)))


class Reopen(Act):
    path, verb = "oppna-igen", "reopen"
    title = N_("Open the plan again")
    lead = N_("A decided or withdrawn plan is worked on again.")

    def bodies(self, plan: Plan) -> Iterable[str]:
        return plan.bodies_of_the_matter

    def fits(self, visit: Visit, plan: Plan) -> bool:
        return plan.special_status in OUT_OF_PLAY or plan.state != plan.workflow.initial

    def fields(self, visit: Visit, plan: Plan) -> list[Field]:
        t = visit.texts
        states = [(state.id, state.label.to(t.language)) for state in plan.workflow.states if not state.done]
        found = [
            Field(
                "to",
                t(N_("In which state")),
                "radio",
                choices=(("", t(N_("The last one with something to do"))), *states),
            ),
            Field("new_date", t(N_("New deadline")), "date", hint=t(N_("Needed if the old one has passed."))),
        ]
        return found + (with_boards_field(visit, plan) if plan.special_status in OUT_OF_PLAY else [])

    def call(self, visit: Visit, plan: Plan, form: Form) -> Call:
        follow = with_boards(visit, plan, form) if plan.special_status in OUT_OF_PLAY else None
        new_date = form.day("new_date", visit.texts)
        return Call(plan.address, self.verb, reopen, (plan.address, form.get("to") or None, new_date, follow))


class Withdraw(Act):
    path, verb = "dra-tillbaka", "withdraw"
    title = N_("Withdraw the plan")
    lead = N_("The plan leaves the year. Nothing waits for it any more, and those who were told of it hear of this.")

    def bodies(self, plan: Plan) -> Iterable[str]:
        return plan.bodies_of_the_matter

    def fields(self, visit: Visit, plan: Plan) -> list[Field]:
        t = visit.texts
        board = (
            [Field("not_concerned", t(N_("The board does not take part in this phase")), "check")] if plan.board else []
        )
        return with_boards_field(visit, plan) + board

    def call(self, visit: Visit, plan: Plan, form: Form) -> Call:
        follow = with_boards(visit, plan, form)
        return Call(plan.address, self.verb, withdraw, (plan.address, follow, bool(form.get("not_concerned"))))


class Remind(Act):
    path, verb = "paminn", "remind"
    title = N_("Remind")
    lead = N_("Those who have not done their part get a mail. You see the mails before they are made.")

    def call(self, visit: Visit, plan: Plan, form: Form) -> Call:
        return Call(plan.address, self.verb, remind, (plan.address,), {"sure": True})


class Snooze(Act):
    path, verb = "vila", "snooze"
    title = N_("Withhold reminders")
    lead = N_("Nobody is reminded of the plan until a day. The deadline stays.")

    def fields(self, visit: Visit, plan: Plan) -> list[Field]:
        return [Field("until", visit.texts(N_("The day on which reminders start again")), "date")]

    def call(self, visit: Visit, plan: Plan, form: Form) -> Call:
        t = visit.texts
        until = form.day("until", t, t(N_("Write the day on which reminders start again.")))
        return Call(plan.address, self.verb, snooze, (plan.address, until))


class LookedAt(Act):
    path, verb = "sedd", "unflag"
    title = N_("The plan has been looked at")
    lead = N_("Note that the plan still holds, although something that it builds on has changed.")

    def bodies(self, plan: Plan) -> Iterable[str]:
        return plan.bodies_of_the_matter

    def fits(self, visit: Visit, plan: Plan) -> bool:
        return bool(plan.flags)

    def call(self, visit: Visit, plan: Plan, form: Form) -> Call:
        return Call(plan.address, self.verb, unflag, (plan.address,))


class Undo(Act):
    path, verb = "angra", "undo"
    title = N_("Undo a step")
    lead = N_("For a wrong click: while nothing builds on it and no mail has been sent.")

    def bodies(self, plan: Plan) -> Iterable[str]:
        return plan.bodies_of_the_matter

    def fits(self, visit: Visit, plan: Plan) -> bool:
        return self._entry(visit, plan) > 0

    def _entry(self, visit: Visit, plan: Plan) -> int:
        steps = [each["seq"] for each in history(visit.uow.session, plan.address) if each["action"] in UNDOABLE]
        return steps[-1] if steps else 0

    def fields(self, visit: Visit, plan: Plan) -> list[Field]:
        return [
            Field("post", visit.texts(N_("Entry of the log")), hint=visit.texts(N_("The number of the step's entry.")))
        ]

    def preset(self, visit: Visit, plan: Plan) -> dict[str, str]:
        return {"post": visit.request.query_params.get("post") or str(self._entry(visit, plan) or "")}

    def call(self, visit: Visit, plan: Plan, form: Form) -> Call:
        entry = form.number("post")
        if entry not in [each["seq"] for each in history(visit.uow.session, plan.address)]:
            form.faults["post"] = visit.texts(N_("Write the number of an entry in the history of this plan."))
        return Call(f"log/{entry}", self.verb, undo, (entry,))
