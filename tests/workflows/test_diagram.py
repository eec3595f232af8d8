"""A workflow drawn as a Mermaid diagram."""

import pytest

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
