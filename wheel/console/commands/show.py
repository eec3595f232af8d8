"""The commands that only look: plans, show, explain, diagram, status."""

from typing import Annotated, Any

import typer

from wheel.console.context import SWEDEN, Answer, Door, command
from wheel.console.options import Plan
from wheel.console.values import one_of
from wheel.errors import NotFound
from wheel.format import STATUS
from workflows.messages import N_


def _filter(flag: str, metavar: str, help: str) -> Any:
    return typer.Option(flag, metavar=metavar, help=help)


Cycle = Annotated[str | None, _filter("--cycle", N_("CYCLE"), N_("Only of that cycle."))]
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
    door: Door,
    cycle: Cycle = None,
    phase: Phase = None,
    board: Board = None,
    status: Status = [],  # noqa: B006 - Typer's way to say "any number of them"; it is only read
    responsible: Responsible = None,
) -> Answer:
    from wheel.console.printing.plans import say_plans
    from wheel.reads import plans

    with door.reading() as work:
        document = plans.plans(work, cycle=cycle, phase=phase, board=board, status=status, responsible=responsible)
    return Answer(document, lambda: say_plans(document, door.texts))


def show(door: Door, address: Plan) -> Answer:
    from wheel.console.printing.plans import local_time, say_show
    from wheel.reads import plans

    with door.reading() as work:
        zone = work.matter(address).turn.definition.wheel.zone
        document = plans.show(work, address, door.texts)
    return Answer(document, lambda: say_show(document, door.texts, local_time(zone)))


def explain(door: Door, subject: Subject) -> Answer:
    from wheel.console.printing.plans import local_time, say_notices
    from wheel.reads import explain

    with door.reading() as work:
        document = explain.explain(work, subject, door.texts)
        zone = zone_of(work)
    return Answer(document, lambda: say_notices(document, door.texts, local_time(zone)))


def diagram(door: Door, subject: Drawn) -> Answer:
    from workflows.rules.diagram import mermaid

    if "/" in subject:
        with door.reading() as work:
            matter = work.matter(subject)
            drawn = mermaid(matter.workflow, door.texts.language, matter.state)
    else:
        from config.municipality.municipality import catalog
        from wheel.home.folder import HomeFolder

        own = door.app.newest().workflows if HomeFolder(door.home).settings.is_file() else {}
        workflows = {**catalog(), **own}
        if subject not in workflows:
            names = ", ".join(sorted(workflows))
            raise NotFound(N_("There is no workflow {name}. There are: {names}."), name=subject, names=names)
        drawn = mermaid(workflows[subject], door.texts.language)
    return Answer({"mermaid": drawn}, drawn.splitlines)


def status(door: Door) -> Answer:
    from wheel.console.printing.plans import local_time, say_status
    from wheel.reads import status

    with door.reading() as work:
        document = status.status(work.session, work.mail, work.now, door.texts)
        zone = zone_of(work)
    code = 0 if document["well"] else 7
    return Answer(document, lambda: say_status(document, door.texts, local_time(zone)), code)


def zone_of(work: Any) -> str:
    """The zone of the newest cycle; Sweden's before there is one. The files are not read for a clock on the wall."""
    from sqlalchemy import select
    from sqlmodel import col

    from wheel.database.tables import Cycle

    found = work.session.execute(select(col(Cycle.id)).order_by(col(Cycle.id).desc()).limit(1)).scalar()
    return work.turn(found).definition.wheel.zone if found else SWEDEN
