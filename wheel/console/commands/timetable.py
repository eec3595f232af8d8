"""The commands `timetable` and `migrate`: a running cycle gets other dates, or another wheel."""

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

SOURCE = option("--source", metavar=N_("DIR"), type=PATH, help=N_("A folder of wheel files other than the home's."))


@command(
    "timetable", N_("Show, accept or replace a cycle's timetable."), CYCLE,
    flag("--accept", help=N_("Accept the recalculated dates.")),
    flag("--replace", help=N_("A body has decided a new timetable. The dates in the files apply from now on.")),
    SOURCE, flag("--all", help=N_("Also show the dates that do not differ.")), *DECISION,
    IF_CYCLE_VERSION, REASON, *SIGNED,
)  # fmt: skip
def timetable(
    context: Context, cycle: str, accept: bool, replace: bool, source: Path | None, all: bool, **minutes: Any
) -> Answer:
    from wheel.cycles import replace_timetable

    if accept and replace:
        raise Usage(N_("Give either --accept or --replace, not both."))
    if accept:
        return context.carry_out(cycle, "timetable", replace_timetable.accept, cycle)
    if not replace:
        return _compared(context, cycle, source, all)
    form = decision(**minutes)
    context.may_write()
    newest = _files(context, source)
    return context.carry_out(cycle, "timetable", replace_timetable.replace_timetable, cycle, newest, form)


def _compared(context: Context, cycle: str, source: Path | None, whole: bool) -> Answer:
    from config.municipality.faults import FaultyFilesError
    from wheel.console.printing.timetable import say_timetable
    from wheel.reads.names import names_at
    from wheel.reads.timetable import compare

    newest, faults = None, 0
    try:
        newest = _files(context, source)
    except FaultyFilesError as faulty:  # the decided timetable can be shown all the same
        faults = len(faulty.faults)
    with context.reading() as uow:
        document = compare(uow, cycle, newest, whole=whole, faults=faults)
        names = names_at(uow, [cycle], context.texts.language)
    return Answer(document, lambda: say_timetable(document, context.texts, names))


def _files(context: Context, source: Path | None) -> "Definition":
    from config.municipality.municipality import load_wheel

    return load_wheel(source) if source else context.app.newest()


@command(
    "migrate", N_("Bring a cycle up to date with the wheel's files."), CYCLE, SOURCE,
    option(
        "maps", "--map", metavar=N_("OLD=NEW"), multiple=True,
        help=N_("The new state for an old one. WORKFLOW.OLD=NEW for a single workflow."),
    ),
    option(
        "--dates", metavar="keep|recompute", type=OneOf("keep", "recompute"), default="keep",
        help=N_("Whether to keep the dates or take those of the files. Dates moved by hand are kept."),
    ),
    flag("--yes", help=N_("Make the change. Without this it is only shown.")), IF_CYCLE_VERSION, REASON, *SIGNED,
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
        raise Usage(N_("{value} does not state what a state becomes. Write OLD=NEW."), value=bad_mappings[0])
    return {old: new for old, _, new in pairs}
