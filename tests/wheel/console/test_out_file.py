"""A file that a command is asked to write: whole, private, and never over one that was not meant."""

import os
import resource
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import hurried
from tests.support.installed import Arshjul, Word, at

ADMIN = ("--actor", "admin")
EXPORTS: dict[str, tuple[Word, ...]] = {
    "log": ("log", "export", "--out"),
    "log as csv": ("log", "export", "--format", "csv", "--out"),
    "outbox": ("outbox", "export", "--out"),
    "mail": ("outbox", "show", "1", "--out"),
    "csv": ("rehearse", "2031", "--csv"),
    "ics": ("rehearse", "2031", "--ics"),
}


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a cycle, a mail, a backup and a password file."""
    home = Arshjul(tmp_path_factory.mktemp("made") / "home")
    home.done("init", "--practice", "--email", "admin@vanersborg.example", now=at("2026-11-02", "08:00"))
    home.done("open", "2028", *ADMIN, now=at("2026-11-02"))
    home.done("tick", now=at("2027-01-12"))
    home.done("backup", now=at("2027-01-12"))
    (home.home / "smtp-password").write_text("hemligt\n", encoding="utf-8")
    home.settings(username="u", password_file="smtp-password")
    return home.home


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Arshjul:
    shutil.copytree(made, tmp_path / "home")
    home = Arshjul(tmp_path / "home")
    home.now = at("2027-01-13")
    return home


def content(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.suffix != ".db-shm"}


def the_file(path: Path, _: Path) -> Path:
    return path


def symbolic_link(path: Path, beside: Path) -> Path:
    beside.symlink_to(path)
    return beside


def hard_link(path: Path, beside: Path) -> Path:
    beside.hardlink_to(path)
    return beside


@pytest.mark.parametrize("through", [the_file, symbolic_link, hard_link])
@pytest.mark.parametrize("export", EXPORTS)
def test_no_export_is_written_over_a_file_of_the_home(
    home: Arshjul, tmp_path: Path, export: str, through: Callable[[Path, Path], Path]
) -> None:
    (backup,) = (home.home / "backups").iterdir()
    before = content(home.home)
    for number, own in enumerate(
        [
            home.home / "arshjul.db",
            home.home / "arshjul.toml",
            home.home / "smtp-password",
            home.home / "municipality" / "wheel.toml",
            backup,
        ]
    ):
        answer = home(*EXPORTS[export], through(own, tmp_path / f"link-{number}"), "--force")
        assert (answer.code, answer.document["error"]) == (2, "usage"), own
    assert content(home.home) == before


def test_nor_is_a_new_file_put_among_those_of_the_home(home: Arshjul) -> None:
    for name in ("municipality/new.toml", "backups/log.jsonl", "arshjul.db-journal", "arshjul.db.lock", "daemon.lock"):
        assert home("log", "export", "--out", home.home / name).code == 2, name
        assert not (home.home / name).exists()
    assert home("log", "export", "--out", home.home / "log.jsonl").code == 0


def test_a_database_elsewhere_is_no_file_to_export_to_either(home: Arshjul, tmp_path: Path) -> None:
    elsewhere = tmp_path / "other.db"
    shutil.move(home.home / "arshjul.db", elsewhere)
    home.database = f"sqlite:///{elsewhere}"
    before = elsewhere.read_bytes()
    assert home("log", "export", "--out", elsewhere, "--force").code == 2
    assert elsewhere.read_bytes() == before


@pytest.mark.parametrize("export", EXPORTS)
def test_a_file_that_exists_is_replaced_only_on_request(home: Arshjul, tmp_path: Path, export: str) -> None:
    out = tmp_path / "out"
    out.write_text("mine", encoding="utf-8")
    refused = home(*EXPORTS[export], out)
    assert (refused.code, "--force" in refused.document["message"]) == (2, True)
    assert out.read_text(encoding="utf-8") == "mine"
    home.done(*EXPORTS[export], out, "--force")
    assert out.read_text(encoding="utf-8") != "mine"
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_a_link_keeps_pointing_to_what_is_replaced(home: Arshjul, tmp_path: Path) -> None:
    (tmp_path / "target").write_text("mine", encoding="utf-8")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    home.done("log", "export", "--out", tmp_path / "link", "--force")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_text(encoding="utf-8").startswith('{"')


@pytest.mark.parametrize("force", [(), ("--force",)])
def test_where_there_is_no_room_nothing_is_left_and_nothing_is_lost(
    home: Arshjul, tmp_path: Path, force: tuple[str, ...]
) -> None:
    out = tmp_path / "folder" / "log.jsonl"
    out.parent.mkdir()
    if force:
        out.write_text("mine", encoding="utf-8")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, before[1]))  # more than SQLite needs, less than the log
    try:
        answer = home("log", "export", "--out", out, *force)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (answer.code, answer.document["error"]) == (7, "not_well")
    assert str(out) in answer.document["message"]
    assert content(out.parent) == ({str(out): b"mine"} if force else {})
    home.done("log", "export", "--out", out, *force)
    assert out.stat().st_size > 40_000


def test_a_circle_of_links_holds_nothing_that_could_be_lost(home: Arshjul, tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    home.done("log", "export", "--out", tmp_path / "loop")
    assert (tmp_path / "loop").read_text(encoding="utf-8").startswith('{"')


def test_a_device_takes_what_it_is_given(home: Arshjul) -> None:
    assert home("log", "export", "--out", "/dev/null").code == 0
    assert home("log", "export", "--out", "/dev/full").code == 7


def test_two_files_of_one_name_are_no_two_files(home: Arshjul, tmp_path: Path) -> None:
    assert home("rehearse", "2031", "--csv", tmp_path / "a", "--ics", tmp_path / "a").code == 2
    assert not (tmp_path / "a").exists()


def test_what_the_program_makes_is_for_its_owner_alone_whatever_the_umask(tmp_path: Path) -> None:
    home = Arshjul(tmp_path / "home")
    home.command = hurried.COMMAND
    before = os.umask(0)  # everything is for everybody, unless the program asks for less
    try:
        home.done("init", "--practice", "--email", "admin@vanersborg.example", now=at("2026-11-02", "08:00"))
        home.settings(file="health.json")
        home.done("open", "2028", *ADMIN, now=at("2026-11-02"))
        with home.daemon(now=at("2027-01-12")) as daemon:
            daemon.until(lambda: [*home.home.glob("mailbox/*.eml")], "a mail")
            daemon.until((home.home / "health.json").exists, "the health file")
            daemon.until((home.home / "arshjul.db.lock").exists, "the lock")
        backup = home.done("backup")["file"]
        (home.home / "arshjul.db").unlink()
        home.done("restore", backup, *ADMIN)
        home.done("restore", backup, *ADMIN)
        for name, words in EXPORTS.items():
            home.done(*words, tmp_path / name, now=at("2027-01-12"))
    finally:
        os.umask(before)
    for path in [home.home, *home.home.rglob("*"), *(tmp_path / name for name in EXPORTS)]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
