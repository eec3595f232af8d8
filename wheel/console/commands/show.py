"""The commands that only read: plans, show, explain, diagram, status."""

from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wheel.console.command import command
from wheel.console.context import Answer, Context
from wheel.console.options import AT, FOR, FORCE, OUT, READ, argument, flag, option
from wheel.console.values import OneOf, day
from wheel.errors import NotFound
from wheel.exit_codes import ENDINGS
from wheel.format import STATUS
from workflows.messages import N_

if TYPE_CHECKING:
    from wheel.engine.unit_of_work import UnitOfWork
    from workflows.definition.workflow import Workflow


@command(
    "plans", N_("List the plans."),
    option("--cycle", metavar=N_("CYCLE"), help=N_("Only plans of that cycle.")),
    option("--phase", metavar=N_("PHASE"), help=N_("Only plans of that phase.")),
    option("--board", metavar=N_("BOARD"), help=N_("Only plans of that board.")),
    option(
        "--status", metavar=N_("STATUS"), type=OneOf(*STATUS), multiple=True,
        help=N_("Only plans with that status, such as overdue. Can be given several times."),
    ),
    flag("--held", help=N_("Only paused plans.")),
    flag("--flagged", help=N_("Only plans that have to be looked at again.")),
    option("--responsible", metavar=N_("WHO"), help=N_("Only plans that wait for that body or person.")),
    AT, *READ,
)  # fmt: skip
def plans(context: Context, at: date | None, **filters: Any) -> Answer:
    from wheel.console.printing.plans import say_plans
    from wheel.reads import plans
    from wheel.reads.names import names_at

    with context.reading_as_of(at) as uow:
        document = plans.plans(uow, **filters)
        names = names_at(uow, [plan.address for plan in document.plans], context.texts.language)
        heading = of_day(at, uow, context)
    filtered = any(filters.values())
    return Answer(document, lambda: [*heading, *say_plans(document, context.texts, names, filtered=filtered)])


@command(
    "decisions", N_("List the decisions, by the day of their meeting."),
    option("--cycle", metavar=N_("CYCLE"), help=N_("Only plans of that cycle.")),
    option("--phase", metavar=N_("PHASE"), help=N_("Only plans of that phase.")),
    option("--board", metavar=N_("BOARD"), help=N_("Only plans of that board.")),
    option("--body", metavar=N_("BODY"), help=N_("Only decisions of that body.")),
    option("since", "--from", metavar=N_("DATE"), type=day, help=N_("Only meetings from that day on.")),
    option("until", "--to", metavar=N_("DATE"), type=day, help=N_("Only meetings until that day.")),
    option("--format", metavar="csv", type=OneOf("csv"), default="", help=N_("`csv` for reading.")),
    FOR, OUT, FORCE, AT, *READ,
)  # fmt: skip
def decisions(
    context: Context, format: str, program: str, out: Path | None, force: bool, at: date | None, **filters: Any
) -> Answer:
    from wheel.console.printing.decisions import say_decisions
    from wheel.documents.home import FileDocument
    from wheel.reads import decisions
    from wheel.reads.names import names_at

    with context.reading_as_of(at) as uow:
        document = decisions.decisions(uow, context.texts, **filters)
        names = names_at(uow, [row.address for row in document.decisions], context.texts.language)
        heading = of_day(at, uow, context)
    if not (format or program or out):
        return Answer(document, lambda: [*heading, *say_decisions(document, context.texts, names)])
    written = context.export(
        out, force, lambda _, file: decisions.write_sheet(document, file, "excel" if program else "csv")
    )
    if written is None:
        return Answer({}, list)
    return Answer(FileDocument(file=str(out)), lambda: [str(out)])


@command(
    "show", N_("Show a plan: its state, what remains before the next steps, its history; or where a cycle stands."),
    argument("address", N_("PLAN|CYCLE"), N_("A plan's address, such as 2028/mrp, or a cycle, such as 2028.")),
    AT, *READ,
)  # fmt: skip
def show(context: Context, address: str, at: date | None) -> Answer:
    from wheel.console.printing.lines import local_time
    from wheel.console.printing.plans import say_plan
    from wheel.plan_address import Address
    from wheel.reads import plans
    from wheel.reads.log_sentences import tell
    from wheel.reads.names import names_at

    if Address.parse(address).phase is None:
        return _show_cycle(context, address, at)
    with context.reading_as_of(at, address) as uow:
        zone = uow.plan(address).cycle.definition.wheel.zone
        document = plans.show(uow, address, context.texts)
        names = names_at(uow, [address], context.texts.language)
        history = tell(uow, document.history, context.texts)
        heading = of_day(at, uow, context)
    return Answer(document, lambda: [*heading, *say_plan(document, history, context.texts, local_time(zone), names)])


