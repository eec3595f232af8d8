"""Forms: their fields as text, and what is wrong with each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

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
