"""Writes mail into a folder: for practice, and until there is a server."""

import contextlib
import os
import re
from collections.abc import Callable
from email import message_from_bytes
from hashlib import sha256
from pathlib import Path

from notifications.delivery.transport import TransportError, no_check


class FolderTransport:
    """Writes `<folder>/<hash>.eml`. The hash is the left side of the Message-ID, so a second copy has the same name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(
        self,
        message: bytes,
        mail_from: str,  # noqa: ARG002 - the protocol's names
        rcpt: str,  # noqa: ARG002
        before_data: Callable[[], None] = no_check,
    ) -> None:
        name = file_name(message)
        before_data()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            _write_whole(self.folder / name, message)
        except OSError as error:
            raise TransportError(f"{self.folder}: {error.strerror or error}", "route_closed") from error

    def close(self) -> None:
        pass


def file_name(message: bytes) -> str:
    message_id = str(message_from_bytes(message)["Message-ID"] or "").strip()
    ours = re.fullmatch(r"<([0-9a-f]{32})@[^@]*>", message_id)
    # Another one could hold a slash.
    return f"{ours[1] if ours else sha256(message_id.encode() or message).hexdigest()[:32]}.eml"


def _write_whole(path: Path, message: bytes) -> None:
    """Write the file so that a reader sees all of it or nothing, even after a power cut: its row will say "sent"."""
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        with draft.open("wb") as file:
            file.write(message)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the name, too
    finally:
        os.close(folder)
