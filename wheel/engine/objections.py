"""What stands against a step of a plan: all of it at once. The same answer feeds refusal, page and API."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import bindparam, func, select

from wheel.database.tables import Decision
from wheel.engine.decisions import CORRECTED, DECIDED
from wheel.engine.minimum_intervals import too_soon
from wheel.engine.plan import NO_STAGE, Matter
from wheel.engine.unit_of_work import Work
from workflows.definition.definition import Follows, RuleUse, Step, anchor
from workflows.messages import N_
from workflows.rules.rules import Behind, Facts, Reason, judge

_DECISION = Decision.__table__  # type: ignore[attr-defined]
_DECIDED_AFTER = (
    select(_DECISION.c.plan_id)
    .where(
        _DECISION.c.plan_id.in_(bindparam("plans", expanding=True)),
        _DECISION.c.step.in_(bindparam("verbs", expanding=True)),
        _DECISION.c.outcome.in_(DECIDED),
        _DECISION.c.id.not_in(CORRECTED),
    )
    .group_by(_DECISION.c.plan_id)
    .having(func.min(_DECISION.c.meeting) > bindparam("day"))
)


@dataclass(frozen=True)
class Asked:
    """A step that is asked for on a day, or (`ahead`) looked at before it is its turn."""

    step: Step
    on: date
    reason: str = ""
    ahead: bool = False


def rules_against(work: Work, matter: Matter, asked: Asked) -> list[Reason]:
    """What the rules of the wheel say of the step, and the joins: refusals and warnings."""
    step = asked.step
    uses: tuple[RuleUse, ...] = matter.track.rules(step.verb)
    if not matter.is_timetable:
        uses = (RuleUse(rule="R1"), *uses)
    facts = Facts(
        on=asked.on,
        anchor=anchor(matter.turn.kind, matter.turn.year, work.calendar(matter.turn)),
        by=matter.body(step.by) if step.by else "",
        last=matter.stages[step.from_[-1]].last if step.from_[-1] in matter.stages else None,
        reason=asked.reason,
        skipped=not asked.ahead and is_skipped(matter, step),
        behind={use: _behind(work, matter, use, asked.on) for use in uses if use.phase and use.reached},
        timetable_missing=_timetable_missing(work, matter) if matter.turn.draft else None,
    )
    passed = [*_before(matter, step), step] if facts.skipped else [step]  # a join is not jumped over unseen
    joins = [reason for each in passed for reason in waiting_for(work, matter, each)]
    return judge(uses, facts, step.verb) + joins + _statutory(matter, asked) + too_soon(work, matter, step, asked.on)


def is_skipped(matter: Matter, step: Step) -> bool:
    """Whether the plan has not yet come to the state that the step goes from."""
    workflow = matter.workflow
    if matter.state in step.from_ or matter.mark == "before_introduction":
        return False
    return not any(workflow.reached(matter.state, source) for source in step.from_)


def _behind(work: Work, matter: Matter, use: RuleUse, on: date) -> Behind:
    """Who had not come so far on that day: the order is that of the meetings, not of their registration."""
    plans = work.plans_of(matter.turn, use.phase or "", boards=use.boards)
    reached = use.reached or ""
    return work.behind(plans, reached, later=_decided_after(work, plans, reached, on))


def _decided_after(work: Work, plans: list[Matter], reached: str, on: date) -> set[int]:
    """The plans whose decision that takes them to `reached` was first made at a meeting after that day."""
    verbs = {step.verb for m in plans for step in m.workflow.steps if step.decision and step.to == reached}
    if not verbs:
        return set()
    asked = {"plans": [m.id for m in plans], "verbs": list(verbs), "day": on}
    return set(work.connection.execute(_DECIDED_AFTER, asked).scalars())


def _timetable_missing(work: Work, matter: Matter) -> Behind:
    timetable = matter.turn.definition.wheel.cycles[matter.turn.kind].timetable or ""
    plans = work.plans_of(matter.turn, timetable, boards=False)
    deciders = [p.body(step.by) for p in plans for step in p.workflow.steps if step.decision and step.by]
    return Behind(tuple(p.address for p in plans), tuple(dict.fromkeys(deciders)))


def waiting_for(work: Work, matter: Matter, step: Step) -> list[Reason]:
    """A step that waits for other plans names those that are missing."""
    behind = work.behind(*_waited_for(work, matter, step))
    text = N_("This step follows another plan that has not come so far: {missing}.")
    if step.automatic == "children":
        text = N_("Not every board has come so far; missing: {missing}.")
    if not behind.addresses:
        return []
    facts = {"missing": behind.addresses}
    return [
        Reason(
            "join",
            text,
            facts,
            behind.who,
            matter.turn.definition.wheel.phases[matter.phase].source,
            overridable=True,
            step=step.verb,
        )
    ]


def came_at(work: Work, matter: Matter, step: Step) -> datetime | None:
    """When the last of those that the step waits for came so far, and the plan itself to where it waits."""
    plans, reached = _waited_for(work, matter, step)
    came = [matter.stage.entered_at]
    came += [m.stages.get(reached, NO_STAGE).entered_at or m.stage.entered_at for m in plans]
    known = [at for at in came if at is not None]
    return max(known) if plans and len(known) == len(came) else None


def _waited_for(work: Work, matter: Matter, step: Step) -> tuple[list[Matter], str]:
    """The plans that the step waits for, and how far they are to come."""
    if step.automatic == "children" and step.reached:
        return [m for m in work.children(matter) if m.in_play], step.reached
    found = matter.track.steps.get(step.verb)
    if step.automatic in ("phase", "date") and found and found.follows:
        return _followed(work, matter, found.follows), found.follows.reached
    return [], ""


def _followed(work: Work, matter: Matter, follows: Follows) -> list[Matter]:
    """The plan of the same board, where the phase that is followed has one; otherwise the whole phase's."""
    plans = work.plans_of(matter.turn, follows.phase, boards=True) if matter.board else []
    return [m for m in plans if m.board == matter.board] or work.plans_of(matter.turn, follows.phase, boards=False)


