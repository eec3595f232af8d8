"""The plans that stand on another one's decision: flagged when it is opened again or changed, never moved."""

from sqlalchemy import select

from wheel.engine.plan import Matter
from wheel.engine.unit_of_work import PLAN, Work
from workflows.definition.definition import Step
from workflows.messages import N_
from workflows.rules.rules import Reason


def standing_on(work: Work, matter: Matter, phase: str) -> list[Matter]:
    """The plans of the cycle that have moved, with a rule or an automatic step that looks at `phase`."""
    definition = matter.turn.definition
    phases = {watcher for watcher, _ in definition.watchers(phase)}
    if phase == definition.wheel.cycles[matter.turn.kind].timetable:
        phases = set(definition.wheel.phases) - {phase}
    for id, whole in definition.wheel.phases.items():
        for track in (whole, whole.board):
            if track and any(use.phase == phase for step in track.steps.values() for use in step.rules):
                phases.add(id)
    query = select(PLAN).where(PLAN.c.cycle_id == matter.turn.id, PLAN.c.phase.in_(phases)).order_by(PLAN.c.id)
    return [m for m in work.matters(query) if m.id != matter.id and m.in_play and m.state != m.workflow.initial]


def changed_by(work: Work, matter: Matter, step: Step, outcome: str) -> list[Matter]:
    """The plans that the decision pulls the ground from: a revision, or changes to what another phase decided."""
    revised = matter.phase if step.aside else matter.turn.definition.wheel.phases[matter.phase].revises
    if revised is None or not (step.aside or (step.decision and outcome == "adopted_with_changes")):
        return []
    return standing_on(work, matter, revised)


def remark(standing: list[Matter], rule: str) -> list[Reason]:
    text = N_("These plans stood on it; look whether they still hold: {missing}.")
    facts = {"missing": tuple(m.address for m in standing)}
    return [Reason(rule, text, facts, severity="warn")] if standing else []


def flag(work: Work, standing: list[Matter], because: Matter, reason: str) -> None:
    for other in standing:
        work.log("plan.flagged", other, because=because.address, reason=reason)
