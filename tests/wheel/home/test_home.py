"""A home: made whole or not at all, for its owner alone, seeded from the municipality's files."""

import fcntl
import os
import shutil
import stat
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import select

from config.municipality.faults import FaultyFilesError
from config.municipality.municipality import VANERSBORG, load
from notifications.tables import Message
from tests.support.installed import Arshjul
from tests.support.postgres import Postgres
from wheel.app import App, build, fixed_clock
from wheel.audit.chain import verify
from wheel.daemon.lock import LinkedDatabase, only_daemon
from wheel.database.tables import Home, Meeting, Person, Role
from wheel.engine.unit_of_work import UnitOfWork
from wheel.errors import Conflict, NotFound, Usage
from wheel.home.folder import HomeFolder, InitOptions, init
from wheel.home.lock_file import LockUnusable, is_locked
from wheel.reads.log_entries import log_entries

NOW = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)


def begin(root: Path, database: str = "", admin: str = "admin", practice: bool = True) -> App:
    home = HomeFolder(root)
    init(home, InitOptions(admin, NOW, practice=practice, database=database))
    return build(home, database or None, clock=fixed_clock(NOW))


def test_a_new_home_holds_the_people_and_meetings_of_the_files(database_url: str, tmp_path: Path) -> None:
    app = begin(tmp_path / "var", database_url)
    sample = load(VANERSBORG)
    with app.store.reading() as session:
        people = set(session.execute(select(Person.id)).scalars())  # type: ignore[call-overload]
        assert people == {*sample.people, "admin", "daemon"}
        roles = {(r.person_id, r.role, r.body) for r in session.execute(select(Role)).scalars()}
        assert ("admin", "administrator", "") in roles
        assert ("daemon", "daemon", "") in roles
        assert ("ks-officer", "secretary", "ks") in roles
        days = {m.day for m in session.execute(select(Meeting)).scalars() if m.body == "kf"}
        assert days == set(sample.meetings["kf"])
        assert session.get_one(Home, 1).practice
    app.close()


def test_the_log_begins_with_the_home_and_names_nobody(database_url: str, tmp_path: Path) -> None:
    app = begin(tmp_path / "var", database_url)
    with app.store.reading() as session:
        entries = log_entries(UnitOfWork(session, NOW, "", app.mail, lock=False)).entries
        assert verify(session).ok
    assert [entry["action"] for entry in entries[:2]] == ["home.created", "person.added"]
    assert {entry["actor"] for entry in entries} == {"admin"}
    said = str(entries)
    for person in load(VANERSBORG).people.values():
        assert person.email not in said
        assert f"'{person.name}'" not in said
    app.close()


