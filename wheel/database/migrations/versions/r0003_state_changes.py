"""What `undo` needs has a table of its own. What it needs of the steps so far is taken over from the log, once."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

MOVES = ("plan.advanced", "plan.sent_back", "plan.reopened")
QUIET = ("notice.planned", "notice.superseded", "plan.refused", "plan.undone", "message.made")

PLAN = sa.table("plan", *(sa.column(name) for name in ("id", "address", "version")))
LOG = sa.table("log_entry", sa.column("seq"), sa.column("payload", sa.LargeBinary))
DECISION = sa.table("decision", sa.column("id"))
STATE_CHANGE = sa.table(
    "state_change", *(sa.column(n) for n in ("plan_id", "state", "visit", "from_state", "version")),
    sa.column("before", sa.JSON), sa.column("step"), sa.column("decision"), sa.column("undone", sa.Boolean),
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "state_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("visit", sa.Integer(), nullable=False),
        sa.Column("from_state", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("decision", sa.Integer(), nullable=True),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["decision"], ["decision.id"]),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("plan_id", "state", "visit"),
    )
    take_over_the_log()


def take_over_the_log() -> None:
    """The changes so far, in their order. No version of the past is known: a number below zero stands for it.

    A change that another one followed at once has the version that this one saw before it. The last one of a plan that
    nothing followed has the plan's version.
    """
    connection = op.get_bind()
    plans = {row.address: row for row in connection.execute(sa.select(PLAN))}
    decisions = set(connection.execute(sa.select(DECISION.c.id)).scalars())
    changes: dict[int, dict[str, Any]] = {}
    last: dict[str, int] = {}  # by plan: the change that nothing has followed yet; 0 where something has
    for seq, payload in connection.execute(sa.select(LOG.c.seq, LOG.c.payload).order_by(LOG.c.seq)):
        entry = json.loads(payload)
        address, action, data = entry["subject"], entry["action"], entry["data"]
        if address not in plans:
            continue
        if action in MOVES and "before" in data:
            seen = last.get(address, 0)
            changes[seq] = {
                "plan_id": plans[address].id, "state": data["to"], "visit": data["entry"],
                "from_state": data["from"], "version": -seq, "before": {**data["before"], "version": -seen},
                "step": data.get("step", ""), "undone": False, "decision": decision_in(data, decisions),
            }  # fmt: skip
            last[address] = seq
        elif action == "plan.undone" and data["undoes"] in changes:
            changes[data["undoes"]]["undone"] = True
            last[address] = -changes[data["undoes"]]["before"]["version"]
        elif action not in QUIET:
            last[address] = 0
    for address, seq in last.items():
        if seq:
            changes[seq]["version"] = plans[address].version
    # Where a migration had given one state another one's name, a visit could come twice: the newest is kept.
    newest = {(each["plan_id"], each["state"], each["visit"]): each for each in changes.values()}
    if newest:
        op.bulk_insert(STATE_CHANGE, list(newest.values()))


def decision_in(data: dict[str, Any], known: set[int]) -> int | None:
    found = data.get("decision", {}).get("id")
    return found if found in known else None
