"""Prints the rows that are others in their tables than in the log."""

import json
from typing import Any

from config.text.texts import Texts
from wheel.console.printing.lines import wrapped
from wheel.documents.errors import DifferingLog, RowDifference
from workflows.messages import N_

MOST = 20  # rows


def say_differences(document: DifferingLog, texts: Texts) -> list[str]:
    lines = [*wrapped(document.message, "", ""), ""]
    for row in document.differences[:MOST]:
        lines += wrapped(f"{row.row}: {_what(row, texts)}", "  ", "      ")
    return [*lines, *(["  …"] if document.differences[MOST:] else [])]


def _what(row: RowDifference, texts: Texts) -> str:
    if row.stored is None:
        return texts(N_("in the log, and not in the table"))
    if row.logged is None:
        return texts(N_("in the table, and not in the log"))
    text = N_("{column} is {stored} in the table, and {logged} in the log")
    return "; ".join(
        texts(text, column=name, stored=_written(row.stored[name]), logged=_written(row.logged[name]))
        for name in row.logged
    )


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
