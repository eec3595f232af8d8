"""Sentences of the engine name no command and no option; the console says after them how it does that."""

import re

import click

from config.text import translate
from config.text.texts import Texts
from wheel.console.help import walk
from wheel.console.hints import HINTS
from wheel.console.main import PROGRAM

COMMAND, OPTION = re.compile(r"`arshjul ([^`]*)`"), re.compile(r"(?<![\w-])--[a-z-]+")


def spoken() -> dict[str, set[str]]:
    """Each message with the files that say it, the console's own left out."""
    found: dict[str, set[str]] = {}
    for message in translate.extract():
        files = {file for file, _ in message.locations if not file.startswith("wheel/console/")}
        for text in [message.id] if isinstance(message.id, str) else message.id:
            if files:
                found[text] = files
    return found


def test_no_sentence_outside_the_console_names_a_command_or_an_option() -> None:
    named = [text for text in spoken() if COMMAND.search(text) or OPTION.search(text)]
    assert named == []


def test_every_hint_stands_after_a_sentence_that_is_said() -> None:
    assert set(HINTS) - spoken().keys() == set()


def test_every_command_and_option_of_a_hint_exists() -> None:
    known = {
        ctx.command_path.removeprefix("arshjul").strip(): {
            name for param in ctx.command.params for name in (*param.opts, *param.secondary_opts)
        }
        for ctx in walk(click.Context(PROGRAM, info_name="arshjul"))
    }
    everything = set().union(*known.values())
    for hint in HINTS.values():
        for written in COMMAND.findall(hint):
            words = written.split()
            command = next(name for n in (2, 1) if (name := " ".join(words[:n])) in known)
            assert set(OPTION.findall(written)) <= known[command], hint
        assert set(OPTION.findall(hint)) <= everything, hint


def test_a_hint_follows_its_sentence_with_the_same_facts_and_only_in_the_console() -> None:
    missing = "The notice {key} does not exist."
    facts = {"key": "K", "address": "2028/mrp"}
    assert Texts("en", HINTS)(missing, **facts) == (
        "The notice K does not exist. `arshjul explain 2028/mrp` lists the notices of the plan."
    )
    assert Texts("en")(missing, **facts) == "The notice K does not exist."
