"""SECURITY.md promises nothing that no test holds; the promises that are about the whole program are held here."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.support.installed import Arshjul, at

ROOT = Path(__file__).parents[2]
SOURCES = [
    file for package in ("workflows", "config", "notifications", "wheel") for file in (ROOT / package).rglob("*.py")
]

RUNS_WHAT_IT_READS = {"eval", "exec", "compile", "__import__"}
LISTENS = {"bind", "start_server", "create_server", "serve_forever"}
OTHER_WAYS_OUT = {
    *("ftplib", "http", "httpx", "imaplib", "marshal", "multiprocessing", "pickle", "poplib", "requests", "shelve"),
    *("smtplib", "socketserver", "urllib.request", "xmlrpc"),
}


def found_in(tree: ast.Module) -> Iterator[str]:
    """Whatever in a source could break the first promise."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name, attribute = getattr(node.func, "id", ""), getattr(node.func, "attr", "")
            yield from {name} & RUNS_WHAT_IT_READS | {attribute} & LISTENS
            yield from (f"{word.arg}=" for word in node.keywords if word.arg == "shell")
            if attribute == "system":
                yield "os.system"
        elif isinstance(node, ast.Import | ast.ImportFrom):
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
            for module in modules:
                yield from {module, module.partition(".")[0]} & OTHER_WAYS_OUT
                if module == "subprocess":
                    yield module


def test_nothing_in_the_program_listens_or_runs_what_it_reads() -> None:
    found = {file.name: set(found_in(ast.parse(file.read_text(encoding="utf-8")))) for file in SOURCES}
    assert {name: what for name, what in found.items() if what} == {
        "backup.py": {"subprocess"},
        "server.py": {"create_server"},  # the web pages
    }


def test_each_of_those_would_be_found() -> None:
    lines = [
        *("import pickle", "from urllib.request import urlopen", "import subprocess", "eval(text)", "os.system(text)"),
        *("run(text, shell=True)", "server.bind(address)"),
    ]
    assert all(len(set(found_in(ast.parse(line)))) == 1 for line in lines)


def test_every_library_in_the_locks_has_its_hash() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        entries = re.split(r"^(?=[a-z0-9])", (ROOT / name).read_text(encoding="utf-8"), flags=re.MULTILINE)
        libraries = [entry for entry in entries if "==" in entry]
        assert len(libraries) > 20
        assert [entry.split()[0] for entry in libraries if "--hash=sha256:" not in entry] == []


def test_an_act_without_a_role_stands_in_the_log(tmp_path: Path) -> None:
    home = Arshjul(tmp_path / "home")
    home.done("init", "--practice", now=at("2026-11-02", "08:00"))
    home.done("open", "2028", "--actor", "admin", now=at("2026-11-02"))
    refused = home("hold", "2028/ramar", "--actor", "reader-1", "--reason", "x", now=at("2026-11-03"))
    assert refused.rules == ["role"]
    (entry,) = home.log("plan.refused")
    assert (entry["actor"], entry["subject"]) == ("reader-1", "2028/ramar")


def test_every_promise_names_tests_that_exist() -> None:
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    rows = [line.strip("|").split(" | ") for line in text.splitlines() if line.startswith("| ")][1:]
    named = {name for row in rows for name in re.findall(r"`(test_\w+)`", row[1])}
    written = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "tests").rglob("test_*.py"))
    defined = set(re.findall(r"^def (test_\w+)", written, re.MULTILINE))
    assert len(rows) > 5
    assert all("`test_" in row[1] for row in rows)
    assert named - defined == set(), "SECURITY.md promises what these tests held; where are they now?"
