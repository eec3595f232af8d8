"""README and docs tell the truth: their examples run, their tables are complete, their links lead somewhere."""

import ast
import configparser
import json
import os
import re
import runpy
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from io import BufferedReader
from pathlib import Path
from typing import Any

import click
import psycopg
import pytest
from pydantic import BaseModel

from config.municipality import codes, municipality
from config.municipality.roles import roles
from config.settings import settings
from config.settings.settings import Settings
from tests.support import postgres
from tests.support.installed import in_process
from wheel.console.help import walk
from wheel.console.main import PROGRAM
from workflows.checks import law_warnings
from workflows.dates import date_rules, parse_date
from workflows.dates.workdays import Calendar
from workflows.definition import definition
from workflows.rules import named_rules

ROOT = Path(__file__).parents[2]
DOCS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
OPERATIONS = ROOT / "docs" / "operations.md"
WHEEL_FILES = ROOT / "docs" / "wheel-files.md"
DATES = ROOT / "docs" / "dates.md"
BIN = Path(sys.executable).parent
FAILED, ENDED = "\x1f", "\x1e"


# ---- reading documents -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Block:
    """A fenced block. `note`: the HTML comment right above it, which says why it is not run, or what makes it."""

    file: Path
    line: int
    kind: str
    note: str
    text: str

    @property
    def place(self) -> str:
        return f"{self.file.name}:{self.line}"

    @property
    def is_run(self) -> bool:
        return self.kind == "sh" and not self.note.startswith("not run:")

    @property
    def title(self) -> str:
        """A file's name, in a comment on its first line."""
        return self.text.partition("\n")[0].removeprefix("# ")


def blocks(file: Path) -> list[Block]:
    text = file.read_text(encoding="utf-8")
    form = re.compile(r"^(?:<!-- (.*?) -->\n)?```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    return [
        Block(file, text.count("\n", 0, found.start(2)) + 1, found[2], found[1] or "", found[3])
        for found in form.finditer(text)
    ]


def tables(file: Path) -> list[list[list[str]]]:
    """The rows of each table, without its heading; a cell's code marks are kept."""
    found: list[list[list[str]]] = [[]]
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("|"):
            found[-1].append([cell.strip() for cell in line.strip("|").split(" | ")])
        elif found[-1]:
            found.append([])
    return [table[2:] for table in found if table]


