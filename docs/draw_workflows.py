"""Writes the generated parts of docs/workflows.md from the catalog: `.venv/bin/python docs/draw_workflows.py`."""

from collections.abc import Iterable
from pathlib import Path

from config.municipality.municipality import catalog
from workflows.definition.definition import Step, Workflow
from workflows.definition.labels import no_bodies, with_bodies

PAGE = Path(__file__).with_name("workflows.md")
FLOWS = {id: with_bodies(workflow, no_bodies) for id, workflow in catalog().items()}
WHOLES = {id: step.reached for id, flow in FLOWS.items() for step in flow.steps if step.reached}


def code(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def parties(flow: Workflow) -> list[str]:
    found = [*(state.prepared_by for state in flow.states), *(step.by for step in flow.steps)]
    return sorted({party for party in found if party})


def how(step: Step) -> str:
    ways = {
        "date": f"on the day that `{step.to}` opens",
        "children": f"when every board's plan has reached `{step.reached}`",
        "phase": "when the phase that it `follows` has come so far",
    }
    said = [ways[step.automatic]] if step.automatic else []
    if step.by:
        by_hand = "a decision of" if step.decision else "by"
        said.append(f"{'or earlier ' if said else ''}{by_hand} `{step.by}`")
    moves = [outcome for outcome in step.taken_by if outcome not in step.adopted_by]
    outcomes = [f"settled by {code(step.adopted_by)}"] if step.adopted_by else []
    outcomes += [f"moved on by {code(moves)}"] if moves else []
    taken = "; ".join([", ".join(said), *outcomes])
    return taken + (" (not on the ordinary way)" if step.off_path else "")


def catalog_part() -> str:
    lines = []
    for id, flow in FLOWS.items():
        lines += [f"### {id}", "", f"{flow.label.en}. Parties: {code(parties(flow))}. Nothing is owed in "
                  f"{code(state.id for state in flow.states if state.done)}.", ""]  # fmt: skip
        lines += [row("step", "from", "to", "taken"), "|---|---|---|---|"]
        lines += [row(f"`{s.verb}`: {s.label.en}", code(s.from_), f"`{s.to}`", how(s)) for s in flow.steps]
        if back := [f"from `{state.id}` to `{state.returns_to}`" for state in flow.states if state.returns_to]:
            lines += ["", f"A matter is sent back {', '.join(back)}."]
        if working := [f"`{state.prepared_by}` in `{state.id}`" for state in flow.states if state.prepared_by]:
            lines += ["", f"Prepares while another party takes the next step: {', '.join(working)}."]
        lines.append("")
    return "\n".join(lines[:-1])


def fitting(whole: str, reached: str) -> list[str]:
    """The workflows that a board's plan can have: its own first, then the general ones."""
    own = [id for id in FLOWS if id.startswith(f"{whole}-") and FLOWS[id].has(reached)]
    return own + [id for id, flow in FLOWS.items() if flow.has(reached) and id not in own and id not in WHOLES]


def pairs_part() -> str:
    lines = [
        row("the whole phase", "waits until every board has reached", "workflows with that state"),
        "|---|---|---|",
    ]
    lines += [row(f"`{id}`", f"`{reached}`", code(fitting(id, reached))) for id, reached in WHOLES.items()]
    return "\n".join(lines)


def timetables_part() -> str:
    deciding = {id: step for id, flow in FLOWS.items() if (step := flow.deciding_step)}
    ends = sorted({f"`{step.verb}` by `{step.by}`" for step in deciding.values()})
    return f"{code(deciding)}: in each of them {', '.join(ends)} ends the draft."


def redrawn(page: str) -> str:
    parts = (("pairs", pairs_part()), ("timetables", timetables_part()), ("catalog", catalog_part()))
    for name, content in parts:
        begin, end = f"<!-- {name}: made by docs/draw_workflows.py -->", f"<!-- end of {name} -->"
        before, _, rest = page.partition(begin)
        page = f"{before}{begin}\n{content}\n{end}{rest.partition(end)[2]}"
    return page


if __name__ == "__main__":
    PAGE.write_text(redrawn(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
