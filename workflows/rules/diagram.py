"""Draws a workflow as a Mermaid diagram."""

from workflows.definition.definition import Workflow


def mermaid(workflow: Workflow, language: str, current: str | None = None) -> str:
    """A `stateDiagram-v2` with labels in `language`; automatic steps have a clock, `current` is highlighted."""
    lines = ["stateDiagram-v2", f"    [*] --> {workflow.initial}"]
    lines += [f"    {state.id}: {_safe(state.label.to(language))}" for state in workflow.states]
    for step in workflow.steps:
        clock = "⏱ " if step.automatic else ""
        lines += [f"    {source} --> {step.to}: {clock}{_safe(step.label.to(language))}" for source in step.from_]
    lines += [f"    {state.id} --> [*]" for state in workflow.states if not workflow.steps_from(state.id)]
    if current:
        lines += ["    classDef now fill:#fff3bf,stroke:#000", f"    class {current} now"]
    return "\n".join(lines) + "\n"


def _safe(label: str) -> str:
    """Replace the characters at which Mermaid ends a label."""
    return label.replace(":", " –").replace(";", ",").replace("\n", " ")
