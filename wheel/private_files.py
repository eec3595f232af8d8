"""Files that only their owner can read, and that are written whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO, cast

OTHERS = 0o077  # what group and others may do


@contextmanager
def private_files() -> Iterator[None]:
    """Whatever the process makes in this block is for its owner alone: by SQLite, `pg_dump` and locks too."""
    before = os.umask(OTHERS)
    try:
        yield
    finally:
        os.umask(before)


@contextmanager
def whole_file(path: Path, mode: int = 0o600) -> Iterator[TextIO]:
    """A file beside `path`, which takes its name at the end of the block. If anything fails, nothing is left of it.

    Raises OSError, which names `path`.
    """
    from tempfile import NamedTemporaryFile  # slow to import, and few commands write a file

    draft = None
    try:
        with NamedTemporaryFile(
            "w", encoding="utf-8", newline="", prefix=".arshjul-", dir=path.parent, delete=False
        ) as file:
            draft = Path(file.name)
            yield cast("TextIO", file)
            file.flush()
            os.fsync(file.fileno())  # some file systems notice a full disk only now
            os.fchmod(file.fileno(), mode)
        draft.replace(path)
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(path)) from error
    finally:
        if draft is not None:
            draft.unlink(missing_ok=True)
