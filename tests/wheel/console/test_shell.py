"""What the shell and `man` get from the commands: completion, the manual page."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from config.text.texts import Texts
from wheel.console import man
from wheel.console.help import walk
from wheel.console.main import PROGRAM, main

BIN = Path(sys.executable).parent
BASH = shutil.which("bash") or "bash"


def completed(*words: str) -> list[str]:
    """What bash offers for the last of the words, after it has read the script."""
    script = """
        eval "$(arshjul completion bash)"
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        _arshjul_completion arshjul
        printf '%s\\n' "${COMPREPLY[@]}"
    """
    done = subprocess.run(
        [BASH, "--norc", "-c", script, "bash", "arshjul", *words],
        env={"PATH": f"{BIN}:/usr/bin:/bin", "LC_ALL": "C.UTF-8"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stderr == ""
    return done.stdout.split()


def test_bash_completes_commands_options_and_words() -> None:
    assert completed("re") == ["restore", "release", "reopen", "remind", "record", "rehearse"]
    assert completed("outbox", "re") == ["retry", "release"]
    assert completed("status", "--h") == ["--home", "--help"]
    assert completed("log", "export", "--format", "") == ["jsonl", "csv"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_a_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert f"_ARSHJUL_COMPLETE={shell}_complete" in script
    assert main(["completion", shell, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"shell": shell, "script": script.rstrip("\n") + "\n"}


def test_a_shell_that_shows_help_shows_it_in_the_readers_language(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {"_ARSHJUL_COMPLETE": "zsh_complete", "COMP_WORDS": "arshjul rest", "COMP_CWORD": "1"}.items():
        monkeypatch.setenv(name, value)
    help = PROGRAM.get_command(click.Context(PROGRAM), "restore")
    for language in ("sv", "en"):
        monkeypatch.setenv("ARSHJUL_LANG", language)
        with pytest.raises(SystemExit):
            main([])
        assert help is not None
        assert capsys.readouterr().out.splitlines() == ["plain", "restore", Texts(language)(help.help or "")]


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_manual_page_has_every_command_and_is_clean(language: str, tmp_path: Path) -> None:
    text = man.page(Texts(language))
    for ctx in walk(click.Context(PROGRAM, info_name="arshjul")):
        assert ctx.command_path.replace("-", r"\-") in text
    file = tmp_path / "arshjul.1"
    file.write_text(text, encoding="utf-8")
    # A machine without `man` or mandoc has no use for the page.
    for words in (["man", "--warnings", "-l"], ["mandoc", "-T", "lint", "-W", "warning"]):
        if shutil.which(words[0]):
            done = subprocess.run([*words, file], capture_output=True, text=True, check=False)
            assert [line for line in done.stderr.splitlines() if "missing date" not in line] == []
            assert words[0] == "man" or [line for line in done.stdout.splitlines() if "missing date" not in line] == []
