"""Click commands in the reader's language, with the options that all commands share."""

from collections.abc import Callable
from typing import Any

import click
from click.shell_completion import CompletionItem

from wheel.console import help
from wheel.console.context import Answer, Context
from wheel.console.options import IF_VERSION, SHARED
from wheel.console.version_seen import version_seen
from wheel.errors import Usage
from workflows.messages import N_


class _Speaks(click.Command):
    """Shows help in the reader's language: the help texts that Click holds are message keys."""

    def get_help(self, ctx: click.Context) -> str:
        return help.text(self, ctx, ctx.obj.texts)

    def get_short_help_str(self, limit: int = 0) -> str:  # noqa: ARG002 - a shortened key is in no catalog
        return self.help or ""

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        items = super().shell_complete(ctx, incomplete)
        for item in items:
            item.help = ctx.obj.texts(item.help) if item.help else None
        return items


class Command(_Speaks):
    """Runs a function with a Context and the command's own arguments and options.

    A write to a plan is bound to the version that the plan had when the command was asked.
    """

    allow_extra_args = True  # so that `invoke` can name them

    def __init__(self, name: str, help: str, do: Callable[..., Answer], params: tuple[click.Parameter, ...]) -> None:
        super().__init__(name, help=help, params=list(params))
        self.do = do

    def invoke(self, ctx: click.Context) -> Answer:
        if ctx.args:
            raise Usage(N_("Too many words: {words}."), words=" ".join(ctx.args))
        given = dict(ctx.params)
        asked = {name: given.pop(name) for name in SHARED if name in given}
        asked.pop("json")  # main has read it already: usage errors need it before there is a command
        subject = given.get("address", given.get("entry"))
        if IF_VERSION in self.params and subject and asked["if_version"] is None:
            asked["if_version"] = version_seen(asked["home"], asked["database"], subject)  # first of all
        return self.do(Context(ctx.obj, **asked), **given)


class Group(_Speaks, click.Group):
    """A command with commands below it, in the order in which they are given."""

    def __init__(self, name: str, help: str, *commands: Command, **how: Any) -> None:
        super().__init__(name, help=help, commands=commands, **how)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - Click's would be sorted
        return list(self.commands)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, shared_last(args) or ["--help"])

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if not (ctx.resilient_parsing or args[0].startswith("-") or args[0] in (names := self.list_commands(ctx))):
            text = N_("The command {name} does not exist. These exist: {names}.")
            raise Usage(text, name=f"`{ctx.command_path} {args[0]}`", names=", ".join(names))
        return super().resolve_command(ctx, args)


def command(name: str, help: str, *params: click.Parameter) -> Callable[[Callable[..., Answer]], Command]:
    """Make a function a command. `params` end with READ, SIGNED or WRITE, the options that all of its kind share."""
    return lambda do: Command(name, help, do, params)


def before_dashes(args: list[str]) -> list[str]:
    """The arguments before --; after it nothing is an option."""
    return args[: args.index("--")] if "--" in args else args


_WORDS = {"--home": 2, "--database": 2, "--lang": 2, "--now": 2, "--json": 1}  # that the options of READ take


def shared_last(args: list[str]) -> list[str]:
    """Move the shared options that stand before the command to its end, where it reads them.

    Without a command they are left out: language and JSON are known already.
    """
    count = 0
    while count < len(args) and args[count].partition("=")[0] in _WORDS:
        count += _WORDS[args[count].partition("=")[0]] if "=" not in args[count] else 1
    shared, rest = args[:count], args[count:]
    if rest and rest[0].startswith("-"):
        return [rest[0], *shared_last(rest[1:])]  # --help or --version
    before = before_dashes(rest)
    return [*before, *shared, *rest[len(before) :]] if rest else []
