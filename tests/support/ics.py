"""An iCalendar file read back by itself, so that a test does not read what was written with the same hand."""

import re

PLAIN = {"\\n": "\n", "\\N": "\n", "\\,": ",", "\\;": ";", "\\\\": "\\"}


def lines(text: str) -> list[str]:
    """Unfolded."""
    assert text.endswith("\r\n")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    return text.replace("\r\n ", "").split("\r\n")[:-1]


def events(text: str) -> list[dict[str, str]]:
    """Of each event the values by their names, without parameters and unescaped."""
    found: list[dict[str, str]] = []
    for line in lines(text):
        name, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            found.append({})
        elif found and name not in ("BEGIN", "END"):
            found[-1][name.partition(";")[0]] = re.sub(r"\\.", lambda backslash: PLAIN[backslash[0]], value)
    return found
