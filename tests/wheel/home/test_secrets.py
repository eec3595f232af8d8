"""The database's password is nowhere but where the operator has put it."""

import os
import stat
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.support import postgres
from tests.support.installed import Arshjul

PASSWORD = r"S3C/R\ET:x"
# The address as an operator may write it; of the password, what must never be seen again.
SPELLINGS: dict[str, Callable[[str, str], str]] = {
    "slash": lambda user, place: f"postgresql://{user}:{PASSWORD}@{place}",
    "escaped": lambda user, place: f"postgresql://{user}:{quote(PASSWORD, safe='')}@{place}",
    "query": lambda user, place: f"postgresql://{place}?user={user}&password={quote(PASSWORD, safe='')}",
}
PARTS = ("S3C", "R\\ET")
PG_DUMP = """#!/bin/sh
{{ tr '\\0' '\\n' < /proc/$$/cmdline; env; }} > {record}
stat -c 'mode %a' "$PGPASSFILE" >> {record}
exec {program} "$@"
"""


@pytest.mark.postgresql
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_databases_password_is_seen_nowhere(
    postgres_server: postgres.Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spelling: str
) -> None:
    name = postgres_server.new_database()
    user = postgres_server.new_owner(name, PASSWORD)
    spell = SPELLINGS[spelling]
    address = spell(user, f"127.0.0.1:{postgres_server.port}/{name}")
    home = Arshjul(tmp_path / "home", ARSHJUL_DATABASE=address)
    record = tmp_path / "pg_dump called"
    program = tmp_path / "pg_dump"
    program.write_text(PG_DUMP.format(record=f"'{record}'", program=postgres.binaries() / "pg_dump"), encoding="utf-8")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    made = home.done("init", "--practice")
    said = [str(made)]
    assert "ARSHJUL_DATABASE" in made["message"]
    assert f'database = "postgresql://{user if spelling != "query" else ""}' in home_file(home, "arshjul.toml")
    for words in (["status"], ["check"], ["plans"], ["backup"], ["people", "list"]):
        said += [*map(str, home.text(*words))]
    called = record.read_text(encoding="utf-8")
    own = called.split(f"ARSHJUL_DATABASE={address}")  # its environment is the operator's own
    assert len(own) == 2
    assert "mode 600" in called
    (dump,) = home.home.glob("backups/*")
    assert stat.S_IMODE(dump.stat().st_mode) == 0o600
    said += own

    down = Arshjul(tmp_path / "home", ARSHJUL_DATABASE=spell(user, "127.0.0.1:1/x"))
    for words in (["status"], ["backup"], ["tick", "--dry-run"], ["daemon"]):
        answer = down(*words)
        assert answer.code == 7
        said += [str(answer.document), answer.stderr, *map(str, down.text(*words))]
    said += [path.read_text(encoding="utf-8", errors="replace") for path in home.home.rglob("*") if path.is_file()]
    for text in said:
        assert not [part for part in PARTS if part in text], text


def home_file(home: Arshjul, name: str) -> str:
    return (home.home / name).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://someone:S3CRET@127.0.0.1:port/x",
        "postgresql://someone:S3CRET@[::1/x",
        "postgresql://someone:S3CRET@127.0.0.1/x?bogus=1",
        "postgresql://127.0.0.1/x?sslpassword=S3CRET",
        "sqlite:///x?mode=ro",
        "sqlite://x/arshjul.db",
    ],
)
def test_a_mistyped_address_is_6_in_one_sentence_and_makes_no_home(tmp_path: Path, address: str) -> None:
    home = Arshjul(tmp_path / "home", address)
    for language in ("sv", "en"):
        answer = home("init", "--lang", language)
        assert (answer.code, answer.document["error"]) == (6, "faulty")
        assert "S3CRET" not in answer.stderr + answer.document["message"]
    assert not home.home.exists()
