"""The command `arshjul`: what was typed becomes a question to the engine, its answer a document or lines."""

import gc
import io
import json
import os
import shutil
import sys
import traceback
from collections.abc import Sequence
from importlib import metadata
from typing import Annotated, Any

import typer
from typer.exceptions import Abort, TyperException

from config.text.texts import DEFAULT, LANGUAGES, Texts
from wheel.console.commands import log, new, operator, outbox, people, rehearse, show, steps, tick, timetable, upkeep
from wheel.console.context import Answer, Output
from wheel.console.help import Group, before_dashes, usage_error
from wheel.errors import ArshjulError, RefusedError
from workflows.messages import N_


class _Answered(Exception):
    """The program's own options have been answered; no command follows."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


def _version(wanted: bool) -> None:
    if wanted:
        number = metadata.version("arshjul")
        raise _Answered(Answer({"ok": True, "version": number}, lambda: [f"arshjul {number}"]))


# Eager: answered before Typer looks at anything else, which would load Pydantic.
Version = Annotated[
    bool, typer.Option("--version", is_eager=True, callback=_version, help=N_("Show the version and end."))
]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit code of the contract (docs/contract.md)."""
    if argv is None:  # the program itself, not a test that calls it
        gc.disable()  # a fifth of a cold start; a command is over before it matters, the daemon turns it on again
    arguments = list(sys.argv[1:] if argv is None else argv)
    output = Output(Texts(_language(arguments)), "--json" in before_dashes(arguments))
    try:
        with output.opened:
            answer = _run(arguments, output)
            _print(answer, output)
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 - or Python complains when it ends
        return 0
    except OSError as error:  # where the answer goes there is no room, such as a full disk
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123
        answer = _no_way(error, output)
        output.json = False  # stderr is for people
        _print(answer, output)
    return answer.code


def build(asked: str = "") -> Any:
    """The commands, in the order of the help; only the one that is `asked` for, if it is one.

    No text is said yet: the keys wait for a language.
    """
    app = typer.Typer(
        cls=Group, name="arshjul", add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False,
        help=N_("Årshjul: a municipality's planning year as a running wheel."),
    )  # fmt: skip

    @app.callback(invoke_without_command=True)
    def root(version: Version = False) -> None:
        """The program's own options; their callbacks answer."""

    for group in (
        operator, new, upkeep, show, steps, tick, rehearse, people, timetable, outbox, log,
    ):  # fmt: skip
        group.add_to(app)
    commands, groups = app.registered_commands, app.registered_groups
    if asked in (*(entry.name for entry in commands), *(entry.name for entry in groups)):
        # Typer takes a millisecond for each command that it makes ready.
        app.registered_commands = [entry for entry in commands if entry.name == asked]
        app.registered_groups = [entry for entry in groups if entry.name == asked]
    return typer.main.get_command(app)


def _run(arguments: list[str], output: Output) -> Answer:
    try:
        asked = arguments[0] if arguments else ""
        answer = build(asked).main(arguments, prog_name="arshjul", standalone_mode=False, obj=output)
        return answer if isinstance(answer, Answer) else Answer({"ok": True}, list, int(answer or 0))
    except _Answered as answered:
        return answered.answer
    except (Abort, KeyboardInterrupt):
        return _failed("unexpected", output.texts("Interrupted."), 130)
    except TyperException as error:
        return _failed("usage", usage_error(error, output.texts), 2)
    except ArshjulError as error:
        return _refused(error, output)
    except BrokenPipeError:
        raise
    except OSError as error:
        return _no_way(error, output)
    except Exception as error:
        return _faulty(error, output) or _unexpected(error, output)


def _refused(error: ArshjulError, output: Output) -> Answer:
    if not isinstance(error, RefusedError):
        return _failed(error.kind, output.texts(error.message, **error.facts), error.exit_code)
    from wheel.console.printing.plans import say_refused
    from wheel.reads.plans import reason_json

    refusals = [reason_json(reason, output.texts, output.definition) for reason in error.reasons]
    document = {"ok": False, "error": error.kind, "refusals": refusals}
    return Answer(document, lambda: say_refused(refusals, output.texts), error.exit_code)


def _faulty(error: Exception, output: Output) -> Answer | None:
    from config.municipality.faults import Faulty

    if not isinstance(error, Faulty):
        return None
    from config.municipality.codes import number
    from wheel.console.printing.plans import say_faults

    t = output.texts
    faults: list[dict[str, Any]] = [
        {
            "code": fault.code, "number": number(fault.code),
            "file": fault.file, "line": fault.line or None, "place": fault.place,
            "message": t(fault.message, **fault.facts), "cure": t(fault.cure, **fault.facts),
        }
        for fault in error.faults
    ]  # fmt: skip
    message = t.plural("{n} fault; nothing was done.", "{n} faults; nothing was done.", len(faults))
    errors = [{**fault, "code": fault["number"], "name": fault["code"]} for fault in faults]
    document = {"ok": False, "error": "faulty", "message": message, "faults": faults, "errors": errors}
    return Answer(document, lambda: say_faults(document), 6)


def _no_way(error: OSError, output: Output) -> Answer:
    """What the system refuses: a file that may not be read, a full disk."""
    file, why = error.filename2 or error.filename, error.strerror or str(error)
    if isinstance(error, shutil.Error):  # of a folder's copy: from where, to where and why, for each of its files
        _, file, said = error.args[0][0]
        why = said.partition("] ")[2].partition(": '")[0] or said
    message = N_("The system does not let this be done with {file}: {why}.") if file else N_("The system says: {why}.")
    return _failed("not_well", output.texts(message, file=file, why=why), 7)


def _unexpected(error: Exception, output: Output) -> Answer:
    if os.environ.get("ARSHJUL_DEBUG"):
        traceback.print_exception(error, file=sys.stderr)
    text = N_(
        "This should not have happened: {what}. Please report it to those who maintain Årshjul for you, with the "
        "command and what ARSHJUL_DEBUG=1 in the environment prints."
    )
    return _failed("unexpected", output.texts(text, what=f"{type(error).__name__}: {error}"), 1)


def _failed(kind: str, message: str, code: int) -> Answer:
    from wheel.console.printing.plans import wrapped

    return Answer({"ok": False, "error": kind, "message": message}, lambda: wrapped(message), code)


def _print(answer: Answer, output: Output) -> None:
    from wheel.format import harmless

    if output.json:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8")  # whatever the terminal speaks, JSON is UTF-8
        print(json.dumps(answer.document, ensure_ascii=False, indent=2), flush=True)
        return
    # What was not done is no result: a pipe gets nothing of it. Bad health is what `status` was asked for.
    stream = sys.stderr if answer.document.get("ok") is False else sys.stdout
    for line in answer.say():
        print(harmless(line), file=stream)
    stream.flush()


def _language(arguments: list[str]) -> str:
    """--lang, then the environment. The settings' own is found when the home is."""
    given = None
    for place, word in enumerate(before_dashes(arguments)):
        if word == "--lang":
            given = arguments[place + 1] if place + 1 < len(arguments) else None
        elif word.startswith("--lang="):
            given = word.partition("=")[2]
    found = given or os.environ.get("ARSHJUL_LANG", "")
    return found if found in LANGUAGES else DEFAULT
