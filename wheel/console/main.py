"""The command `arshjul`: finds the command, runs it, prints its answer as JSON or lines, returns the exit code."""

import atexit
import gc
import io
import json
import os
import shutil
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from importlib import import_module
from typing import Any

import click

from config.text.texts import DEFAULT, LANGUAGES, Texts
from wheel.console.command import Command, Group, before_dashes, shared_last
from wheel.console.context import Answer, Output
from wheel.console.help import usage_error
from wheel.console.hints import HINTS
from wheel.console.out_file import utf8_stdout
from wheel.daemon.stop_signals import stop_signals
from wheel.errors import ArshjulError, ErrorKind, RefusedError, Usage
from wheel.exit_codes import ENDINGS
from wheel.private_files import private_files
from workflows.messages import N_
from workflows.visible import escaped, escaped_in_json, is_text

# In the order of the help; each in its module, which is loaded when its command is asked for.
COMMANDS = {
    "init": "operator.init", "check": "operator.check", "up": "operator.up", "daemon": "operator.daemon",
    "web": "operator.web", "backup": "operator.backup", "restore": "operator.restore", "upgrade": "operator.upgrade",
    "dump": "operator.dump", "load": "operator.load", "new": "new.new",
    "open": "plans.open_cycle", "move-deadline": "plans.move_deadline", "hold": "plans.hold",
    "release": "plans.release", "snooze": "plans.snooze", "reopen": "plans.reopen", "withdraw": "plans.withdraw",
    "remind": "plans.remind", "unflag": "plans.unflag",
    "plans": "show.plans", "show": "show.show", "explain": "show.explain",
    "decisions": "show.decisions",
    "wheel": "drawing.wheel",
    "diagram": "show.diagram", "status": "show.status", "advance": "plans.advance", "send-back": "plans.send_back",
    "postpone": "plans.postpone", "record": "record.record", "undo": "plans.undo", "correct": "plans.correct",
    "tick": "tick.tick",
    "rehearse": "rehearse.rehearse", "timetable": "timetable.timetable", "migrate": "timetable.migrate",
    "people": "people.people", "meetings": "meetings.meetings", "outbox": "outbox.outbox", "log": "log.log",
    "completion": "completion.completion",
}  # fmt: skip
SERVICE = {"up", "daemon", "web"}


class Arshjul(Group):
    """The program itself."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - of any run
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002
        if name not in COMMANDS:
            return None
        module, _, function = COMMANDS[name].partition(".")
        found: Command | Group = getattr(import_module(f"wheel.console.commands.{module}"), function)
        return found


class _Answered(Exception):
    """The program's own options have been answered; no command follows."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


def _version(ctx: click.Context, param: click.Parameter, wanted: bool) -> None:  # noqa: ARG001 - as Click calls it
    if wanted and not ctx.resilient_parsing:
        from importlib.metadata import version  # loads the standard library's mail, a fifth of a cold start

        number = version("arshjul")
        raise _Answered(Answer({"ok": True, "version": number}, lambda: [f"arshjul {number}"]))


PROGRAM = Arshjul(
    "arshjul",
    N_("Årshjul: a municipality's planning year as a running wheel."),
    params=[
        click.Option(
            ["--version"], is_flag=True, is_eager=True, expose_value=False, callback=_version,
            help=N_("Show the version and exit."),
        )
    ],
)  # fmt: skip


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit code of the contract (docs/contract.md)."""
    if argv is None:  # the program itself, not a test that calls it
        gc.disable()  # costs a fifth of a cold start; a command ends before it matters; the daemon turns it on
        atexit.register(
            gc.freeze
        )  # without this Python collects garbage once more at exit, a twentieth of a cold start
    _show_what_can_be_shown()
    arguments = list(sys.argv[1:] if argv is None else argv)
    output = Output(Texts(_language(arguments), HINTS), "--json" in before_dashes(arguments))
    answer = Answer({}, list)
    try:
        with private_files(), output.opened:
            if SERVICE & set(shared_last(arguments)[:1]):
                output.opened.enter_context(stop_signals(output.stop))
            answer = _run(arguments, output)
            _print(answer, output)
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        _close_output("stdout", "stderr")
    except OSError as error:  # the answer cannot be written, for example because a disk is full
        _close_output("stdout")
        output.json = False  # stderr is for people
        if answer.ok:  # the exit code must not say that nothing was done
            text = N_("It has been done, but the answer cannot be written: {why}.")
            said = _failed("not_well", output.texts(text, why=error.strerror or str(error)))
            answer = replace(said, code=answer.code)
        elif answer.ok is None:
            answer = _no_way(error, output)
        with suppress(OSError):
            _print(answer, output)
        _close_output("stderr")
    return answer.code


def _show_what_can_be_shown() -> None:
    """Replace the characters that the terminal cannot show: an act is committed before its answer is printed."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by the caller
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115, PTH123
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _close_output(*names: str) -> None:
    """Otherwise Python complains when it ends, and 3.13 then ends with exit code 120."""
    for name in names:
        setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115, PTH123


