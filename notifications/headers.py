"""Header lines as bytes, encoded by hand of the standard library's `Header`.

Not by EmailMessage's own folding: where it splits a long encoded word it can leave a comma or a quote of a
name bare, and the name becomes an address (CPython issue 121284, in releases that we run on).
"""

import re
from email.header import Header

from notifications.wording import LONGEST_NAME, cut, one_line

# Everything that may stand in a header without being encoded, also inside a name.
_PLAIN = re.compile(r"[A-Za-z0-9 !*+/-]*")


def line(name: str, value: str) -> bytes:
    """A header whose value is ours: ASCII without line breaks. Raises ValueError for anything else."""
    if not value.isascii() or not value.isprintable():
        raise ValueError(f"{name} would hold {value!r}")
    return f"{name}: {value}\r\n".encode()


def text_line(name: str, value: str) -> bytes:
    """A header of free text, folded, in encoded words where it has to be."""
    return f"{name}: {_encoded(one_line(value), name)}\r\n".encode()


def address_line(name: str, display_name: str, address: str) -> bytes:
    """A header of one address. `address` has been through `mailable`."""
    shown = cut(one_line(display_name), LONGEST_NAME)
    if not shown:
        return line(name, address)
    said = _encoded(shown, name)
    last = said.rpartition("\r\n")[2]
    fits = len(last) + len(address) + 3 <= 76
    return f"{name}: {said}{' ' if fits else chr(13) + chr(10) + ' '}<{address}>\r\n".encode()


def _encoded(value: str, name: str) -> str:
    # A text that looks like an encoded word would be read as one: it is encoded, too.
    plain = _PLAIN.fullmatch(value) or (name == "Subject" and value.isascii() and "=?" not in value)
    charset = "us-ascii" if plain else "utf-8"
    # One less than 76: the colon and the space after the name count.
    return Header(value, charset, maxlinelen=75, header_name=name).encode(linesep="\r\n")
