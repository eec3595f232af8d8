"""The health file says what status says, and is red where status cannot be asked."""

import json
import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import event

from config.municipality.faults import FaultyFilesError
from config.settings.setting_faults import SettingsFault
from wheel.app import App, build, fixed_clock
from wheel.daemon.health_file import HealthFile
from wheel.daemon.heartbeat import _tick, run
from wheel.documents.base import as_json
from wheel.home.folder import HomeFolder, InitOptions, init
from wheel.reads.check import CheckRequest, check
from wheel.reads.status import status


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    home = HomeFolder(tmp_path / "home")
    init(home, InitOptions("admin", datetime(2027, 1, 4, 9, tzinfo=UTC), practice=True))
    file = home.settings
    file.write_text(file.read_text().replace('\nfile = ""', '\nfile = "health.json"'), encoding="utf-8")
    app = build(home, clock=fixed_clock(datetime(2027, 1, 4, 9, tzinfo=UTC)))
    yield app
    app.close()


def test_the_health_file_says_what_status_says(app: App) -> None:
    app.ticker.tick(app.clock())
    health = HealthFile(app)
    health.write()
    assert health.path is not None
    document = json.loads(health.path.read_text(encoding="utf-8"))
    with app.store.reading() as session:
        assert document == as_json(status(session, app.mail, app.clock(), app.texts, app.own_files))
    assert document["well"] is True
    assert [path.name for path in health.path.parent.glob("health*")] == ["health.json"]


@pytest.mark.parametrize(
    "file",
    [
        "arshjul.db",
        "arshjul.toml",
        "arshjul.db-wal",
        "daemon.lock",
        "municipality/wheel.toml",
        "backups/health.json",
        "link.json",
    ],
)
def test_a_file_of_the_home_is_no_health_file(app: App, file: str) -> None:
    (app.home.root / "link.json").symlink_to(app.home.database)
    home = app.home
    home.settings.write_text(f'[health]\nfile = "{file}"\n', encoding="utf-8")
    before = {path: path.read_bytes() for path in home.root.rglob("*.toml")}
    settings = home.settings.read_bytes()
    other = build(home, clock=app.clock)
    with pytest.raises(SettingsFault, match="health"):
        run(other, Event(), print)
    other.close()
    with pytest.raises(FaultyFilesError, match="Choose another file"):
        check(home, CheckRequest(None, None, 1, 2027, lambda: None), app.texts)
    assert {path: path.read_bytes() for path in home.root.rglob("*.toml")} == {**before, home.settings: settings}


@pytest.mark.parametrize(
    ("content", "refused"), [("name;mail\n", True), ("[1]", True), ("", False), ('{"well": true}', False)]
)
def test_a_file_that_is_something_else_is_no_health_file(app: App, content: str, refused: bool) -> None:
    (app.home.root / "people.csv").write_text(content, encoding="utf-8")
    app.home.settings.write_text('[health]\nfile = "people.csv"\n', encoding="utf-8")
    other = build(app.home, clock=app.clock)
    assert [fault.code for fault in other.own_files.health_faults()] == ["other_file"] * refused
    other.close()


def test_a_missing_folder_of_the_health_file_stops_the_daemon_and_nothing_else(app: App) -> None:
    app.home.settings.write_text('[health]\nfile = "run/health.json"\n', encoding="utf-8")
    other = build(app.home, clock=app.clock)
    other.ticker.tick(app.clock())
    with pytest.raises(SettingsFault, match="does not exist"):
        run(other, Event(), print)
    with pytest.raises(FaultyFilesError, match="does not exist"):
        check(app.home, CheckRequest(None, None, 1, 2027, lambda: None), app.texts)
    other.close()


@pytest.mark.parametrize(("file", "mode"), [("health.json", 0o600), ("../health.json", 0o644)])
def test_elsewhere_than_in_the_home_the_health_file_is_for_monitoring_by_another_user(
    app: App, file: str, mode: int
) -> None:
    app.home.settings.write_text(f'[health]\nfile = "{file}"\n', encoding="utf-8")
    other = build(app.home, clock=app.clock)
    before = os.umask(0o077)  # as the service has it
    try:
        HealthFile(other).write()
    finally:
        os.umask(before)
    assert stat.S_IMODE((app.home.root / file).stat().st_mode) == mode
    other.close()


def test_the_health_file_is_red_where_the_database_does_not_answer(app: App) -> None:
    health = HealthFile(app)
    app.store.close()
    (app.home.root / "arshjul.db").write_bytes(b"no database at all" * 100)
    health.write()
    assert health.path is not None
    document = json.loads(health.path.read_text(encoding="utf-8"))
    assert (document["well"], [p["code"] for p in document["problems"]]) == (False, ["database"])


def test_the_health_file_is_red_where_a_tick_cannot_be_kept(app: App) -> None:
    """The disk is full, or the file is for reading alone: it can be asked, and says that all was well."""
    app.ticker.tick(app.clock())
    app.store.close()
    event.listen(app.store.engine, "connect", lambda raw, _: raw.execute("PRAGMA query_only = ON"))
    said: list[str] = []
    health = HealthFile(app)
    _tick(app, said.append, health)
    assert health.path is not None
    document = json.loads(health.path.read_text(encoding="utf-8"))
    assert (document["well"], [p["code"] for p in document["problems"]]) == (False, ["database"])
    assert said == [document["problems"][0]["message"]]