def _run(arguments: list[str], output: Output) -> Answer:
    try:
        _check_encoding(arguments)
        answer = PROGRAM.main(arguments, prog_name="arshjul", standalone_mode=False, obj=output)
        return answer if isinstance(answer, Answer) else Answer({"ok": True}, list, int(answer or 0))
    except _Answered as answered:
        return answered.answer
    except (click.Abort, KeyboardInterrupt):
        return _failed("unexpected", output.texts("Interrupted."), 130)
    except click.ClickException as error:
        return _failed("usage", usage_error(error, output.texts))
    except ArshjulError as error:
        return _refused(error, output)
    except BrokenPipeError:
        raise
    except SystemExit:
        if "_ARSHJUL_COMPLETE" in os.environ:  # the shell has its words
            raise
        raise BrokenPipeError from None  # Click ends so, with exit code 1, for this alone
    except OSError as error:
        return _no_way(error, output)
    except Exception as error:
        return _faulty(error, output) or _unexpected(error, output)


def _refused(error: ArshjulError, output: Output) -> Answer:
    if not isinstance(error, RefusedError):
        return _failed(error.kind, output.texts(error.message, **error.facts))
    from wheel.console.printing.writes import say_refused
    from wheel.reads.result_documents import refused_document

    document = refused_document(error, output.texts)
    return Answer(document, lambda: say_refused(document, output.texts), ENDINGS[error.kind].exit_code)


def _check_encoding(arguments: list[str]) -> None:
    """Raises Usage for words that are not text in the encoding of the system: no database and no mail can hold them."""
    broken = [name for name, value in os.environ.items() if name.startswith("ARSHJUL_") and not is_text(value)]
    # The address of a database may have a password, so it is not repeated.
    broken += ["--database" if "://" in word else word for word in arguments if not is_text(word)]
    if broken:
        words = ", ".join(os.fsencode(word).decode(errors="backslashreplace") for word in broken)
        raise Usage(N_("This is not text in UTF-8: {words}. Set the terminal to UTF-8."), words=words)


def _faulty(error: Exception, output: Output) -> Answer | None:
    from config.municipality.faults import FaultyFilesError

    if not isinstance(error, FaultyFilesError):
        return None
    from wheel.console.printing.writes import say_faults
    from wheel.reads.result_documents import faulty_document

    document = faulty_document(error, output.texts)
    return Answer(document, lambda: say_faults(document), ENDINGS["faulty"].exit_code)


def _no_way(error: OSError, output: Output) -> Answer:
    """The answer to an error of the operating system: a file that may not be read, a full disk."""
    file, why = error.filename2 or error.filename, error.strerror or str(error)
    if isinstance(error, shutil.Error):  # of a folder's copy: from where, to where and why, for each of its files
        _, file, said = error.args[0][0]
        why = said.partition("] ")[2].partition(": '")[0] or said
    message = N_("{file} cannot be used: {why}.") if file else N_("The system answers: {why}.")
    return _failed("not_well", output.texts(message, file=file, why=why))


def _unexpected(error: Exception, output: Output) -> Answer:
    if os.environ.get("ARSHJUL_DEBUG"):
        traceback.print_exception(error, file=sys.stderr)
    text = N_(
        "This should not have happened: {what}. Please report it to those who maintain Årshjul for you, with the "
        "command and what ARSHJUL_DEBUG=1 in the environment prints."
    )
    return _failed("unexpected", output.texts(text, what=f"{type(error).__name__}: {error}"))


def _failed(kind: ErrorKind, message: str, code: int | None = None) -> Answer:
    from wheel.console.printing.lines import wrapped
    from wheel.documents.errors import ErrorDocument

    document = ErrorDocument(error=kind, message=message)
    return Answer(document, lambda: wrapped(message), code or ENDINGS[kind].exit_code)


def _print(answer: Answer, output: Output) -> None:
    if output.json:
        print(escaped_in_json(json.dumps(_plain(answer), ensure_ascii=False, indent=2)), file=utf8_stdout(), flush=True)
        return
    # A failure goes to stderr, so that a pipe does not take it for a result. The answer of `status` is a result.
    stream = sys.stderr if answer.ok is False else sys.stdout
    for line in answer.say():
        print(escaped(line), file=stream)
    stream.flush()


def _plain(answer: Answer) -> dict[str, Any]:
    if isinstance(answer.document, dict):  # of the program itself, which loads nothing for it
        return answer.document
    from wheel.documents.base import as_json

    return as_json(answer.document)


def _language(arguments: list[str]) -> str:
    """The language of --lang, otherwise of the environment. The settings are read later, with the home."""
    given = None
    for place, word in enumerate(before_dashes(arguments)):
        if word == "--lang":
            given = arguments[place + 1] if place + 1 < len(arguments) else None
        elif word.startswith("--lang="):
            given = word.partition("=")[2]
    found = given or os.environ.get("ARSHJUL_LANG", "")
    return found if found in LANGUAGES else DEFAULT
