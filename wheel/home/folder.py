"""The home of one municipality: its paths, and its creation."""

import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from config.settings import settings
from wheel.errors import NotFound, Usage
from wheel.private_files import private_files
from workflows.messages import N_
from workflows.visible import HIDDEN

if TYPE_CHECKING:
    from sqlmodel import Session

    from config.municipality.municipality import Municipality
    from wheel.database.store import Store
    from workflows.definition.definition import Definition

TEMPLATES = Path(settings.__file__).parent / "new_home"


@dataclass(frozen=True)
class HomeFolder:
    """The paths in a home."""

    root: Path

    @property
    def settings(self) -> Path:
        return self.root / settings.FILE

    @property
    def database(self) -> Path:
        """The SQLite file, unless the settings name another database."""
        return self.root / "arshjul.db"

    @property
    def database_url(self) -> str:
        return f"sqlite:///{self.database}"

    @property
    def mailbox(self) -> Path:
        return self.root / "mailbox"

    @property
    def backups(self) -> Path:
        return self.root / "backups"

    @property
    def last_backup(self) -> Path:
        """When the last backup was made, or why it failed."""
        return self.root / "last-backup.json"

    @property
    def municipality(self) -> Path:
        """The folder with the municipality's wheel files, from which cycles are opened."""
        return self.root / "municipality"

    @property
    def lock(self) -> Path:
        return self.root / "daemon.lock"

    def must_exist(self) -> None:
        if not self.settings.is_file():
            text = N_("There is no home in {home}.")
            raise NotFound(text, home=self.root)

    def must_be_own(self) -> None:
        """Raises Usage for root in another user's home, where that user could not use the files that root leaves."""
        if os.geteuid() == 0 != self.root.stat().st_uid:
            text = N_("The home {home} belongs to {owner}. Run the command as that user.")
            raise Usage(text, home=self.root, owner=owner(self.root))


def owner(path: Path) -> str:
    """The name of the user, or the number of one without a name."""
    try:
        return path.owner()
    except KeyError:
        return str(path.stat().st_uid)


@dataclass(frozen=True)
class InitOptions:
    """The initial settings of a new home. `database`: the URL of another database than the home's own file."""

    admin: str
    now: datetime
    practice: bool = False
    email: str = ""
    lang: str = "sv"
    source: Path | None = None  # the folder of the municipality's wheel; None for the sample
    database: str = field(default="", repr=False)


def init(home: HomeFolder, beginning: InitOptions) -> "Definition":
    """Create a home.

    Raises Usage if it exists, and FaultyFilesError for a wheel with errors; nothing is created then.
    """
    from config.municipality.municipality import VANERSBORG, load
    from config.municipality.roles import DAEMON
    from wheel.database.store import Store

    source = beginning.source or VANERSBORG
    if home.settings.exists() or home.municipality.exists() or home.database.exists():
        raise Usage(N_("There is already a home in {home}. Nothing was changed."), home=home.root)
    if not re.fullmatch(r"\w[\w.-]*", beginning.admin) or HIDDEN.search(beginning.admin):
        text = N_("{name} cannot be used as an id. Use letters, digits, dots and hyphens, no spaces.")
        raise Usage(text, name=repr(beginning.admin))
    if beginning.admin == DAEMON:
        raise Usage.machine(DAEMON)
    municipality = load(source)
    store = Store(beginning.database or home.database_url)
    with closing(store), private_files(), _removed_on_failure(home):
        for folder in (home.root, home.mailbox, home.backups):
            folder.mkdir(parents=True, exist_ok=True)
        home.root.chmod(0o700)  # it may have been there
        _copy_wheel(source, home.municipality)
        _write_settings(home, beginning, store)
        _fill(store, beginning, municipality)
    return municipality.definition


@contextmanager
def _removed_on_failure(home: HomeFolder) -> Iterator[None]:
    existed = home.root.exists()
    before = set(home.root.iterdir()) if existed else set()
    try:
        yield
    except BaseException:
        for path in set(home.root.iterdir() if home.root.exists() else ()) - before:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        if not existed and home.root.exists():
            home.root.rmdir()
        raise


def _copy_wheel(source: Path, target: Path) -> None:
    # copyfile does not copy permissions, so the file gets those of a new one.
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"), copy_function=shutil.copyfile)
    for folder in (target, *(path for path in target.rglob("*") if path.is_dir())):
        folder.chmod(0o700)


def _write_settings(home: HomeFolder, beginning: InitOptions, store: "Store") -> None:
    from config.settings.database_url import without_password

    template = (TEMPLATES / f"arshjul.{beginning.lang}.toml").read_text(encoding="utf-8")
    database = without_password(store.url) if store.url.password else beginning.database
    # A string of JSON is one of TOML, too.
    settings = template.replace('"{database}"', json.dumps(database, ensure_ascii=False))
    home.settings.write_text(settings, encoding="utf-8")


def _fill(store: "Store", beginning: InitOptions, municipality: "Municipality") -> None:
    from wheel.database.tables import Home

    store.create()
    with store.writing() as session:
        session.add(Home(practice=beginning.practice, created_at=beginning.now))
        seed(session, beginning, municipality)


def seed(session: "Session", beginning: InitOptions, municipality: "Municipality") -> None:
    """Store people, roles and meetings of the files. The log gets ids and roles, but no names."""
    from sqlalchemy import insert, select

    from config.municipality.roles import DAEMON
    from wheel.audit.journal import Journal
    from wheel.audit.recorded_rows import key_of, recorded
    from wheel.database.tables import Meeting, Person, Role

    roles: dict[str, list[tuple[str, str]]] = {}
    for id, person in municipality.people.items():
        session.add(Person(id=id, name=person.name, email=person.email, language=person.language))
        roles[id] = [(role.role, role.body) for role in person.roles]
    for id, role, email in ((beginning.admin, "administrator", beginning.email), (DAEMON, "daemon", "")):
        if id not in roles:
            session.add(Person(id=id, name=id, email=email, language=beginning.lang))
        if (role, "") not in roles.setdefault(id, []):
            roles[id].append((role, ""))
    session.flush()
    held = {id: [{"role": role, "body": body} for role, body in theirs] for id, theirs in roles.items()}
    session.execute(insert(Role), [{"person_id": id, **role} for id, theirs in held.items() for role in theirs])
    meetings = [{"body": body, "day": day} for body, days in municipality.meetings.items() for day in days]
    if meetings:
        session.execute(insert(Meeting), meetings)
    journal = Journal(session, beginning.now, beginning.admin)
    for id in roles:
        journal.wrote("person", id, {"id": id})
    for row in session.scalars(select(Role)):
        journal.wrote("role", str(row.id), recorded("role", row.model_dump()))
    for meeting in meetings:
        journal.wrote("meeting", key_of("meeting", meeting), meeting)
    version = municipality.definition.wheel.version
    journal.add("home.created", "home", {"practice": beginning.practice, "wheel": version})
    for id, theirs in held.items():
        journal.add("person.added", id, {"roles": theirs})
    for body, days in municipality.meetings.items():
        journal.add("meetings.seeded", body, {"days": list(days)})
    journal.close()