def coded(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def prose(file: Path) -> str:
    """Without fenced blocks."""
    return re.sub(r"^```.*?^```$", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


# ---- running what they say -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Said:
    """The output of a block's commands on both streams. `failed`: the commands with another exit code than 0."""

    text: str
    failed: list[str]


# The shell hands the program's words, folder and environment to the tests' process, which runs it and lays the answer
# into files: a process of its own for each command spends most of a second on starting.
ARSHJUL = """arshjul() {
    { printf '%s\\0' "$PWD" "$#" "$@"; env --null; printf 'END\\0'; } >&$questions
    read -r code <&$codes
    cat "$answers/said"; cat "$answers/error" >&2
    [ "$code" = 0 ] || failed="arshjul $*"
    return "$code"
}"""


def run(scripts: list[str], folder: Path, **environment: str) -> list[Said]:
    """Run one script after the other in one shell, as a reader types them. What a script leaves unset stays set."""
    trap = rf"""trap 'printf "{FAILED}%s\n" "${{failed:-${{BASH_COMMAND%%$'"'"'\n'"'"'*}}}}"; failed=' ERR"""
    whole = [trap, *(f"{script}\nprintf '{ENDED}\\n'" for script in scripts)]
    with tempfile.TemporaryDirectory() as answers, tempfile.TemporaryFile() as output:
        (asked, ask), (answer, answered) = os.pipe(), os.pipe()
        ways = f"questions={ask} codes={answer} answers={answers}"
        shell = subprocess.Popen(
            ["bash", "-c", "\n".join([ways, ARSHJUL, *whole])], cwd=folder, stdin=subprocess.DEVNULL, stdout=output,
            stderr=subprocess.STDOUT, pass_fds=(ask, answer),
            env={**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", **environment},
        )  # fmt: skip
        os.close(ask)  # the shell alone has it: when it ends there is no more to read
        os.close(answer)
        with os.fdopen(asked, "rb") as questions, os.fdopen(answered, "w", buffering=1) as codes:
            for words, cwd, variables in _asked(questions):
                code, said, error = in_process(words, cwd, variables)
                Path(answers, "said").write_text(said, encoding="utf-8")
                Path(answers, "error").write_text(error, encoding="utf-8")
                print(code, file=codes)
        shell.wait()
        output.seek(0)
        whole_said = output.read().decode()
    parts = whole_said.split(f"{ENDED}\n")
    assert len(parts) == len(scripts) + 1, f"the shell ended early:\n{whole_said}"
    return [_said(part) for part in parts[:-1]]


def _asked(questions: BufferedReader) -> Iterator[tuple[list[str], Path, dict[str, str]]]:
    """The words, the folder and the environment of each command, until the shell has ended."""
    waiting: list[str] = []
    rest = b""
    while more := questions.read1():
        *fields, rest = (rest + more).split(b"\0")
        waiting += map(os.fsdecode, fields)
        if waiting[-1:] == ["END"]:
            folder, count = waiting[0], int(waiting[1])
            variables = (pair.partition("=") for pair in waiting[2 + count : -1])
            yield waiting[2 : 2 + count], Path(folder), {name: value for name, _, value in variables}
            waiting = []


def _said(part: str) -> Said:
    lines = part.splitlines(keepends=True)
    failed = [line[1:].rstrip("\n") for line in lines if line.startswith(FAILED)]
    return Said("".join(line for line in lines if not line.startswith(FAILED)), failed)


def shows(document: str, real: str) -> bool:
    """Whether the document shows the real output: `…` alone stands for any lines, in a line for any text."""
    form = ""
    for line in document.splitlines():
        form += r"(?:.*\n)*?" if line == "…" else ".*".join(map(re.escape, line.split("…"))) + r"\n"
    return re.fullmatch(form, real if real.endswith("\n") else real + "\n") is not None


@pytest.mark.parametrize(
    ("document", "is_shown"),
    [("a\nb", True), ("a\n…", True), ("…\nb", True), ("…b", False), ("a", False), ("a\n…\nb", True), ("b\na", False)],
)
def test_three_dots_stand_for_what_is_left_out(document: str, is_shown: bool) -> None:
    assert shows(document, "a\nb\n") is is_shown


# ---- settings, problems, commands ------------------------------------------------------------------------------


def test_the_settings_table_names_every_setting_with_its_default_and_its_variable() -> None:
    table = next(t for t in tables(OPERATIONS) if t[0][0] == "`lang`")
    told = {coded(row[0])[0]: (row[1].strip("`"), coded(row[2])[0]) for row in table}
    real = {
        name: (default, settings.PREFIX + name.replace(".", "__").upper())
        for name, default in fields(Settings, Settings())
    }
    assert told == real


def fields(model: type[BaseModel], value: BaseModel, before: str = "") -> Iterator[tuple[str, str]]:
    """The settings by their names, each with its default as TOML would have it."""
    for name in model.model_fields:
        held: Any = getattr(value, name)
        if isinstance(held, BaseModel):
            yield from fields(type(held), held, f"{before}{name}.")
        elif held is None or isinstance(held, int):  # a bool is one
            yield before + name, "none" if held is None else str(held).lower()
        elif isinstance(held, list):
            yield before + name, json.dumps(held)
        else:
            yield before + name, '"' + (held if isinstance(held, str) else f"{held:%H:%M}") + '"'


@pytest.mark.parametrize(
    "block",
    [b for file in DOCS for b in blocks(file) if b.kind == "toml" and b.title == settings.FILE],
    ids=lambda block: block.place,
)
def test_the_examples_of_settings_are_read(block: Block, tmp_path: Path) -> None:
    (tmp_path / settings.FILE).write_text(block.text, encoding="utf-8")
    (tmp_path / "smtp-password").write_text("secret", encoding="utf-8")
    assert settings.load(tmp_path) != Settings()


def test_operations_say_what_to_do_for_each_problem_of_status() -> None:
    files = [ROOT / "wheel" / "reads" / name for name in ("status.py", "file_problems.py")]
    reported = {
        code.value
        for file in files
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in ("report", "Problem", "ProblemDocument")
        for code in [*call.args[:1], *(word.value for word in call.keywords if word.arg == "code")]
        if isinstance(code, ast.Constant)
    }
    table = next(t for t in tables(OPERATIONS) if t[0][0] == "`daemon_silent`")
    assert {coded(row[0])[0] for row in table} == reported
    assert all(len(row) == 3 and all(row) for row in table)


def test_operations_name_each_warning_of_check() -> None:
    sources = (ROOT / "wheel" / "reads").rglob("*.py")
    remarks = {code for file in sources for code in re.findall(r'"(W\d{3})"', file.read_text(encoding="utf-8"))}
    assert remarks
    assert remarks <= set(re.findall(r"W\d{3}", OPERATIONS.read_text(encoding="utf-8")))


def known_commands() -> Mapping[str, set[str]]:
    """Every command by its words, with its options."""
    return {
        ctx.command_path.removeprefix("arshjul").strip(): {
            "--help",
            *(
                name
                for param in ctx.command.params
                for name in (*param.opts, *param.secondary_opts)
                if name.startswith("-")
            ),
        }
        for ctx in walk(click.Context(PROGRAM, info_name="arshjul"))
    }


KNOWN = known_commands()


def leaves() -> set[str]:
    return {words for words in KNOWN if words and not any(other.startswith(f"{words} ") for other in KNOWN)}


def test_operations_list_every_command() -> None:
    rows = next(t for t in tables(OPERATIONS) if t[0][0].startswith("`arshjul init`"))
    told = {words.removeprefix("arshjul ") for row in rows for words in coded(row[0])}
    assert told == leaves()


def invocations(file: Path) -> Iterator[str]:
    """The words after `arshjul` in every code span and code block of the document."""
    joined = re.compile(r"\\\n\s*")
    texts = [line for b in blocks(file) if b.kind == "sh" for line in joined.sub("", b.text).splitlines()]
    texts += coded(prose(file))
    for text in texts:
        for found in re.finditer(r"(?:^|[\s(]|bin/)arshjul (?!arshjul\b)([a-z][^|;)]*)", text):
            yield found[1]


@pytest.mark.parametrize("file", DOCS, ids=lambda file: file.name)
def test_every_command_that_is_written_exists_with_its_options(file: Path) -> None:
    for written in invocations(file):
        words = written.split()
        command = next((name for n in (2, 1) if (name := " ".join(words[:n])) in KNOWN), "")
        assert command, f"{file.name}: arshjul {written}"
        quoted = re.sub(r'"[^"]*"|\$\([^)]*\)', "", written)
        options = {word.partition("=")[0] for word in quoted.split() if word.startswith("--")}
        group = {flag for name, flags in KNOWN.items() if name.startswith(command) for flag in flags}
        assert options <= group, f"{file.name}: arshjul {written}"


@pytest.mark.parametrize("file", DOCS, ids=lambda file: file.name)
def test_every_block_of_shell_can_be_parsed(file: Path) -> None:
    for block in blocks(file):
        if block.kind == "sh":
            subprocess.run(["bash", "-n", "-c", block.text], check=True)


def test_the_commands_of_operations_run(tmp_path: Path) -> None:
    prelude = """
        arshjul init --practice
        arshjul open 2028 --actor admin
        arshjul tick"""
    shell = [block for block in blocks(OPERATIONS) if block.is_run]
    said = run([prelude, *(block.text for block in shell)], tmp_path, ARSHJUL_HOME=str(tmp_path / "home"))
    for block, answer in zip([None, *shell], said, strict=True):
        assert not answer.failed, f"{block.place if block else 'prelude'}: {answer.failed}\n{answer.text}"
    assert len(shell) >= 5


def test_a_rehearsal_says_what_is_shown(tmp_path: Path) -> None:
    found = blocks(ROOT / "docs" / "rehearse.md")
    shell = [block for block in found if block.is_run]
    said = run([block.text for block in shell], tmp_path, ARSHJUL_LANG="en")
    for block, answer in zip(shell, said, strict=True):
        assert not answer.failed, answer.text
        below = [b.text for b in found[found.index(block) + 1 :][:1] if b.kind == "text"]
        assert all(shows(text, answer.text) for text in below), f"{block.place}\n{answer.text}"
    assert len(shell) >= 4


def laid_over(text: str, tables: str) -> str:
    """A file in which each of these tables replaces the one of its name, or goes to the end."""
    form = re.compile(r"^\[.*?(?=^\[(?!\[state|\[step)|\Z)", re.MULTILINE | re.DOTALL)
    for table in form.findall(tables):
        head = table.partition("\n")[0]
        # Up to the next table, without the comment above that one.
        old = re.search(rf"^{re.escape(head)}\n.*?(?=(?:^#[^\n]*\n|^\n)*(?:^\[|\Z))", text, re.MULTILINE | re.DOTALL)
        new = table.rstrip() + "\n\n"
        text = text[: old.start()] + new + text[old.end() :] if old else f"{text.rstrip()}\n\n{new}"
    return text


@pytest.mark.parametrize("page", ["describe-your-wheel.md", "recipes.md"])
def test_what_a_guide_writes_and_runs_answers_as_it_is_shown(page: str, tmp_path: Path) -> None:
    found = blocks(ROOT / "docs" / page)
    ran = 0
    for block, below in zip(found, [*found[1:], None], strict=True):
        if block.kind == "toml":
            file = tmp_path / block.title
            file.parent.mkdir(parents=True, exist_ok=True)
            content = block.text.partition("\n")[2]
            whole = laid_over(file.read_text(encoding="utf-8"), content) if file.exists() else content
            file.write_text(whole, encoding="utf-8")
        elif block.is_run:
            (answer,) = run([block.text], tmp_path, ARSHJUL_HOME=str(tmp_path / "home"))
            assert not answer.failed, f"{block.place}: {answer.text}"
            assert not (below and below.kind == "text") or shows(below.text, answer.text), (
                f"{block.place}\n{answer.text}"
            )
            ran += 1
    assert ran >= 6


def test_every_check_is_explained_by_its_number() -> None:
    told = [row[0] for table in tables(ROOT / "docs" / "checks.md") for row in table]
    assert told == [*codes_until("E5"), codes.SETTING, *codes_from("E6")]
    assert all(row[1] for table in tables(ROOT / "docs" / "checks.md") for row in table)


def test_the_page_of_checks_has_the_law_of_each_matter() -> None:
    page = (ROOT / "docs" / "checks.md").read_text(encoding="utf-8")
    told = " ".join(" ".join(found.split()) for found in re.findall(r"(?ms)^- (`.*?)(?=^- |^$)", page))
    assert {kind for kind in law_warnings.LAWS if f"`{kind}`" not in told} == set()
    assert {rule for _, rule, _ in law_warnings.LAWS.values() if f"`{rule}`" not in told} == set()


def codes_until(start: str) -> list[str]:
    return [number for number in codes.NUMBERS.values() if number.startswith("E") and number[:2] <= start]


def codes_from(start: str) -> list[str]:
    return [number for number in codes.NUMBERS.values() if number.startswith("W") or number[:2] >= start]


# ---- systemd, PostgreSQL ---------------------------------------------------------------------------------------


def units() -> dict[str, str]:
    return {block.title: block.text for block in blocks(OPERATIONS) if block.kind == "ini"}


def test_the_units_of_systemd_are_whole() -> None:
    assert set(units()) == {"arshjul.service", "arshjul-backup.service", "arshjul-backup.timer"}
    for name, text in units().items():
        parsed = configparser.RawConfigParser(strict=False, interpolation=None)
        parsed.optionxform = str  # type: ignore[assignment,method-assign]
        parsed.read_string(text)
        assert parsed.sections()[:2] == ["Unit", name.rpartition(".")[2].title()]
        if not name.endswith(".service"):
            continue
        service = parsed["Service"]
        assert service["ExecStart"].split()[1] in leaves()
        assert service["User"] == "arshjul"
        assert service["ProtectSystem"] == "strict"
        assert service["StateDirectory"] == "arshjul"  # or strict leaves it nowhere to write
        assert service["NoNewPrivileges"] == service["ProtectHome"] == service["PrivateTmp"] == "yes"


def test_systemd_itself_takes_the_units(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        return  # a machine without systemd: the test above has looked
    for name, text in units().items():
        here = text.replace("/opt/arshjul/bin/arshjul", str(BIN / "arshjul"))
        (tmp_path / name).write_text(here, encoding="utf-8")
    done = subprocess.run(
        [analyze, "verify", "--man=no", *map(str, tmp_path.iterdir())], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_rights_on_postgresql_are_enough_and_no_more(postgres_server: postgres.Postgres, tmp_path: Path) -> None:
    making, rights = (block.text for block in blocks(OPERATIONS) if block.kind == "sql")
    admin = psycopg.connect(postgres_server.url("postgres").replace("+psycopg", ""), autocommit=True)
    try:
        for statement in making.replace("'…'", "'secret'").split(";\n"):
            admin.execute(statement.encode())
        where = f"127.0.0.1:{postgres_server.port}/arshjul"
        owner, runner = (f"postgresql://{name}:secret@{where}" for name in ("arshjul_owner", "arshjul_run"))
        made = run(["arshjul init --practice"], tmp_path, ARSHJUL_DATABASE=owner)
        with psycopg.connect(owner) as connection:
            connection.execute(rights.encode())
        uow = """
            arshjul open 2028 --actor admin --now 2026-11-02T09:00+01:00
            arshjul advance 2028/tidsplan decide --actor admin --body ks --date 2026-11-04 --paragraph 201 \
                --diary "KS 2026/300" --outcome adopted --now 2026-11-05T09:00+01:00
            arshjul tick --now 2027-01-11T08:00+01:00
            arshjul meetings remove ks 2029-12-05 --actor admin --reason Invented
            arshjul log verify"""
        done = run([uow], tmp_path, ARSHJUL_DATABASE=runner)
        assert not made[0].failed + done[0].failed, made[0].text + done[0].text
        with psycopg.connect(runner) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("UPDATE log_entry SET action = 'x'")
        with psycopg.connect(runner) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("ALTER TABLE log_entry DISABLE TRIGGER ALL")
    finally:
        admin.execute("DROP DATABASE IF EXISTS arshjul WITH (FORCE)")
        admin.execute("DROP ROLE IF EXISTS arshjul_run")
        admin.execute("DROP ROLE IF EXISTS arshjul_owner")
        admin.close()


# ---- the wheel's files -----------------------------------------------------------------------------------------


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """The small municipality of docs/wheel-files.md, as a folder."""
    folder = tmp_path / "exempelby"
    for block in blocks(WHEEL_FILES):
        if block.kind == "toml":
            file = folder / block.title
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.text, encoding="utf-8")
    return folder


def test_the_example_municipality_is_whole_and_its_year_opens(example: Path, tmp_path: Path) -> None:
    assert municipality.load(example).definition.wheel.name.en == "The municipality of Exempelby"
    script = f"""
        arshjul init --practice --source {example}
        arshjul open 2028 --actor admin --now 2026-11-02T09:00+01:00
        arshjul show 2028/underlag/skolnamnden
        arshjul diagram budget"""
    (said,) = run([script], tmp_path)
    assert not said.failed, said.text


def test_the_faults_of_the_example_are_those_that_are_shown(example: Path, tmp_path: Path) -> None:
    wheel = example / "wheel.toml"
    text = wheel.read_text(encoding="utf-8").replace('decides = "kf"', 'decides = "kfm"', 1)
    wheel.write_text(text.replace("30 April", "31 April"), encoding="utf-8")
    (said,) = run([f"arshjul check {example}"], tmp_path, ARSHJUL_LANG="en")
    (shown,) = (block.text for block in blocks(WHEEL_FILES) if block.kind == "text")
    assert shows(shown, said.text), said.text


def test_the_dates_mean_what_the_tables_say() -> None:
    text = " ".join(DATES.read_text(encoding="utf-8").split())
    council = re.search(
        r"the council \(`kf`\) meets on ([^;]*?), and the last day of the phase `mrp` is ([0-9-]+)", text
    )
    assert council
    meetings = [date.fromisoformat(day) for day in re.findall(r"[0-9-]{10}", council[1])]
    sweden, mrp = Calendar("SE", "Europe/Stockholm"), date.fromisoformat(council[2])
    of = date_rules.Anchor(2028, None, {"kf": meetings}, sweden, lambda reference: mrp)
    rows = [row for table in tables(DATES) for row in table if len(row) == 4]
    assert len(rows) > 40
    for written, _, first, last in rows:
        rule = parse_date.parse(written.strip("`"))
        assert (rule.first(of).isoformat(), rule.last(of).isoformat()) == (first, last), written


@pytest.mark.parametrize(
    ("country", "zone", "off", "working"),
    [
        ("SE", "Europe/Stockholm", ["06-19", "12-24", "12-31"], ["04-02", "10-30"]),
        ("FI", "Europe/Helsinki", ["06-19", "12-24"], ["04-02", "12-31"]),
        ("DK", "Europe/Copenhagen", ["04-02", "12-24"], ["06-19", "12-31"]),
        ("NO", "Europe/Oslo", ["04-02", "12-24"], ["06-19", "12-31"]),
    ],
)
def test_the_eves_that_the_page_of_dates_names_are_days_off(
    country: str, zone: str, off: list[str], working: list[str]
) -> None:
    calendar = Calendar(country, zone)
    days = {day: calendar.is_working_day(date.fromisoformat(f"2026-{day}")) for day in (*off, *working)}
    assert days == {**dict.fromkeys(off, False), **dict.fromkeys(working, True)}


def test_the_rules_are_those_that_are_held_each_with_its_section_and_its_severity() -> None:
    table = next(t for t in tables(WHEEL_FILES) if t[0][0] == "R1")
    words = {("refuse", False): "refuses", ("refuse", True): "refuses, can be overridden", ("warn", False): "warns"}
    assert {row[0]: (row[1], row[3]) for row in table} == {
        id: (rule.citation, words[rule.severity, rule.overridable]) for id, rule in named_rules.RULES.items()
    }
    text = " ".join(WHEEL_FILES.read_text(encoding="utf-8").split())
    assert f": {', '.join(named_rules.rules_not_enforced())}." in text


def test_every_key_of_the_files_is_there() -> None:
    text = WHEEL_FILES.read_text(encoding="utf-8")
    kinds = [kind for kind in vars(definition).values() if isinstance(kind, type) and issubclass(kind, BaseModel)]
    keys = {field.alias or name for kind in kinds for name, field in kind.model_fields.items()} - {"workflows"}
    assert len(kinds) > 10
    assert {key for key in keys if not re.search(rf"\b{key}\b", text)} == set()


def test_the_tables_of_the_workflows_are_those_of_the_catalog() -> None:
    drawing = runpy.run_path(str(ROOT / "docs" / "draw_workflows.py"))
    page = drawing["PAGE"].read_text(encoding="utf-8")
    assert drawing["redrawn"](page) == page, "run `.venv/bin/python docs/draw_workflows.py`"


def test_the_catalog_is_listed_whole() -> None:
    table = next(t for t in tables(WHEEL_FILES) if t[0][0].startswith("`tidsplan`"))
    told = {name for row in table for name in coded(row[0])}
    (of_boards,) = (row for row in table if "`-namnd`" in row[1])
    assert told | {f"{name}-namnd" for name in coded(of_boards[0])} == set(municipality.catalog())


# ---- words, links, what must not be there ----------------------------------------------------------------------


def test_the_glossary_has_every_phase_board_and_role() -> None:
    known = set(coded((ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")))
    sample = municipality.load(municipality.VANERSBORG).definition.wheel
    assert known >= {*sample.phases, *sample.bodies, *roles()} - {"daemon"}


def anchors(file: Path) -> set[str]:
    heads = re.findall(r"^#+ (.*)$", prose(file), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("file", DOCS, ids=lambda file: file.name)
def test_links_lead_somewhere(file: Path) -> None:
    for link in re.findall(r"\[[^\]]*\]\(([^)\s]+)\)", prose(file)):
        path, _, anchor = link.partition("#")
        target = file.parent / path if path else file
        assert target.exists(), f"{file.name}: {link}"
        assert not anchor or anchor in anchors(target), f"{file.name}: {link}"


def test_contributing_names_files_that_exist() -> None:
    for name in coded(prose(ROOT / "CONTRIBUTING.md")):
        if re.fullmatch(r"\.?\w[\w.-]*/[\w./-]*", name) or name.endswith(".md"):
            assert (ROOT / name).exists(), name


# Folders of somebody's own machine, private networks, hosts and mail addresses that are not invented ones.
FORBIDDEN = re.compile(
    r"(?<!\w)/(?:home|tmp|Users|srv)/|\b(?:10|192\.168|172\.16)\.\d+\.\d+|https?://(?!(?:[\w-]+\.)*example\b|localhost\b|127\.)"
    r"|@(?!example\.se\b|localhost\b|db\.example|[a-z-]+\b(?!\.))[\w-]+\.\w+",
    re.IGNORECASE,
)


@pytest.mark.parametrize("file", DOCS, ids=lambda file: file.name)
def test_no_machine_no_registry_and_no_real_person_is_named(file: Path) -> None:
    text = file.read_text(encoding="utf-8").replace("PyPA", "")
    assert not FORBIDDEN.search(text), FORBIDDEN.search(text)
