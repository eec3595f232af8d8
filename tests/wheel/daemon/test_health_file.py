"""The health file says what status says, and is red where status cannot be asked."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import event

from wheel.app import App, build, fixed_clock
from wheel.daemon.health_file import HealthFile
from wheel.daemon.heartbeat import _tick
from wheel.documents.base import as_json
from wheel.home.folder import HomeFolder, InitOptions, init
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
        assert document == as_json(status(session, app.mail, app.clock(), app.texts))
    assert document["well"] is True
    assert [path.name for path in health.path.parent.glob("health*")] == ["health.json"]


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
