"""Prints entries of the log in sentences. Notices and mails that follow each other are counted in one line, as are the
plans of a cycle that was opened."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby

from config.text.texts import Texts
from wheel.console.printing.lines import Local, wrapped
from wheel.reads.log_entries import counted_kind
from wheel.reads.log_sentences import Told, counted


def say_log(entries: Sequence[Told], t: Texts, local: Local, *, whole: bool) -> list[str]:
    """`whole`: each for itself."""
    lines = [line for row in log_rows(entries, t, local, whole=whole) for line in wrapped(row, "", "    ")]
    return lines or [t("No entries.")]


def log_rows(
    entries: Sequence[Told], t: Texts, local: Local, *, about: bool = True, whole: bool = False
) -> Iterator[str]:
    """`about`: with the plan or the person of each entry."""
    for kind, group in groupby(entries, lambda told: counted_kind(told.entry)):
        found = list(group)
        if kind and not whole and found[1:]:
            yield _counted(found, t, local)
            continue
        for each in found:
            said = f"{each.about}: {each.said}" if about and each.about else each.said
            yield "  ".join((str(each.entry["seq"]), _at(each, local), each.who, said))


def _counted(found: Sequence[Told], t: Texts, local: Local) -> str:
    first, last, said = found[0], found[-1], counted([each.entry for each in found], t)
    return "  ".join((f"{first.entry['seq']}–{last.entry['seq']}", _at(first, local), said))


def _at(each: Told, local: Local) -> str:
    return local(datetime.fromisoformat(each.entry["at"]))
