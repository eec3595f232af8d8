"""Draws a workflow as a Mermaid diagram."""

from workflows.definition.definition import Workflow

# Words with which Mermaid 11 begins a statement, in any case. It refuses a diagram with a state of such a name.
KEYWORDS = frozenset(
    {
        "accdescr", "acctitle", "class", "classdef", "click", "default", "href", "note", "scale", "state",
        "statediagram", "style",
    }
)  # fmt: skip


def mermaid(workflow: Workflow, language: str, current: str | None = None) -> str:
    """A `stateDiagram-v2` with labels in `language`; automatic steps have a clock, `current` is highlighted."""
    names = _names([state.id for state in workflow.states])
    lines = ["stateDiagram-v2", f"    [*] --> {names[workflow.initial]}"]
    lines += [f"    {names[state.id]}: {_safe(state.label.to(language))}" for state in workflow.states]
    for step in workflow.steps:
        label = ("⏱ " if step.automatic else "") + _safe(step.label.to(language))
        lines += [f"    {names[source]} --> {names[step.to]}: {label}" for source in step.from_]
    lines += [f"    {names[state.id]} --> [*]" for state in workflow.states if not workflow.steps_from(state.id)]
    if current:
        lines += ["    classDef now fill:#fff3bf,stroke:#000", f"    class {names[current]} now"]
    return "\n".join(lines) + "\n"


def _names(states: list[str]) -> dict[str, str]:
    """The states' names in the diagram: their ids, those that are keywords with an underscore behind."""
    names = {state: state for state in states}
    for state in KEYWORDS & names.keys():
        while names[state] in states:
            names[state] += "_"
    return names


def _safe(label: str) -> str:
    """Replace the characters at which Mermaid ends a label."""
    return label.replace(":", " –").replace(";", ",").replace("\n", " ")
