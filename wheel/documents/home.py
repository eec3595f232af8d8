"""What the operator's commands and the exports answer: homes, folders, copies and files that were made."""

from typing import Literal

from pydantic import Field

from wheel.documents.base import Document, is_none


class HomeDocument(Document):
    """A home that was made. `message`: what is left to do before the next command."""

    ok: Literal[True] = True
    home: str
    practice: bool
    admin: str
    message: str | None = Field(default=None, exclude_if=is_none)


class FolderDocument(Document):
    """A folder for a municipality's own wheel: its files, and the commands that come next."""

    ok: Literal[True] = True
    folder: str
    files: tuple[str, ...]
    next: tuple[str, ...]


class FileDocument(Document):
    """A file that was written. `head`: of the log that is in it; `notices`: how many are in it."""

    ok: Literal[True] = True
    file: str
    head: str | None = Field(default=None, exclude_if=is_none)
    notices: int | None = Field(default=None, exclude_if=is_none)


class RestoredDocument(Document):
    """A backup was put back, or would be. `replaced`: where the database that was there is kept."""

    ok: Literal[True] = True
    replaced: str | None
    log: tuple[int, ...]
    dry_run: bool


class DumpedDocument(Document):
    """A dump was written, or one was loaded into `database`. `head`: the end of its log (size:hash)."""

    ok: Literal[True] = True
    file: str
    rows: int
    head: str
    database: str | None = Field(default=None, exclude_if=is_none)


class UpgradedDocument(Document):
    """The schema before and now; `backup`: the copy that was made before."""

    ok: Literal[True] = True
    from_: str | None = Field(validation_alias="from", serialization_alias="from")
    to: str
    backup: str | None


class WholeLog(Document):
    """The chain of the log holds."""

    ok: Literal[True] = True
    size: int
    head: str


class DiagramDocument(Document):
    mermaid: str
