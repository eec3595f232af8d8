"""CSV files that people open in a spreadsheet: no cell of them is a formula, however they are opened."""

import csv
import re
from collections.abc import Iterable
from typing import Literal, TextIO

from workflows.visible import escaped

Format = Literal["csv", "excel"]

# What begins like this makes a spreadsheet calculate instead of show. Who opens the file chooses the separator: with
# another than it was written with, a cell begins after each such character in a text, and quotation marks mean nothing.
_FORMULA = re.compile(r"""(^|[,;\t\r\n])(["\s]*)(?=[=+\-@＝＋－＠])""")


class Sheet:
    """Writes rows. "csv" has commas; "excel" has a byte order mark and semicolons, without which Excel in Swedish shows
    one column and broken å, ä and ö."""

    def __init__(self, file: TextIO, format: Format) -> None:
        if format == "excel":
            file.write("\ufeff")
        self._rows = csv.writer(file, delimiter=";" if format == "excel" else ",")

    def row(self, cells: Iterable[object]) -> None:
        """Write a row. None is an empty cell."""
        self._rows.writerow([not_a_formula(cell) if isinstance(cell, str) else cell for cell in cells])


def not_a_formula(cell: str) -> str:
    """The text with an apostrophe where a spreadsheet would take it for a formula, and nothing hidden in it."""
    return _FORMULA.sub(r"\1\2'", escaped(cell))
