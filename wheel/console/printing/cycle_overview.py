"""Prints where a cycle stands: what is late, what is under way, what comes, what is done."""

from datetime import date

from config.text.texts import Texts
from wheel.console.printing.lines import dated, section, wrapped
from wheel.console.printing.plans import status_word
from wheel.documents.cycle_overview import CycleDocument, PhaseRow
from wheel.plan_address import Address
from wheel.reads.names import Names

UNDER_WAY = ("in_progress", "sent_back", "postponed", "draft")
DONE = ("done", "before_introduction")


def say_cycle(document: CycleDocument, t: Texts, names: Names) -> list[str]:
    phases = document.phases
    late = [row for row in phases if row.status == "overdue" or row.late]
    not_begun = [row for row in phases if row.status == "upcoming" or (row.status == "draft" and not row.begun)]
    under_way = [row for row in phases if row.status in UNDER_WAY and row not in [*late, *not_begun]]
    coming = sorted((row for row in not_begun if row not in late), key=_begins)
    done = [row for row in phases if row.status in DONE and row not in late]
    others = [row for row in phases if row not in [*late, *under_way, *coming, *done]]
    lines = [document.cycle]
    if document.draft:
        lines += wrapped(t("The cycle is a draft: until its timetable is decided nothing else moves."), "  ")
    lines += section(t("Overdue"), [_owed(row, t, names) for row in late])
    lines += section(t("To look at again"), [address for row in phases for address in row.flagged])
    lines += section(t("Under way"), [_owed(row, t, names) for row in under_way])
    lines += section(t("Coming next"), [_dated(row.opens, row.opens_clock, row, t) for row in coming])
    lines += section(t("Done"), [f"{row.title} ({row.address}): {row.label}" for row in done])
    return lines + section(
        t("Others"), [f"{row.title} ({row.address}): {status_word(row.status, t)}" for row in others]
    )


def _begins(row: PhaseRow) -> str:
    return f"{row.opens or '9999'}"


def _dated(day: date | None, clock: str | None, row: PhaseRow, t: Texts) -> str:
    return f"{dated(day, t, clock=clock)}  {row.title} ({row.address})"


def _owed(row: PhaseRow, t: Texts, names: Names) -> str:
    """`2027-05-31  Dialogue 2028 (2028/uppdragsdialog): Open, the office. 7 of 9 boards are done, missing: SN, BN`"""
    last, clock = row.last, row.clock
    if row.late_since and (last is None or row.late_since < last):
        last, clock = row.late_since, None  # what is late is the boards' part
    said = f"{_dated(last, clock, row, t)}: {row.label}"
    if row.held:
        said += f" ({status_word(row.status, t, held=True)})"
    if row.responsible:
        said += f", {', '.join(names.bodies(row.address, row.responsible))}"
    children = row.children
    if children is None or not children.of:
        return said
    if not children.reopened:
        said += ". " + t("{done} of {of} boards are done", done=children.done, of=children.of)
    if children.reopened:
        again = [names.short(row.address, Address.parse(plan).board or "") for plan in children.reopened]
        said += ". " + t("Open again, after the phase had counted them: {bodies}", bodies=", ".join(again))
    missing = [
        names.short(row.address, Address.parse(plan).board or "")
        for plan in children.missing
        if plan not in children.reopened
    ]
    overdue = [names.short(row.address, Address.parse(plan).board or "") for plan in row.late]
    said += t(", missing: {boards}", boards=", ".join(missing)) if missing else ""
    return said + (t(", overdue: {boards}", boards=", ".join(overdue)) if overdue else "")
