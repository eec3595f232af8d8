"""The definitions that cycles were opened with: stored once per content, parsed once per process."""

from sqlalchemy import insert, select
from sqlmodel import Session

from wheel.database.tables import DefinitionRow
from workflows.definition.definition import Definition

_DEFINITION = DefinitionRow.__table__  # type: ignore[attr-defined]

_parsed: dict[str, Definition] = {}  # by their SHA-256: the same in every database


def definition_of(session: Session, sha256: str) -> Definition:
    if sha256 not in _parsed:
        stored = select(_DEFINITION.c.body).where(_DEFINITION.c.sha256 == sha256)
        _parsed[sha256] = Definition.model_validate_json(session.connection().execute(stored).scalar_one())
    return _parsed[sha256]


def forget_definitions() -> None:
    """Empty the cache, so that a process that handles many homes does not keep all their definitions."""
    _parsed.clear()


def store_definition(session: Session, definition: Definition) -> str:
    """Store the definition, once per content. Returns its SHA-256."""
    _parsed[definition.sha256] = definition  # the key is the hash of the content
    known = select(_DEFINITION.c.sha256).where(_DEFINITION.c.sha256 == definition.sha256)
    if session.connection().execute(known).one_or_none() is None:
        row = {"sha256": definition.sha256, "version": definition.wheel.version, "body": definition.canonical}
        session.connection().execute(insert(_DEFINITION), row)
    return definition.sha256
