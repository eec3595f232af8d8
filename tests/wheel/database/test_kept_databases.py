"""A database made by any version that has landed opens in this one and goes on."""

import gzip
import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.support import kept_databases, postgres
from tests.support.installed import Arshjul, at
from tests.support.kept_databases import ADMIN, FOLDER, HASHES, begin, hashes
from wheel.database.store import HEAD, REVISIONS

KEPT = sorted(FOLDER.glob("*.gz"))
MAKE = "make them: `.venv/bin/python -m tests.support.kept_databases` (CONTRIBUTING.md, a change of the tables)"
LARGEST = 300_000  # bytes


@pytest.fixture(params=KEPT, ids=lambda file: file.name)
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Arshjul]:
    """A home whose database is the kept one."""
    file: Path = request.param
    home = Arshjul(tmp_path / "home")
    begin(home)
    content = gzip.decompress(file.read_bytes())
    if file.name.endswith(".sqlite3.gz"):
        (home.home / "arshjul.db").write_bytes(content)
        yield home
        return
    server: postgres.Postgres = request.getfixturevalue("postgres_server")
    name = server.new_database()
    home.database = server.url(name)
    with psycopg.connect(home.database.replace("+psycopg", "")) as connection:
        connection.execute(content)
    # Before an upgrade the program makes a backup, with the server's own pg_dump.
    home.environment["PATH"] = f"{postgres.binaries()}{os.pathsep}{os.environ['PATH']}"
    yield home
    server.drop(name)


def test_it_is_upgraded_and_the_year_goes_on(kept: Arshjul) -> None:
    entries = kept.log()
    mails = kept.rows("SELECT id, message_id, body, status FROM message ORDER BY id")
    assert kept.done("upgrade")["to"] == HEAD
    now = at("2027-04-12", "10:00")

    assert kept.log()[: len(entries)] == entries
    assert kept.done("log", "verify")["ok"]
    assert kept.rows("SELECT id, message_id, body, status FROM message ORDER BY id") == mails
    assert {problem["code"] for problem in kept("status", now=now).document["problems"]} <= {"daemon_silent"}
    plans = {plan["address"]: plan for plan in kept.done("plans", "--cycle", "2028", now=now)["plans"]}
    assert len(plans) == 24
    assert (plans["2028/ramar"]["status"], plans["2028/budget"]["status"]) == ("done", "in_progress")
    assert plans["2028/underlag/byggnamnden"]["last"] == "2027-04-23"
    assert kept.done("show", "2028/underlag/ks", now=now)["held"]

    ticked = kept.done("tick", now=at("2027-07-01", "08:00"))
    assert "2028/verksamhetsplan/skolnamnden" in {moved["address"] for moved in ticked["moved"]}
    assert ticked["messages"] > 0
    assert ticked["put_aside"] == []
    assert kept.done("log", "verify")["ok"]


def test_its_newest_step_can_be_undone(kept: Arshjul) -> None:
    kept.done("upgrade")
    step = kept.log("plan.advanced")[-1]
    undone = kept.done("undo", str(step["seq"]), *ADMIN, now=at("2027-04-12", "10:00"))
    assert (undone["address"], undone["state"]) == ("2028/underlag/skolnamnden", "open")


def test_every_revision_of_the_tables_has_its_databases() -> None:
    found = {(file.name.split("-")[1].split(".")[0], file.suffixes[-2]) for file in KEPT}
    # 0001 was never the newest revision of a version that landed.
    wanted = {(revision, kind) for revision in REVISIONS[1:] for kind in (".sqlite3", ".sql")}
    assert wanted <= found, f"No database is kept of {sorted(wanted - found)}; {MAKE}."
    assert {file.name: size for file in KEPT if (size := file.stat().st_size) > LARGEST} == {}


def test_no_migration_is_changed_after_it_has_landed() -> None:
    landed = HASHES.read_text(encoding="utf-8").splitlines()
    now = list(hashes())
    changed = sorted(set(landed) - set(now))
    assert not changed, f"Users' databases were made by these as they were; put them back, add a new one: {changed}"
    assert now == landed, f"A migration without its hash and without kept databases; {MAKE}."


def test_what_is_kept_is_never_made_again() -> None:
    with pytest.raises(SystemExit, match="must not change"):
        kept_databases.main()
