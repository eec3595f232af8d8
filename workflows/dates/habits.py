"""Dates as people write them by habit, and the date rule of each: `week 24/25`, `20-21 August`, `ultimo June`."""

import re

_LINE = r"\s*(?:[-–/]|\bto\b|\band\b)\s*"
_HABITS = tuple(
    (re.compile(pattern, re.IGNORECASE | re.ASCII), instead)
    for pattern, instead in (
        (rf"\b(?:weeks?|v\.)\s*([0-9]{{1,2}}){_LINE}(?:weeks?\s*)?([0-9]{{1,2}})\b", r"week \1 to week \2"),
        (r"\b(?:week|v\.)\s*([0-9]{1,2})\b", r"week \1"),
        (r"(?!week)\b([a-z]{3,})\s+([0-9]{1,2})\s*[-–/]\s*([0-9]{1,2})\b(?!-)", r"\2 to \3 \1"),
        (r"\b([0-9]{1,2})\s*[-–/]\s*([0-9]{1,2})(?=\s+[a-z])", r"\1 to \2"),
        (r"\b([0-9]{1,2})(?:\.|st|nd|rd|th)(?=\s+[a-z])", r"\1"),
        (r"(?<=[a-z0-9])\s+[-–]\s+(?=[0-9])", " to "),
        (r"(?<=[0-9]{4}-[0-9]{2}-[0-9]{2})/(?=[0-9]{4})", " to "),
        (r"\bultimo\s+", "end of "),
        (r"\bmedio\s+", "middle of "),
        (r"\bprimo\s+", "beginning of "),
        (r"\bstart\s+of\b", "beginning of"),
        (r"\bat\s+least\s+(?=[0-9])", ""),
    )
)
_AND = re.compile(r"\s+and\s+", re.IGNORECASE)


def without_habits(text: str) -> str:
    """The text in the forms that a date rule has."""
    for habit, instead in _HABITS:
        text = habit.sub(instead, text)
    return text


def as_choice(text: str) -> str:
    """Dates joined by `and`, joined by `or` instead."""
    return _AND.sub(" or ", text)
