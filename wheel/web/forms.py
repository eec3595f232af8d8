"""Forms: their fields as text, and what is wrong with each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

from fastapi import Depends, Request

from config.text.texts import Texts
from workflows.messages import N_

MOST_FIELDS = 1_000


async def _fields(request: Request) -> dict[str, str]:
    found = await request.form(max_files=0, max_fields=MOST_FIELDS)
    return {name: value for name, value in found.items() if isinstance(value, str)}


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
            return date.fromisoformat(said)
        except ValueError:
            self.faults[name] = t(N_("{text} is not a day. Write it like this: 2027-03-08."), text=said)
            return None

    def one_of(self, name: str, choices: Mapping[str, str], missing: str) -> str:
        """The field as one of these values. `missing`: the sentence where it is none of them."""
        said = self.get(name)
        if said not in choices:
            self.faults[name] = missing
        return said
