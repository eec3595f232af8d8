"""The history of the schema. A new revision: a file in versions/, and its name in store.REVISIONS."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

LOCK = 7_310_206  # any number: whoever migrates holds it, a second one waits and finds nothing to do


def config() -> Config:
    made = Config()
    # ConfigParser takes % for a variable.
    made.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return made


def revisions() -> list[str]:
    """All revisions, oldest first."""
    return [script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()][::-1]


def migrate(connection: Connection, revision: str = "head") -> None:
    """Bring the database to that revision, inside the caller's transaction."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    made = config()
    made.attributes["connection"] = connection
    command.upgrade(made, revision)
    if connection.dialect.name == "sqlite" and (
        orphans := connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    ):
        raise RuntimeError(f"the migration would leave rows that refer to nothing: {orphans[:5]}")
