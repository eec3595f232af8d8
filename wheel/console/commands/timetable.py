"""The commands about a running cycle's dates and wheel: its timetable, and taking it over to another wheel."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wheel.console.context import IF_CYCLE_VERSION, REASON, Answer, Context, command
from wheel.console.options import (
    Body,
    Details,
    Diary,
    Link,
    Meeting,
    Outcome,
    Paragraph,
    Point,
    Text,
    decision,
)
from wheel.console.values import one_of
from wheel.errors import Usage
from workflows.messages import N_

if TYPE_CHECKING:
    from workflows.definition.definition import Definition

CycleName = Annotated[
    str, typer.Argument(metavar=N_("CYCLE"), help=N_("The cycle's name, such as 2028 or mandat-2026."))
]
Source = Annotated[
    Path | None,
    typer.Option("--source", metavar=N_("DIR"), help=N_("Another folder with wheel files than the home's.")),
]
All = Annotated[bool, typer.Option("--all", help=N_("Also the dates in which nothing differs."))]
Accept = Annotated[
    bool, typer.Option("--accept", help=N_("Take over the dates that count from others, as they are now."))
]
Replace = Annotated[
    bool,
    typer.Option("--replace", help=N_("A body has decided a new timetable: the dates of the files, from here on.")),
]
Map = Annotated[
    list[str] | None,
    typer.Option(
        "--map", metavar=N_("OLD=NEW"), help=N_("What becomes of a state; WORKFLOW.OLD=NEW for one workflow alone.")
    ),
]
Dates = Annotated[
    str,
    typer.Option(
        "--dates", metavar="keep|recompute", parser=one_of("keep", "recompute"),
        help=N_("Whether the dates stay, or are those of the files; what was moved by hand stays."),
    ),
]  # fmt: skip
Yes = Annotated[bool, typer.Option("--yes", help=N_("Do it; without this it is only shown."))]


def add_to(app: typer.Typer) -> None:
    help = N_("Show the versions of a cycle's timetable, accept or replace it.")
    command(app, "timetable", help, "sign", IF_CYCLE_VERSION, REASON)(timetable)
    help = N_("Take a running cycle over to the wheel as its files are now.")
    command(app, "migrate", help, "sign", IF_CYCLE_VERSION, REASON)(migrate)


def timetable(
    context: Context,
    cycle: CycleName,
    accept: Accept = False,
    replace: Replace = False,
    source: Source = None,
    whole: All = False,
    body: Body = "",
    date: Meeting = None,
    paragraph: Paragraph = "",
    point: Point = "",
    diary: Diary = "",
    outcome: Outcome = "",
    link: Link = "",
    text: Text = "",
    detail: Details = None,
) -> Answer:
    from wheel.cycles import replace_timetable

    if accept and replace:
        raise Usage(N_("Either --accept or --replace, not both."))
    if accept:
        return context.carry_out(cycle, "timetable", lambda uow, request: replace_timetable.accept(uow, request, cycle))
    if not replace:
        return _compared(context, cycle, source, whole)
    form = decision(body, date, paragraph, point, diary, outcome, link, text, detail)
    context.may_write()
    newest = _files(context, source)
    return context.carry_out(
        cycle, "timetable", lambda uow, request: replace_timetable.replace_timetable(uow, request, cycle, newest, form)
    )


def _compared(context: Context, cycle: str, source: Path | None, whole: bool) -> Answer:
    from config.municipality.faults import Faulty
    from wheel.console.printing.lines import say_timetable
    from wheel.reads.timetable import compare

    newest, faults = None, 0
    try:
        newest = _files(context, source)
    except Faulty as faulty:  # what was decided can be read all the same
        faults = len(faulty.faults)
    with context.reading() as uow:
        document: dict[str, Any] = {**compare(uow, cycle, newest, whole=whole), "faults": faults}
    return Answer(document, lambda: say_timetable(document, context.texts))


def _files(context: Context, source: Path | None) -> "Definition":
    from config.municipality.municipality import load

    return load(source).definition if source else context.app.newest()


def migrate(
    context: Context, cycle: CycleName, source: Source = None, map: Map = None, dates: Dates = "keep", yes: Yes = False
) -> Answer:
    from wheel.cycles import migrate, state_mapping

    context.dry_run = context.dry_run or not yes
    context.may_write()
    newest = _files(context, source)
    wanted = state_mapping.MigrationOptions(_pairs(map or []), "recompute" if dates == "recompute" else "keep")
    return context.carry_out(
        cycle, "migrate", lambda uow, request: migrate.migrate(uow, request, cycle, newest, wanted)
    )


def _pairs(maps: list[str]) -> dict[str, str]:
    pairs = [each.partition("=") for each in maps]
    if bad_mappings := [
        each for each, (old, equals, new) in zip(maps, pairs, strict=True) if not (old and equals and new)
    ]:
        raise Usage(N_("{value} says of no state what becomes of it; write it as OLD=NEW."), value=bad_mappings[0])
    return {old: new for old, _, new in pairs}
