"""Characters that nobody sees: they hide, reorder or control the text around them."""

import re

HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u2800\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)  # not the tab and the end of a line


def escaped(text: str) -> str:
    """The text with such characters to be read, as in Python: `\\x1b`, `\\u202e`."""
    return HIDDEN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def escaped_in_json(document: str) -> str:
    """A JSON document that says the same with such characters escaped."""
    return HIDDEN.sub(lambda found: _json_escape(found[0]), document)


def is_blank(text: str) -> bool:
    """Whether nothing of the text can be seen."""
    return not HIDDEN.sub("", text).strip()


def is_text(text: str) -> bool:
    """Whether it can be written in UTF-8. What the system could not decode, it passes on as half characters."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _json_escape(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
