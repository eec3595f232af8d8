"""Databases of every version that has landed, in `tests/wheel/database/kept/`. Every later version opens them.

`python -m tests.support.kept_databases` makes those of this version with the installed program, and writes down the
hashes of the migrations. Nothing in that folder is ever made again or changed: it is the data that users have.
"""

import gzip
import hashlib
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from importlib import metadata
from pathlib import Path

from tests.support import postgres
from tests.support.installed import Arshjul, at
from wheel.database import migrations
from wheel.database.store import REVISIONS

FOLDER = Path(__file__).parents[1] / "wheel" / "database" / "kept"
HASHES = FOLDER / "migrations.sha256"
MIGRATIONS = Path(migrations.__file__).parent / "versions"
ADMIN = ("--actor", "admin")
LAST_TICK = at("2027-04-12", "08:00")


def begin(home: Arshjul) -> None:
    """A practice home of an invented municipality with two boards, as `arshjul new` writes it."""
    boards = ("--boards", "Skolnämnden, Byggnämnden")
    home.done("new", "exempelby", "--name", "Exempelby kommun", *boards, "--into", home.home.parent)
    source = home.home.parent / "exempelby"
    home.done("init", "--practice", "--source", source, "--email", "admin@example.se", now=at("2026-11-02", "08:00"))


def live(home: Arshjul) -> None:
    """Half a year: steps with and without a decision, a refusal, an undone step, a moved day, a hold, mails."""
    home.done("open", "2028", *ADMIN, now=at("2026-11-02"))
    decide(home, "2028/tidsplan", "2026-11-25", "201", now=at("2026-11-26"))
    home.done("people", "change", "kf-secretary", "--email", "fullmaktige@example.se", *ADMIN, now=at("2026-11-26"))
    home.done("tick", now=at("2027-01-11", "08:00"))
    home.done("advance", "2028/ramar", "submit", *ADMIN, now=at("2027-02-08"))
    home.done("tick", now=at("2027-02-08", "12:00"))
    decide(home, "2028/ramar", "2027-02-24", "31", now=at("2027-02-25"))
    home.done("tick", now=at("2027-03-08", "08:00"))
    moved = ("2027-04-23", "--reason", "The board meets later")
    home.done("move-deadline", "2028/underlag/byggnamnden", *moved, *ADMIN, now=at("2027-03-09"))
    home.done("hold", "2028/underlag/ks", "--reason", "A vacancy", *ADMIN, now=at("2027-03-10"))
    taken = home.done("advance", "2028/underlag/skolnamnden", "submit", *ADMIN, now=at("2027-03-11"))
    home.done("undo", str(taken["log"][0]), *ADMIN, now=at("2027-03-11", "10:05"))
    refused = home("advance", "2028/verksamhetsplan/ks", "submit", *ADMIN, now=at("2027-03-12"))
    assert refused.code == 3, refused.document
    home.done("tick", now=LAST_TICK)
    home.done("advance", "2028/underlag/skolnamnden", "submit", *ADMIN, now=at("2027-04-12", "09:00"))


def decide(home: Arshjul, plan: str, day: str, paragraph: str, now: str) -> None:
    cited = ("--body", "ks", "--date", day, "--paragraph", paragraph, "--diary", "KS 2026/300")
    home.done("advance", plan, "decide", *ADMIN, *cited, "--outcome", "adopted", now=now)


def make_sqlite(folder: Path, target: Path) -> None:
    home = Arshjul(folder / "home")
    begin(home)
    live(home)
    one_file = folder / "whole.sqlite3"  # with nothing beside it, as the home's own may have
    with closing(sqlite3.connect(home.home / "arshjul.db")) as database:
        database.execute("VACUUM INTO ?", (str(one_file),))
    target.write_bytes(gzip.compress(one_file.read_bytes(), mtime=0))


def make_postgresql(folder: Path, target: Path, server: postgres.Postgres) -> None:
    """A dump in SQL, which psycopg can put back without the programs of PostgreSQL."""
    url = server.url(server.new_database())
    home = Arshjul(folder / "home", url)
    begin(home)
    live(home)
    plain = ("--inserts", "--no-owner", "--no-privileges", f"--dbname={url.replace('+psycopg', '')}")
    dumped = subprocess.run([postgres.binaries() / "pg_dump", *plain], capture_output=True, text=True, check=True)
    # Without psql's own commands, and without settings of the session: an older server does not know all of them.
    left_out = ("--", "\\", "SET ")
    lines = [line for line in dumped.stdout.splitlines() if line and not line.startswith(left_out)]
    target.write_bytes(gzip.compress("\n".join(lines).encode(), mtime=0))


def hashes() -> Iterator[str]:
    """A line for each migration, as `sha256sum` writes it."""
    for file in sorted(MIGRATIONS.glob("r*.py")):
        yield f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}"


def main() -> None:
    name = f"{metadata.version('arshjul')}-{REVISIONS[-1]}"
    if made := list(FOLDER.glob(f"{name}.*")):
        raise SystemExit(f"There are databases of this version already, which must not change: {made}")
    with tempfile.TemporaryDirectory() as folder, postgres.running() as server:
        for kind in ("sqlite", "postgresql"):
            (Path(folder) / kind).mkdir()
        make_sqlite(Path(folder) / "sqlite", FOLDER / f"{name}.sqlite3.gz")
        make_postgresql(Path(folder) / "postgresql", FOLDER / f"{name}.postgresql.sql.gz", server)
    HASHES.write_text("\n".join(hashes()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
