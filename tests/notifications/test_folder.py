"""Mail into the folder: whole files, one per message."""

import os
from pathlib import Path

import pytest

from notifications.delivery.folder import FolderTransport, file_name
from notifications.delivery.transport import TransportError

HASH = "0123456789abcdef" * 2
MAIL = f"Message-ID: <{HASH}@sjovik.example>\r\nSubject: x\r\n\r\nHej\r\n".encode()


def test_a_message_is_a_file_of_its_own_bytes(tmp_path: Path) -> None:
    folder = FolderTransport(tmp_path / "var" / "mailbox")
    folder.send(MAIL, "a@x.example", "b@x.example")
    folder.close()
    assert [(path.name, path.read_bytes()) for path in folder.folder.iterdir()] == [(f"{HASH}.eml", MAIL)]


def test_a_repeat_is_the_same_file(tmp_path: Path) -> None:
    folder = FolderTransport(tmp_path)
    for _ in range(2):
        folder.send(MAIL, "a@x.example", "b@x.example")
    assert os.listdir(tmp_path) == [f"{HASH}.eml"]  # noqa: PTH208


@pytest.mark.parametrize(
    "message", [b"Message-ID: <../../etc/passwd@x>\r\n\r\n", b"Message-ID: \r\n\r\n", b"no header", b""]
)
def test_a_name_never_leads_out_of_the_folder(message: bytes) -> None:
    name = file_name(message)
    assert len(name) == 36
    assert Path(name).name == name


def test_a_folder_that_cannot_be_written_stops_the_queue(tmp_path: Path) -> None:
    (tmp_path / "mailbox").write_text("a file")
    with pytest.raises(TransportError) as caught:
        FolderTransport(tmp_path / "mailbox").send(MAIL, "a@x.example", "b@x.example")
    assert caught.value.kind == "route_closed"


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(TransportError, match="No space left"):
        FolderTransport(tmp_path).send(MAIL, "a@x.example", "b@x.example")
    assert list(tmp_path.iterdir()) == []
