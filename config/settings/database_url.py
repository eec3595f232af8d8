"""The address of the database. This is the only module that reads it, and that knows what in it is secret."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from workflows.messages import N_

EXAMPLE = "postgresql://user@server:5432/database"
POSTGRESQL = "postgresql+psycopg"
PORTS = range(1, 65_536)
# Options of PostgreSQL that are secret. None is needed: a key for TLS can do without a password of its own.
SECRETS = {"sslpassword", "scram_client_key", "scram_server_key", "oauth_client_secret"}


class DatabaseUrlError(ValueError):
    """The address cannot be used. The message repeats no part of it that may be a password."""

    def __init__(self, message: str, **facts: Any) -> None:
        super().__init__(message.format_map(facts))
        self.message = message
        self.facts = facts


def parse(text: str | URL) -> URL:
    """The address with its password, if it has one, in `URL.password`, which SQLAlchemy never prints.

    Raises DatabaseUrlError.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):  # their text would repeat the address
        raise _not_understood() from None
    if url.drivername in ("postgres", "postgresql"):
        url = url.set(drivername=POSTGRESQL)
    if url.drivername not in ("sqlite", POSTGRESQL):
        raise DatabaseUrlError(
            N_("The database address must begin with sqlite:// or postgresql://, not {kind}."), kind=url.drivername
        )
    return _sqlite(url) if url.drivername == "sqlite" else _postgresql(url)


def sqlite_file(url: URL) -> Path | None:
    """The SQLite file; None in memory and on PostgreSQL."""
    in_file = url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:")
    return Path(url.database or "") if in_file else None


def without_password(url: URL) -> str:
    """The address as it can be written down."""
    return url._replace(password=None, drivername=url.get_backend_name()).render_as_string()


def _not_understood() -> DatabaseUrlError:
    text = N_("The address of the database cannot be understood. It can look like this: {example}.")
    return DatabaseUrlError(text, example=f"sqlite:////var/lib/arshjul/arshjul.db, {EXAMPLE}")


def _sqlite(url: URL) -> URL:
    if url.host or url.username or url.port:  # a slash is missing
        raise _not_understood()
    _refuse_options(url.query)
    return url


def _postgresql(url: URL) -> URL:
    if "@" in f"{url.host}{url.database}":  # one in the password has ended it: the rest would be shown as the server
        raise DatabaseUrlError(N_("The address of the database has one @ too many. Write an @ in the password as %40."))
    _refuse_options(SECRETS & set(url.query))
    _refuse_options(set(url.query) - _known_options())
    password = url.query.get("password") or url.password or ""
    several = any(isinstance(value, tuple) for name, value in url.query.items() if name != "host")
    wrong_port = url.port is not None and url.port not in PORTS
    if several or isinstance(password, tuple) or wrong_port or {"\n", "\0"} & set(password):
        raise _not_understood()
    return url.set(password=password or None).difference_update_query(["password"])


def _known_options() -> set[str]:
    try:
        from psycopg.pq import Conninfo  # a home on SQLite does not need it
    except ImportError:
        text = N_("PostgreSQL needs the Python package psycopg. Install it from requirements.lock.")
        raise DatabaseUrlError(text) from None
    return {option.keyword.decode() for option in Conninfo.get_defaults()}


def _refuse_options(names: Iterable[str]) -> None:
    if found := sorted(names):
        text = N_("These options cannot be used in the address of the database: {names}.")
        raise DatabaseUrlError(text, names=", ".join(found))
