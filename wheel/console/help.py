"""The help of a command and the messages about usage errors, in the reader's language and 80 columns.

Click's own texts are English only; the commands hold message keys, which are translated here.
"""

import textwrap
from collections.abc import Iterator

import click

from config.text.texts import Texts
from workflows.messages import N_

WIDTH = 80
_MARGIN = 26  # where the second column starts

Row = tuple[str, str]  # a word, and what it is


def text(command: click.Command, ctx: click.Context, t: Texts) -> str:
    blocks = [_wrapped(t("Usage: {line}", line=usage(command, ctx, t)), "  "), _wrapped(said(command, t))]
    blocks += [_section(title, rows) for title, rows in sections(command, ctx, t) if rows]
    return "\n\n".join(block for block in blocks if block)


def usage(command: click.Command, ctx: click.Context, t: Texts) -> str:
    words = [ctx.command_path, *(_placeholder(p, t) for p in command.params if isinstance(p, click.Argument))]
    return " ".join([*words, t("COMMAND …") if isinstance(command, click.Group) else t("[OPTIONS]")])


def sections(command: click.Command, ctx: click.Context, t: Texts) -> list[tuple[str, list[Row]]]:
    """The sections of the help: each title with its rows."""
    arguments = [(_placeholder(p, t), said(p, t)) for p in command.params if isinstance(p, click.Argument)]
    commands = [(name, said(sub, t)) for name, sub in below(command, ctx)]
    return [(t("Arguments"), arguments), (t("Commands"), commands), (t("Options"), options(command.params, t))]


def options(params: list[click.Parameter], t: Texts) -> list[Row]:
    found = [p for p in params if isinstance(p, click.Option)]
    rows = [(f"{p.opts[0]} {_placeholder(p, t)}".strip(), said(p, t)) for p in found]
    return [*rows, ("--help", t("Show this help and exit."))]


def below(command: click.Command, ctx: click.Context) -> list[tuple[str, click.Command]]:
    """The commands of a group, in their order; empty for a command that is not a group."""
    if not isinstance(command, click.Group):
        return []
    return [(name, sub) for name in command.list_commands(ctx) if (sub := command.get_command(ctx, name))]


def said(command: click.Command | click.Parameter, t: Texts) -> str:
    """Its help."""
    return t(command.help) if command.help else ""


def walk(ctx: click.Context) -> Iterator[click.Context]:
    """The command and all below it."""
    yield ctx
    for name, sub in below(ctx.command, ctx):
        yield from walk(click.Context(sub, parent=ctx, info_name=name))


def _placeholder(param: click.Parameter, t: Texts) -> str:
    if isinstance(param, click.Option) and param.is_flag:
        return ""
    shown = t(param.metavar) if param.metavar else ""
    return shown if param.required or isinstance(param, click.Option) else f"[{shown}]"


def _section(title: str, rows: list[Row]) -> str:
    lines = [f"{title}:"]
    for left, right in rows:
        wrapped = textwrap.wrap(right, WIDTH - _MARGIN, break_on_hyphens=False) or [""]
        first = f"  {left}"
        if len(first) > _MARGIN - 2:
            lines.append(first)
            first = ""
        lines.append(f"{first:{_MARGIN}}{wrapped[0]}".rstrip())
        lines += [f"{'':{_MARGIN}}{line}" for line in wrapped[1:]]
    return "\n".join(lines)


def _wrapped(text: str, hanging: str = "") -> str:
    return "\n".join(textwrap.wrap(text, WIDTH, subsequent_indent=hanging, break_on_hyphens=False))


def usage_error(error: click.ClickException, t: Texts) -> str:
    """Click's usage error as a sentence in the reader's language."""
    match error:
        case click.MissingParameter(param=click.Parameter() as param):
            return t("{name} is missing: {help}", name=_name_of(param, t), help=said(param, t))
        case click.BadParameter(param=click.Parameter() as param):
            return t("{name} cannot be understood.", name=_name_of(param, t))
        case click.NoSuchOption(option_name=name, possibilities=near):
            line = t("The option {name} does not exist.", name=name)
            return line + (" " + t("Did you mean {near}?", near=", ".join(sorted(near))) if near else "")
        case click.BadOptionUsage(option_name=name):
            takes_none = "does not take" in error.message  # Click has one class for both
            return t(N_("{name} takes no value.") if takes_none else N_("{name} needs a value."), name=name)
    return t("The command cannot be understood: {why}", why=error.message)


def _name_of(param: click.Parameter, t: Texts) -> str:
    return param.opts[0] if isinstance(param, click.Option) else _placeholder(param, t)
