"""Prints entries of the log in sentences. Notices and mails that follow each other are counted in one line, as are the
plans of a cycle that was opened."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby

from config.text.texts import Texts
from wheel.console.printing.lines import Local, wrapped
from wheel.reads.log_sentences import ACTIONS, Told


def say_log(entries: Sequence[Told], t: Texts, local: Local, *, whole: bool) -> list[str]:
    """`whole`: each for itself."""
    lines = [line for row in log_rows(entries, t, local, whole=whole) for line in wrapped(row, "", "    ")]
    return lines or [t("No entries.")]


def log_rows(
    entries: Sequence[Told], t: Texts, local: Local, *, about: bool = True, whole: bool = False
) -> Iterator[str]:
    """`about`: with the plan or the person of each entry."""
    for kind, group in groupby(entries, _kind):
        found = list(group)
        if kind and not whole and found[1:]:
            yield _counted(found, t, local)
            continue
        for each in found:
            said = f"{each.about}: {each.said}" if about and each.about else each.said
            yield "  ".join((str(each.entry["seq"]), _at(each, local), each.who, said))


def _kind(each: Told) -> str:
    """Of which there are so many that they are counted; empty for an entry that is told."""
    kind, _, _ = each.entry["action"].partition(".")
    if kind in ("notice", "message"):
        return "mail"
    return "opened" if each.entry["action"] == "plan.opened" else ""


def _counted(found: Sequence[Told], t: Texts, local: Local) -> str:
    count = Counter(each.entry["action"] for each in found)
    said = ", ".join(f"{t(ACTIONS.get(action, action))}: {n}" for action, n in count.items())
    first, last = found[0], found[-1]
    return "  ".join((f"{first.entry['seq']}–{last.entry['seq']}", _at(first, local), said))


def _at(each: Told, local: Local) -> str:
    return local(datetime.fromisoformat(each.entry["at"]))
