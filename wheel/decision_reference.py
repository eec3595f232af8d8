"""A whole reference to a decision, as minutes and letters write it, and as a person pastes it."""

import re
from datetime import date
from typing import Any

from wheel.errors import Usage
from workflows.messages import N_

_REFERENCE = re.compile(
    r"""\s*(?P<body>.+?)[\s,]+(?P<meeting>\d{4}-\d{2}-\d{2})[\s,]*
    §+\s*(?P<paragraph>\w+)
    (?:[\s,]*(?:p\.|p|punkt|point)\s*(?P<point>\w+))?
    (?:[\s,]*(?:dnr|diarienr|diarienummer)[\s.:]*(?P<diary>\S.*?))?\s*""",
    re.VERBOSE | re.IGNORECASE,
)


def parse_reference(text: str) -> dict[str, Any]:
    """The fields of a decision form: `KF 2027-06-16 § 88 p. 2, dnr KS 2026/300`. Point and diary number may be missing.

    Raises Usage for a text that is no such reference.
    """
    found = _REFERENCE.fullmatch(text)
    if found is None:
        wrong = N_("{text} is not a reference to a decision. Write it like this: {example}.")
        raise Usage(wrong, text=text, example="KF 2027-06-16 § 88 p. 2, dnr KS 2026/300")
    try:
        day = date.fromisoformat(found["meeting"])
    except ValueError:
        wrong = N_("{value} is not a date. Write the date like this: 2027-02-24.")
        raise Usage(wrong, value=repr(found["meeting"])) from None
    return {**{name: said for name, said in found.groupdict().items() if said}, "meeting": day}
