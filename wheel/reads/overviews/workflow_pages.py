"""The queries for the pages of the workflows, read from the definitions that the newest cycles keep."""

from collections.abc import Iterator

from sqlalchemy import bindparam, select

from config.text.texts import Texts
from wheel.documents.workflow_pages import (
    FlowList,
    FlowPage,
    FlowRow,
    FlowRule,
    FlowRung,
    FlowSection,
    FlowState,
    FlowStep,
    FlowUse,
)
from wheel.engine.plan import NO_RECORD, Cycle, Plan
from wheel.engine.titles import title_of
from wheel.engine.unit_of_work import CYCLE, PLAN, UnitOfWork
from wheel.errors import NotFound
from workflows.dates.parse_date import parse
from workflows.definition.definition import RuleUse, Step, anchor
from workflows.messages import N_
from workflows.rules.named_rules import RULES

_NEWEST_FIRST = select(CYCLE.c.id, CYCLE.c.kind).order_by(CYCLE.c.year.desc())
_OF_CYCLE = select(PLAN).where(PLAN.c.cycle_id == bindparam("of")).order_by(PLAN.c.id)

Group = tuple[FlowUse, Plan]  # one of the plans that follow the workflow in the phase


def workflow_list(uow: UnitOfWork, texts: Texts, *, drafts: bool) -> FlowList:
    """The workflows of the newest budget year and mandate period. `drafts`: also of one whose timetable is not
    decided."""
    rows = []
    for workflow, groups in _by_workflow(uow, texts, drafts=drafts).items():
        label = groups[0][1].workflow.label.to(texts.language)
        rows.append(FlowRow(workflow=workflow, label=label, uses=tuple(use for use, _ in groups)))
    return FlowList(workflows=tuple(rows))


def workflow_page(uow: UnitOfWork, workflow: str, texts: Texts, *, drafts: bool) -> FlowPage:
    """One of them, in each phase that follows it. Raises NotFound."""
    found = _by_workflow(uow, texts, drafts=drafts)
    if workflow not in found:
        text = N_("The workflow {name} does not exist. These exist: {names}.")
        raise NotFound(text, name=workflow, names=", ".join(sorted(found)))
    groups = found[workflow]
    label = groups[0][1].workflow.label.to(texts.language)
    sections = tuple(_section(use, plan, texts) for use, plan in groups)
    return FlowPage(workflow=workflow, label=label, sections=sections)


def _by_workflow(uow: UnitOfWork, texts: Texts, *, drafts: bool) -> dict[str, list[Group]]:
    found: dict[str, list[Group]] = {}
    for cycle in _newest(uow, drafts=drafts):
        for phase, plans in _plans_by_phase(uow, cycle).items():
            followed: dict[str, list[Plan]] = {}
            for plan in plans:
                followed.setdefault(plan.binding.workflow, []).append(plan)
            for workflow, those in followed.items():
                found.setdefault(workflow, []).append((_use(cycle, phase, those, texts.language), those[0]))
    return found


def _newest(uow: UnitOfWork, *, drafts: bool) -> Iterator[Cycle]:
    kinds = set()
    for id, kind in uow.connection.execute(_NEWEST_FIRST).all():
        if kind not in kinds and (drafts or not uow.cycle(id).draft):
            kinds.add(kind)
            yield uow.cycle(id)


def _plans_by_phase(uow: UnitOfWork, cycle: Cycle) -> dict[str, list[Plan]]:
    """The whole plan first, then those of the boards, in the order of the wheel."""
    order = cycle.definition.phases(cycle.kind, cycle.year)
    found: dict[str, list[Plan]] = {phase: [] for phase in order}
    for plan in sorted(uow.plans(_OF_CYCLE, of=cycle.id), key=lambda each: (each.board is not None, each.id)):
        if plan.phase in found and plan.special_status != "not_concerned":
            found[plan.phase].append(plan)
    return found


def _use(cycle: Cycle, phase: str, plans: list[Plan], language: str) -> FlowUse:
    bodies = cycle.definition.wheel.bodies
    boards = tuple(bodies[plan.board].name.to(language) for plan in plans if plan.board)
    title = title_of(plans[0]._replace(board=None), language)
    dates = {tuple((state, stage.opens, stage.last) for state, stage in plan.stages.items()) for plan in plans}
    return FlowUse(cycle=cycle.name, phase=phase, title=title, boards=boards or None, dates_differ=len(dates) > 1)


def _section(use: FlowUse, plan: Plan, texts: Texts) -> FlowSection:
    rungs = plan.cycle.definition.wheel.ladders[plan.binding.ladder]
    return FlowSection(
        use=use,
        states=tuple(_state(plan, id, texts) for id in (state.id for state in plan.workflow.states)),
        steps=tuple(_step(plan, step, texts) for step in plan.workflow.steps),
        reminders=tuple(FlowRung(days=each.days, to=each.to, longer=each.only_if_longer_than) for each in rungs),
    )


