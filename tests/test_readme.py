"""README: every line of its tour is run, every output and picture in it is real."""

import re
import tomllib

import pytest

from tests.test_docs import BIN, ROOT, Block, Said, blocks, run, shows

README = ROOT / "README.md"
AFTER = "after the tour: "


@pytest.fixture(scope="module")
def tour(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Block, Said]]:
    """The README's commands, in its order, in one shell; then those that make its pictures."""
    folder = tmp_path_factory.mktemp("checkout")
    (folder / ".venv").symlink_to(BIN.parent)
    (folder / "docs").symlink_to(ROOT / "docs")
    found = blocks(README)
    steps = [b for b in found if b.is_run] + [b for b in found if b.note.startswith(AFTER)]
    scripts = [b.note.removeprefix(AFTER) if b.note else b.text for b in steps]
    said = run(scripts, folder, TMPDIR=str(folder))
    return list(zip(steps, said, strict=True))


def shown_for(block: Block) -> str | None:
    """The output that stands right below a block of commands."""
    text = README.read_text(encoding="utf-8")
    below = re.match(r"```text\n(.*?)^```$", text.partition(f"```sh\n{block.text}```\n")[2], re.MULTILINE | re.DOTALL)
    return below[1] if below else None


def test_the_tour_says_what_is_shown(tour: list[tuple[Block, Said]]) -> None:
    for block, said in tour:
        shown = shown_for(block) if block.kind == "sh" else block.text
        if shown is not None:
            assert shows(shown, said.text), f"{block.place} shows\n{shown}\nand the program said\n{said.text}"


def test_in_the_tour_one_command_alone_is_refused(tour: list[tuple[Block, Said]]) -> None:
    failed = [command for _, said in tour for command in said.failed]
    assert len(failed) == 1, [said for _, said in tour if said.failed]
    assert failed[0].startswith("arshjul advance 2028/mrp decide")


def test_the_tour_shows_what_it_promises(tour: list[tuple[Block, Said]]) -> None:
    typed = " ".join(block.text for block, _ in tour)
    for command in ("init --practice", "open", "advance", "tick", "show", "explain", "log verify", "verify_log.py"):
        assert command in typed


def test_the_two_commands_are_there() -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert {"run", "test"} <= targets
    assert {"`make run`", "`make test`"} <= set(re.findall(r"`make \w+`", README.read_text(encoding="utf-8")))


def test_the_literal_error_can_be_searched_for() -> None:
    script = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]["arshjul"]
    module = script.partition(":")[0]
    assert f"No module named '{module}'" in README.read_text(encoding="utf-8")
