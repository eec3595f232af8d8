"""A practice home with the sample's wheel, and its pages."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree

import pytest
from argon2 import PasswordHasher

from tests.support.installed import Arshjul, at
from tests.support.site import SetClock, Site, site
from wheel.accounts import passwords


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hashing in no time, because each test here signs people in. tests/wheel/accounts has the real one."""
    monkeypatch.setattr(passwords, "_hasher", lambda: QUICK)
    passwords._nobodys.cache_clear()
    yield
    passwords._nobodys.cache_clear()


QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
JUNE = datetime(2027, 6, 1, 8, 0, tzinfo=UTC)
BEGUN = datetime(2027, 2, 8, 8, 0, tzinfo=UTC)


@pytest.fixture
def free_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARSHJUL_WEB__LISTEN", "127.0.0.1:0")


@pytest.fixture(scope="session")
def new_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = Arshjul(tmp_path_factory.mktemp("new") / "home")
    made.done("init", "--practice", "--email", "admin@example.se", now=at("2026-11-02", "08:00"))
    return made.home


@pytest.fixture(scope="session")
def begun_home(new_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """On 1 June 2027: the boards are late with the report of April, one board's is withdrawn, and 2028 is a draft."""
    copytree(new_home, copy := tmp_path_factory.mktemp("begun") / "home")
    made = Arshjul(copy)
    admin = ("--actor", "admin")
    made.done("open", "2028", *admin, now=at("2026-11-02", "09:00"))  # nobody decides its timetable
    made.done("open", "2027", *admin, now=at("2027-01-18", "08:00"))
    made.done("tick", now=at("2027-05-03", "08:00"))
    withdrawn = ("withdraw", "2027/delarsrapport-april/valnamnden", "--reason", "Inget att redovisa")
    made.done(*withdrawn, *admin, now=at("2027-05-20"))
    made.done("tick", now=at("2027-06-01", "08:00"))
    return copy


@pytest.fixture
def begun(begun_home: Path, tmp_path: Path, free_port: None) -> Arshjul:
    copytree(begun_home, tmp_path / "begun")
    return Arshjul(tmp_path / "begun")


@pytest.fixture
def begun_pages(begun: Arshjul, clock: SetClock) -> Iterator[Site]:
    clock.now = JUNE
    with site(begun.home, clock) as served:
        yield served


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
