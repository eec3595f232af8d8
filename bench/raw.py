"""The raw limit: the rows that the engine wrote, written again with statements of the driver."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

PLAN = ("state", "entry", "version", "mark", "stages", "wake_at")
LOG = ("seq", "action", "subject", "payload", "hash")
NOTICE = (
    "key", "plan_id", "state", "entry", "deadline_version", "rule", '"offset"', "person_id", "at_once", "facts",
    "due", "send_after", "outcome", "because", "message_id",
)  # fmt: skip


@dataclass(frozen=True)
class Written:
    """The rows that one step of the engine wrote."""

    address: str
    plan: tuple[Any, ...]  # PLAN, then id and the version before
    log: list[tuple[Any, ...]]
    notices: list[tuple[Any, ...]]


class Raw:
    """`connection`: of the database that is written to, a twin of the one that the engine wrote to."""

    def __init__(self, connection: Any, *, postgresql: bool) -> None:
        self.connection = connection
        self.begin = "BEGIN" if postgresql else "BEGIN IMMEDIATE"
        self.postgresql = postgresql

    def sql(self, text: str) -> str:
        return text.replace("?", "%s") if self.postgresql else text

    def written(self, addresses: list[str], after_seq: int) -> list[Written]:
        """The rows that the engine has written about these plans since that log entry, read from its database."""
        as_text = [f"CAST({name} AS TEXT)" if name in ("stages", "facts") else name for name in PLAN + NOTICE]
        plans = self._rows(f"SELECT address, {', '.join(as_text[: len(PLAN)])}, id, version - 1 FROM plan")
        notices = self._rows(f"SELECT {', '.join(as_text[len(PLAN) :])} FROM notice")
        log = self._rows(f"SELECT {', '.join(LOG)} FROM log_entry WHERE seq > {after_seq} ORDER BY seq")
        by_subject = _grouped(log, lambda row: row[2])
        by_plan = _grouped(notices, lambda row: row[1])
        found = {row[0]: row[1:] for row in plans}
        return [
            Written(each, found[each], by_subject[each], by_plan.get(found[each][len(PLAN)], [])) for each in addresses
        ]

    def last_seq(self) -> int:
        return int(self._rows("SELECT max(seq) FROM log_entry")[0][0])

    def _rows(self, text: str) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = self.connection.execute(text).fetchall()
        return found

    def each(self, steps: list[Written]) -> None:
        for step in steps:
            self.step(step)

    def step(self, step: Written) -> None:
        """Read the plan, update it with its version, insert the log rows and the notices, one commit."""
        execute = self.connection.execute
        execute(self.begin)
        execute(self.sql("SELECT * FROM plan WHERE address = ?"), (step.address,)).fetchone()
        if execute(self.sql(UPDATE), step.plan).rowcount != 1:
            raise RuntimeError(step.address)
        execute(self.sql(_insert("log_entry", LOG, len(step.log))), _flat(step.log))
        execute(self.sql(_insert("notice", NOTICE, len(step.notices))), _flat(step.notices))
        execute("COMMIT")

    def bulk(self, steps: list[Written]) -> None:
        """The same for all plans in one transaction: read, check in Python, executemany."""
        cursor = self.connection.cursor()
        cursor.execute(self.begin)
        wanted = {step.plan[-2]: step for step in steps}
        cursor.execute(self.sql("SELECT id, version, state, stages FROM plan WHERE id BETWEEN ? AND ?"),
                       (min(wanted), max(wanted)))  # fmt: skip
        for id, version, state, stages in cursor.fetchall():
            if id in wanted:
                stages = json.loads(stages) if isinstance(stages, str) else stages
                if state != "open" or version != wanted[id].plan[-1] or "draft" not in stages:
                    raise RuntimeError(wanted[id].address)
        cursor.executemany(self.sql(UPDATE), [step.plan for step in steps])
        cursor.executemany(self.sql(_insert("log_entry", LOG, 1)), [row for step in steps for row in step.log])
        cursor.executemany(self.sql(_insert("notice", NOTICE, 1)), [row for step in steps for row in step.notices])
        cursor.execute("COMMIT")


UPDATE = f"UPDATE plan SET {', '.join(f'{name} = ?' for name in PLAN)} WHERE id = ? AND version = ?"


def _insert(table: str, columns: tuple[str, ...], rows: int) -> str:
    one = f"({', '.join('?' * len(columns))})"
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([one] * rows)}"


def _flat(rows: Iterable[tuple[Any, ...]]) -> list[Any]:
    return [value for row in rows for value in row]


def _grouped(rows: list[tuple[Any, ...]], key: Callable[[tuple[Any, ...]], Any]) -> dict[Any, list[tuple[Any, ...]]]:
    found: dict[Any, list[tuple[Any, ...]]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return found
