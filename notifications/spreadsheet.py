"""Writes CSV files in which a spreadsheet finds no formula, whichever separator it is told to use."""

import csv
import re
from collections.abc import Iterable
from typing import Literal, TextIO

from workflows.visible import escaped

Format = Literal["csv", "excel"]

# A cell that begins with =, +, - or @ is a formula. The person who opens the file chooses the separator. If it is not
# the one that the file was written with, a new cell begins inside a text, at each such character, in spite of the
# quotation marks.
_FORMULA = re.compile(r"""(^|[,;\t\r\n])(["\s]*)(?=[=+\-@＝＋－＠])""")


class Sheet:
    """Writes rows to a file.

    "csv": separated by commas. "excel": by semicolons, and with a byte order mark. Without them, Excel in Swedish shows
    one column, and other characters in place of å, ä and ö.
    """

    def __init__(self, file: TextIO, format: Format) -> None:
        if format == "excel":
            file.write("\ufeff")
        self._rows = csv.writer(file, delimiter=";" if format == "excel" else ",")

    def row(self, cells: Iterable[object]) -> None:
        """Write a row. None is an empty cell."""
        self._rows.writerow([not_a_formula(cell) if isinstance(cell, str) else cell for cell in cells])


def not_a_formula(cell: str) -> str:
    """The text with an apostrophe before each place that could be a formula, and with hidden characters escaped."""
    return _FORMULA.sub(r"\1\2'", escaped(cell))
