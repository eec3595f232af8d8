"""Hooks, hosted gate and editor settings say what the project itself says; a release is what it is called."""

import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
HOSTED = [path for path in (ROOT / ".github").rglob("*") if path.is_file()]
NOT_YET = "not released yet"


def text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def project() -> dict[str, Any]:
    return tomllib.loads(text("pyproject.toml"))


def test_the_hooks_run_what_make_lint_runs() -> None:
    recipe = re.search(r"^lint:.*\n((?:\t.*\n)+)", text("Makefile"), re.MULTILINE)
    assert recipe
    lint = [line.strip().replace("$(VENV)", ".venv") for line in recipe[1].splitlines()]
    assert re.findall(r"entry: (.*)", text(".pre-commit-config.yaml")) == lint


def test_the_hosted_gate_is_that_of_the_project_on_both_debians() -> None:
    gate = text(".github/workflows/ci.yml")
    assert re.findall(r"- run: (.*)", gate) == [".ci/run"]
    assert 'debian: ["12", "13"]' in gate
    assert "persist-credentials: false" in gate


def test_a_workflow_takes_no_action_that_can_change_under_it() -> None:
    used = [line for path in HOSTED for line in re.findall(r"uses: (.*)", path.read_text(encoding="utf-8"))]
    assert used
    assert [line for line in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v[\d.]+", line)] == []


def test_what_is_hosted_names_no_host_and_no_path_of_a_machine() -> None:
    found = {
        path.name: re.findall(r"\w+://|/(?:home|tmp|root|srv)\b", path.read_text(encoding="utf-8")) for path in HOSTED
    }
    assert {name: what for name, what in found.items() if what} == {}


def test_editors_break_lines_where_ruff_does() -> None:
    assert f"max_line_length = {project()['tool']['ruff']['line-length']}\n" in text(".editorconfig")


def test_every_package_says_that_it_has_types() -> None:
    for package in project()["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]:
        assert (ROOT / package / "py.typed").is_file()  # test_packaging: every file is in the wheel


def test_the_changelog_begins_with_the_version_that_this_is() -> None:
    headings = re.findall(r"^## (\S+) \((.*)\)$", text("CHANGELOG.md"), re.MULTILINE)
    assert len(headings) == len(re.findall("^## ", text("CHANGELOG.md"), re.MULTILINE))
    assert headings[0][0] == project()["project"]["version"]
    versions = [tuple(map(int, version.split("."))) for version, _ in headings]
    assert versions == sorted(set(versions), reverse=True)
    days = [date.fromisoformat(day) for _, day in headings if day != NOT_YET]
    assert days == sorted(days, reverse=True)
    assert NOT_YET not in [day for _, day in headings[1:]]


def test_the_version_stands_in_one_place() -> None:
    version = project()["project"]["version"]
    sources = [
        file for name in ("workflows", "config", "notifications", "wheel") for file in (ROOT / name).rglob("*.py")
    ]
    assert [file.name for file in sources if version in file.read_text(encoding="utf-8")] == []
