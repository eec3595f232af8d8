"""The verbs that take a plan along its way: advance, send back, postpone."""

from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from wheel.cycles.date_changes import known_day, save_dates
from wheel.cycles.timetable_versions import decided
from wheel.database.tables import Decision
from wheel.engine.affected_plans import changed_by, flag, remark
from wheel.engine.decisions import DecisionForm, citation, form_against, record
from wheel.engine.desk import Act, Done, done, permit, settle, take_up
from wheel.engine.objections import Asked, draft_against, early_against, order_against, rules_against, standing_against
from wheel.engine.plan import Matter
from wheel.engine.transition import move, take
from wheel.engine.unit_of_work import Work
from wheel.errors import Usage
from workflows.definition.definition import Step
from workflows.messages import N_
from workflows.rules.machine import Refused, decide
from workflows.rules.rules import Reason


def advance(work: Work, act: Act, address: str, verb: str, form: DecisionForm, new_date: date | None = None) -> Done:
    """Take the step `verb`, or record the body's other outcome of it.

    Raises Usage for an unknown step, NotFound, Conflict, RefusedError with every reason.
    """
    matter = take_up(work, act, address, verb)
    step = _step(matter, verb)
    if form.outcome == "sent_back":
        return _sent_back(work, act, matter, step, form, new_date)
    if form.outcome == "postponed":
        return _postponed(work, act, matter, step, form, new_date)
    today = work.today(matter.turn)
    asked = Asked(step, form.meeting or today, act.reason)
    reasons = _formally_against(work, matter, step, form)
    if form.outcome == "rejected":
        return _rejected(work, act, matter, step, form, settle(act, reasons))
    rules = rules_against(work, matter, asked)
    taken = decide(
        matter.workflow,
        matter.state if matter.state in step.from_ else step.from_[-1],
        verb,
        lambda _: [r for r in reasons + rules if r.severity == "refuse" and not (act.anyway and r.overridable)],
    )
    changed = changed_by(work, matter, step, form.outcome)
    warnings = settle(act, reasons + rules + remark(changed, "changed"))
    if taken is None or isinstance(taken, Refused):
        raise RuntimeError(f"{address}: the machine refuses {verb} without a reason")
    recorded = _record(work, matter, step, form, act.reason)
    after = take(work, matter, taken.step, at=work.now, reason=act.reason, passed_over=_passed(warnings), **recorded)
    flag(work, changed, matter, act.reason)
    if after.is_timetable and "decision" in recorded:
        decided(work, after, recorded["decision"]["id"])
    return done(work, after, warnings)


def send_back(work: Work, act: Act, address: str, form: DecisionForm, new_date: date | None) -> Done:
    """A body sends the matter back (återremiss), or an official does (åter för komplettering)."""
    matter = take_up(work, act, address)
    step = matter.workflow.next_step(matter.state)
    if step is None:
        raise Usage(N_("{address} stands in {state}; nothing can be sent back from there."), **_at(matter))
    return _sent_back(work, act, matter, step, replace(form, outcome="sent_back") if step.decision else form, new_date)


def postpone(work: Work, act: Act, address: str, form: DecisionForm, new_date: date | None) -> Done:
    """The body puts the matter off to a later meeting (bordläggning): nothing is added, the state stays."""
    matter = take_up(work, act, address)
    step = matter.workflow.next_step(matter.state)
    if step is None or not step.decision:
        raise Usage(N_("{address} stands in {state}; no body is to decide there."), **_at(matter))
    return _postponed(work, act, matter, step, replace(form, outcome="postponed"), new_date)


def _at(matter: Matter) -> dict[str, str]:
    return {"address": matter.address, "state": matter.state}


def _step(matter: Matter, verb: str) -> Step:
    named = matter.workflow.steps_named(verb)
    if not named:
        verbs = ", ".join(dict.fromkeys(step.verb for step in matter.workflow.steps))
        text = N_("{address} has no step {verb}; its steps are: {verbs}.")
        raise Usage(text, address=matter.address, verb=verb, verbs=verbs)
    return next((step for step in named if matter.state in step.from_), named[0])


def _formally_against(work: Work, matter: Matter, step: Step, form: DecisionForm) -> list[Reason]:
    """Standing, order, role and the decision's form: what holds for every outcome."""
    bodies = [matter.body(step.by)] if step.by else []
    return [
        *standing_against(matter, step),
        *order_against(matter, step),
        *early_against(matter, step, work.today(matter.turn)),
        *(replace(r, step=step.verb) for r in permit(work, matter, "decide" if step.decision else "advance", *bodies)),
        *form_against(work, matter, step, form),
    ]


