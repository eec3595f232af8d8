"""Prints the list of decisions."""

from config.text.texts import Texts
from wheel.console.printing.lines import wrapped
from wheel.documents.decisions import DecisionRow, DecisionsDocument
from wheel.format import OUTCOMES
from wheel.reads.log_sentences import ACTIONS
from wheel.reads.names import Names


def say_decisions(document: DecisionsDocument, t: Texts, names: Names) -> list[str]:
    lines = []
    for row in document.decisions:
        lines += wrapped(_reference(row, t, names))
        lines += wrapped(f"{row.title}: {_step(row, t, names)} ({row.address})", "    ")
        lines += wrapped(row.reason, "    ") if row.reason else []
    return [*lines, t.plural("{n} decision", "{n} decisions", len(document.decisions))]


def _step(row: DecisionRow, t: Texts, names: Names) -> str:
    """The step's label; of a replaced timetable, which another body may have decided, what was done."""
    replaced = ACTIONS["timetable.replaced"]
    return t(replaced) if row.replaces else names.step_label(row.address, row.step)


def _reference(row: DecisionRow, t: Texts, names: Names) -> str:
    """`2027-06-16 KF § 88 p. 2, KS 2026/300: adopted`"""
    point = f" p. {row.point}" if row.point else ""
    corrected = t(" (corrected)") if row.corrected else ""
    reference = f"{row.date} {names.short(row.address, row.body)} § {row.paragraph}{point}, {row.diary}"
    return f"{reference}: {t(OUTCOMES[row.outcome])}{corrected}"
