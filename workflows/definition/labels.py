"""Puts the wheel's own bodies into the labels of a workflow: `{decides} adopts the budget`.

In braces stands a party of the phase (`{proposes}`), or a kind of body (`{council}`, `{executive}`, `{auditors}`);
with `'s` in the genitive. Where the wheel has no such body, a general word stands for it.
"""

import re
from collections.abc import Callable, Iterable

from workflows.definition.workflow import Text, Workflow

BodiesOf = Callable[[str], list[Text]]

_BODY = re.compile(r"\{([a-z][a-z0-9_]*)('s)?\}")
BRACES = re.compile(r"\{[^{}]*\}|[{}]")
KINDS = ("council", "executive", "auditors")
_AND = {"sv": " och ", "en": " and "}
GENERAL = {
    "council": Text(sv="fullmäktige", en="the council"),
    "executive": Text(sv="styrelsen", en="the executive board"),
    "auditors": Text(sv="revisorerna", en="the auditors"),
    "prepares": Text(sv="det beredande organet", en="the preparing body"),
    "proposes": Text(sv="det föreslående organet", en="the proposing body"),
    "considers": Text(sv="det yttrande organet", en="the consulted body"),
    "hands_over": Text(sv="det överlämnande organet", en="the body that hands over"),
    "decides": Text(sv="det beslutande organet", en="the deciding body"),
}


def no_bodies(_: str) -> list[Text]:
    """For a workflow by itself, which no wheel uses."""
    return []


def with_bodies(workflow: Workflow, bodies_of: BodiesOf) -> Workflow:
    """The workflow with labels that name bodies. `bodies_of`: the names of the bodies of a party or a kind, as they
    stand inside a sentence. A workflow whose labels name none is returned as it is."""
    if not any(_BODY.search(label.sv) or _BODY.search(label.en) for label in _labels(workflow)):
        return workflow
    return Workflow(
        id=workflow.id,
        label=_filled(workflow.label, bodies_of),
        state=tuple(s.model_copy(update={"label": _filled(s.label, bodies_of)}) for s in workflow.states),
        step=tuple(s.model_copy(update={"label": _filled(s.label, bodies_of)}) for s in workflow.steps),
    )


def misused_braces(text: str, parties: Iterable[str]) -> list[str]:
    """The braces of a label that stand for no body of a workflow with these parties, as they are written."""
    known = {*parties, *KINDS}
    found = BRACES.findall(text)
    return [each for each in found if not ((body := _BODY.fullmatch(each)) and body[1] in known)]


def genitive(name: str, language: str) -> str:
    if language == "en":
        return name + ("'" if name.endswith("s") else "'s")
    if name.lower().endswith(("s", "x", "z")):
        return name
    return name + (":s" if name[-2:].isupper() else "s")  # "Sjövikshus AB:s"


def _labels(workflow: Workflow) -> list[Text]:
    return [workflow.label, *(state.label for state in workflow.states), *(step.label for step in workflow.steps)]


def _filled(label: Text, bodies_of: BodiesOf) -> Text:
    return Text(sv=_in(label.sv, "sv", bodies_of), en=_in(label.en, "en", bodies_of))


def _in(text: str, language: str, bodies_of: BodiesOf) -> str:
    def named(found: re.Match[str]) -> str:
        general = [GENERAL[found[1]]] if found[1] in GENERAL else []
        names = [name.to(language) for name in bodies_of(found[1]) or general]
        said = _AND[language].join(names) or found[0]
        said = genitive(said, language) if found[2] else said
        return said[:1].upper() + said[1:] if found.start() == 0 else said

    return _BODY.sub(named, text)
