"""Locks that allow only one daemon, and the name by which the next daemon finds what this one had in hand."""

import socket
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from config.municipality.roles import DAEMON
from notifications.delivery.claims import release
from wheel.app import App
from wheel.engine.unit_of_work import unit_of_work
from wheel.errors import ArshjulError, Conflict
from wheel.home.lock_file import LockFile, locked
from wheel.home.own_files import has_other_names
from wheel.tick.clock_changes import note_wrong_start
from workflows.messages import N_


class LinkedDatabase(ArshjulError):
    """The database file has a second name. No lock would be seen there, and SQLite would use two journals."""

    kind = "faulty"


@contextmanager
def only_daemon(app: App) -> Iterator[Callable[[], None]]:
    """Allow one daemon per home and, because SQLite has one writer, per SQLite file; any number on PostgreSQL.

    The system releases the lock when the process dies in any way. The lock file keeps the name of the daemon, so
    the mails that its previous process had claimed are free again at once. Raises Conflict if there is another daemon.

    The function that it gives takes the locks again if their files were removed; call it now and then. It raises
    Conflict if another daemon was faster.
    """
    with without_daemon(app) as locks:
        home, before = locks[0], locks[0].file.read().decode(errors="replace")
        # Random, because machines made from one image, and containers, share host name and folder.
        app.node = f"{socket.gethostname()}:{uuid.uuid4().hex}"
        with unit_of_work(app.store, app.clock(), DAEMON, app.mail) as uow:
            if before:
                release(uow.session, uow.now, before)
            note_wrong_start(uow)
        _sign(home, app.node)

        def keep() -> None:
            for lock in locks:
                if lock.keep() and lock is home:
                    _sign(home, app.node)

        yield keep


@contextmanager
def without_daemon(app: App) -> Iterator[list[LockFile]]:
    """Keep every daemon of the home and of its SQLite file away meanwhile. Raises Conflict if there is one.

    Gives the lock of the home, and that of the file if there is one.
    """
    app.home.must_be_own()
    with ExitStack() as stack:
        text = N_("The service is already running in {home}.")
        locks = [stack.enter_context(locked(app.home.lock, Conflict(text, home=app.home.root)))]
        if file := app.store.file:
            file = file.resolve()
            _check_names(file)
            text = N_("Another home's service uses {home}. Only PostgreSQL can be shared.")
            locks.append(stack.enter_context(locked(file.with_name(f"{file.name}.lock"), Conflict(text, home=file))))
        yield locks


def _check_names(file: Path) -> None:
    if has_other_names(file):
        text = N_(
            "The database {file} has another name too (a hard link). SQLite damages a database that is used under two "
            "names. Remove the other one, or replace it by a copy."
        )
        raise LinkedDatabase(text, file=file)


def _sign(lock: LockFile, node: str) -> None:
    with suppress(OSError):  # on a full disk the claims expire after two minutes instead
        lock.file.truncate(0)
        lock.file.write(node.encode())
