"""Two rehearsed years beside each other: what differs, as a document and as lines."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from config.text.texts import Texts
from wheel.console.printing.plans import wrapped
from wheel.console.printing.rehearsal import Teller, board_of, gathered, phase_of, say_summary, title
from wheel.rehearsal.documents import Document, summary, year_json
from wheel.rehearsal.result import Rehearsed
from workflows.messages import N_

HAPPENS = ("cycle_opened", "opens", "moved", "done", "decided")  # what is done; the rest is owed, late or refused
TOLD = ("cycle_opened", "opens", "done", "decided")  # of these, what people are told
NEVER = "never"  # a meeting missed, and none ahead

Differing = dict[tuple[Any, ...], Any]


def pair_json(first: Rehearsed, second: Rehearsed, texts: Texts) -> Document:
    """Both years whole, and their differences: null where something is in one of them alone."""
    return {
        "first": year_json(first, texts),
        "second": year_json(second, texts),
        "differences": {
            "calendar": _differ(("address", "what", "state", "step"), _happened(first), _happened(second)),
            "mails": _differ(("person",), _counts(first), _counts(second)),
            "lateness": _differ(("address", "state"), _days_late(first), _days_late(second)),
            "missed": _differ(("address", "step", "body", "meeting"), _meetings(first), _meetings(second)),
        },
    }


def _happened(year: Rehearsed) -> Differing:
    return {(e.address, e.what, e.state, e.step): e.day.isoformat() for e in year.calendar if e.what in HAPPENS}


def _counts(year: Rehearsed) -> Differing:
    return {(m.person,): len(m.days) for m in year.mails}


def _days_late(year: Rehearsed) -> Differing:
    return {(late.address, late.state): late.days for late in year.lateness}


def _meetings(year: Rehearsed) -> Differing:
    return {(m.address, m.step, m.body, m.meeting.isoformat()): _iso(m.next) or NEVER for m in year.missed}


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _differ(names: Iterable[str], first: Differing, second: Differing) -> list[Document]:
    keys = [key for key in dict.fromkeys([*first, *second]) if first.get(key) != second.get(key)]
    return [{**dict(zip(names, key, strict=True)), "first": first.get(key), "second": second.get(key)} for key in keys]


def say_pair(first: Rehearsed, second: Rehearsed, document: Document, t: Texts, other: str = "") -> list[str]:
    """`other`: the folder of the second one's wheel, where it has its own."""
    lines = []
    for letter, year in (("A", first), ("B", second)):
        lines += wrapped(title(year, t), f"{letter}  ")
    lines += wrapped(t("the wheel of {folder}", folder=other), "   ") if other else []
    teller, differences = Teller(second, t), document["differences"]
    happened = [row for row in differences["calendar"] if row["what"] in TOLD]
    lines += _section(t(N_("On another day")), happened, _plan, teller)
    lines += _section(t(N_("Meetings missed")), differences["missed"], _meeting, teller)
    lines += _section(t(N_("Mails to each person")), differences["mails"], lambda row: row["person"], teller)
    return [*lines, "", f"{'A':>7}{'B':>7}", *say_summary(t, summary(first), summary(second))[2:]]


def _plan(row: Document) -> str:
    return f"{phase_of(row['address'])} {row['step'] or ''}".rstrip()


def _meeting(row: Document) -> str:
    return f"{_plan(row)} {row['meeting']}"


def _section(head: str, rows: list[Document], what: Callable[[Document], str], teller: Teller) -> list[str]:
    """A row for both values, those of several boards in one."""

    def said(value: object) -> str:
        return "–" if value is None else teller.t(N_("never")) if value == NEVER else str(value)

    lines = []
    for together in gathered(rows, lambda row: (what(row), row["first"], row["second"])):
        row = together[0]
        boards = [board for row in together if "address" in row and (board := board_of(row["address"]))]
        before = f"  {said(row['first']):>10}  {said(row['second']):>10}  "
        lines += wrapped(f"{what(row)} {teller.bodies(boards)}".rstrip(), before)
    return ["", head, *lines] if lines else []
