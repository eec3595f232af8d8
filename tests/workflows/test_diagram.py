"""A workflow drawn as a Mermaid diagram."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.municipality.municipality import catalog
from workflows.definition.definition import Workflow
from workflows.rules.diagram import mermaid


def text(sv: str, en: str) -> dict[str, str]:
    return {"sv": sv, "en": en}


READING = Workflow.model_validate(
    {
        "id": "reading",
        "label": text("Läsning", "Reading"),
        "state": [
            {"id": "upcoming", "label": text("Kommande", "Upcoming")},
            {"id": "open", "label": text("Pågår: nu; här\noch där", "Open: here; and\nthere")},
            {"id": "done", "label": text("Klar", "Done"), "done": True},
        ],
        "step": [
            {
                "verb": "open",
                "label": text("Börjar", "Begins"),
                "from": ["upcoming"],
                "to": "open",
                "automatic": "date",
            },
            {
                "verb": "end",
                "label": text("Slutar", "Ends"),
                "from": ["upcoming", "open"],
                "to": "done",
                "by": "decides",
            },
        ],
    }
)
ENGLISH = """\
stateDiagram-v2
    [*] --> upcoming
    upcoming: Upcoming
    open: Open – here, and there
    done: Done
    upcoming --> open: ⏱ Begins
    upcoming --> done: Ends
    open --> done: Ends
    done --> [*]
"""


def test_a_diagram_has_states_and_steps_and_its_labels_end_nowhere_too_early() -> None:
    assert mermaid(READING, "en") == ENGLISH


@pytest.mark.parametrize("state", ["upcoming", "open"])
def test_the_plans_state_is_marked(state: str) -> None:
    assert (
        mermaid(READING, "en", state) == ENGLISH + f"    classDef now fill:#fff3bf,stroke:#000\n    class {state} now\n"
    )


def test_a_diagram_is_in_the_language_of_its_reader() -> None:
    assert mermaid(READING, "sv").splitlines()[2:6] == [
        "    upcoming: Kommande",
        "    open: Pågår – nu, här och där",
        "    done: Klar",
        "    upcoming --> open: ⏱ Börjar",
    ]


# ---- ids that are Mermaid's own words

# Of the lexer of Mermaid 11 for state diagrams: what it takes for the beginning of another statement, in any case.
STATEMENT = re.compile(
    r"(?:click|href|default)\b|(?:scale|classDef|class|style|state|note|stateDiagram)\s|acc(?:Title|Descr)\s*[:{]"
    r"|hide empty description\b|\d|#|%%",
    re.IGNORECASE,
)
WORDS = (
    "accdescr", "acctitle", "as", "choice", "class", "classdef", "click", "default", "direction", "end", "fork",
    "graph", "hide", "href", "join", "note", "scale", "stop", "start", "state", "statediagram", "style", "subgraph",
)  # fmt: skip


def with_states(*ids: str) -> Workflow:
    """A workflow that goes round through states with these ids."""
    states = [{"id": id, "label": text(f"Läge {n}", f"State {n}")} for n, id in enumerate(ids)]
    return Workflow.model_validate(
        {
            "id": "round",
            "label": text("Runt", "Round"),
            "state": [*states, {"id": "done_at_last", "label": text("Klar", "Done"), "done": True}],
            "step": [
                {"verb": "go", "label": text("Vidare", "On"), "from": [one], "to": other, "by": "decides"}
                for one, other in zip(ids, [*ids[1:], "done_at_last"], strict=True)
            ],
        }
    )


def drawings() -> Iterator[str]:
    """Of states with each of Mermaid's words as their id, alone and as part of it, and of the program's workflows."""
    for word in WORDS:
        for id in (word, f"{word}_", f"{word}_x", f"x_{word}", f"{word}1"):
            yield mermaid(with_states(id, "later"), "sv", id)
            yield mermaid(with_states("upcoming", id), "en")
    for workflow in catalog().values():
        for state in workflow.states:
            yield mermaid(workflow, "sv", state.id)


def test_no_line_of_a_diagram_begins_with_a_word_of_mermaids_own() -> None:
    for drawn in drawings():
        lines = [line.strip() for line in drawn.splitlines()[1:]]
        ours = [line for line in lines if line not in lines[-2:] or not line.startswith("class")]
        assert [line for line in ours if STATEMENT.match(line)] == []
        targets = [line.partition(" --> ")[2].partition(":")[0] for line in ours if " --> " in line]
        assert [target for target in targets if STATEMENT.match(target + " ")] == []


def test_a_state_that_is_called_like_a_word_of_mermaid_stays_apart_from_the_others() -> None:
    drawn = mermaid(with_states("class", "class_", "style"), "en", "class")
    assert drawn.splitlines()[1:9] == [
        "    [*] --> class__", "    class__: State 0", "    class_: State 1", "    style_: State 2",
        "    done_at_last: Done", "    class__ --> class_: On", "    class_ --> style_: On",
        "    style_ --> done_at_last: On",
    ]  # fmt: skip
    assert drawn.endswith("    class class__ now\n")


PARSER = """
import { JSDOM } from "jsdom";
import { readFileSync } from "fs";
globalThis.window = new JSDOM("").window;
globalThis.document = window.document;
const mermaid = (await import("mermaid")).default;
for (const drawn of JSON.parse(readFileSync(0, "utf8"))) {
  try { await mermaid.parse(drawn); } catch (error) { console.log(error.message, drawn); }
}
"""


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("npm"), reason="Mermaid's own parser needs Node.js")
def test_mermaids_own_parser_takes_every_diagram(tmp_path: Path) -> None:
    install = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(tmp_path), "mermaid@11", "jsdom@26"]
    subprocess.run(install, check=True, capture_output=True, env={**os.environ, "HOME": str(tmp_path)})
    (tmp_path / "parse.mjs").write_text(PARSER, encoding="utf-8")
    refused = "stateDiagram-v2\n    [*] --> class\n"
    for drawn, complaints in (([refused], True), (list(drawings()), False)):
        said = subprocess.run(
            ["node", "parse.mjs"], input=json.dumps(drawn), cwd=tmp_path, check=True, capture_output=True, text=True
        )
        assert bool(said.stdout) is complaints, said.stdout
