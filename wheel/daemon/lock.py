"""Locks that allow only one daemon, and the name by which the next daemon finds what this one had in hand."""

import fcntl
import socket
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from io import FileIO
from pathlib import Path

from config.municipality.roles import DAEMON
from notifications.delivery.claims import release
from wheel.app import App
from wheel.engine.unit_of_work import unit_of_work
from wheel.errors import ArshjulError, Conflict
from wheel.home.folder import owner
from wheel.tick.clock_changes import note_wrong_start
from workflows.messages import N_


class LockUnusable(ArshjulError):
    """Another user, such as root, has left the lock file. Trying again does not help."""

    kind = "faulty"


@contextmanager
def only_daemon(app: App) -> Iterator[None]:
    """Allow one daemon per home and, because SQLite has one writer, per SQLite file; any number on PostgreSQL.

    The system releases the lock when the process dies in any way. The lock file keeps the name of the daemon, so
    the mails that its previous process had claimed are free again at once. Raises Conflict if there is another daemon.
    """
    with without_daemon(app) as lock:
        before = lock.read().decode(errors="replace")
        # Random, because machines made from one image, and containers, share host name and folder.
        app.node = f"{socket.gethostname()}:{uuid.uuid4().hex}"
        with unit_of_work(app.store, app.clock(), DAEMON, app.mail) as uow:
            if before:
                release(uow.session, uow.now, before)
            note_wrong_start(uow)
        with suppress(OSError):  # on a full disk the claims expire after two minutes instead
            lock.truncate(0)
            lock.write(app.node.encode())
        yield


@contextmanager
def without_daemon(app: App) -> Iterator[FileIO]:
    """Keep every daemon of the home and of its SQLite file away meanwhile. Raises Conflict if there is one."""
    app.home.must_be_own()
    with ExitStack() as locks:
        text = N_("The service is already running in {home}.")
        lock = locks.enter_context(_locked(app.home.lock, text, app.home.root))
        if file := app.store.file:
            file = file.resolve()
            text = N_("Another home's service uses {home}. Only PostgreSQL can be shared.")
            locks.enter_context(_locked(file.with_name(f"{file.name}.lock"), text, file))
        yield lock


def _opened(path: Path) -> FileIO:
    try:
        return path.open("a+b", buffering=0)
    except PermissionError:
        if not path.exists():
            raise
        text = N_("The lock file {file} belongs to {owner}. Remove the file when no service is running.")
        raise LockUnusable(text, file=path, owner=owner(path)) from None


@contextmanager
def _locked(path: Path, refusal: str, home: Path) -> Iterator[FileIO]:
    """The locked file, positioned at its start; writes are appended. Raises Conflict if another process holds it."""
    with _opened(path) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(refusal, home=home) from None
        file.seek(0)
        yield file
