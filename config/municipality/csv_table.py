"""Reads a table from CSV as spreadsheets and other programs write it: any separator, `sep=;`, a title above it."""

import csv
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import date
from io import StringIO
from itertools import islice
from typing import NamedTuple

from config.municipality.import_bounds import TooMuchError
from workflows.messages import N_

HEADING_WITHIN = 10  # rows: a title may stand above it
_HYPHENS = re.compile("[\u2010-\u2015\u2212]")  # a word processor makes such of a hyphen
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[ T]\d{1,2}[:.]\d{2}.*)?")
_QUOTES = "unexpected end of data", "expected after"  # so Python says it
_SEP = re.compile(r"sep=([;,\t])", re.IGNORECASE)

FindColumns = Callable[[list[str]], dict[str, int] | None]


class Row(NamedTuple):
    """`line`: its last one in the file. `number`: that of the row in a spreadsheet, which hides a line `sep=;`."""

    line: int
    number: int
    cells: list[str]


class CsvTable(NamedTuple):
    """`columns`: the positions that the heading gives them; None without a heading. `rows`: those below it that are
    not empty."""

    columns: dict[str, int] | None
    rows: list[Row]


class NoTableError(Exception):
    """The text is not CSV: why, in a sentence with its facts, and in which line the row begins."""

    def __init__(self, error: csv.Error, line: int) -> None:
        super().__init__(str(error))
        self.line = line
        self.sentence, self.facts = N_("The file is not CSV: {why}."), {"why": str(error)}
        if any(words in str(error) for words in _QUOTES):
            self.sentence = N_("A quotation mark begins a cell and is not closed where the cell ends.")


def read_table(text: str, columns: FindColumns, most: int, cure: str) -> CsvTable:
    """Read the table. `columns`: the positions of the columns that a row names; None if the row is no heading.

    Raises TooMuchError with that cure for more than `most` rows, and NoTableError.
    """
    try:
        separator, text, hidden = _separator(text, columns)
    except csv.Error as error:
        raise NoTableError(error, 1) from error
    # Strict: otherwise a quotation mark that nobody closes makes all the rows after it one cell, and they are lost.
    reading = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    numbered = enumerate(reading, 1 - hidden)
    stripped = (Row(reading.line_num, number, [cell.strip() for cell in cells]) for number, cells in numbered)
    rows: list[Row] = []
    try:
        for row in islice(stripped, most + 1):
            rows.append(row)
    except csv.Error as error:
        raise NoTableError(error, rows[-1].line + 1 if rows else 1) from error
    if len(rows) > most:
        raise TooMuchError(N_("The file has more than {most} rows."), most, cure)
    found = [row for row in rows if any(row.cells)]
    named, first = _heading([row.cells for row in found[:HEADING_WITHIN]], columns)
    return CsvTable(named, found[first:])


def _separator(text: str, columns: FindColumns) -> tuple[str, str, int]:
    """The separator, the text without the line with which Excel names it (`sep=;`), and the number of such lines."""
    first, _, rest = text.partition("\n")
    if named := _SEP.fullmatch(first.strip('" \t')):
        return named[1], f"\n{rest}", 1  # the lines keep their numbers
    lines = text.split("\n", HEADING_WITHIN)[:HEADING_WITHIN]
    for separator in ";\t,":
        if _heading(csv.reader(lines, delimiter=separator), columns)[0]:
            return separator, text, 0
    return next((each for each in ";\t" if each in first), ","), text, 0


def _heading(rows: Iterable[list[str]], columns: FindColumns) -> tuple[dict[str, int] | None, int]:
    """The columns that the heading names, and the number of rows up to and with it."""
    for number, row in enumerate(rows, 1):
        cells = [cell.strip() for cell in row]
        if found := columns(cells):
            return found, number
        if sum(map(bool, cells)) > 1 or any(map(_DAY.fullmatch, cells)):
            break
    return None, 0


def day_in(cell: str) -> date | None:
    """The date of a cell, also of one with a time of day; None for anything else."""
    found = _DAY.fullmatch(_HYPHENS.sub("-", cell))
    with suppress(ValueError):
        return date.fromisoformat(found[1]) if found else None
    return None
