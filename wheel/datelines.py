"""How dates are said in lines: one that is a best guess, one that nobody has decided, those that become others."""

from collections.abc import Iterator
from typing import Any

from config.texts import Texts
from workflows.messages import N_

Row = dict[str, Any]
Sections = Iterator[tuple[str, list[str]]]


FLAGS = ("provisional", "undecided")


def about(day: str | None, t: Texts, *, provisional: bool = False, undecided: bool = False, clock: str = "") -> str:
    """`2027-06-16`, `ca 2027-06-16 (preliminärt)`, `ej beslutat`, `2027-06-16 kl. 12:00`; an en dash for none."""
    if day is None:
        return t("not decided yet") if undecided else "–"
    said = f"{day} {t('at {clock}', clock=clock)}" if clock else day
    return t("about {day} (provisional)", day=said) if provisional else said


def more_lines(document: Row, t: Texts) -> Sections:
    """What an act on meetings or on a timetable answers besides, each part under its title."""
    if added := document.get("added"):
        yield t("New meetings"), _meetings(added)
    if removed := document.get("removed"):
        yield t("Meetings taken away"), _meetings(removed)
    if there := document.get("there"):
        yield t("Meetings that were there already"), _meetings(there)
    if plans := document.get("plans"):
        yield t("The plans"), [f"{row['address']}: {_way(row, t)}" for row in plans]
    if moved := document.get("moved"):
        yield t("Dates that move"), [line for row in moved for line in moved_lines(row, t)]


def _meetings(found: list[Row]) -> list[str]:
    days: dict[str, list[str]] = {}
    for meeting in found:
        days.setdefault(meeting["body"], []).append(meeting["date"])
    return [f"{body}: {', '.join(of)}" for body, of in days.items()]


WAYS = {
    "stays": N_("stays in {to}"),
    "goes": N_("{from_} → {to}"),
    "new": N_("new, in {to}"),
    "withdrawn": N_("withdrawn"),
}


def _way(row: Row, t: Texts) -> str:
    return t(WAYS[row["what"]], from_=row["from"], to=row["to"])


def moved_lines(row: Row, t: Texts) -> list[str]:
    """One line for each date of a state, and one for the reminders of it that people have had."""
    lines = []
    for bound, (old, new) in row["dates"].items():
        said = about(new, t, provisional=bound in row["provisional"], undecided=bound in row["undecided"])
        lines.append(f"{row['address']} {row['state']}.{bound} {old or '–'} → {said}")
    if not row["dates"]:
        said = t("provisional") if row["provisional"] else t("known now")
        lines.append(f"{row['address']} {row['state']}: {said}")
    if row["reminded"]:
        days = sorted({reminder["sent_at"][:10] for reminder in row["reminded"]})
        lines.append(
            t.plural(
                "(one reminder of the old day was sent: {days})",
                "({n} reminders of the old day were sent: {days})",
                len(row["reminded"]),
                days=days,
            )
        )
    return lines
