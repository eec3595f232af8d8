"""Errors in a municipality's files, each with file, line, place and cure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from config.municipality.toml_lines import Place, TomlFile
from workflows.messages import N_

MAX_SHOWN = 60  # a wrong value is shown up to this many characters


@dataclass(frozen=True)
class Fault:
    """A problem at a line of a file. `message` and `cure` are English and translatable, with `facts` to fill in."""

    code: str
    file: str
    line: int
    place: str
    message: str
    cure: str
    facts: Mapping[str, object] = field(default_factory=dict)

    def said(self, translate: Callable[..., str] | None = None) -> str:
        """The fault in one line: `wheel.toml:12 (phase.mrp): message. Cure.` In English without `translate`."""
        say = translate or (lambda text, /, **facts: text.format_map(facts) if facts else text)
        where = f"{self.file}:{self.line}" + (f" ({self.place})" if self.place else "")
        return f"{where}: {say(self.message, **self.facts)} {say(self.cure, **self.facts)}"


class FaultyFilesError(Exception):
    """The municipality's files cannot be used. `faults` has all errors, sorted by file and line, or the first `most`.

    `count`: the number of all errors.
    """

    def __init__(self, faults: Iterable[Fault], most: int | None = None) -> None:
        found = sorted(faults, key=lambda fault: (fault.file, fault.line, fault.place, fault.code))
        self.faults, self.count = found[:most], len(found)
        super().__init__("\n".join(fault.said() for fault in self.faults))


# The expected kind of value, by pydantic's name of the error.
KINDS = {
    "string_type": N_("The value must be a text."),
    "int_type": N_("The value must be a whole number."),
    "int_parsing": N_("The value must be a whole number."),
    "int_from_float": N_("The value must be a whole number."),
    "bool_type": N_("The value must be true or false."),
    "bool_parsing": N_("The value must be true or false."),
    "tuple_type": N_("The value must be a list."),
    "dict_type": N_("The value must be a table."),
    "model_type": N_("The value must be a table."),
    "date_type": N_("The value must be a date."),
    "is_instance_of": N_("The value must be a date."),
}
ONE_VALUE = ("literal_error", "string_type", "int_type", "bool_type", "date_type", "is_instance_of")
CURES = {
    "string_type": N_("Put the value in quotation marks."),
    "bool_type": N_("Write true or false without quotation marks."),
    "bool_parsing": N_("Write true or false without quotation marks."),
    "tuple_type": N_("Put the value in square brackets: [ … ]."),
    "dict_type": N_("Write the value with keys: {{ key = … }}."),
    "model_type": N_("Write the value with keys: {{ key = … }}."),
    "date_type": N_("Write the date like this: 2027-06-16, without quotation marks."),
    "is_instance_of": N_("Write the date like this: 2027-06-16, without quotation marks."),
}


def validation_fault(error: ErrorDetails, model: type[BaseModel], source: TomlFile) -> Fault:
    """Translate an error of pydantic into a fault, with the line in the file."""
    loc = tuple(part for part in error["loc"] if part != "[key]")
    kind, value = error["type"], str(error["input"])
    facts: dict[str, object] = {
        "name": loc[-1] if loc else "",
        "value": value if len(value) <= MAX_SHOWN else value[:MAX_SHOWN] + "…",
    }
    code, cure = "wrong_value", N_("Write the file like the other files in the folder.")
    if kind == "missing":
        code, message, cure, loc = "missing", N_("{name} is missing."), N_("Add {name}."), loc[:-1]
    elif kind == "extra_forbidden":
        code, message = "unknown_key", N_("{name} is not known here.")
        cure, more = _known(str(facts["name"]), model, loc[:-1])
        facts |= more
    elif kind in ONE_VALUE and isinstance(error["input"], list) and "parties" not in loc:  # which can be several bodies
        code, message = "wrong_kind", N_("One value is allowed here, not a list.")
        cure = N_("Write one of them, without square brackets.")
    elif kind == "literal_error":
        message, cure = N_("The value {value} cannot be used here."), N_("Write one of: {known}.")
        facts["known"] = error["ctx"]["expected"].replace("'", "").replace(" or ", ", ")
    elif kind == "greater_than_equal":
        message, cure = N_("The value {value} cannot be used here."), N_("Write {least} or more.")
        facts["least"] = error["ctx"]["ge"]
    elif kind in ("string_too_short", "too_short"):
        code, message, cure = "empty", N_("Empty value: {name}."), N_("Fill in a value, or remove the key.")
    elif kind in KINDS:
        code, message, cure = "wrong_kind", KINDS[kind], CURES.get(kind, N_("Write the value without quotation marks."))
    else:
        message = N_("The value {value} cannot be used here.")
    return Fault(code, source.name, source.line(loc), source.shown(loc), message, cure, facts)


def _known(name: str, model: type[BaseModel], loc: Place) -> tuple[str, dict[str, object]]:
    """A cure that names the key nearest to a misspelled one, otherwise all keys of the table at `loc`."""
    here: Any = model
    for part in loc:
        here = _within(here, part)
    if not (isinstance(here, type) and issubclass(here, BaseModel)):
        return N_("Remove the key."), {}
    keys = [field.alias or key for key, field in here.model_fields.items()]
    if near := get_close_matches(name, keys, 1):
        return N_("Did you mean {near}?"), {"near": near[0]}
    return N_("These exist: {known}."), {"known": ", ".join(keys)}


def _within(kind: Any, part: str | int) -> Any:
    """The type of the element `part` of a value of type `kind`."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        fields = {field.alias or key: field.annotation for key, field in kind.model_fields.items()}
        kind = fields.get(str(part))
    elif args := [arg for arg in get_args(kind) if arg is not Ellipsis]:
        kind = args[-1]
    options = [arg for arg in get_args(kind) if arg is not type(None)]
    return options[0] if type(None) in get_args(kind) and options else kind
