"""Prints a cycle's timetable."""

from collections.abc import Iterator

from config.text.texts import Texts
from wheel.console.printing.lines import dated, wrapped
from wheel.documents.timetable import DateRow, TimetableDocument, VersionDocument
from wheel.format import BOUNDS, STATUS
from wheel.reads.names import Names


def say_timetable(document: TimetableDocument, t: Texts, names: Names) -> list[str]:
    """Its versions, then a line for each date in which something differs."""
    lines = [
        t("The timetable of {cycle}", cycle=document.cycle),
        "  " + t("Version: {number}", number=document.version),
    ]
    for version in document.versions:
        lines += wrapped(f"v{version.version}  {_decided(version, t)}", "  ", "      ")
    if document.draft and any(version.decision for version in document.versions):
        text = t("The cycle stands still until its timetable is decided again.")
        lines += wrapped(text, "  ")
    if document.faults:
        lines += wrapped(t("The files cannot be read. `arshjul check` shows why."), "  ")
    of = None
    for row in document.dates:
        if (row.address, row.state) != of:
            of = row.address, row.state
            status = f" ({t(STATUS[row.status])})" if row.status else ""
            lines += ["", *wrapped(f"{row.address} {names.state(row.address, row.state)}{status}")]
        lines += wrapped("  ".join(_side_by_side(row, t)), "  ", "             ")
    if not document.dates:
        lines += ["", *wrapped(t("No dates differ. --all shows them all."))]
    return lines


def _decided(version: VersionDocument, t: Texts) -> str:
    decision = version.decision
    if decision is None:
        return t("draft, opened {day}", day=f"{version.made_at:%Y-%m-%d}")
    said = f"{decision.body.upper()} {decision.date} § {decision.paragraph}"
    point = f" p. {decision.point}" if decision.point else ""
    return t("decided: {decision}, dnr {diary}", decision=said + point, diary=decision.diary)


def _side_by_side(row: DateRow, t: Texts) -> Iterator[str]:
    yield f"{t(BOUNDS[row.bound]):9}"
    clocks = row.clocks or (None,) * len(row.versions)
    for number, (day, clock) in enumerate(zip(row.versions, clocks, strict=True), 1):
        yield f"v{number} {dated(day, t, clock=clock)}"
    yield t("now {day}", day=dated(row.now, t, provisional=row.provisional, undecided=row.undecided, clock=row.clock))
    given = row.model_fields_set
    if "counted" in given:
        yield t("by its rules {day}", day=f"{row.counted or '–'}")
    if "files" in given and not ("counted" in given and row.files == row.counted):
        yield t("by the files {day}", day=f"{row.files or '–'}")
