"""Cells of an export that people open in a spreadsheet."""

from workflows.visible import escaped

_FORMULA = tuple("=+-@\t\r\n＝＋－＠")  # what makes a spreadsheet calculate instead of show


def not_a_formula(cell: str) -> str:
    """The cell with a quote before it where a spreadsheet would take it for a formula, and nothing hidden in it."""
    cell = escaped(cell)
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) else cell
