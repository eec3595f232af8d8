"""The files that `--out`, `--csv` and `--ics` ask for, and what programs read from stdout instead."""

import errno
import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from wheel.errors import Usage
from wheel.private_files import whole_file
from workflows.messages import N_

if TYPE_CHECKING:
    from wheel.console.context import Context

NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS}  # not the fault of the one who asked


def utf8_stdout() -> TextIO:
    """Whatever the terminal speaks, programs read UTF-8: no character of an export may be replaced."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    return sys.stdout


def check_out(context: "Context", path: Path, force: bool) -> None:
    """Raises Usage for a file of the home, and without `force` for one that exists."""
    from wheel.home.folder import HomeFolder

    if HomeFolder(context.home).settings.is_file() and context.app.own_files.contain(path):
        text = N_("{file} belongs to the home and cannot be overwritten. Choose another name.")
        raise Usage(text, file=path)
    if path.is_file() and not force:
        raise Usage(N_("{file} already exists. Choose another name, or replace it with --force."), file=path)


@contextmanager
def written(context: "Context", path: Path, force: bool) -> Iterator[TextIO]:
    """The file, to be written: whole, or nothing is left of it. Raises Usage where it cannot be, OSError if the disk is
    full."""
    from wheel.home.own_files import real

    check_out(context, path, force)
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):  # a device or a pipe, where nothing is lost
            with path.open("w", encoding="utf-8", newline="") as file:
                yield file
        else:
            with whole_file(real(path)) as file:
                yield file
    except OSError as error:
        if error.errno in NO_ROOM:
            raise
        raise Usage(
            N_("The file {file} cannot be written: {why}."), file=path, why=error.strerror or str(error)
        ) from None
