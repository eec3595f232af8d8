"""The command that records many acts at once."""

import sys
from pathlib import Path

from wheel.console.command import command
from wheel.console.context import Answer, Context
from wheel.console.options import PATH, SIGNED, argument, flag, option
from workflows.messages import N_

STDIN = Path("-")


@command(
    "record",
    N_(
        "Take many steps and record many decisions at once, from a table with the columns address;step;on;body;date;"
        "paragraph;point;diary;outcome;reason. All rows are done, or none."
    ),
    argument("file", N_("FILE"), N_("The table, in CSV. - reads it from standard input."), type=PATH),
    option("--reason", metavar=N_("TEXT"), default="", help=N_("The reason of the rows without one of their own.")),
    flag("--anyway", help=N_("Go on although a rule refuses, where that is allowed, in the rows with a reason.")),
    *SIGNED,
)  # fmt: skip
def record(context: Context, file: Path) -> Answer:
    from config.municipality import import_bounds
    from wheel.actions import record as action
    from wheel.console import acts_table

    context.may_write()
    name = context.texts(N_("standard input")) if file == STDIN else file.name
    with import_bounds.reading(name):
        text = import_bounds.bounded_text(sys.stdin.buffer) if file == STDIN else import_bounds.read_bounded(file)
        acts = acts_table.read_acts(text, name)
    anyway, context.anyway = context.anyway, False  # a row may have a reason of its own, so each is asked for it
    return context.carry_out(name, "record", action.record_acts, acts, anyway)
