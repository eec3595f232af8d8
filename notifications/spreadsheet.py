"""What stands in the cells of an export that people open in a spreadsheet."""

_FORMULA = tuple("=+-@\t\r\n＝＋－＠")  # what makes a spreadsheet calculate instead of show


def shown(cell: str) -> str:
    """As a spreadsheet shows it."""
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) else cell
