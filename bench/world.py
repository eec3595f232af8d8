"""A home to measure in: Vänersborg's wheel and people, cycle 2028 opened by the real commands, and many plans."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import func, insert, or_, select

from bench.databases import folder
from config.municipality.municipality import VANERSBORG, load
from notifications.mail_settings import MailSettings
from wheel.actions.advance import advance
from wheel.cycles.follow_steps import follow_steps
from wheel.cycles.open_cycle import open_cycle
from wheel.database.store import Store
from wheel.database.tables import Home
from wheel.engine.decisions import DecisionForm
from wheel.engine.desk import Desk
from wheel.engine.request_and_result import Request
from wheel.engine.unit_of_work import PLAN
from wheel.home.folder import HomeFolder, InitOptions, init
from wheel.tick.tick import Ticker
from workflows.definition.definition import Definition

ADMIN = "admin"
WHOLE = "2028/namndforslag"
OPENED = datetime(2026, 11, 2, 8, tzinfo=UTC)
DECIDED = datetime(2026, 11, 5, 8, tzinfo=UTC)
NOW = datetime(2027, 3, 2, 8, tzinfo=UTC)  # the boards' plans have opened, and nothing else is due
MAIL = MailSettings()


def definition() -> Definition:
    return load(VANERSBORG).definition


def begin(url: str) -> Store:
    """A home in March 2027: the timetable of 2028 is decided, the boards can begin with their proposals."""
    with folder() as base:
        init(HomeFolder(base / "home"), InitOptions(ADMIN, OPENED, database=url))
    store = Store(url)
    with store.writing() as session:
        session.get_one(Home, 1).mail_hold = "bench"  # messages are another bench's
    desk = Desk(store, MAIL, follow_steps)
    opening = Request(ADMIN, OPENED)
    desk.carry_out(opening, "2028", "open", open_cycle, definition(), "2028")
    decision = DecisionForm("ks", date(2026, 11, 4), "201", "", "KS 2026/300", "adopted")
    request, plan = Request(ADMIN, DECIDED), "2028/tidsplan"
    desk.carry_out(request, plan, "decide", advance, plan, "decide", decision)
    Ticker(store, MAIL, definition).tick(NOW)
    return store


def add_plans(store: Store, count: int, **values: Any) -> list[str]:
    """Copies of the boards' proposals of 2028, each nine with a whole plan of their own. Their addresses."""
    with store.writing() as session:
        whole, *boards = session.execute(
            select(PLAN)
            .where(or_(PLAN.c.address == WHOLE, PLAN.c.address.startswith(f"{WHOLE}/")))
            .order_by(PLAN.c.id)
            .limit(1 + len(definition().wheel.boards))
        ).mappings()
        first = session.execute(select(func.max(PLAN.c.id))).scalar_one() + 1
        rows = list(_copies(dict(whole), [dict(board) for board in boards], first, count, values))
        session.execute(insert(PLAN), rows)
    return [row["address"] for row in rows if row["board"]]


def _copies(
    whole: dict[str, Any], boards: list[dict[str, Any]], first: int, count: int, values: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    parent = first
    for number in range(count):
        board = boards[number % len(boards)]
        id = first + number + number // len(boards) + 1
        if number % len(boards) == 0:
            parent = id - 1
            yield whole | {"id": parent, "address": f"{WHOLE}-{parent}", "wake_at": None}
        yield board | {"id": id, "parent_id": parent, "address": f"{board['address']}-{id}"} | values
