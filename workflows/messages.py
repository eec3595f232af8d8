"""Marks messages for translation."""


def N_(text: str) -> str:
    """Mark an English message for the translation catalogs and return it unchanged.

    The console, the pages and the mail translate it into the reader's language.
    """
    return text
