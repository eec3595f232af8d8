"""Messages that are made here and said elsewhere."""


def N_(text: str) -> str:
    """Mark a message for the translation catalogs; the edge translates it in the reader's language."""
    return text
