"""Makes stored text safe to print: a name or a subject may contain control characters."""

# Characters by which a text could change colours, the title or the order of letters in a terminal.
_COMMANDS = (*range(9), *range(11, 32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_SEEN = {each: f"\\x{each:02x}" if each < 256 else f"\\u{each:04x}" for each in _COMMANDS}


def with_visible_controls(line: str) -> str:
    """The line with its control characters escaped (`\\x1b`)."""
    return line.translate(_SEEN)
