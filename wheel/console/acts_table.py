"""Reads a table of acts for `arshjul record`: one act in a row, under the headings of COLUMNS."""

from datetime import date
from typing import Any

from config.municipality.csv_table import NoTableError, Row, day_in, read_table
from config.municipality.faults import Fault, FaultyFilesError
from config.municipality.import_bounds import NOT_UTF8
from config.text.texts import LANGUAGES, Texts
from wheel.actions.record import Act
from wheel.engine.decisions import DecisionForm
from wheel.format import OUTCOMES
from workflows.dates.workdays import YEARS
from workflows.messages import N_
from workflows.rules.named_rules import Reason

COLUMNS = {  # each with what a heading may call it
    "address": ("address", "adress", "plan"),
    "step": ("step", "steg"),
    "on": ("on", "den", "stegets dag"),
    "body": ("body", "organ", "nämnd", "instans", "beslutsorgan"),
    "date": ("date", "datum", "sammanträdesdatum", "sammanträdesdag"),
    "paragraph": ("paragraph", "paragraf", "§"),
    "point": ("point", "punkt"),
    "diary": ("diary", "diarienummer", "diarienr", "dnr"),
    "outcome": ("outcome", "utfall"),
    "reason": ("reason", "motivering", "skäl"),
    "new_date": ("new_date", "new date", "ny hålltid"),
}
_NEEDED = ("address", "step")
_DAYS = ("on", "date", "new_date")
MOST_ROWS = 1000  # more than a large municipality does in a year; the whole table is one transaction


def read_acts(text: str, name: str) -> list[Act]:
    """The acts of a table in CSV, in its order. `name`: that of the file.

    Raises FaultyFilesError for a table without a heading or rows, with an unknown column or too many rows.
    """

    def fault(code: str, message: str, cure: str, line: int = 1, **facts: object) -> FaultyFilesError:
        return FaultyFilesError([Fault(code, name, line, "", message, cure, facts)])

    if "\0" in text:  # UTF-16, or no text at all; no database of PostgreSQL holds it
        raise fault("encoding", *NOT_UTF8)
    try:
        table = read_table(text, _columns, MOST_ROWS, N_("Divide the table into several."))
    except NoTableError as error:
        raise fault("syntax", error.sentence, N_("Correct the line."), error.line, **error.facts) from None
    known = ", ".join(COLUMNS)
    if table.columns is None and table.rows:
        message, cure = N_("The table has no heading."), N_("Begin with a row that names the columns: {known}.")
        raise fault("missing", message, cure, known=known)
    if not table.rows:
        raise fault("empty", N_("The table contains no acts."), N_("Check that it is the right file."))
    if unknown := (table.columns or {}).keys() - COLUMNS.keys():
        message, cure = (
            N_("Unknown columns, or such that occur twice: {names}."),
            N_("These exist: {known}."),
        )
        raise fault("unknown_key", message, cure, names=", ".join(sorted(unknown)), known=known)
    return [_act(row, table.columns or {}) for row in table.rows]


def _columns(row: list[str]) -> dict[str, int] | None:
    """The positions of the columns; None if the row is not a heading. An unknown column, or one that occurs again,
    stands under its own words."""
    found: dict[str, int] = {}
    for at, cell in enumerate(row):
        name = next((name for name, words in COLUMNS.items() if cell.casefold() in words), cell)
        if name:
            found[f"{cell} ({at + 1})" if name in found else name] = at
    return found if all(name in found for name in _NEEDED) else None


def _act(row: Row, columns: dict[str, int]) -> Act:
    cells = {name: row.cells[at] if at < len(row.cells) else "" for name, at in columns.items()}
    faults = [_fault(N_("The column {column} is empty."), column=name) for name in _NEEDED if not cells[name]]
    days: dict[str, date | None] = {}
    for name in _DAYS:
        cell = cells.get(name, "")
        days[name] = day_in(cell)
        if cell and days[name] is None:
            text = N_("{value} is not a date. Write the date like this: 2027-02-24.")
            faults.append(_fault(text, value=repr(cell)))
        elif (day := days[name]) and day.year not in YEARS:
            text = N_("{value} is or reaches outside the known years {first} to {last}.")
            faults.append(_fault(text, value=repr(cell), first=YEARS[0], last=YEARS[-1]))
    if stray := [cell for at, cell in enumerate(row.cells) if cell and at not in columns.values()]:
        text = N_("These cells stand under no heading: {cells}. A text with separators needs quotation marks.")
        faults.append(_fault(text, cells=", ".join(map(repr, stray))))
    form = DecisionForm(
        body=cells.get("body", ""),
        meeting=days["date"],
        paragraph=_number(cells.get("paragraph", "").removeprefix("§").strip()),
        point=_number(cells.get("point", "")),
        diary=cells.get("diary", ""),
        outcome=_outcome(cells.get("outcome", "")),
    )
    said = cells["address"], cells["step"], days["on"], form, days["new_date"], cells.get("reason", "")
    return Act(row.number, *said, tuple(faults))


def _number(cell: str) -> str:
    """The cell, but 14 for the 14.0 that a program writes which takes a column with empty cells for decimal numbers."""
    return cell.removesuffix(".0") if cell.removesuffix(".0").isdecimal() else cell


def _outcome(cell: str) -> str:
    """The id of the outcome, also of one that is written in words as `arshjul decisions` shows it."""
    words = {Texts(language)(said).casefold(): id for language in LANGUAGES for id, said in OUTCOMES.items()}
    return words.get(cell.casefold(), cell.casefold() if cell.casefold() in OUTCOMES else cell)


def _fault(text: str, **facts: Any) -> Reason:
    return Reason("row", text, facts)
