"""Measures a past day, computed from the log, beside the same read of the tables as they are, and the proof that log
and tables agree, beside the check of the chain."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from bench.databases import new_urls
from bench.measure import Figures, Scale, at_most, ratio_of
from bench.world import ADMIN, MAIL, NOW, begin
from wheel.audit.chain import verify
from wheel.audit.journal import Journal
from wheel.audit.recorded_rows import recorded
from wheel.database.store import Store
from wheel.engine.unit_of_work import PLAN, UnitOfWork
from wheel.past.as_of import as_of
from wheel.past.checkpoints import keep_due
from wheel.past.proof import prove
from wheel.reads import plans

ENTRIES = 100_000
COPIES = 100  # of the plans of a cycle: ten years with a hundred boards


def measure(scale: Scale) -> Figures:
    """Measure on SQLite; the past is computed in memory on both databases."""
    with new_urls("sqlite") as new_url:
        store = begin(new_url())
        rows = _copy_plans(store, scale.of(COPIES))
        _move_deadlines(store, rows, scale.of(ENTRIES))
        keep_due(store)
        middle = NOW + timedelta(days=1500)
        then, _, ratio = ratio_of(scale.rounds, lambda: _read_as_of(store, middle), lambda: _read(store))
        yield at_most(f"past: all {len(rows):,} plans on a day, beside today", ratio, 2.5, "x")
        yield at_most("  computed", then, 1.5, "s")
        _, _, ratio = ratio_of(scale.rounds, lambda: _prove(store), lambda: _verify(store))
        yield at_most(f"past: proving {scale.of(ENTRIES):,} entries, beside verifying the chain", ratio, 6, "x")
        store.close()


def _copy_plans(store: Store, copies: int) -> list[dict[str, Any]]:
    with store.writing() as session:
        journal, connection = Journal(session, NOW, ADMIN), session.connection()
        boards = [dict(row) for row in connection.execute(select(PLAN).where(PLAN.c.board.is_not(None))).mappings()]
        made = list(boards)
        for copy in range(1, copies):
            for plan in boards:
                new = {**plan, "id": None, "address": f"{plan['address']}-{copy}", "wake_at": None}
                id = connection.execute(PLAN.insert(), new).inserted_primary_key[0]  # type: ignore[index]
                made.append({**new, "id": id})
                journal.wrote(PLAN.name, id, recorded(PLAN.name, new))
        journal.add("plan.opened", "2028", {})
        journal.close()
    return made


def _move_deadlines(store: Store, rows: list[dict[str, Any]], count: int) -> None:
    for start in range(0, count, 100):
        with store.writing() as session:
            at = NOW + timedelta(days=3000 * start / count)
            journal = Journal(session, at, ADMIN)
            for number in range(start, min(start + 100, count)):
                row = rows[number * 7 % len(rows)]
                row["version"] += 1
                moved = update(PLAN).where(PLAN.c.id == row["id"]).values(version=row["version"])
                session.connection().execute(moved)
                journal.wrote(PLAN.name, row["id"], {"version": row["version"]})
                journal.add(
                    "deadline.moved", row["address"], {"old": "2027-05-31", "new": "2027-06-02", "reason": "ill"}
                )
            journal.close()


def _read(store: Store) -> None:
    with store.reading() as session:
        plans.plans(UnitOfWork(session, NOW, ADMIN, MAIL, lock=False))


def _read_as_of(store: Store, at: Any) -> None:
    with as_of(store, at) as past:
        _read(past)


def _prove(store: Store) -> None:
    with store.reading() as session:
        assert not prove(session).differences


def _verify(store: Store) -> None:
    with store.reading() as session:
        assert verify(session).ok
