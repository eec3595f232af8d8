"""Forms: their fields as text, and what is wrong with each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

from fastapi import Depends, HTTPException, Request

from config.text.texts import Texts
from wheel.errors import Usage
from wheel.web.visit import parse_day

MOST_FIELDS = 1_000
MOST_DIGITS = 18  # of a number that the database can hold


async def _fields(request: Request) -> dict[str, str]:
    try:
        found = await request.form(max_files=0, max_fields=MOST_FIELDS)
    except UnicodeError:  # the sender has named an encoding that these bytes are not in
        raise HTTPException(400) from None
    return {name: _storable(value) for name, value in found.items() if isinstance(value, str)}


def _storable(text: str) -> str:
    """The text without what no database keeps: NUL and halves of characters."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode()


Fields = Annotated[Mapping[str, str], Depends(_fields)]


@dataclass
class Form:
    """A form as it was typed, with a sentence for each field that is wrong. `whole`: what no field is to blame for."""

    typed: Mapping[str, str] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    whole: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not (self.faults or self.whole)

    def get(self, name: str) -> str:
        return self.typed.get(name, "").strip()

    def day(self, name: str, t: Texts, missing: str = "") -> date | None:
        """The field as a day. `missing`: the sentence where it is empty, if it is needed."""
        said = self.get(name)
        if not said:
            if missing:
                self.faults[name] = missing
            return None
        try:
            return parse_day(said)
        except Usage as error:
            self.faults[name] = t(error.message, **error.facts)
            return None

    def number(self, name: str) -> int | None:
        """The field as a number of an entry or a version; None if it is none."""
        said = self.get(name)
        return int(said) if said.isascii() and said.isdecimal() and len(said) <= MOST_DIGITS else None

    def one_of(self, name: str, choices: Mapping[str, str], missing: str) -> str:
        """The field as one of these values. `missing`: the sentence where it is none of them."""
        said = self.get(name)
        if said not in choices:
            self.faults[name] = missing
        return said
