"""A practice home with the sample's wheel, and its pages."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree

import pytest

from tests.support.installed import Arshjul, at
from tests.support.site import SetClock, Site, site

BEGUN = datetime(2027, 2, 8, 8, 0, tzinfo=UTC)


@pytest.fixture
def free_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARSHJUL_WEB__LISTEN", "127.0.0.1:0")


@pytest.fixture(scope="session")
def new_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = Arshjul(tmp_path_factory.mktemp("new") / "home")
    made.done("init", "--practice", "--email", "admin@example.se", now=at("2026-11-02", "08:00"))
    return made.home


@pytest.fixture
def home(new_home: Path, tmp_path: Path, free_port: None) -> Arshjul:
    copytree(new_home, tmp_path / "home")
    return Arshjul(tmp_path / "home")


@pytest.fixture
def clock() -> SetClock:
    return SetClock(BEGUN)


@pytest.fixture
def pages(home: Arshjul, clock: SetClock) -> Iterator[Site]:
    with site(home.home, clock) as served:
        yield served
