"""The definitions that cycles were opened with: stored once per content, parsed once per process."""

from sqlalchemy import insert, select
from sqlmodel import Session, col

from wheel.database.tables import DefinitionRow
from workflows.definition.definition import Definition

_parsed: dict[str, Definition] = {}  # by their SHA-256: the same in every database


def definition_of(session: Session, sha256: str) -> Definition:
    if sha256 not in _parsed:
        stored = select(col(DefinitionRow.body)).where(col(DefinitionRow.sha256) == sha256)
        _parsed[sha256] = Definition.model_validate_json(session.execute(stored).scalar_one())
    return _parsed[sha256]


def forget_definitions() -> None:
    """Empty the cache, so that a process that handles many homes does not keep all their definitions."""
    _parsed.clear()


def store_definition(session: Session, definition: Definition) -> str:
    """Store the definition, once per content. Returns its SHA-256."""
    _parsed[definition.sha256] = definition  # the key is the hash of the content
    known = select(col(DefinitionRow.sha256)).where(col(DefinitionRow.sha256) == definition.sha256)
    if session.execute(known).one_or_none() is None:
        session.execute(
            insert(DefinitionRow).values(
                sha256=definition.sha256, version=definition.wheel.version, body=definition.canonical
            )
        )
    return definition.sha256
