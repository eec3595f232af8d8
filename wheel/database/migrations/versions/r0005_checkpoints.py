"""The past is computed from the log: checkpoints of it, and what the daily check found wrong with it."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("home", sa.Column("log_fault", sa.JSON(none_as_null=True), nullable=True))
    op.create_table(
        "checkpoint",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_table(
        "checkpoint_row",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("table", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("row", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(["seq"], ["checkpoint.seq"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("table", "key", "seq"),
    )
    op.create_index("ix_checkpoint_row_seq", "checkpoint_row", ["seq"])
