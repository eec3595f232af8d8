"""Header lines as bytes, folded and encoded.

The standard library is not used for it. Where EmailMessage splits a long encoded word, it can leave a comma or a quote
of a name bare, and the name becomes an address (CPython issue 121284, in releases that we run on). The older Header
writes lines that are too long.
"""

import re

from notifications.content.wording import LONGEST_NAME, cut, one_line

LINE = 78  # RFC 5322, 2.1.1
WORD = 75  # RFC 2047, 2
FOLD = "\r\n "
# The characters allowed unquoted in a header, and in an encoded word of a name (RFC 2047, 5).
_BARE = re.compile(r"[A-Za-z0-9 !*+/-]*")
_BARE_SUBJECT = re.compile(r"(?!.*=\?)[ -~]*")  # a text that looks like an encoded word would be decoded

_FRAME = "=?utf-8?q?{}?="
_WRITTEN = [chr(byte) if _BARE.fullmatch(chr(byte)) else f"={byte:02X}" for byte in range(256)]
_WRITTEN[ord(" ")] = "_"


def line(name: str, value: str) -> bytes:
    """A header whose value the program itself has made. Raises ValueError if it is not ASCII on one line."""
    if not value.isascii() or not value.isprintable():
        raise ValueError(f"{name} would hold {value!r}")
    return f"{name}: {value}\r\n".encode()


def subject_line(subject: str) -> bytes:
    """The subject's header. A subject has at most 70 characters, so that one without encoding fits a line."""
    said = one_line(subject)
    bare = _BARE_SUBJECT.fullmatch(said) and len(said) + 9 <= LINE
    return f"Subject: {said if bare else _encoded(said, 9)}\r\n".encode()


def address_line(name: str, display_name: str, address: str) -> bytes:
    """A header of one address. `address` has been through `mailable`."""
    shown = cut(one_line(display_name), LONGEST_NAME)
    if not shown:
        return line(name, address)
    start = len(name) + 2
    bare = _BARE.fullmatch(shown) and start + len(shown) <= LINE
    said = f"{name}: {shown if bare else _encoded(shown, start)}"
    fits = len(said.rpartition("\r\n")[2]) + len(address) + 3 <= LINE
    return f"{said}{' ' if fits else FOLD}<{address}>\r\n".encode()


def _encoded(text: str, start: int) -> str:
    """The text as encoded words, each on its own line, the first after `start` characters. No letter is cut in two."""
    words, word, room = [], "", min(WORD, LINE - start) - len(_FRAME.format(""))
    for letter in text:
        written = "".join(_WRITTEN[byte] for byte in letter.encode())
        if len(word) + len(written) > room and word:
            words.append(word)
            word, room = "", WORD - len(_FRAME.format(""))
        word += written
    return FOLD.join(_FRAME.format(word) for word in [*words, word])
