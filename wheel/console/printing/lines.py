"""How dates are said in lines: one that is a best guess, one that nobody has decided, those that become others."""

from collections.abc import Iterator
from typing import Any

from config.text.texts import Texts
from wheel.engine.address import Address
from workflows.messages import N_

Row = dict[str, Any]
Sections = Iterator[tuple[str, list[str]]]


FLAGS = ("provisional", "undecided")
BOUNDS = {
    "opens": N_("opens"),
    "target": N_("target"),
    "last": N_("deadline"),
    "statutory": N_("by law"),
}


def about(day: str | None, t: Texts, *, provisional: bool = False, undecided: bool = False, clock: str = "") -> str:
    """`2027-06-16`, `ca 2027-06-16 (preliminärt)`, `ej beslutat`, `2027-06-16 kl. 12:00`; an en dash for none."""
    if day is None:
        return t("not decided yet") if undecided else "–"
    said = f"{day} {t('at {clock}', clock=clock)}" if clock else day
    return t("{day} (provisional)", day=said) if provisional else said


def more_lines(document: Row, t: Texts) -> Sections:
    """What an act on meetings or on a timetable answers besides, each part under its title."""
    if added := document.get("added"):
        yield t("New meetings"), _meetings(added)
    if removed := document.get("removed"):
        yield t("Removed meetings"), _meetings(removed)
    if there := document.get("there"):
        yield t("Meetings that already existed"), _meetings(there)
    if plans := document.get("plans"):
        yield t("The plans"), list(_ways(plans, t))
    if moved := document.get("moved"):
        yield t("Dates that change"), [line for row in moved for line in moved_lines(row, t)]


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
    "left_out": N_("no longer concerned"),
    "taken_in": N_("now concerned, in {to}"),
}


def _ways(rows: list[Row], t: Texts) -> Iterator[str]:
    """The boards' plans of a phase that go the same way in one line, with how many they are."""
    groups: dict[tuple[str, bool, str], list[Row]] = {}
    for row in rows:
        address = Address.parse(row["address"])
        way = t(WAYS[row["what"]], from_=row["from"], to=row["to"])
        groups.setdefault((str(address.of_the_phase), bool(address.board), way), []).append(row)
    for (phase, boards, way), group in groups.items():
        if boards and len(group) > 1:
            yield f"{phase}/* ({t.plural('{n} board', '{n} boards', len(group))}): {way}"
        else:
            yield f"{group[0]['address']}: {way}"


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
                "(one reminder of the old date was sent: {days})",
                "({n} reminders of the old date were sent: {days})",
                len(row["reminded"]),
                days=days,
            )
        )
    return lines


# ---- a timetable -----------------------------------------------------------------------------------------------


def say_timetable(document: Row, t: Texts) -> list[str]:
    """Its versions, then a line for each date in which something differs."""
    from wheel.console.printing.plans import wrapped

    lines = [
        t("The timetable of {cycle}", cycle=document["cycle"]),
        "  " + t("Version: {number}", number=document["version"]),
    ]
    for version in document["versions"]:
        lines += wrapped(f"v{version['version']}  {_decided(version, t)}", "  ", "      ")
    if document["faults"]:
        lines += wrapped(t("The files cannot be read. `arshjul check` shows why."), "  ")
    of = None
    for row in document["dates"]:
        if (row["address"], row["state"]) != of:
            of = row["address"], row["state"]
            lines += ["", f"{row['address']} {row['state']}"]
        lines += wrapped("  ".join(_side_by_side(row, t)), "  ", "             ")
    if not document["dates"]:
        lines += ["", *wrapped(t("No dates differ. --all shows them all."))]
    return lines


def _decided(version: Row, t: Texts) -> str:
    decision = version["decision"]
    if decision is None:
        return t("draft, opened {day}", day=version["made_at"][:10])
    said = f"{decision['body'].upper()} {decision['date']} § {decision['paragraph']}"
    point = f" p. {decision['point']}" if decision["point"] else ""
    return t("decided: {decision}, dnr {diary}", decision=said + point, diary=decision["diary"])


def _side_by_side(row: Row, t: Texts) -> Iterator[str]:
    yield f"{t(BOUNDS[row['bound']]):9}"
    for number, day in enumerate(row["versions"], 1):
        yield f"v{number} {day or '–'}"
    yield t("now {day}", day=about(row["now"], t, **{flag: row[flag] for flag in FLAGS}))
    if "counted" in row:
        yield t("by its rules {day}", day=row["counted"] or "–")
    if "files" in row and row["files"] != row.get("counted", ""):
        yield t("by the files {day}", day=row["files"] or "–")