def _sent_back(work: Work, act: Act, matter: Matter, step: Step, form: DecisionForm, new_date: date | None) -> Done:
    to = matter.workflow.state(matter.state).returns_to
    if to is None:
        raise Usage(N_("{address} stands in {state}; nothing can be sent back from there."), **_at(matter))
    reasons = [
        *draft_against(work, matter, step),
        *standing_against(matter, step),
        *order_against(matter, step),  # KF sends nothing back that still lies with KS
    ]
    bodies = [matter.body(step.by)] if step.by else []
    reasons += [replace(r, step=step.verb) for r in permit(work, matter, "send-back", *bodies)]
    today = work.today(matter.turn)
    reasons += form_against(work, matter, step, form)
    if not act.reason.strip():
        text = N_("Sending back takes a reason: what is to be completed, word for word (--reason).")
        reasons.append(Reason("decision", text, step=step.verb))
    last = matter.stages[to].last if to in matter.stages else None
    reasons += _new_date_against(step, new_date, today, needed=last is not None and last <= today)
    warnings = settle(act, reasons)
    recorded = _record(work, matter, step, form, act.reason)
    after = move(
        work, matter, to, action="plan.sent_back", at=work.now, mark="sent_back", last=new_date, step=step.verb,
        source=_source(matter, step, form) if new_date else None, reason=act.reason, **recorded,
    )  # fmt: skip
    people = work.directory.responsible(after.owing, today)
    rule = "sent_back" if step.decision else "returned"
    work.notify(work.news(after, rule, people, due=work.now, facts={"reason": act.reason}))
    return done(work, after, warnings)


def _postponed(work: Work, act: Act, matter: Matter, step: Step, form: DecisionForm, new_date: date | None) -> Done:
    today = work.today(matter.turn)
    reasons = draft_against(work, matter, step) + _formally_against(work, matter, step, form)
    reasons += _new_date_against(step, new_date, today, needed=True)
    warnings = settle(act, reasons)
    recorded = _record(work, matter, step, form, act.reason)
    old, known = matter.stage, known_day(work, matter)
    assert new_date is not None
    stage = old.moved_to(new_date, _source(matter, step, form))
    after = save_dates(work, matter, {**matter.stages, matter.state: stage}, known, mark="postponed")
    work.log(
        "plan.postponed", matter, step=step.verb, state=matter.state, old=old.last, new=new_date, reason=act.reason,
        before={"mark": matter.mark, "left": old.to_json()}, **recorded,
    )  # fmt: skip
    people = work.directory.responsible(after.owing, today)
    facts = {
        "reason": act.reason,
        "old": known and known.isoformat(),
        "new": new_date.isoformat(),
    }
    work.notify(work.news(after, "postponed", people, due=work.now, facts=facts))
    return done(work, after, warnings)


def _rejected(work: Work, act: Act, matter: Matter, step: Step, form: DecisionForm, warnings: list[Reason]) -> Done:
    """The body said no: it is recorded, the plan stays where it is, and those who owe it are told."""
    recorded = _record(work, matter, step, form, act.reason)
    after = work.save(matter)
    work.log("plan.rejected", matter, step=step.verb, state=matter.state, reason=act.reason, **recorded)
    people = work.directory.responsible(after.owing, work.today(matter.turn))
    facts = {"reason": act.reason or form.text}
    work.notify(work.news(after, "rejected", people, due=work.now, offset=_rejections(work, matter), facts=facts))
    return done(work, after, warnings)


def _rejections(work: Work, matter: Matter) -> int:
    """How often the plan has been rejected: each time is told."""
    rejected = select(func.count(col(Decision.id))).where(
        col(Decision.plan_id) == matter.id, col(Decision.outcome) == "rejected"
    )
    count: int = work.session.execute(rejected).scalar_one()
    return count


def _new_date_against(step: Step, new_date: date | None, today: date, *, needed: bool) -> list[Reason]:
    if new_date is None:
        text = N_("A new last day is needed, for the old one has passed or falls (--new-date).")
        return [Reason("date", text, step=step.verb)] if needed else []
    if new_date < today:
        text = N_("The new last day {date} has passed already.")
        return [Reason("date", text, {"date": new_date}, step=step.verb)]
    return []


def _source(matter: Matter, step: Step, form: DecisionForm) -> str:
    if not step.decision or form.meeting is None:
        return "local choice"
    return citation(matter, form)


def _passed(warnings: list[Reason]) -> list[dict[str, object]]:
    return [{"rule": r.rule, "message": r.message, "facts": r.facts, "overridden": r.overridable} for r in warnings]


def _record(work: Work, matter: Matter, step: Step, form: DecisionForm, reason: str) -> dict[str, Any]:
    """Keep the decision, if the step is one. What of it goes into the log."""
    return {"decision": record(work, matter, step.verb, form, reason)} if step.decision else {}