def test_everything_in_a_home_is_for_its_owner_alone(tmp_path: Path) -> None:
    begin(tmp_path / "var").close()
    for path in [tmp_path / "var", *(tmp_path / "var").rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_a_folder_that_was_there_becomes_its_owners_alone(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var").chmod(0o755)
    begin(tmp_path / "var").close()
    assert stat.S_IMODE((tmp_path / "var").stat().st_mode) == 0o700


def test_a_home_is_never_made_over_another(tmp_path: Path) -> None:
    begin(tmp_path / "var").close()
    before = (tmp_path / "var" / "arshjul.db").read_bytes()
    with pytest.raises(Usage):
        init(HomeFolder(tmp_path / "var"), InitOptions("admin", NOW))
    assert (tmp_path / "var" / "arshjul.db").read_bytes() == before


def test_a_faulty_wheel_makes_nothing(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name in ("wheel.toml", "people.toml", "meetings.toml"):
        text = (VANERSBORG / name).read_text(encoding="utf-8")
        (source / name).write_text(text.replace('body = "ks"', 'body = "sk"'), encoding="utf-8")
    with pytest.raises(FaultyFilesError):
        init(HomeFolder(tmp_path / "var"), InitOptions("admin", NOW, source=source))
    assert not (tmp_path / "var").exists()


def test_a_failure_half_way_takes_away_what_was_made_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "note.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(Exception, match="database"):
        init(HomeFolder(tmp_path / "var"), InitOptions("admin", NOW, database="sqlite:////nowhere/at/all.db"))
    assert [path.name for path in (tmp_path / "var").iterdir()] == ["note.txt"]


@pytest.mark.parametrize("admin", ["", "a b", "a/b", "å:b", "-x"])
def test_an_id_with_spaces_or_signs_is_refused(tmp_path: Path, admin: str) -> None:
    with pytest.raises(Usage):
        begin(tmp_path / "var", admin=admin)
    assert not (tmp_path / "var").exists()


def test_somebody_of_the_files_can_be_made_the_administrator(tmp_path: Path) -> None:
    app = begin(tmp_path / "var", admin="ks-officer")
    with app.store.reading() as session:
        roles = [r.role for r in session.execute(select(Role)).scalars() if r.person_id == "ks-officer"]
    assert set(roles) == {"officer", "secretary", "administrator"}
    app.close()


def test_another_database_stands_in_the_settings(tmp_path: Path) -> None:
    other = f"sqlite:///{tmp_path / 'other.db'}"
    home = HomeFolder(tmp_path / "var")
    init(home, InitOptions("admin", NOW, database=other))
    assert f'"{other}"' in home.settings.read_text(encoding="utf-8")
    app = build(home)
    assert app.store.place == str(tmp_path / "other.db")
    app.store.check_schema()
    app.close()


def test_an_address_with_quotation_marks_is_one_setting(tmp_path: Path) -> None:
    other = f'sqlite:///{tmp_path}/a\\b"c.db'
    home = HomeFolder(tmp_path / "var")
    init(home, InitOptions("admin", NOW, database=other))
    app = build(home)
    assert app.store.place == f'{tmp_path}/a\\b"c.db'
    app.close()


def test_there_is_no_app_without_a_home(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="There is no home"):
        build(HomeFolder(tmp_path / "nowhere"))


def test_mail_of_a_practice_home_goes_into_the_folder_whatever_the_settings_say(tmp_path: Path) -> None:
    for practice, mode in ((True, "folder"), (False, "smtp")):
        home = HomeFolder(tmp_path / mode)
        begin(home.root, practice=practice).close()
        text = '[mail]\nmode = "smtp"\nsender = "a@kommun.example"\n[smtp]\nhost = "smtp.kommun.example"\n'
        home.settings.write_text(text, encoding="utf-8")
        app = build(home)
        assert (app.mode, app.mail.practice) == (mode, practice)
        assert app.mail.host == ("" if practice else "smtp.kommun.example")
        app.close()


def test_a_home_has_one_daemon(tmp_path: Path) -> None:
    app = begin(tmp_path / "var")
    with only_daemon(app), pytest.raises(Conflict), only_daemon(build(HomeFolder(tmp_path / "var"))):
        pass
    with only_daemon(app):
        pass  # the lock is free again
    app.close()


def test_a_lock_whose_file_was_removed_is_taken_again_and_a_second_daemon_finds_it(tmp_path: Path) -> None:
    app = begin(tmp_path / "var")
    files = (app.home.lock, app.home.root / "arshjul.db.lock")
    with only_daemon(app) as keep:
        node = app.home.lock.read_text()
        for file in files:
            file.unlink()
        keep()
        assert [is_locked(file) for file in files] == [True, True]
        assert app.home.lock.read_text() == node
        with pytest.raises(Conflict, match="already running"), only_daemon(build(HomeFolder(tmp_path / "var"))):
            pass
    assert [is_locked(file) for file in files] == [False, False]
    app.close()


def test_a_daemon_whose_lock_was_removed_learns_that_another_one_was_faster(tmp_path: Path) -> None:
    first, second = begin(tmp_path / "var"), build(HomeFolder(tmp_path / "var"))
    with only_daemon(first) as keep:
        first.home.lock.unlink()
        (first.home.root / "arshjul.db.lock").unlink()
        with only_daemon(second), pytest.raises(Conflict, match="already running"):
            keep()
    first.close()
    second.close()


def test_who_looks_whether_a_daemon_runs_keeps_none_away(tmp_path: Path) -> None:
    app = begin(tmp_path / "var")
    assert is_locked(app.home.lock) is False
    app.home.lock.touch()
    with app.home.lock.open() as looking:
        fcntl.flock(looking, fcntl.LOCK_SH)
        looked = threading.Timer(0.1, looking.close)
        looked.start()
        with only_daemon(app):
            assert is_locked(app.home.lock) is True
        looked.join()
    app.close()


def test_a_database_with_a_second_name_has_no_daemon_under_either(tmp_path: Path) -> None:
    app = begin(tmp_path / "var")
    begin(tmp_path / "other").close()
    other = tmp_path / "other" / "arshjul.db"
    other.unlink()
    other.hardlink_to(tmp_path / "var" / "arshjul.db")
    for root in ("var", "other"):
        linked = build(HomeFolder(tmp_path / root))
        with pytest.raises(LinkedDatabase, match="hard link"), only_daemon(linked):
            pass
        linked.close()
    home = Arshjul(tmp_path / "var")
    assert "database_linked" in home.problems()
    assert home("daemon").code == 6
    other.unlink()
    assert "database_linked" not in home.problems()
    app.close()


def test_a_lock_file_of_another_user_is_named_with_its_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = begin(tmp_path / "var")
    app.home.lock.touch()
    app.home.lock.chmod(0)
    monkeypatch.chdir(app.home.root)
    app.home = HomeFolder(Path())
    someone = 65534 if os.geteuid() == 0 else os.geteuid()  # root may open everything
    app.home.root.chmod(0o755)
    before = os.geteuid()
    os.seteuid(someone)
    try:
        with pytest.raises(LockUnusable, match=r"daemon\.lock belongs to \w+\. Remove"), only_daemon(app):
            pass
    finally:
        os.seteuid(before)
    app.close()


BODY = b"Subject: Din tur\r\n\r\n"


class WhileInHand:
    """A transport; while it has a mail in hand something else happens."""

    def __init__(self, happens: Callable[[], None]) -> None:
        self.happens = happens
        self.taken = 0

    def send(self, message: bytes, mail_from: str, rcpt: str, before_data: Callable[[], None]) -> None:
        self.taken += 1
        self.happens()

    def close(self) -> None:
        pass


def test_a_daemon_at_the_same_path_of_a_machine_with_the_same_name_takes_nobodys_mail(
    postgres_server: Postgres, tmp_path: Path
) -> None:
    """As two containers of one image: they share the database, and nothing else."""
    root, url = tmp_path / "var", postgres_server.url(postgres_server.new_database())
    first = begin(root, url)
    shutil.copytree(root, tmp_path / "copy")
    mail = Message(
        key="day:admin:2026-11-02", message_id="a@example.se", person_id="admin", day=NOW.date(), to="a@example.se",
        subject="Din tur", body=BODY, sha256=sha256(BODY).hexdigest(), created_at=NOW, next_attempt=NOW,
    )  # fmt: skip
    with first.store.writing() as session:
        session.add(mail)
    first.close()
    second_server = WhileInHand(lambda: None)

    def elsewhere() -> None:
        root.rename(tmp_path / "first")
        (tmp_path / "copy").rename(root)
        second = build(HomeFolder(root), url, clock=fixed_clock(NOW), transport=second_server)
        with only_daemon(second):
            second.deliver()
        second.close()

    first = build(HomeFolder(root), url, clock=fixed_clock(NOW), transport=WhileInHand(elsewhere))
    with only_daemon(first):
        assert first.deliver().sent == 1
    first.close()
    assert second_server.taken == 0
