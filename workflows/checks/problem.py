"""The type of an error or warning about a definition, and helpers that create common ones."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from workflows.messages import N_

WHEEL = ""  # the `source` of a problem in wheel.toml; for other problems it is the id of a workflow
Place = tuple[str | int, ...]

WORD = re.compile(r"[a-z][a-z0-9_]*")  # states, verbs, parties
SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")  # ids that occur in addresses: workflows, phases, bodies
RULE = re.compile(r"[A-Z][A-Za-z0-9]*")
_FORMS = {
    WORD: N_("Write the name with a-z, 0-9 and _, with a letter first."),
    SLUG: N_("Write the name with a-z, 0-9 and -, with a letter first."),
    RULE: N_("Write the id of a rule, such as R2."),
}


@dataclass(frozen=True)
class Problem:
    """An error or warning. `place`: the path of keys in the file. `message` and `cure`: translatable, with `facts`."""

    code: str
    source: str
    place: Place
    message: str
    cure: str
    facts: Mapping[str, object] = field(default_factory=dict)


def unknown(kind: str, message: str, name: str, known: Iterable[str], source: str, place: Place) -> Problem:
    """A problem for a name that is not among `known`. The cure suggests the nearest one, otherwise lists them."""
    names = list(known)
    if near := get_close_matches(name, names, 1):
        cure, facts = N_("Did you mean {near}?"), {"name": name, "near": near[0]}
    elif names:
        cure, facts = N_("Write one of: {known}."), {"name": name, "known": ", ".join(names)}
    else:
        cure, facts = N_("Remove the key. There is nothing to name here."), {"name": name}
    return Problem(f"unknown_{kind}", source, place, message, cure, facts)


def bad_names(names: Iterable[tuple[str, Place]], form: re.Pattern[str], source: str) -> Iterator[Problem]:
    """A problem for each name that does not match `form`; a dotted name ("os.system") could be taken for an import."""
    for name, place in names:
        if not form.fullmatch(name):
            message = N_("{name} is not a valid id.")
            yield Problem("bad_identifier", source, place, message, _FORMS[form], {"name": name})


def split_sentence(error: ValueError) -> tuple[str, str]:
    """Split an error "what is wrong; what to write instead" into two sentences without their full stops."""
    what, _, cure = str(error).partition("; ")
    return what[:1].upper() + what[1:], cure[:1].upper() + cure[1:]
