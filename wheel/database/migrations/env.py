"""Alembic runs this for every command. The connection comes from wheel.database.migrations, its transaction too."""

from alembic import context
from sqlmodel import SQLModel

import wheel.database.tables  # noqa: F401  (fills the metadata; it brings the tables of notifications along)

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,  # SQLite cannot alter a table in place
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
