"""What the page of one plan shows: the plan, its history in sentences, its boards, its decisions."""

from typing import NamedTuple

from config.text.texts import Texts
from wheel.documents.decisions import DecisionRow
from wheel.documents.plans import AlarmDocument, PlanDocument, PlanRow
from wheel.documents.reasons import ReasonDocument
from wheel.engine.plan import Plan
from wheel.engine.unit_of_work import UnitOfWork
from wheel.format import ALARMS, RETURNED, STATUS
from wheel.reads import decisions, plans
from wheel.reads.log_entries import folded
from wheel.reads.log_sentences import Told, tell
from wheel.reads.names import Names, names_at


class PlanPage(NamedTuple):
    """`next`: what is missing before the next step; `later`: before those after it. `boards`: the plans of a phase's
    boards. `history`: newest first, notices and mails that follow each other together."""

    plan: Plan
    document: PlanDocument
    next: tuple[ReasonDocument, ...]
    later: tuple[ReasonDocument, ...]
    boards: tuple[PlanRow, ...]
    decisions: tuple[DecisionRow, ...]
    history: tuple[tuple[Told, ...], ...]
    names: Names

    def status_word(self, t: Texts) -> str:
        """The status; what an official has returned is never called what a body does."""
        returned = self.document.returned and self.document.status == "sent_back"
        word = RETURNED if returned else STATUS[self.document.status]
        return t(word).capitalize()

    def alarm(self, alarm: AlarmDocument, t: Texts) -> str:
        """What comes by itself, in words."""
        rule = self.names.step_label(self.plan.address, alarm.rule) if alarm.what == "step" else alarm.rule
        return t(ALARMS[alarm.what], rule=rule, to=self.names.people(alarm.to) or "–")


def plan_page(uow: UnitOfWork, address: str, texts: Texts) -> PlanPage:
    """Raises NotFound."""
    plan = uow.plan(address)
    document = plans.show(uow, address, texts)
    ahead = [step.verb for step in plan.workflow.way_ahead(plan.state)][:1]
    now = tuple(reason for reason in document.blockers if reason.step in ahead)
    later = tuple(reason for reason in document.blockers if reason.step not in ahead)
    boards: tuple[PlanRow, ...] = ()
    if plan.board is None and plan.cycle.definition.wheel.phases[plan.phase].board is not None:
        rows = plans.plans(uow, cycle=plan.cycle.name, phase=plan.phase).plans
        boards = tuple(row for row in rows if row.board is not None)
    decided = decisions.decisions(uow, texts, cycle=plan.cycle.name, phase=plan.phase).decisions
    return PlanPage(
        plan,
        document,
        now,
        later,
        boards,
        tuple(row for row in decided if row.address == address),
        tuple(folded(reversed(tell(uow, document.history, texts)))),
        names_at(uow, [address], texts.language),
    )
