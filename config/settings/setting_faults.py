"""Errors in settings, each with file, line, place and cure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from config.municipality.faults import Fault, FaultyFilesError
from workflows.messages import N_


class SettingsFault(FaultyFilesError):
    """The settings cannot be used. The `file` of a fault may be an environment variable; its line is then 0."""


_NUMBER = (N_("{value} is not a whole number."), N_("Write a number, such as 587."))
_LOW = (N_("The number {value} is too small."), N_("Write a number of at least {ge}."))
_HIGH = (N_("The number {value} is too large."), N_("Write a number of at most {le}."))
_TEXT = (N_("{value} is not a text."), N_("Put the value in quotation marks."))
_BOOL = (N_("{value} is neither true nor false."), N_("Write true or false without quotation marks."))
_CHOICE = (N_("{value} is not an allowed value."), N_("Write one of: {expected}."))
_TABLE = (N_("The value is not a table of settings."), N_("Write a heading such as [mail], and its settings below."))
# Message and cure by kind of error: first the kinds of pydantic, then our own.
MESSAGES: dict[str, tuple[str, str]] = {
    "extra_forbidden": (N_("The setting does not exist."), N_("Remove the setting, or correct its name.")),
    "literal_error": _CHOICE,
    "int_parsing": _NUMBER,
    "int_type": _NUMBER,
    "int_from_float": _NUMBER,
    "greater_than_equal": _LOW,
    "less_than_equal": _HIGH,
    "string_type": _TEXT,
    "bool_parsing": _BOOL,
    "bool_type": _BOOL,
    "model_type": _TABLE,
    "model_attributes_type": _TABLE,
    "password": (
        N_("Never write a password in the settings."),
        N_("Put the password into a file of its own and name the file in password_file."),
    ),
    "hour": (N_("{value} is not a time of day."), N_('Write the time like this: "07:30".')),
    "address": (N_("{value} is not a mail address."), N_("Write the address like this: name@municipality.example.")),
    "envelope": (
        N_("{value} cannot be used as the bounce address."),
        N_(
            "Write the bounce address like this: bounces+{id}@municipality.example, with {id} at most once and before "
            "the @. It may also be empty."
        ),
    ),
    "url": (N_("{value} is not a web address."), N_("Write the address with https:// first, or leave it empty.")),
    "listen": (
        N_("{value} is not an address to listen on."),
        N_('Write host and port like this: "127.0.0.1:8080". Port 0 is any free one.'),
    ),
    "origin": (
        N_("{value} is not the address of a web server."),
        N_('Write it without a path, like this: "https://arshjul.municipality.example".'),
    ),
    "prefix": (N_("{value} is not the beginning of a path."), N_('Write it like this: "/arshjul", or leave it empty.')),
    "proxy": (N_("{value} is not an address or a network."), N_('Write it like this: "10.0.0.5" or "10.0.0.0/24".')),
    "no_address": (
        N_("The pages are served to other machines, but the address that people use is missing."),
        N_('Write address under [web], such as "https://arshjul.municipality.example".'),
    ),
    "insecure": (
        N_("Without https, others on the network can read passwords and act in other people's names."),
        N_("Write an address with https. Only where the network itself is safe: insecure = true."),
    ),
    "no_host": (N_("Mail should go to a server, but no server is given."), N_("Write host under [smtp].")),
    "no_sender": (N_("Mail should go to a server, but no sender is given."), N_("Write sender under [mail].")),
    "no_user": (N_("A password is given, but no user."), N_("Write username under [smtp].")),
    "clear": (
        N_("Without TLS, mail and password are sent in clear text."),
        N_('Write tls = "starttls", or allow_plaintext = true where the server is this machine itself.'),
    ),
    "far": (
        N_("Without TLS, the server must be this machine (127.0.0.1), not {host}."),
        N_('Write tls = "starttls" or tls = "tls".'),
    ),
    "unreadable": (N_("The file {path} cannot be read: {why}."), N_("Correct the path or the read permission.")),
    "encoding": (N_("The file {path} is not in UTF-8."), N_("Save the file as UTF-8.")),
    "no_folder": (N_("The folder {path} does not exist."), N_("Create the folder, or correct the path.")),
    "own_file": (N_("The file {path} belongs to the home."), N_("Choose another file for monitoring.")),
    "other_file": (
        N_("The file {path} is there and is not a health file."),
        N_("Choose another file for monitoring."),
    ),
    "several_lines": (N_("The file {path} has several lines."), N_("Write only the password in the file.")),
    "empty": (N_("The file {path} is empty."), N_("Write the password in the file.")),
    "toml": (N_("The file cannot be read as TOML: {why}."), N_("Correct the line.")),
    "environment": (
        N_("The environment variables cannot be understood: {why}."),
        N_("Correct the variable or remove it."),
    ),
}
_OTHER = (N_("{value} cannot be used: {why}."), N_("See the comments in the arshjul.toml of a new home."))


@dataclass(frozen=True)
class Origin:
    """The origin of settings: name and text of the file, the environment and the prefix of its variables."""

    file: str
    text: str
    environ: Mapping[str, str]
    prefix: str

    def fault(self, place: tuple[str, ...], kind: str, **facts: Any) -> Fault:
        return self.fault_of(place, kind, *MESSAGES.get(kind, _OTHER), facts)

    def fault_of(self, place: tuple[str, ...], kind: str, message: str, cure: str, facts: Mapping[str, Any]) -> Fault:
        variable = self.prefix + "__".join(place).upper()
        if place and self.environ.get(variable):
            return Fault(kind, variable, 0, ".".join(place), message, cure, facts)
        return Fault(kind, self.file, _line(self.text, place), ".".join(place), message, cure, facts)

    def faults(self, error: ValidationError) -> list[Fault]:
        return [self._fault_of(found) for found in error.errors(include_url=False)]

    def _fault_of(self, found: ErrorDetails) -> Fault:
        place = tuple(map(str, found["loc"]))
        kind = "password" if found["type"] == "extra_forbidden" and place[-1] == "password" else found["type"]
        facts = {"value": repr(found["input"]), "why": found["msg"], **found.get("ctx", {})}
        if "expected" in facts:
            facts["expected"] = facts["expected"].replace(" or ", ", ")
        if kind == "password" or place == ("database",):
            facts["value"] = "…"
        return self.fault(facts.pop("at", None) or place, kind, **facts)


def _line(text: str, place: tuple[str, ...]) -> int:
    """The line of a setting in arshjul.toml, otherwise of its table, otherwise 0."""
    table: tuple[str, ...] = ()
    heading = 0
    for number, line in enumerate(text.splitlines(), 1):
        if found := re.match(r"\s*\[([^\[\]]+)\]", line):
            table = tuple(part.strip() for part in found[1].split("."))
            heading = number if table == place[:-1] else heading
        elif (found := re.match(r"\s*([\w-]+)\s*=", line)) and (*table, found[1]) == place:
            return number
    return heading
