"""The log begins, and is append-only from then on; the way out for mail is open."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

SQLITE = (
    """CREATE TRIGGER log_entry_no_update BEFORE UPDATE ON log_entry
       BEGIN SELECT RAISE(ABORT, 'log_entry is append-only: no UPDATE'); END""",
    """CREATE TRIGGER log_entry_no_delete BEFORE DELETE ON log_entry
       BEGIN SELECT RAISE(ABORT, 'log_entry is append-only: no DELETE'); END""",
    # INSERT OR REPLACE deletes without telling the trigger above.
    """CREATE TRIGGER log_entry_no_replace BEFORE INSERT ON log_entry
       WHEN EXISTS (SELECT 1 FROM log_entry WHERE seq = NEW.seq)
       BEGIN SELECT RAISE(ABORT, 'log_entry is append-only: the entry exists'); END""",
)

POSTGRESQL = (
    """CREATE FUNCTION log_entry_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN RAISE EXCEPTION 'log_entry is append-only: no %', TG_OP; END $$""",
    """CREATE TRIGGER log_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON log_entry
       FOR EACH STATEMENT EXECUTE FUNCTION log_entry_refuses()""",
    # In a session that plays a replica too.
    "ALTER TABLE log_entry ENABLE ALWAYS TRIGGER log_entry_append_only",
)


def upgrade() -> None:
    chain_begins()
    way_is_open()
    log_refuses_changes()


def chain_begins() -> None:
    head = sa.table("chain_head", sa.column("id"), sa.column("seq"), sa.column("hash", sa.LargeBinary))
    op.bulk_insert(head, [{"id": 1, "seq": 0, "hash": bytes(32)}])


def way_is_open() -> None:
    way = sa.table("way_out", *(sa.column(name) for name in ("id", "closed", "passing", "told")))
    op.bulk_insert(way, [{"id": 1, "closed": "", "passing": False, "told": False}])


def log_refuses_changes() -> None:
    for statement in SQLITE if op.get_context().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)
