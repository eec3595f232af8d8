"""No file of the repository cites a document or a module that is not in it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLACES = ("workflows", "config", "notifications", "wheel", "tests", "docs", "bench", ".ci", ".github")
WRITTEN = {"", ".py", ".md", ".toml", ".j2", ".mako", ".sh", ".yml", ".yaml"}
FILES = [
    path
    for path in (*ROOT.iterdir(), *(path for place in PLACES for path in (ROOT / place).rglob("*")))
    if path.is_file() and path.suffix in WRITTEN and path.name not in ("LICENSE", ".git")
]
# Not what a pattern (`*.md`), a variable or an address ends with.
DOCUMENT = re.compile(r"(?<![\w/.*{}-])(?:\.\./)*(?:[\w-]+/)*[\w-]+\.md\b")
MODULE = re.compile(r"(?<![\w/.*{}-])(?:workflows|config|notifications|wheel|tests|docs|bench)/[\w/-]+\.py\b")
# The numbered points of a plan that nobody else has.
POINT = re.compile(r"(?<![\w-])P\d{1,2}\b")


def missing(text: str, folder: Path) -> Iterator[str]:
    """The cited files that exist neither in this folder, nor in docs/, nor relative to the root."""
    for cited in {*DOCUMENT.findall(text), *MODULE.findall(text)}:
        if not any((place / cited).exists() for place in (ROOT, ROOT / "docs", folder)):
            yield cited
    yield from POINT.findall(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see docs/dates.md", []),
        ("see dates.md", []),
        ("see the plan.md", ["plan.md"]),
        ("wheel/nowhere.py", ["wheel/nowhere.py"]),
        ("as P18 says", ["P18"]),
        ('glob("*.md")', []),
    ],
)
def test_a_citation_that_leads_nowhere_is_found(text: str, found: list[str]) -> None:
    assert list(missing(text, ROOT / "wheel")) == found


def test_whatever_a_file_cites_is_in_the_repository() -> None:
    here = Path(__file__)
    cited = {
        path.relative_to(ROOT).as_posix(): found
        for path in FILES
        if path != here and (found := sorted(missing(path.read_text(encoding="utf-8"), path.parent)))
    }
    assert len(FILES) > 250
    assert cited == {}
