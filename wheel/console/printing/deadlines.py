"""Prints all deadlines of a calendar year."""

from config.text.texts import Texts
from wheel.console.printing.lines import wrapped
from wheel.drawing.table import DeadlineTable


def say_deadlines(table: DeadlineTable, t: Texts) -> list[str]:
    lines = [table.heading, ""]
    for row in table.rows:
        lines += wrapped(f"{row.period}: {row.title}, {row.state_label}. {row.word}. {row.remark}".rstrip())
        lines += wrapped(", ".join((row.address, *row.who)), "    ")
    return [*lines, "", t.plural("{n} deadline", "{n} deadlines", len(table.rows))]
