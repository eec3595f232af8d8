"""The commands that only look: plans, show, explain, diagram, status."""

from typing import Annotated, Any

import typer

from wheel.console.context import SWEDEN, Answer, Context, command
from wheel.console.options import PlanAddress
from wheel.console.values import one_of
from wheel.errors import NotFound
from wheel.format import STATUS
from workflows.messages import N_


def _filter(flag: str, metavar: str, help: str) -> Any:
    return typer.Option(flag, metavar=metavar, help=help)


CycleName = Annotated[str | None, _filter("--cycle", N_("CYCLE"), N_("Only of that cycle."))]
Phase = Annotated[str | None, _filter("--phase", N_("PHASE"), N_("Only of that phase."))]
Board = Annotated[str | None, _filter("--board", N_("BOARD"), N_("Only of that board."))]
Responsible = Annotated[
    str | None, _filter("--responsible", N_("WHO"), N_("Only those that wait for that body or person."))
]
Status = Annotated[
    list[str],
    typer.Option(
        "--status", metavar=N_("STATUS"), parser=one_of(*STATUS),
        help=N_("Only with that status, such as overdue; may be given several times."),
    ),
]  # fmt: skip
Subject = Annotated[str, typer.Argument(metavar=N_("PLAN|KEY"), help=N_("A plan's address, or the key of one notice."))]
Drawn = Annotated[
    str,
    typer.Argument(metavar=N_("PLAN|WORKFLOW"), help=N_("A plan's address, or the name of a workflow such as mrp.")),
]


def add_to(app: typer.Typer) -> None:
    command(app, "plans", N_("List the plans."))(plans)
    command(app, "show", N_("Show one plan: its state, what stands against its next steps, its history."))(show)
    command(app, "explain", N_("Say who was or will be told what about a plan, and why."))(explain)
    command(app, "diagram", N_("Draw a workflow as Mermaid, the plan's state marked."))(diagram)
    command(app, "status", N_("Say whether all is well: daemon, mail, database."))(status)


def plans(
    context: Context,
    cycle: CycleName = None,
    phase: Phase = None,
    board: Board = None,
    status: Status = [],  # noqa: B006 - Typer's way to say "any number of them"; it is only read
    responsible: Responsible = None,
) -> Answer:
    from wheel.console.printing.plans import say_plans
    from wheel.reads import plans

    with context.reading() as uow:
        document = plans.plans(uow, cycle=cycle, phase=phase, board=board, status=status, responsible=responsible)
    return Answer(document, lambda: say_plans(document, context.texts))


def show(context: Context, address: PlanAddress) -> Answer:
    from wheel.console.printing.plans import local_time, say_show
    from wheel.reads import plans

    with context.reading() as uow:
        zone = uow.plan(address).cycle.definition.wheel.zone
        document = plans.show(uow, address, context.texts)
    return Answer(document, lambda: say_show(document, context.texts, local_time(zone)))


def explain(context: Context, subject: Subject) -> Answer:
    from wheel.console.printing.plans import local_time, say_notices
    from wheel.reads import explain

    with context.reading() as uow:
        document = explain.explain(uow, subject, context.texts)
        zone = zone_of(uow)
    return Answer(document, lambda: say_notices(document, context.texts, local_time(zone)))


def diagram(context: Context, subject: Drawn) -> Answer:
    from workflows.rules.diagram import mermaid

    if "/" in subject:
        with context.reading() as uow:
            plan = uow.plan(subject)
            drawn = mermaid(plan.workflow, context.texts.language, plan.state)
    else:
        from config.municipality.municipality import catalog
        from wheel.home.folder import HomeFolder

        own = context.app.newest().workflows if HomeFolder(context.home).settings.is_file() else {}
        workflows = {**catalog(), **own}
        if subject not in workflows:
            names = ", ".join(sorted(workflows))
            raise NotFound(N_("There is no workflow {name}. There are: {names}."), name=subject, names=names)
        drawn = mermaid(workflows[subject], context.texts.language)
    return Answer({"mermaid": drawn}, drawn.splitlines)


def status(context: Context) -> Answer:
    from wheel.console.printing.plans import local_time, say_status
    from wheel.reads import status

    with context.reading() as uow:
        document = status.status(uow.session, uow.mail, uow.now, context.texts)
        zone = zone_of(uow)
    code = 0 if document["well"] else 7
    return Answer(document, lambda: say_status(document, context.texts, local_time(zone)), code)


def zone_of(uow: Any) -> str:
    """The zone of the newest cycle; Sweden's before there is one. The files are not read for a clock on the wall."""
    from sqlalchemy import select
    from sqlmodel import col

    from wheel.database.tables import CycleRow

    found = uow.session.execute(select(col(CycleRow.id)).order_by(col(CycleRow.id).desc()).limit(1)).scalar()
    return uow.cycle(found).definition.wheel.zone if found else SWEDEN
