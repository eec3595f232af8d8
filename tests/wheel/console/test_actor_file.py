"""Who acts: the option, the environment, or a file in the person's own account, which nobody else can change."""

import os
import pwd
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.support.installed import Arshjul, at
from wheel.console import actor_file

MEETING = ("meetings", "add", "kf", "2027-11-18")


@pytest.fixture
def home(tmp_path: Path) -> Arshjul:
    home = Arshjul(tmp_path / "home", XDG_CONFIG_HOME=str(tmp_path / "config"), ARSHJUL_LANG="en")
    home.now = at("2026-11-02")
    home.done("init", "--practice", "--email", "admin@example.se")
    return home


Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(text: str, mode: int = 0o600, folder: Path = tmp_path / "config") -> Path:
        file = folder / "arshjul" / "actor"
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.write_text(text, encoding="utf-8")
        file.chmod(mode)
        return file

    return write


def who_acted(home: Arshjul, *words: str) -> str:
    home.done(*MEETING, *words)
    entry = home.log("meeting.added")[-1]
    home.done("meetings", "remove", *MEETING[2:], "--actor", "admin")
    return str(entry["actor"])


def test_the_option_goes_before_the_environment_and_that_before_the_file(home: Arshjul, write: Write) -> None:
    write("ekonom-1\n", 0o644)
    assert who_acted(home) == "ekonom-1"
    home.environment["ARSHJUL_ACTOR"] = "ekonom-2"
    assert who_acted(home) == "ekonom-2"
    assert who_acted(home, "--actor", "admin") == "admin"


def test_without_any_of_them_the_file_is_named(home: Arshjul, tmp_path: Path) -> None:
    answer = home(*MEETING)
    assert answer.code == 2
    assert f"in the file {tmp_path}/config/arshjul/actor" in answer.document["message"]


def test_a_folder_of_settings_that_is_no_path_from_the_root_is_not_looked_at(home: Arshjul, tmp_path: Path) -> None:
    home.environment |= {"XDG_CONFIG_HOME": "config", "HOME": str(tmp_path)}
    assert f"{tmp_path}/.config/arshjul/actor" in home(*MEETING).document["message"]


@pytest.mark.parametrize(("file_mode", "folder_mode"), [(0o620, 0o700), (0o602, 0o700), (0o600, 0o770), (0o600, 0o707)])
def test_a_file_that_others_can_change_or_replace_is_refused(
    home: Arshjul, write: Write, file_mode: int, folder_mode: int
) -> None:
    file = write("ekonom-1", file_mode)
    file.parent.chmod(folder_mode)
    answer = home(*MEETING)
    assert answer.code == 2
    assert answer.document["message"].startswith(f"Others can change {file} and could act as you.")
    assert home.log("meeting.added") == []


@pytest.mark.parametrize("text", ["", "\n", "ekonom-1 ekonom-2", "ekonom-1\nadmin\n"])
def test_a_file_without_one_id_is_refused(home: Arshjul, write: Write, text: str) -> None:
    write(text)
    assert home(*MEETING).code == 2


def test_a_byte_order_mark_is_no_part_of_the_id(home: Arshjul, write: Write) -> None:
    write("\ufeffekonom-1\r\n")
    assert who_acted(home) == "ekonom-1"


def test_an_id_of_nobody_is_not_found(home: Arshjul, write: Write) -> None:
    write("nobody")
    assert home(*MEETING).code == 4
    write("daemon")
    assert home(*MEETING).code == 2


def test_a_file_in_the_home_is_refused_because_all_who_use_it_would_act_as_one(home: Arshjul, write: Write) -> None:
    write("ekonom-1", folder=home.home / ".config")
    home.environment["XDG_CONFIG_HOME"] = str(home.home / ".config")
    answer = home(*MEETING)
    assert (answer.code, "in the home" in answer.document["message"]) == (2, True)


def test_what_only_shows_something_asks_for_nobody(home: Arshjul, write: Write) -> None:
    write("ekonom-1", 0o666)
    assert home("meetings", "list").code == 0
    assert home("tick").code == 0


def test_under_sudo_it_is_the_file_of_the_person_who_has_called_it(
    home: Arshjul, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A second account would need root; what the system answers about one is all that is asked of it.
    monkeypatch.setattr(pwd, "getpwuid", lambda number: SimpleNamespace(pw_dir=str(tmp_path / f"home-of-{number}")))
    caller = os.geteuid() + 1000
    monkeypatch.setenv("SUDO_UID", str(caller))
    write("ekonom-1")  # of the account that runs the command
    file = write("ekonom-2", folder=tmp_path / f"home-of-{caller}" / ".config")
    assert actor_file.actor_file() == file
    if os.geteuid() == 0:
        os.chown(file, caller, -1)
        os.chown(file.parent, caller, -1)
        assert who_acted(home) == "ekonom-2"
    else:  # of somebody else than the caller
        assert home(*MEETING).code == 2
