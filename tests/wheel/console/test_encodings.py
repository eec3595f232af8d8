"""Terminals and pipes that cannot show or take everything: an act that is committed has been done."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.installed import Arshjul, at
from wheel.console.main import main

ROOT = Path(__file__).parents[3]
COMMAND = Path(sys.executable).parent / "arshjul"
NOW = at("2026-11-05")
DECISION = ("--body", "ks", "--date", "2026-11-04", "--paragraph", "201", "--diary", "KS 2026/300")
DECIDE = ("advance", "2028/tidsplan", "decide", *DECISION, "--outcome", "adopted")


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = Arshjul(tmp_path_factory.mktemp("encodings") / "var")
    home.done("init", "--practice", now=at("2026-11-02"))
    home.done("open", "2028", "--actor", "admin", now=at("2026-11-02"))
    return home.home


@pytest.fixture
def home(begun: Path, tmp_path: Path) -> Arshjul:
    """The cycle 2028 is open."""
    made = Arshjul(shutil.copytree(begun, tmp_path / "var"))
    made.now = NOW
    return made


def run(
    home: Arshjul, *words: str | bytes, encoding: str = "utf-8", **streams: int
) -> subprocess.CompletedProcess[bytes]:
    """The installed command, as on a terminal with that encoding."""
    pipe = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
    options = ("--home", str(home.home), "--now", NOW)
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    return subprocess.run([COMMAND, *words, *options], env=environment, check=False, **pipe)  # type: ignore[call-overload, no-any-return]


@pytest.mark.parametrize("encoding", ["iso8859-1", "ascii"])
def test_a_terminal_that_lacks_a_character_shows_another_and_the_act_is_done(home: Arshjul, encoding: str) -> None:
    done = run(home, *DECIDE, "--actor", "admin", encoding=encoding)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "Fastst" in done.stdout.decode(encoding)
    assert home.done("show", "2028/tidsplan")["state"] == "decided"
    refused = run(home, "hold", "2028/mrp", "--reason", "vänta –", "--lang", "sv", encoding=encoding)
    assert refused.returncode == 2
    assert "är" in refused.stderr.decode(encoding) or b"?" in refused.stderr


@pytest.mark.parametrize("ask", ["plans", "diagram mrp", "tick"])  # with dashes, a clock, arrows
def test_a_terminal_that_lacks_a_character_gets_an_answer(home: Arshjul, ask: str) -> None:
    asked = run(home, *ask.split(), encoding="ascii")
    assert (asked.returncode, asked.stderr) == (0, b"")
    assert len(asked.stdout) > 10


def test_an_export_has_every_character_whatever_the_terminal_lacks(home: Arshjul, tmp_path: Path) -> None:
    home.done("hold", "2028/mrp", "--actor", "admin", "--reason", "vänta – se §§ 3…")
    for words in (["log", "export"], ["log", "export", "--format", "csv"], ["show", "2028/mrp", "--json"]):
        assert "vänta – se §§ 3…" in run(home, *words, encoding="iso8859-1").stdout.decode("utf-8")
    calendar = run(home, "rehearse", "2028", "--ics", "-", encoding="ascii").stdout.decode("utf-8")
    assert "Kommunfullmäktige" in calendar
    exported = tmp_path / "log.jsonl"
    exported.write_bytes(run(home, "log", "export", encoding="ascii").stdout)
    checked = subprocess.run([sys.executable, "-I", ROOT / "docs" / "verify_log.py", exported], check=False)
    assert checked.returncode == 0


def test_words_that_are_not_utf8_are_a_sentence(home: Arshjul, monkeypatch: pytest.MonkeyPatch) -> None:
    act = ("--actor", "admin", "--lang", "en")
    for words in ([b"hold", b"2028/mrp", b"--reason", b"H\xf6st"], [b"people", b"add", b"ny-1", b"--name", b"\xc5sa"]):
        said = run(home, *words, *act)
        assert (said.returncode, said.stdout) == (2, b"")
        wrong = words[-1].decode(errors="backslashreplace")
        assert said.stderr.decode() == f"This is not text in UTF-8: {wrong}. Set the terminal to UTF-8.\n"
    assert not home.done("show", "2028/mrp")["held"]
    secret = run(home, "plans", "--database", b"postgresql://u:hemligt\xf6@127.0.0.1/x")
    assert (secret.returncode, b"--database" in secret.stderr, b"hemligt" in secret.stderr) == (2, True, False)
    monkeypatch.setenv("ARSHJUL_MAIL__SENDER_NAME", os.fsdecode(b"V\xe4nersborg"))
    assert "ARSHJUL_MAIL__SENDER_NAME. " in home("plans").document["message"]
    assert home("plans").code == 2


def test_a_reader_that_has_seen_enough_is_no_error_and_changes_no_answer(home: Arshjul) -> None:
    asked = {
        "log export": 0, "log show": 0, "plans --json": 0, "rehearse 2028 --csv -": 0, "hold --help": 0,
        "show nowhere/at": 4, "status": 7, "plan": 2,
    }  # fmt: skip
    for words, code in asked.items():
        unread, pipe = os.pipe()
        os.close(unread)  # so the very first character comes too late
        said = run(home, *words.split(), stdout=pipe, stderr=subprocess.PIPE if code == 0 else pipe)
        os.close(pipe)
        assert (said.returncode, said.stderr or b"") == (code, b""), words


def test_who_closes_stdout_or_fills_the_disk_still_has_done_what_was_asked(home: Arshjul) -> None:
    here = f"--actor admin --reason x --home {home.home} --now {NOW} --lang en"
    for verb, place, said in (
        ("hold", ">&-", ""),
        ("release", ">&- 2>&-", ""),
        ("hold", ">/dev/full", "It has been done, but the answer cannot be written: No space left on device.\n"),
        ("release", ">/dev/full 2>&1", ""),
    ):
        line = f"{COMMAND} {verb} 2028/mrp {here} {place}"
        done = subprocess.run(["/bin/sh", "-c", line], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, said), line
        assert home.done("show", "2028/mrp")["held"] is (verb == "hold")
    refused = f"{COMMAND} release 2028/mrp {here}"
    for place, unread in (("2>/dev/full", True), ("--json >/dev/full", False)):
        done = subprocess.run(["/bin/sh", "-c", f"{refused} {place}"], capture_output=True, text=True, check=False)
        assert done.returncode == 3
        assert (done.stderr == "") is unread


def test_the_checker_of_an_exported_log_ends_where_its_reader_does(home: Arshjul, tmp_path: Path) -> None:
    assert main(["log", "export", "--out", str(tmp_path / "log.jsonl"), "--home", str(home.home)]) == 0
    line = f"{sys.executable} -I {ROOT}/docs/verify_log.py {tmp_path}/log.jsonl | true"
    assert subprocess.run(["/bin/sh", "-c", line], capture_output=True, check=False).stderr == b""