def _show_cycle(context: Context, cycle: str, at: date | None) -> Answer:
    from wheel.console.printing.cycle_overview import say_cycle
    from wheel.reads.cycle_overview import cycle_overview
    from wheel.reads.names import names_at

    with context.reading_as_of(at) as uow:
        document = cycle_overview(uow, cycle, context.texts.language)
        names = names_at(uow, [cycle], context.texts.language)
        heading = of_day(at, uow, context)
    return Answer(document, lambda: [*heading, *say_cycle(document, context.texts, names)])


@command(
    "explain", N_("Show who has been or will be notified about a plan, and why."),
    argument("subject", N_("PLAN|KEY"), N_("A plan's address, or the key of a notice.")), *READ,
)  # fmt: skip
def explain(context: Context, subject: str) -> Answer:
    from wheel.console.printing.lines import local_time
    from wheel.console.printing.notices import say_notices
    from wheel.reads import explain, registers
    from wheel.reads.names import names_at

    with context.reading() as uow:
        document = explain.explain(uow, subject, context.texts)
        zone = registers.zone_of(uow)
        names = names_at(uow, [], context.texts.language)
    return Answer(document, lambda: say_notices(document, context.texts, local_time(zone), names))


@command(
    "diagram", N_("Draw a workflow as Mermaid, with the plan's state marked."),
    argument("subject", N_("PLAN|WORKFLOW"), N_("A plan's address, or the name of a workflow such as mrp.")), *READ,
)  # fmt: skip
def diagram(context: Context, subject: str) -> Answer:
    from wheel.documents.home import DiagramDocument
    from workflows.rules.diagram import mermaid

    if "/" in subject:
        with context.reading() as uow:
            plan = uow.plan(subject)
            drawn = mermaid(plan.workflow, context.texts.language, plan.state)
    else:
        from config.municipality.municipality import workflows_in
        from wheel.home.folder import HomeFolder

        folder = HomeFolder(context.home).municipality
        workflows = workflows_in(folder)  # without a home those of the catalog
        if subject not in workflows:
            names = ", ".join(sorted(workflows))
            raise NotFound(N_("The workflow {name} does not exist. These exist: {names}."), name=subject, names=names)
        drawn = mermaid(_with_bodies(folder, workflows[subject]), context.texts.language)
    return Answer(DiagramDocument(mermaid=drawn), drawn.splitlines)


def _with_bodies(folder: Path, workflow: "Workflow") -> "Workflow":
    """The workflow with labels as the wheel in the folder has them; in general words without one."""
    from config.municipality.faults import FaultyFilesError
    from config.municipality.municipality import load_wheel
    from workflows.definition.labels import no_bodies, with_bodies

    with suppress(FaultyFilesError):
        definition = load_wheel(folder)
        if workflow.id in definition.workflows:
            return definition.workflow_named(workflow.id)
    return with_bodies(workflow, no_bodies)


@command("status", N_("Check that all is well: service, mail, database."), *READ)
def status(context: Context) -> Answer:
    from wheel.console.printing.lines import local_time
    from wheel.console.printing.status import say_status
    from wheel.reads import registers, status

    with context.reading() as uow:
        document = status.status(uow.session, uow.mail, uow.now, context.texts, context.app.own_files)
        zone = registers.zone_of(uow)
    code = 0 if document.well else ENDINGS["not_well"].exit_code
    return Answer(document, lambda: say_status(document, context.texts, local_time(zone)), code)


def of_day(at: date | None, uow: "UnitOfWork", context: Context) -> list[str]:
    """The heading of an answer about a past day or about today, as `uow` reads it; nothing for one without a day."""
    if at is None:
        return []
    from wheel.reads.past_day import is_over

    text = N_("As it stood at the end of {day}:") if is_over(at, uow) else N_("As it stands so far on {day}:")
    return [context.texts(text, day=at), ""]
