"""The settings of a home, from `arshjul.toml` and the environment.

The environment overrides the file: `ARSHJUL_SMTP__PORT` is `port` under `[smtp]`.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import time
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from config.municipality.faults import Fault
from config.municipality.toml_lines import UTF8, read_toml
from config.settings.loopback import is_loopback
from config.settings.setting_faults import MESSAGES, Origin, SettingsFault
from workflows.messages import N_

FILE = "arshjul.toml"
PREFIX = "ARSHJUL_"
MAX_LOCAL_PART = 64  # characters before the @ of an address, RFC 5321, 4.5.3.1.1
DEFAULT_SENDER = "arshjul@localhost.localdomain"  # good enough for mail in a folder; a mail server would refuse it


def _setting_error(kind: str, **facts: Any) -> PydanticCustomError:
    """An error of a kind in setting_faults.MESSAGES. Fact `at`: the place, if it is not the setting being validated."""
    return PydanticCustomError(kind, kind, facts)


def _hour(value: object) -> object:
    if isinstance(value, time) and value.tzinfo is None:
        return value
    found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", value.strip()) if isinstance(value, str) else None
    if not found:
        raise _setting_error("hour")
    return time(int(found[1]), int(found[2]))


def _address(value: str) -> str:
    if value and not re.fullmatch(r"[^\s@]+@[^\s@]+", value):
        raise _setting_error("address")
    return value


def _envelope(value: str) -> str:
    local, _, domain = value.rpartition("@")
    plain = re.fullmatch(r"[^\s@{}]*(\{id\})?[^\s@{}]*", local) and re.fullmatch(r"[^\s@{}]+", domain)
    if value and not (local and plain and len(local.replace("{id}", "0" * 32)) <= MAX_LOCAL_PART):
        raise _setting_error("envelope", id="{id}")
    return value


def _url(value: str) -> str:
    if value and not re.fullmatch(r"https?://\S+", value):
        raise _setting_error("url")
    return value.rstrip("/")


MailAddress = Annotated[str, AfterValidator(_address)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Mail(_Section):
    """The table [mail]: the way, the sender and the hour of outgoing mail."""

    mode: Literal["folder", "smtp", "off"] = "folder"
    redirect_to: MailAddress = ""
    sender: MailAddress = DEFAULT_SENDER
    sender_name: str = "Årshjul"
    reply_to: MailAddress = ""
    office: str = ""
    domain: str = ""
    send_hour: Annotated[time, BeforeValidator(_hour)] = time(7, 30)
    monday_overview: bool = True
    base_url: Annotated[str, AfterValidator(_url)] = ""
    envelope_sender: Annotated[str, AfterValidator(_envelope)] = ""
    per_minute: Annotated[int, Field(ge=0, le=100_000)] = 0


class Smtp(_Section):
    """The table [smtp]: the mail server. Its password is in a file of its own."""

    host: str = ""
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    tls: Literal["starttls", "tls", "plain"] = "starttls"
    username: str = ""
    password_file: str = ""
    allow_plaintext: bool = False
    ca_file: str = ""
    connections: Annotated[int, Field(ge=1, le=20)] = 3  # hosted mail services often allow no more

    @model_validator(mode="after")
    def _not_in_the_clear(self) -> "Smtp":
        if self.tls == "plain" and not self.allow_plaintext:
            raise _setting_error("clear", at=("smtp", "tls"))
        if self.tls == "plain" and self.host and not is_loopback(self.host):
            raise _setting_error("far", at=("smtp", "host"), host=self.host)
        if self.password_file and not self.username:
            raise _setting_error("no_user", at=("smtp", "username"))
        return self


class Health(_Section):
    """The table [health]: the file that monitoring reads."""

    file: str = ""


def _listen(value: str) -> str:
    found = re.fullmatch(r"(\[[0-9a-fA-F:.]+\]|[^\s:/\[\]]+):(\d{1,5})", value)
    if not found or int(found[2]) > 65535:
        raise _setting_error("listen")
    return value


def _origin(value: str) -> str:
    if value and not re.fullmatch(r"https?://[^\s/?#@]+", value.rstrip("/")):
        raise _setting_error("origin")
    return value.rstrip("/")


def _prefix(value: str) -> str:
    if value and not re.fullmatch(r"(/[\w.~-]+)+", value.rstrip("/")):
        raise _setting_error("prefix")
    return value.rstrip("/")


def _proxies(value: object) -> object:
    return [each for each in re.split(r"[\s,]+", value) if each] if isinstance(value, str) else value


def _proxy(value: str) -> str:
    try:
        ip_network(value)
    except ValueError:
        raise _setting_error("proxy") from None
    return value


class Web(_Section):
    """The table [web]: where the pages are served, and the address that people know them by.

    `trusted_proxies`: the addresses (or networks) whose X-Forwarded-* headers are believed.
    """

    listen: Annotated[str, AfterValidator(_listen)] = "127.0.0.1:8080"
    address: Annotated[str, AfterValidator(_origin)] = ""
    path_prefix: Annotated[str, AfterValidator(_prefix)] = ""
    trusted_proxies: Annotated[list[Annotated[str, AfterValidator(_proxy)]], NoDecode, BeforeValidator(_proxies)] = []
    public: bool = False
    insecure: bool = False

    @property
    def host(self) -> str:
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """0: the system chooses a free one."""
        return int(self.listen.rpartition(":")[2])

    @model_validator(mode="after")
    def _known_and_safe(self) -> "Web":
        if not self.address and not is_loopback(self.host):
            raise _setting_error("no_address", at=("web", "address"))
        host = urlsplit(self.address).hostname or ""
        if self.address.startswith("http://") and not is_loopback(host) and not self.insecure:
            raise _setting_error("insecure", at=("web", "address"))
        return self


class Settings(BaseSettings):
    """The settings of a home. `database`: empty for an SQLite file in the home."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", env_ignore_empty=True, extra="forbid", frozen=True
    )

    lang: Literal["sv", "en"] = "sv"
    database: str = Field(default="", repr=False)  # it may hold a password
    mail: Mail = Mail()
    smtp: Smtp = Smtp()
    health: Health = Health()
    web: Web = Web()
    _password: str = PrivateAttr(default="")

    @property
    def password(self) -> str:
        """The content of the file `smtp.password_file`."""
        return self._password

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the names are pydantic's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return env_settings, init_settings


