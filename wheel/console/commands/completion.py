"""The command `completion`: lets a shell complete commands and options."""

from click.shell_completion import get_completion_class

from wheel.console.command import command
from wheel.console.context import Answer, Context
from wheel.console.options import READ, argument
from wheel.console.values import OneOf
from workflows.messages import N_

SHELLS = ("bash", "zsh", "fish")


@command(
    "completion", N_("Write the script by which a shell completes commands and options."),
    argument("shell", "bash|zsh|fish", N_("The shell that reads the script."), type=OneOf(*SHELLS)),
    *READ,
)  # fmt: skip
def completion(context: Context, shell: str) -> Answer:  # noqa: ARG001 - it asks no home
    from wheel.console.main import PROGRAM

    kind = get_completion_class(shell)
    assert kind is not None  # each of SHELLS has one
    script = kind(PROGRAM, {}, "arshjul", "_ARSHJUL_COMPLETE").source()
    return Answer({"shell": shell, "script": script}, script.splitlines)
