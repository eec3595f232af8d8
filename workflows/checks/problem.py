"""One fault of a definition: what is wrong, where, and how it is mended."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from workflows.messages import N_

WHEEL = ""  # the `source` of a problem in the wheel file; otherwise it is a workflow's id
Place = tuple[str | int, ...]

WORD = re.compile(r"[a-z][a-z0-9_]*")  # states, verbs, parties
SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")  # what stands in addresses: workflows, phases, bodies
RULE = re.compile(r"[A-Z][A-Za-z0-9]*")
_FORMS = {
    WORD: N_("Write it with a-z, 0-9 and _, and a letter first."),
    SLUG: N_("Write it with a-z, 0-9 and -, and a letter first."),
    RULE: N_("Write the id of a rule, such as R2."),
}


@dataclass(frozen=True)
class Problem:
    """`place`: the keys that lead there. `message` and `cure` are keys of the translation, with their facts."""

    code: str
    source: str
    place: Place
    message: str
    cure: str
    facts: Mapping[str, object] = field(default_factory=dict)


def unknown(kind: str, message: str, name: str, known: Iterable[str], source: str, place: Place) -> Problem:
    """`name` is none of `known`. The cure offers the nearest spelling, or else all of them."""
    names = list(known)
    if near := get_close_matches(name, names, 1):
        cure, facts = N_("Did you mean {near}?"), {"name": name, "near": near[0]}
    elif names:
        cure, facts = N_("Write one of: {known}."), {"name": name, "known": ", ".join(names)}
    else:
        cure, facts = N_("Take it away: there is none to name here."), {"name": name}
    return Problem(f"unknown_{kind}", source, place, message, cure, facts)


def bad_names(names: Iterable[tuple[str, Place]], form: re.Pattern[str], source: str) -> Iterator[Problem]:
    """Names that are no identifiers. A dotted one ("os.system") could be taken for code to import."""
    for name, place in names:
        if not form.fullmatch(name):
            message = N_("{name} is no identifier.")
            yield Problem("bad_identifier", source, place, message, _FORMS[form], {"name": name})


def split_sentence(error: ValueError) -> tuple[str, str]:
    """The two halves of an error that says "what is wrong; what to write instead", each to be ended by a point."""
    what, _, cure = str(error).partition("; ")
    cure = cure or "write another"
    return what[:1].upper() + what[1:], cure[:1].upper() + cure[1:]