def load(home: Path) -> Settings:
    """Read the settings of a home, and the password file. Raises SettingsFault with all errors."""
    file = home / FILE
    origin, found = _read(file)
    try:
        settings = Settings(**found)
    except ValidationError as error:
        raise SettingsFault(origin.faults(error)) from None
    except SettingsError as error:
        raise SettingsFault([origin.fault((), "environment", why=error.__cause__ or error)]) from None
    except TypeError as error:  # a key in the file that cannot be an argument name
        raise SettingsFault([origin.fault((), "toml", why=error)]) from None
    faults = _database_faults(origin, found.get("database", ""), settings.database)
    if faults := faults + _combination_faults(origin, home, settings):
        raise SettingsFault(faults)
    return settings


def _read(file: Path) -> tuple[Origin, dict[str, Any]]:
    try:
        text = file.read_text(encoding=UTF8) if file.exists() else ""
        return Origin(str(file), text, os.environ, PREFIX), read_toml(text)
    except OSError as error:
        raise SettingsFault([_file_fault(file, "unreadable", error.strerror or error)]) from None
    except UnicodeDecodeError:
        raise SettingsFault([_file_fault(file, "encoding")]) from None
    except ValueError as error:
        raise SettingsFault([_file_fault(file, "toml", error)]) from None


def _file_fault(file: Path, kind: str, why: object = "") -> Fault:
    return Origin(str(file), "", {}, PREFIX).fault((), kind, path=str(file), why=why)


def setting_fault(home: Path, place: tuple[str, ...], kind: str, **facts: Any) -> Fault:
    """An error in a setting that only some commands use: a kind of setting_faults.MESSAGES, at its line."""
    return _read(home / FILE)[0].fault(place, kind, **facts)


def _database_faults(origin: Origin, in_file: str, in_force: str) -> list[Fault]:
    """Errors in the address of the database. Only the environment may hold one with a password."""
    texts = {in_force: origin, in_file: replace(origin, environ={})}
    return [fault for text, where in texts.items() if text for fault in _address_faults(where, text, in_file)]


def _address_faults(origin: Origin, text: str, in_file: str) -> Iterator[Fault]:
    from config.settings.database_url import DatabaseUrlError, parse  # loads SQLAlchemy

    try:
        if parse(text).password and text == in_file:
            cure = N_(
                "Put the password into ~/.pgpass, or the whole address into the environment variable ARSHJUL_DATABASE."
            )
            yield origin.fault_of(("database",), "password", MESSAGES["password"][0], cure, {})
    except DatabaseUrlError as error:
        cure = N_("Correct the address of the database.")
        yield origin.fault_of(("database",), "database", error.message, cure, error.facts)


def _combination_faults(origin: Origin, home: Path, settings: Settings) -> list[Fault]:
    """Errors in the combination of settings, and in the files that they name. Stores the password in `settings`."""
    faults = []
    if settings.mail.mode == "smtp":
        if not settings.smtp.host:
            faults.append(origin.fault(("smtp", "host"), "no_host"))
        if settings.mail.sender == DEFAULT_SENDER:
            faults.append(origin.fault(("mail", "sender"), "no_sender"))
    for name in ("password_file", "ca_file"):
        if not (path := getattr(settings.smtp, name)):
            continue
        try:
            held = (home / path).read_text(encoding=UTF8).strip()
        except OSError as error:
            faults.append(origin.fault(("smtp", name), "unreadable", path=path, why=error.strerror or error))
            continue
        except UnicodeDecodeError:
            faults.append(origin.fault(("smtp", name), "encoding", path=path))
            continue
        if name == "password_file":
            settings._password = held
            if len(held.splitlines()) != 1:
                kind = "several_lines" if held else "empty"
                faults.append(origin.fault(("smtp", name), kind, path=path))
    return faults