def _label(plan: Plan, state: str, language: str) -> str:
    return plan.workflow.state(state).label.to(language)


def _state(plan: Plan, id: str, texts: Texts) -> FlowState:
    state, record = plan.workflow.state(id), plan.stages.get(id, NO_RECORD)
    dates = plan.binding.states.get(id)
    return FlowState(
        state=id,
        label=state.label.to(texts.language),
        done=state.done,
        opens=record.opens,
        last=record.last,
        source=record.source or (dates.last.source if dates and dates.last else "") if record.last else "",
        returns_to=_label(plan, state.returns_to, texts.language) if state.returns_to else "",
    )


def _step(plan: Plan, step: Step, texts: Texts) -> FlowStep:
    language, bodies = texts.language, plan.cycle.definition.wheel.bodies
    own = texts(N_("The board itself"))  # the plan stands for those of all boards
    return FlowStep(
        step=step.verb,
        label=step.label.to(language),
        from_=tuple(_label(plan, state, language) for state in step.from_),
        to=_label(plan, step.to, language),
        who=tuple(own if id == plan.board else bodies[id].name.to(language) for id in plan.bodies(step.by)),
        decision=step.decision,
        aside=step.off_path,
        when=_when(plan, step, texts),
        rules=tuple(_rule(plan, use, texts) for use in plan.binding.rules(step.verb)),
    )


def _when(plan: Plan, step: Step, texts: Texts) -> str:
    """How the step is taken by itself."""
    if step.automatic == "children":
        return texts(N_("by itself, when every board has come to “{state}”"), state=_of_boards(plan, step))
    binding = plan.binding.steps.get(step.verb)
    if follows := binding.follows if binding else None:
        phase, state = _other(plan, follows.phase, follows.reached, texts.language)
        return texts(N_("by itself, when “{phase}” has come to “{state}”"), phase=phase, state=state)
    if step.automatic == "date":
        opens = plan.stages.get(step.to, NO_RECORD).opens
        if opens is None:
            return texts(N_("by itself, on a day that is not decided"))
        return texts(N_("by itself, on {day}"), day=opens)
    return ""


def _of_boards(plan: Plan, step: Step) -> object:
    definition = plan.cycle.definition
    board = next((each for each in definition.wheel.boards if definition.wheel.phases[plan.phase].concerns(each)), None)
    return definition.workflow(plan.phase, board).state(step.reached or "").label


def _other(plan: Plan, phase: str, reached: str | None, language: str, *, boards: bool = False) -> tuple[str, str]:
    """The labels of another phase and of a state there."""
    definition = plan.cycle.definition
    whole = definition.wheel.phases[phase]
    board = next((each for each in definition.wheel.boards if whole.concerns(each)), None)
    in_parts = board is not None and (boards or plan.board is not None)
    flow = definition.workflow(phase, board if in_parts else None)
    state = flow.state(reached).label.to(language) if reached and flow.has(reached) else reached or ""
    return whole.label.to(language), state


def _rule(plan: Plan, use: RuleUse, texts: Texts) -> FlowRule:
    rule = RULES[use.rule]
    warns = rule.severity == "warn" or (use.rule == "R8" and not use.reason)
    return FlowRule(
        rule=use.rule,
        said=_said(plan, use, texts),
        citation=use.source or plan.cycle.definition.wheel.phases[plan.phase].source,
        held="warn" if warns else "pass" if rule.overridable else "refuse",
    )


def _said(plan: Plan, use: RuleUse, texts: Texts) -> str:
    if use.reason:
        return texts(N_("A special reason is stated."))
    if use.phase:
        phase, state = _other(plan, use.phase, use.reached, texts.language, boards=use.boards)
        if use.boards:
            return texts(N_("Before it every board has come to “{state}” in “{phase}”."), phase=phase, state=state)
        return texts(N_("Before it “{phase}” has come to “{state}”."), phase=phase, state=state)
    if use.date:
        cycle, rule = plan.cycle, parse(use.date)
        around = anchor(cycle.kind, cycle.year, cycle.definition.wheel.calendar)
        first, last = rule.first(around), rule.last(around)
        if first == last or RULES[use.rule].needs != "date":
            return texts(N_("It is taken on {day} at the latest."), day=last)
        return texts(N_("It is taken between {first} and {last}."), first=first, last=last)
    if use.rule == "R1":
        return texts(N_("This decides the timetable. Before it the cycle is a draft, and no other step is taken."))
    if use.rule == "R17":
        return texts(N_("It is taken in time."))
    return texts(N_("The steps are taken in their order."))
