"""`status` and `check` name the files that others can read, and `status` a backup that failed or is old."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.installed import Arshjul
from tests.support.postgres import Postgres
from wheel.app import App, build, fixed_clock
from wheel.home.backup import backup
from wheel.home.folder import HomeFolder, InitOptions, init
from wheel.reads.status import status

NOW = datetime(2027, 1, 4, 9, tzinfo=UTC)


def begin(root: Path, *, practice: bool = False, database: str = "") -> App:
    init(HomeFolder(root), InitOptions("admin", NOW, practice=practice, database=database))
    return build(HomeFolder(root), database or None, clock=fixed_clock(NOW))


def problems(app: App, after: timedelta = timedelta(0)) -> dict[str, str]:
    with app.store.reading() as session:
        found = status(session, app.mail, NOW + after, app.texts, app.own_files).problems
    return {problem.code: problem.message for problem in found if problem.code.startswith(("backup", "open"))}


@pytest.mark.parametrize(
    ("file", "mode"),
    [
        (".", 0o755),
        ("arshjul.db", 0o644),
        ("arshjul.toml", 0o640),
        ("smtp-password", 0o604),
        ("backups/arshjul-20270104T090000Z.db", 0o644),
        ("municipality", 0o770),
    ],
)
def test_a_file_that_others_can_read_is_named(tmp_path: Path, file: str, mode: int) -> None:
    begin(tmp_path / "home").close()
    home = Arshjul(tmp_path / "home")
    home.done("backup")
    backup = next(home.home.glob("backups/*"))
    backup.rename(backup.with_name("arshjul-20270104T090000Z.db"))
    (home.home / "smtp-password").write_text("hemligt", encoding="utf-8")
    (home.home / "smtp-password").chmod(0o600)
    home.settings(username="u", password_file="smtp-password")
    assert "open_to_others" not in home.problems()
    (home.home / file).chmod(mode)
    named = str((home.home / file).resolve())
    (said,) = [each["message"] for each in home.status()["problems"] if each["code"] == "open_to_others"]
    assert named in said
    assert "chmod go=" in said
    (found,) = [each for each in home.done("check")["findings"] if each["code"] == "W003"]
    assert named in found["message"]


def test_a_database_elsewhere_is_looked_at_too(tmp_path: Path) -> None:
    app = begin(tmp_path / "home", database=f"sqlite:///{tmp_path / 'other.db'}")
    assert problems(app) == {}
    (tmp_path / "other.db").chmod(0o644)
    assert list(problems(app)) == ["open_to_others"]
    app.close()


def test_a_backup_that_is_missing_or_old_is_a_problem_after_two_days(tmp_path: Path) -> None:
    app = begin(tmp_path / "home")
    soon, late = timedelta(days=2), timedelta(days=2, seconds=1)
    assert (problems(app, soon), list(problems(app, late))) == ({}, ["backup_missing"])
    backup(app.store, app.home.root, NOW + late)
    shutil.rmtree(app.home.backups)  # moved to another machine
    app.home.backups.mkdir(0o700)
    assert problems(app, late + soon) == {}
    assert "2027-01-06T09:00:01Z" in problems(app, late + late)["backup_old"]
    app.close()


def test_a_backup_that_failed_is_a_problem_until_one_is_made(tmp_path: Path) -> None:
    app = begin(tmp_path / "home")
    app.home.backups.rmdir()
    app.home.backups.write_text("no folder", encoding="utf-8")
    app.home.backups.chmod(0o600)
    with pytest.raises(OSError, match="backups"):
        backup(app.store, app.home.root, NOW)
    said = problems(app)["backup_failed"]
    assert "2027-01-04T09:00:00Z" in said
    assert str(app.home.backups) in said
    app.home.backups.unlink()
    backup(app.store, app.home.root, NOW)
    assert problems(app) == {}
    app.close()


def test_a_practice_home_needs_no_backup(tmp_path: Path) -> None:
    app = begin(tmp_path / "home", practice=True)
    assert problems(app, timedelta(days=100)) == {}
    app.close()


@pytest.mark.postgresql
def test_a_server_may_have_backups_of_its_own(postgres_server: Postgres, tmp_path: Path) -> None:
    app = begin(tmp_path / "home", database=postgres_server.url(postgres_server.new_database()))
    assert problems(app, timedelta(days=100)) == {}
    app.close()
