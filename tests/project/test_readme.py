"""README: every line of its tour is run, every output and picture in it is real."""

import re
import tomllib
from pathlib import Path

from tests.project.test_docs import BIN, ROOT, Block, blocks, run, shows

README = ROOT / "README.md"
AFTER = "after the tour: "
PROMISED = ("init --practice", "open", "advance", "tick", "show", "explain", "log verify", "verify_log.py")


def shown_for(block: Block) -> str | None:
    """The expected output that follows a block of commands; a diagram stands for itself."""
    if block.kind != "sh":
        return block.text
    below = README.read_text(encoding="utf-8").partition(f"```sh\n{block.text}```\n")[2]
    found = re.match(r"```text\n(.*?)^```$", below, re.MULTILINE | re.DOTALL)
    return found[1] if found else None


def test_every_line_of_the_tour_runs_and_says_what_is_shown(tmp_path: Path) -> None:
    """In one shell, in the README's order; then the commands that make its pictures. One is to be refused."""
    (tmp_path / ".venv").symlink_to(BIN.parent)
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    found = blocks(README)
    steps = [b for b in found if b.is_run] + [b for b in found if b.note.startswith(AFTER)]
    scripts = [b.text if b.kind == "sh" else b.note.removeprefix(AFTER) for b in steps]
    assert all(command in "".join(scripts) for command in PROMISED)
    said = run(scripts, tmp_path, TMPDIR=str(tmp_path))
    for block, answer in zip(steps, said, strict=True):
        shown = shown_for(block)
        told = f"{block.place} shows\n{shown}\nand the program said\n{answer.text}"
        assert shown is None or shows(shown, answer.text), told
    failed = [command for answer in said for command in answer.failed]
    assert len(failed) == 1, failed
    assert failed[0].startswith("arshjul advance 2028/mrp decide")


def test_the_two_commands_are_there() -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert {"run", "test"} <= targets
    assert {"`make run`", "`make test`"} <= set(re.findall(r"`make \w+`", README.read_text(encoding="utf-8")))


def test_the_literal_error_can_be_searched_for() -> None:
    script = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]["arshjul"]
    module = script.partition(":")[0]
    assert f"No module named '{module}'" in README.read_text(encoding="utf-8")
