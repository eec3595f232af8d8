"""The settings of a home: `arshjul.toml` and the environment, one typed object, every fault at once.

The environment goes before the file: `ARSHJUL_SMTP__PORT` is `port` under `[smtp]`.
"""

import os
import re
import tomllib
from dataclasses import dataclass, field
from datetime import time
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from workflows.messages import N_

FILE = "arshjul.toml"
PREFIX = "ARSHJUL_"
ELSEWHERE = "arshjul@localhost.localdomain"  # a sender that no real server should see


@dataclass(frozen=True)
class SettingFault:
    """One setting that cannot be used: where it stands, what is wrong and what to do, as message keys."""

    file: str
    place: str
    message: str
    cure: str
    line: int | None = None
    facts: dict[str, Any] = field(default_factory=dict)


class SettingsFault(Exception):
    """The settings cannot be used: all that is wrong with them at once."""

    def __init__(self, faults: list[SettingFault]) -> None:
        super().__init__("; ".join(f"{fault.file}: {fault.place}: {fault.message}" for fault in faults))
        self.faults = faults


# What is wrong, by the kind of error, and what to do about it. Pydantic's own kinds and ours (`_wrong`).
_SAID: dict[str, tuple[str, str]] = {
    "extra_forbidden": (N_("There is no such setting."), N_("Take it out, or correct its name.")),
    "password": (
        N_("A password never stands in this file."),
        N_("Put it into a file of its own and name that with password_file."),
    ),
    "literal_error": (N_("{value} is none of the possible values."), N_("Write one of: {expected}.")),
    "int_parsing": (N_("{value} is no whole number."), N_("Write a number, such as 587.")),
    "int_type": (N_("{value} is no whole number."), N_("Write a number, such as 587.")),
    "string_type": (N_("{value} is no text."), N_("Put it in quotes.")),
    "bool_parsing": (N_("{value} is neither true nor false."), N_("Write true or false, without quotes.")),
    "greater_than_equal": (N_("{value} is out of range."), N_("A port is a number from 1 to 65535.")),
    "less_than_equal": (N_("{value} is out of range."), N_("A port is a number from 1 to 65535.")),
    "hour": (N_("{value} is no time of day."), N_('Write it as "07:30".')),
    "address": (N_("{value} is no mail address."), N_("Write it as name@municipality.example.")),
    "url": (N_("{value} is no web address."), N_("Write it with https:// at the beginning, or leave it empty.")),
    "no_host": (N_("Mail is to go to a server, but none is named."), N_("Write host under [smtp].")),
    "no_sender": (N_("Mail is to go to a server, but no sender is named."), N_("Write sender under [mail].")),
    "clear": (
        N_("Without TLS mail and password travel in the clear."),
        N_('Write tls = "starttls", or allow_plaintext = true where the server is this machine itself.'),
    ),
    "far": (
        N_("Without TLS the server must be this machine itself (127.0.0.1), not {host}."),
        N_('Write tls = "starttls" or tls = "tls".'),
    ),
    "no_user": (N_("There is a password but no user."), N_("Write username under [smtp].")),
    "unreadable": (N_("The file {path} cannot be read: {why}."), N_("Correct the path, or who may read it.")),
    "empty": (N_("The file {path} is empty."), N_("Put the password into it.")),
    "model_type": (N_("{value} is no table of settings."), N_("Write a heading such as [mail] and its settings below.")),
    "environment": (N_("The environment cannot be understood: {why}."), N_("Correct the variable or take it away.")),
    "toml": (N_("The file cannot be read as TOML: {why}."), N_("Correct that line.")),
    "file": (N_("The file cannot be read: {why}."), N_("Correct who may read it, or run `arshjul init`.")),
}


def _wrong(kind: str, **facts: Any) -> PydanticCustomError:
    return PydanticCustomError(kind, "{kind}", {"kind": kind, **facts})  # type: ignore[arg-type]


def _hour(value: object) -> object:
    if isinstance(value, str):
        if not (found := re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", value.strip())):
            raise _wrong("hour")
        return time(int(found[1]), int(found[2]))
    if not isinstance(value, time) or value.tzinfo is not None:
        raise _wrong("hour")
    return value


def _address(value: str) -> str:
    if value and not re.fullmatch(r"[^\s@]+@[^\s@]+", value):
        raise _wrong("address")
    return value


def _url(value: str) -> str:
    if value and not re.fullmatch(r"https?://[^\s]+", value):
        raise _wrong("url")
    return value.rstrip("/")


Address = Annotated[str, AfterValidator(_address)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Mail(_Section):
    """Where mail goes, who it is from and when it leaves."""

    mode: Literal["folder", "smtp", "off"] = "folder"
    redirect_to: Address = ""
    sender: Address = ELSEWHERE
    sender_name: str = "Årshjul"
    reply_to: Address = ""
    office: str = "ekonomikontoret"
    domain: str = "localhost.localdomain"
    send_hour: Annotated[time, BeforeValidator(_hour)] = time(7, 30)
    base_url: Annotated[str, AfterValidator(_url)] = ""


class Smtp(_Section):
    """The mail server. The password stands in a file of its own."""

    host: str = ""
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    tls: Literal["starttls", "tls", "plain"] = "starttls"
    username: str = ""
    password_file: str = ""
    allow_plaintext: bool = False
    ca_file: str = ""

    @model_validator(mode="before")
    @classmethod
    def _no_password_here(cls, found: Any) -> Any:
        if isinstance(found, dict) and "password" in found:
            raise _wrong("password")
        return found

    @model_validator(mode="after")
    def _not_in_the_clear(self) -> "Smtp":
        if self.tls == "plain" and not self.allow_plaintext:
            raise _wrong("clear")
        if self.tls == "plain" and self.host and not is_loopback(self.host):
            raise _wrong("far", host=self.host)
        if self.password_file and not self.username:
            raise _wrong("no_user")
        return self


class Settings(BaseSettings):
    """One home's settings. `password` is what `smtp.password_file` held; `database` is empty for the home's own."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", env_ignore_empty=True, extra="forbid", frozen=True
    )

    lang: Literal["sv", "en"] = "sv"
    database: str = Field(default="", repr=False)  # it may hold a password
    mail: Mail = Mail()
    smtp: Smtp = Smtp()
    password: str = Field(default="", exclude=True, repr=False, init=False)

    @model_validator(mode="before")
    @classmethod
    def _no_password_here(cls, found: Any) -> Any:
        if isinstance(found, dict) and "password" in found:
            raise _wrong("password")
        return found

    @model_validator(mode="after")
    def _a_server_has_a_name(self) -> "Settings":
        if self.mail.mode == "smtp" and not self.smtp.host:
            raise _wrong("no_host")
        if self.mail.mode == "smtp" and self.mail.sender == ELSEWHERE:
            raise _wrong("no_sender")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the names are pydantic's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return env_settings, init_settings  # the environment goes before the file