def _statutory(matter: Matter, asked: Asked) -> list[Reason]:
    source = next((s for s in asked.step.from_ if s in matter.stages and matter.stages[s].statutory), None)
    if source is None:
        return []
    statutory = matter.stages[source].statutory
    if statutory is None or asked.on <= statutory:
        return []
    text = N_("The law sets {last} as the last day (check the wording); this was on {on}.")
    facts = {"last": statutory, "on": asked.on}
    return [Reason("statutory", text, facts, (), "law", "warn", step=asked.step.verb)]


def order_against(matter: Matter, step: Step) -> list[Reason]:
    """Out of order, where no rule of the wheel speaks of the order by itself."""
    if matter.state in step.from_ or matter.mark == "before_introduction":
        return []
    if not is_skipped(matter, step):
        text = N_("The plan is past this step already; it stands in “{state}”.")
        return [_formal("state", text, step, state=matter.state, workflow=matter.workflow.id)]
    if any(use.rule in ("R13", "R16") for use in matter.track.rules(step.verb)):
        return []
    between = [s.verb for s in _before(matter, step)]
    text = N_("The plan stands in “{state}”; before this step come: {steps}.")
    reason = _formal("state", text, step, state=matter.state, workflow=matter.workflow.id, steps=tuple(between))
    return [replace(reason, overridable=step.decision)]


def early_against(matter: Matter, step: Step, today: date) -> list[Reason]:
    """A step of the calendar, taken by hand before its day."""
    opens = matter.stages.get(step.to, NO_STAGE).opens
    if step.automatic != "date" or opens is None or opens <= today:
        return []
    text = N_("This step is taken by itself on {date}; whoever takes it before that says why.")
    return [replace(_formal("date", text, step, date=opens), overridable=True)]


def _before(matter: Matter, step: Step) -> Iterable[Step]:
    for ahead in matter.workflow.way_ahead(matter.state):
        if ahead.verb == step.verb and ahead.to == step.to:
            return
        yield ahead


def draft_against(work: Work, matter: Matter, step: Step) -> list[Reason]:
    """R1: a draft cycle moves nothing but its timetable, not even backwards."""
    if not matter.turn.draft or matter.is_timetable:
        return []
    of = anchor(matter.turn.kind, matter.turn.year, work.calendar(matter.turn))
    facts = Facts(date.min, of, "", timetable_missing=_timetable_missing(work, matter))
    return judge((RuleUse(rule="R1"),), facts, step.verb)


def standing_against(matter: Matter, step: Step) -> list[Reason]:
    """Held, withdrawn or not concerned: nothing moves it."""
    if matter.held:
        return [_formal("held", N_("The plan is held; release it first: `arshjul release`."), step)]
    if matter.mark == "withdrawn":
        return [_formal("withdrawn", N_("The plan is withdrawn; reopen it first: `arshjul reopen`."), step)]
    if matter.mark == "not_concerned":
        return [_formal("not_concerned", N_("This board does not take part in this phase."), step)]
    return []


def _formal(rule: str, message: str, step: Step, **facts: object) -> Reason:
    return Reason(rule, message, facts, step=step.verb)
