"""The commands about a running cycle's dates and wheel: its timetable, and taking it over to another wheel."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from wheel.console.command import command
from wheel.console.context import Answer, Context
from wheel.console.options import CYCLE, DECISION, IF_CYCLE_VERSION, PATH, REASON, SIGNED, decision, flag, option
from wheel.console.values import OneOf
from wheel.errors import Usage
from workflows.messages import N_

if TYPE_CHECKING:
    from workflows.definition.definition import Definition

SOURCE = option("--source", metavar=N_("DIR"), type=PATH, help=N_("Another folder with wheel files than the home's."))


@command(
    "timetable", N_("Show the versions of a cycle's timetable, accept or replace it."), CYCLE,
    flag("--accept", help=N_("Take over the dates that count from others, as they are now.")),
    flag("--replace", help=N_("A body has decided a new timetable: the dates of the files, from here on.")),
    SOURCE, flag("--all", help=N_("Also the dates in which nothing differs.")), *DECISION,
    IF_CYCLE_VERSION, REASON, *SIGNED,
)  # fmt: skip
def timetable(
    context: Context, cycle: str, accept: bool, replace: bool, source: Path | None, all: bool, **minutes: Any
) -> Answer:
    from wheel.cycles import replace_timetable

    if accept and replace:
        raise Usage(N_("Either --accept or --replace, not both."))
    if accept:
        return context.carry_out(cycle, "timetable", replace_timetable.accept, cycle)
    if not replace:
        return _compared(context, cycle, source, all)
    form = decision(**minutes)
    context.may_write()
    newest = _files(context, source)
    return context.carry_out(cycle, "timetable", replace_timetable.replace_timetable, cycle, newest, form)


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


@command(
    "migrate", N_("Take a running cycle over to the wheel as its files are now."), CYCLE, SOURCE,
    option(
        "maps", "--map", metavar=N_("OLD=NEW"), multiple=True,
        help=N_("What becomes of a state; WORKFLOW.OLD=NEW for one workflow alone."),
    ),
    option(
        "--dates", metavar="keep|recompute", type=OneOf("keep", "recompute"), default="keep",
        help=N_("Whether the dates stay, or are those of the files; what was moved by hand stays."),
    ),
    flag("--yes", help=N_("Do it; without this it is only shown.")), IF_CYCLE_VERSION, REASON, *SIGNED,
)  # fmt: skip
def migrate(context: Context, cycle: str, source: Path | None, maps: tuple[str, ...], dates: str, yes: bool) -> Answer:
    from wheel.cycles import migrate, state_mapping

    context.dry_run = context.dry_run or not yes
    context.may_write()
    newest = _files(context, source)
    wanted = state_mapping.MigrationOptions(_pairs(maps), "recompute" if dates == "recompute" else "keep")
    return context.carry_out(cycle, "migrate", migrate.migrate, cycle, newest, wanted)


def _pairs(maps: tuple[str, ...]) -> dict[str, str]:
    pairs = [each.partition("=") for each in maps]
    if bad_mappings := [
        each for each, (old, equals, new) in zip(maps, pairs, strict=True) if not (old and equals and new)
    ]:
        raise Usage(N_("{value} says of no state what becomes of it; write it as OLD=NEW."), value=bad_mappings[0])
    return {old: new for old, _, new in pairs}
