"""Writes the manual page arshjul(1) from the help: `python -m wheel.console.man [sv|en]`."""

import sys
import textwrap
from importlib.metadata import version

import click

from config.text.texts import Texts
from wheel.console.context import Output
from wheel.console.help import Row, options, said, sections, usage, walk
from wheel.console.main import PROGRAM
from wheel.console.options import READ
from wheel.exit_codes import ENDINGS
from workflows.messages import N_

MEANINGS = {
    "unexpected": N_("A bug. The message shows where to report it."),
    "usage": N_("The command cannot be understood."),
    "refused": N_("Refused: a rule, a role, or the wrong body."),
    "not_found": N_("There is no such plan, person or cycle."),
    "conflict": N_("Somebody else was faster, or the service is already running."),
    "faulty": N_("The wheel's files, the settings, the database or a backup have errors."),
    "not_well": N_("Something is not well: status, log, database or file system."),
}


def page(t: Texts) -> str:
    """The page in roff, with the macros of man(7)."""
    root = click.Context(PROGRAM, info_name="arshjul", obj=Output(t, json=False))
    what, *commands = walk(root)
    codes = [(str(ending.exit_code), t(MEANINGS[kind])) for kind, ending in ENDINGS.items()]
    lines = [
        f'.TH ARSHJUL 1 "" "arshjul {version("arshjul")}"',
        *_titled(t("NAME"), rf"arshjul \- {_escaped(said(PROGRAM, t).removeprefix('Årshjul: '))}"),
        *_titled(t("SYNOPSIS"), f".B {_escaped(usage(what.command, what, t))}"),
        *_titled(t("COMMANDS")),
    ]
    for ctx in commands:
        lines += [f'.SS "{_escaped(usage(ctx.command, ctx, t))}"', *_wrapped(said(ctx.command, t))]
        for _, rows in sections(ctx.command, ctx, t):
            lines += _rows([row for row in rows if row not in options(list(READ), t)])
    lines += [*_titled(t("OPTIONS OF ALL COMMANDS")), *_rows(options(list(READ), t))]
    lines += [*_titled(t("EXIT STATUS")), *_rows([("0", t("Done.")), *codes])]
    return "\n".join(lines) + "\n"


def _titled(title: str, *lines: str) -> list[str]:
    return [f".SH {_escaped(title)}", *lines]


def _rows(rows: list[Row]) -> list[str]:
    return [line for left, right in rows for line in (".TP", f".B {_escaped(left)}", *_wrapped(right))]


def _wrapped(text: str) -> list[str]:
    return [_escaped(line) for line in textwrap.wrap(text, 72, break_on_hyphens=False)]


def _escaped(text: str) -> str:
    said = text.replace("\\", r"\e").replace("-", r"\-").replace('"', r"\(dq")
    return rf"\&{said}" if said.startswith((".", "'")) else said


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stdout.write(page(Texts(sys.argv[1] if sys.argv[1:] else "en")))
