"""The help of a command and the words for what was typed wrong, in the reader's language and 80 columns.

Typer's own are English in every language; the commands hold message keys, said here.
"""

import textwrap
from typing import Any

from typer.core import TyperCommand, TyperGroup

from config.text.texts import Texts
from wheel.errors import Usage
from workflows.messages import N_

WIDTH = 80
_MARGIN = 26  # where the second column starts
SHARED = {"--home": 2, "--database": 2, "--lang": 2, "--now": 2, "--json": 1}  # words that they take


class Command(TyperCommand):
    """A command that helps in the reader's language."""

    allow_extra_args = True  # so that `invoke` can name them

    def get_help(self, ctx: Any) -> str:
        return _help(self, ctx, ctx.obj.texts)

    def invoke(self, ctx: Any) -> Any:
        if ctx.args:
            raise Usage(N_("This is too much: {words}."), words=" ".join(ctx.args))
        return super().invoke(ctx)


class Group(TyperGroup):
    """A command with commands below it."""

    def get_help(self, ctx: Any) -> str:
        return _help(self, ctx, ctx.obj.texts)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, _shared_last(args) or ["--help"])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args[0] not in self.commands and not args[0].startswith("-"):
            names = ", ".join(self.commands)
            text = N_("There is no command {name}. There are: {names}.")
            raise Usage(text, name=f"`{ctx.command_path} {args[0]}`", names=names)
        return super().resolve_command(ctx, args)


def before_dashes(args: list[str]) -> list[str]:
    """Without what stands after --, where nothing is an option any more."""
    return args[: args.index("--")] if "--" in args else args


def _shared_last(args: list[str]) -> list[str]:
    """The options that all commands share may also stand before the command: they go to its end, where it reads them.

    Without a command they are left out: what they say of language and JSON is known already.
    """
    count = 0
    while count < len(args) and args[count].partition("=")[0] in SHARED:
        count += SHARED[args[count].partition("=")[0]] if "=" not in args[count] else 1
    shared, rest = args[:count], args[count:]
    if rest and rest[0].startswith("-"):
        return [rest[0], *_shared_last(rest[1:])]  # --help or --version
    before = before_dashes(rest)
    return [*before, *shared, *rest[len(before) :]] if rest else []


def _help(command: Command | Group, ctx: Any, texts: Texts) -> str:
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option" and not p.hidden]  # type: ignore[attr-defined]
    usage = [ctx.command_path, *(_placeholder(p, texts) for p in arguments)]
    usage.append(texts("COMMAND …") if isinstance(command, Group) else texts("[OPTIONS]"))
    blocks = [_wrapped(texts("Usage: {line}", line=" ".join(usage)), "  "), _wrapped(texts(command.help or ""))]
    if arguments:
        blocks.append(_section(texts("Arguments"), [(_placeholder(p, texts), texts(_help_of(p))) for p in arguments]))
    if isinstance(command, Group):
        rows = [(name, texts(sub.help or "")) for name, sub in command.commands.items()]
        blocks.append(_section(texts("Commands"), rows))
    rows = [(f"{p.opts[0]} {_placeholder(p, texts)}".strip(), texts(_help_of(p))) for p in options]
    rows.append(("--help", texts("Show this and end.")))
    blocks.append(_section(texts("Options"), rows))
    return "\n\n".join(block for block in blocks if block)


def _help_of(param: Any) -> str:
    return str(param.help or "")


def _placeholder(param: Any, texts: Texts) -> str:
    if getattr(param, "is_flag", False):
        return ""
    shown = texts(param.metavar) if param.metavar else param.name.upper()
    return shown if param.required or param.param_type_name == "option" else f"[{shown}]"


def _section(title: str, rows: list[tuple[str, str]]) -> str:
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


def usage_error(error: Exception, texts: Texts) -> str:
    """What Typer found wrong, in the reader's language. By the names of its errors: their module is private."""
    kind, param = type(error).__name__, getattr(error, "param", None)
    if kind == "MissingParameter" and param is not None:
        return texts("{name} is missing: {help}", name=_name_of(param, texts), help=texts(_help_of(param)))
    if kind == "NoSuchOption":
        said = texts("There is no option {name}.", name=getattr(error, "option_name", ""))
        near = getattr(error, "possibilities", None)
        return said + (" " + texts("Did you mean {near}?", near=", ".join(sorted(near))) if near else "")
    if kind == "BadOptionUsage":
        name = getattr(error, "option_name", "")
        takes = "does not take" in str(error)
        return texts("{name} takes no value.", name=name) if takes else texts("{name} needs a value.", name=name)
    if kind == "BadParameter" and param is not None:
        return texts("{name} cannot be understood.", name=_name_of(param, texts))
    return texts("The command cannot be understood: {why}", why=str(error))


def _name_of(param: Any, texts: Texts) -> str:
    return str(param.opts[0]) if param.param_type_name == "option" else _placeholder(param, texts)
